// Values put together again from another thread's parcel: see parcel.ts.

import { backend, supportBfloat16 } from '../../backend/active.js';
import type { Storage } from '../../backend/storage.js';
import { bareCallable, Callable } from '../../callable.js';
import { DataLoaderError } from '../../errors.js';
import '../../ops/methods.js';
import { Generator } from '../../tensor/generator.js';
import { Tensor } from '../../tensor/tensor.js';
import { exportNamed, importExports } from './module-exports.js';
import type { Entry, Parcel, Slot } from './parcel.js';

type Unpacked = Readonly<Record<string, unknown>>;

/** Puts a parcel's values together. A promise only where a module has to be imported for a class or function. */
export function unpack(parcel: Parcel): Unpacked | Promise<Unpacked> {
  const exports = parcel.exports.map(exportNamed);
  if (exports.every((value) => value !== undefined)) return assemble(parcel, exports);
  return importExports(parcel.exports).then((exports) => assemble(parcel, exports));
}

/** Gives the memory of a parcel back that nobody will unpack. */
export function discard(parcel: Parcel): void {
  for (const token of parcel.tokens) {
    let storage: Storage;
    try {
      storage = backend.adopt(token);
    } catch {
      // The thread it was meant for had adopted it before it ended.
      continue;
    }
    backend.release(storage);
  }
}

function assemble({ root, entries, tokens }: Parcel, exports: readonly unknown[]): Unpacked {
  const storages = tokens.map((token) => backend.adopt(token));
  const objects = entries.map((entry) => bareObject(entry, exports, storages));
  const valueOf = (slot: Slot): unknown => (Array.isArray(slot) ? objects[(slot as readonly [number])[0]] : slot);
  entries.forEach((entry, i) => fill(objects[i], entry, valueOf));
  return valueOf(root) as Unpacked;
}

/** An entry's object, not yet with what it refers to. */
function bareObject(entry: Entry, exports: readonly unknown[], storages: readonly Storage[]): unknown {
  switch (entry.kind) {
    case 'clone':
      return entry.value;
    case 'array':
      return [];
    case 'object': {
      const prototype = prototypeOf(entry.of, exports);
      return prototype instanceof Callable ? bareCallable(prototype) : (Object.create(prototype) as object);
    }
    case 'map':
      return new Map();
    case 'set':
      return new Set();
    case 'tensor': {
      const { dtype, shape, strides, offset } = entry;
      if (dtype === 'bfloat16') supportBfloat16();
      const tensor = new Tensor(storages[entry.storage]!, dtype, shape, strides, offset);
      return entry.requiresGrad ? tensor.requiresGrad_() : tensor;
    }
    case 'generator':
      return new Generator().manualSeed(BigInt(entry.seed)).setState(entry.state);
    case 'url':
      return new URL(entry.href);
    case 'buffer':
      return bufferOver(entry.bytes);
    case 'export':
      return exports[entry.of];
  }
}

function prototypeOf(of: number | null | undefined, exports: readonly unknown[]): object | null {
  if (of === undefined) return Object.prototype;
  if (of === null) return null;
  const type = exports[of];
  if (typeof type === 'function') return type.prototype as object;
  throw new DataLoaderError(`expected a class, its module exports a ${typeof type} by that name in this thread`);
}

function bufferOver(bytes: Uint8Array): Uint8Array {
  const { Buffer } = globalThis as {
    Buffer?: { from(buffer: ArrayBufferLike, start: number, length: number): Uint8Array };
  };
  return Buffer === undefined ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function fill(object: unknown, entry: Entry, valueOf: (slot: Slot) => unknown): void {
  switch (entry.kind) {
    case 'array':
      for (const slot of entry.slots) (object as unknown[]).push(valueOf(slot));
      break;
    case 'object':
      entry.keys.forEach((key, i) => {
        // Defined, not assigned: a class may have a setter of that name, and fields are not to run code.
        const value = valueOf(entry.slots[i]);
        Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
      });
      break;
    case 'map':
      entry.keys.forEach((key, i) => (object as Map<unknown, unknown>).set(valueOf(key), valueOf(entry.slots[i])));
      break;
    case 'set':
      for (const slot of entry.slots) (object as Set<unknown>).add(valueOf(slot));
      break;
    default:
  }
}

// Values taken apart for another thread: see parcel.ts. What can't travel is refused here, with its path and what to do.

import { backend } from '../../backend/active.js';
import type { Storage } from '../../backend/storage.js';
import { Callable } from '../../callable.js';
import { DataLoaderError } from '../../errors.js';
import { Generator } from '../../tensor/generator.js';
import { Tensor } from '../../tensor/tensor.js';
import { moduleUrlOf } from './from-module.js';
import { exportedName, importIfRun, type ExportName } from './module-exports.js';
import type { Entry, Parcel, Slot } from './parcel.js';

/** A function or class met in a value, and where. */
interface Reference {
  readonly value: object;
  readonly module: string;
  readonly path: string;
}

/** A value taken apart; its parcels are made per receiver. */
export interface Packed {
  /** A parcel with tokens of its own. */
  parcel(): Parcel;
  /** The storages that the value's tensors lie in. */
  readonly storages: readonly Storage[];
}

/**
 * Takes named values apart. A promise only where a module has to be imported to learn an export's name.
 * @throws DataLoaderError for what can't travel to another thread
 */
export function pack(values: Readonly<Record<string, unknown>>): Packed | Promise<Packed> {
  const packer = new Packer(values);
  const exports = packer.references.map(nameOf);
  if (exports.every((name) => name !== undefined)) return packer.finish(exports);
  return Promise.all(packer.references.map(findName)).then((names) => packer.finish(names));
}

function nameOf({ value, module }: Reference): ExportName | undefined {
  const name = exportedName(module, value);
  return name === undefined ? undefined : { module, name };
}

async function findName(reference: Reference): Promise<ExportName> {
  const { value, module, path } = reference;
  const { name } = value as { readonly name?: unknown };
  const hasName = typeof name === 'string' && name !== '';
  // What this thread can't look into (it may still be running the module, or a test runner has loaded it in a way of its own) a
  // worker can: it will say so if there is no such export. Without a name there is nothing to look for, so it is worth a wait.
  if (!(await importIfRun(module, hasName ? undefined : LONG_IMPORT)) && hasName) return { module, name };
  const found = nameOf(reference);
  if (found !== undefined) return found;
  throw new DataLoaderError(
    `${path}: ${module} doesn't export ${nameFor(value)}, so a worker can't find it there: add \`export\` to it, and check ` +
      'that the module named is the one it stands in (in a bundled program, keep that module out of the bundle); or use ' +
      `numWorkers: 0${hasName ? '' : '. Where a test runner compiles modules itself, only functions with a name are found: declare it by `export function name(...)` and mark it below'}`,
  );
}

/** Milliseconds. */
const LONG_IMPORT = 5000;

function nameFor(value: object): string {
  const { name } = value as { readonly name?: unknown };
  return typeof name === 'string' && name !== '' ? `'${name}'` : 'this function';
}

/** Values that structured cloning carries with all that matters, if they are of exactly these classes. */
const cloned = new Set<unknown>(
  [
    Date, RegExp, ArrayBuffer, SharedArrayBuffer, DataView, Error, TypeError, RangeError, SyntaxError, ReferenceError,
    EvalError, URIError, Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array,
    BigInt64Array, BigUint64Array, Float32Array, Float64Array,
  ].map(({ prototype }) => prototype as unknown),
); // prettier-ignore

/** Classes whose instances hold something that fields don't show. */
const opaque = [
  Map,
  Set,
  Array,
  Error,
  Promise,
  Date,
  RegExp,
  ArrayBuffer,
  SharedArrayBuffer,
  WeakMap,
  WeakSet,
  WeakRef,
];

class Packer {
  readonly references: Reference[] = [];
  private readonly entries: Entry[] = [];
  private readonly storages = new Map<Storage, number>();
  /** The objects met, and the number of each. */
  private readonly objects: object[] = [];
  private readonly numbers = new Map<object, number>();
  /** How each object was first reached: from which other, by which step. */
  private readonly reached: { readonly from: number; readonly step: string }[] = [];
  private readonly classes = new Map<object, number>();
  private readonly root: Slot;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.root = this.slot(values, -1, '');
    for (let i = 0; i < this.objects.length; i++) this.entries.push(this.entry(this.objects[i]!, i));
  }

  finish(exports: readonly ExportName[]): Packed {
    const { root, entries } = this;
    const storages = [...this.storages.keys()];
    return {
      storages,
      parcel: () => ({ root, entries, exports, tokens: storages.map((storage) => backend.share(storage)) }),
    };
  }

  private slot(value: unknown, from: number, step: string): Slot {
    switch (typeof value) {
      case 'object':
      case 'function':
        if (value === null) return null;
        break;
      case 'symbol':
        throw this.refusal(from, step, 'is a symbol, which is of one thread only: use a string');
      default:
        return value as Slot;
    }
    const known = this.numbers.get(value);
    if (known !== undefined) return [known];
    const number = this.objects.push(value) - 1;
    this.numbers.set(value, number);
    this.reached.push({ from, step });
    return [number];
  }

  private entry(value: object, at: number): Entry {
    if (typeof value === 'function' && !(value instanceof Callable))
      return { kind: 'export', of: this.functionExport(value, at) };
    if (value instanceof Tensor) return this.tensor(value, at);
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype === Object.prototype) return this.fields(value, undefined, at);
    if (prototype === null) return this.fields(value, null, at);
    if (Array.isArray(value) && prototype === Array.prototype) return this.array(value, at);
    if (cloned.has(prototype)) return { kind: 'clone', value };
    if (prototype === Map.prototype) return this.map(value as Map<unknown, unknown>, at);
    if (prototype === Set.prototype) {
      return { kind: 'set', slots: [...(value as Set<unknown>)].map((member) => this.slot(member, at, '{...}')) };
    }
    if (value instanceof Generator) return { kind: 'generator', state: value.getState(), seed: value.initialSeed() };
    if (value instanceof URL) return { kind: 'url', href: value.href };
    const { constructor } = prototype as { constructor: object & { readonly name: string } };
    if (constructor.name === 'Buffer' && value instanceof Uint8Array)
      return { kind: 'buffer', bytes: new Uint8Array(value) };
    return this.fields(value, this.classExport(value, constructor, at), at);
  }

  private array(value: readonly unknown[], at: number): Entry {
    if (value.every(isPrimitive)) return { kind: 'clone', value };
    return { kind: 'array', slots: value.map((element, i) => this.slot(element, at, `[${i}]`)) };
  }

  private map(value: ReadonlyMap<unknown, unknown>, at: number): Entry {
    const keys: Slot[] = [];
    const slots: Slot[] = [];
    for (const [key, content] of value) {
      keys.push(this.slot(key, at, '.keys()'));
      slots.push(
        this.slot(content, at, `.get(${typeof key === 'string' ? `'${key}'` : typeof key === 'number' ? key : '...'})`),
      );
    }
    return { kind: 'map', keys, slots };
  }

  private fields(value: object, of: number | null | undefined, at: number): Entry {
    if (Object.getOwnPropertySymbols(value).length > 0) {
      throw this.refusal(at, '', 'has a field named by a symbol, which is of one thread only: use a string');
    }
    const keys = Object.keys(value);
    const lead = at === 0 ? '' : '.';
    const slots = keys.map((key) => this.slot((value as Record<string, unknown>)[key], at, lead + key));
    return { kind: 'object', of, keys, slots };
  }

  private tensor(tensor: Tensor, at: number): Entry {
    const { storage, dtype, shape, strides, offset } = tensor;
    if (tensor.requiresGrad && !tensor.isLeaf) {
      throw this.refusal(at, '', 'is a tensor with a graph, which is of one thread only: detach() it');
    }
    let place = this.storages.get(storage);
    if (place === undefined) this.storages.set(storage, (place = this.storages.size));
    return { kind: 'tensor', storage: place, dtype, shape, strides, offset, requiresGrad: tensor.requiresGrad };
  }

  private functionExport(value: object, at: number): number {
    const module = moduleUrlOf(value);
    if (module !== undefined) return this.reference(value, module, at);
    const name = nameFor(value);
    throw this.refusal(
      at,
      '',
      `is a function (${name === 'this function' ? 'without a name' : name}), which can't travel to a worker: export it from ` +
        'a module and mark it there, fromModule(import.meta.url, fn), or use numWorkers: 0',
    );
  }

  private classExport(value: object, constructor: object & { readonly name: string }, at: number): number {
    const { name } = constructor;
    const base = opaque.find((type) => value instanceof type);
    if (base !== undefined || ArrayBuffer.isView(value)) {
      throw this.refusal(
        at,
        '',
        `is an instance of ${name}, which can't travel to a worker: ${adviceFor(name, base?.name)}`,
      );
    }
    const module = moduleUrlOf(constructor);
    if (module !== undefined) return this.reference(constructor, module, at);
    const parent = 'moduleUrl' in constructor ? ' (the one it inherits names its parent)' : '';
    throw this.refusal(
      at,
      '',
      `is an instance of ${name || 'a class without a name'}, whose class names no module that a worker could import it ` +
        `from${parent}: export the class and give it \`static readonly moduleUrl = import.meta.url\`; what can't travel at ` +
        'all (files, sockets, other handles) is to be opened in the worker when first used; or use numWorkers: 0',
    );
  }

  private reference(value: object, module: string, at: number): number {
    let place = this.classes.get(value);
    if (place === undefined) {
      place = this.references.push({ value, module, path: this.path(at) }) - 1;
      this.classes.set(value, place);
    }
    return place;
  }

  private refusal(at: number, step: string, problem: string): DataLoaderError {
    return new DataLoaderError(`${this.path(at)}${step} ${problem}`);
  }

  private path(at: number): string {
    let path = '';
    for (let i = at; i > 0; i = this.reached[i]!.from) path = this.reached[i]!.step + path;
    return path;
  }
}

function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol');
}

function adviceFor(name: string, base: string | undefined): string {
  if (base === 'Promise') return 'await it before';
  if (base?.startsWith('Weak')) return 'it would be empty there; use a Map or Set';
  if (base === undefined || base === name) return 'use a plain array or typed array';
  return `only ${base} itself can, so keep a ${base} in a field instead of extending it`;
}

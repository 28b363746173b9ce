// Memory of the native backend.
//
// The life of a storage: `allocate` makes a native block and a handle (a Node-API external) that holds one reference to
// it. When no tensor refers to the storage any more, collection finalizes the handle and the block goes back to the pool,
// to be handed out again while it is warm. `release` does so at once; the handle stays and refuses to be used.
// Small storages are cut from a slab that they share, and live as long as it: they are too many for a handle each. There are
// slabs of two sizes, so that the smallest storages, biases and labels that may live long, don't hold on to large ones.
//
// Sharing: `share` counts a reference for a token, a plain object that can be posted to another thread; `adopt` there
// turns it into a handle of that thread, which owns that reference. The block lives as long as any handle of it, in
// whatever thread. A token is adopted once; one that nobody will adopt (its receiver died) is given back by adopting it
// and dropping the result.

import type { Backend, StridedView } from '../backend.js';
import { dtypes, type TypedArray } from '../dtype.js';
import { FlambeauError } from '../../errors.js';
import { Storage } from '../storage.js';
import { CollectionPolicy } from '../collection.js';
import type { Addon, Handle } from './addon.js';
import { begin, handleOf, page, putView } from './message.js';
import { kernel } from './operations.js';

/** Storages up to these sizes share a slab, of which each has an eighth at most. */
const TINY_BYTES = 1024;
const SMALL_BYTES = 4096;
/** A cache line, and the widest vector. */
const ALIGNMENT = 64;

interface Slab {
  readonly bytes: number;
  handle: Handle | undefined;
  used: number;
}

function emptySlab(bytes: number): Slab {
  return { bytes, handle: undefined, used: bytes };
}

interface Token {
  readonly flambeauBlock: number;
  readonly byteOffset: number;
  readonly byteLength: number;
}

function isToken(token: unknown): token is Token {
  return typeof token === 'object' && token !== null && 'flambeauBlock' in token;
}

type Memory = Pick<
  Backend,
  | 'allocate'
  | 'mapFile'
  | 'release'
  | 'stepEnded'
  | 'write'
  | 'read'
  | 'readScalar'
  | 'share'
  | 'adopt'
  | 'memory'
  | 'resetPeakMemory'
>;

export function nativeMemory(addon: Addon): Memory {
  const policy = new CollectionPolicy(() => addon.allocated());
  if (!policy.available) addon.accountForMemory();
  const tiny: Slab = emptySlab(8 * TINY_BYTES);
  const small: Slab = emptySlab(8 * SMALL_BYTES);

  return {
    allocate(byteLength) {
      if (byteLength > SMALL_BYTES) {
        policy.allocating(byteLength);
        return new Storage(addon.allocate(byteLength), 0, byteLength);
      }
      const slab = byteLength <= TINY_BYTES ? tiny : small;
      if (slab.handle === undefined || slab.used + byteLength > slab.bytes) {
        policy.allocating(slab.bytes);
        slab.handle = addon.allocate(slab.bytes);
        slab.used = 0;
      }
      const storage = new Storage(slab.handle, slab.used, byteLength);
      slab.used += (byteLength + ALIGNMENT - 1) & -ALIGNMENT;
      return storage;
    },

    mapFile(descriptor, byteLength) {
      const handle = addon.mapFile(descriptor, byteLength);
      return handle && new Storage(handle, 0, byteLength);
    },

    release(storage) {
      if (storage.byteLength > SMALL_BYTES) addon.release(storage.handle as Handle);
    },

    stepEnded(worthwhile) {
      policy.stepEnded(worthwhile);
    },

    write(storage, offset, source) {
      const start = offset * source.BYTES_PER_ELEMENT;
      if (!(start >= 0 && start + source.byteLength <= storage.byteLength)) {
        throw new FlambeauError(
          `write of ${source.byteLength} bytes at byte ${start} of a storage of ${storage.byteLength} bytes`,
        );
      }
      addon.write(storage.handle as Handle, storage.byteOffset + start, source);
    },

    read(view: StridedView, target: TypedArray) {
      if (target.constructor !== dtypes[view.dtype].array) {
        throw new FlambeauError(`read of ${view.dtype} elements into a ${target.constructor.name}`);
      }
      begin();
      putView(view);
      addon.read(target, handleOf(view));
    },

    readScalar(view) {
      begin();
      putView(view);
      return addon.run(kernel.readScalar, handleOf(view))!;
    },

    share(storage): Token {
      return {
        flambeauBlock: addon.share(storage.handle as Handle),
        byteOffset: storage.byteOffset,
        byteLength: storage.byteLength,
      };
    },

    adopt(token) {
      if (!isToken(token)) throw new FlambeauError('adopt expects a token made by `share`');
      policy.allocating(token.byteLength);
      return new Storage(addon.adopt(token.flambeauBlock), token.byteOffset, token.byteLength);
    },

    memory() {
      addon.memory();
      return { allocated: page[0]!, peak: page[1]!, reserved: page[2]! };
    },

    resetPeakMemory() {
      addon.resetPeak();
    },
  };
}

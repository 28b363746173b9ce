// Memory of the reference backend: a storage's handle is a Block, an array buffer with its typed-array views.
// A block begins as an ArrayBuffer, whose size V8 counts when it decides to collect (it counts no SharedArrayBuffer:
// a loop that makes and drops those runs out of memory), and moves to a SharedArrayBuffer when it is first shared.

import { FlambeauError } from '../../errors.js';
import type { Backend, StridedView } from '../backend.js';
import { dtypes } from '../dtype.js';
import type { DType, TypedArray } from '../dtype.js';
import { Storage } from '../storage.js';

class Block {
  private readonly arrays: { [name in DType]?: TypedArray } = {};

  constructor(readonly buffer: ArrayBufferLike) {}

  array(dtype: DType): TypedArray {
    const { array, bytes } = dtypes[dtype];
    const length = Math.floor(this.buffer.byteLength / bytes);
    return (this.arrays[dtype] ??= new (array as Float64ArrayConstructor)(this.buffer, 0, length));
  }
}

/** The whole storage as elements of `dtype`; a view's offset counts from its beginning. */
export function arrayOf(storage: Storage, dtype: DType): TypedArray {
  if (!(storage.handle instanceof Block)) throw new FlambeauError('this storage was released, its memory is gone');
  return storage.handle.array(dtype);
}

/**
 * A view's storage as an array to move elements in, whatever they are. Elements of int64 are bigints at run time: a
 * number read here may only be written to an array of the same dtype.
 */
export function cellsOf(view: StridedView): Float64Array {
  return arrayOf(view.storage, view.dtype) as Float64Array;
}

/** A storage over an array's own memory, to treat it as a view; its offsets count from the buffer's beginning. */
export function storageOver(array: TypedArray): Storage {
  return new Storage(new Block(array.buffer), 0, array.buffer.byteLength);
}

type MemoryMethods = 'allocate' | 'release' | 'stepEnded' | 'share' | 'adopt' | 'memory' | 'resetPeakMemory';

/** The memory methods of one backend, with their own accounts. */
export function createMemory(): Pick<Backend, MemoryMethods> {
  // A block counts until it is released or its finalizer has run. Finalizers wait for a turn of the event loop, so a
  // long synchronous loop sees its garbage counted too: `allocated` is an upper bound.
  let allocated = 0;
  let peak = 0;
  const collected = new FinalizationRegistry((byteLength: number) => {
    allocated -= byteLength;
  });
  const counted = new WeakSet<ArrayBufferLike>();

  function count(buffer: ArrayBufferLike): void {
    if (counted.has(buffer)) return;
    counted.add(buffer);
    collected.register(buffer, buffer.byteLength, buffer);
    allocated += buffer.byteLength;
    peak = Math.max(peak, allocated);
  }

  function discount(buffer: ArrayBufferLike): void {
    if (counted.delete(buffer)) allocated -= buffer.byteLength;
    collected.unregister(buffer);
  }

  return {
    allocate(byteLength) {
      // A multiple of eight, so that the block can be seen as elements of any type.
      const buffer = new ArrayBuffer(Math.ceil(byteLength / 8) * 8);
      count(buffer);
      return new Storage(new Block(buffer), 0, byteLength);
    },

    release(storage) {
      if (storage.handle instanceof Block) discount(storage.handle.buffer);
      storage.handle = undefined;
    },

    stepEnded() {
      // V8 collects when the array buffers it knows of have grown enough.
    },

    share(storage) {
      const bytes = arrayOf(storage, 'uint8') as Uint8Array;
      if (bytes.buffer instanceof SharedArrayBuffer) return { buffer: bytes.buffer, byteLength: storage.byteLength };
      const buffer = new SharedArrayBuffer(bytes.byteLength);
      new Uint8Array(buffer).set(bytes);
      discount(bytes.buffer);
      count(buffer);
      storage.handle = new Block(buffer);
      return { buffer, byteLength: storage.byteLength };
    },

    adopt(token) {
      const { buffer, byteLength } = token as { buffer: SharedArrayBuffer; byteLength: number };
      count(buffer);
      return new Storage(new Block(buffer), 0, byteLength);
    },

    memory: () => ({ allocated, peak, reserved: allocated }),

    resetPeakMemory() {
      peak = allocated;
    },
  };
}

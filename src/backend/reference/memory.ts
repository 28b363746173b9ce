// Memory of the reference backend: a storage's handle is a Block, an array buffer with its typed-array views.
// A block begins as an ArrayBuffer, whose size V8 counts when it decides to collect (it counts no SharedArrayBuffer:
// a loop that makes and drops those runs out of memory), and moves to a SharedArrayBuffer when it is first shared.

import { arrayBufferBytes } from '#platform';

import { FlambeauError } from '../../errors.js';
import type { Backend, StridedView } from '../backend.js';
import { CollectionPolicy } from '../collection.js';
import { dtypes } from '../dtype.js';
import type { DType, TypedArray } from '../dtype.js';
import { Storage } from '../storage.js';

class Block {
  private readonly arrays: { [name in DType]?: TypedArray } = {};

  constructor(readonly buffer: ArrayBufferLike) {}

  array(dtype: DType): TypedArray {
    const { bytes } = dtypes[dtype];
    const array = dtype === 'bfloat16' ? Uint16Array : dtypes[dtype].array;
    const length = Math.floor(this.buffer.byteLength / bytes);
    return (this.arrays[dtype] ??= new (array as Float64ArrayConstructor)(this.buffer, 0, length) as TypedArray);
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

type MemoryMethods =
  'allocate' | 'mapFile' | 'release' | 'stepEnded' | 'share' | 'adopt' | 'memory' | 'resetPeakMemory';

/** Allocations between two looks at what V8 has. */
const ASK_AFTER_BYTES = 2 ** 20;

/** The memory methods of one backend, with their own accounts. */
export function createMemory(): Pick<Backend, MemoryMethods> {
  // A block counts until it is released or its finalizer has run. Finalizers wait for a turn of the event loop, so in a
  // long loop without one the account holds garbage too. V8 knows better: what all its array buffers take bounds those
  // that nobody else can hold, and what the account has beyond it is garbage that was collected.
  const account = { own: 0, shared: 0 };
  let collectedUnseen = 0;
  let peak = 0;
  let sinceAsked = 0;
  const collected = new FinalizationRegistry((byteLength: number) => {
    account.own -= byteLength;
    collectedUnseen = Math.max(0, collectedUnseen - byteLength);
  });
  const collectedShared = new FinalizationRegistry((byteLength: number) => {
    account.shared -= byteLength;
  });
  const counted = new WeakSet<ArrayBufferLike>();
  // V8 collects by itself when the array buffers it knows of have grown enough; asked for at the end of a step it has
  // less to do, and memory stays flatter.
  const policy = new CollectionPolicy(allocated);

  function allocated(): number {
    collectedUnseen = Math.max(collectedUnseen, account.own - (arrayBufferBytes() ?? account.own));
    sinceAsked = 0;
    return account.own - collectedUnseen + account.shared;
  }

  function count(buffer: ArrayBufferLike): void {
    if (counted.has(buffer)) return;
    counted.add(buffer);
    const { byteLength } = buffer;
    if (buffer instanceof ArrayBuffer) {
      collected.register(buffer, byteLength, buffer);
      account.own += byteLength;
    } else {
      collectedShared.register(buffer, byteLength);
      account.shared += byteLength;
    }
    sinceAsked += byteLength;
    const most = account.own - collectedUnseen + account.shared;
    // Asking V8 takes longer than a small operation, so a new peak is looked into once in a while.
    if (most > peak) peak = sinceAsked < ASK_AFTER_BYTES ? most : Math.max(peak, allocated());
  }

  /** Takes a block out of the account; blocks that are shared stay until nobody here holds them. */
  function discount(buffer: ArrayBufferLike): void {
    if (!(buffer instanceof ArrayBuffer) || !counted.delete(buffer)) return;
    account.own -= buffer.byteLength;
    collected.unregister(buffer);
  }

  return {
    allocate(byteLength) {
      policy.allocating(byteLength);
      // A multiple of eight, so that the block can be seen as elements of any type.
      const buffer = new ArrayBuffer(Math.ceil(byteLength / 8) * 8);
      count(buffer);
      return new Storage(new Block(buffer), 0, byteLength);
    },

    mapFile: () => undefined,

    release(storage) {
      if (storage.handle instanceof Block) discount(storage.handle.buffer);
      storage.handle = undefined;
    },

    stepEnded() {
      policy.stepEnded();
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

    memory() {
      const bytes = allocated();
      peak = Math.max(peak, bytes);
      return { allocated: bytes, peak, reserved: bytes };
    },

    resetPeakMemory() {
      peak = allocated();
    },
  };
}

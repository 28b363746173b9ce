// What the compiled addon offers. Kernel calls go through `run`: see message.ts.

import type { TypedArray } from '../dtype.js';

/** A reference to a native block: an external of Node-API, whose finalizer gives the reference back. */
export type Handle = object & { readonly __handle: never };

export interface Addon {
  /** The instruction set in use: 'amx', 'avx512', 'avx2', 'baseline' or 'neon'. */
  readonly instructionSet: string;
  /** Those that this machine has, oldest first, with commas between: FLAMBEAU_CPU takes one of them. */
  readonly instructionSets: string;
  /** Whether the processor multiplies bfloat16. */
  readonly multipliesBfloat16: boolean;
  /** The names of all kernels and operations in the order of their numbers. */
  readonly operations: string;

  /** Names the page that messages are written to. */
  start(page: Float64Array): void;
  /** Makes the call that the page describes; `handles` belong to its views, in their order. */
  run(kernel: number, ...handles: Handle[]): number | undefined;
  /** The same for calls of more than 15 views. */
  runList(kernel: number, ...handles: Handle[]): number | undefined;
  /** Copies the view on the page into an array of its dtype and size, in row-major order. */
  read(target: TypedArray, handle: Handle): void;
  /** Copies an array's bytes into a block. */
  write(handle: Handle, byteOffset: number, source: TypedArray): void;

  allocate(bytes: number): Handle;
  /** The bytes of an open file as a block that can't be written to; undefined when it can't be mapped, or is shorter. */
  mapFile(descriptor: number, bytes: number): Handle | undefined;
  release(handle: Handle): void;
  share(handle: Handle): number;
  adopt(token: number): Handle;
  /** Writes [allocated, peak, reserved] bytes to the page. */
  memory(): void;
  /** Bytes in living blocks. */
  allocated(): number;
  resetPeak(): void;
  accountForMemory(): void;

  setThreads(count: number): void;
  threads(): number;
}

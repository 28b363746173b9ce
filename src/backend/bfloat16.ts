// bfloat16 in front of a backend whose kernels compute in float32: a call with bfloat16 views runs on float32 copies of them, and
// what it writes is rounded back. So every operation takes bfloat16 and computes in float32, as PyTorch's do on a CPU. Kernels
// that take bfloat16 themselves (conversion, and matrix products where the processor has them) are called as they are.
//
// A program without bfloat16 pays nothing: this face is put up when the first such tensor is made (active.ts).

import { DTypeError } from '../errors.js';
import type { Backend, StridedView } from './backend.js';
import { dtypes } from './dtype.js';
import { elementCount } from './shape.js';

type Kernels = Omit<
  Backend,
  | 'name'
  | 'describe'
  | 'getNumThreads'
  | 'setNumThreads'
  | 'allocate'
  | 'mapFile'
  | 'release'
  | 'stepEnded'
  | 'write'
  | 'share'
  | 'adopt'
  | 'memory'
  | 'resetPeakMemory'
  | 'multipliesBfloat16'
>;

/** Which arguments of each kernel it writes, by their number; 'refused': it does not take bfloat16. */
const written: { readonly [kernel in keyof Kernels]: readonly number[] | 'refused' } = {
  read: [],
  readScalar: [],
  fill: [0],
  arange: [0],
  copy: [0],
  concatenate: [0],
  unary: [1],
  predicate: [1],
  binary: [1],
  compare: [1],
  where: [0],
  addScaled: [1],
  lerp: [0],
  reduce: [1],
  variance: [0, 1],
  logSumExp: [0],
  extremum: [1, 2],
  cumulative: [1],
  cumulativeExtremum: [1, 2],
  sort: [0, 1],
  topk: [0, 1],
  matmul: [0],
  convolution: [0],
  convolutionBackwardInput: [0],
  convolutionBackwardWeight: [0, 1],
  maxPool: [0, 1],
  maxPoolBackward: [0],
  averagePool: [0],
  averagePoolBackward: [0],
  adaptiveAveragePool: [0],
  adaptiveAveragePoolBackward: [0],
  adaptiveMaxPool: [0, 1],
  batchNorm: [0, 1, 2, 6],
  batchNormWith: [0],
  batchNormBackward: [0, 1, 2],
  layerNorm: [0, 1, 2],
  layerNormBackward: [0, 1, 2],
  softmax: [0],
  softmaxBackward: [0],
  crossEntropy: [0, 1],
  crossEntropyBackward: [0],
  attention: [0, 1],
  attentionBackward: [0, 1, 2],
  gather: [0],
  scatter: [1],
  indexSelect: [0],
  indexAdd: [0],
  index: [0],
  indexPut: [0],
  countNonzero: [],
  nonzero: [0],
  // The draws of a bfloat16 tensor are PyTorch's own affair; these would not be the same numbers.
  random: 'refused',
  bernoulliFrom: 'refused',
  optimizerStep: [0],
};

function isView(value: unknown): value is StridedView {
  return typeof value === 'object' && value !== null && 'storage' in value;
}

/** Whether a view of bfloat16 is among the arguments, or in a list or a record among them. */
function mentions(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false;
  if (isView(value)) return value.dtype === 'bfloat16';
  return (Array.isArray(value) ? value : Object.values(value)).some(mentions);
}

function contiguousStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = stride;
    stride *= shape[d]!;
  }
  return strides;
}

/** The float32 copies of one call. */
class Copies {
  private readonly made = new Map<StridedView, { readonly copy: StridedView; written: boolean }>();

  constructor(private readonly inner: Backend) {}

  /** The value with all bfloat16 views in it replaced. */
  replaced(value: unknown, isWritten: boolean): unknown {
    if (!mentions(value)) return value;
    if (isView(value)) return this.copyOf(value, isWritten);
    if (Array.isArray(value)) return value.map((part) => this.replaced(part, isWritten));
    return Object.fromEntries(
      Object.entries(value as object).map(([key, part]) => [key, this.replaced(part, isWritten)]),
    );
  }

  private copyOf(view: StridedView, isWritten: boolean): StridedView {
    // An operand that is also the result is one copy, as it is one view.
    const known = this.made.get(view);
    if (known) {
      known.written ||= isWritten;
      return known.copy;
    }
    const copy = float32Like(this.inner, view);
    this.inner.copy(copy, view);
    this.made.set(view, { copy, written: isWritten });
    return copy;
  }

  /** Rounds back what was written, and gives the copies' memory back. */
  finish(): void {
    for (const [view, { copy, written }] of this.made) {
      if (written) this.inner.copy(view, copy);
      this.inner.release(copy.storage);
    }
  }
}

function float32Like(inner: Backend, { shape }: StridedView): StridedView {
  const storage = inner.allocate(elementCount(shape) * dtypes.float32.bytes);
  return { storage, dtype: 'float32', shape, strides: contiguousStrides(shape), offset: 0 };
}

/** The backend with bfloat16. */
export function withBfloat16(inner: Backend): Backend {
  const face: Backend = { ...methodsOf(inner) };
  for (const [kernel, outputs] of Object.entries(written)) {
    const run = inner[kernel as keyof Kernels] as (...args: unknown[]) => unknown;
    const widened = (...args: unknown[]): unknown => {
      if (!args.some(mentions)) return run.apply(inner, args);
      if (outputs === 'refused') {
        throw new DTypeError(
          `random numbers are not drawn in bfloat16: draw in float32 and convert with to('bfloat16')`,
        );
      }
      const copies = new Copies(inner);
      try {
        return run.apply(
          inner,
          args.map((arg, i) => copies.replaced(arg, outputs.includes(i))),
        );
      } finally {
        copies.finish();
      }
    };
    (face as unknown as Record<string, unknown>)[kernel] = widened;
  }
  const { matmul } = face;
  return {
    ...face,
    copy(output, input) {
      copyBetween(inner, output, input);
    },
    matmul(output, left, right, options = {}) {
      const { bias, activation = 'none', alpha = 1, beta = 0 } = options;
      const narrow = [output, left, right, bias].every((view) => view === undefined || view.dtype === 'bfloat16');
      if (narrow && inner.multipliesBfloat16 && activation === 'none' && alpha === 1 && beta === 0) {
        inner.matmul(output, left, right, options);
      } else {
        matmul(output, left, right, options);
      }
    },
  };
}

/** The backend's methods, those of a proxy too. */
function methodsOf(inner: Backend): Backend {
  return Object.fromEntries(Object.keys(inner).map((key) => [key, inner[key as keyof Backend]])) as unknown as Backend;
}

/** Backends convert bfloat16 to and from float32; other types go by way of that. */
function copyBetween(inner: Backend, output: StridedView, input: StridedView): void {
  const direct = (view: StridedView): boolean => view.dtype === 'bfloat16' || view.dtype === 'float32';
  if (!mentions([output, input]) || (direct(output) && direct(input))) return inner.copy(output, input);
  const between = float32Like(inner, input);
  inner.copy(between, input);
  inner.copy(output, between);
  inner.release(between.storage);
}

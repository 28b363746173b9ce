// The tensor: a storage seen through a dtype, a shape, strides and an offset. What can be done with one is defined in
// `ops/` and attached there as methods; how gradients find their way is `autograd/`, which keeps its state in `autograd`.

import type { AutogradState } from '../autograd/state.js';
import { backend, supportBfloat16 } from '../backend/active.js';
import { bytesOf, dtypes, isFloat, type DType, type TypedArray } from '../backend/dtype.js';
import type { StridedView } from '../backend/backend.js';
import { untracked, type Storage } from '../backend/storage.js';
import { IndexError, ShapeError } from '../errors.js';
import { contiguousStrides, elementCount, isContiguous, isDense, resolveDim, show, type Shape } from './shape.js';

/** Nested arrays of numbers as deep as the tensor has dims; bigints for int64 beyond 2^53 are not used: see `data()`. */
export type NestedArray = number | boolean | NestedArray[];

/** How a view came to be, as far as changing it in place is concerned. */
export type ViewOrigin = 'single' | 'multiple' | 'noGrad';

/** As many dims as kernels walk through. */
const MOST_DIMS = 12;

function tooManyDims(count: number): ShapeError {
  return new ShapeError(`a tensor of ${count} dims: expected at most ${MOST_DIMS}`);
}

/**
 * A dense array of numbers of one dtype: a shape and strides over memory that views share. Operations are its methods.
 */
export class Tensor implements StridedView {
  readonly device = 'cpu';
  /** Gradient state; null while the tensor has nothing to do with differentiation. */
  autograd: AutogradState | null = null;
  /** The tensor whose memory this one shows a part of, itself no view; null for a tensor of its own. */
  base: Tensor | null = null;
  viewOrigin: ViewOrigin = 'single';

  /** @internal Users make tensors with `tensor`, `zeros` and their like. */
  constructor(
    readonly storage: Storage,
    readonly dtype: DType,
    /** The sizes of the dims. Never change it in place: tensors share it. */
    readonly shape: Shape,
    readonly strides: readonly number[],
    readonly offset: number,
  ) {
    if (shape.length > MOST_DIMS) throw tooManyDims(shape.length);
  }

  /** How many dims the tensor has. */
  get ndim(): number {
    return this.shape.length;
  }

  /** How many elements the tensor has. */
  numel(): number {
    return elementCount(this.shape);
  }

  /** The size of one dim, or all of them. */
  size(): Shape;
  size(dim: number): number;
  size(dim?: number): Shape | number {
    return dim === undefined ? this.shape : this.shape[this.requireDim('size', dim)]!;
  }

  /** How many elements to step over in memory for the next index of each dim. */
  stride(): readonly number[];
  stride(dim: number): number;
  stride(dim?: number): readonly number[] | number {
    return dim === undefined ? this.strides : this.strides[this.requireDim('stride', dim)]!;
  }

  private requireDim(name: string, dim: number): number {
    if (this.ndim === 0) throw new IndexError(`${name}: dim ${dim} of a 0-d tensor: it has none`);
    return resolveDim(dim, this.ndim);
  }

  /** Whether the elements lie in memory in row-major order without gaps. */
  isContiguous(): boolean {
    return isContiguous(this.shape, this.strides);
  }

  /** Bytes of one element. */
  elementSize(): number {
    return bytesOf(this.dtype);
  }

  isFloatingPoint(): boolean {
    return isFloat(this.dtype);
  }

  /**
   * The value of a tensor with a single element.
   * @throws ShapeError when there are more or none.
   */
  item(): number {
    if (this.numel() !== 1) {
      throw new ShapeError(
        `item: only a tensor with one element can be read as a number, got shape ${show(this.shape)}`,
      );
    }
    return backend.readScalar(this);
  }

  /** The elements in row-major order, as a new typed array of the tensor's dtype (bool as bytes, int64 as bigints, bfloat16 as float32). */
  data(): TypedArray {
    const target = new dtypes[this.dtype].array(this.numel());
    backend.read(this, target);
    return target;
  }

  /** The elements as nested arrays; a number or boolean for a 0-d tensor. int64 beyond 2^53 rounds: use `data()` there. */
  toArray(): NestedArray {
    const flat = this.data();
    const value: (i: number) => number | boolean =
      this.dtype === 'bool' ? (i) => flat[i] !== 0 : (i) => Number(flat[i]);
    let next = 0;
    const nest = (dim: number): NestedArray => {
      if (dim === this.ndim) return value(next++);
      return Array.from({ length: this.shape[dim]! }, () => nest(dim + 1));
    };
    return nest(0);
  }

  /** So that `JSON.stringify` writes the values. */
  toJSON(): NestedArray {
    return this.toArray();
  }

  /** A tensor is as true as its one element. Comparing tensors themselves is `a.equal(b)`. */
  [Symbol.toPrimitive](hint: string): number | string {
    return hint === 'string' ? this.toString() : this.item();
  }
}

/** While a backward runs: every storage made, so that the engine can give back what it alone holds. */
let allocationLog: Storage[] | null = null;

/** Starts or stops (null) logging allocations; returns the log that was in use. */
export function setAllocationLog(log: Storage[] | null): Storage[] | null {
  const previous = allocationLog;
  allocationLog = log;
  return previous;
}

/** While any inference mode is open: whether it holds here and now. */
let inferenceProbe: (() => boolean) | null = null;

/** Says how to find out whether new tensors are inference tensors; null: they are not. */
export function setInferenceProbe(probe: (() => boolean) | null): void {
  inferenceProbe = probe;
}

function allocateStorage(shape: Shape, dtype: DType): Storage {
  if (shape.length > MOST_DIMS) throw tooManyDims(shape.length);
  if (dtype === 'bfloat16') supportBfloat16();
  const bytes = elementCount(shape) * bytesOf(dtype);
  if (bytes > Number.MAX_SAFE_INTEGER)
    throw new ShapeError(`shape ${show(shape)} has more elements than can be counted`);
  const storage = backend.allocate(bytes);
  if (allocationLog !== null) {
    storage.inFlight = 0;
    allocationLog.push(storage);
  }
  if (inferenceProbe !== null && inferenceProbe()) storage.version = untracked;
  return storage;
}

/** A new tensor with undefined content, not differentiable. */
export function allocate(shape: Shape, dtype: DType): Tensor {
  return new Tensor(allocateStorage(shape, dtype), dtype, shape, contiguousStrides(shape), 0);
}

/** A new tensor of the same shape, laid out in memory as `like` is where that has no gaps. */
export function allocateLike(like: Tensor, dtype: DType = like.dtype): Tensor {
  const strides = isDense(like.shape, like.strides) ? like.strides : contiguousStrides(like.shape);
  return new Tensor(allocateStorage(like.shape, dtype), dtype, like.shape, strides, 0);
}

/** Another window on a tensor's memory, not (yet) differentiable. Offsets count from the storage's beginning. */
export function window(of: Tensor, shape: Shape, strides: readonly number[], offset: number): Tensor {
  return new Tensor(of.storage, of.dtype, shape, strides, offset);
}

/**
 * Makes `target` show what `source` shows: its memory, dtype and layout. For modules that move or convert their parameters
 * while optimisers hold on to the same objects.
 */
export function adoptData(target: Tensor, source: Tensor): void {
  const { storage, dtype, shape, strides, offset } = source;
  Object.assign(target, { storage, dtype, shape, strides, offset });
}

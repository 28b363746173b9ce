// Views: the same memory under another shape, strides or offset. A view shares its memory with the tensor it was taken
// from, so that a change to one is seen in the other.

import { IndexError, ShapeError, ValueError } from '../errors.js';
import {
  broadcastStrides,
  checkIsShape,
  checkShape,
  elementCount,
  inferShape,
  resolveDim,
  resolveDims,
  sameShape,
  show,
  viewStrides,
  type Shape,
} from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { allocate, window } from '../tensor/tensor.js';
import { backend } from '../backend/active.js';
import { cat, stack } from './combine.js';
import { operation, type Op } from './operation.js';
import { isOptions } from './options.js';
import { guarded } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/**
 * The same memory as another shape; one size may be -1.
 * @throws ShapeError where the strides don't allow it: use `reshape` then
 */
export const view: Op<[input: Tensor, shape: Shape]> = operation({
  name: 'view',
  takes: signatures.view,
  view: true,
  forward(input, shape) {
    const target = inferShape(shape, input.numel());
    const strides = viewStrides(input.shape, input.strides, target);
    if (strides === undefined) {
      throw new ShapeError(
        `shape ${show(target)} is not compatible with the strides [${input.strides.join(', ')}] of a tensor of shape ` +
          `${show(input.shape)} (a dim would span two parts of memory): use reshape(), which copies where it must`,
      );
    }
    return window(input, target, strides, input.offset);
  },
  save: (_result, input) => input.shape,
  gradient: (grad, shape) => [grad.reshape(shape)],
});

/** Another shape of the same elements: a view where the strides allow it, else a copy. One size may be -1. */
export const reshape: Op<[input: Tensor, shape: Shape]> = guarded(signatures.reshape, (input, shape) => {
  let target: Shape;
  try {
    target = inferShape(shape, input.numel());
  } catch (error) {
    throw error instanceof ShapeError ? error.during('reshape') : error;
  }
  return viewStrides(input.shape, input.strides, target) ? view(input, target) : view(input.contiguous(), target);
});

/** A window given by shape, strides and the offset within the storage. */
export const asStrided: Op<[input: Tensor, shape: Shape, strides: readonly number[], offset?: number]> = operation({
  name: 'asStrided',
  takes: signatures.asStrided,
  view: true,
  forward(input, shape, strides, offset = input.offset) {
    checkShape(shape);
    if (strides.length !== shape.length) throw new ShapeError(`${strides.length} strides for ${shape.length} dims`);
    if (![...strides, offset].every(Number.isSafeInteger)) {
      throw new ShapeError(`expected whole numbers, got strides [${strides.join(', ')}] and offset ${offset}`);
    }
    const last = offset + shape.reduce((sum, size, d) => sum + Math.max(size - 1, 0) * strides[d]!, 0);
    const capacity = input.storage.byteLength / input.elementSize();
    if (strides.some((stride) => stride < 0) || offset < 0 || (elementCount(shape) > 0 && last >= capacity)) {
      throw new ShapeError(
        `shape ${show(shape)}, strides [${strides.join(', ')}], offset ${offset} reach outside of a storage of ${capacity} elements`,
      );
    }
    return window(input, shape, strides, offset);
  },
  save: (result, input) => ({
    layout: { shape: result.shape, strides: result.strides, offset: result.offset },
    of: { shape: input.shape, strides: input.strides, offset: input.offset },
  }),
  gradient(grad, { layout, of }) {
    // Gradients add up where windows overlap, so they are gathered in a flat image of the memory.
    const start = Math.min(of.offset, layout.offset);
    const end = Math.max(extent(of), extent(layout));
    const position = arangeLike(layout, start);
    const flat = allocate([end - start], grad.dtype).zero_();
    const memory = flat.indexAdd(0, position.reshape([-1]), grad.reshape([-1]));
    const places = arangeLike(of, start);
    const gradient = memory.take(places).reshape(of.shape);
    if (!of.strides.some((stride, d) => stride === 0 && of.shape[d]! > 1)) return [gradient];
    // Elements of an expanded input that are one in memory share its gradient.
    const ones = allocate(of.shape, grad.dtype).fill_(1).reshape([-1]);
    const sharers = allocate([end - start], grad.dtype)
      .zero_()
      .indexAdd(0, places.reshape([-1]), ones);
    return [gradient.div(sharers.take(places).reshape(of.shape))];
  },
});

interface Layout {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}

function extent({ shape, strides, offset }: Layout): number {
  return offset + shape.reduce((sum, size, d) => sum + Math.max(size - 1, 0) * strides[d]!, 0) + 1;
}

/** The memory position of every element of a layout, counted from `start`. */
function arangeLike(layout: Layout, start: number): Tensor {
  let positions = allocate([], 'int64').fill_(layout.offset - start);
  layout.shape.forEach((size, d) => {
    const steps = allocate([size], 'int64');
    backend.arange(steps, 0, layout.strides[d]!);
    positions = positions.unsqueeze(-1).add(steps);
  });
  return positions;
}

/** The dims in another order. */
export const permute: Op<[input: Tensor, dims: readonly number[]]> = operation({
  name: 'permute',
  takes: signatures.permute,
  view: true,
  forward(input, dims) {
    if (!Array.isArray(dims)) throw new ShapeError(`expected an array of dims such as [1, 0], got ${String(dims)}`);
    const order = resolveDims(dims, input.ndim);
    if (order.length !== input.ndim) {
      throw new ShapeError(`expected an order of all ${input.ndim} dims, got [${dims.join(', ')}]`);
    }
    const pick = (list: readonly number[]): number[] => order.map((d) => list[d]!);
    return window(input, pick(input.shape), pick(input.strides), input.offset);
  },
  save: (_result, input, dims) => {
    const inverse = new Array<number>(dims.length);
    resolveDims(dims, input.ndim).forEach((d, position) => (inverse[d] = position));
    return inverse;
  },
  gradient: (grad, inverse) => [grad.permute(inverse)],
});

/** Two dims exchanged. */
export const transpose: Op<[input: Tensor, dim0: number, dim1: number]> = operation({
  name: 'transpose',
  takes: signatures.transpose,
  view: true,
  forward(input, dim0, dim1) {
    const a = resolveDim(dim0, input.ndim);
    const b = resolveDim(dim1, input.ndim);
    if (input.ndim === 0) return window(input, input.shape, input.strides, input.offset);
    const shape = input.shape.slice();
    const strides = input.strides.slice();
    [shape[a], shape[b]] = [shape[b]!, shape[a]!];
    [strides[a], strides[b]] = [strides[b]!, strides[a]!];
    return window(input, shape, strides, input.offset);
  },
  save: (_result, _input, dim0, dim1) => ({ dim0, dim1 }),
  gradient: (grad, { dim0, dim1 }) => [grad.transpose(dim0, dim1)],
});

export { transpose as swapaxes, transpose as swapdims };

/** The transpose of a matrix; 0-d and 1-d tensors stay as they are. */
export const t: Op<[input: Tensor]> = guarded(signatures.t, (input) => {
  if (input.ndim > 2) throw new ShapeError(`expected at most 2 dims, got ${show(input.shape)}`).during('t');
  return input.ndim === 2 ? transpose(input, 0, 1) : view(input, input.shape);
});

/** The dims moved to other positions, the rest kept in order. */
export const movedim: Op<[input: Tensor, source: number | readonly number[], destination: number | readonly number[]]> =
  guarded(signatures.movedim, (input, source, destination) => {
    const from = resolveDims(source, input.ndim);
    const to = resolveDims(destination, input.ndim);
    if (from.length !== to.length)
      throw new ShapeError(`${from.length} dims for ${to.length} positions`).during('movedim');
    if (input.ndim === 0) return input.alias();
    const order = new Array<number>(input.ndim).fill(-1);
    from.forEach((d, i) => (order[to[i]!] = d));
    const rest = input.shape.map((_, d) => d).filter((d) => !from.includes(d));
    for (let d = 0; d < order.length; d++) if (order[d] === -1) order[d] = rest.shift()!;
    return permute(input, order);
  });

/** Dims of size 1 left out: all of them, or those named. */
export const squeeze: Op<[input: Tensor, dim?: number | readonly number[]]> = operation({
  name: 'squeeze',
  takes: signatures.squeeze,
  view: true,
  forward(input, dim?) {
    const chosen = dim === undefined ? undefined : resolveDims(dim, input.ndim);
    const kept = input.shape.map((_, d) => d).filter((d) => input.shape[d] !== 1 || (chosen && !chosen.includes(d)));
    const pick = (list: readonly number[]): number[] => kept.map((d) => list[d]!);
    return window(input, pick(input.shape), pick(input.strides), input.offset);
  },
  save: (_result, input) => input.shape,
  gradient: (grad, shape) => [grad.reshape(shape)],
});

/** A copy of the list with `value` put in at `place`. Samples are unsqueezed one by one: `toSpliced` takes four times as long. */
function withInserted(list: readonly number[], place: number, value: number): number[] {
  const result = new Array<number>(list.length + 1);
  for (let i = 0; i < place; i++) result[i] = list[i]!;
  result[place] = value;
  for (let i = place; i < list.length; i++) result[i + 1] = list[i]!;
  return result;
}

/** A dim of size 1 put in at `dim`. */
export const unsqueeze: Op<[input: Tensor, dim: number]> = operation({
  name: 'unsqueeze',
  takes: signatures.unsqueeze,
  view: true,
  forward(input, dim) {
    const place = resolveDim(dim, input.ndim + 1);
    const stride = place < input.ndim ? input.shape[place]! * input.strides[place]! : 1;
    return window(input, withInserted(input.shape, place, 1), withInserted(input.strides, place, stride), input.offset);
  },
  save: (_result, input) => input.shape,
  gradient: (grad, shape) => [grad.reshape(shape)],
});

/** The dims from `startDim` to `endDim` as one. */
export const flatten: Op<[input: Tensor, startDim?: number, endDim?: number]> = guarded(
  signatures.flatten,
  (input, startDim = 0, endDim = -1) => {
    const start = resolveDim(startDim, input.ndim);
    const end = resolveDim(endDim, input.ndim);
    if (start > end) throw new ShapeError(`startDim ${startDim} comes after endDim ${endDim}`).during('flatten');
    if (input.ndim === 0) return reshape(input, [1]);
    if (start === end) return input;
    const { shape } = input;
    return reshape(input, [
      ...shape.slice(0, start),
      elementCount(shape.slice(start, end + 1)),
      ...shape.slice(end + 1),
    ]);
  },
);

/** All dims as one. */
export const ravel: Op<[input: Tensor]> = guarded(signatures.ravel, (input) => reshape(input, [-1]));

/** One dim as several; one size may be -1. */
export const unflatten: Op<[input: Tensor, dim: number, sizes: Shape]> = guarded(
  signatures.unflatten,
  (input, dim, sizes) => {
    try {
      const place = resolveDim(dim, input.ndim);
      return view(input, input.shape.toSpliced(place, 1, ...inferShape(sizes, input.shape[place]!)));
    } catch (error) {
      throw error instanceof ShapeError || error instanceof IndexError ? error.during('unflatten') : error;
    }
  },
);

/** Dims of size 1 repeated to the given sizes without copying; -1 keeps a size. */
export const expand: Op<[input: Tensor, shape: Shape]> = operation({
  name: 'expand',
  takes: signatures.expand,
  view: true,
  forward(input, shape) {
    checkIsShape(shape);
    const lead = shape.length - input.ndim;
    const target = shape.map((size, d) => (size === -1 && d >= lead ? input.shape[d - lead]! : size));
    checkShape(target);
    const strides = broadcastStrides(input.shape, input.strides, target);
    if (strides === undefined) throw new ShapeError(`shape ${show(input.shape)} doesn't expand to ${show(target)}`);
    return window(input, target, strides, input.offset);
  },
  save: (_result, input) => input.shape,
  gradient: (grad, shape) => [grad.sumToSize(shape)],
});

/** As `expand`. */
export const broadcastTo: Op<[input: Tensor, shape: Shape]> = guarded(signatures.broadcastTo, (input, shape) =>
  expand(input, shape),
);
/** `expand` to the shape of `other`. */
export const expandAs: Op<[input: Tensor, other: Tensor]> = guarded(signatures.expandAs, (input, other) =>
  expand(input, other.shape),
);
/** `view` with the shape of `other`. */
export const viewAs: Op<[input: Tensor, other: Tensor]> = guarded(signatures.viewAs, (input, other) =>
  view(input, other.shape),
);
/** `reshape` to the shape of `other`. */
export const reshapeAs: Op<[input: Tensor, other: Tensor]> = guarded(signatures.reshapeAs, (input, other) =>
  reshape(input, other.shape),
);

/** A tensor that broadcasting made of one of the given shape, summed back to it. */
export const sumToSize: Op<[input: Tensor, shape: Shape]> = guarded(signatures.sumToSize, (input, shape) => {
  if (sameShape(input.shape, shape)) return input;
  const lead = input.ndim - shape.length;
  const summed: number[] = [];
  for (let d = 0; d < input.ndim; d++) {
    const size = d < lead ? undefined : shape[d - lead];
    if (size === undefined || (size === 1 && input.shape[d] !== 1)) summed.push(d);
    else if (size !== input.shape[d]) {
      throw new ShapeError(`shape ${show(input.shape)} can't be summed to ${show(shape)}`).during('sumToSize');
    }
  }
  if (lead < 0)
    throw new ShapeError(`shape ${show(input.shape)} can't be summed to ${show(shape)}`).during('sumToSize');
  const result = summed.length === 0 ? input : input.sum(summed, { keepdim: true });
  return lead === 0 ? result : reshape(result, shape);
});

// ---- parts

/** The elements of `dim` from `start` (may count from the end), `length` of them. */
export const narrow: Op<[input: Tensor, dim: number, start: number, length: number]> = operation({
  name: 'narrow',
  takes: signatures.narrow,
  view: true,
  forward(input, dim, start, length) {
    if (input.ndim === 0) throw new ShapeError('a 0-d tensor has no dim to narrow');
    const place = resolveDim(dim, input.ndim);
    const size = input.shape[place]!;
    const first = start < 0 ? start + size : start;
    if (!Number.isInteger(first) || !Number.isInteger(length) || first < 0 || length < 0 || first + length > size) {
      throw new IndexError(`start ${start} with length ${length} is out of range for dim ${dim} of size ${size}`);
    }
    return window(input, input.shape.with(place, length), input.strides, input.offset + first * input.strides[place]!);
  },
  save: (_result, input, dim, start, length) => {
    const place = resolveDim(dim, input.ndim);
    const size = input.shape[place]!;
    return { shape: input.shape, place, start: start < 0 ? start + size : start, length };
  },
  gradient: (grad, { shape, place, start, length }) => [
    placed(grad, shape, (whole) => whole.narrow(place, start, length)),
  ],
});

/** Zeros of the given shape in which one part holds `grad`. */
function placed(grad: Tensor, shape: Shape, part: (whole: Tensor) => Tensor): Tensor {
  const whole = allocate(shape, grad.dtype).zero_();
  part(whole).copy_(grad);
  return whole;
}

/** The part at `index` of `dim`, without that dim. */
export const select: Op<[input: Tensor, dim: number, index: number]> = operation({
  name: 'select',
  takes: signatures.select,
  view: true,
  forward(input, dim, index) {
    if (input.ndim === 0) throw new IndexError('a 0-d tensor has nothing to select from: use item()');
    const place = resolveDim(dim, input.ndim);
    const position = resolveIndex(index, input.shape[place]!, dim);
    return window(
      input,
      input.shape.toSpliced(place, 1),
      input.strides.toSpliced(place, 1),
      input.offset + position * input.strides[place]!,
    );
  },
  save: (_result, input, dim, index) => ({ shape: input.shape, dim, index }),
  gradient: (grad, { shape, dim, index }) => [placed(grad, shape, (whole) => whole.select(dim, index))],
});

function resolveIndex(index: number, size: number, dim: number): number {
  if (!Number.isInteger(index) || index < -size || index >= size) {
    throw new IndexError(`index ${index} is out of range for dim ${dim} of size ${size}`);
  }
  return index < 0 ? index + size : index;
}

/** Every `step`-th element of `dim` from `start` up to `end`; both may count from the end and lie outside. */
export const slice: Op<[input: Tensor, dim: number, start?: number, end?: number, step?: number]> = operation({
  name: 'slice',
  view: true,
  forward(input, dim, start?, end?, step = 1) {
    if (input.ndim === 0) throw new ShapeError('a 0-d tensor has no dim to slice');
    if (!Number.isInteger(step) || step < 1) throw new IndexError(`expected a step of 1 or more, got ${step}`);
    const place = resolveDim(dim, input.ndim);
    const size = input.shape[place]!;
    const first = clampIndex(start ?? 0, size);
    const last = Math.max(clampIndex(end ?? size, size), first);
    return window(
      input,
      input.shape.with(place, Math.ceil((last - first) / step)),
      input.strides.with(place, input.strides[place]! * step),
      input.offset + first * input.strides[place]!,
    );
  },
  save: (_result, input, dim, start?, end?, step?) => ({ shape: input.shape, dim, start, end, step }),
  gradient: (grad, { shape, dim, start, end, step }) => [
    placed(grad, shape, (whole) => whole.slice(dim, start, end, step)),
  ],
});

function clampIndex(index: number, size: number): number {
  if (!Number.isInteger(index) && Number.isFinite(index)) throw new IndexError(`expected whole numbers, got ${index}`);
  return Math.min(Math.max(index < 0 ? index + size : index, 0), size);
}

/** Options of `diagonal`. */
export interface DiagonalOptions {
  readonly offset?: number;
  readonly dim1?: number;
  readonly dim2?: number;
}

/**
 * The elements where the indices of two dims (0 and 1) differ by `offset` (0), as a new last dim: `x.diagonal(1, -2, -1)`,
 * `x.diagonal({ offset: 1 })`.
 */
export const diagonal: Op<[input: Tensor, offset?: number | DiagonalOptions, dim1?: number, dim2?: number]> = guarded(
  signatures.diagonal,
  (input, offset, dim1, dim2) =>
    isOptions(offset)
      ? diagonalOf(input, offset.offset, offset.dim1, offset.dim2)
      : diagonalOf(input, offset, dim1, dim2),
);
const diagonalOf: Op<[input: Tensor, offset?: number, dim1?: number, dim2?: number]> = operation({
  name: 'diagonal',
  view: true,
  forward(input, offset = 0, dim1 = 0, dim2 = 1) {
    if (!Number.isInteger(offset)) throw new ValueError(`expected a whole number as offset, got ${String(offset)}`);
    const a = resolveDim(dim1, input.ndim);
    const b = resolveDim(dim2, input.ndim);
    if (a === b) throw new ShapeError(`the two dims of a diagonal are the same: ${dim1} and ${dim2}`);
    const rows = input.shape[a]! - Math.max(-offset, 0);
    const columns = input.shape[b]! - Math.max(offset, 0);
    const size = Math.max(Math.min(rows, columns), 0);
    const start = offset >= 0 ? offset * input.strides[b]! : -offset * input.strides[a]!;
    const rest = (list: readonly number[]): number[] => list.filter((_, d) => d !== a && d !== b);
    return window(
      input,
      [...rest(input.shape), size],
      [...rest(input.strides), input.strides[a]! + input.strides[b]!],
      input.offset + (size === 0 ? 0 : start),
    );
  },
  save: (_result, input, offset?, dim1?, dim2?) => ({ shape: input.shape, offset, dim1, dim2 }),
  gradient: (grad, { shape, offset, dim1, dim2 }) => [
    placed(grad, shape, (whole) => whole.diagonal(offset, dim1, dim2)),
  ],
});

/** Windows of `size` elements along `dim`, `step` apart, as a new last dim. */
export const unfold: Op<[input: Tensor, dim: number, size: number, step: number]> = operation({
  name: 'unfold',
  takes: signatures.unfold,
  view: true,
  forward(input, dim, size, step) {
    const place = resolveDim(dim, input.ndim);
    const length = input.ndim === 0 ? 1 : input.shape[place]!;
    if (!Number.isInteger(size) || size < 0 || size > length || !Number.isInteger(step) || step < 1) {
      throw new ShapeError(`windows of size ${size}, ${step} apart, don't fit dim ${dim} of size ${length}`);
    }
    if (input.ndim === 0) return window(input, [size], [1], input.offset);
    const stride = input.strides[place]!;
    const count = Math.floor((length - size) / step) + 1;
    const strides = [...input.strides.with(place, stride * step), stride];
    return window(input, [...input.shape.with(place, count), size], strides, input.offset);
  },
  save: (result, input, dim, size, step) => {
    const place = resolveDim(dim, input.ndim);
    return {
      shape: input.shape,
      place,
      windows: { shape: [result.shape[place]!, size], strides: [step, 1], offset: 0 },
    };
  },
  gradient(grad, { shape, place, windows }) {
    if (shape.length === 0) return [grad.sum()];
    // Where windows overlap their gradients add up.
    const positions = arangeLike(windows, 0).reshape([-1]);
    const inPlace = grad.movedim(-1, place + 1).flatten(place, place + 1);
    return [allocate(shape, grad.dtype).zero_().indexAdd(place, positions, inPlace)];
  },
});

// ---- several parts at once

/** Parts of the given sizes along `dim`, or of one size (the last may be smaller). */
export const split: Op<[input: Tensor, sizes: number | readonly number[], dim?: number], Tensor[]> = operation({
  name: 'split',
  takes: signatures.split,
  view: true,
  forward(input, sizes, dim = 0) {
    if (input.ndim === 0) throw new ShapeError('a 0-d tensor has no dim to split');
    const place = resolveDim(dim, input.ndim);
    const size = input.shape[place]!;
    const lengths = typeof sizes === 'number' ? equalParts(size, sizes) : sizes;
    if (lengths.reduce((sum, length) => sum + length, 0) !== size || !lengths.every(isSize)) {
      throw new ShapeError(`parts of [${lengths.join(', ')}] don't add up to dim ${dim} of size ${size}`);
    }
    let start = 0;
    return lengths.map((length) => {
      const offset = input.offset + start * input.strides[place]!;
      start += length;
      return window(input, input.shape.with(place, length), input.strides, offset);
    });
  },
  save: (results, input, _sizes, dim = 0) => {
    const place = resolveDim(dim, input.ndim);
    return { shapes: results.map((result) => result.shape), place };
  },
  gradient: (_grad, { shapes, place }, _needs, gradients) => {
    const some = gradients.find((gradient) => gradient !== null)!;
    return [
      cat(
        shapes.map((shape, i) => gradients[i] ?? allocate(shape, some.dtype).zero_()),
        place,
      ),
    ];
  },
});

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function equalParts(size: number, part: number): number[] {
  if (!Number.isInteger(part) || part < 0 || (part === 0 && size > 0)) {
    throw new ShapeError(`expected a size of parts of 1 or more, got ${part}`);
  }
  const count = part === 0 ? 1 : Math.max(Math.ceil(size / part), 1);
  return Array.from({ length: count }, (_, i) => Math.min(part, size - i * part));
}

/** `count` parts along `dim`, as equal as ceil(size / count) makes them; there may be fewer. */
export const chunk: Op<[input: Tensor, count: number, dim?: number], Tensor[]> = guarded(
  signatures.chunk,
  (input, count, dim = 0) => {
    if (!Number.isInteger(count) || count < 1)
      throw new ShapeError(`expected 1 or more chunks, got ${count}`).during('chunk');
    const size = input.shape[resolveDim(dim, input.ndim)] ?? 1;
    const part = Math.ceil(size / count);
    if (part === 0 && count >= 2 ** 32) throw new ShapeError(`${count} chunks: expected fewer than 2 ** 32`);
    return part === 0 ? split(input, new Array<number>(count).fill(0), dim) : split(input, part, dim);
  },
);

/** The parts along `dim`, without that dim. */
export const unbind: Op<[input: Tensor, dim?: number], Tensor[]> = operation({
  name: 'unbind',
  takes: signatures.unbind,
  view: true,
  forward(input, dim = 0) {
    if (input.ndim === 0) throw new ShapeError('a 0-d tensor has no dim to unbind');
    const place = resolveDim(dim, input.ndim);
    const shape = input.shape.toSpliced(place, 1);
    const strides = input.strides.toSpliced(place, 1);
    return Array.from({ length: input.shape[place]! }, (_, i) =>
      window(input, shape, strides, input.offset + i * input.strides[place]!),
    );
  },
  save: (_results, input, dim = 0) => ({ place: resolveDim(dim, input.ndim), shape: input.shape }),
  gradient: (_grad, { place, shape }, _needs, gradients) => {
    const some = gradients.find((gradient) => gradient !== null)!;
    const zeros = allocate(some.shape, some.dtype).zero_();
    return [
      stack(
        Array.from({ length: shape[place]! }, (_, i) => gradients[i] ?? zeros),
        place,
      ),
    ];
  },
});

// Tensors put together, repeated and rearranged into new memory.

import { backend } from '../backend/active.js';
import { isFloat } from '../backend/dtype.js';
import { DTypeError, ShapeError, ValueError } from '../errors.js';
import { promote } from '../tensor/promotion.js';
import { isArray, checkShape, resolveDim, resolveDims, sameShape, show, type Shape } from '../tensor/shape.js';
import { allocate, allocateLike, Tensor, window } from '../tensor/tensor.js';
import { inPlace } from './in-place.js';
import { operation, type Op } from './operation.js';
import { isOptions } from './options.js';
import { guarded } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/**
 * Tensors one behind the other along `dim`; their other sizes are equal. Tensors of shape [0] are skipped, as in PyTorch.
 * https://pytorch.org/docs/stable/generated/torch.cat.html
 */
export const cat: Op<[tensors: readonly Tensor[], dim?: number]> = operation({
  name: 'cat',
  takes: signatures.cat,
  forward(tensors, dim = 0) {
    if (!isArray(tensors) || tensors.length === 0) throw new ValueError('expected an array of one or more tensors');
    const counted = tensors.filter((tensor) => !isLegacyEmpty(tensor));
    const like = counted[0] ?? tensors[0]!;
    if (like.ndim === 0) throw new ShapeError('0-d tensors can not be put one behind the other: use stack()');
    const place = resolveDim(dim, like.ndim);
    let length = 0;
    for (const [i, tensor] of counted.entries()) {
      if (tensor.ndim !== like.ndim || !sameShape(tensor.shape.with(place, 0), like.shape.with(place, 0))) {
        throw new ShapeError(
          `sizes must agree but for dim ${dim}: tensor 0 has shape ${show(like.shape)}, tensor ${i} has ${show(tensor.shape)}`,
        );
      }
      length += tensor.shape[place]!;
    }
    const dtype = tensors.map((tensor) => tensor.dtype).reduce(promote);
    const result = allocate(counted.length === 0 ? like.shape : like.shape.with(place, length), dtype);
    // Along the outermost dim that is longer than 1 the parts lie one after another in memory.
    if (
      result.shape.slice(0, place).every((size) => size === 1) &&
      counted.every((tensor) => tensor.dtype === dtype && tensor.isContiguous())
    ) {
      backend.concatenate(result, counted);
      return result;
    }
    let start = 0;
    for (const tensor of counted) {
      backend.copy(part(result, place, start, tensor.shape[place]!), tensor);
      start += tensor.shape[place]!;
    }
    return result;
  },
  save: (result, tensors, dim = 0) => ({
    place: resolveDim(dim, result.ndim),
    kinds: tensors.map((tensor) => ({ shape: tensor.shape, dtype: tensor.dtype, empty: isLegacyEmpty(tensor) })),
  }),
  gradient(grad, { place, kinds }, needs) {
    let start = 0;
    return kinds.map(({ shape, dtype, empty }, i) => {
      if (empty) return needs[i] ? allocate(shape, dtype) : null;
      const length = shape[place]!;
      start += length;
      return needs[i] ? grad.narrow(place, start - length, length).to(dtype) : null;
    });
  },
});

export { cat as concat };

function isLegacyEmpty(tensor: Tensor): boolean {
  return tensor.ndim === 1 && tensor.shape[0] === 0;
}

function part(tensor: Tensor, dim: number, start: number, length: number): Tensor {
  return window(tensor, tensor.shape.with(dim, length), tensor.strides, tensor.offset + start * tensor.strides[dim]!);
}

/** Tensors of one shape side by side along a new dim. */
export const stack: Op<[tensors: readonly Tensor[], dim?: number]> = guarded(signatures.stack, (tensors, dim = 0) => {
  if (!isArray(tensors) || tensors.length === 0) {
    throw new ValueError('expected an array of one or more tensors').during('stack');
  }
  const { shape } = tensors[0]!;
  for (const [i, tensor] of tensors.entries()) {
    if (!sameShape(tensor.shape, shape)) {
      throw new ShapeError(
        `all tensors must have one shape: tensor 0 has ${show(shape)}, tensor ${i} has ${show(tensor.shape)}`,
      ).during('stack');
    }
  }
  const place = resolveDim(dim, shape.length + 1);
  return cat(
    tensors.map((tensor) => tensor.unsqueeze(place)),
    place,
  );
});

/** The tensor repeated `counts[d]` times along each dim; further leading counts add dims. Copies. */
export const repeat: Op<[input: Tensor, counts: Shape]> = guarded(signatures.repeat, (input, counts) => {
  checkShape(counts);
  const lead = counts.length - input.ndim;
  if (lead < 0) throw new ShapeError(`${counts.length} counts for ${input.ndim} dims`).during('repeat');
  const sizes = [...new Array<number>(lead).fill(1), ...input.shape];
  // [a, b] -> [1, a, 1, b] -> expanded [count, a, count, b] -> merged
  const apart = input.reshape(sizes.flatMap((size) => [1, size]));
  const wide = apart.expand(sizes.flatMap((size, d) => [counts[d]!, size]));
  return wide
    .clone()
    .contiguous()
    .reshape(sizes.map((size, d) => size * counts[d]!));
});
/** As `repeat`; counts that are missing in front are 1. */
export const tile: Op<[input: Tensor, counts: Shape]> = guarded(signatures.tile, (input, counts) =>
  repeat(input, [...new Array<number>(Math.max(input.ndim - counts.length, 0)).fill(1), ...counts]),
);

/** Each element `repeats` times, one after the other, along `dim` (of the flattened tensor without one). */
export const repeatInterleave: Op<[input: Tensor, repeats: number | Tensor, dim?: number]> = guarded(
  signatures.repeatInterleave,
  (input, repeats, dim) => {
    const source = dim === undefined ? input.flatten() : input;
    const place = resolveDim(dim ?? 0, source.ndim);
    const size = source.shape[place] ?? 1;
    if (repeats instanceof Tensor && (repeats.ndim > 1 || isFloat(repeats.dtype) || repeats.dtype === 'bool')) {
      throw new DTypeError(
        `expected repeats as a vector of integers, got ${repeats.dtype} of shape ${show(repeats.shape)}`,
      ).during('repeatInterleave');
    }
    const counts = repeats instanceof Tensor ? Array.from(repeats.data(), Number) : [repeats];
    if (counts.some((count) => !Number.isSafeInteger(count) || count < 0)) {
      throw new ValueError(`repeats are whole numbers >= 0, got [${counts.join(', ')}]`).during('repeatInterleave');
    }
    if (counts.length !== 1 && counts.length !== size) {
      throw new ShapeError(`expected 1 or ${size} repeats, got ${counts.length}`).during('repeatInterleave');
    }
    const positions: bigint[] = [];
    for (let i = 0; i < size; i++) {
      for (let r = 0; r < (counts.length === 1 ? counts[0]! : counts[i]!); r++) positions.push(BigInt(i));
    }
    const index = allocate([positions.length], 'int64');
    backend.write(index.storage, 0, BigInt64Array.from(positions));
    return source.indexSelect(place, index);
  },
);

/** The order of elements turned round along `dims`. */
export const flip: Op<[input: Tensor, dims: number | readonly number[]]> = operation({
  name: 'flip',
  takes: signatures.flip,
  forward(input, dims) {
    const turned = resolveDims(dims, input.ndim).filter((d) => d < input.ndim);
    const result = allocateLike(input);
    let from = input;
    for (const d of turned) {
      const index = allocate([input.shape[d]!], 'int64');
      backend.arange(index, input.shape[d]! - 1, -1);
      const to = allocateLike(from);
      backend.indexSelect(to, from, d, index);
      from = to;
    }
    backend.copy(result, from);
    return result;
  },
  save: (_result, _input, dims) => dims,
  gradient: (grad, dims) => [grad.flip(dims)],
});

/** The elements moved along by `shifts`, those that fall off the end entering at the beginning. */
export const roll: Op<[input: Tensor, shifts: number | readonly number[], dims?: number | readonly number[]]> = guarded(
  signatures.roll,
  (input, shifts, dims) => {
    const amounts = typeof shifts === 'number' ? [shifts] : shifts;
    if (dims === undefined) {
      if (amounts.length !== 1) throw new ShapeError(`${amounts.length} shifts without dims`).during('roll');
      return roll(input.flatten(), amounts, 0).reshape(input.shape);
    }
    const along = [dims].flat().map((dim) => resolveDim(dim, input.ndim));
    if (along.length !== amounts.length)
      throw new ShapeError(`${amounts.length} shifts for ${along.length} dims`).during('roll');
    return along.reduce((rolled, dim, i) => {
      const size = input.shape[dim]!;
      const shift = size === 0 ? 0 : ((amounts[i]! % size) + size) % size;
      return shift === 0
        ? rolled.clone()
        : cat([rolled.narrow(dim, size - shift, shift), rolled.narrow(dim, 0, size - shift)], dim);
    }, input);
  },
);

/** Which elements of the last two dims lie on or below diagonal `offset`. */
function belowDiagonal(shape: Shape, offset: number): Tensor {
  const rows = allocate([shape.at(-2)!, 1], 'int64');
  const columns = allocate([shape.at(-1)!], 'int64');
  backend.arange(rows, offset, 1);
  backend.arange(columns, 0, 1);
  const mask = allocate(shape.slice(-2), 'bool');
  backend.compare('le', mask, columns, rows);
  return mask;
}

/** Options of `tril` and `triu`. */
export interface TriangleOptions {
  readonly diagonal?: number;
}

type Triangle = Op<[input: Tensor, diagonal?: number | TriangleOptions]>;

function triangle(name: 'tril' | 'triu'): Triangle {
  const part: Op<[input: Tensor, diagonal?: number]> = operation({
    name,
    forward(input: Tensor, diagonal = 0): Tensor {
      if (!Number.isSafeInteger(diagonal)) {
        throw new ValueError(`expected a whole number as diagonal, got ${String(diagonal)}`);
      }
      if (input.ndim < 2) throw new ShapeError(`expected at least 2 dims, got ${show(input.shape)}`);
      const result = allocateLike(input);
      if (name === 'tril') backend.where(result, belowDiagonal(input.shape, diagonal), input, 0);
      else backend.where(result, belowDiagonal(input.shape, diagonal - 1), 0, input);
      return result;
    },
    save: (_result, _input, diagonal?: number) => diagonal,
    gradient: (grad, diagonal) => [grad[name](diagonal)],
  });
  return (input, diagonal) => part(input, isOptions(diagonal) ? diagonal.diagonal : diagonal);
}

/** The part of each matrix on and below a diagonal (0, or `{ diagonal: 1 }`), zeros elsewhere. */
export const tril: Triangle = guarded(signatures.tril, triangle('tril'));
/** The part of each matrix on and above a diagonal (0, or `{ diagonal: 1 }`), zeros elsewhere. */
export const triu: Triangle = guarded(signatures.triu, triangle('triu'));
/** `tril`, in place: the result is written into `input`. */
export const tril_: typeof tril = guarded(signatures.tril_, inPlace('tril_', tril));
/** `triu`, in place: the result is written into `input`. */
export const triu_: typeof triu = guarded(signatures.triu_, inPlace('triu_', triu));

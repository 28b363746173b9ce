// Tensors side by side, turned and spread to one shape: shorthands for views and `cat`.

import { DTypeError, ShapeError, ValueError } from '../errors.js';
import { broadcastShapes, resolveDims, show, type Shape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { cat } from './combine.js';
import type { Op } from './operation.js';
import { guarded } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

type Several = Op<[tensors: readonly Tensor[]]>;

/** At least `ndim` dims: ones in front, for three dims one behind. */
function atLeast(tensor: Tensor, ndim: 1 | 2 | 3): Tensor {
  let result = tensor;
  if (result.ndim < Math.min(ndim, 2))
    result = result.reshape([...new Array<number>(Math.min(ndim, 2) - result.ndim).fill(1), ...result.shape]);
  return ndim === 3 && result.ndim === 2 ? result.unsqueeze(2) : result;
}

/** Side by side: along dim 1, vectors along dim 0. */
export const hstack: Several = guarded(signatures.hstack, (tensors) => {
  const parts = tensors.map((tensor) => atLeast(tensor, 1));
  return cat(parts, parts[0]?.ndim === 1 ? 0 : 1);
});
/** One below the other; vectors are rows. */
export const vstack: Several = guarded(signatures.vstack, (tensors) =>
  cat(
    tensors.map((tensor) => atLeast(tensor, 2)),
    0,
  ),
);
/** One behind the other along dim 2. */
export const dstack: Several = guarded(signatures.dstack, (tensors) =>
  cat(
    tensors.map((tensor) => atLeast(tensor, 3)),
    2,
  ),
);
/** Side by side; vectors are columns. */
export const columnStack: Several = guarded(signatures.columnStack, (tensors) =>
  hstack(tensors.map((tensor) => (tensor.ndim <= 1 ? tensor.reshape([tensor.numel(), 1]) : tensor))),
);

/** Left and right exchanged. */
export const fliplr: Op<[input: Tensor]> = guarded(signatures.fliplr, (input) => {
  if (input.ndim < 2) throw new ShapeError(`expected at least 2 dims, got ${show(input.shape)}`).during('fliplr');
  return input.flip(1);
});
/** Up and down exchanged. */
export const flipud: Op<[input: Tensor]> = guarded(signatures.flipud, (input) => {
  if (input.ndim < 1) throw new ShapeError('expected at least 1 dim').during('flipud');
  return input.flip(0);
});

/** Turned by `k` right angles from the first of `dims` towards the second. */
export const rot90: Op<[input: Tensor, k?: number, dims?: readonly [number, number]]> = guarded(
  signatures.rot90,
  (input, k = 1, dims = [0, 1]) => {
    if (!Number.isInteger(k)) throw new ValueError(`expected a whole number of right angles, got ${k}`).during('rot90');
    const [from, to] = resolveDims(dims, input.ndim) as [number, number];
    const turns = ((k % 4) + 4) % 4;
    if (turns === 0) return input.clone();
    if (turns === 2) return input.flip([from, to]);
    return turns === 1 ? input.flip(to).transpose(from, to) : input.flip(from).transpose(from, to);
  },
);

/** All seen in the shape they broadcast to. */
export const broadcastTensors: Op<[tensors: readonly Tensor[]], Tensor[]> = guarded(
  signatures.broadcastTensors,
  (tensors) => {
    const shape = tensors.reduce<Shape>((common, tensor) => broadcastShapes(common, tensor.shape), []);
    return tensors.map((tensor) => tensor.expand(shape));
  },
);

/** Options of `meshgrid`. */
export interface MeshgridOptions {
  /** 'ij': dim i follows tensor i; 'xy': the first two exchanged. */
  indexing?: 'ij' | 'xy';
}

/** Vectors spread over the grid they span: one tensor of coordinates each. */
export const meshgrid: Op<[tensors: readonly Tensor[], options?: MeshgridOptions], Tensor[]> = guarded(
  signatures.meshgrid,
  (tensors, { indexing = 'ij' } = {}) => {
    const bad = tensors.find((tensor) => tensor.ndim > 1);
    if (bad) throw new ShapeError(`expected vectors, got shape ${show(bad.shape)}`).during('meshgrid');
    const other = tensors.find(({ dtype }) => dtype !== tensors[0]!.dtype);
    if (other) {
      throw new DTypeError(`expected vectors of one dtype, got ${tensors[0]!.dtype} and ${other.dtype}`).during(
        'meshgrid',
      );
    }
    const swap = indexing === 'xy' && tensors.length > 1;
    const lengths = tensors.map((tensor) => tensor.numel());
    const placeOf = (i: number): number => (swap && i < 2 ? 1 - i : i);
    const shape = lengths.map((_, place) => lengths[placeOf(place)]!);
    return tensors.map((tensor, i) => tensor.reshape(shape.map((_, d) => (d === placeOf(i) ? -1 : 1))).expand(shape));
  },
);

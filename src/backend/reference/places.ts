// Where elements lie: the positions of a view's elements in its storage, for kernels that follow indices.

import { elementCount } from '../shape.js';
import type { StridedView } from '../backend.js';

/** The positions of all elements of a window with these sizes, in row-major order. */
export function positionsOf(shape: readonly number[], strides: readonly number[], offset: number): Float64Array {
  const positions = new Float64Array(elementCount(shape));
  if (positions.length === 0) return positions;
  positions[0] = offset;
  // Dim by dim from the last: the block laid out so far is repeated, one stride further each time.
  for (let dim = shape.length - 1, block = 1; dim >= 0; dim--) {
    const size = shape[dim]!;
    for (let i = block; i < block * size; i++) positions[i] = positions[i - block]! + strides[dim]!;
    block *= size;
  }
  return positions;
}

/** The same of a view broadcast to `shape`. */
export function broadcastPositions(view: StridedView, shape: readonly number[]): Float64Array {
  const missing = shape.length - view.shape.length;
  const strides = shape.map((_, dim) =>
    dim < missing || view.shape[dim - missing] === 1 ? 0 : view.strides[dim - missing]!,
  );
  return positionsOf(shape, strides, view.offset);
}

/** A list with the entry at `dim` replaced. */
export function replaced(list: readonly number[], dim: number, entry: number): number[] {
  return list.map((each, other) => (other === dim ? entry : each));
}

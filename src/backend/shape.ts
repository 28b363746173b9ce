// What backends and tensors both ask of a shape.

/** How many elements a tensor of this shape has; 1 for a 0-d tensor. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (let d = 0; d < shape.length; d++) count *= shape[d]!;
  return count;
}

// Tensors as plain data: values in row-major order and a way to walk them. What property tests hold the library against.

import { tensor, type Tensor } from 'flambeau';
import fc from 'fast-check';

export type Coordinates = readonly number[];

/** All coordinates of a shape in row-major order. */
export function coordinatesOf(shape: readonly number[]): Coordinates[] {
  let all: number[][] = [[]];
  for (const size of shape) all = all.flatMap((head) => Array.from({ length: size }, (_, i) => [...head, i]));
  return all;
}

/** Where a coordinate stands in row-major order. */
export function positionOf(coordinates: Coordinates, shape: readonly number[]): number {
  return coordinates.reduce((position, index, d) => position * shape[d]! + index, 0);
}

export function valuesOf(x: Tensor): number[] {
  return Array.from(x.data(), Number);
}

/** Values of a shape computed from coordinates. */
export function computed(shape: readonly number[], value: (at: Coordinates) => number): number[] {
  return coordinatesOf(shape).map(value);
}

/** A tensor's value by coordinates. */
export function reader(x: Tensor): (at: Coordinates) => number {
  const values = valuesOf(x);
  return (at) => values[positionOf(at, x.shape)]!;
}

/** 0, 1, 2, ... in a shape, so that every element is known by its value. */
export function numbered(shape: readonly number[]): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return tensor(Float64Array.from({ length: count }, (_, i) => i)).reshape(shape);
}

export const sizes = fc.integer({ min: 0, max: 4 });
export const shapes = (maxLength = 4, min = 0): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min, max: 4 }), { maxLength });

/** A tensor with distinct values in some layout: permuted, stepped over, offset, turned. */
export const tensors = (maxDims = 3, min = 0): fc.Arbitrary<Tensor> =>
  fc
    .tuple(shapes(maxDims, min), fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 3 }), fc.boolean())
    .map(([shape, swaps, stepped]) => {
      let x = stepped ? numbered(shape.map((size) => 2 * size + 1)) : numbered(shape);
      if (stepped) shape.forEach((_, d) => (x = x.slice(d, 1, undefined, 2)));
      for (const [a, b] of swaps) if (x.ndim > 0) x = x.transpose(a % x.ndim, b % x.ndim);
      return x;
    });

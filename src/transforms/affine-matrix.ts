// The matrices by which pictures are turned, scaled, sheared and shifted. They are inverse: they say for each place of the
// result which place of the source it comes from, x to the right and y downwards. `warp-image.ts` and `warp-tensor.ts` apply
// them.

import { ValueError } from '../errors.js';

/** Two rows of three: `x' = a x + b y + c`, `y' = d x + e y + f`. */
export type AffineMatrix = readonly [number, number, number, number, number, number];

/** A place or a shift in pixels. */
export type Point = readonly [x: number, y: number];

/** Degrees to turn, pixels to shift after it, a factor, and degrees to shear along x and y. */
export interface AffineParameters {
  readonly angle: number;
  readonly translate: Point;
  readonly scale: number;
  readonly shear: Point;
}

/**
 * The inverse of: shear, scale and turn clockwise around the centre, then shift.
 * https://pytorch.org/vision/0.14/generated/torchvision.transforms.functional.affine.html
 */
export function inverseAffine([cx, cy]: Point, { angle, translate, scale, shear }: AffineParameters): AffineMatrix {
  const turn = radians(angle);
  const [shearX, shearY] = [radians(shear[0]), radians(shear[1])];
  const [tx, ty] = translate;
  // Turning after shearing; its determinant is 1, so that the inverse needs no division but by the scale.
  const a = Math.cos(turn - shearY) / Math.cos(shearY);
  const b = (-Math.cos(turn - shearY) * Math.tan(shearX)) / Math.cos(shearY) - Math.sin(turn);
  const c = Math.sin(turn - shearY) / Math.cos(shearY);
  const d = (-Math.sin(turn - shearY) * Math.tan(shearX)) / Math.cos(shearY) + Math.cos(turn);
  const [xx, xy, yx, yy] = [d / scale, -b / scale, -c / scale, a / scale];
  return [xx, xy, xx * (-cx - tx) + xy * (-cy - ty) + cx, yx, yy, yx * (-cx - tx) + yy * (-cy - ty) + cy];
}

export function radians(degrees: number): number {
  return degrees * (Math.PI / 180);
}

/** Where a place of the result comes from. */
export function mapPoint([a, b, c, d, e, f]: AffineMatrix, x: number, y: number): Point {
  return [a * x + b * y + c, d * x + e * y + f];
}

/** A range of degrees: a number of them to either side, or [least, most]. @throws ValueError */
export function parseDegrees(
  degrees: number | readonly number[],
  name: string,
  transform: string,
  lengths: readonly number[] = [2],
): readonly number[] {
  if (typeof degrees === 'number' && degrees >= 0 && Number.isFinite(degrees)) return [-degrees, degrees];
  const range = typeof degrees === 'number' ? [] : degrees;
  const ordered = range.every((value, i) => Number.isFinite(value) && (i % 2 === 0 || range[i - 1]! <= value));
  if (Array.isArray(degrees) && lengths.includes(range.length) && ordered) return [...range];
  throw new ValueError(
    `${transform}: ${name} must be a number of degrees from 0 on, or ${lengths
      .map((length) => (length === 2 ? '[least, most]' : '[least x, most x, least y, most y]'))
      .join(' or ')}, got ${JSON.stringify(degrees)}`,
  );
}

/** A centre of turning in pixels from the upper left corner. @throws ValueError */
export function parseCenter(center: readonly number[] | undefined, transform: string): Point | undefined {
  if (center === undefined) return undefined;
  if (Array.isArray(center) && center.length === 2 && center.every((value) => Number.isFinite(value))) {
    return [center[0] as number, center[1] as number];
  }
  throw new ValueError(`${transform}: center must be [x, y] in pixels, got ${JSON.stringify(center)}`);
}

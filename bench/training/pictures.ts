// Pictures of four kinds, as the convolutional runs see them.

import { Draws } from './draws.js';

const SIZE = 12;

/** Noisy pictures [1, SIZE, SIZE] as nested arrays, and their kinds: a row, a column, a diagonal or a square is bright. */
export function pictures(count: number): { images: number[][][][]; kinds: bigint[] } {
  const draws = new Draws(2);
  const images: number[][][][] = [];
  const kinds: bigint[] = [];
  for (let i = 0; i < count; i++) {
    const kind = draws.whole(4);
    const place = draws.whole(SIZE);
    const image: number[][] = [];
    for (let y = 0; y < SIZE; y++) {
      const row: number[] = [];
      for (let x = 0; x < SIZE; x++) {
        const bright = [
          y === place,
          x === place,
          (x + y) % SIZE === place,
          Math.abs(x - SIZE / 2) + Math.abs(y - place) < 3,
        ][kind];
        row.push((bright ? 0.75 : 0.25) + 0.25 * draws.signed());
      }
      image.push(row);
    }
    images.push([image]);
    kinds.push(BigInt(kind));
  }
  return { images, kinds };
}

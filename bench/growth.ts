// How the time of a training step grows with its batch and its width, on one thread and on two. One process a side runs all
// points, so peak memory is not told.

import { alternate, fastest, flambeauSide, setUpAll, timing, torchSettings, torchSide } from './comparison.js';
import type { GrowthPoint } from './results.js';

const SECONDS_A_ROUND = 0.06;

export async function measureGrowth(
  points: readonly { readonly batch: number; readonly width: number }[],
  rounds: number,
  /** Is given all points so far after each one. */
  save: (points: readonly GrowthPoint[]) => void,
): Promise<GrowthPoint[]> {
  const results: GrowthPoint[] = [];
  for (const threads of [1, 2] as const) {
    const ours = flambeauSide(threads);
    const theirs = torchSettings[threads].map(torchSide);
    const sides = [ours, ...theirs];
    try {
      for (const { batch, width } of points) {
        process.stderr.write(`batch ${batch}, width ${width}, ${threads} thread${threads === 1 ? '' : 's'}\n`);
        await setUpAll(sides, `growth ${batch} ${width}`);
        const samples = await alternate(sides, theirs, rounds, SECONDS_A_ROUND);
        const best = fastest(samples, theirs, rounds);
        results.push({
          batch,
          width,
          threads,
          flambeau: timing(samples.get(ours)!),
          pytorch: { ...timing(samples.get(best)!), setting: best.name },
        });
        save(results);
      }
    } finally {
      await Promise.all(sides.map((side) => side.close()));
    }
  }
  return results;
}

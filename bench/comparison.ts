// One row on all sides, alternating: every round runs each side once, so that what the machine does meanwhile hits all alike.

import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { buildFolder, sourceFolder } from './compiled.js';
import { Side, type SetUp } from './side.js';

/** Threads of PyTorch's own pool and of its BLAS, which are set apart from each other. */
export type TorchSetting = readonly [torch: number, blas: number];

export const torchSettings = {
  1: [[1, 1]],
  2: [
    [2, 1],
    [2, 2],
    [1, 2],
    [1, 1],
  ],
} as const satisfies Record<1 | 2, readonly TorchSetting[]>;

/** The medians of one side's rounds. */
export interface Timing {
  /** Seconds of one unit. */
  readonly median: number;
  /** The fastest and the slowest round. */
  readonly range: readonly [number, number];
  /** Peak resident memory of the side's process in bytes, which ran nothing but this row; undefined where it ran more. */
  readonly peakMemory?: number;
}

export interface Compared {
  readonly row: string;
  readonly threads: 1 | 2;
  readonly rounds: number;
  readonly flops?: number;
  readonly bytes?: number;
  readonly flambeau: Timing;
  /** At the best of its settings. */
  readonly pytorch: Timing & { readonly setting: string };
  /** PyTorch's time divided by flambeau's: above 1, flambeau is faster. */
  readonly ratio: number;
  /** The ratios of the last runs, this one's at the end. */
  readonly ratios: readonly number[];
}

export const flambeauSide = (threads: number): Side =>
  new Side('flambeau', process.execPath, [join(buildFolder, 'measure.js'), String(threads)]);

export const torchSide = ([torch, blas]: TorchSetting): Side =>
  new Side(`${torch}/${blas}`, '/usr/bin/python3', [join(sourceFolder, 'measure.py'), String(torch)], {
    env: { OPENBLAS_NUM_THREADS: String(blas), PYTHONDONTWRITEBYTECODE: '1' },
  });

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

export function timing(samples: readonly number[], peakMemory?: number): Timing {
  return {
    median: median(samples),
    range: [Math.min(...samples), Math.max(...samples)],
    ...(peakMemory === undefined ? {} : { peakMemory }),
  };
}

/** A side slower than the best by this factor in the first round is not asked again. */
const HOPELESS = 1.5;
/** Pools of threads spin for a while after their work; nobody is measured beside a spinning one. */
const SETTLE_MS = 40;

/** Sets a row up on all sides, one after the other. */
export async function setUpAll(sides: readonly Side[], row: string): Promise<SetUp[]> {
  const setUps = [];
  for (const side of sides) {
    setUps.push(await side.setUp(row));
    await pause(SETTLE_MS);
  }
  return setUps;
}

/** Seconds by side, a value for each round; a side that stands no chance of being the best of `rivals` has one only. */
export async function alternate(
  sides: readonly Side[],
  rivals: readonly Side[],
  rounds: number,
  seconds: number,
): Promise<Map<Side, number[]>> {
  const samples = new Map(sides.map((side) => [side, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    const best = Math.min(...rivals.map((side) => samples.get(side)![0] ?? Infinity));
    for (const side of sides) {
      const own = samples.get(side)!;
      if (rivals.includes(side) && (own[0] ?? 0) > HOPELESS * best) continue;
      own.push(await side.round(seconds));
      await pause(SETTLE_MS);
    }
  }
  return samples;
}

/** The fastest of several sides that ran all rounds. */
export function fastest(samples: ReadonlyMap<Side, readonly number[]>, sides: readonly Side[], rounds: number): Side {
  const full = sides.filter((side) => samples.get(side)!.length === rounds);
  return full.reduce((a, b) => (median(samples.get(b)!) < median(samples.get(a)!) ? b : a));
}

/** Compares one row in processes of its own. */
export async function compareRow(row: string, rounds: number, seconds: number): Promise<Compared> {
  const threads = row.includes('1 thread') ? 1 : 2;
  const ours = flambeauSide(threads);
  const theirs = torchSettings[threads].map(torchSide);
  const sides = [ours, ...theirs];
  try {
    const [{ flops, bytes }] = (await setUpAll(sides, row)) as [SetUp];
    const samples = await alternate(sides, theirs, rounds, seconds);
    const best = fastest(samples, theirs, rounds);
    const flambeau = timing(samples.get(ours)!, await ours.end());
    const pytorch = { ...timing(samples.get(best)!, await best.end()), setting: best.name };
    const ratio = pytorch.median / flambeau.median;
    return {
      row,
      threads,
      rounds,
      ...(flops === undefined ? {} : { flops }),
      ...(bytes === undefined ? {} : { bytes }),
      flambeau,
      pytorch,
      ratio,
      ratios: [ratio],
    };
  } finally {
    await Promise.all(sides.map((side) => side.close()));
  }
}

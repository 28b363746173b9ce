// Learning rates that go up and down between two bounds.

import { ValueError } from '../../errors.js';
import type { Optimizer } from '../optimizer.js';
import { perGroup } from '../option-checks.js';
import { checkHasMomentum, setMomentum } from './momentum.js';
import { checkOptimizer, LRScheduler, type ScheduledGroup, type ScheduleOptions } from './scheduler.js';

/** Options of `CyclicLR`. */
export interface CyclicLROptions extends ScheduleOptions {
  /** Steps of the way up; 2000 unless given. */
  stepSizeUp?: number;
  /** Steps of the way down; as many as up unless given. */
  stepSizeDown?: number;
  /** How cycles differ: all alike, each half as high as the one before, or by `gamma ** step`; 'triangular' unless given. */
  mode?: 'triangular' | 'triangular2' | 'exp_range';
  /** For 'exp_range'; 1 unless given. */
  gamma?: number;
  /** The height of a cycle (0 to 1) by its number from 1, or by the step; takes the place of `mode`. */
  scaleFn?: (x: number) => number;
  /** What `scaleFn` is called with; 'cycle' unless given. */
  scaleMode?: 'cycle' | 'iterations';
  /** Whether the momentum goes down while the learning rate goes up; true unless given. */
  cycleMomentum?: boolean;
  /** The momentum at the top; 0.8 unless given. */
  baseMomentum?: number | readonly number[];
  /** The momentum at the bottom; 0.9 unless given. */
  maxMomentum?: number | readonly number[];
}

interface Cycles {
  readonly maxLrs: readonly number[];
  readonly totalSize: number;
  /** The way up's part of a cycle. */
  readonly stepRatio: number;
  readonly scaleMode: 'cycle' | 'iterations';
  readonly cycleMomentum: boolean;
  readonly baseMomentums: readonly number[];
  readonly maxMomentums: readonly number[];
  readonly scaleFn: (x: number) => number;
}

/**
 * Lets the learning rate go up from `baseLr` to `maxLr` and down again, over and over, one step per batch.
 * Smith, "Cyclical Learning Rates for Training Neural Networks" (2015), https://arxiv.org/abs/1506.01186.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CyclicLR.html
 */
export class CyclicLR extends LRScheduler<Cycles> {
  constructor(
    optimizer: Optimizer,
    baseLr: number | readonly number[],
    maxLr: number | readonly number[],
    options: CyclicLROptions = {},
  ) {
    checkOptimizer('CyclicLR', optimizer);
    const { stepSizeUp = 2000, stepSizeDown = stepSizeUp, cycleMomentum = true, lastEpoch = -1 } = options;
    const { baseMomentum = 0.8, maxMomentum = 0.9 } = options;
    if (!(stepSizeUp > 0 && stepSizeDown >= 0)) {
      throw new ValueError(`invalid stepSizeUp ${stepSizeUp}, stepSizeDown ${stepSizeDown}`).during('CyclicLR');
    }
    if (cycleMomentum) checkHasMomentum('CyclicLR', optimizer);
    const groups: ScheduledGroup[] = optimizer.paramGroups;
    const baseLrs = perGroup('baseLr', baseLr, groups.length);
    if (lastEpoch === -1) {
      groups.forEach((group, i) => {
        group.lr = baseLrs[i]!;
        group.initialLr = baseLrs[i]!;
      });
    }
    const totalSize = stepSizeUp + stepSizeDown;
    const settings = {
      maxLrs: perGroup('maxLr', maxLr, groups.length),
      totalSize,
      stepRatio: stepSizeUp / totalSize,
      cycleMomentum,
      baseMomentums: perGroup('baseMomentum', baseMomentum, groups.length),
      maxMomentums: perGroup('maxMomentum', maxMomentum, groups.length),
      ...scaleOf(options),
    };
    super(optimizer, settings, { lastEpoch });
    this.baseLrs = baseLrs;
  }

  /** Sets the momenta too. */
  protected getLr(): number[] {
    const { maxLrs, totalSize, stepRatio, scaleMode, scaleFn, cycleMomentum } = this.settings;
    const { baseMomentums, maxMomentums } = this.settings;
    const cycle = Math.floor(1 + this.lastEpoch / totalSize);
    const position = 1 + this.lastEpoch / totalSize - cycle;
    const height = position <= stepRatio ? position / stepRatio : (position - 1) / (stepRatio - 1);
    const scale = scaleFn(scaleMode === 'cycle' ? cycle : this.lastEpoch);
    if (cycleMomentum) {
      maxMomentums.forEach((high, i) => {
        setMomentum(this.groups[i]!, high - (high - baseMomentums[i]!) * height * scale);
      });
    }
    return this.baseLrs.map((low, i) => low + (maxLrs[i]! - low) * height * scale);
  }
}

function scaleOf({ mode = 'triangular', gamma = 1, scaleFn, scaleMode = 'cycle' }: CyclicLROptions): {
  scaleFn: (x: number) => number;
  scaleMode: 'cycle' | 'iterations';
} {
  if (scaleFn !== undefined) return { scaleFn, scaleMode };
  switch (mode) {
    case 'triangular':
      return { scaleFn: () => 1, scaleMode: 'cycle' };
    case 'triangular2':
      return { scaleFn: (cycle) => 1 / 2 ** (cycle - 1), scaleMode: 'cycle' };
    case 'exp_range':
      return { scaleFn: (step) => gamma ** step, scaleMode: 'iterations' };
    default:
      throw new ValueError(
        `unknown mode ${String(mode)}: expected 'triangular', 'triangular2' or 'exp_range', or a scaleFn`,
      ).during('CyclicLR');
  }
}

// The 1cycle schedule.

import { ValueError } from '../../errors.js';
import type { Optimizer } from '../optimizer.js';
import { checkWhole, perGroup } from '../option-checks.js';
import { checkHasMomentum, setMomentum } from './momentum.js';
import { checkOptimizer, LRScheduler, type ScheduledGroup, type ScheduleOptions } from './scheduler.js';

/** Options of `OneCycleLR`. */
export interface OneCycleLROptions extends ScheduleOptions {
  /** How many steps the cycle has. Either this or `epochs` and `stepsPerEpoch`. */
  totalSteps?: number;
  epochs?: number;
  stepsPerEpoch?: number;
  /** The part of the cycle during which the learning rate rises; 0.3 unless given. */
  pctStart?: number;
  /** The form of rise and fall; 'cos' unless given. */
  annealStrategy?: 'cos' | 'linear';
  /** Whether the momentum falls while the learning rate rises and the other way round; true unless given. */
  cycleMomentum?: boolean;
  /** The momentum at the top; 0.85 unless given. */
  baseMomentum?: number | readonly number[];
  /** The momentum at both ends; 0.95 unless given. */
  maxMomentum?: number | readonly number[];
  /** The first learning rate is the highest divided by this; 25 unless given. */
  divFactor?: number;
  /** The last learning rate is the first divided by this; 1e4 unless given. */
  finalDivFactor?: number;
  /** Go back to the first learning rate as slowly as up from it, and only then down to the last; false unless given. */
  threePhase?: boolean;
}

interface Cycle {
  readonly totalSteps: number;
  readonly pctStart: number;
  readonly annealStrategy: 'cos' | 'linear';
  readonly cycleMomentum: boolean;
  readonly threePhase: boolean;
}

type Rate = 'initialLr' | 'maxLr' | 'minLr';

/** A stretch of the cycle: from the end of the one before to `end`, between two learning rates and two momenta. */
interface Phase {
  readonly end: number;
  readonly rates: readonly [Rate, Rate];
  readonly momenta: readonly ['baseMomentum' | 'maxMomentum', 'baseMomentum' | 'maxMomentum'];
}

/**
 * Raises the learning rate to `maxLr` and lowers it to nearly nothing, in `totalSteps` steps, one per batch.
 * Smith & Topin, "Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates" (2017),
 * https://arxiv.org/abs/1708.07120. https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html
 *
 * ```ts
 * const scheduler = new optim.lrScheduler.OneCycleLR(optimizer, 0.02, { epochs: 10, stepsPerEpoch: loader.length });
 * ```
 * @throws ValueError when the length isn't given, or from a step after the last
 */
export class OneCycleLR extends LRScheduler<Cycle> {
  constructor(optimizer: Optimizer, maxLr: number | readonly number[], options: OneCycleLROptions = {}) {
    checkOptimizer('OneCycleLR', optimizer);
    const {
      pctStart = 0.3,
      annealStrategy = 'cos',
      cycleMomentum = true,
      threePhase = false,
      lastEpoch = -1,
    } = options;
    const { baseMomentum = 0.85, maxMomentum = 0.95, divFactor = 25, finalDivFactor = 1e4 } = options;
    if (!(pctStart >= 0 && pctStart <= 1)) {
      throw new ValueError(`invalid pctStart ${pctStart}: expected a number in [0, 1]`).during('OneCycleLR');
    }
    if (annealStrategy !== 'cos' && annealStrategy !== 'linear') {
      throw new ValueError(`unknown annealStrategy ${String(annealStrategy)}: expected 'cos' or 'linear'`).during(
        'OneCycleLR',
      );
    }
    if (cycleMomentum) checkHasMomentum('OneCycleLR', optimizer);
    const totalSteps = stepsOf(options);
    if (lastEpoch === -1) {
      const groups: ScheduledGroup[] = optimizer.paramGroups;
      const highest = perGroup('maxLr', maxLr, groups.length);
      const low = perGroup('baseMomentum', baseMomentum, groups.length);
      const high = perGroup('maxMomentum', maxMomentum, groups.length);
      groups.forEach((group, i) => {
        group.initialLr = highest[i]! / divFactor;
        group.maxLr = highest[i]!;
        group.minLr = group.initialLr / finalDivFactor;
        if (cycleMomentum) {
          group.baseMomentum = low[i]!;
          group.maxMomentum = high[i]!;
        }
      });
    }
    super(optimizer, { totalSteps, pctStart, annealStrategy, cycleMomentum, threePhase }, { lastEpoch });
  }

  private phases(): readonly Phase[] {
    const { totalSteps, pctStart, threePhase } = this.settings;
    const rise: Phase = {
      end: pctStart * totalSteps - 1,
      rates: ['initialLr', 'maxLr'],
      momenta: ['maxMomentum', 'baseMomentum'],
    };
    const end = totalSteps - 1;
    if (!threePhase) return [rise, { end, rates: ['maxLr', 'minLr'], momenta: ['baseMomentum', 'maxMomentum'] }];
    return [
      rise,
      { end: 2 * pctStart * totalSteps - 2, rates: ['maxLr', 'initialLr'], momenta: ['baseMomentum', 'maxMomentum'] },
      { end, rates: ['initialLr', 'minLr'], momenta: ['maxMomentum', 'maxMomentum'] },
    ];
  }

  /** Sets the momenta too. */
  protected getLr(): number[] {
    const { totalSteps, annealStrategy, cycleMomentum } = this.settings;
    const step = this.lastEpoch;
    if (step > totalSteps) {
      throw new ValueError(`step ${step + 1} of a cycle of ${totalSteps} steps: it has ended`).during('OneCycleLR');
    }
    const phases = this.phases();
    let now = phases.findIndex(({ end }) => step <= end);
    if (now === -1) now = phases.length - 1;
    const begin = now === 0 ? 0 : phases[now - 1]!.end;
    const { end, rates, momenta } = phases[now]!;
    const part = (step - begin) / (end - begin);
    const between = annealStrategy === 'cos' ? alongCosine : alongLine;
    return this.groups.map((group) => {
      if (cycleMomentum) setMomentum(group, between(group[momenta[0]]!, group[momenta[1]]!, part));
      return between(group[rates[0]]!, group[rates[1]]!, part);
    });
  }
}

function stepsOf({ totalSteps, epochs, stepsPerEpoch }: OneCycleLROptions): number {
  try {
    if (totalSteps !== undefined) {
      checkWhole('totalSteps', totalSteps, 1);
      return totalSteps;
    }
    if (epochs === undefined || stepsPerEpoch === undefined) {
      throw new ValueError('give either totalSteps or both epochs and stepsPerEpoch');
    }
    checkWhole('epochs', epochs, 1);
    checkWhole('stepsPerEpoch', stepsPerEpoch, 1);
    return epochs * stepsPerEpoch;
  } catch (error) {
    throw error instanceof ValueError ? error.during('OneCycleLR') : error;
  }
}

function alongCosine(from: number, to: number, part: number): number {
  return to + ((from - to) / 2) * (Math.cos(Math.PI * part) + 1);
}

function alongLine(from: number, to: number, part: number): number {
  return (to - from) * part + from;
}

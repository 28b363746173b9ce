// Lower learning rates when things don't get better.

import { ValueError } from '../../errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Optimizer } from '../optimizer.js';
import { perGroup } from '../option-checks.js';
import {
  checkOptimizer,
  packedSettings,
  restoreSettings,
  type Scheduler,
  type SchedulerStateDict,
} from './scheduler.js';

/** Options of `ReduceLROnPlateau`. */
export interface ReduceLROnPlateauOptions {
  /** Whether smaller or larger metrics are better; 'min' unless given. */
  mode?: 'min' | 'max';
  /** What the learning rate is multiplied by; 0.1 unless given. */
  factor?: number;
  /** How many steps without improvement are let pass; 10 unless given. */
  patience?: number;
  /** How much better counts as better; 1e-4 unless given. */
  threshold?: number;
  /** Whether the threshold is relative to the best metric or absolute; 'rel' unless given. */
  thresholdMode?: 'rel' | 'abs';
  /** How many steps after a reduction don't count; 0 unless given. */
  cooldown?: number;
  /** The lowest learning rate, of all groups or of each; 0 unless given. */
  minLr?: number | readonly number[];
  /** A smaller change than this isn't made; 1e-8 unless given. */
  eps?: number;
}

interface Watch {
  readonly mode: 'min' | 'max';
  readonly factor: number;
  readonly patience: number;
  readonly threshold: number;
  readonly thresholdMode: 'rel' | 'abs';
  readonly cooldown: number;
  readonly minLrs: readonly number[];
  readonly eps: number;
  best: number;
  numBadEpochs: number;
  cooldownCounter: number;
  lastEpoch: number;
}

/**
 * Multiplies the learning rates by `factor` when a metric hasn't improved for more than `patience` steps.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html
 *
 * ```ts
 * scheduler.step(validationLoss);
 * ```
 */
export class ReduceLROnPlateau implements Scheduler {
  private readonly settings: Watch;
  private lastLr: number[];

  constructor(
    readonly optimizer: Optimizer,
    options: ReduceLROnPlateauOptions = {},
  ) {
    checkOptimizer('ReduceLROnPlateau', optimizer);
    const { mode = 'min', factor = 0.1, patience = 10, threshold = 1e-4, thresholdMode = 'rel' } = options;
    const { cooldown = 0, minLr = 0, eps = 1e-8 } = options;
    if (!(factor < 1)) throw refusal(`invalid factor ${factor}: expected a number < 1`);
    if (mode !== 'min' && mode !== 'max') throw refusal(`unknown mode ${String(mode)}: expected 'min' or 'max'`);
    if (thresholdMode !== 'rel' && thresholdMode !== 'abs') {
      throw refusal(`unknown thresholdMode ${String(thresholdMode)}: expected 'rel' or 'abs'`);
    }
    const minLrs = perGroup('minLr', minLr, optimizer.paramGroups.length);
    const best = mode === 'min' ? Infinity : -Infinity;
    const counts = { best, numBadEpochs: 0, cooldownCounter: 0, lastEpoch: 0 };
    this.settings = { mode, factor, patience, threshold, thresholdMode, cooldown, minLrs, eps, ...counts };
    this.lastLr = optimizer.paramGroups.map((group) => group.lr);
  }

  /** How many steps were taken. */
  get lastEpoch(): number {
    return this.settings.lastEpoch;
  }

  /** Takes the newest value of the metric into account. */
  step(metrics: number | Tensor): void {
    const watch = this.settings;
    const value = typeof metrics === 'number' ? metrics : metrics.item();
    watch.lastEpoch++;
    if (this.isBetter(value)) {
      watch.best = value;
      watch.numBadEpochs = 0;
    } else {
      watch.numBadEpochs++;
    }
    if (watch.cooldownCounter > 0) {
      watch.cooldownCounter--;
      watch.numBadEpochs = 0;
    }
    if (watch.numBadEpochs > watch.patience) {
      this.reduce();
      watch.cooldownCounter = watch.cooldown;
      watch.numBadEpochs = 0;
    }
    this.lastLr = this.optimizer.paramGroups.map((group) => group.lr);
  }

  private isBetter(value: number): boolean {
    const { mode, threshold, thresholdMode, best } = this.settings;
    if (mode === 'min') return value < (thresholdMode === 'rel' ? best * (1 - threshold) : best - threshold);
    return value > (thresholdMode === 'rel' ? best * (1 + threshold) : best + threshold);
  }

  private reduce(): void {
    const { factor, minLrs, eps } = this.settings;
    this.optimizer.paramGroups.forEach((group, i) => {
      const lr = Math.max(group.lr * factor, minLrs[i] ?? 0);
      if (group.lr - lr > eps) group.lr = lr;
    });
  }

  getLastLr(): number[] {
    return [...this.lastLr];
  }

  stateDict(): SchedulerStateDict {
    return { ...packedSettings(this.settings), _last_lr: [...this.lastLr] };
  }

  loadStateDict(dict: SchedulerStateDict): void {
    restoreSettings(this.settings, dict);
    if (Array.isArray(dict['_last_lr'])) this.lastLr = [...(dict['_last_lr'] as number[])];
  }
}

function refusal(message: string): ValueError {
  return new ValueError(message).during('ReduceLROnPlateau');
}

// Schedules that multiply the learning rate by a constant, now and then or at each step.

import type { Optimizer } from '../optimizer.js';
import { checkWhole } from '../option-checks.js';
import { LRScheduler, type ScheduleOptions } from './scheduler.js';

/** Options of schedules that multiply by `gamma`. */
export interface DecayOptions extends ScheduleOptions {
  /** The factor; 0.1 unless given. */
  gamma?: number;
}

/**
 * Multiplies the learning rate by `gamma` every `stepSize` steps.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.StepLR.html
 */
export class StepLR extends LRScheduler<{ stepSize: number; gamma: number }> {
  constructor(optimizer: Optimizer, stepSize: number, { gamma = 0.1, ...options }: DecayOptions = {}) {
    checkWhole('stepSize', stepSize, 1);
    super(optimizer, { stepSize, gamma }, options);
  }

  protected getLr(): number[] {
    const { stepSize, gamma } = this.settings;
    const now = this.lastEpoch !== 0 && this.lastEpoch % stepSize === 0;
    return this.groups.map(({ lr }) => (now ? lr * gamma : lr));
  }

  protected override closedFormLr(): number[] {
    const { stepSize, gamma } = this.settings;
    return this.baseLrs.map((lr) => lr * gamma ** Math.floor(this.lastEpoch / stepSize));
  }
}

/**
 * Multiplies the learning rate by `gamma` at each of the steps `milestones`; one that is named twice counts twice.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiStepLR.html
 */
export class MultiStepLR extends LRScheduler<{ milestones: Readonly<Record<number, number>>; gamma: number }> {
  constructor(optimizer: Optimizer, milestones: readonly number[], { gamma = 0.1, ...options }: DecayOptions = {}) {
    const counts: Record<number, number> = {};
    for (const milestone of milestones) {
      checkWhole('milestone', milestone, 0);
      counts[milestone] = (counts[milestone] ?? 0) + 1;
    }
    super(optimizer, { milestones: counts, gamma }, options);
  }

  protected getLr(): number[] {
    const { milestones, gamma } = this.settings;
    const times = milestones[this.lastEpoch];
    return this.groups.map(({ lr }) => (times === undefined ? lr : lr * gamma ** times));
  }

  protected override closedFormLr(): number[] {
    const { milestones, gamma } = this.settings;
    let times = 0;
    for (const [milestone, count] of Object.entries(milestones))
      if (Number(milestone) <= this.lastEpoch) times += count;
    return this.baseLrs.map((lr) => lr * gamma ** times);
  }
}

/**
 * Multiplies the learning rate by `gamma` at each step.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ExponentialLR.html
 */
export class ExponentialLR extends LRScheduler<{ gamma: number }> {
  constructor(optimizer: Optimizer, gamma: number, options: ScheduleOptions = {}) {
    super(optimizer, { gamma }, options);
  }

  protected getLr(): number[] {
    return this.groups.map(({ lr }) => (this.lastEpoch === 0 ? lr : lr * this.settings.gamma));
  }

  protected override closedFormLr(): number[] {
    return this.baseLrs.map((lr) => lr * this.settings.gamma ** this.lastEpoch);
  }
}

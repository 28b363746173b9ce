// Schedules by a user's function.

import type { Optimizer } from '../optimizer.js';
import { perGroup } from '../option-checks.js';
import { LRScheduler, type ScheduleOptions } from './scheduler.js';

/** A factor for a step, counted from 0. */
export type LrLambda = (epoch: number) => number;

interface Lambdas {
  readonly lrLambdas: readonly LrLambda[];
}

/**
 * Sets each learning rate to the first one times `lrLambda(epoch)`; one function for all parameter groups, or one for each.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LambdaLR.html
 */
export class LambdaLR extends LRScheduler<Lambdas> {
  constructor(optimizer: Optimizer, lrLambda: LrLambda | readonly LrLambda[], options: ScheduleOptions = {}) {
    super(optimizer, { lrLambdas: perGroup('lrLambda', lrLambda, optimizer.paramGroups.length) }, options);
  }

  protected getLr(): number[] {
    return this.baseLrs.map((lr, i) => lr * this.settings.lrLambdas[i]!(this.lastEpoch));
  }
}

/**
 * Multiplies each learning rate by `lrLambda(epoch)` at each step from the first on.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiplicativeLR.html
 */
export class MultiplicativeLR extends LRScheduler<Lambdas> {
  constructor(optimizer: Optimizer, lrLambda: LrLambda | readonly LrLambda[], options: ScheduleOptions = {}) {
    super(optimizer, { lrLambdas: perGroup('lrLambda', lrLambda, optimizer.paramGroups.length) }, options);
  }

  protected getLr(): number[] {
    if (this.lastEpoch <= 0) return this.groups.map((group) => group.lr);
    return this.settings.lrLambdas.map((lrLambda, i) => this.groups[i]!.lr * lrLambda(this.lastEpoch));
  }
}

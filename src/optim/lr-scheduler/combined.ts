// Schedules made of others: one after the other, or all at once.

import { SerializationError, ValueError } from '../../errors.js';
import type { Optimizer } from '../optimizer.js';
import type { LRScheduler, SchedulerStateDict, SteppingScheduler } from './scheduler.js';

function checkSameOptimizer(
  name: string,
  schedulers: readonly SteppingScheduler[],
  optimizer: Optimizer | undefined,
): void {
  if (schedulers.length === 0 || optimizer === undefined) {
    throw new ValueError('expected one or more schedulers').during(name);
  }
  schedulers.forEach((scheduler, i) => {
    if (scheduler.optimizer !== optimizer) {
      throw new ValueError(`scheduler ${i} belongs to another optimiser: all have to belong to the same`).during(name);
    }
  });
}

function restoreEach(name: string, schedulers: readonly SteppingScheduler[], saved: unknown): void {
  if (!Array.isArray(saved) || saved.length !== schedulers.length) {
    throw new SerializationError(`expected the state dicts of ${schedulers.length} schedulers in _schedulers`).during(
      name,
    );
  }
  schedulers.forEach((scheduler, i) => scheduler.loadStateDict((saved as SchedulerStateDict[])[i]!));
}

/**
 * Runs schedules one after the other: the first until step `milestones[0]`, where the second begins with its step 0, and so
 * on.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.SequentialLR.html
 *
 * ```ts
 * const warmUp = new lrScheduler.LinearLR(optimizer, { startFactor: 0.1, totalIters: 5 });
 * const decay = new lrScheduler.CosineAnnealingLR(optimizer, 95);
 * const scheduler = new lrScheduler.SequentialLR(optimizer, [warmUp, decay], [5]);
 * ```
 */
export class SequentialLR implements SteppingScheduler {
  lastEpoch: number;
  private lastLr: number[];

  constructor(
    readonly optimizer: Optimizer,
    private readonly schedulers: readonly LRScheduler[],
    private milestones: readonly number[],
    { lastEpoch = -1 }: { lastEpoch?: number } = {},
  ) {
    checkSameOptimizer('SequentialLR', schedulers, optimizer);
    if (milestones.length !== schedulers.length - 1) {
      throw new ValueError(
        `expected one milestone less than schedulers, got ${milestones.length} for ${schedulers.length} schedulers`,
      ).during('SequentialLR');
    }
    this.lastEpoch = lastEpoch + 1;
    // Every schedule has set its first learning rates when it was made; only those of the first one shall hold.
    for (const group of optimizer.paramGroups) group.lr = group.initialLr ?? group.lr;
    for (const scheduler of schedulers) scheduler.rewind();
    schedulers[0]!.step();
    this.lastLr = schedulers[0]!.getLastLr();
  }

  step(): void {
    this.lastEpoch++;
    const now = this.milestones.filter((milestone) => milestone <= this.lastEpoch).length;
    const scheduler = this.schedulers[now]!;
    if (now > 0 && this.milestones[now - 1] === this.lastEpoch) scheduler.restart();
    else scheduler.step();
    this.lastLr = scheduler.getLastLr();
  }

  getLastLr(): number[] {
    return [...this.lastLr];
  }

  /** With the state dicts of the schedules. */
  stateDict(): SchedulerStateDict {
    return {
      _milestones: [...this.milestones],
      last_epoch: this.lastEpoch,
      _last_lr: [...this.lastLr],
      _schedulers: this.schedulers.map((scheduler) => scheduler.stateDict()),
    };
  }

  loadStateDict(dict: SchedulerStateDict): void {
    const { _milestones: milestones, last_epoch: lastEpoch, _last_lr: lastLr, _schedulers: saved } = dict;
    if (!Array.isArray(milestones) || typeof lastEpoch !== 'number' || !Array.isArray(lastLr)) {
      throw new SerializationError('expected a state dict with _milestones, last_epoch and _last_lr').during(
        'SequentialLR',
      );
    }
    restoreEach('SequentialLR', this.schedulers, saved);
    this.milestones = [...(milestones as number[])];
    this.lastEpoch = lastEpoch;
    this.lastLr = [...(lastLr as number[])];
  }
}

/**
 * Runs schedules at once: each one's step changes the learning rates that the one before has left.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ChainedScheduler.html
 */
export class ChainedScheduler implements SteppingScheduler {
  readonly optimizer: Optimizer;
  private lastLr: number[];

  constructor(private readonly schedulers: readonly SteppingScheduler[]) {
    checkSameOptimizer('ChainedScheduler', schedulers, schedulers[0]?.optimizer);
    this.optimizer = schedulers[0]!.optimizer;
    this.lastLr = this.ratesNow();
  }

  step(): void {
    for (const scheduler of this.schedulers) scheduler.step();
    this.lastLr = this.ratesNow();
  }

  private ratesNow(): number[] {
    return this.optimizer.paramGroups.map((group) => group.lr);
  }

  getLastLr(): number[] {
    return [...this.lastLr];
  }

  /** With the state dicts of the schedules. */
  stateDict(): SchedulerStateDict {
    return { _last_lr: [...this.lastLr], _schedulers: this.schedulers.map((scheduler) => scheduler.stateDict()) };
  }

  loadStateDict(dict: SchedulerStateDict): void {
    const { _last_lr: lastLr, _schedulers: saved } = dict;
    if (!Array.isArray(lastLr)) {
      throw new SerializationError('expected a state dict with _last_lr').during('ChainedScheduler');
    }
    restoreEach('ChainedScheduler', this.schedulers, saved);
    this.lastLr = [...(lastLr as number[])];
  }
}

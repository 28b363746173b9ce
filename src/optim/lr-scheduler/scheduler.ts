// What all schedules share: the first learning rates, the count of steps, writing the rates into the optimiser's parameter
// groups, and state dicts with PyTorch's names. A schedule itself is `getLr`.

import { SerializationError, ValueError } from '../../errors.js';
import { Optimizer } from '../optimizer.js';
import type { ParamGroup } from '../param-group.js';
import { stateKey } from '../state-names.js';

/** What a schedule can be asked for, whatever its steps take. */
export interface Scheduler {
  readonly optimizer: Optimizer;
  /** The learning rates of the parameter groups since the last step. */
  getLastLr(): number[];
  /** What a later process needs to go on with the schedule, under PyTorch's names; the optimiser's state is not in it. */
  stateDict(): SchedulerStateDict;
  /** Goes on where the schedule was. @throws SerializationError for the state of another kind of schedule */
  loadStateDict(dict: SchedulerStateDict): void;
}

/** A scheduler whose step needs nothing, so that others can call it. */
export interface SteppingScheduler extends Scheduler {
  /** Sets the learning rates of the next epoch, or batch: to be called after the optimiser's step. */
  step(): void;
}

/** Plain values under PyTorch's names. */
export type SchedulerStateDict = Readonly<Record<string, unknown>>;

/** Options of every schedule. */
export interface ScheduleOptions {
  /** The last step that was taken, to continue a schedule with an optimiser that was under one; -1 (a new start) unless given. */
  lastEpoch?: number;
}

/** A parameter group as schedules see it. */
export type ScheduledGroup = ParamGroup & { momentum?: number; betas?: readonly [number, number] };

/** Symbols of the papers, whose names in a state dict keep their capital. */
const symbols: Readonly<Record<string, string>> = {
  tMax: 'T_max',
  t0: 'T_0',
  tMult: 'T_mult',
  tI: 'T_i',
  tCur: 'T_cur',
};

/** A schedule's fields under PyTorch's names. Functions can't be saved and are left out. */
export function packedSettings(settings: object): Record<string, unknown> {
  const packed: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(settings)) {
    if (value === undefined || typeof value === 'function') continue;
    if (Array.isArray(value) && typeof value[0] === 'function') continue;
    packed[symbols[field] ?? stateKey(field)] = Array.isArray(value) ? [...(value as readonly unknown[])] : value;
  }
  return packed;
}

/** Puts saved values in place of a schedule's fields; those that weren't saved stay. */
export function restoreSettings(settings: object, dict: SchedulerStateDict): void {
  const own = settings as Record<string, unknown>;
  for (const key of Object.keys(packedSettings(settings))) {
    const field = Object.keys(own).find((name) => (symbols[name] ?? stateKey(name)) === key)!;
    if (dict[key] !== undefined)
      own[field] = Array.isArray(dict[key]) ? [...(dict[key] as readonly unknown[])] : dict[key];
  }
}

/** Refuses what is no optimiser, which an untyped program may well pass. */
export function checkOptimizer(scheduler: string, optimizer: unknown): void {
  if (!(optimizer instanceof Optimizer)) throw new ValueError('expected an optimiser').during(scheduler);
}

/**
 * The base of schedules that set the learning rates at each step. `S`: everything that the schedule goes by and remembers,
 * in one object; its plain values make up the state dict.
 *
 * A step is whatever the program makes of it: an epoch or a batch. Steps come after the optimiser's:
 *
 * ```ts
 * for (let epoch = 0; epoch < 10; epoch++) {
 *   for await (const batch of loader) { ...; optimizer.step(); }
 *   scheduler.step();
 * }
 * ```
 * https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
 */
export abstract class LRScheduler<S extends object = object> implements SteppingScheduler {
  /** The learning rates at the start. */
  baseLrs: number[];
  /** How many steps were taken: 0 after the first rates were set. */
  lastEpoch: number;
  /** Calls of `step`, with the first one of the constructor's. */
  protected stepCount = 0;
  private lastLr: number[] = [];
  private readonly stepsBefore: number;

  /** Sets the first learning rates. */
  constructor(
    readonly optimizer: Optimizer,
    protected readonly settings: S = {} as S,
    { lastEpoch = -1 }: ScheduleOptions = {},
  ) {
    checkOptimizer(this.constructor.name, optimizer);
    this.stepsBefore = optimizer.stepCount;
    this.lastEpoch = lastEpoch;
    this.baseLrs = this.groups.map((group, i) => {
      if (lastEpoch === -1) group.initialLr ??= group.lr;
      if (group.initialLr !== undefined) return group.initialLr;
      throw new ValueError(
        `parameter group ${i} has no initialLr to continue from: load the optimiser's state dict first, or leave out lastEpoch`,
      ).during(this.constructor.name);
    });
    this.advance();
  }

  /** The learning rates of step `lastEpoch`, for most schedules from those of the step before. */
  protected abstract getLr(): number[];

  /** The learning rates of step `lastEpoch` from the first ones alone, for schedules where that differs from `getLr`. */
  protected closedFormLr(): number[] {
    return this.getLr();
  }

  protected get groups(): ScheduledGroup[] {
    return this.optimizer.paramGroups;
  }

  /** Sets the next learning rates. */
  step(): void {
    if (this.stepCount === 1 && this.optimizer.stepCount === this.stepsBefore) {
      console.warn(
        `${this.constructor.name}: step() was called before the optimizer's step(), so that the first learning rate is never ` +
          'used. Call optimizer.step() first',
      );
    }
    this.advance();
  }

  /** Begins anew at step 0 from the first learning rates: how `SequentialLR` hands over. */
  restart(): void {
    this.stepCount++;
    this.lastEpoch = 0;
    this.write(this.closedFormLr());
  }

  /** Undoes the constructor's step, all but the learning rates: how `SequentialLR` lets a schedule wait. */
  rewind(): void {
    this.lastEpoch--;
    this.stepCount = 0;
  }

  private advance(): void {
    this.stepCount++;
    this.lastEpoch++;
    this.write(this.getLr());
  }

  protected write(rates: readonly number[]): void {
    this.groups.forEach((group, i) => {
      if (i < rates.length) group.lr = rates[i]!;
    });
    this.lastLr = this.groups.map((group) => group.lr);
  }

  getLastLr(): number[] {
    return [...this.lastLr];
  }

  /** Everything but the optimiser and functions; the optimiser's own state dict belongs beside it. */
  stateDict(): SchedulerStateDict {
    return {
      ...packedSettings(this.settings),
      base_lrs: [...this.baseLrs],
      last_epoch: this.lastEpoch,
      _step_count: this.stepCount,
      _last_lr: [...this.lastLr],
    };
  }

  /** @throws SerializationError for a state dict of something else */
  loadStateDict(dict: SchedulerStateDict): void {
    const { base_lrs: baseLrs, last_epoch: lastEpoch, _step_count: stepCount, _last_lr: lastLr } = dict;
    if (
      typeof lastEpoch !== 'number' ||
      !Array.isArray(baseLrs) ||
      typeof stepCount !== 'number' ||
      !Array.isArray(lastLr)
    ) {
      throw new SerializationError('expected a state dict with base_lrs, last_epoch, _step_count and _last_lr').during(
        this.constructor.name,
      );
    }
    restoreSettings(this.settings, dict);
    this.baseLrs = [...(baseLrs as number[])];
    this.lastEpoch = lastEpoch;
    this.stepCount = stepCount;
    this.lastLr = [...(lastLr as number[])];
  }
}

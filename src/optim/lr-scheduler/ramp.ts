// Schedules that lead from one factor of the learning rate to another within a given number of steps: warm-up, mostly.

import { ValueError } from '../../errors.js';
import type { Optimizer } from '../optimizer.js';
import { checkWhole } from '../option-checks.js';
import { LRScheduler, type ScheduleOptions } from './scheduler.js';

/** A rate that was multiplied by 0 can't be led back to where it was. */
function checkFactor(scheduler: string, name: string, value: number): void {
  if (!(value > 0 && value <= 1)) {
    throw new ValueError(`invalid ${name} ${value}: expected a number above 0 and up to 1`).during(scheduler);
  }
}

/** Options of `ConstantLR`. */
export interface ConstantLROptions extends ScheduleOptions {
  /** What the learning rate is multiplied by at first; 1/3 unless given. */
  factor?: number;
  /** How many steps that lasts; 5 unless given. */
  totalIters?: number;
}

/**
 * Multiplies the learning rate by `factor` for the first `totalIters` steps.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ConstantLR.html
 */
export class ConstantLR extends LRScheduler<{ factor: number; totalIters: number }> {
  constructor(optimizer: Optimizer, { factor = 1 / 3, totalIters = 5, ...options }: ConstantLROptions = {}) {
    checkFactor('ConstantLR', 'factor', factor);
    checkWhole('totalIters', totalIters, 0);
    super(optimizer, { factor, totalIters }, options);
  }

  protected getLr(): number[] {
    const { factor, totalIters } = this.settings;
    const change = this.lastEpoch === 0 ? factor : this.lastEpoch === totalIters ? 1 / factor : 1;
    return this.groups.map(({ lr }) => lr * change);
  }

  protected override closedFormLr(): number[] {
    const { factor, totalIters } = this.settings;
    return this.baseLrs.map((lr) => lr * (this.lastEpoch >= totalIters ? 1 : factor));
  }
}

/** Options of `LinearLR`. */
export interface LinearLROptions extends ScheduleOptions {
  /** What the learning rate is multiplied by at first; 1/3 unless given. */
  startFactor?: number;
  /** What it is multiplied by in the end; 1 unless given. */
  endFactor?: number;
  /** How many steps lead there; 5 unless given. */
  totalIters?: number;
}

/**
 * Leads the learning rate's factor from `startFactor` to `endFactor` in `totalIters` equal steps.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LinearLR.html
 */
export class LinearLR extends LRScheduler<{ startFactor: number; endFactor: number; totalIters: number }> {
  constructor(
    optimizer: Optimizer,
    { startFactor = 1 / 3, endFactor = 1, totalIters = 5, ...options }: LinearLROptions = {},
  ) {
    checkFactor('LinearLR', 'startFactor', startFactor);
    if (!(endFactor >= 0 && endFactor <= 1)) {
      throw new ValueError(`invalid endFactor ${endFactor}: expected a number from 0 to 1`).during('LinearLR');
    }
    checkWhole('totalIters', totalIters, 1);
    super(optimizer, { startFactor, endFactor, totalIters }, options);
  }

  protected getLr(): number[] {
    const { startFactor, endFactor, totalIters } = this.settings;
    const epoch = this.lastEpoch;
    const rise = endFactor - startFactor;
    let change = 1;
    if (epoch === 0) change = startFactor;
    else if (epoch <= totalIters) change = 1 + rise / (totalIters * startFactor + (epoch - 1) * rise);
    return this.groups.map(({ lr }) => lr * change);
  }

  protected override closedFormLr(): number[] {
    const { startFactor, endFactor, totalIters } = this.settings;
    const done = Math.min(totalIters, this.lastEpoch) / totalIters;
    return this.baseLrs.map((lr) => lr * (startFactor + (endFactor - startFactor) * done));
  }
}

/** Options of `PolynomialLR`. */
export interface PolynomialLROptions extends ScheduleOptions {
  /** How many steps lead to 0; 5 unless given. */
  totalIters?: number;
  /** The polynomial's power; 1 unless given. */
  power?: number;
}

/**
 * Leads the learning rate to 0 in `totalIters` steps along `(1 - step / totalIters) ** power`.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.PolynomialLR.html
 */
export class PolynomialLR extends LRScheduler<{ totalIters: number; power: number }> {
  constructor(optimizer: Optimizer, { totalIters = 5, power = 1, ...options }: PolynomialLROptions = {}) {
    checkWhole('totalIters', totalIters, 1);
    super(optimizer, { totalIters, power }, options);
  }

  protected getLr(): number[] {
    const { totalIters, power } = this.settings;
    const epoch = this.lastEpoch;
    if (epoch === 0 || epoch > totalIters) return this.groups.map(({ lr }) => lr);
    const change = ((1 - epoch / totalIters) / (1 - (epoch - 1) / totalIters)) ** power;
    return this.groups.map(({ lr }) => lr * change);
  }

  protected override closedFormLr(): number[] {
    const { totalIters, power } = this.settings;
    const left = 1 - Math.min(totalIters, this.lastEpoch) / totalIters;
    return this.baseLrs.map((lr) => lr * left ** power);
  }
}

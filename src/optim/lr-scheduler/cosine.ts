// Schedules along half a cosine, once or again and again. Loshchilov & Hutter, "SGDR: Stochastic Gradient Descent with Warm
// Restarts" (2016), https://arxiv.org/abs/1608.03983.

import { ValueError } from '../../errors.js';
import type { Optimizer } from '../optimizer.js';
import { checkWhole } from '../option-checks.js';
import { LRScheduler, type ScheduleOptions } from './scheduler.js';

/** Options of `CosineAnnealingLR`. */
export interface CosineAnnealingLROptions extends ScheduleOptions {
  /** The lowest learning rate; 0 unless given. */
  etaMin?: number;
}

/**
 * Lowers the learning rate along a cosine to `etaMin` within `tMax` steps (and raises it again if steps go on).
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html
 */
export class CosineAnnealingLR extends LRScheduler<{ tMax: number; etaMin: number }> {
  constructor(optimizer: Optimizer, tMax: number, { etaMin = 0, ...options }: CosineAnnealingLROptions = {}) {
    checkWhole('tMax', tMax, 1);
    super(optimizer, { tMax, etaMin }, options);
  }

  protected getLr(): number[] {
    const { tMax, etaMin } = this.settings;
    const epoch = this.lastEpoch;
    if (epoch === 0) return this.groups.map(({ lr }) => lr);
    if (this.stepCount === 1) return this.closedFormLr();
    if ((epoch - 1 - tMax) % (2 * tMax) === 0) {
      // The step after the lowest point, where the recursion would divide by 0.
      const rise = (1 - Math.cos(Math.PI / tMax)) / 2;
      return this.groups.map(({ lr }, i) => lr + ((this.baseLrs[i] ?? lr) - etaMin) * rise);
    }
    const change = (1 + Math.cos((Math.PI * epoch) / tMax)) / (1 + Math.cos((Math.PI * (epoch - 1)) / tMax));
    return this.groups.map(({ lr }) => change * (lr - etaMin) + etaMin);
  }

  protected override closedFormLr(): number[] {
    const { tMax, etaMin } = this.settings;
    const height = (1 + Math.cos((Math.PI * this.lastEpoch) / tMax)) / 2;
    return this.baseLrs.map((lr) => etaMin + (lr - etaMin) * height);
  }
}

/** Options of `CosineAnnealingWarmRestarts`. */
export interface CosineAnnealingWarmRestartsOptions extends ScheduleOptions {
  /** How many times longer each run is than the one before; 1 unless given. */
  tMult?: number;
  /** The lowest learning rate; 0 unless given. */
  etaMin?: number;
}

interface Restarts {
  readonly t0: number;
  readonly tMult: number;
  readonly etaMin: number;
  /** The length of the present run, and the steps since it began. */
  tI: number;
  tCur: number;
}

/**
 * Lowers the learning rate along a cosine for `t0` steps, starts again from the top, and so on, each run `tMult` times as
 * long as the one before.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.html
 */
export class CosineAnnealingWarmRestarts extends LRScheduler<Restarts> {
  constructor(
    optimizer: Optimizer,
    t0: number,
    { tMult = 1, etaMin = 0, lastEpoch = -1 }: CosineAnnealingWarmRestartsOptions = {},
  ) {
    checkWhole('t0', t0, 1);
    checkWhole('tMult', tMult, 1);
    super(optimizer, { t0, tMult, etaMin, tI: t0, tCur: lastEpoch }, { lastEpoch });
  }

  /** Counts the step within its run. */
  protected getLr(): number[] {
    const { settings } = this;
    if (this.lastEpoch === 0) {
      settings.tCur = 0;
      settings.tI = settings.t0;
    } else if (++settings.tCur >= settings.tI) {
      settings.tCur -= settings.tI;
      settings.tI *= settings.tMult;
    }
    return this.ratesNow();
  }

  /**
   * Goes to the next step, or to `epoch`, which may be a fraction: `scheduler.step(epoch + batch / batches)`.
   * @throws ValueError for a negative epoch
   */
  override step(epoch?: number): void {
    if (epoch === undefined) return super.step();
    if (!(epoch >= 0))
      throw new ValueError(`expected an epoch >= 0, got ${epoch}`).during('CosineAnnealingWarmRestarts');
    const { settings } = this;
    const { t0, tMult } = settings;
    if (epoch < t0 || tMult === 1) {
      settings.tCur = epoch % t0;
      settings.tI = t0;
    } else {
      // Runs before this one: their lengths are a geometric series.
      const runs = Math.floor(Math.log((epoch / t0) * (tMult - 1) + 1) / Math.log(tMult));
      settings.tCur = epoch - (t0 * (tMult ** runs - 1)) / (tMult - 1);
      settings.tI = t0 * tMult ** runs;
    }
    this.lastEpoch = Math.floor(epoch);
    this.write(this.ratesNow());
  }

  private ratesNow(): number[] {
    const { etaMin, tCur, tI } = this.settings;
    return this.baseLrs.map((lr) => etaMin + ((lr - etaMin) * (1 + Math.cos((Math.PI * tCur) / tI))) / 2);
  }
}

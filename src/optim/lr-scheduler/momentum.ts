// Momentum as a schedule sees it: `momentum` where an optimiser has it, else the first of its `betas`.

import { ValueError } from '../../errors.js';
import type { Optimizer } from '../optimizer.js';
import type { ScheduledGroup } from './scheduler.js';

/** Refuses an optimiser whose momentum can't be cycled. */
export function checkHasMomentum(scheduler: string, optimizer: Optimizer): void {
  if (!('momentum' in optimizer.defaults) && !('betas' in optimizer.defaults)) {
    throw new ValueError(`${optimizer.constructor.name} has no momentum to cycle: give cycleMomentum: false`).during(
      scheduler,
    );
  }
}

export function setMomentum(group: ScheduledGroup, momentum: number): void {
  if (group.betas === undefined) group.momentum = momentum;
  else group.betas = [momentum, group.betas[1]];
}

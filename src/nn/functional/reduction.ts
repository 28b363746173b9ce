// How the losses of single elements become one number.

import { ValueError } from '../../errors.js';
import { show } from '../../tensor/shape.js';
import { broadcastShapes, sameShape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';

/** 'mean' over all elements, their 'sum', or 'none': each on its own. */
export type Reduction = 'none' | 'mean' | 'sum';

/** How the losses of a batch become one. */
export interface ReductionOptions {
  reduction?: Reduction;
}

/** Refuses an unknown reduction. */
export function checkReduction<R extends string = Reduction>(
  loss: string,
  reduction: string,
  words: readonly R[] = ['none', 'mean', 'sum'] as readonly string[] as readonly R[],
): R {
  if (!(words as readonly string[]).includes(reduction)) {
    throw new ValueError(
      `${loss}: expected reduction ${words.map((word) => `'${word}'`).join(', ')}, got '${reduction}'`,
    );
  }
  return reduction as R;
}

export function reduced(loss: string, losses: Tensor, reduction: string): Tensor {
  switch (checkReduction(loss, reduction)) {
    case 'none':
      return losses;
    case 'sum':
      return losses.sum();
    case 'mean':
      return losses.mean();
  }
}

/** Says what PyTorch says when a target of another shape is broadcast: it is rarely meant. */
export function warnOfBroadcast(loss: string, input: Tensor, target: Tensor): void {
  if (sameShape(input.shape, target.shape)) return;
  const result = broadcastShapes(input.shape, target.shape);
  console.warn(
    `${loss}: the target's shape ${show(target.shape)} differs from the input's ${show(input.shape)}; both broadcast to ` +
      `${show(result)}, which is rarely what was meant. Give both one shape.`,
  );
}

// Gradients kept within bounds between backward and step.

import { withGrad } from '../../autograd/mode.js';
import { ValueError } from '../../errors.js';
import { stack } from '../../ops/combine.js';
import { zeros } from '../../tensor/create.js';
import { Tensor } from '../../tensor/tensor.js';
import { guarded } from '../../tensor/guarded.js';
import { signatures } from '../signatures.js';

/** One parameter or several. */
export type Parameters = Tensor | Iterable<Tensor>;

export function gradientsOf(parameters: Parameters): Tensor[] {
  const list = parameters instanceof Tensor ? [parameters] : [...parameters];
  return list.flatMap((parameter) => (parameter.grad ? [parameter.grad.detach()] : []));
}

/** Options of `clipGradNorm_`. */
export interface ClipGradNormOptions {
  /** The order of the norm. */
  normType?: number;
  /** Refuse a norm that is NaN or infinite rather than pass it on. */
  errorIfNonfinite?: boolean;
}

/**
 * Scales gradients in place so that their norm, taken over all of them together, is at most `maxNorm`; returns the norm before.
 * https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
 */
export const clipGradNorm_ = guarded(
  signatures.clipGradNorm_,
  (
    parameters: Parameters,
    maxNorm: number,
    { normType = 2, errorIfNonfinite = false }: ClipGradNormOptions = {},
  ): Tensor => {
    const gradients = gradientsOf(parameters);
    if (gradients.length === 0) return zeros([]);
    return withGrad(false, () => {
      const total = stack(gradients.map((gradient) => gradient.norm(normType))).norm(normType);
      if (errorIfNonfinite && !Number.isFinite(total.item())) {
        throw new ValueError(`clipGradNorm_: the total norm of order ${normType} is ${total.item()}`);
      }
      const factor = total.add(1e-6).reciprocal().mul(maxNorm).clamp({ max: 1 });
      for (const gradient of gradients) gradient.mul_(factor);
      return total;
    });
  },
);

/** Moves every element of the gradients in place into [-clipValue, clipValue]. */
export const clipGradValue_ = guarded(signatures.clipGradValue_, (parameters: Parameters, clipValue: number): void => {
  if (!(clipValue >= 0)) throw new ValueError(`clipGradValue_: expected a bound >= 0, got ${clipValue}`);
  withGrad(false, () => {
    for (const gradient of gradientsOf(parameters)) gradient.clamp_({ min: -clipValue, max: clipValue });
  });
});

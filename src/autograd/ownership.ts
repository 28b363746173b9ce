// Whose block a gradient lies in while the engine runs: see `Storage.inFlight`.

import type { Tensor } from '../tensor/tensor.js';
import { isGradEnabled } from './mode.js';

/**
 * Whether a gradient's memory can be used for something else: it is a contiguous block of its own, which one place alone waits
 * for. A node whose kernel may write onto its operand writes the next gradient there: no block is needed, and this one is
 * still in the processor's cache.
 */
export function solelyHeld(grad: Tensor): boolean {
  return (
    !isGradEnabled() &&
    grad.storage.inFlight === 1 &&
    grad.storage.byteLength === grad.numel() * grad.elementSize() &&
    grad.isContiguous()
  );
}

/** Takes a gradient's block out of the engine's hands. */
export function keep(grad: Tensor): Tensor {
  grad.storage.inFlight = -1;
  return grad;
}

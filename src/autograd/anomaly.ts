// Looking for the operation that made a NaN: while on, each operation remembers where it was called, and a backward that
// produces a NaN names it.

import { AutogradError } from '../errors.js';
import type { Gradient, Node } from './node.js';

let enabled = false;

/** Turns the search for NaN gradients on or off. It is slow: every gradient is looked at. */
export function setDetectAnomaly(on: boolean): void {
  enabled = on;
}

/** Whether `setDetectAnomaly` is on. */
export function isAnomalyEnabled(): boolean {
  return enabled;
}

/** Remembers where an operation was called. */
export function noteCall(node: Node): void {
  if (enabled) node.calledAt = new Error().stack?.split('\n').slice(3).join('\n') ?? null;
}

export function checkAnomaly(node: Node, gradients: readonly Gradient[]): void {
  if (!enabled) return;
  gradients.forEach((gradient, input) => {
    if (!gradient?.isFloatingPoint() || !gradient.isnan().any().item()) return;
    const where = node.calledAt ? `. The forward operation was called here:\n${node.calledAt}` : '';
    throw new AutogradError(`${node.name} returned NaN in the gradient of its input ${input}${where}`);
  });
}

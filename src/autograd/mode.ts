// Whether operations record gradients, in regions that hold across awaits: see region.ts.

import { setInferenceProbe } from '../tensor/tensor.js';
import { Region } from './region.js';

interface Mode {
  readonly grad: boolean;
  readonly inference: boolean;
}

const recording: Mode = { grad: true, inference: false };
const paused: Mode = { grad: false, inference: false };
const inference: Mode = { grad: false, inference: true };

const mode = new Region(recording);

/** Whether operations record gradients right now. */
export function isGradEnabled(): boolean {
  return mode.get().grad;
}

/** Whether `inferenceMode` holds right now. */
export function isInferenceModeEnabled(): boolean {
  return mode.get().inference;
}

/** How many inference modes are open, held by synchronous runs and by async ones that wait. */
let openInferences = 0;

function countInference(change: 1 | -1): void {
  openInferences += change;
  setInferenceProbe(openInferences > 0 ? isInferenceModeEnabled : null);
}

function runIn<R>(wanted: Mode, fn: () => R): R {
  // Inference mode can't be left from the inside.
  const next = mode.get().inference ? inference : wanted;
  if (next !== inference) return mode.run(next, fn);
  countInference(1);
  return mode.run(next, fn, () => countInference(-1));
}

/**
 * Runs `fn`, which may be async, without recording gradients, and returns what it returns.
 * https://pytorch.org/docs/stable/generated/torch.no_grad.html
 */
export function noGrad<R>(fn: () => R): R {
  return runIn(paused, fn);
}

/** Runs `fn` with gradients recorded, also inside `noGrad`. */
export function enableGrad<R>(fn: () => R): R {
  return runIn(recording, fn);
}

/**
 * Runs `fn` without recording gradients. What it makes can't be saved for a backward later, and is changed in place only inside
 * such a mode: use a `clone()` outside. https://pytorch.org/docs/stable/generated/torch.inference_mode.html
 */
export function inferenceMode<R>(fn: () => R): R {
  return runIn(inference, fn);
}

/** Runs a synchronous `fn` with recording on or off: the engine's and optimisers' own switch. */
export function withGrad<R>(enabled: boolean, fn: () => R): R {
  return mode.runSynchronous(enabled ? recording : mode.get().inference ? inference : paused, fn);
}

// Whether operations record gradients. A mode holds for a function's synchronous run, and across the awaits of an async
// one, without leaking into code that runs beside it: while any async region is open, the mode is read from the platform's
// asynchronous context, otherwise from a plain variable (which keeps the common case free).

import { AsyncContext } from '#platform';
import { setInferenceProbe } from '../tensor/tensor.js';

interface Mode {
  readonly grad: boolean;
  readonly inference: boolean;
}

const recording: Mode = { grad: true, inference: false };
const paused: Mode = { grad: false, inference: false };
const inference: Mode = { grad: false, inference: true };

let current = recording;
let openAsyncRegions = 0;
const context = new AsyncContext<Mode>();

function mode(): Mode {
  return openAsyncRegions === 0 ? current : (context.get() ?? recording);
}

/** Whether operations record gradients right now. */
export function isGradEnabled(): boolean {
  return openAsyncRegions === 0 ? current.grad : mode().grad;
}

/** Whether `inferenceMode` holds right now. */
export function isInferenceModeEnabled(): boolean {
  return mode().inference;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** How many inference modes are open, held by synchronous runs and by async ones that wait. */
let openInferences = 0;

function countInference(change: 1 | -1): void {
  openInferences += change;
  setInferenceProbe(openInferences > 0 ? isInferenceModeEnabled : null);
}

function runIn<R>(wanted: Mode, fn: () => R): R {
  const previous = current;
  // Inference mode can't be left from the inside.
  const next = mode().inference ? inference : wanted;
  current = next;
  if (next === inference) countInference(1);
  let result: R;
  let waits = false;
  try {
    result = context.run(next, fn);
    waits = isThenable(result);
  } finally {
    current = previous;
    if (next === inference && !waits) countInference(-1);
  }
  if (!isThenable(result)) return result;
  openAsyncRegions++;
  const close = (): void => {
    openAsyncRegions--;
    if (next === inference) countInference(-1);
  };
  result.then(close, close);
  return result;
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
  const previous = current;
  const regions = openAsyncRegions;
  current = enabled ? recording : mode().inference ? inference : paused;
  openAsyncRegions = 0;
  try {
    return fn();
  } finally {
    current = previous;
    openAsyncRegions += regions;
  }
}

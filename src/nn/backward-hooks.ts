// Full backward hooks of modules: both ends of a module pass through an identity whose gradients are watched.

import { Function, type FunctionContext } from '../autograd/function.js';
import { requiresGrad } from '../autograd/history.js';
import { Tensor } from '../tensor/tensor.js';
import type { Module } from './module.js';

/** Sees the gradients of a module's inputs and outputs (null where there is none); an array it returns takes the inputs' place. */
export type BackwardHook = (
  module: Module,
  gradInput: readonly (Tensor | null)[],
  gradOutput: readonly (Tensor | null)[],
) => readonly (Tensor | null)[] | void;

/** Passes tensors through and tells of their gradients. */
class Watch extends Function {
  static forward(
    ctx: FunctionContext,
    seen: (gradients: Tensor[]) => readonly (Tensor | null)[],
    ...tensors: Tensor[]
  ): Tensor[] {
    ctx['seen'] = seen;
    return tensors.map((tensor) => tensor.detach());
  }
  static backward(ctx: FunctionContext, ...gradients: Tensor[]): (Tensor | null)[] {
    return [null, ...(ctx['seen'] as (gradients: Tensor[]) => readonly (Tensor | null)[])(gradients)];
  }
}

function watch(values: readonly unknown[], seen: (gradients: Tensor[]) => readonly (Tensor | null)[]): unknown[] {
  const tensors = values.filter((value): value is Tensor => value instanceof Tensor);
  if (!tensors.some(requiresGrad)) return values.slice();
  const through = Watch.apply(seen, ...tensors);
  let next = 0;
  return values.map((value) => (value instanceof Tensor ? through[next++] : value));
}

interface Watched {
  readonly inputs: unknown[];
  finish(output: unknown): unknown;
}

/** Prepares one call: the inputs to run with and what to do with the output. */
export function installBackwardHooks(
  module: Module,
  hooks: ReadonlySet<BackwardHook>,
  inputs: readonly unknown[],
): Watched {
  let gradOutput: readonly (Tensor | null)[] = [];
  const run = (gradInput: readonly (Tensor | null)[]): readonly (Tensor | null)[] => {
    let gradients = gradInput;
    for (const hook of hooks) gradients = hook(module, gradients, gradOutput) ?? gradients;
    return gradients;
  };
  const anyInput = inputs.some((value) => value instanceof Tensor && requiresGrad(value));
  const watchedInputs = watch(inputs, run);
  return {
    inputs: watchedInputs,
    finish(output) {
      const isList = Array.isArray(output);
      const outputs = watch(isList ? (output as unknown[]) : [output], (gradients) => {
        gradOutput = gradients;
        // No input takes a gradient: the hooks still see the outputs' gradients.
        if (!anyInput) run(inputs.map(() => null));
        return gradients;
      });
      return isList ? outputs : outputs[0];
    },
  };
}

// Gradients compared with finite differences.

import { AutogradError, DTypeError } from '../errors.js';
import { show } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';
import { fromTypedArray } from '../tensor/create.js';
import { grad } from './backward.js';
import { requiresGrad } from './history.js';

/** Options of `gradcheck` and `gradgradcheck`. */
export interface GradcheckOptions {
  /** The step of the finite differences. */
  eps?: number;
  atol?: number;
  rtol?: number;
  /** Return false instead of throwing. */
  raiseException?: boolean;
}

type Checked = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

function outputsOf(fn: Checked, inputs: readonly Tensor[]): Tensor[] {
  const result = fn(...inputs);
  return (result instanceof Tensor ? [result] : [...result]).filter((output) => output.isFloatingPoint());
}

/** `input` with one element moved by `step`. */
function moved(input: Tensor, element: number, step: number): Tensor {
  const values = input.data() as Float64Array;
  values[element]! += step;
  return fromTypedArray(values, input.shape);
}

/** d(sum of outputs weighted by `weights`) / d(input), by central differences. */
function numeric(
  fn: Checked,
  inputs: readonly Tensor[],
  which: number,
  weights: readonly Tensor[],
  eps: number,
): Float64Array {
  const input = inputs[which]!;
  const result = new Float64Array(input.numel());
  const value = (step: number, element: number): number => {
    const outputs = outputsOf(fn, inputs.with(which, moved(input, element, step).requiresGrad_()));
    return outputs.reduce((sum, output, i) => sum + output.detach().mul(weights[i]!).sum().item(), 0);
  };
  for (let element = 0; element < result.length; element++) {
    result[element] = (value(eps, element) - value(-eps, element)) / (2 * eps);
  }
  return result;
}

/** Weights that tell the outputs' elements apart, without any randomness. */
function weightsFor(outputs: readonly Tensor[]): Tensor[] {
  return outputs.map((output, which) => {
    const values = Float64Array.from(
      { length: output.numel() },
      (_, i) => 0.6 + 0.4 * Math.sin(1.7 * i + 2.3 * which + 1),
    );
    return fromTypedArray(values, output.shape);
  });
}

/**
 * Checks the gradients of `fn` at float64 `inputs` (those that require one) against finite differences.
 * @throws AutogradError naming the input, the element and both values
 * https://pytorch.org/docs/stable/generated/torch.autograd.gradcheck.html
 */
export function gradcheck(fn: Checked, inputs: readonly Tensor[], options: GradcheckOptions = {}): boolean {
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3, raiseException = true } = options;
  try {
    const checked = inputs.flatMap((input, i) => (requiresGrad(input) ? [i] : []));
    if (checked.length === 0) throw new AutogradError('expected at least one input that requires a gradient');
    for (const i of checked) {
      if (inputs[i]!.dtype !== 'float64') throw new DTypeError(`input ${i} is ${inputs[i]!.dtype}, expected float64`);
    }
    const all = outputsOf(fn, inputs);
    const weights = weightsFor(all);
    const differentiable = all.flatMap((output, i) => (requiresGrad(output) ? [i] : []));
    if (differentiable.length === 0) throw new AutogradError('no output requires a gradient');
    const analytic = grad(
      differentiable.map((i) => all[i]!),
      checked.map((i) => inputs[i]!),
      { gradOutputs: differentiable.map((i) => weights[i]), allowUnused: true },
    );
    checked.forEach((which, position) => {
      const expected = numeric(fn, inputs, which, weights, eps);
      const found = analytic[position]?.data() ?? new Float64Array(expected.length);
      for (let i = 0; i < expected.length; i++) {
        const difference = Math.abs(Number(found[i]) - expected[i]!);
        if (difference <= atol + rtol * Math.abs(expected[i]!)) continue;
        throw new AutogradError(
          `gradient of input ${which} (shape ${show(inputs[which]!.shape)}) at element ${i}: ` +
            `backward gives ${Number(found[i])}, finite differences ${expected[i]}`,
        );
      }
    });
    return true;
  } catch (error) {
    if (!raiseException && error instanceof AutogradError) return false;
    throw error instanceof AutogradError || error instanceof DTypeError ? error.during('gradcheck') : error;
  }
}

/** Checks second derivatives: the gradients of `fn`'s gradients. */
export function gradgradcheck(fn: Checked, inputs: readonly Tensor[], options: GradcheckOptions = {}): boolean {
  const gradient: Checked = (...tensors) => {
    const outputs = outputsOf(fn, tensors);
    const differentiable = outputs.filter(requiresGrad);
    const weights = weightsFor(outputs).filter((_, i) => requiresGrad(outputs[i]!));
    const wanted = tensors.filter(requiresGrad);
    const gradients = grad(differentiable, wanted, { gradOutputs: weights, createGraph: true, allowUnused: true });
    return gradients.flatMap((tensor) => (tensor && requiresGrad(tensor) ? [tensor] : []));
  };
  const leaves = inputs.map((input) => (requiresGrad(input) ? input.detach().clone().requiresGrad_() : input));
  // A function whose gradient is constant has nothing left to check.
  const first = gradient(...leaves) as readonly Tensor[];
  return first.length === 0 ? true : gradcheck(gradient, leaves, options);
}

// What users call to differentiate: `backward` on a tensor and `grad` on several.

import { AutogradError, ShapeError } from '../errors.js';
import { sameShape, show } from '../tensor/shape.js';
import { allocate, type Tensor } from '../tensor/tensor.js';
import { walk } from './engine.js';
import { edgeOf, requiresGrad } from './history.js';
import { withGrad } from './mode.js';
import type { Gradient } from './node.js';
import type { Edge } from './state.js';

/** Options of `backward`. */
export interface BackwardOptions {
  /** The gradient of the tensor itself; may be left out when it has one element (then 1). */
  gradient?: Tensor | undefined;
  /** Keep what the graph saved, so that backward can run through it again. */
  retainGraph?: boolean;
  /** Record the gradients' own computation, for higher derivatives. */
  createGraph?: boolean;
  /** Collect gradients in these tensors only. */
  inputs?: Tensor | readonly Tensor[];
}

function rootEdge(output: Tensor): Edge {
  const edge = edgeOf(output);
  if (edge === null) {
    throw new AutogradError(
      `a tensor of shape ${show(output.shape)} doesn't require a gradient and was not computed from one that does ` +
        '(was it made inside noGrad, detached, or of an integer dtype?)',
    );
  }
  return edge;
}

function rootGradient(output: Tensor, gradient: Tensor | undefined): Tensor {
  if (gradient === undefined) {
    if (output.numel() !== 1) {
      throw new AutogradError(
        `a gradient can be left out only for a tensor with one element, this one has shape ${show(output.shape)}: ` +
          'reduce it first (sum, mean) or pass { gradient }',
      );
    }
    return withGrad(false, () => allocate(output.shape, output.dtype).fill_(1));
  }
  if (!sameShape(gradient.shape, output.shape)) {
    throw new ShapeError(`expected a gradient of shape ${show(output.shape)}, got ${show(gradient.shape)}`);
  }
  return gradient;
}

/**
 * Computes the gradients of `output` with respect to the leaves it was computed from and adds them to their `grad`.
 * https://pytorch.org/docs/stable/generated/torch.Tensor.backward.html
 * @throws AutogradError when nothing requires a gradient, or the graph was already freed
 */
export function backward(output: Tensor, options: BackwardOptions = {}): void {
  const { gradient, retainGraph, createGraph = false, inputs } = options;
  try {
    const edge = rootEdge(output);
    const captures =
      inputs === undefined ? undefined : Array.isArray(inputs) ? (inputs as Tensor[]) : [inputs as Tensor];
    if (captures?.length === 0) throw new AutogradError('inputs is empty: name at least one tensor, or leave it out');
    const caught = walk([edge], [rootGradient(output, gradient)], {
      retainGraph: retainGraph ?? createGraph,
      createGraph,
      captures: captures?.map(inputEdge),
      accumulate: true,
    });
    captures?.forEach((input, i) => {
      const grad = caught[i];
      if (input.autograd!.isLeaf || !grad) return;
      input.autograd!.grad = input.autograd!.grad ? input.autograd!.grad.add(grad) : grad;
    });
  } catch (error) {
    throw error instanceof AutogradError || error instanceof ShapeError ? error.during('backward') : error;
  }
}

function inputEdge(input: Tensor): Edge {
  if (!requiresGrad(input)) {
    throw new AutogradError(`one of the inputs, of shape ${show(input.shape)}, doesn't require a gradient`);
  }
  return edgeOf(input)!;
}

/** Options of `autograd.grad`. */
export interface GradOptions {
  /** One per output, where an output has more than one element. */
  gradOutputs?: Tensor | readonly (Tensor | undefined)[];
  retainGraph?: boolean;
  createGraph?: boolean;
  /** Give null for an input that the outputs don't depend on, instead of an error. */
  allowUnused?: boolean;
}

/**
 * The gradients of the sum of `outputs` with respect to `inputs`, returned rather than collected in `grad`.
 * https://pytorch.org/docs/stable/generated/torch.autograd.grad.html
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions & { allowUnused: true },
): (Tensor | null)[];
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options?: GradOptions,
): Tensor[];
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions = {},
): Gradient[] {
  const outputList = listOf(outputs);
  const inputList = listOf(inputs);
  const { gradOutputs, createGraph = false, retainGraph = createGraph, allowUnused = false } = options;
  const gradList = gradOutputs === undefined ? [] : listOf(gradOutputs as Tensor | readonly Tensor[]);
  try {
    const roots = outputList.map(rootEdge);
    const gradients = outputList.map((output, i) => rootGradient(output, gradList[i]));
    const caught = walk(roots, gradients, { retainGraph, createGraph, captures: inputList.map(inputEdge) });
    caught.forEach((gradient, i) => {
      if (gradient === null && !allowUnused) {
        throw new AutogradError(
          `input ${i}, of shape ${show(inputList[i]!.shape)}, was not used in computing the outputs: ` +
            'pass { allowUnused: true } to get null for it',
        );
      }
    });
    return caught;
  } catch (error) {
    throw error instanceof AutogradError || error instanceof ShapeError ? error.during('autograd.grad') : error;
  }
}

function listOf(tensors: Tensor | readonly Tensor[]): readonly Tensor[] {
  return Array.isArray(tensors) ? (tensors as readonly Tensor[]) : [tensors as Tensor];
}

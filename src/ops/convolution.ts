// Convolutions and transposed convolutions over one to three spatial dims. The three maps (output, gradient of the input,
// gradient of the weight) are each other's gradients, so that differentiation can go on.

import { isGradEnabled } from '../autograd/mode.js';
import { backend } from '../backend/active.js';
import type { ConvolutionGeometry } from '../backend/backend.js';
import { DTypeError, ShapeError } from '../errors.js';
import { show, type Shape } from '../tensor/shape.js';
import { allocate, type Tensor } from '../tensor/tensor.js';
import { operation, type Op } from './operation.js';

export type { ConvolutionGeometry };

function convolvedSize(input: number, kernel: number, stride: number, padding: number, dilation: number): number {
  return Math.floor((input + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
}

function checkOperands(
  input: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  { stride, groups }: ConvolutionGeometry,
): void {
  const ndim = stride.length + 2;
  if (input.ndim !== ndim || weight.ndim !== ndim) {
    throw new ShapeError(
      `expected input and weight of ${ndim} dims, got ${show(input.shape)} and ${show(weight.shape)}`,
    );
  }
  for (const tensor of [weight, bias]) {
    if (tensor && tensor.dtype !== input.dtype) {
      throw new DTypeError(
        `expected operands of one dtype, got ${input.dtype} and ${tensor.dtype}: convert one with to(dtype)`,
      );
    }
  }
  if (!input.isFloatingPoint()) throw new DTypeError(`expected a float dtype, got ${input.dtype}`);
  if (!Number.isInteger(groups) || groups < 1) throw new ShapeError(`expected 1 or more groups, got ${groups}`);
}

/** input [N, C, ...S], weight [O, C / groups, ...K], bias [O] or undefined: [N, O, ...S']. */
export const convolution: Op<[input: Tensor, weight: Tensor, bias: Tensor | undefined, geometry: ConvolutionGeometry]> =
  operation({
    name: 'convolution',
    internal: true,
    autocast: 'bfloat16',
    forward(input, weight, bias, geometry) {
      checkOperands(input, weight, bias, geometry);
      const { stride, padding, dilation, groups } = geometry;
      const [outChannels, perGroup] = weight.shape as [number, number];
      if (input.shape[1] !== perGroup * groups) {
        throw new ShapeError(
          `expected ${perGroup * groups} input channels (weight ${show(weight.shape)}, groups ${groups}), got input ${show(input.shape)}`,
        );
      }
      if (outChannels % groups !== 0)
        throw new ShapeError(`${outChannels} output channels can't be put into ${groups} groups`);
      if (bias && (bias.ndim !== 1 || bias.shape[0] !== outChannels)) {
        throw new ShapeError(`expected a bias of shape [${outChannels}], got ${show(bias.shape)}`);
      }
      const sizes = stride.map((step, d) =>
        convolvedSize(input.shape[d + 2]!, weight.shape[d + 2]!, step, padding[d]!, dilation[d]!),
      );
      if (sizes.some((size) => size < 1)) {
        throw new ShapeError(
          `a kernel of ${show(weight.shape.slice(2))} (dilation [${dilation.join(', ')}]) is larger than the padded input ` +
            `${show(input.shape)} (padding [${padding.join(', ')}])`,
        );
      }
      const result = allocate([input.shape[0]!, outChannels, ...sizes], input.dtype);
      backend.convolution(result, input, weight, bias, geometry);
      return result;
    },
    save: (_result, input, weight, _bias, geometry) => ({ input, weight, geometry }),
    gradient(grad, { input, weight, geometry }, needs) {
      const gradInput = needs[0] ? convolutionInput(grad, weight, input.shape, geometry) : null;
      if (needs[1] && needs[2] && !isGradEnabled()) {
        // In one pass over the gradient.
        const gradWeight = allocate(weight.shape, input.dtype);
        const gradBias = allocate([weight.shape[0]!], input.dtype);
        backend.convolutionBackwardWeight(gradWeight, gradBias, grad, input, geometry);
        return [gradInput, gradWeight, gradBias];
      }
      return [
        gradInput,
        needs[1] ? convolutionWeight(grad, input, weight.shape, geometry) : null,
        needs[2] ? grad.sum(grad.shape.map((_, d) => d).filter((d) => d !== 1)) : null,
      ];
    },
  });

/** The map from the output's gradient to the input's; also the transposed convolution. */
export const convolutionInput: Op<
  [gradOutput: Tensor, weight: Tensor, inputShape: Shape, geometry: ConvolutionGeometry]
> = operation({
  name: 'convolutionTranspose',
  forward(gradOutput, weight, inputShape, geometry) {
    const result = allocate(inputShape, gradOutput.dtype);
    backend.convolutionBackwardInput(result, gradOutput, weight, geometry);
    return result;
  },
  save: (_result, gradOutput, weight, _shape, geometry) => ({ gradOutput, weight, geometry }),
  gradient: (grad, { gradOutput, weight, geometry }, needs) => [
    needs[0] ? convolution(grad, weight, undefined, geometry) : null,
    needs[1] ? convolutionWeight(gradOutput, grad, weight.shape, geometry) : null,
  ],
});

const convolutionWeight: Op<[gradOutput: Tensor, input: Tensor, weightShape: Shape, geometry: ConvolutionGeometry]> =
  operation({
    name: 'convolutionWeight',
    forward: (gradOutput, input, weightShape, geometry) => {
      const result = allocate(weightShape, input.dtype);
      backend.convolutionBackwardWeight(result, undefined, gradOutput, input, geometry);
      return result;
    },
    save: (_result, gradOutput, input, _shape, geometry) => ({ gradOutput, input, geometry }),
    gradient: (grad, { gradOutput, input, geometry }, needs) => [
      needs[0] ? convolution(input, grad, undefined, geometry) : null,
      needs[1] ? convolutionInput(gradOutput, grad, input.shape, geometry) : null,
    ],
  });

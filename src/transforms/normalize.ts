// Shifting and scaling each channel.

import { DTypeError, ShapeError, ValueError } from '../errors.js';
import '../ops/methods.js';
import { show } from '../tensor/shape.js';
import { tensor } from '../tensor/create.js';
import { Tensor } from '../tensor/tensor.js';
import { SampleTransform } from './transform.js';

/**
 * Subtracts from each channel its mean and divides by its standard deviation: `(x - mean) / std`.
 * One value stands for all channels.
 * https://pytorch.org/vision/0.14/generated/torchvision.transforms.Normalize.html
 */
export class Normalize extends SampleTransform<Tensor, Tensor> {
  static readonly moduleUrl = import.meta.url;
  private readonly inplace: boolean;

  /**
   * @param options.inplace whether the tensor itself is changed and returned; default false
   * @throws ValueError when the lists are empty or unequally long, or a standard deviation is 0
   */
  constructor(
    readonly mean: readonly number[],
    readonly std: readonly number[],
    options: { inplace?: boolean } = {},
  ) {
    super();
    this.inplace = options.inplace ?? false;
    if (!isNumbers(mean) || !isNumbers(std) || mean.length === 0) {
      throw new ValueError('Normalize: expected mean and std as lists with one number for each channel');
    }
    if (mean.length !== std.length && mean.length !== 1 && std.length !== 1) {
      throw new ValueError(`Normalize: ${mean.length} means don't go with ${std.length} standard deviations`);
    }
    if (std.includes(0)) throw new ValueError('Normalize: a standard deviation of 0 would divide by zero');
  }

  /**
   * @param input float `[..., channels, height, width]`
   * @throws DTypeError when it is no float tensor, ShapeError when it has another number of channels
   */
  override forward(input: Tensor): Tensor {
    if (!(input instanceof Tensor) || !input.isFloatingPoint()) {
      const found = input instanceof Tensor ? `dtype ${input.dtype}` : 'no tensor';
      throw new DTypeError(`expected a float tensor, got ${found}: put ToTensor before it`).during('Normalize');
    }
    const channels = input.shape.at(-3);
    if (channels === undefined) {
      throw new ShapeError(`expected [..., channels, height, width], got ${show(input.shape)}`).during('Normalize');
    }
    const mean = this.perChannel(this.mean, channels, input);
    const std = this.perChannel(this.std, channels, input);
    return this.inplace ? input.sub_(mean).div_(std) : input.sub(mean).div(std);
  }

  private perChannel(values: readonly number[], channels: number, { dtype }: Tensor): number | Tensor {
    if (values.length === 1) return values[0]!;
    if (values.length !== channels) {
      throw new ShapeError(`${values.length} values for ${channels} channels`).during('Normalize');
    }
    return tensor(values, { dtype }).view([channels, 1, 1]);
  }
}

function isNumbers(values: unknown): values is readonly number[] {
  return Array.isArray(values) && values.every((value) => typeof value === 'number');
}

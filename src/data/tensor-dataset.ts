// Tensors as a data set.

import { IndexError, ShapeError } from '../errors.js';
import '../ops/methods.js';
import { Tensor } from '../tensor/tensor.js';
import { Dataset } from './dataset.js';

/**
 * Samples along the first dim of tensors: sample i is `[first[i], second[i], ...]`, views of them.
 * https://pytorch.org/docs/1.13/data.html#torch.utils.data.TensorDataset
 *
 * ```ts
 * const data = new TensorDataset(rand([100, 3]), arange(100));
 * const [input, target] = data.getItem(7); // shapes [3] and []
 * ```
 */
export class TensorDataset<const Tensors extends readonly Tensor[]> extends Dataset<{
  -readonly [K in keyof Tensors]: Tensor;
}> {
  static readonly moduleUrl = import.meta.url;
  readonly tensors: Tensors;

  /** @throws ShapeError when there are no tensors, or their first dims differ */
  constructor(...tensors: Tensors) {
    super();
    const count = tensors[0]?.shape[0];
    tensors.forEach((tensor, i) => {
      if (!(tensor instanceof Tensor)) throw new ShapeError(`TensorDataset: argument ${i} is no tensor`);
      if (tensor.ndim === 0)
        throw new ShapeError(`TensorDataset: tensor ${i} has no dims, so no samples along the first`);
      if (tensor.shape[0] !== count) {
        throw new ShapeError(
          `TensorDataset: the first dims must be equal: tensor 0 has ${count} samples, tensor ${i} has ${tensor.shape[0]}`,
        );
      }
    });
    if (count === undefined) throw new ShapeError('TensorDataset: expected one or more tensors');
    this.tensors = tensors;
  }

  get length(): number {
    return this.tensors[0]!.shape[0]!;
  }

  /** @throws IndexError when `index` is not from -length to length - 1 */
  getItem(index: number): { -readonly [K in keyof Tensors]: Tensor } {
    const { length } = this;
    if (!(index >= -length && index < length)) {
      throw new IndexError(`TensorDataset: index ${index} is out of range for ${length} samples`);
    }
    return this.tensors.map((tensor) => tensor.select(0, index)) as { -readonly [K in keyof Tensors]: Tensor };
  }
}

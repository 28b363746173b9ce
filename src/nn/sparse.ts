// Tables of vectors looked up by number.

import type { DType } from '../backend/dtype.js';
import { ShapeError } from '../errors.js';
import { empty } from '../tensor/create.js';
import { show } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { withGrad } from '../autograd/mode.js';
import { requireCount } from './arguments.js';
import { embedding, paddingRow } from './functional/sparse.js';
import { normal_ } from './init.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';
import { asFloat, describe } from './printing.js';

export interface EmbeddingLayerOptions {
  /** A row that starts as zeros and takes no gradient; may count from the end. */
  paddingIdx?: number | undefined;
  /** Rows looked up that are longer are scaled down to this norm, in the table itself. */
  maxNorm?: number | undefined;
  /** The order of that norm. */
  normType?: number;
  /** Divide each row's gradient by how often it was looked up. */
  scaleGradByFreq?: boolean;
  /** A table to share instead of drawing one. */
  weight?: Tensor | undefined;
  dtype?: DType;
}

export interface PretrainedOptions extends Omit<EmbeddingLayerOptions, 'dtype' | 'weight'> {
  /** Whether the table stays as it is; true unless given. */
  freeze?: boolean;
}

/**
 * Rows of weight [numEmbeddings, embeddingDim] at integer input of any shape: [...input, embeddingDim]. Starts normal.
 *
 * ```ts
 * const table = new nn.Embedding(10, 3);
 * table(tensor([[1n, 2n], [4n, 5n]])).shape; // [2, 2, 3]
 * ```
 * https://pytorch.org/docs/stable/generated/torch.nn.Embedding.html
 */
export class Embedding extends Module {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  /** The row that takes no gradient, counted from the start. */
  readonly paddingIdx: number | undefined;
  readonly maxNorm: number | undefined;
  readonly normType: number;
  readonly scaleGradByFreq: boolean;
  weight: Parameter;

  constructor(
    numEmbeddings: number,
    embeddingDim: number,
    { paddingIdx, maxNorm, normType = 2, scaleGradByFreq = false, weight, ...factory }: EmbeddingLayerOptions = {},
  ) {
    super();
    this.numEmbeddings = requireCount('Embedding', 'numEmbeddings', numEmbeddings);
    this.embeddingDim = requireCount('Embedding', 'embeddingDim', embeddingDim);
    const row = paddingRow('Embedding', paddingIdx, numEmbeddings);
    this.paddingIdx = row < 0 ? undefined : row;
    this.maxNorm = maxNorm;
    this.normType = normType;
    this.scaleGradByFreq = scaleGradByFreq;
    this.weight = new Parameter(weight ?? empty([numEmbeddings, embeddingDim], factory));
    if (weight === undefined) this.resetParameters();
  }

  /** A layer that looks up in `embeddings` [rows, features], which it shares. */
  static fromPretrained(embeddings: Tensor, { freeze = true, ...options }: PretrainedOptions = {}): Embedding {
    if (embeddings.ndim !== 2) {
      throw new ShapeError(`Embedding: expected a table of 2 dims, got ${show(embeddings.shape)}`);
    }
    const [rows, features] = embeddings.shape as [number, number];
    const layer = new Embedding(rows, features, { ...options, weight: embeddings });
    layer.weight.requiresGrad_(!freeze);
    return layer;
  }

  /** Draws the table anew, the padding row zeros. */
  resetParameters(): void {
    normal_(this.weight);
    withGrad(false, () => {
      if (this.paddingIdx !== undefined) this.weight.select(0, this.paddingIdx).zero_();
    });
  }

  override forward(input: Tensor): Tensor {
    const { paddingIdx, maxNorm, normType, scaleGradByFreq } = this;
    return embedding(input, this.weight, { paddingIdx, maxNorm, normType, scaleGradByFreq });
  }

  override extraRepr(): string {
    const { paddingIdx, maxNorm, normType, scaleGradByFreq } = this;
    return [
      `${this.numEmbeddings}`,
      `${this.embeddingDim}`,
      describe({
        ...(paddingIdx === undefined ? {} : { paddingIdx }),
        ...(maxNorm === undefined ? {} : { maxNorm: asFloat(maxNorm) }),
        ...(normType === 2 ? {} : { normType }),
        ...(scaleGradByFreq ? { scaleGradByFreq } : {}),
      }),
    ]
      .filter((part) => part !== '')
      .join(', ');
  }
}

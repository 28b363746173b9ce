// Tables of vectors looked up by number.

import type { DType } from '../backend/dtype.js';
import { ShapeError } from '../errors.js';
import { empty } from '../tensor/create.js';
import { show } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { withGrad } from '../autograd/mode.js';
import { requireCount, requireOneOf } from './arguments.js';
import { embedding, embeddingBag, paddingRow, type BagMode } from './functional/sparse.js';
import { normal_ } from './init.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';
import { asFloat, describe } from './printing.js';
import { takes } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/** Options of `Embedding`. */
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

/** Options of `Embedding.fromPretrained`. */
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
@takes(signatures.Embedding)
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

/** Options of `EmbeddingBag`. */
export interface EmbeddingBagLayerOptions extends EmbeddingLayerOptions {
  /** How the rows of a bag become one. */
  mode?: BagMode;
  /** Whether the last offset is the end of the last bag rather than the beginning of one. */
  includeLastOffset?: boolean;
}

/**
 * Sums, means or maxima of bags of rows: input [bags, size], or [n] with `offsets` [bags] where bags begin; output
 * [bags, embeddingDim]. https://pytorch.org/docs/stable/generated/torch.nn.EmbeddingBag.html
 *
 * ```ts
 * const bags = new nn.EmbeddingBag(10, 3, { mode: 'sum' });
 * bags(tensor([1n, 2n, 4n, 5n]), tensor([0n, 3n])).shape; // [2, 3]
 * ```
 */
@takes(signatures.EmbeddingBag)
export class EmbeddingBag extends Module {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  /** The row that takes no part, counted from the start. */
  readonly paddingIdx: number | undefined;
  readonly maxNorm: number | undefined;
  readonly normType: number;
  readonly scaleGradByFreq: boolean;
  readonly mode: BagMode;
  readonly includeLastOffset: boolean;
  weight: Parameter;

  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingBagLayerOptions = {}) {
    super();
    const { paddingIdx, maxNorm, normType = 2, scaleGradByFreq = false, weight, ...rest } = options;
    const { mode = 'mean', includeLastOffset = false, ...factory } = rest;
    this.numEmbeddings = requireCount('EmbeddingBag', 'numEmbeddings', numEmbeddings);
    this.embeddingDim = requireCount('EmbeddingBag', 'embeddingDim', embeddingDim);
    const row = paddingRow('EmbeddingBag', paddingIdx, numEmbeddings);
    this.paddingIdx = row < 0 ? undefined : row;
    this.maxNorm = maxNorm;
    this.normType = normType;
    this.scaleGradByFreq = scaleGradByFreq;
    this.mode = requireOneOf('EmbeddingBag', 'mode', mode, ['sum', 'mean', 'max']);
    this.includeLastOffset = includeLastOffset;
    this.weight = new Parameter(weight ?? empty([numEmbeddings, embeddingDim], factory));
    if (weight === undefined) this.resetParameters();
  }

  /** A layer that looks up in `embeddings` [rows, features], which it shares. */
  static fromPretrained(
    embeddings: Tensor,
    { freeze = true, ...options }: Omit<EmbeddingBagLayerOptions, 'dtype' | 'weight'> & { freeze?: boolean } = {},
  ): EmbeddingBag {
    if (embeddings.ndim !== 2) {
      throw new ShapeError(`EmbeddingBag: expected a table of 2 dims, got ${show(embeddings.shape)}`);
    }
    const [rows, features] = embeddings.shape as [number, number];
    const layer = new EmbeddingBag(rows, features, { ...options, weight: embeddings });
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

  override forward(input: Tensor, offsets?: Tensor, perSampleWeights?: Tensor): Tensor {
    const { paddingIdx, maxNorm, normType, scaleGradByFreq, mode, includeLastOffset } = this;
    return embeddingBag(input, this.weight, {
      offsets,
      perSampleWeights,
      paddingIdx,
      maxNorm,
      normType,
      scaleGradByFreq,
      mode,
      includeLastOffset,
    });
  }

  override extraRepr(): string {
    const { maxNorm, normType, scaleGradByFreq, mode, paddingIdx } = this;
    return `${this.numEmbeddings}, ${this.embeddingDim}, ${describe({
      ...(maxNorm === undefined ? {} : { maxNorm: asFloat(maxNorm) }),
      ...(normType === 2 ? {} : { normType }),
      ...(scaleGradByFreq ? { scaleGradByFreq } : {}),
      mode,
      ...(paddingIdx === undefined ? {} : { paddingIdx }),
    })}`;
  }
}

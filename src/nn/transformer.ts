// Transformers: encoder and decoder layers, stacks of them, and both together. https://arxiv.org/abs/1706.03762

import type { DType } from '../backend/dtype.js';
import { ShapeError, ValueError } from '../errors.js';
import { full } from '../tensor/create.js';
import { show } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { requireCount } from './arguments.js';
import { MultiheadAttention } from './attention.js';
import { ModuleList } from './containers.js';
import { Dropout } from './dropout.js';
import { gelu, relu } from './functional/activation.js';
import { xavierUniform_ } from './init.js';
import { LayerNorm } from './layer-norm.js';
import { Linear } from './linear.js';
import { Module } from './module.js';
import { takes } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/** What stands between the two linear layers of a transformer layer. */
export type TransformerActivation = 'relu' | 'gelu' | ((input: Tensor) => Tensor);

function activationOf(layer: string, activation: TransformerActivation): (input: Tensor) => Tensor {
  if (typeof activation === 'function') return activation;
  if (activation === 'relu') return (input) => relu(input);
  if (activation === 'gelu') return (input) => gelu(input);
  throw new ValueError(`${layer}: expected activation 'relu', 'gelu' or a function, got '${String(activation)}'`);
}

/** Options of the transformer layers. */
export interface TransformerLayerOptions {
  /** The size between the two linear layers. */
  dimFeedforward?: number;
  dropout?: number;
  activation?: TransformerActivation;
  layerNormEps?: number;
  /** Whether batches come first: [N, L, E] rather than [L, N, E]. */
  batchFirst?: boolean;
  /** Whether to normalise before each part rather than after it. */
  normFirst?: boolean;
  /** Whether the linear layers and norms have biases; true unless given. */
  bias?: boolean;
  dtype?: DType;
}

/** What a call of a `TransformerEncoderLayer` takes besides its input. */
export interface EncoderLayerCall {
  /** [L, L] or [N * heads, L, L]: true where a position may not look, or numbers added to the scores. */
  srcMask?: Tensor | undefined;
  /** True for positions that are padding: [N, L]. */
  srcKeyPaddingMask?: Tensor | undefined;
  /** Whether position i looks at positions up to i only. */
  isCausal?: boolean;
}

/**
 * Self-attention and two linear layers, each with dropout, a residual connection and layer normalisation.
 *
 * ```ts
 * const layer = new nn.TransformerEncoderLayer(16, 4, { batchFirst: true });
 * layer(randn([2, 10, 16])).shape; // [2, 10, 16]
 * ```
 * https://pytorch.org/docs/stable/generated/torch.nn.TransformerEncoderLayer.html
 */
@takes(signatures.TransformerEncoderLayer)
export class TransformerEncoderLayer extends Module {
  readonly normFirst: boolean;
  readonly activation: (input: Tensor) => Tensor;
  selfAttn: MultiheadAttention;
  linear1: Linear;
  dropout: Dropout;
  linear2: Linear;
  norm1: LayerNorm;
  norm2: LayerNorm;
  dropout1: Dropout;
  dropout2: Dropout;

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super();
    const { dimFeedforward = 2048, dropout = 0.1, activation = 'relu', layerNormEps = 1e-5, ...rest } = options;
    const { batchFirst = false, normFirst = false, bias = true, ...factory } = rest;
    this.normFirst = normFirst;
    this.activation = activationOf('TransformerEncoderLayer', activation);
    this.selfAttn = new MultiheadAttention(dModel, nhead, { dropout, batchFirst, bias, ...factory });
    this.linear1 = new Linear(dModel, dimFeedforward, { bias, ...factory });
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, { bias, ...factory });
    this.norm1 = new LayerNorm(dModel, { eps: layerNormEps, bias, ...factory });
    this.norm2 = new LayerNorm(dModel, { eps: layerNormEps, bias, ...factory });
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
  }

  override forward(src: Tensor, options: EncoderLayerCall = {}): Tensor {
    if (this.normFirst) {
      const attended = src.add(this.attend(this.norm1(src), options));
      return attended.add(this.feedForward(this.norm2(attended)));
    }
    const attended = this.norm1(src.add(this.attend(src, options)));
    return this.norm2(attended.add(this.feedForward(attended)));
  }

  private attend(x: Tensor, { srcMask, srcKeyPaddingMask, isCausal = false }: EncoderLayerCall): Tensor {
    const masks = { attnMask: srcMask, keyPaddingMask: srcKeyPaddingMask };
    return this.dropout1(this.selfAttn(x, x, x, { ...masks, isCausal, needWeights: false })[0]);
  }

  private feedForward(x: Tensor): Tensor {
    return this.dropout2(this.linear2(this.dropout(this.activation(this.linear1(x)))));
  }
}

/** What a call of a `TransformerDecoderLayer` takes besides its input and the memory. */
export interface DecoderLayerCall {
  /** [L, L] or [N * heads, L, L], for the self-attention. */
  tgtMask?: Tensor | undefined;
  /** [L, S] or [N * heads, L, S], for the attention to the memory. */
  memoryMask?: Tensor | undefined;
  /** True for positions of the target that are padding: [N, L]. */
  tgtKeyPaddingMask?: Tensor | undefined;
  /** True for positions of the memory that are padding: [N, S]. */
  memoryKeyPaddingMask?: Tensor | undefined;
  /** Whether position i of the target looks at positions up to i only. */
  tgtIsCausal?: boolean;
  memoryIsCausal?: boolean;
}

/**
 * Self-attention, attention to the encoder's memory and two linear layers.
 * https://pytorch.org/docs/stable/generated/torch.nn.TransformerDecoderLayer.html
 */
@takes(signatures.TransformerDecoderLayer)
export class TransformerDecoderLayer extends Module {
  readonly normFirst: boolean;
  readonly activation: (input: Tensor) => Tensor;
  selfAttn: MultiheadAttention;
  multiheadAttn: MultiheadAttention;
  linear1: Linear;
  dropout: Dropout;
  linear2: Linear;
  norm1: LayerNorm;
  norm2: LayerNorm;
  norm3: LayerNorm;
  dropout1: Dropout;
  dropout2: Dropout;
  dropout3: Dropout;

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super();
    const { dimFeedforward = 2048, dropout = 0.1, activation = 'relu', layerNormEps = 1e-5, ...rest } = options;
    const { batchFirst = false, normFirst = false, bias = true, ...factory } = rest;
    this.normFirst = normFirst;
    this.activation = activationOf('TransformerDecoderLayer', activation);
    this.selfAttn = new MultiheadAttention(dModel, nhead, { dropout, batchFirst, bias, ...factory });
    this.multiheadAttn = new MultiheadAttention(dModel, nhead, { dropout, batchFirst, bias, ...factory });
    this.linear1 = new Linear(dModel, dimFeedforward, { bias, ...factory });
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, { bias, ...factory });
    const norm = (): LayerNorm => new LayerNorm(dModel, { eps: layerNormEps, bias, ...factory });
    this.norm1 = norm();
    this.norm2 = norm();
    this.norm3 = norm();
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.dropout3 = new Dropout(dropout);
  }

  override forward(tgt: Tensor, memory: Tensor, options: DecoderLayerCall = {}): Tensor {
    if (this.normFirst) {
      const own = tgt.add(this.attend(this.norm1(tgt), options));
      const both = own.add(this.attendTo(memory, this.norm2(own), options));
      return both.add(this.feedForward(this.norm3(both)));
    }
    const own = this.norm1(tgt.add(this.attend(tgt, options)));
    const both = this.norm2(own.add(this.attendTo(memory, own, options)));
    return this.norm3(both.add(this.feedForward(both)));
  }

  private attend(x: Tensor, { tgtMask, tgtKeyPaddingMask, tgtIsCausal = false }: DecoderLayerCall): Tensor {
    const masks = { attnMask: tgtMask, keyPaddingMask: tgtKeyPaddingMask };
    return this.dropout1(this.selfAttn(x, x, x, { ...masks, isCausal: tgtIsCausal, needWeights: false })[0]);
  }

  private attendTo(
    memory: Tensor,
    x: Tensor,
    { memoryMask, memoryKeyPaddingMask, memoryIsCausal = false }: DecoderLayerCall,
  ): Tensor {
    const masks = { attnMask: memoryMask, keyPaddingMask: memoryKeyPaddingMask };
    const attended = this.multiheadAttn(x, memory, memory, { ...masks, isCausal: memoryIsCausal, needWeights: false });
    return this.dropout2(attended[0]);
  }

  private feedForward(x: Tensor): Tensor {
    return this.dropout3(this.linear2(this.dropout(this.activation(this.linear1(x)))));
  }
}

/** As many independent copies of a layer as asked for, all with its present weights. */
function copies<M extends Module>(layer: M, count: number): ModuleList<M> {
  return new ModuleList(Array.from({ length: count }, () => layer.clone()));
}

/** Options of a stack of transformer layers. */
export interface StackOptions {
  /** A normalisation behind the last layer. */
  norm?: Module | null | undefined;
}

/** A normalisation as stacks call it. */
type Norm = Module & { (input: Tensor): Tensor };

/** What a call of a `TransformerEncoder` takes besides its input. */
export interface EncoderCall {
  /** [L, L] or [N * heads, L, L]: true where a position may not look, or numbers added to the scores. */
  mask?: Tensor | undefined;
  /** True for positions that are padding: [N, L]. */
  srcKeyPaddingMask?: Tensor | undefined;
  /** Whether position i looks at positions up to i only. */
  isCausal?: boolean;
}

/**
 * A stack of encoder layers, each beginning as a copy of the one given.
 * Unlike PyTorch's shortcut for evaluation, padded positions keep their computed values rather than becoming zeros.
 * https://pytorch.org/docs/stable/generated/torch.nn.TransformerEncoder.html
 */
@takes(signatures.TransformerEncoder)
export class TransformerEncoder extends Module {
  readonly numLayers: number;
  layers: ModuleList<TransformerEncoderLayer>;
  norm: Norm | null;

  constructor(encoderLayer: TransformerEncoderLayer, numLayers: number, { norm = null }: StackOptions = {}) {
    super();
    this.numLayers = requireCount('TransformerEncoder', 'numLayers', numLayers);
    this.layers = copies(encoderLayer, numLayers);
    this.norm = norm as Norm | null;
  }

  override forward(src: Tensor, { mask, srcKeyPaddingMask, isCausal = false }: EncoderCall = {}): Tensor {
    let output = src;
    for (const layer of this.layers) output = layer(output, { srcMask: mask, srcKeyPaddingMask, isCausal });
    return this.norm ? this.norm(output) : output;
  }
}

/** A stack of decoder layers, each beginning as a copy of the one given. */
@takes(signatures.TransformerDecoder)
export class TransformerDecoder extends Module {
  readonly numLayers: number;
  layers: ModuleList<TransformerDecoderLayer>;
  norm: Norm | null;

  constructor(decoderLayer: TransformerDecoderLayer, numLayers: number, { norm = null }: StackOptions = {}) {
    super();
    this.numLayers = requireCount('TransformerDecoder', 'numLayers', numLayers);
    this.layers = copies(decoderLayer, numLayers);
    this.norm = norm as Norm | null;
  }

  override forward(tgt: Tensor, memory: Tensor, options: DecoderLayerCall = {}): Tensor {
    let output = tgt;
    for (const layer of this.layers) output = layer(output, memory, options);
    return this.norm ? this.norm(output) : output;
  }
}

/** Options of `Transformer`. */
export interface TransformerOptions extends TransformerLayerOptions {
  dModel?: number;
  nhead?: number;
  numEncoderLayers?: number;
  numDecoderLayers?: number;
}

/** What a call of a `Transformer` takes besides source and target. */
export interface TransformerCall extends DecoderLayerCall {
  /** [S, S] or [N * heads, S, S], for the encoder. */
  srcMask?: Tensor | undefined;
  /** True for positions of the source that are padding: [N, S]. */
  srcKeyPaddingMask?: Tensor | undefined;
  srcIsCausal?: boolean;
}

/** Encoder and decoder together: source [S, N, E] and target [L, N, E] give [L, N, E]. */
@takes(signatures.Transformer)
export class Transformer extends Module {
  readonly dModel: number;
  readonly nhead: number;
  readonly batchFirst: boolean;
  encoder: TransformerEncoder;
  decoder: TransformerDecoder;

  constructor({
    dModel = 512,
    nhead = 8,
    numEncoderLayers = 6,
    numDecoderLayers = 6,
    ...options
  }: TransformerOptions = {}) {
    super();
    const { layerNormEps = 1e-5, bias = true, dtype } = options;
    const norm = (): LayerNorm => new LayerNorm(dModel, { eps: layerNormEps, bias, ...(dtype ? { dtype } : {}) });
    const encoderLayer = new TransformerEncoderLayer(dModel, nhead, options);
    this.encoder = new TransformerEncoder(encoderLayer, numEncoderLayers, { norm: norm() });
    const decoderLayer = new TransformerDecoderLayer(dModel, nhead, options);
    this.decoder = new TransformerDecoder(decoderLayer, numDecoderLayers, { norm: norm() });
    this.dModel = dModel;
    this.nhead = nhead;
    this.batchFirst = options.batchFirst ?? false;
    this.resetParameters();
  }

  /** Draws all weights of two or more dims anew. */
  resetParameters(): void {
    for (const parameter of this.parameters()) if (parameter.ndim > 1) xavierUniform_(parameter);
  }

  /** Zeros on and below the diagonal, -Infinity above: numbers to add to the scores so that none looks ahead. */
  static generateSquareSubsequentMask(size: number, { dtype = 'float32' }: { dtype?: DType } = {}): Tensor {
    return full([size, size], -Infinity, { dtype }).triu(1);
  }

  override forward(src: Tensor, tgt: Tensor, options: TransformerCall = {}): Tensor {
    const { srcMask, srcKeyPaddingMask, srcIsCausal = false, ...rest } = options;
    const batchDim = this.batchFirst ? 0 : 1;
    if (src.ndim === 3 && src.shape[batchDim] !== tgt.shape[batchDim]) {
      throw new ShapeError(`expected one batch size, got source ${show(src.shape)} and target ${show(tgt.shape)}`);
    }
    for (const [name, tensor] of [
      ['source', src],
      ['target', tgt],
    ] as const) {
      if (tensor.shape.at(-1) !== this.dModel) {
        throw new ShapeError(`expected ${this.dModel} features, got ${name} ${show(tensor.shape)}`);
      }
    }
    const memory = this.encoder(src, { mask: srcMask, srcKeyPaddingMask, isCausal: srcIsCausal });
    return this.decoder(tgt, memory, rest);
  }
}

// Recurrent layers over padded and packed sequences, and their single steps as cells.
//
// A padded batch [T, N, ...] is run as the packing in which every time step has all N sequences, so that there is one way through.
// Weights are fields named as in PyTorch: weightIhL0, weightHhL0, biasIhL0, biasHhL0, weightHrL0, each with Reverse behind for the
// second direction.

import type { DType } from '../backend/dtype.js';
import { ShapeError, ValueError } from '../errors.js';
import { cat, stack } from '../ops/combine.js';
import { linear } from '../ops/matrix.js';
import { recurrentSequence, stepByStep, stepOf, type CellKind, type States } from '../ops/recurrent-sequence.js';
import { empty, zeros } from '../tensor/create.js';
import { sameShape, show } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { requireCount, requireOneOf, requireRange } from './arguments.js';
import { dropout } from './functional/dropout.js';
import { uniform_ } from './init.js';
import { Module } from './module.js';
import { PackedSequence } from './packed-sequence.js';
import { Parameter } from './parameter.js';
import { describe } from './printing.js';
import { takes } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/** Options of the recurrent layers. */
export interface RecurrentOptions {
  numLayers?: number;
  /** Whether to add learned biases; true unless given. */
  bias?: boolean;
  /** Whether batches come first: [N, T, ...] rather than [T, N, ...]. */
  batchFirst?: boolean;
  /** The probability of dropout between layers. */
  dropout?: number;
  /** Whether to run a second set of weights from the end to the beginning. */
  bidirectional?: boolean;
  dtype?: DType;
}

/** The weights of one layer in one direction; `hr` projects the hidden state. */
interface Weights {
  readonly ih: Tensor;
  readonly hh: Tensor;
  readonly biasIh: Tensor | undefined;
  readonly biasHh: Tensor | undefined;
  readonly hr: Tensor | undefined;
}

/** What the recurrent layers have in common. */
abstract class Recurrent extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly projSize: number;
  readonly numLayers: number;
  readonly bias: boolean;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;
  declare weightIhL0: Parameter;
  declare weightHhL0: Parameter;
  [weight: `weight${string}L${number}` | `weight${string}L${number}Reverse`]: Parameter | undefined;
  [bias: `bias${string}L${number}` | `bias${string}L${number}Reverse`]: Parameter | undefined;

  protected constructor(
    gates: number,
    inputSize: number,
    hiddenSize: number,
    projSize: number,
    {
      numLayers = 1,
      bias = true,
      batchFirst = false,
      dropout: p = 0,
      bidirectional = false,
      ...factory
    }: RecurrentOptions,
  ) {
    super();
    const { name } = this.constructor;
    this.inputSize = requireCount(name, 'inputSize', inputSize);
    this.hiddenSize = requireCount(name, 'hiddenSize', hiddenSize);
    this.projSize = requireCount(name, 'projSize', projSize, 0);
    if (projSize >= hiddenSize) {
      throw new ValueError(`${name}: expected projSize smaller than hiddenSize ${hiddenSize}, got ${projSize}`);
    }
    this.numLayers = requireCount(name, 'numLayers', numLayers);
    this.bias = bias;
    this.batchFirst = batchFirst;
    this.dropout = requireRange(name, 'dropout', p, 0, 1);
    this.bidirectional = bidirectional;
    const outputSize = projSize || hiddenSize;
    const parameter = (...shape: number[]): Parameter => new Parameter(empty(shape, factory));
    for (let layer = 0; layer < numLayers; layer++) {
      for (const suffix of this.suffixes(layer)) {
        const features = layer === 0 ? inputSize : outputSize * (bidirectional ? 2 : 1);
        this[`weightIh${suffix}`] = parameter(gates * hiddenSize, features);
        this[`weightHh${suffix}`] = parameter(gates * hiddenSize, outputSize);
        if (bias) {
          this[`biasIh${suffix}`] = parameter(gates * hiddenSize);
          this[`biasHh${suffix}`] = parameter(gates * hiddenSize);
        }
        if (projSize > 0) this[`weightHr${suffix}`] = parameter(projSize, hiddenSize);
      }
    }
    this.resetParameters();
  }

  private suffixes(layer: number): (`L${number}` | `L${number}Reverse`)[] {
    return this.bidirectional ? [`L${layer}`, `L${layer}Reverse`] : [`L${layer}`];
  }

  /** Draws all weights anew: uniform within ±1/√hiddenSize. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.hiddenSize);
    for (const parameter of this.parameters({ recurse: false })) uniform_(parameter, -bound, bound);
  }

  /** Which cell runs over the sequences. */
  protected abstract kind(): CellKind;

  /** The sizes of the states. */
  protected stateSizes(): readonly number[] {
    return [this.projSize || this.hiddenSize];
  }

  private weightsOf(suffix: `L${number}` | `L${number}Reverse`): Weights {
    return {
      ih: this[`weightIh${suffix}`]!,
      hh: this[`weightHh${suffix}`]!,
      biasIh: this[`biasIh${suffix}`],
      biasHh: this[`biasHh${suffix}`],
      hr: this[`weightHr${suffix}`],
    };
  }

  /** Runs all layers over a packing; `states` as given or undefined for zeros. Returns the last layer's outputs and the states. */
  protected run(data: Tensor, batchSizes: readonly number[], states: States | undefined): [Tensor, Tensor[]] {
    const count = batchSizes[0] ?? 0;
    const directions = this.bidirectional ? 2 : 1;
    const starts =
      states ??
      this.stateSizes().map((size) => zeros([this.numLayers * directions, count, size], { dtype: data.dtype }));
    const ends: States[] = [];
    let input = data;
    for (let layer = 0; layer < this.numLayers; layer++) {
      const outputs = this.suffixes(layer).map((suffix, direction) => {
        const at = layer * directions + direction;
        const start = starts.map((state) => state.select(0, at));
        const [output, end] = this.direction(input, batchSizes, start, this.weightsOf(suffix), direction === 1);
        ends.push(end);
        return output;
      });
      input = outputs.length === 1 ? outputs[0]! : cat(outputs, 1);
      if (this.dropout > 0 && layer < this.numLayers - 1) {
        input = dropout(input, { p: this.dropout, training: this.training });
      }
    }
    return [input, starts.map((_, kind) => stack(ends.map((end) => end[kind]!)))];
  }

  /** One layer in one direction over a packing. */
  private direction(
    data: Tensor,
    batchSizes: readonly number[],
    start: States,
    { ih, hh, biasIh, biasHh, hr }: Weights,
    reverse: boolean,
  ): [Tensor, States] {
    const gates = linear(data, ih, biasIh);
    if (!hr) return recurrentSequence(this.kind(), gates, start, hh, biasHh, batchSizes, reverse);
    const step = stepOf(this.kind(), hh, biasHh);
    return stepByStep(gates, start, batchSizes, reverse, (contribution, states) => {
      const [hidden, ...others] = step(contribution, states);
      return [linear(hidden!, hr), ...others];
    });
  }

  /** Brings any input into a packing, runs it, and brings the results back into the input's form. */
  protected runOver(input: Tensor | PackedSequence, states: States | undefined): [Tensor | PackedSequence, Tensor[]] {
    if (input instanceof PackedSequence) {
      const { data, batchSizes, sortedIndices, unsortedIndices } = input;
      this.checkFeatures(data);
      this.checkStates(states, batchSizes[0] ?? 0, 3);
      const ordered = sortedIndices ? states?.map((state) => state.indexSelect(1, sortedIndices)) : states;
      const [output, ends] = this.run(data, batchSizes, ordered);
      return [input.withData(output), unsortedIndices ? ends.map((end) => end.indexSelect(1, unsortedIndices)) : ends];
    }
    if (input.ndim !== 2 && input.ndim !== 3) {
      throw new ShapeError(`expected an input of 2 dims (no batch) or 3 dims, got ${show(input.shape)}`);
    }
    this.checkFeatures(input);
    const batched = input.ndim === 3;
    const steps = !batched ? input.unsqueeze(1) : this.batchFirst ? input.transpose(0, 1) : input;
    const [length, count] = steps.shape as [number, number];
    if (length === 0) throw new ShapeError(`expected sequences of 1 or more steps, got input ${show(input.shape)}`);
    this.checkStates(states, count, batched ? 3 : 2);
    const flat = steps.reshape([length * count, this.inputSize]);
    const start = batched ? states : states?.map((state) => state.unsqueeze(1));
    const [output, ends] = this.run(flat, new Array<number>(length).fill(count), start);
    const shaped = output.reshape([length, count, output.shape[1]!]);
    if (!batched) return [shaped.squeeze(1), ends.map((end) => end.squeeze(1))];
    return [this.batchFirst ? shaped.transpose(0, 1) : shaped, ends];
  }

  private checkFeatures(input: Tensor): void {
    if (input.shape.at(-1) !== this.inputSize) {
      throw new ShapeError(`expected ${this.inputSize} features, got input ${show(input.shape)}`);
    }
  }

  private checkStates(states: States | undefined, count: number, ndim: number): void {
    states?.forEach((state, kind) => {
      const rows = this.numLayers * (this.bidirectional ? 2 : 1);
      const size = this.stateSizes()[kind]!;
      const expected = ndim === 3 ? [rows, count, size] : [rows, size];
      if (!sameShape(state.shape, expected)) {
        const which = kind === 0 ? 'hidden' : 'cell';
        throw new ShapeError(`expected a ${which} state of shape ${show(expected)}, got ${show(state.shape)}`);
      }
    });
  }

  override multiplyAdds([input]: readonly unknown[]): number {
    const data = input instanceof PackedSequence ? input.data : (input as Tensor);
    const rows = data.numel() / this.inputSize;
    let products = 0;
    for (const [name, parameter] of this.namedParameters({ recurse: false })) {
      if (name.startsWith('weight')) products += parameter.numel();
    }
    return rows * products;
  }

  override extraRepr(): string {
    const { projSize, numLayers, bias, batchFirst, dropout: p, bidirectional } = this;
    const options = describe({
      ...(projSize === 0 ? {} : { projSize }),
      ...(numLayers === 1 ? {} : { numLayers }),
      ...(bias ? {} : { bias }),
      ...(batchFirst ? { batchFirst } : {}),
      ...(p === 0 ? {} : { dropout: p }),
      ...(bidirectional ? { bidirectional } : {}),
    });
    return `${this.inputSize}, ${this.hiddenSize}${options === '' ? '' : `, ${options}`}`;
  }
}

/** Options of `RNN`. */
export interface RnnOptions extends RecurrentOptions {
  nonlinearity?: 'tanh' | 'relu';
}

/** A call with a tensor returns a tensor, one with a packing a packing. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- the call signatures of the class below
export interface RNN {
  (input: Tensor, hx?: Tensor): [output: Tensor, hidden: Tensor];
  (input: PackedSequence, hx?: Tensor): [output: PackedSequence, hidden: Tensor];
}

/**
 * h' = tanh(Wᵢ x + bᵢ + Wₕ h + bₕ) step by step: input [T, N, inputSize] (or [N, T, ...] with batchFirst, or [T, inputSize], or a
 * PackedSequence), output [T, N, hiddenSize] (twice that when bidirectional) and the last states [layers, N, hiddenSize].
 * https://pytorch.org/docs/stable/generated/torch.nn.RNN.html
 */
@takes(signatures.RNN)
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- the call signatures above
export class RNN extends Recurrent {
  readonly nonlinearity: 'tanh' | 'relu';

  constructor(inputSize: number, hiddenSize: number, { nonlinearity = 'tanh', ...options }: RnnOptions = {}) {
    super(1, inputSize, hiddenSize, 0, options);
    this.nonlinearity = requireOneOf('RNN', 'nonlinearity', nonlinearity, ['tanh', 'relu']);
  }

  protected override kind(): CellKind {
    return this.nonlinearity;
  }

  override forward(input: Tensor | PackedSequence, hx?: Tensor): [output: Tensor | PackedSequence, hidden: Tensor] {
    const [output, [hidden]] = this.runOver(input, hx ? [hx] : undefined) as [Tensor, [Tensor]];
    return [output, hidden];
  }
}

/** A call with a tensor returns a tensor, one with a packing a packing. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- the call signatures of the class below
export interface GRU {
  (input: Tensor, hx?: Tensor): [output: Tensor, hidden: Tensor];
  (input: PackedSequence, hx?: Tensor): [output: PackedSequence, hidden: Tensor];
}

/**
 * Gated recurrent units: inputs and outputs as of `RNN`. https://arxiv.org/abs/1406.1078
 * https://pytorch.org/docs/stable/generated/torch.nn.GRU.html
 */
@takes(signatures.GRU)
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- the call signatures above
export class GRU extends Recurrent {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super(3, inputSize, hiddenSize, 0, options);
  }

  protected override kind(): CellKind {
    return 'gru';
  }

  override forward(input: Tensor | PackedSequence, hx?: Tensor): [output: Tensor | PackedSequence, hidden: Tensor] {
    const [output, [hidden]] = this.runOver(input, hx ? [hx] : undefined) as [Tensor, [Tensor]];
    return [output, hidden];
  }
}

/** Options of `LSTM`. */
export interface LstmOptions extends RecurrentOptions {
  /** Project the hidden state to this size; 0: don't. https://arxiv.org/abs/1402.1128 */
  projSize?: number;
}

/** Hidden and cell states, each [layers, N, size]. */
export type LstmState = readonly [hidden: Tensor, cell: Tensor];

/** A call with a tensor returns a tensor, one with a packing a packing. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- the call signatures of the class below
export interface LSTM {
  (input: Tensor, hx?: LstmState): [output: Tensor, state: [hidden: Tensor, cell: Tensor]];
  (input: PackedSequence, hx?: LstmState): [output: PackedSequence, state: [hidden: Tensor, cell: Tensor]];
}

/**
 * Long short-term memory: inputs and outputs as of `RNN`, the states a pair.
 *
 * ```ts
 * const lstm = new nn.LSTM(10, 20, { numLayers: 2 });
 * const [output, [hidden, cell]] = lstm(randn([5, 3, 10]));
 * output.shape; // [5, 3, 20]
 * hidden.shape; // [2, 3, 20]
 * ```
 * https://pytorch.org/docs/stable/generated/torch.nn.LSTM.html
 */
@takes(signatures.LSTM)
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- the call signatures above
export class LSTM extends Recurrent {
  constructor(inputSize: number, hiddenSize: number, { projSize = 0, ...options }: LstmOptions = {}) {
    super(4, inputSize, hiddenSize, projSize, options);
  }

  protected override stateSizes(): readonly number[] {
    return [this.projSize || this.hiddenSize, this.hiddenSize];
  }

  protected override kind(): CellKind {
    return 'lstm';
  }

  override forward(
    input: Tensor | PackedSequence,
    hx?: LstmState,
  ): [output: Tensor | PackedSequence, state: [hidden: Tensor, cell: Tensor]] {
    return this.runOver(input, hx) as [Tensor, [Tensor, Tensor]];
  }
}

/** Options of the recurrent cells. */
export interface CellOptions {
  /** Whether to add learned biases; true unless given. */
  bias?: boolean;
  dtype?: DType;
}

/** A single step with weights of its own. */
abstract class Cell extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  weightIh: Parameter;
  weightHh: Parameter;
  biasIh: Parameter | null;
  biasHh: Parameter | null;

  protected constructor(
    gates: number,
    inputSize: number,
    hiddenSize: number,
    { bias = true, ...factory }: CellOptions,
  ) {
    super();
    const { name } = this.constructor;
    this.inputSize = requireCount(name, 'inputSize', inputSize);
    this.hiddenSize = requireCount(name, 'hiddenSize', hiddenSize);
    const rows = gates * hiddenSize;
    this.weightIh = new Parameter(empty([rows, inputSize], factory));
    this.weightHh = new Parameter(empty([rows, hiddenSize], factory));
    this.biasIh = bias ? new Parameter(empty([rows], factory)) : null;
    this.biasHh = bias ? new Parameter(empty([rows], factory)) : null;
    this.resetParameters();
  }

  /** Draws all weights anew: uniform within ±1/√hiddenSize. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.hiddenSize);
    for (const parameter of this.parameters({ recurse: false })) uniform_(parameter, -bound, bound);
  }

  /** Runs one step on rows, whether the input [N, inputSize] has a batch dim or not. */
  protected step(kind: CellKind, input: Tensor, states: States | undefined): Tensor[] {
    if ((input.ndim !== 1 && input.ndim !== 2) || input.shape.at(-1) !== this.inputSize) {
      throw new ShapeError(`expected ${this.inputSize} features, got input ${show(input.shape)}`);
    }
    const rows = input.ndim === 1 ? input.unsqueeze(0) : input;
    const shape = [rows.shape[0]!, this.hiddenSize];
    const start = Array.from({ length: kind === 'lstm' ? 2 : 1 }, (_, which) => {
      const state = states?.[which];
      if (!state) return zeros(shape, { dtype: input.dtype });
      if (!sameShape(state.shape, input.ndim === 1 ? shape.slice(1) : shape)) {
        throw new ShapeError(`expected a state of shape ${show(shape)}, got ${show(state.shape)}`);
      }
      return input.ndim === 1 ? state.unsqueeze(0) : state;
    });
    const gates = linear(rows, this.weightIh, this.biasIh ?? undefined);
    const ends = stepOf(kind, this.weightHh, this.biasHh ?? undefined)(gates, start);
    return input.ndim === 1 ? ends.map((end) => end.squeeze(0)) : ends.slice();
  }

  override multiplyAdds([input]: readonly unknown[]): number {
    const rows = (input as Tensor).numel() / this.inputSize;
    return rows * (this.weightIh.numel() + this.weightHh.numel());
  }

  override extraRepr(): string {
    return `${this.inputSize}, ${this.hiddenSize}${this.biasIh ? '' : ', bias=False'}`;
  }
}

/** Options of `RNNCell`. */
export interface RnnCellOptions extends CellOptions {
  nonlinearity?: 'tanh' | 'relu';
}

/** h' = tanh(Wᵢ x + bᵢ + Wₕ h + bₕ): input [N, inputSize], hidden [N, hiddenSize]. */
@takes(signatures.RNNCell)
export class RNNCell extends Cell {
  readonly nonlinearity: 'tanh' | 'relu';

  constructor(inputSize: number, hiddenSize: number, { nonlinearity = 'tanh', ...options }: RnnCellOptions = {}) {
    super(1, inputSize, hiddenSize, options);
    this.nonlinearity = requireOneOf('RNNCell', 'nonlinearity', nonlinearity, ['tanh', 'relu']);
  }

  override forward(input: Tensor, hx?: Tensor): Tensor {
    return this.step(this.nonlinearity, input, hx ? [hx] : undefined)[0]!;
  }

  override extraRepr(): string {
    return `${super.extraRepr()}${this.nonlinearity === 'tanh' ? '' : `, nonlinearity=${this.nonlinearity}`}`;
  }
}

/** One step of a GRU: input [N, inputSize], hidden [N, hiddenSize]. */
@takes(signatures.GRUCell)
export class GRUCell extends Cell {
  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super(3, inputSize, hiddenSize, options);
  }

  override forward(input: Tensor, hx?: Tensor): Tensor {
    return this.step('gru', input, hx ? [hx] : undefined)[0]!;
  }
}

/** One step of an LSTM: input [N, inputSize], states [N, hiddenSize]. */
@takes(signatures.LSTMCell)
export class LSTMCell extends Cell {
  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super(4, inputSize, hiddenSize, options);
  }

  override forward(input: Tensor, hx?: LstmState): [hidden: Tensor, cell: Tensor] {
    return this.step('lstm', input, hx) as [Tensor, Tensor];
  }
}

// Recurrent cells over whole sequences as one operation: no graph between the steps, and the weight's gradient as one matrix
// product over all of them. Where a graph of gradients is made, the steps are done again one by one with plain operations.

import { grad as differentiate } from '../autograd/backward.js';
import { requiresGrad } from '../autograd/history.js';
import { isGradEnabled } from '../autograd/mode.js';
import { backend } from '../backend/active.js';
import { DTypeError } from '../errors.js';
import { allocate, window, type Tensor } from '../tensor/tensor.js';
import { cat } from './combine.js';
import { linear } from './matrix.js';
import { operation } from './operation.js';
import { block, Packing, part } from './packing.js';
import { gruCell, lstmCell } from './recurrent.js';

/** Which cell runs: an LSTM, a GRU, or a plain one with tanh or relu. */
export type CellKind = 'lstm' | 'gru' | 'tanh' | 'relu';

/** The states of the sequences: [hidden], or [hidden, cell], each [sequences, size]. */
export type States = readonly Tensor[];

/** One step: from what the input contributes to the gates, and the states, to the new states. */
export type Step = (gates: Tensor, states: States) => States;

/** Runs steps one by one over a packing: the hidden states after each step [rows, size], and the last states. */
export function stepByStep(
  gates: Tensor,
  start: States,
  sizes: readonly number[],
  reverse: boolean,
  step: Step,
): [Tensor, States] {
  const perStep = gates.split(sizes, 0);
  const outputs = new Array<Tensor>(sizes.length);
  const ended: States[] = [];
  const narrowed = (states: States, from: number, count: number): States =>
    from === 0 && count === states[0]!.shape[0] ? states : states.map((state) => state.narrow(0, from, count));
  const joined = (parts: readonly States[]): States =>
    parts.length === 1 ? parts[0]! : parts[0]!.map((_, kind) => cat(parts.map((states) => states[kind]!)));
  const { order } = new Packing(sizes, reverse);
  let running = sizes[order[0] ?? 0] ?? 0;
  let states = narrowed(start, 0, running);
  for (const t of order) {
    const size = sizes[t]!;
    if (size < running) {
      // Sequences that have come to their end keep the state they have.
      ended.push(narrowed(states, size, running - size));
      states = narrowed(states, 0, size);
    } else if (size > running) {
      // Run backwards, longer sequences began before the others.
      states = joined([states, narrowed(start, running, size - running)]);
    }
    running = size;
    states = step(perStep[t]!, states);
    outputs[t] = states[0]!;
  }
  return [cat(outputs), joined([states, ...ended.reverse()])];
}

/** A step of a kind of cell, from its weights. */
export function stepOf(kind: CellKind, weight: Tensor, bias: Tensor | undefined): Step {
  return (gates, states) => {
    const hidden = states[0]!;
    if (kind === 'gru') return [gruCell(gates, linear(hidden, weight, bias), hidden)];
    const sum = gates.add(linear(hidden, weight, bias));
    if (kind !== 'lstm') return [kind === 'tanh' ? sum.tanh() : sum.relu()];
    const next = lstmCell(sum, states[1]!);
    return [next.hidden, next.cell];
  };
}

/** What the forward leaves for the backward: buffers with a row for every element. */
interface Scratch {
  /** The hidden state after each step. */
  output?: Tensor;
  /** The gates after their activations; for plain cells the output itself. */
  activated?: Tensor;
  /** LSTM: the cell state after each step and its tanh. GRU: what the hidden state contributes to the gates. */
  extra?: readonly Tensor[];
}

function transposed(matrix: Tensor): Tensor {
  const [rows, columns] = matrix.shape as [number, number];
  return window(matrix, [columns, rows], [matrix.strides[1]!, matrix.strides[0]!], matrix.offset);
}

function checkTypes(...tensors: readonly (Tensor | undefined)[]): void {
  const types = new Set(tensors.flatMap((tensor) => tensor?.dtype ?? []));
  if (types.size > 1)
    throw new DTypeError(`expected operands of one dtype, got ${[...types].join(' and ')}: convert one with to(dtype)`);
}

/** A copy of `gates` with the bias added. */
function withBias(gates: Tensor, bias: Tensor | undefined): Tensor {
  const result = allocate(gates.shape, gates.dtype);
  if (bias) backend.binary('add', result, gates, bias);
  else backend.copy(result, gates);
  return result;
}

/** One step of each kind of cell, its results written into rows of the buffers. */
const forwards = {
  lstm(scratch: Scratch, packing: Packing, i: number, hidden: Tensor, start: States, right: Tensor): void {
    const t = packing.order[i]!;
    const [cells, squashed] = scratch.extra as [Tensor, Tensor];
    const width = cells.shape[1]!;
    const gates = packing.rows(scratch.activated!, t);
    backend.matmul(gates, hidden, right, { beta: 1 });
    const firstTwo = block(gates, 0, width, 2);
    const [candidate, output] = [block(gates, 2, width), block(gates, 3, width)];
    backend.unary('sigmoid', firstTwo, firstTwo);
    backend.unary('tanh', candidate, candidate);
    backend.unary('sigmoid', output, output);
    const [cell, squashedCell] = [packing.rows(cells, t), packing.rows(squashed, t)];
    backend.binary('mul', cell, block(gates, 1, width), packing.before(i, cells, start[1]!));
    backend.addScaled('mul', cell, cell, block(gates, 0, width), candidate, 1);
    backend.unary('tanh', squashedCell, cell);
    backend.binary('mul', packing.rows(scratch.output!, t), output, squashedCell);
  },
  gru(scratch: Scratch, packing: Packing, i: number, hidden: Tensor, bias: Tensor | undefined, right: Tensor): void {
    const t = packing.order[i]!;
    const width = hidden.shape[1]!;
    const gates = packing.rows(scratch.activated!, t);
    const fromHidden = packing.rows(scratch.extra![0]!, t);
    backend.matmul(fromHidden, hidden, right, { bias });
    const firstTwo = block(gates, 0, width, 2);
    backend.binary('add', firstTwo, firstTwo, block(fromHidden, 0, width, 2));
    backend.unary('sigmoid', firstTwo, firstTwo);
    const [reset, update, candidate] = [block(gates, 0, width), block(gates, 1, width), block(gates, 2, width)];
    backend.addScaled('mul', candidate, candidate, reset, block(fromHidden, 2, width), 1);
    backend.unary('tanh', candidate, candidate);
    const output = packing.rows(scratch.output!, t);
    backend.binary('sub', output, hidden, candidate);
    backend.addScaled('mul', output, candidate, update, output, 1);
  },
};

const sequence = operation({
  name: 'recurrent',
  forward(
    gates: Tensor,
    hidden: Tensor,
    cell: Tensor | undefined,
    weight: Tensor,
    bias: Tensor | undefined,
    kind: CellKind,
    packing: Packing,
    scratch: Scratch,
  ): { output: Tensor; hidden: Tensor; cell?: Tensor } {
    checkTypes(gates, hidden, cell, weight, bias);
    const rows = gates.shape[0]!;
    const width = hidden.shape[1]!;
    const buffer = (columns: number): Tensor => allocate([rows, columns], gates.dtype);
    const plain = kind === 'tanh' || kind === 'relu';
    const activated = (scratch.activated = withBias(gates, kind === 'gru' ? undefined : bias));
    const output = (scratch.output = plain ? activated : buffer(width));
    scratch.extra = kind === 'lstm' ? [buffer(width), buffer(width)] : kind === 'gru' ? [buffer(3 * width)] : [];
    const right = transposed(weight);
    packing.order.forEach((t, i) => {
      const before = packing.before(i, output, hidden);
      if (kind === 'lstm') forwards.lstm(scratch, packing, i, before, [hidden, cell!], right);
      else if (kind === 'gru') forwards.gru(scratch, packing, i, before, bias, right);
      else {
        const result = packing.rows(output, t);
        backend.matmul(result, before, right, { beta: 1 });
        backend.unary(kind, result, result);
      }
    });
    const last = packing.after(output);
    return kind === 'lstm'
      ? { output, hidden: last, cell: packing.after(scratch.extra[0]!) }
      : { output, hidden: last };
  },
  save: ({ output }, gates, hidden, cell, weight, bias, kind, packing, scratch) => ({
    output,
    gates,
    hidden,
    cell,
    weight,
    bias,
    activated: kind === 'tanh' || kind === 'relu' ? output : scratch.activated!,
    extra: scratch.extra!,
    kind,
    packing,
  }),
  gradient(_grad, saved, needs, [gradOutput, gradHidden, gradCell]) {
    const { gates, hidden, cell, weight, bias, kind, packing } = saved;
    if (isGradEnabled()) {
      return composed(gates, hidden, cell, weight, bias, kind, packing, [gradOutput, gradHidden, gradCell]);
    }
    const running = (gradient: Tensor | null | undefined, like: Tensor): Tensor => {
      const result = allocate(like.shape, like.dtype);
      if (gradient) backend.copy(result, gradient);
      else backend.fill(result, 0);
      return result;
    };
    const dHidden = running(gradHidden, hidden);
    const dCell = cell && running(gradCell, cell);
    const dGates = allocate(gates.shape, gates.dtype);
    // What the hidden states contributed to the gates has the same gradient, but for a GRU's candidate.
    const dFromHidden = kind === 'gru' ? allocate(gates.shape, gates.dtype) : dGates;
    for (let i = packing.order.length - 1; i >= 0; i--) {
      const t = packing.order[i]!;
      const size = packing.sizes[t]!;
      const dh = part(dHidden, 0, size);
      if (gradOutput) backend.binary('add', dh, dh, packing.rows(gradOutput, t));
      const rows = packing.rows(dGates, t);
      if (kind === 'lstm') lstmBackward(saved, i, dh, part(dCell!, 0, size), rows);
      else if (kind === 'gru') gruBackward(saved, i, dh, rows, packing.rows(dFromHidden, t));
      else backend.binary(kind === 'tanh' ? 'tanhBackward' : 'reluBackward', rows, dh, packing.rows(saved.output, t));
      backend.matmul(dh, packing.rows(dFromHidden, t), weight, { beta: kind === 'gru' ? 1 : 0 });
    }
    return [
      dGates,
      dHidden,
      dCell ?? null,
      needs[3] ? weightGradient(saved, dFromHidden) : null,
      needs[4] ? dFromHidden.sum(0) : null,
    ];
  },
});

interface Saved {
  readonly output: Tensor;
  readonly hidden: Tensor;
  readonly cell: Tensor | undefined;
  readonly weight: Tensor;
  readonly activated: Tensor;
  readonly extra: readonly Tensor[];
  readonly packing: Packing;
}

/** From the gradients of both states after a step to that of its gates; `dc` becomes that of the cell state before. */
function lstmBackward(
  { activated, extra, packing, cell }: Saved,
  i: number,
  dh: Tensor,
  dc: Tensor,
  dGates: Tensor,
): void {
  const t = packing.order[i]!;
  const width = dh.shape[1]!;
  const gates = packing.rows(activated, t);
  const [input, forget, candidate, output] = [0, 1, 2, 3].map((k) => block(gates, k, width)) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  const [dInput, dForget, dCandidate, dOut] = [0, 1, 2, 3].map((k) => block(dGates, k, width)) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  const squashed = packing.rows(extra[1]!, t);
  backend.binary('mul', dOut, dh, squashed);
  backend.binary('sigmoidBackward', dOut, dOut, output);
  // dh is not needed any more: its memory takes what reaches the cell state through it.
  backend.binary('mul', dh, dh, output);
  backend.binary('tanhBackward', dh, dh, squashed);
  backend.binary('add', dc, dc, dh);
  backend.binary('mul', dInput, dc, candidate);
  backend.binary('mul', dForget, dc, packing.before(i, extra[0]!, cell!));
  backend.binary('mul', dCandidate, dc, input);
  backend.binary('mul', dc, dc, forget);
  const firstTwo = block(dGates, 0, width, 2);
  backend.binary('sigmoidBackward', firstTwo, firstTwo, block(gates, 0, width, 2));
  backend.binary('tanhBackward', dCandidate, dCandidate, candidate);
}

/** The same for a GRU; `dh` becomes what goes past the gates to the hidden state before. */
function gruBackward(
  { output, activated, extra, packing, hidden }: Saved,
  i: number,
  dh: Tensor,
  dGates: Tensor,
  dFromHidden: Tensor,
): void {
  const t = packing.order[i]!;
  const width = dh.shape[1]!;
  const gates = packing.rows(activated, t);
  const [reset, update, candidate] = [0, 1, 2].map((k) => block(gates, k, width)) as [Tensor, Tensor, Tensor];
  const [dReset, dUpdate, dCandidate] = [0, 1, 2].map((k) => block(dGates, k, width)) as [Tensor, Tensor, Tensor];
  backend.binary('sub', dUpdate, packing.before(i, output, hidden), candidate);
  backend.binary('mul', dUpdate, dUpdate, dh);
  // grad * (1 - update) through tanh, while dh keeps grad * update.
  backend.addScaled('mul', dCandidate, dh, dh, update, -1);
  backend.binary('mul', dh, dh, update);
  backend.binary('tanhBackward', dCandidate, dCandidate, candidate);
  backend.binary('mul', dReset, dCandidate, block(packing.rows(extra[0]!, t), 2, width));
  const firstTwo = block(dGates, 0, width, 2);
  backend.binary('sigmoidBackward', firstTwo, firstTwo, block(gates, 0, width, 2));
  backend.copy(block(dFromHidden, 0, width, 2), firstTwo);
  backend.binary('mul', block(dFromHidden, 2, width), dCandidate, reset);
}

/** The sum over all steps of gate gradients times hidden states before, as one product. */
function weightGradient({ output, hidden, weight, packing }: Saved, dFromHidden: Tensor): Tensor {
  const before = allocate(output.shape, output.dtype);
  packing.order.forEach((t, i) => backend.copy(packing.rows(before, t), packing.before(i, output, hidden)));
  const result = allocate(weight.shape, weight.dtype);
  backend.matmul(result, transposed(dFromHidden), before);
  return result;
}

/**
 * The gradients through steps done again one by one, recorded. They are taken with respect to aliases of the operands, so that
 * what one operand was computed from isn't mistaken for another.
 */
function composed(
  gates: Tensor,
  hidden: Tensor,
  cell: Tensor | undefined,
  weight: Tensor,
  bias: Tensor | undefined,
  kind: CellKind,
  { sizes, reverse }: Packing,
  gradients: readonly (Tensor | null | undefined)[],
): (Tensor | null)[] {
  const operands = [gates, hidden, cell, weight, bias].map((operand) => operand?.alias());
  const [g, h, c, w, b] = operands as [Tensor, Tensor, Tensor | undefined, Tensor, Tensor | undefined];
  const [output, states] = stepByStep(g, c ? [h, c] : [h], sizes, reverse, stepOf(kind, w, b));
  const results = [output, ...states];
  const wanted = results.flatMap((result, i) => (gradients[i] && requiresGrad(result) ? [i] : []));
  const inputs = operands.filter((operand): operand is Tensor => operand !== undefined && requiresGrad(operand));
  const found = differentiate(
    wanted.map((i) => results[i]!),
    inputs,
    { gradOutputs: wanted.map((i) => gradients[i]!), createGraph: true, allowUnused: true },
  );
  return operands.map((operand) => (operand && inputs.includes(operand) ? found[inputs.indexOf(operand)]! : null));
}

/**
 * Runs a recurrent cell over a packing: `gates` [rows, gates * hidden] is what the inputs contribute (with their bias), `weight`
 * [gates * hidden, hidden] and `bias` what hidden states do. Returns the hidden states after each step and the last states.
 */
export function recurrentSequence(
  kind: CellKind,
  gates: Tensor,
  start: States,
  weight: Tensor,
  bias: Tensor | undefined,
  sizes: readonly number[],
  reverse: boolean,
): [Tensor, States] {
  const packing = new Packing(sizes, reverse);
  const { output, hidden, cell } = sequence(gates, start[0]!, start[1], weight, bias, kind, packing, {});
  return [output, cell ? [hidden, cell] : [hidden]];
}

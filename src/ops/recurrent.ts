// One step of the gated recurrent cells: everything behind the matrix products, as one operation with one gradient.

import { isGradEnabled } from '../autograd/mode.js';
import { backend } from '../backend/active.js';
import type { BinaryOp } from '../backend/backend.js';
import { zerosLike } from '../tensor/create.js';
import { allocate, type Tensor } from '../tensor/tensor.js';
import { cat } from './combine.js';
import { operation, type Op } from './operation.js';
import { block } from './packing.js';

function product(op: BinaryOp, left: Tensor, right: Tensor): Tensor {
  const result = allocate(left.shape, left.dtype);
  backend.binary(op, result, left, right);
  return result;
}

/** What an LSTM step leaves for its gradient. */
interface LstmScratch {
  /** The gates after their activations: [rows, 4 hidden]. */
  activated?: Tensor;
  /** tanh of the new cell state. */
  squashed?: Tensor;
}

const lstm = operation({
  name: 'lstmCell',
  forward(gates: Tensor, cell: Tensor, scratch: LstmScratch): { hidden: Tensor; cell: Tensor } {
    const width = cell.shape[1]!;
    const activated = allocate(gates.shape, gates.dtype);
    backend.unary('sigmoid', block(activated, 0, width, 2), block(gates, 0, width, 2));
    backend.unary('tanh', block(activated, 2, width), block(gates, 2, width));
    backend.unary('sigmoid', block(activated, 3, width), block(gates, 3, width));
    const next = product('mul', block(activated, 1, width), cell);
    backend.addScaled('mul', next, next, block(activated, 0, width), block(activated, 2, width), 1);
    const squashed = allocate(next.shape, next.dtype);
    backend.unary('tanh', squashed, next);
    scratch.activated = activated;
    scratch.squashed = squashed;
    return { hidden: product('mul', block(activated, 3, width), squashed), cell: next };
  },
  save: (_result, gates, cell, scratch) => ({
    gates,
    cell,
    activated: scratch.activated!,
    squashed: scratch.squashed!,
  }),
  gradient(_grad, { gates, cell, activated, squashed }, _needs, [gradHidden, gradNext]) {
    const width = cell.shape[1]!;
    if (isGradEnabled()) return composedLstm(gates, cell, gradHidden ?? null, gradNext ?? null);
    const gradGates = allocate(gates.shape, gates.dtype);
    const [input, forget, candidate, output] = [0, 1, 2, 3].map((i) => block(activated, i, width)) as Four;
    const [gradInput, gradForget, gradCandidate, gradOutput] = [0, 1, 2, 3].map((i) =>
      block(gradGates, i, width),
    ) as Four;
    let gradCell: Tensor;
    if (gradHidden) {
      backend.binary('mul', gradOutput, gradHidden, squashed);
      gradCell = product('mul', gradHidden, output);
      backend.binary('tanhBackward', gradCell, gradCell, squashed);
      if (gradNext) backend.binary('add', gradCell, gradCell, gradNext);
    } else {
      backend.fill(gradOutput, 0);
      gradCell = gradNext!;
    }
    backend.binary('mul', gradInput, gradCell, candidate);
    backend.binary('mul', gradForget, gradCell, cell);
    backend.binary('mul', gradCandidate, gradCell, input);
    backend.binary(
      'sigmoidBackward',
      block(gradGates, 0, width, 2),
      block(gradGates, 0, width, 2),
      block(activated, 0, width, 2),
    );
    backend.binary('tanhBackward', gradCandidate, gradCandidate, candidate);
    backend.binary('sigmoidBackward', gradOutput, gradOutput, output);
    return [gradGates, product('mul', gradCell, forget)];
  },
});

type Four = [Tensor, Tensor, Tensor, Tensor];

/** The gradient written with operations, so that it can be differentiated again. */
function composedLstm(gates: Tensor, cell: Tensor, gradHidden: Tensor | null, gradNext: Tensor | null): Tensor[] {
  const [i, f, g, o] = gates.chunk(4, 1) as Four;
  const [input, forget, candidate, output] = [i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()];
  const squashed = forget.mul(cell).add(input.mul(candidate)).tanh();
  const slope = (y: Tensor): Tensor => y.mul(y.neg().add(1));
  const tanhSlope = (y: Tensor): Tensor => y.square().neg().add(1);
  const hidden = gradHidden ?? zerosLike(cell);
  const through = hidden.mul(output).mul(tanhSlope(squashed));
  const gradCell = gradNext ? through.add(gradNext) : through;
  const gradGates = cat(
    [
      gradCell.mul(candidate).mul(slope(input)),
      gradCell.mul(cell).mul(slope(forget)),
      gradCell.mul(input).mul(tanhSlope(candidate)),
      hidden.mul(squashed).mul(slope(output)),
    ],
    1,
  );
  return [gradGates, gradCell.mul(forget)];
}

/**
 * The new hidden and cell state [rows, hidden] of an LSTM from its gates [rows, 4 hidden] before activation (input, forget,
 * candidate, output) and the cell state. Hochreiter and Schmidhuber, Neural Computation 9 (1997).
 */
export const lstmCell: Op<[gates: Tensor, cell: Tensor], { hidden: Tensor; cell: Tensor }> = (gates, cell) =>
  lstm(gates, cell, {});

interface GruScratch {
  reset?: Tensor;
  update?: Tensor;
  candidate?: Tensor;
}

const gru = operation({
  name: 'gruCell',
  forward(fromInput: Tensor, fromHidden: Tensor, hidden: Tensor, scratch: GruScratch): Tensor {
    const width = hidden.shape[1]!;
    const both = product('add', block(fromInput, 0, width, 2), block(fromHidden, 0, width, 2));
    backend.unary('sigmoid', both, both);
    const reset = block(both, 0, width);
    const update = block(both, 1, width);
    const candidate = allocate(hidden.shape, hidden.dtype);
    backend.addScaled('mul', candidate, block(fromInput, 2, width), reset, block(fromHidden, 2, width), 1);
    backend.unary('tanh', candidate, candidate);
    const result = product('sub', hidden, candidate);
    backend.addScaled('mul', result, candidate, update, result, 1);
    Object.assign(scratch, { reset, update, candidate });
    return result;
  },
  save: (_result, fromInput, fromHidden, hidden, scratch) => ({
    fromInput,
    fromHidden,
    hidden,
    reset: scratch.reset!,
    update: scratch.update!,
    candidate: scratch.candidate!,
  }),
  gradient(grad, { fromInput, fromHidden, hidden, reset, update, candidate }) {
    if (isGradEnabled()) return composedGru(grad, fromInput, fromHidden, hidden);
    const width = hidden.shape[1]!;
    const gradInput = allocate(fromInput.shape, grad.dtype);
    const gradHiddenGates = allocate(fromHidden.shape, grad.dtype);
    const inputBlock = (i: number): Tensor => block(gradInput, i, width);
    // candidate: grad * (1 - update) through tanh
    const gradHidden = product('mul', grad, update);
    backend.binary('sub', inputBlock(2), grad, gradHidden);
    backend.binary('tanhBackward', inputBlock(2), inputBlock(2), candidate);
    backend.binary('mul', block(gradHiddenGates, 2, width), inputBlock(2), reset);
    backend.binary('mul', inputBlock(0), inputBlock(2), block(fromHidden, 2, width));
    backend.binary('sigmoidBackward', inputBlock(0), inputBlock(0), reset);
    const difference = product('sub', hidden, candidate);
    backend.binary('mul', inputBlock(1), grad, difference);
    backend.binary('sigmoidBackward', inputBlock(1), inputBlock(1), update);
    backend.copy(block(gradHiddenGates, 0, width, 2), block(gradInput, 0, width, 2));
    return [gradInput, gradHiddenGates, gradHidden];
  },
});

function composedGru(grad: Tensor, fromInput: Tensor, fromHidden: Tensor, hidden: Tensor): Tensor[] {
  const [ir, iz, inn] = fromInput.chunk(3, 1) as [Tensor, Tensor, Tensor];
  const [hr, hz, hn] = fromHidden.chunk(3, 1) as [Tensor, Tensor, Tensor];
  const reset = ir.add(hr).sigmoid();
  const update = iz.add(hz).sigmoid();
  const candidate = inn.add(reset.mul(hn)).tanh();
  const slope = (y: Tensor): Tensor => y.mul(y.neg().add(1));
  const gradCandidate = grad.mul(update.neg().add(1)).mul(candidate.square().neg().add(1));
  const gradReset = gradCandidate.mul(hn).mul(slope(reset));
  const gradUpdate = grad.mul(hidden.sub(candidate)).mul(slope(update));
  return [
    cat([gradReset, gradUpdate, gradCandidate], 1),
    cat([gradReset, gradUpdate, gradCandidate.mul(reset)], 1),
    grad.mul(update),
  ];
}

/**
 * The new hidden state [rows, hidden] of a GRU from what the input and the hidden state contribute to its gates (reset, update,
 * candidate), each [rows, 3 hidden], and the hidden state. https://arxiv.org/abs/1406.1078
 */
export const gruCell: Op<[fromInput: Tensor, fromHidden: Tensor, hidden: Tensor]> = (fromInput, fromHidden, hidden) =>
  gru(fromInput, fromHidden, hidden, {});

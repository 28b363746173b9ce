// The rows of packed sequences: all elements of one time step lie together, longer sequences first, so that time steps have
// falling numbers of rows. A plain batch is the packing whose steps all have every sequence.

import { backend } from '../backend/active.js';
import { allocate, window, type Tensor } from '../tensor/tensor.js';

/** Where the rows of each time step lie, and the order in which a recurrent cell runs over the steps. */
export class Packing {
  /** The number of sequences. */
  readonly count: number;
  /** Time steps in the order in which they run. */
  readonly order: readonly number[];
  private readonly starts: readonly number[];

  constructor(
    readonly sizes: readonly number[],
    readonly reverse: boolean,
  ) {
    this.count = sizes[0] ?? 0;
    const steps = sizes.map((_, t) => t);
    this.order = reverse ? steps.reverse() : steps;
    let next = 0;
    this.starts = sizes.map((size) => (next += size) - size);
  }

  /** The rows of step `t` in a buffer [all rows, width]. */
  rows(buffer: Tensor, t: number): Tensor {
    return part(buffer, this.starts[t]!, this.sizes[t]!);
  }

  /**
   * What the `i`-th step to run finds as its state, from the states after each step and the initial ones [sequences, width].
   * Run backwards, longer sequences begin before the others: then rows of both are joined.
   */
  before(i: number, states: Tensor, initial: Tensor): Tensor {
    const size = this.sizes[this.order[i]!]!;
    if (i === 0) return part(initial, 0, size);
    const last = this.rows(states, this.order[i - 1]!);
    const known = last.shape[0]!;
    if (size <= known) return part(last, 0, size);
    const joined = allocate([size, states.shape[1]!], states.dtype);
    backend.copy(part(joined, 0, known), last);
    backend.copy(part(joined, known, size - known), part(initial, known, size - known));
    return joined;
  }

  /** The state of each sequence after its own last step: [sequences, width]. */
  after(states: Tensor): Tensor {
    const result = allocate([this.count, states.shape[1]!], states.dtype);
    if (this.reverse) {
      backend.copy(result, this.rows(states, 0));
      return result;
    }
    this.sizes.forEach((size, t) => {
      const going = this.sizes[t + 1] ?? 0;
      if (going < size)
        backend.copy(part(result, going, size - going), part(this.rows(states, t), going, size - going));
    });
    return result;
  }
}

/** `count` rows of a matrix from `start` on. */
export function part(matrix: Tensor, start: number, count: number): Tensor {
  return window(matrix, [count, matrix.shape[1]!], matrix.strides, matrix.offset + start * matrix.strides[0]!);
}

/** Column block number `index` of width `width`, or several blocks side by side. */
export function block(matrix: Tensor, index: number, width: number, count = 1): Tensor {
  const offset = matrix.offset + index * width * matrix.strides[1]!;
  return window(matrix, [matrix.shape[0]!, count * width], matrix.strides, offset);
}

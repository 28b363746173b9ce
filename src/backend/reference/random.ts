// Samplers that consume the generator as PyTorch's do on a CPU, so that one seed gives the same numbers.

import { elementCount } from '../shape.js';
import type { Backend, GeneratorState, RandomOp, StridedView } from '../backend.js';
import { inPieces } from './copying.js';
import { Cursor, permuted, pieceLength, writeAll } from './cursor.js';
import { random32, random64, uniform24, uniform53 } from './mersenne-twister.js';

const piece = new Float64Array(pieceLength);

// The cached normal number: whether there is one, and its float64 bits.
const cached = 625;
const cachedBits = 626;

/** The view with its dims in the order they have in memory: PyTorch fills a transposed tensor in that order. */
function inMemoryOrder(view: StridedView): StridedView {
  const dims = view.shape.map((_, dim) => dim);
  return permuted(
    view,
    dims.sort((one, other) => view.strides[other]! - view.strides[one]!),
  );
}

function fillWith(output: StridedView, draw: () => number): void {
  const cursor = new Cursor(inMemoryOrder(output));
  inPieces(elementCount(output.shape), (length) => {
    for (let i = 0; i < length; i++) piece[i] = draw();
    cursor.writeFloats(piece, length);
  });
}

function isContiguous(view: StridedView): boolean {
  let step = 1;
  for (let dim = view.shape.length - 1; dim >= 0; dim--) {
    if (view.shape[dim] !== 1 && view.strides[dim] !== step) return false;
    step *= view.shape[dim]!;
  }
  return true;
}

/** Box and Muller's method 1958, one number at a time; the second of each pair waits in the state. */
function normal(state: GeneratorState): number {
  const bits = new DataView(state.buffer, state.byteOffset + 4 * cachedBits, 8);
  if (state[cached]) {
    state[cached] = 0;
    return bits.getFloat64(0, true);
  }
  const angle = 2 * Math.PI * uniform53(state);
  const radius = Math.sqrt(-2 * Math.log1p(-uniform53(state)));
  state[cached] = 1;
  bits.setFloat64(0, radius * Math.sin(angle), true);
  return radius * Math.cos(angle);
}

/** The same on 16 uniform numbers at once: the first eight give the radii, the others the angles. */
function normalBlock(values: Float64Array, from: number, mean: number, deviation: number): void {
  for (let i = from; i < from + 8; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - values[i]!));
    const angle = 2 * Math.PI * values[i + 8]!;
    values[i] = radius * Math.cos(angle) * deviation + mean;
    values[i + 8] = radius * Math.sin(angle) * deviation + mean;
  }
}

function fillNormal(output: StridedView, state: GeneratorState, mean: number, deviation: number): void {
  const count = elementCount(output.shape);
  if (count < 16 || !isContiguous(output)) return fillWith(output, () => normal(state) * deviation + mean);
  const uniform = output.dtype === 'float32' ? uniform24 : uniform53;
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = uniform(state);
  for (let from = 0; from + 16 <= count; from += 16) normalBlock(values, from, mean, deviation);
  if (count % 16 !== 0) {
    // What is left over is filled by a whole block of fresh numbers that ends with the last element.
    for (let i = count - 16; i < count; i++) values[i] = uniform(state);
    normalBlock(values, count - 16, mean, deviation);
  }
  writeAll(output, values);
}

// x * (to - from) + from is rounded once there (a fused multiply-add). So is it here for float32; float64 numbers may be
// one unit in the last place off.
function fillUniform(output: StridedView, state: GeneratorState, from: number, to: number): void {
  if (output.dtype === 'float32') {
    const [low, width] = [Math.fround(from), Math.fround(Math.fround(to) - Math.fround(from))];
    fillWith(output, () => uniform24(state) * width + low);
  } else {
    fillWith(output, () => uniform53(state) * (to - from) + from);
  }
}

function fillRandint(output: StridedView, state: GeneratorState, from: number, to: number): void {
  const range = to - from;
  if (range < 2 ** 32) fillWith(output, () => (random32(state) % range) + from);
  else fillWith(output, () => Number(random64(state) % BigInt(range)) + from);
}

/** Fisher and Yates' shuffle. */
function fillPermutation(output: StridedView, state: GeneratorState): void {
  const count = elementCount(output.shape);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = i;
  for (let i = 0; i < count - 1; i++) {
    const other = i + (random32(state) % (count - i));
    [values[i], values[other]] = [values[other]!, values[i]!];
  }
  writeAll(output, values);
}

function random(op: RandomOp, output: StridedView, state: GeneratorState, a: number, b: number): void {
  switch (op) {
    case 'uniform':
      return fillUniform(output, state, a, b);
    case 'normal':
      return fillNormal(output, state, a, b);
    case 'bernoulli':
      return fillWith(output, () => (uniform53(state) < a ? 1 : 0));
    case 'exponential':
      return fillWith(output, () => (-1 / a) * Math.log(1 - uniform53(state)));
    case 'randint':
      return fillRandint(output, state, a, b);
    case 'randperm':
      return fillPermutation(output, state);
  }
}

function bernoulliFrom(output: StridedView, probabilities: StridedView, state: GeneratorState): void {
  const uniform = probabilities.dtype === 'float32' ? uniform24 : uniform53;
  const [source, target] = [new Cursor(probabilities, output.shape), new Cursor(output)];
  inPieces(elementCount(output.shape), (length) => {
    source.readFloats(piece, length);
    for (let i = 0; i < length; i++) piece[i] = uniform(state) < piece[i]! ? 1 : 0;
    target.writeFloats(piece, length);
  });
}

export const randomness = { random, bernoulliFrom } satisfies Partial<Backend>;

import { test } from 'node:test';

import type { ConvolutionGeometry } from '../../../src/backend/backend.js';
import { assertClose, assertNumbers, backend, empty, fixture, restored, scattered, view } from './views.js';
import type { Stored } from './views.js';

interface Fixture {
  matmul: { left: Stored; right: Stored; output: Stored }[];
  convolutions: {
    input: Stored;
    weight: Stored;
    bias: Stored;
    geometry: ConvolutionGeometry;
    output: Stored;
    gradOutput: Stored;
    gradInput: Stored;
    gradWeight: Stored;
    gradBias: Stored;
  }[];
}
const stored = fixture<Fixture>('products');
const exactly = { tolerance: 0 };

test('matmul, contiguous and not, batched and broadcast, of floats and integers', () => {
  for (const { left, right, output: expected } of stored.matmul) {
    for (const dtype of ['float64', 'float32', 'int64', 'int32'] as const) {
      const [a, b] = [restored({ ...left, dtype }), restored({ ...right, dtype })];
      for (const output of [empty(dtype, expected.shape), scattered(empty(dtype, expected.shape))]) {
        backend.matmul(output, a, b);
        assertClose(output, expected, exactly);
        backend.matmul(output, scattered(a), scattered(b));
        assertClose(output, expected, exactly);
      }
    }
  }
});

test('matmul with bias, activation, alpha and beta', () => {
  for (const dtype of ['float32', 'int64'] as const) {
    const left = view(dtype, [2, 2], [1, 2, 3, 4]);
    const right = view(dtype, [2, 2], [1, -1, 0, 1]);
    const output = view(dtype, [2, 2], [100, 200, 300, 400]);
    const bias = view(dtype, [2], [-2, 10]);
    backend.matmul(output, left, right, { bias, activation: 'relu' });
    assertNumbers(output, [0, 11, 1, 11]);
    backend.matmul(output, left, right, { alpha: 2, beta: 3 });
    assertNumbers(output, [2, 35, 9, 35]);
  }
  // What the output holds before isn't read: it may be anything.
  const output = view('float32', [1, 1], [NaN]);
  backend.matmul(output, view('float32', [1, 1], [2]), view('float32', [1, 1], [3]));
  assertNumbers(output, [6]);
});

stored.convolutions.forEach((each, i) => {
  test(`convolution ${i}: ${JSON.stringify(each.geometry)}`, () => {
    const [input, weight, bias, gradOutput] = [each.input, each.weight, each.bias, each.gradOutput].map(restored);
    for (const spread of [false, true]) {
      const place = (shape: number[]) => (spread ? scattered(empty('float64', shape)) : empty('float64', shape));
      const from = (source: typeof input) => (spread ? scattered(source!) : source!);
      const output = place(each.output.shape);
      backend.convolution(output, from(input), from(weight), from(bias), each.geometry);
      assertClose(output, each.output, exactly);
      const gradInput = place(each.input.shape);
      backend.convolutionBackwardInput(gradInput, from(gradOutput), from(weight), each.geometry);
      assertClose(gradInput, each.gradInput, exactly);
      const [gradWeight, gradBias] = [place(each.weight.shape), place(each.bias.shape)];
      backend.convolutionBackwardWeight(gradWeight, gradBias, from(gradOutput), from(input), each.geometry);
      assertClose(gradWeight, each.gradWeight, exactly);
      assertClose(gradBias, each.gradBias, exactly);
    }
  });
});

test('convolution with relu, without bias, of no images', () => {
  const geometry = { stride: [1], padding: [0], dilation: [1], groups: 1 };
  const output = empty('float32', [1, 1, 2]);
  const weight = view('float32', [1, 1, 2], [1, -1]);
  backend.convolution(output, view('float32', [1, 1, 3], [5, 2, 4]), weight, undefined, geometry, 'relu');
  assertNumbers(output, [3, 0]);
  const none = empty('float32', [0, 1, 2]);
  backend.convolution(none, empty('float32', [0, 1, 3]), weight, undefined, geometry);
  const gradWeight = empty('float32', [1, 1, 2]);
  backend.convolutionBackwardWeight(gradWeight, undefined, none, empty('float32', [0, 1, 3]), geometry);
  assertNumbers(gradWeight, [0, 0]);
});

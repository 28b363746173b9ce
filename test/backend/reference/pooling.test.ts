import { test } from 'node:test';

import { assertClose, assertNumbers, backend, empty, fixture, restored, scattered, view } from './views.js';
import type { Stored } from './views.js';

interface Average {
  output: Stored;
  gradOutput: Stored;
  gradInput: Stored;
}
interface Sliding {
  input: Stored;
  kernel: number[];
  stride: number[];
  padding: number[];
  dilation: number[];
  maximum: Stored;
  indices: Stored;
  gradMaximum: Stored;
  gradInputMaximum: Stored;
  counting: Average;
  notCounting: Average;
}
const stored = fixture<{
  sliding: Sliding[];
  adaptive: (Average & { input: Stored; maximum: Stored; indices: Stored })[];
}>('pooling');

stored.sliding.forEach((each, i) => {
  test(`sliding windows ${i}`, () => {
    for (const input of [restored(each.input), scattered(restored(each.input))]) {
      const [output, indices] = [empty('float64', each.maximum.shape), empty('int64', each.maximum.shape)];
      const gradInput = scattered(empty('float64', each.input.shape));
      backend.maxPool(output, indices, input, each);
      assertClose(output, each.maximum);
      assertClose(indices, each.indices);
      backend.maxPoolBackward(gradInput, restored(each.gradMaximum), indices);
      assertClose(gradInput, each.gradInputMaximum);

      const undilated = { ...each, dilation: each.kernel.map(() => 1) };
      for (const [average, countPadding] of [
        [each.counting, true],
        [each.notCounting, false],
      ] as const) {
        const mean = scattered(empty('float64', average.output.shape));
        backend.averagePool(mean, input, undilated, countPadding);
        assertClose(mean, average.output);
        backend.averagePoolBackward(gradInput, restored(average.gradOutput), undilated, countPadding);
        assertClose(gradInput, average.gradInput, { scale: 1 });
      }
    }
  });
});

stored.adaptive.forEach((each, i) => {
  test(`adaptive windows ${i}`, () => {
    const input = scattered(restored(each.input));
    const [output, indices] = [empty('float64', each.output.shape), empty('int64', each.output.shape)];
    backend.adaptiveMaxPool(output, indices, input);
    assertClose(output, each.maximum);
    assertClose(indices, each.indices);
    backend.adaptiveAveragePool(output, input);
    assertClose(output, each.output);
    const gradInput = empty('float64', each.input.shape);
    backend.adaptiveAveragePoolBackward(gradInput, restored(each.gradOutput));
    assertClose(gradInput, each.gradInput, { scale: 1 });
  });
});

test('a maximum passes NaN on, and -Infinity alone is found in its place', () => {
  const geometry = { kernel: [2], stride: [2], padding: [0], dilation: [1] };
  const [output, indices] = [empty('float32', [1, 1, 2]), empty('int64', [1, 1, 2])];
  backend.maxPool(output, indices, view('float32', [1, 1, 4], [NaN, 3, -Infinity, -Infinity]), geometry);
  assertNumbers(output, [NaN, -Infinity]);
  assertNumbers(indices, [0, 2]);
});

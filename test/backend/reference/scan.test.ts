import { test } from 'node:test';

import { assertNumbers, backend, empty, scattered, view } from './views.js';

test('extremum: where the first of equals stands, NaN wins', () => {
  const rows = [3, 7, 7, 1, 5, NaN, 9, NaN];
  for (const source of [view('float32', [2, 4], rows), scattered(view('float32', [2, 4], rows))]) {
    const [values, indices] = [empty('float32', [2, 1]), empty('int64', [2, 1])];
    backend.extremum('max', values, indices, source, 1);
    assertNumbers(values, [7, NaN]);
    assertNumbers(indices, [1, 1]);
    backend.extremum('min', undefined, indices, source, 1);
    assertNumbers(indices, [3, 1]);
    const columns = empty('int64', [1, 4]);
    backend.extremum('min', undefined, columns, source, 0);
    assertNumbers(columns, [0, 1, 0, 1]);
  }
  const [values, indices] = [empty('int64', [1]), empty('int64', [1])];
  backend.extremum('max', values, indices, view('int64', [2], [2n ** 53n, 2n ** 53n + 1n]), 0);
  assertNumbers(indices, [1]);
  backend.extremum('max', undefined, empty('int64', []), view('float32', [], [1]), 0);
});

test('cumulative sums and products', () => {
  const source = view('float64', [2, 3], [1, 2, 3, 4, 5, 6]);
  const output = scattered(empty('float64', [2, 3]));
  backend.cumulative('sum', output, source, 1);
  assertNumbers(output, [1, 3, 6, 4, 9, 15]);
  backend.cumulative('prod', output, source, 0);
  assertNumbers(output, [1, 2, 3, 4, 10, 18]);
  const integers = empty('int64', [2]);
  backend.cumulative('sum', integers, view('int64', [2], [2n ** 63n - 1n, 1]), 0);
  assertNumbers(integers, [2 ** 63, -(2 ** 63)]);
  backend.cumulative('sum', empty('float32', [0]), empty('float32', [0]), 0);
});

test('cumulative extremum: the last of equals, and NaN from where it stands', () => {
  const source = view('float32', [6], [2, 1, 2, NaN, 5, NaN]);
  const [values, indices] = [empty('float32', [6]), empty('int64', [6])];
  backend.cumulativeExtremum('max', values, indices, source, 0);
  assertNumbers(values, [2, 2, 2, NaN, NaN, NaN]);
  assertNumbers(indices, [0, 0, 2, 3, 3, 5]);
  backend.cumulativeExtremum('min', values, indices, view('float32', [6], [3, 4, 3, 1, 1, 2]), 0);
  assertNumbers(values, [3, 3, 3, 1, 1, 1]);
  assertNumbers(indices, [0, 0, 2, 3, 4, 4]);
});

test('sort is stable in both directions and puts NaN with the largest', () => {
  const source = view('float32', [6], [2, NaN, 1, 2, -Infinity, 1]);
  const [values, indices] = [empty('float32', [6]), empty('int64', [6])];
  backend.sort(values, indices, source, 0, false);
  assertNumbers(values, [-Infinity, 1, 1, 2, 2, NaN]);
  assertNumbers(indices, [4, 2, 5, 0, 3, 1]);
  backend.sort(values, indices, source, 0, true);
  assertNumbers(values, [NaN, 2, 2, 1, 1, -Infinity]);
  assertNumbers(indices, [1, 0, 3, 2, 5, 4]);
});

test('sort along the first dim, of integers', () => {
  const source = view('int64', [3, 2], [2n ** 53n + 1n, 5, 2n ** 53n, 7, 0, 6]);
  const [values, indices] = [scattered(empty('int64', [3, 2])), empty('int64', [3, 2])];
  backend.sort(values, indices, source, 0, false);
  assertNumbers(indices, [2, 0, 1, 2, 0, 1]);
  assertNumbers(values, [0, 5, 2 ** 53, 6, 2 ** 53, 7]);
});

test('topk', () => {
  const source = view('float64', [2, 4], [4, 9, 2, 7, 1, 3, 8, 0]);
  const [values, indices] = [empty('float64', [2, 2]), empty('int64', [2, 2])];
  backend.topk(values, indices, source, 1, true);
  assertNumbers(values, [9, 7, 8, 3]);
  assertNumbers(indices, [1, 3, 2, 1]);
  backend.topk(values, indices, source, 1, false);
  assertNumbers(values, [2, 4, 0, 1]);
  assertNumbers(indices, [2, 0, 3, 0]);
});

// Rows of elementwise operations, reductions and ordering, most on a million floats.

import { randint, randn, type Tensor } from 'flambeau';
import type { Rows } from './row.js';

const MILLION = 1e6;

/** An operation on [1000, 1000] that moves `passes` times four million bytes. */
const million = (passes: number, run: (a: Tensor, b: Tensor) => unknown) => () => {
  const [a, b] = [randn([1000, 1000]), randn([1000, 1000])];
  return { run: () => run(a, b), bytes: passes * 4 * MILLION };
};

export const elementwise: Rows = {
  'W2 add 1M': million(3, (a, b) => a.add(b)),
  'W2 relu 1M': million(2, (a) => a.relu()),
  'W2 sum 1M': million(1, (a) => a.sum()),
  'W3 add 10': () => {
    const [a, b] = [randn([10]), randn([10])];
    return {
      repeats: 1000,
      run: () => {
        for (let i = 0; i < 1000; i++) a.add(b);
      },
    };
  },
  'add in place 1M': million(3, (a, b) => a.add_(b, { alpha: 1e-9 })),
  'add transposed 1M': million(3, (a, b) => a.t().add(b)),
  'add row vector 1M': () => {
    const [a, b] = [randn([1000, 1000]), randn([1000])];
    return { run: () => a.add(b), bytes: 8 * MILLION };
  },
  'exp 1M': million(2, (a) => a.exp()),
  'tanh 1M': million(2, (a) => a.tanh()),
  'gelu 1M': million(2, (a) => a.gelu()),
  'sum over rows 1M': million(1, (a) => a.sum(0)),
  'sum over columns 1M': million(1, (a) => a.sum(1)),
  'variance 1M': million(1, (a) => a.var(1)),
  'argmax 1M': million(1, (a) => a.argmax(1)),
  'softmax 1M': million(2, (a) => a.softmax(1)),
  'cumsum 1M': million(2, (a) => a.cumsum(1)),
  'sort 1M': million(2, (a) => a.sort(1)),
  'topk 100 of 1M': million(1, (a) => a.topk(100, 1)),
  'index select 1M': () => {
    const a = randn([10_000, 100]);
    const rows = randint(0, 10_000, [10_000]);
    return { run: () => a.indexSelect(0, rows), bytes: 8 * MILLION };
  },
};

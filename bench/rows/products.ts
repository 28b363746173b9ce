// Rows of matrix products.

import { randn } from 'flambeau';
import type { Rows } from './row.js';

const square = (n: number) => () => {
  const [a, b] = [randn([n, n]), randn([n, n])];
  return { run: () => a.matmul(b), flops: 2 * n ** 3 };
};

export const products: Rows = {
  'W1 matmul 512': square(512),
  'W1 matmul 1024': square(1024),
  'W1 matmul 1024, 1 thread': square(1024),
  'matmul 1024, bfloat16': () => {
    const [a, b] = [randn([1024, 1024]).bfloat16(), randn([1024, 1024]).bfloat16()];
    return { run: () => a.matmul(b), flops: 2 * 1024 ** 3 };
  },
  'matmul 64': square(64),
  'matmul 1024, transposed': () => {
    const [a, b] = [randn([1024, 1024]), randn([1024, 1024])];
    return { run: () => a.t().matmul(b.t()), flops: 2 * 1024 ** 3 };
  },
  'matmul [8, 1024] x [1024, 1024]': () => {
    const [a, b] = [randn([8, 1024]), randn([1024, 1024])];
    return { run: () => a.matmul(b), bytes: 4 * 1024 ** 2 };
  },
  'matrix times vector 2048': () => {
    const [a, b] = [randn([2048, 2048]), randn([2048])];
    return { run: () => a.matmul(b), bytes: 4 * 2048 ** 2 };
  },
  'bmm 64 x [64, 64]': () => {
    const [a, b] = [randn([64, 64, 64]), randn([64, 64, 64])];
    return { run: () => a.bmm(b), flops: 64 * 2 * 64 ** 3 };
  },
};

// js-pytorch, which computes on nested arrays.

import { torch } from 'js-pytorch';
import { serve } from './serve.mjs';

const { nn, optim } = torch;

await serve({
  'W1 matmul 512': () => {
    const [a, b] = [torch.randn([512, 512]), torch.randn([512, 512])];
    return { run: () => torch.matmul(a, b) };
  },
  'W2 add 1M': () => {
    const [a, b] = [torch.randn([1000, 1000]), torch.randn([1000, 1000])];
    return { run: () => torch.add(a, b) };
  },
  'W2 sum 1M': () => {
    const a = torch.randn([1000, 1000]);
    return { run: () => torch.sum(a) };
  },
  'W3 add 10': () => {
    const [a, b] = [torch.randn([10]), torch.randn([10])];
    return {
      repeats: 1000,
      run: () => {
        for (let i = 0; i < 1000; i++) torch.add(a, b);
      },
    };
  },
});

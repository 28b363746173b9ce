// Rows of single layers, forward and backward: convolutions of every kind, pooling, norms, attention.

import { nn, randn, type Tensor } from 'flambeau';
import type { Program, Rows } from './row.js';

const F = nn.functional;

/** Forward and backward to the input and the weights. */
function bothWays(shape: readonly number[], forward: (x: Tensor) => Tensor, flops?: number): Program {
  const x = randn([...shape]).requiresGrad_();
  const gradient = randn([...forward(x).shape]);
  const run = (): void => forward(x).backward({ gradient });
  return flops === undefined ? { run } : { run, flops: 3 * flops };
}

const convolution =
  (kernel: number, channels: [from: number, to: number], options: nn.functional.ConvolutionOptions) => (): Program => {
    const [from, to] = channels;
    const groups = options.groups ?? 1;
    const weight = randn([to, from / groups, kernel, kernel]).requiresGrad_();
    const forward = (x: Tensor): Tensor => F.conv2d(x, weight, undefined, options);
    const [, , height, width] = forward(randn([1, from, 28, 28])).shape as [number, number, number, number];
    const flops = 2 * 32 * to * height * width * (from / groups) * kernel ** 2;
    return bothWays([32, from, 28, 28], forward, flops);
  };

export const layers: Rows = {
  'convolution 3x3, 64 to 64': convolution(3, [64, 64], { padding: 1 }),
  'convolution 1x1, 64 to 128': convolution(1, [64, 128], {}),
  'convolution 3x3, stride 2': convolution(3, [64, 128], { padding: 1, stride: 2 }),
  'convolution 3x3, dilation 2': convolution(3, [64, 64], { padding: 2, dilation: 2 }),
  'convolution 3x3, 8 groups': convolution(3, [64, 64], { padding: 1, groups: 8 }),
  'convolution 3x3, depthwise': convolution(3, [64, 64], { padding: 1, groups: 64 }),
  'max pool 2x2': () => bothWays([64, 32, 28, 28], (x) => F.maxPool2d(x, 2)),
  'average pool 2x2': () => bothWays([64, 32, 28, 28], (x) => F.avgPool2d(x, 2)),
  'batch norm': () => {
    const norm = new nn.BatchNorm2d(64);
    return bothWays([64, 64, 28, 28], (x) => norm(x));
  },
  'layer norm': () => {
    const norm = new nn.LayerNorm(512);
    return bothWays([2048, 512], (x) => norm(x));
  },
  'causal attention': () => {
    const [key, value] = [randn([8, 8, 256, 64]), randn([8, 8, 256, 64])];
    return bothWays([8, 8, 256, 64], (x) => F.scaledDotProductAttention(x, key, value, { isCausal: true }));
  },
};

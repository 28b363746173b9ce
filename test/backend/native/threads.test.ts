// Results do not depend on the number of threads: work is cut by its size alone. Bits are compared.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import {
  arange,
  getNumThreads,
  manualSeed,
  nn,
  optim,
  rand,
  randint,
  randn,
  randperm,
  setNumThreads,
  type Tensor,
} from 'flambeau';
import { needsAddon } from './pairs.js';

const F = nn.functional;
const before = getNumThreads();
after(() => setNumThreads(before));

const leaf = (shape: number[]): Tensor => randn(shape).requiresGrad_();

/** The result, and the gradients of its weighted sum. */
function withGradients(result: Tensor, leaves: readonly Tensor[]): Tensor[] {
  result.mul(randn(result.shape)).sum().backward();
  return [result, ...leaves.map(({ grad }) => grad!)];
}

/** Some optimiser steps of a model, and its parameters then. */
function trained(model: nn.Sequential, x: Tensor, y: Tensor, optimizer: optim.Optimizer): Tensor[] {
  for (let step = 0; step < 3; step++) {
    optimizer.zeroGrad();
    F.crossEntropy(model(x), y).backward();
    optimizer.step();
  }
  return [...model.parameters()];
}

const ofTwo = (run: (a: Tensor, b: Tensor) => Tensor, left: number[], right: number[]) => (): Tensor[] => {
  const [a, b] = [leaf(left), leaf(right)];
  return withGradients(run(a, b), [a, b]);
};
const ofOne =
  (run: (x: Tensor) => Tensor, shape: number[] = [517, 391]) =>
  (): Tensor[] => {
    const x = leaf(shape);
    return withGradients(run(x), [x]);
  };
const ofThree = (run: (a: Tensor, b: Tensor, c: Tensor) => Tensor, shape: number[]) => (): Tensor[] => {
  const leaves = [leaf(shape), leaf(shape), leaf(shape)] as const;
  return withGradients(run(...leaves), leaves);
};

const model = (): nn.Sequential =>
  new nn.Sequential(
    new nn.Conv2d(3, 20, 3, { padding: 1 }),
    new nn.BatchNorm2d(20),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Dropout(0.3),
    new nn.Flatten(),
    new nn.Linear(20 * 8 * 8, 300),
    new nn.LayerNorm(300),
    new nn.GELU(),
    new nn.Linear(300, 10),
  );
const training = (optimizer: (parameters: Iterable<nn.Parameter>) => optim.Optimizer) => (): Tensor[] => {
  const net = model();
  return trained(net, randn([37, 3, 16, 16]), randint(0, 10, [37]), optimizer(net.parameters()));
};

/** Each is large enough for several threads; most sizes are divided by nothing. */
const programs: Readonly<Record<string, () => Tensor[]>> = {
  'a square product': ofTwo((a, b) => a.matmul(b), [301, 301], [301, 301]),
  'a deep product': ofTwo((a, b) => a.matmul(b), [17, 5003], [5003, 23]),
  'a shallow product': ofTwo((a, b) => a.matmul(b), [511, 7], [7, 313]),
  'a product without packing': ofTwo((a, b) => a.t().matmul(b), [67, 257], [67, 313]),
  'a wide product': ofTwo((a, b) => a.matmul(b), [5, 300], [300, 7001]),
  'a matrix times a vector': ofTwo((a, b) => a.matmul(b), [1501, 703], [703]),
  'a row times a matrix': ofTwo((a, b) => a.matmul(b), [1, 703], [703, 1501]),
  'products of transposes': ofTwo((a, b) => a.t().matmul(b.t()), [257, 131], [313, 257]),
  'many small products': ofTwo((a, b) => a.bmm(b), [501, 13, 9], [501, 9, 11]),
  'a product of float64': ofTwo((a, b) => a.double().matmul(b.double()), [203, 211], [211, 199]),
  'a product of bfloat16': () => [
    randn([301, 303])
      .bfloat16()
      .matmul(randn([303, 305]).bfloat16())
      .float(),
  ],
  'a convolution': ofTwo((x, w) => F.conv2d(x, w, undefined, { padding: 1 }), [9, 16, 31, 29], [24, 16, 3, 3]),
  'a strided, dilated convolution': ofTwo(
    (x, w) => F.conv2d(x, w, undefined, { stride: 2, dilation: 2 }),
    [5, 7, 41, 43],
    [13, 7, 3, 3],
  ),
  'a convolution in groups': ofTwo((x, w) => F.conv2d(x, w, undefined, { groups: 4 }), [9, 16, 31, 29], [24, 4, 3, 3]),
  'a depthwise convolution': ofTwo((x, w) => F.conv2d(x, w, undefined, { groups: 64 }), [9, 64, 31, 29], [64, 1, 3, 3]),
  'a 1x1 convolution': ofTwo((x, w) => F.conv2d(x, w), [9, 67, 31, 29], [71, 67, 1, 1]),
  'a transposed convolution': ofTwo(
    (x, w) => F.convTranspose2d(x, w, undefined, { stride: 2 }),
    [5, 16, 21, 23],
    [16, 9, 3, 3],
  ),
  'max pooling': ofOne((x) => F.maxPool2d(x, 3, { stride: 2 }), [7, 19, 41, 43]),
  'average pooling': ofOne((x) => F.avgPool2d(x, 2), [7, 19, 41, 43]),
  attention: ofThree((q, k, v) => F.scaledDotProductAttention(q, k, v, { isCausal: true }), [3, 4, 203, 32]),
  softmax: ofOne((x) => x.softmax(1)),
  'softmax along the first dim': ofOne((x) => x.softmax(0)),
  'layer normalisation': ofOne((x) => F.layerNorm(x, [391])),
  'cross entropy': ofOne((x) => F.crossEntropy(x, arange(517).remainder(391))),
  sums: ofOne((x) => x.sum(0).sum().add(x.sum(1).sum()).add(x.sum())),
  'a mean, a variance and a norm': ofOne((x) => x.var(0).sum().add(x.mean()).add(x.norm())),
  'a product of all': ofOne((x) => x.mul(0.01).add(1).prod(0)),
  logsumexp: ofOne((x) => x.logsumexp(0).add(x.logsumexp(0))),
  'cumulative sums': ofOne((x) => x.cumsum(0).add(x.cumsum(1))),
  sorting: ofOne((x) => x.sort(1).values.add(x.sort(0).values)),
  'the largest': ofOne((x) => x.topk(50, 1).values),
  maxima: ofOne((x) => x.max(0).values.sum().add(x.amax(1).sum())),
  'elementwise, broadcast': ofTwo((a, b) => a.mul(b).exp().add(b.t().tanh()), [503, 503], [503, 1]),
  'a transposed sum': ofTwo((a, b) => a.t().add(b), [503, 607], [607, 503]),
  gathering: ofOne((x) => x.gather(1, randint(0, 391, [517, 391]))),
  'index selection': ofOne((x) => x.indexSelect(0, randint(0, 517, [2003]))),
  'advanced indexing': ofOne((x) => x.index(randint(0, 517, [9001]), randint(0, 391, [9001]))),
  'scattering with sums': ofTwo(
    (x, source) => x.scatterAdd(0, randint(0, 517, [2003, 391]), source),
    [517, 391],
    [2003, 391],
  ),
  'adding at indices': ofTwo((x, source) => x.indexAdd(0, randint(0, 517, [2003]), source), [517, 391], [2003, 391]),
  'an embedding': ofOne((weight) => F.embedding(randint(0, 517, [64, 100]), weight)),
  'masked filling': ofOne((x) => x.maskedFill(x.gt(1), 0)),
  triangles: ofOne((x) => x.tril().add(x.triu(3))),
  interpolation: ofOne((x) => F.interpolate(x, { scaleFactor: 2, mode: 'bilinear' }), [3, 5, 41, 37]),
  'random numbers': () => [
    randn([100_003]),
    rand([100_003]),
    randperm(50_021),
    randint(0, 1000, [100_003]),
    rand([300, 301]).bernoulli(),
    rand([31, 3001]).multinomial(11),
  ],
  dropout: ofOne((x) => F.dropout(x, { p: 0.3 })),
  'training with SGD': training((parameters) => new optim.SGD(parameters, { lr: 0.1, momentum: 0.9 })),
  'training with Adam': training((parameters) => new optim.Adam(parameters)),
  'training with gradients clipped': () => {
    const net = model();
    const criterion = F.crossEntropy(net(randn([37, 3, 16, 16])), randint(0, 10, [37]));
    criterion.backward();
    return [nn.utils.clipGradNorm_(net.parameters(), 0.1), ...[...net.parameters()].map(({ grad }) => grad!)];
  },
};

const bits = (values: readonly Tensor[]): Buffer[] =>
  values.map((value) => {
    const array = value.detach().data();
    return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  });

for (const [name, program] of Object.entries(programs)) {
  test(`${name}: the same bits with 1, 2, 3 and 8 threads`, needsAddon, () => {
    const run = (threads: number): Buffer[] => {
      setNumThreads(threads);
      manualSeed(7);
      return bits(program());
    };
    const alone = run(1);
    assert.ok(alone.length > 0 && alone.every((buffer) => buffer.length > 0));
    for (const threads of [2, 3, 8]) {
      // Which thread takes which part is chance, so a few times.
      for (let repeat = 0; repeat < 3; repeat++) {
        run(threads).forEach((buffer, i) =>
          assert.ok(buffer.equals(alone[i]!), `tensor ${i} of the results differs with ${threads} threads`),
        );
      }
    }
  });
}

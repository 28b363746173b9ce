import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { StridedView } from '../../../src/backend/backend.js';
import { assertClose, assertNumbers, backend, empty, fixture, restored, scattered, view } from './views.js';
import type { Stored } from './views.js';

interface Norm {
  output: Stored;
  gradOutput: Stored;
  grads: Stored[];
}
interface Affine {
  input: Stored;
  weight: Stored | null;
  bias: Stored | null;
}
interface Fixture {
  batch: (Affine & Record<'mean' | 'variance' | 'newMean' | 'newVariance', Stored> & Record<'given' | 'batch', Norm>)[];
  layer: (Affine & Norm)[];
  softmax: ({ input: Stored; dim: number; gradOutput: Stored } & Record<
    'plain' | 'log',
    { output: Stored; gradInput: Stored }
  >)[];
  crossEntropy: (Record<'logits' | 'targets' | 'losses' | 'gradLosses' | 'gradLogits', Stored> & {
    weight: Stored | null;
    smoothing: number;
  })[];
  attention: (Record<'query' | 'key' | 'value' | 'output' | 'logSumExp' | 'gradOutput', Stored> & {
    mask: Stored | null;
    scale: number;
    causal: boolean;
    grads: Stored[];
  })[];
}
type Three = [StridedView, StridedView, StridedView];
const stored = fixture<Fixture>('network');
const close = { tolerance: 1e-12, scale: 1 };

function optional(tensor: Stored | null) {
  return tensor ? restored(tensor) : undefined;
}

/** The backward kernels of batch and layer norm write three gradients, the last two where there is a weight. */
function assertGrads({ grads }: Norm, [gradInput, gradWeight, gradBias]: ReturnType<typeof empty>[]): void {
  assertClose(gradInput!, grads[0]!, close);
  if (grads[1]) assertClose(gradWeight!, grads[1], close);
  if (grads[2]) assertClose(gradBias!, grads[2], close);
}

stored.batch.forEach((each, i) => {
  test(`batch norm ${i}`, () => {
    const input = scattered(restored(each.input));
    const [weight, bias] = [optional(each.weight), optional(each.bias)];
    const channels = each.mean.shape;
    const output = scattered(empty('float64', each.input.shape));
    const grads = [empty('float64', each.input.shape), empty('float64', channels), empty('float64', channels)] as const;

    const running = { mean: restored(each.mean), variance: restored(each.variance), momentum: 0.1 };
    const [mean, rstd] = [empty('float64', channels), empty('float64', channels)];
    backend.batchNorm(output, mean, rstd, input, weight, bias, running, 1e-5);
    assertClose(output, each.batch.output, close);
    assertClose(running.mean, each.newMean, close);
    assertClose(running.variance, each.newVariance, close);
    backend.batchNormBackward(...grads, restored(each.batch.gradOutput), input, mean, rstd, weight, true);
    assertGrads(each.batch, [...grads]);

    const deviations = each.variance.data.map((value) => 1 / Math.sqrt(Number(value) + 1e-5));
    const given = [restored(each.mean), view('float64', channels, deviations)] as const;
    backend.batchNormWith(output, input, ...given, weight, bias);
    assertClose(output, each.given.output, close);
    backend.batchNormBackward(...grads, restored(each.given.gradOutput), input, ...given, weight, false);
    assertGrads(each.given, [...grads]);
    backend.batchNormBackward(undefined, undefined, undefined, output, input, ...given, weight, false);
  });
});

stored.layer.forEach((each, i) => {
  test(`layer norm ${i}`, () => {
    const [rows, size] = each.input.shape as [number, number];
    const input = restored(each.input);
    const [weight, bias] = [optional(each.weight), optional(each.bias)];
    const [output, mean, rstd] = [empty('float64', [rows, size]), empty('float64', [rows]), empty('float64', [rows])];
    backend.layerNorm(output, mean, rstd, input, weight, bias, 1e-5);
    assertClose(output, each.output, close);
    const grads = [empty('float64', [rows, size]), empty('float64', [size]), empty('float64', [size])] as const;
    backend.layerNormBackward(...grads, restored(each.gradOutput), input, mean, rstd, weight);
    assertGrads(each, [...grads]);
  });
});

stored.softmax.forEach((each, i) => {
  test(`softmax ${i}`, () => {
    const [output, gradInput] = [scattered(empty('float64', each.input.shape)), empty('float64', each.input.shape)];
    for (const [expected, log] of [
      [each.plain, false],
      [each.log, true],
    ] as const) {
      backend.softmax(output, scattered(restored(each.input)), each.dim, log);
      assertClose(output, expected.output, close);
      backend.softmaxBackward(gradInput, restored(each.gradOutput), output, each.dim, log);
      assertClose(gradInput, expected.gradInput, close);
    }
  });
});

test('softmax of infinities', () => {
  const output = empty('float32', [2, 2]);
  backend.softmax(output, view('float32', [2, 2], [-Infinity, 0, -Infinity, -Infinity]), 1, false);
  assertNumbers(output, [0, 1, NaN, NaN]);
});

stored.crossEntropy.forEach((each, i) => {
  test(`cross entropy ${i}`, () => {
    const [rows, classes] = each.logits.shape as [number, number];
    const [logits, targets, weight] = [scattered(restored(each.logits)), restored(each.targets), optional(each.weight)];
    const [losses, logSumExp] = [empty('float64', [rows]), empty('float64', [rows])];
    const counted = each.targets.data.filter((target) => Number(target) !== -100).length;
    assert.equal(backend.crossEntropy(losses, logSumExp, logits, targets, weight, -100, each.smoothing), counted);
    assertClose(losses, each.losses, close);
    const gradLogits = empty('float64', [rows, classes]);
    const rest = [logSumExp, logits, targets, weight, -100, each.smoothing] as const;
    backend.crossEntropyBackward(gradLogits, restored(each.gradLosses), ...rest);
    assertClose(gradLogits, each.gradLogits, close);
  });
});

test('cross entropy counts rows, reports a class out of range, and an impossible class costs nothing where another is right', () => {
  const [losses, logSumExp] = [empty('float32', [2]), empty('float32', [2])];
  const logits = view('float32', [2, 2], [0, -Infinity, 0, 0]);
  const run = (targets: number[]) =>
    backend.crossEntropy(losses, logSumExp, logits, view('int64', [2], targets), undefined, -100, 0);
  assert.equal(run([0, 2]), -1 - 1);
  assert.equal(run([-1, 0]), -1 - 0);
  assert.equal(run([0, -100]), 1);
  assertNumbers(losses, [0, 0]);
});

stored.attention.forEach((each, i) => {
  test(`attention ${i}`, () => {
    const inputs = [each.query, each.key, each.value].map((tensor) => scattered(restored(tensor))) as Three;
    const options = [optional(each.mask), each.scale, Boolean(each.causal)] as const;
    const [output, logSumExp] = [empty('float64', each.output.shape), empty('float64', each.logSumExp.shape)];
    backend.attention(output, logSumExp, ...inputs, ...options);
    assertClose(output, each.output, close);
    assertClose(logSumExp, each.logSumExp, close);
    const grads = inputs.map(({ shape }) => empty('float64', shape)) as Three;
    backend.attentionBackward(...grads, restored(each.gradOutput), output, logSumExp, ...inputs, ...options);
    each.grads.forEach((grad, k) => assertClose(grads[k]!, grad, close));
  });
});

// Every operation that defines a gradient is met by the comparisons with finite differences: of the table of operations
// (gradcheck.test.ts) and of layers and losses (test/nn/second-derivatives.test.ts).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import 'flambeau';
import { grad } from '../../src/autograd/backward.js';
import { edgeOf } from '../../src/autograd/history.js';
import type { Node } from '../../src/autograd/node.js';
import { differentiableOperations, gradName } from '../../src/ops/operation.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { samples as layers } from '../nn/derivative-samples.js';
import { asFunction, derivativeSamples } from './derivative-samples.js';

/** Operations with a gradient that finite differences say nothing about, and why. */
const exceptions: Readonly<Record<string, string>> = {
  argmax: 'positions are integers',
  argmin: 'positions are integers',
  bernoulli: 'its draws are zeros and ones, and its gradient is zero',
  to: 'between floats of one width nothing is converted, and a narrower one has too few digits; the table compares it with PyTorch',
};

const met = new Set<string>();

/** Notes the nodes that a tensor was computed by. */
function follow(tensor: Tensor): void {
  const seen = new Set<Node>();
  const waiting = [edgeOf(tensor)?.node];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    met.add(node.name);
    for (const edge of node.edges) if (edge) waiting.push(edge.node);
  }
}

/** Notes what computes the results, and what computes their gradients. */
function note(fn: (...inputs: Tensor[]) => Tensor | readonly Tensor[], inputs: Tensor[]): void {
  const results = [fn(...inputs)].flat().filter((result: Tensor) => result.requiresGrad);
  if (results.length === 0) return;
  results.forEach(follow);
  const gradients = grad(results, inputs, {
    gradOutputs: results.map((result) => result.detach().mul(0).add(1).requiresGrad_()),
    createGraph: true,
    allowUnused: true,
  });
  for (const gradient of gradients) if (gradient) follow(gradient);
}

test('every operation with a gradient is compared with finite differences', () => {
  for (const [, entries] of derivativeSamples(4)) {
    for (const entry of entries) {
      const { fn, inputs } = asFunction(entry);
      note(fn, inputs);
    }
  }
  for (const [fn, inputs] of Object.values(layers)) note(fn, inputs);
  const missed = [...differentiableOperations].filter((name) => !met.has(gradName(name)));
  assert.deepEqual(missed.sort(), Object.keys(exceptions).sort());
});

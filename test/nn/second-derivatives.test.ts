// First and second derivatives of the operations of layers and losses, many with fused kernels: checked by differences.

import { test } from 'node:test';

import * as nn from 'flambeau/nn';

import { gradcheck, gradgradcheck } from '../../src/autograd/gradcheck.js';
import { input, samples } from './derivative-samples.js';

for (const [name, [fn, inputs]] of Object.entries(samples)) {
  test(`${name}: first derivatives`, () => void gradcheck(fn, inputs));
  test(`${name}: second derivatives`, () => void gradgradcheck(fn, inputs));
}

test('a recurrent layer: second derivatives with respect to input and weights', () => {
  const lstm = new nn.LSTM(2, 2, { bidirectional: true }).double();
  const parameters = [...lstm.parameters()].slice(0, 2);
  gradgradcheck((x) => lstm(x)[0], [input(1, 3, 1, 2)]);
  gradgradcheck(
    (...weights) => {
      // The layer's own weights are the tensors that are moved.
      const probe = lstm.clone();
      Object.assign(probe, { weightIhL0: weights[0], weightHhL0: weights[1] });
      return probe(input(1, 3, 1, 2).detach())[0];
    },
    parameters.map((parameter) => parameter.detach().clone().requiresGrad_()),
  );
});

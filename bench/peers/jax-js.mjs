// jax-js on its WebAssembly backend; steps are compiled with jit.

import { defaultDevice, grad, init, jit, nn, numpy as np, random } from '@jax-js/jax';
import { serve } from './serve.mjs';

await init('wasm');
defaultDevice('wasm');

let seed = 0;
const normal = (shape) => random.normal(random.key(seed++), shape);
const done = (array) => {
  array.dataSync();
};

const matmul = (n) => () => {
  const [a, b] = [normal([n, n]), normal([n, n])];
  return { run: () => done(np.matmul(a.ref, b.ref)) };
};
const million = (compute) => () => {
  const [a, b] = [normal([1000, 1000]), normal([1000, 1000])];
  return { run: () => done(compute(a, b)) };
};

/** One step of plain SGD over dense layers, compiled. */
function mlp(widths, batch, activation, lossOf) {
  let weights = widths.slice(1).flatMap((width, i) => [normal([widths[i], width]).mul(0.05), np.zeros([width])]);
  const x = normal([batch, widths[0]]);
  const loss = (parameters, input) => {
    let hidden = input;
    for (let i = 0; i < parameters.length; i += 2) {
      hidden = np.matmul(hidden, parameters[i]).add(parameters[i + 1]);
      if (i + 2 < parameters.length) hidden = activation(hidden);
    }
    return lossOf(hidden);
  };
  const step = jit((parameters, input) => {
    const gradients = grad(loss)(
      parameters.map((parameter) => parameter.ref),
      input,
    );
    return parameters.map((parameter, i) => parameter.sub(gradients[i].mul(0.01)));
  });
  return {
    run: () => {
      weights = step(weights, x.ref);
      for (const weight of weights) done(weight.ref);
    },
  };
}

await serve({
  'W1 matmul 512': matmul(512),
  'W1 matmul 1024': matmul(1024),
  'W2 add 1M': million((a, b) => a.ref.add(b.ref)),
  'W2 relu 1M': million((a) => nn.relu(a.ref)),
  'W2 sum 1M': million((a) => np.sum(a.ref)),
  'W3 add 10': () => {
    const [a, b] = [normal([10]), normal([10])];
    return {
      repeats: 100,
      run: () => {
        for (let i = 0; i < 100; i++) done(a.ref.add(b.ref));
      },
    };
  },
  'W4 tiny MLP step': () =>
    mlp(
      [2, 16, 1],
      32,
      (h) => np.tanh(h),
      (out) => np.mean(np.square(out)),
    ),
  'W5 MLP step': () =>
    mlp(
      [784, 512, 256, 10],
      128,
      (h) => nn.relu(h),
      (out) => np.mean(nn.logSoftmax(out)).mul(-1),
    ),
});

// TensorFlow.js on its WebAssembly backend, as it comes; results are read where it computes lazily.

import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as wasm from '@tensorflow/tfjs-backend-wasm';
import { serve } from './serve.mjs';

const folder = dirname(createRequire(join(process.cwd(), 'package.json')).resolve('@tensorflow/tfjs-backend-wasm'));
wasm.setWasmPaths(folder + sep);
await tf.setBackend('wasm');
await tf.ready();

const once = (compute) => () => tf.tidy(() => void compute());
const matmul = (n) => () => {
  const [a, b] = [tf.randomNormal([n, n]), tf.randomNormal([n, n])];
  return { run: once(() => tf.matMul(a, b)) };
};
const million = (compute) => () => {
  const [a, b] = [tf.randomNormal([1000, 1000]), tf.randomNormal([1000, 1000])];
  return { run: once(() => compute(a, b)) };
};

/** Dense layers with an activation between, and one SGD step of them. */
function mlp(widths, batch, activation, loss, momentum) {
  const weights = widths
    .slice(1)
    .flatMap((width, i) => [tf.variable(tf.randomNormal([widths[i], width], 0, 0.05)), tf.variable(tf.zeros([width]))]);
  const x = tf.randomNormal([batch, widths[0]]);
  const optimizer = momentum ? tf.train.momentum(0.05, momentum) : tf.train.sgd(0.1);
  const forward = () => {
    let hidden = x;
    for (let i = 0; i < weights.length; i += 2) {
      hidden = tf.add(tf.matMul(hidden, weights[i]), weights[i + 1]);
      if (i + 2 < weights.length) hidden = activation(hidden);
    }
    return hidden;
  };
  return { run: () => tf.tidy(() => optimizer.minimize(() => loss(forward()), true).dataSync()) };
}

await serve({
  'W1 matmul 512': matmul(512),
  'W1 matmul 1024': matmul(1024),
  'W2 add 1M': million((a, b) => tf.add(a, b)),
  'W2 relu 1M': million((a) => tf.relu(a)),
  'W2 sum 1M': million((a) => tf.sum(a)),
  'W3 add 10': () => {
    const [a, b] = [tf.randomNormal([10]), tf.randomNormal([10])];
    return {
      repeats: 1000,
      run: () => {
        for (let i = 0; i < 1000; i++) tf.add(a, b).dispose();
      },
    };
  },
  'W4 tiny MLP step': () => {
    const y = tf.randomNormal([32, 1]);
    return mlp(
      [2, 16, 1],
      32,
      (h) => tf.tanh(h),
      (out) => tf.mean(tf.square(tf.sub(out, y))),
    );
  },
  'W5 MLP step': () => {
    const y = tf.oneHot(tf.randomUniform([128], 0, 10, 'int32'), 10);
    const loss = (out) => tf.neg(tf.mean(tf.sum(tf.mul(y, tf.logSoftmax(out)), 1)));
    return mlp([784, 512, 256, 10], 128, (h) => tf.relu(h), loss, 0.9);
  },
  'W6 CNN step': 'its WebAssembly backend has no kernel for the gradient of a convolution with respect to the weights',
});

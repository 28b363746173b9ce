// One step of an optimiser, parameter by parameter, as PyTorch's documentation states the algorithms.
// SGD with momentum: Sutskever et al. 2013; Adam: Kingma and Ba 2015; AdamW: Loshchilov and Hutter 2019; AMSGrad: Reddi
// et al. 2018.

import { elementCount } from '../shape.js';
import type { Backend, OptimizerStep } from '../backend.js';
import { inPieces } from './copying.js';
import { Cursor, pieceLength } from './cursor.js';

const parameter = new Float64Array(pieceLength);
const gradient = new Float64Array(pieceLength);
const states = [0, 1, 2].map(() => new Float64Array(pieceLength));

/** Scalars: lr, momentum, dampening, weightDecay, then 0 or 1: nesterov, maximize, firstStep. */
function sgd(scalars: readonly number[], hasMomentum: boolean): (length: number) => void {
  const [lr, momentum, dampening, weightDecay, nesterov, maximize, firstStep] = scalars as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const buffer = states[0]!;
  return (length) => {
    for (let i = 0; i < length; i++) {
      let direction = (maximize ? -gradient[i]! : gradient[i]!) + weightDecay * parameter[i]!;
      if (hasMomentum) {
        buffer[i] = firstStep ? direction : momentum * buffer[i]! + (1 - dampening) * direction;
        direction = nesterov ? direction + momentum * buffer[i]! : buffer[i]!;
      }
      parameter[i]! -= lr * direction;
    }
  };
}

/** Scalars: lr, beta1, beta2, eps, weightDecay, step (1 the first time), maximize 0 or 1. */
function adam(scalars: readonly number[], decoupled: boolean, amsgrad: boolean): (length: number) => void {
  const [lr, beta1, beta2, eps, weightDecay, step, maximize] = scalars as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [first, second, largest] = states as [Float64Array, Float64Array, Float64Array];
  const stepSize = lr / (1 - beta1 ** step);
  const secondCorrection = Math.sqrt(1 - beta2 ** step);
  return (length) => {
    for (let i = 0; i < length; i++) {
      let grad = maximize ? -gradient[i]! : gradient[i]!;
      if (decoupled) parameter[i]! *= 1 - lr * weightDecay;
      else grad += weightDecay * parameter[i]!;
      first[i] = beta1 * first[i]! + (1 - beta1) * grad;
      second[i] = beta2 * second[i]! + (1 - beta2) * grad * grad;
      if (amsgrad) largest[i] = Math.max(largest[i]!, second[i]!);
      const spread = amsgrad ? largest[i]! : second[i]!;
      parameter[i]! -= (stepSize * first[i]!) / (Math.sqrt(spread) / secondCorrection + eps);
    }
  };
}

function optimizerStep({ kind, parameters, gradients, state, scalars }: OptimizerStep): void {
  const update = kind === 'sgd' ? sgd(scalars, state.length > 0) : adam(scalars, kind === 'adamw', state.length > 2);
  parameters.forEach((view, i) => {
    const views = [view, ...state.map((list) => list[i]!)];
    const buffers = [parameter, ...states];
    const gradientSource = new Cursor(gradients[i]!);
    const [sources, targets] = [views.map((each) => new Cursor(each)), views.map((each) => new Cursor(each))];
    inPieces(elementCount(view.shape), (length) => {
      gradientSource.readFloats(gradient, length);
      sources.forEach((source, k) => source.readFloats(buffers[k]!, length));
      update(length);
      targets.forEach((target, k) => target.writeFloats(buffers[k]!, length));
    });
  });
}

export const optimizers = { optimizerStep } satisfies Partial<Backend>;

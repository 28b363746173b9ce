import { test } from 'node:test';

import type { OptimizerStep } from '../../../src/backend/backend.js';
import { assertClose, assertNumbers, backend, empty, fixture, restored, scattered, view } from './views.js';
import type { Stored } from './views.js';

interface Case {
  kind: OptimizerStep['kind'];
  options: Record<string, number> & { betas?: [number, number] };
  before: Stored[];
  gradients: Stored[][];
  after: Stored[];
}

fixture<Case[]>('optimizers').forEach(({ kind, options, before, gradients, after }, i) => {
  test(`${kind} ${i}: three steps`, () => {
    const parameters = before.map((tensor) => scattered(restored(tensor)));
    const buffers = kind === 'sgd' ? (options.momentum ? 1 : 0) : options.amsgrad ? 3 : 2;
    const state = Array.from({ length: buffers }, () =>
      before.map(({ shape }) => {
        // The momentum buffer begins as the first gradient, so what it held before doesn't matter.
        const buffer = empty('float64', shape);
        if (kind !== 'sgd') backend.fill(buffer, 0);
        return buffer;
      }),
    );
    gradients.forEach((step, number) => {
      const { lr, momentum, dampening, weight_decay, nesterov, maximize, betas, eps } = options;
      const scalars =
        kind === 'sgd'
          ? [lr, momentum, dampening, weight_decay, nesterov, maximize, number === 0 ? 1 : 0]
          : [lr, ...betas!, eps, weight_decay, number + 1, maximize];
      const views = step.map(restored);
      backend.optimizerStep({ kind, parameters, gradients: views, state, scalars: scalars.map(Number) });
    });
    parameters.forEach((parameter, k) => assertClose(parameter, after[k]!, { scale: 1, tolerance: 1e-14 }));
  });
});

test('parameters longer than a piece, of float32', () => {
  const parameter = empty('float32', [3000]);
  backend.arange(parameter, 0, 1);
  const gradient = { ...view('float32', [1], [2]), shape: [3000], strides: [0] };
  const scalars = [0.5, 0, 0, 0, 0, 0, 1];
  backend.optimizerStep({ kind: 'sgd', parameters: [parameter], gradients: [gradient], state: [], scalars });
  assertNumbers(
    parameter,
    Array.from({ length: 3000 }, (_, i) => i - 1),
  );
});

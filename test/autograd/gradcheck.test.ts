// The checker itself: it has to find what is wrong.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { autograd, AutogradError, DTypeError, tensor, type Tensor } from 'flambeau';

const leaf = (...values: number[]) => tensor(values, { dtype: 'float64', requiresGrad: true });

function wrongly(factor: number): (x: Tensor) => Tensor {
  class Square extends autograd.Function {
    static forward(ctx: autograd.FunctionContext, x: Tensor): Tensor {
      ctx.saveForBackward(x);
      return x.square();
    }
    static backward(ctx: autograd.FunctionContext, gradOut: Tensor): Tensor {
      return gradOut.mul(ctx.savedTensors[0]!).mul(factor);
    }
  }
  return (x) => Square.apply(x);
}

test('a right gradient passes, a slightly wrong one does not', () => {
  assert.ok(autograd.gradcheck(wrongly(2), [leaf(1, -2)]));
  assert.throws(
    () => autograd.gradcheck(wrongly(2.01), [leaf(1, -2)]),
    (error) => error instanceof AutogradError && /input 0.*element 0/.test(error.message),
  );
  assert.equal(autograd.gradcheck(wrongly(2.01), [leaf(1, -2)], { raiseException: false }), false);
});

test('a gradient that is missing does not pass', () => {
  const detached = (x: Tensor, y: Tensor): Tensor => x.detach().mul(y);
  assert.throws(() => autograd.gradcheck(detached, [leaf(1), leaf(2)]), AutogradError);
});

test('a wrong second derivative is found', () => {
  class Cube extends autograd.Function {
    static forward(ctx: autograd.FunctionContext, x: Tensor): Tensor {
      ctx.saveForBackward(x);
      return x.pow(3);
    }
    static backward(ctx: autograd.FunctionContext, gradOut: Tensor): Tensor {
      const x = ctx.savedTensors[0]!;
      return gradOut.mul(x.mul(x.detach()).mul(3));
    }
  }
  const cube = (x: Tensor): Tensor => Cube.apply(x);
  assert.ok(autograd.gradcheck(cube, [leaf(1, 2)]));
  assert.throws(() => autograd.gradgradcheck(cube, [leaf(1, 2)]), AutogradError);
});

test('float32 is refused, as its digits say nothing', () => {
  assert.throws(() => autograd.gradcheck((x) => x, [tensor([1], { requiresGrad: true })]), DTypeError);
  assert.throws(() => autograd.gradcheck((x) => x, [tensor([1])]), AutogradError);
});

test('functions of several inputs and outputs', () => {
  const both = (x: Tensor, y: Tensor): Tensor[] => [x.mul(y), x.sin(), y.argmax()];
  assert.ok(autograd.gradcheck(both, [leaf(1, 2), leaf(3, 4)]));
  assert.ok(autograd.gradgradcheck(both, [leaf(1, 2), leaf(3, 4)]));
});

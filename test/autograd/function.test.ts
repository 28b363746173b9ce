// Operations with a gradient of the user's own.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { autograd, AutogradError, noGrad, ShapeError, tensor, type Tensor } from 'flambeau';

type Context = autograd.FunctionContext;

class Exp extends autograd.Function {
  static forward(ctx: Context, x: Tensor): Tensor {
    const y = x.exp();
    ctx.saveForBackward(y);
    return y;
  }
  static backward(ctx: Context, gradOut: Tensor): Tensor {
    return gradOut.mul(ctx.savedTensors[0]!);
  }
}

const leaf = (...values: number[]) => tensor(values, { dtype: 'float64', requiresGrad: true });

test("forward and backward are the user's", () => {
  const x = leaf(0.5, -1);
  const y = Exp.apply(x);
  assert.deepEqual(y.toArray(), [Math.exp(0.5), Math.exp(-1)]);
  assert.equal(y.gradFn!.name, 'ExpBackward');
  y.sum().backward();
  assert.deepEqual(x.grad!.toArray(), [Math.exp(0.5), Math.exp(-1)]);
});

test('first and second derivatives hold against finite differences', () => {
  assert.ok(autograd.gradcheck(Exp.apply.bind(Exp), [leaf(0.5, -1)]));
  assert.ok(autograd.gradgradcheck(Exp.apply.bind(Exp), [leaf(0.5, -1)]));
});

test('arguments that are no tensors have no gradient', () => {
  class Power extends autograd.Function {
    static forward(ctx: Context, x: Tensor, exponent: number, name: string): Tensor {
      ctx.exponent = exponent;
      ctx.saveForBackward(x);
      assert.equal(name, 'power');
      return x.pow(exponent);
    }
    static backward(ctx: Context, gradOut: Tensor): (Tensor | null)[] {
      const exponent = ctx.exponent as number;
      return [gradOut.mul(ctx.savedTensors[0]!.pow(exponent - 1).mul(exponent)), null, null];
    }
  }
  const x = leaf(2, 3);
  Power.apply(x, 3, 'power').sum().backward();
  assert.deepEqual(x.grad!.toArray(), [12, 27]);
});

class SumAndDifference extends autograd.Function {
  static forward(_ctx: Context, x: Tensor, y: Tensor): Tensor[] {
    return [x.add(y), x.sub(y)];
  }
  static backward(_ctx: Context, ofSum: Tensor, ofDifference: Tensor): Tensor[] {
    return [ofSum.add(ofDifference), ofSum.sub(ofDifference)];
  }
}

test('several outputs', () => {
  const x = leaf(1, 2);
  const y = leaf(3, 5);
  const [sum, difference] = SumAndDifference.apply(x, y) as [Tensor, Tensor];
  sum.mul(difference).sum().backward();
  assert.deepEqual(x.grad!.toArray(), [2, 4]);
  assert.deepEqual(y.grad!.toArray(), [-6, -10]);
});

test('an output that nobody used has a gradient of zeros', () => {
  const x = leaf(1, 2);
  const y = leaf(3, 5);
  const [sum] = SumAndDifference.apply(x, y) as [Tensor, Tensor];
  sum.sum().backward();
  assert.deepEqual(x.grad!.toArray(), [1, 1]);
  assert.deepEqual(y.grad!.toArray(), [1, 1]);
});

test('outputs that are marked have no gradient, nor have integers', () => {
  class SortWithOrder extends autograd.Function {
    static forward(ctx: Context, x: Tensor): Tensor[] {
      const { values, indices } = x.sort();
      const rank = indices.double();
      ctx.markNonDifferentiable(rank);
      ctx.saveForBackward(indices);
      return [values, indices, rank];
    }
    static backward(ctx: Context, ofValues: Tensor): Tensor {
      const order = ctx.savedTensors[0]!;
      return ofValues.mul(0).scatter(0, order, ofValues);
    }
  }
  const x = leaf(3, 1, 2);
  const [values, indices, rank] = SortWithOrder.apply(x) as [Tensor, Tensor, Tensor];
  assert.deepEqual([values.requiresGrad, indices.requiresGrad, rank.requiresGrad], [true, false, false]);
  values
    .mul(tensor([1, 10, 100], { dtype: 'float64' }))
    .sum()
    .backward();
  assert.deepEqual(x.grad!.toArray(), [100, 1, 10]);
});

test('needsInputGrad says which gradients will be used', () => {
  const asked: (readonly boolean[])[] = [];
  class Product extends autograd.Function {
    static forward(ctx: Context, x: Tensor, y: Tensor): Tensor {
      asked.push(ctx.needsInputGrad);
      ctx.saveForBackward(x, y);
      return x.mul(y);
    }
    static backward(ctx: Context, gradOut: Tensor): (Tensor | null)[] {
      const [x, y] = ctx.savedTensors as [Tensor, Tensor];
      return [ctx.needsInputGrad[0] ? gradOut.mul(y) : null, ctx.needsInputGrad[1] ? gradOut.mul(x) : null];
    }
  }
  const x = leaf(2);
  Product.apply(x, tensor([3], { dtype: 'float64' })).backward();
  assert.deepEqual(asked, [[true, false]]);
  assert.deepEqual(x.grad!.toArray(), [3]);
});

test('inside noGrad nothing is recorded', () => {
  assert.equal(noGrad(() => Exp.apply(leaf(1))).requiresGrad, false);
  assert.equal(Exp.apply(tensor([1])).requiresGrad, false);
});

test('what forward computes is not recorded', () => {
  class Count extends autograd.Function {
    static forward(_ctx: Context, x: Tensor): Tensor {
      assert.equal(x.mul(2).requiresGrad, false);
      return x.mul(2);
    }
    static backward(_ctx: Context, gradOut: Tensor): Tensor {
      return gradOut.mul(7);
    }
  }
  const x = leaf(1);
  Count.apply(x).backward();
  assert.deepEqual(x.grad!.toArray(), [7]);
});

test('an argument returned as it is', () => {
  class Reverse extends autograd.Function {
    static forward(_ctx: Context, x: Tensor): Tensor {
      return x;
    }
    static backward(_ctx: Context, gradOut: Tensor): Tensor {
      return gradOut.neg();
    }
  }
  const x = leaf(1, 2);
  const y = x.mul(3);
  Reverse.apply(y).sum().backward();
  assert.deepEqual(x.grad!.toArray(), [-3, -3]);
  assert.equal(y.gradFn!.name, 'MulBackward0');
});

test('a gradient that broadcasts is summed, one that does not is refused', () => {
  let shape = [2, 2];
  class Wrong extends autograd.Function {
    static forward(_ctx: Context, x: Tensor): Tensor {
      return x.mul(1);
    }
    static backward(_ctx: Context, gradOut: Tensor): Tensor {
      return gradOut.expand(shape);
    }
  }
  const x = leaf(1, 2);
  Wrong.apply(x).sum().backward();
  assert.deepEqual(x.grad!.toArray(), [2, 2]);
  class Long extends autograd.Function {
    static forward(_ctx: Context, x: Tensor): Tensor {
      return x.mul(1);
    }
    static backward(_ctx: Context, gradOut: Tensor): Tensor {
      return gradOut.repeat([2]);
    }
  }
  shape = [2];
  assert.throws(
    () => Long.apply(leaf(1, 2)).sum().backward(),
    (error) => error instanceof ShapeError && /LongBackward.*\[4\].*\[2\]/.test(error.message),
  );
});

test('more gradients than arguments are refused', () => {
  class TooMany extends autograd.Function {
    static forward(_ctx: Context, x: Tensor): Tensor {
      return x.mul(1);
    }
    static backward(_ctx: Context, gradOut: Tensor): Tensor[] {
      return [gradOut, gradOut];
    }
  }
  assert.throws(
    () => TooMany.apply(leaf(1)).backward(),
    (error) => error instanceof AutogradError && /TooManyBackward returned 2 gradients/.test(error.message),
  );
});

test('a saved tensor that was changed is noticed', () => {
  const y = Exp.apply(leaf(1, 2));
  noGrad(() => y.add_(1));
  assert.throws(
    () => y.sum().backward(),
    (error) => error instanceof AutogradError && /ExpBackward/.test(error.message),
  );
});

test('a second backward needs retainGraph', () => {
  const y = Exp.apply(leaf(1)).sum();
  y.backward({ retainGraph: true });
  y.backward();
  assert.throws(
    () => y.backward(),
    (error) => error instanceof AutogradError && /retainGraph/.test(error.message),
  );
});

test("an error of the user's backward comes through, and the engine works on", () => {
  class Broken extends autograd.Function {
    static forward(_ctx: Context, x: Tensor): Tensor {
      return x.mul(1);
    }
    static backward(): Tensor {
      throw new RangeError('mine');
    }
  }
  assert.throws(() => Broken.apply(leaf(1)).backward(), RangeError);
  const x = leaf(2);
  x.mul(x).backward();
  assert.deepEqual(x.grad!.toArray(), [4]);
});

test('a backward may run a backward of its own', () => {
  class Inner extends autograd.Function {
    static forward(ctx: Context, x: Tensor): Tensor {
      ctx.saveForBackward(x);
      return x.sin();
    }
    static backward(ctx: Context, gradOut: Tensor): Tensor {
      const x = ctx.savedTensors[0]!.detach().requiresGrad_();
      const [derivative] = autograd.grad(
        recorded(() => x.sin().sum()),
        x,
      );
      return gradOut.mul(derivative!);
    }
  }
  const recorded = (fn: () => Tensor): Tensor => enable(fn);
  const x = leaf(0.5);
  Inner.apply(x).backward();
  assert.deepEqual(x.grad!.toArray(), [Math.cos(0.5)]);
});

function enable(fn: () => Tensor): Tensor {
  return autograd.enableGrad(fn);
}

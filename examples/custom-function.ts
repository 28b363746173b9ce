// An operation with a gradient of one's own: the Legendre polynomial P3(x) = (5x³ - 3x) / 2, fitted to a sine.
//
//   npx tsx examples/custom-function.ts
//
//   gradcheck passed
//   step 500  loss 50.979
//   step 1000  loss 14.878
//   step 1500  loss 9.692
//   step 2000  loss 8.944
//   y = 0 + -2.209 * P3(0 + 0.255 x)
import { autograd, full, linspace, noGrad, type Tensor } from 'flambeau';

class LegendrePolynomial3 extends autograd.Function {
  static forward(ctx: autograd.FunctionContext, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.pow(3).mul(5).sub(x.mul(3)).mul(0.5);
  }

  static backward(ctx: autograd.FunctionContext, gradOutput: Tensor): Tensor {
    const [x] = ctx.savedTensors as [Tensor];
    return gradOutput.mul(x.square().mul(5).sub(1).mul(1.5));
  }
}

const P3 = (x: Tensor): Tensor => LegendrePolynomial3.apply(x);

// The gradient by hand agrees with finite differences.
autograd.gradcheck(P3, [linspace(-1, 1, 5, { dtype: 'float64', requiresGrad: true })]);
console.log('gradcheck passed');

// y = a + b P3(c + d x)
const x = linspace(-Math.PI, Math.PI, 2000);
const y = x.sin();
const a = full([], 0, { requiresGrad: true });
const b = full([], -1, { requiresGrad: true });
const c = full([], 0, { requiresGrad: true });
const d = full([], 0.3, { requiresGrad: true });

for (let step = 1; step <= 2000; step++) {
  const prediction = a.add(b.mul(P3(c.add(d.mul(x)))));
  const loss = prediction.sub(y).square().sum();
  if (step % 500 === 0) console.log(`step ${step}  loss ${loss.item().toFixed(3)}`);
  loss.backward();
  noGrad(() => {
    for (const parameter of [a, b, c, d]) {
      parameter.sub_(parameter.grad!.mul(5e-6));
      parameter.grad = null;
    }
  });
}
// a and c are zero but for rounding, whose sign says nothing.
const [a0, b0, c0, d0] = [a, b, c, d].map((parameter) => Math.round(parameter.item() * 1000) / 1000 || 0);
console.log(`y = ${a0} + ${b0} * P3(${c0} + ${d0} x)`);

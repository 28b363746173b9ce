// Logistic regression whose gradients and update are written by hand on the module, beside the same thing left to autograd
// and an optimiser: gradients and weights agree at every step.
//
//   npx tsx examples/logistic-regression.ts
//
//   step 0  loss 0.6931  accuracy 90.5 %  gradients agree
//   step 25  loss 0.2404  accuracy 90.5 %  gradients agree
//   step 50  loss 0.2326  accuracy 90.0 %  gradients agree
//   step 75  loss 0.2311  accuracy 90.0 %  gradients agree
//   step 100  loss 0.2306  accuracy 89.5 %  gradients agree
//   weights agree: true
import { cat, manualSeed, nn, noGrad, optim, randn, zeros, ones, type Tensor } from 'flambeau';

manualSeed(0);

class LogisticRegression extends nn.Module {
  weight: nn.Parameter;
  bias: nn.Parameter;
  private input!: Tensor;
  private probability!: Tensor;

  constructor(features: number) {
    super();
    this.weight = new nn.Parameter(zeros([features]));
    this.bias = new nn.Parameter(zeros([1]));
  }

  override forward(x: Tensor): Tensor {
    this.input = x.detach();
    const probability = x.matmul(this.weight).add(this.bias).sigmoid();
    this.probability = probability.detach();
    return probability;
  }

  /** The gradients of the mean cross entropy: d/dz = p - y, d/dw = xᵀ (p - y) / n, d/db = mean(p - y). */
  backward(target: Tensor): void {
    const error = this.probability.sub(target).div(target.numel());
    this.weight.grad = this.input.t().matmul(error);
    this.bias.grad = error.sum(0, { keepdim: true });
  }

  /** One step of gradient descent. */
  optimize(lr: number): void {
    noGrad(() => {
      for (const parameter of this.parameters()) parameter.sub_(parameter.grad!.mul(lr));
    });
  }
}

// Two clouds of points, one for each class.
const n = 100;
const x = cat([randn([n, 2]).add(1), randn([n, 2]).sub(1)]);
const y = cat([ones([n]), zeros([n])]);

const byHand = new LogisticRegression(2);
const byAutograd = new LogisticRegression(2);
const criterion = new nn.BCELoss();
const optimizer = new optim.SGD(byAutograd.parameters(), { lr: 0.5 });

for (let step = 0; step <= 100; step++) {
  const loss = criterion(byHand(x), y);
  byHand.zeroGrad();
  byHand.backward(y);

  optimizer.zeroGrad();
  criterion(byAutograd(x), y).backward();

  const agree = byHand.weight.grad!.allclose(byAutograd.weight.grad!, { atol: 1e-6 });
  if (!agree) throw new Error(`the gradients differ at step ${step}`);
  byHand.optimize(0.5);
  optimizer.step();

  if (step % 25 === 0) {
    const accuracy = byHand(x).gt(0.5).eq(y).float().mean().item();
    console.log(
      `step ${step}  loss ${loss.item().toFixed(4)}  accuracy ${(accuracy * 100).toFixed(1)} %  gradients agree`,
    );
  }
}
console.log('weights agree:', byHand.weight.allclose(byAutograd.weight, { atol: 1e-5 }));

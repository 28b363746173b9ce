// A linear layer written by hand from two Parameters, trained in the five-line loop.
//
//   npx tsx examples/my-linear.ts
//
//   step 0  loss 2.403169
//   step 20  loss 0.190402
//   step 40  loss 0.024878
//   step 60  loss 0.003538
//   step 80  loss 0.000570
//   step 100  loss 0.000150
//   bias: Parameter containing:
//   tensor([0.5027, 0.5098], requires_grad=True)
import { manualSeed, nn, optim, rand, randn, type Tensor } from 'flambeau';

manualSeed(0);

class MyLinear extends nn.Module {
  weight: nn.Parameter;
  bias: nn.Parameter;

  constructor(inFeatures: number, outFeatures: number) {
    super();
    this.weight = new nn.Parameter(rand([inFeatures, outFeatures]));
    this.bias = new nn.Parameter(rand([outFeatures]));
  }

  override forward(x: Tensor): Tensor {
    return x.matmul(this.weight).add(this.bias);
  }
}

// What there is to learn: three numbers in, two out, a little noise.
const x = randn([64, 3]);
const truth = randn([3, 2]);
const y = x
  .matmul(truth)
  .add(0.5)
  .add(randn([64, 2]).mul(0.01));

const model = new MyLinear(3, 2);
const criterion = new nn.MSELoss();
const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });

for (let step = 0; step <= 100; step++) {
  optimizer.zeroGrad();
  const loss = criterion(model(x), y);
  loss.backward();
  optimizer.step();
  if (step % 20 === 0) console.log(`step ${step}  loss ${loss.item().toFixed(6)}`);
}
console.log('bias:', String(model.bias));

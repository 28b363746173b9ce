// What the base of all modules does: fields as parameters, children and buffers; state dicts; modes; hooks; copies; errors that
// name the place; printing.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import * as nn from 'flambeau/nn';

import { SerializationError, ShapeError, ValueError } from '../../src/errors.js';
import { noGrad } from '../../src/autograd/mode.js';
import { ones, tensor, zeros } from '../../src/tensor/create.js';
import { manualSeed } from '../../src/tensor/generator.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { make } from './recipe.js';

class Block extends nn.Module {
  linear1 = new nn.Linear(4, 6);
  act = new nn.ReLU();
  linear2 = new nn.Linear(6, 4, { bias: false });
  scale = new nn.Parameter(ones([1]));
  seenSteps = new nn.Buffer(zeros([], { dtype: 'int64' }));
  scratch = new nn.Buffer(zeros([2]), { persistent: false });
  plain = zeros([3]);
  readonly width = 6;

  override forward(x: Tensor): Tensor {
    return this.linear2(this.act(this.linear1(x))).mul(this.scale);
  }
}

class Net extends nn.Module {
  encoder: nn.Sequential;
  constructor(readonly shared = new nn.Linear(4, 4)) {
    super();
    this.encoder = new nn.Sequential(new Block(), shared);
  }
  override forward(x: Tensor): Tensor {
    return this.encoder(x).add(this.shared(x));
  }
}

describe('fields', () => {
  test('parameters, buffers and children are found among them, plain tensors are not', () => {
    const block = new Block();
    assert.deepEqual(
      [...block.namedParameters()].map(([name]) => name),
      ['scale', 'linear1.weight', 'linear1.bias', 'linear2.weight'],
    );
    assert.deepEqual(
      [...block.namedBuffers()].map(([name]) => name),
      ['seen_steps', 'scratch'],
    );
    assert.deepEqual(
      [...block.namedChildren()].map(([name]) => name),
      ['linear1', 'act', 'linear2'],
    );
  });

  test('state keys are paths of snake_case names; a buffer that is not persistent is left out', () => {
    assert.deepEqual(Object.keys(new Block().stateDict()), [
      'scale',
      'seen_steps',
      'linear1.weight',
      'linear1.bias',
      'linear2.weight',
    ]);
  });

  test('two fields with one key are refused', () => {
    class Twice extends nn.Module {
      inProj = new nn.Parameter(zeros([1]));
      in_proj = new nn.Parameter(zeros([1]));
    }
    assert.throws(() => new Twice().stateDict(), /in_proj/);
    assert.throws(() => [...new Twice().parameters()], ValueError);
  });

  test('a shared module counts once among parameters and has all its keys in the state', () => {
    const net = new Net();
    assert.deepEqual(
      [...net.namedParameters()].map(([name]) => name).filter((name) => !name.startsWith('encoder.0')),
      ['shared.weight', 'shared.bias'],
    );
    assert.deepEqual(
      Object.keys(net.stateDict()).filter((name) => !name.startsWith('encoder.0')),
      ['shared.weight', 'shared.bias', 'encoder.1.weight', 'encoder.1.bias'],
    );
    assert.equal([...net.modules()].filter((module) => module === net.shared).length, 1);
  });

  test('paths lead to modules and parameters', () => {
    const net = new Net();
    assert.equal(net.getSubmodule('encoder.0.linear2'), (net.encoder.get(0) as Block).linear2);
    assert.equal(net.getSubmodule(''), net);
    assert.equal(net.getParameter('shared.bias'), net.shared.bias);
    assert.throws(() => net.getSubmodule('encoder.7'), ValueError);
    assert.throws(() => net.getSubmodule('encoder.0.scale'), /Net has no module 'encoder\.0\.scale'/);
    assert.throws(() => net.getBuffer('encoder.0.scale'), /Net has no buffer 'encoder\.0\.scale'/);
    assert.throws(() => net.getParameter('encoder.bias'), ValueError);
  });

  test('what stands in several places is found at each', () => {
    const net = new Net();
    assert.equal(net.getSubmodule('encoder.1'), net.shared);
    assert.equal(net.getParameter('encoder.1.weight'), net.shared.weight);
    assert.equal(net.getParameter('encoder.0.scale'), (net.encoder.get(0) as Block).scale);
    assert.equal(net.getBuffer('encoder.0.seen_steps'), (net.encoder.get(0) as Block).seenSteps);
  });

  test('fields called name and length are fields like others', () => {
    class Named extends nn.Module {
      override name = 'first';
      override length = new nn.Parameter(zeros([2])) as never;
    }
    const named = new Named();
    assert.equal(named.name, 'first');
    assert.deepEqual(Object.keys(named.stateDict()), ['length']);
  });
});

describe('modes', () => {
  test('train and eval reach all modules and leave single ones to themselves', () => {
    const net = new Net();
    assert.ok(net.training);
    net.eval();
    assert.ok([...net.modules()].every((module) => !module.training));
    net.encoder.train();
    assert.ok(!net.training && net.encoder.training && !net.shared.training === false);
  });

  test('requiresGrad_ freezes, zeroGrad drops or zeroes', () => {
    const net = new Net();
    net(make({ shape: [2, 4] }, 1, 'float32'))
      .sum()
      .backward();
    assert.ok([...net.parameters()].every((parameter) => parameter.grad));
    net.zeroGrad(false);
    assert.ok([...net.parameters()].every((parameter) => parameter.grad!.abs().sum().item() === 0));
    net.zeroGrad();
    assert.ok([...net.parameters()].every((parameter) => parameter.grad === null));
    net.requiresGrad_(false);
    assert.ok(!net(zeros([2, 4])).requiresGrad);
  });

  test('to converts floats in place and keeps the objects', () => {
    const block = new Block();
    const { weight } = block.linear1;
    block.double();
    assert.equal(block.linear1.weight, weight);
    assert.equal(weight.dtype, 'float64');
    assert.equal(block.seenSteps.dtype, 'int64');
    assert.equal(block(zeros([1, 4], { dtype: 'float64' })).dtype, 'float64');
  });

  test('apply goes from the inside out', () => {
    const order: string[] = [];
    new nn.Sequential(new nn.Linear(1, 1), new nn.Sequential(new nn.ReLU())).apply((module) =>
      order.push(module.constructor.name),
    );
    assert.deepEqual(order, ['Linear', 'ReLU', 'Sequential', 'Sequential']);
  });
});

describe('state dicts', () => {
  test('what was saved comes back', () => {
    const [from, to] = [new Net(), new Net()];
    const report = to.loadStateDict(from.stateDict());
    assert.deepEqual(report, { missingKeys: [], unexpectedKeys: [] });
    const x = make({ shape: [3, 4] }, 1, 'float32');
    assert.ok(to(x).equal(from(x)));
    assert.notEqual(to.shared.weight.storage, from.shared.weight.storage);
  });

  test('missing, unexpected and misshapen entries are reported together, and nothing is changed', () => {
    const block = new Block();
    const before = block.linear1.bias!.clone();
    const state: nn.StateDict = {
      ...block.stateDict(),
      extra: zeros([1]),
      'linear2.weight': zeros([4, 5]),
      'linear1.bias': ones([6]),
    };
    delete state['scale'];
    assert.throws(
      () => block.loadStateDict(state),
      (error: unknown) =>
        error instanceof SerializationError &&
        /missing keys: scale/.test(error.message) &&
        /unexpected keys: extra/.test(error.message) &&
        /size mismatch for linear2\.weight: expected \[4, 6\], got \[4, 5\]/.test(error.message),
    );
    assert.ok(block.linear1.bias!.equal(before));
  });

  test('without strict, what fits is loaded and the rest is told', () => {
    const block = new Block();
    const report = block.loadStateDict({ 'linear1.bias': ones([6]), other: zeros([1]) }, { strict: false });
    assert.deepEqual(report.unexpectedKeys, ['other']);
    assert.ok(report.missingKeys.includes('scale'));
    assert.ok(block.linear1.bias!.equal(ones([6])));
  });
});

describe('hooks', () => {
  test('see and may replace inputs and outputs, until removed', () => {
    const layer = new nn.Identity();
    const pre = layer.registerForwardPreHook((_module, [x]) => [(x as Tensor).add(1)]);
    const post = layer.registerForwardHook((_module, _inputs, output) => (output as Tensor).mul(10));
    assert.equal(layer(tensor(1)).item(), 20);
    pre.remove();
    assert.equal(layer(tensor(1)).item(), 10);
    post.remove();
    assert.equal(layer(tensor(1)).item(), 1);
  });

  test('a backward hook sees gradients of inputs and outputs and may replace the former', () => {
    const layer = new nn.Linear(2, 1, { bias: false });
    noGrad(() => layer.weight.copy_(tensor([[2, 3]])));
    const seen: unknown[] = [];
    layer.registerFullBackwardHook((_module, gradInput, gradOutput) => {
      seen.push(gradInput[0]!.toArray(), gradOutput[0]!.toArray());
      return [gradInput[0]!.mul(2)];
    });
    const x = tensor([[1, 1]], { requiresGrad: true });
    layer(x).sum().backward();
    assert.deepEqual(seen, [[[2, 3]], [[1]]]);
    assert.deepEqual(x.grad!.toArray(), [[4, 6]]);
  });
});

describe('copies', () => {
  test('a clone computes the same and is independent', () => {
    manualSeed(0);
    const net = new Net();
    const copy = net.eval().clone();
    const x = make({ shape: [3, 4] }, 1, 'float32');
    assert.ok(copy(x).equal(net(x)));
    assert.ok(copy instanceof Net);
    assert.ok(!copy.training);
    noGrad(() => copy.shared.weight.zero_());
    assert.ok(!copy(x).equal(net(x)));
    assert.equal(copy.shared, copy.encoder.get(1), 'what is shared stays shared');
    assert.notEqual(copy.shared, net.shared);
    assert.deepEqual(Object.keys(copy.stateDict()), Object.keys(net.stateDict()));
  });

  test('containers, hooks and gradients are copied too', () => {
    const dict = new nn.ModuleDict({ a: new nn.Linear(2, 2) });
    dict.get('a').weight.grad = ones([2, 2]);
    let calls = 0;
    dict.get('a').registerForwardHook(() => void calls++);
    const copy = dict.clone();
    assert.notEqual(copy.get('a'), dict.get('a'));
    assert.deepEqual(copy.get('a').weight.grad!.toArray(), [
      [1, 1],
      [1, 1],
    ]);
    copy.get('a')(zeros([2]));
    assert.equal(calls, 1);
  });
});

describe('errors', () => {
  test('a wrong size names the module by its path', () => {
    const encoder = new nn.TransformerEncoder(new nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 4 }), 2);
    class Model extends nn.Module {
      encoder = encoder;
      override forward(x: Tensor): Tensor {
        return this.encoder.layers.get(0).linear1(x);
      }
    }
    assert.throws(() => new Model()(zeros([3, 2, 5])), {
      name: 'ShapeError',
      message: 'encoder.layers.0.linear1: expected 8 features, got input [3, 2, 5]',
    });
    assert.throws(() => new nn.Sequential(new nn.Conv2d(3, 4, 3), new nn.BatchNorm2d(5))(zeros([1, 3, 8, 8])), {
      message: '1: expected 5 channels, got input [1, 4, 6, 6]',
    });
  });

  test('a layer called on its own names itself no further', () => {
    assert.throws(() => new nn.Linear(2, 2)(zeros([3])), { message: 'expected 2 features, got input [3]' });
  });

  test('a module without forward says so', () => {
    assert.throws(() => (new nn.ModuleList() as unknown as () => unknown)(), /ModuleList has no forward/);
  });

  test('errors that are not the library’s pass through as they are', () => {
    class Broken extends nn.Module {
      override forward(): Tensor {
        throw new RangeError('my own');
      }
    }
    assert.throws(() => new nn.Sequential(new Broken())(zeros([1])), { name: 'RangeError', message: 'my own' });
  });

  test('a call after a failed one names its own place', () => {
    const model = new nn.Sequential(new nn.Linear(2, 2), new nn.Linear(3, 3));
    assert.throws(() => model(zeros([2])), /^ShapeError: 1: expected 3/);
    assert.throws(() => model(zeros([3])), /^ShapeError: 0: expected 2/);
    assert.ok(new nn.Linear(2, 2)(zeros([2])));
  });
});

test('printing a module of one’s own gives the tree', () => {
  assert.equal(
    String(new Net()),
    `Net(
  (shared): Linear(in_features=4, out_features=4, bias=True)
  (encoder): Sequential(
    (0): Block(
      (linear1): Linear(in_features=4, out_features=6, bias=True)
      (act): ReLU()
      (linear2): Linear(in_features=6, out_features=4, bias=False)
    )
    (1): Linear(in_features=4, out_features=4, bias=True)
  )
)`,
  );
});

test('a ShapeError is one class for all layers', () => {
  assert.throws(() => new nn.LSTM(3, 4)(zeros([2, 1, 5])), ShapeError);
  assert.throws(
    () => new nn.Embedding(3, 2)(zeros([2])),
    /embedding: expected row numbers of an integer dtype, got float32/,
  );
  assert.throws(() => new nn.Embedding(3, 2)(tensor([0n, 3n])), /row 3 at position 1 is out of range for 3 rows/);
});

// What tensors, autograd and random numbers offer: every promised name, as a method, as a function, or as both.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as flambeau from 'flambeau';
import { autograd, Generator, ones, Tensor } from 'flambeau';

const words = (text: string): string[] => text.trim().split(/\s+/);

const both = words(`
  add sub mul div pow neg abs sign exp expm1 log log1p log2 sqrt rsqrt square reciprocal sin cos tan asin acos atan sinh cosh tanh
  sigmoid relu leakyRelu elu gelu silu softplus hardtanh erf floor ceil round trunc remainder fmod clamp maximum minimum where lerp
  addcmul addcdiv eq ne lt le gt ge isnan isinf isfinite logicalAnd logicalOr logicalXor logicalNot bitwiseAnd bitwiseOr bitwiseXor
  bitwiseNot sum mean prod var std max min amax amin argmax argmin any all norm logsumexp cumsum cumprod median mode sort topk unique
  matmul mm bmm mv dot outer addmm baddbmm view reshape flatten squeeze unsqueeze transpose permute t expand expandAs repeat
  repeatInterleave split chunk unbind narrow select diagonal tril triu flip roll unfold movedim index indexPut_ indexSelect gather
  scatter_ scatterAdd_ indexAdd_ maskedSelect maskedFill take nonzero zero_ fill_ copy_ clamp_ add_ sub_ mul_ div_ to float double
  long int bool clone detach contiguous allclose equal bernoulli multinomial`);

const functions = words(`
  tensor zeros ones full empty arange linspace eye rand randn randint randperm zerosLike onesLike fullLike randLike randnLike
  fromTypedArray setDefaultDtype getDefaultDtype cat stack einsum slice noGrad enableGrad inferenceMode manualSeed`);

const methods = words(`
  slice uniform_ normal_ bernoulli_ numel stride isContiguous item toArray data toString backward retainGrad registerHook
  requiresGrad_ detach_`);

const properties = words('shape dtype device ndim requiresGrad grad isLeaf gradFn T');

test('operations are methods and functions', () => {
  const root = flambeau as unknown as Record<string, unknown>;
  const prototype = Tensor.prototype as unknown as Record<string, unknown>;
  const missing = [
    ...[...both, ...functions].filter((name) => typeof root[name] !== 'function'),
    ...[...both, ...methods].filter((name) => typeof prototype[name] !== 'function').map((name) => `x.${name}`),
  ];
  assert.deepEqual(missing, []);
});

test('a tensor has its properties and iterates', () => {
  const x = ones([2]);
  assert.deepEqual(properties.filter((name) => !(name in x)), []); // prettier-ignore
  assert.deepEqual([...x].map((item) => item.item()), [1, 1]); // prettier-ignore
});

test('autograd and generators', () => {
  assert.deepEqual(words('grad gradcheck gradgradcheck Function').filter((name) => !(name in autograd)), []); // prettier-ignore
  assert.deepEqual(words('manualSeed getState setState').filter((name) => !(name in Generator.prototype)), []); // prettier-ignore
});

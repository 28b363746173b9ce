// Lists, dictionaries and sequences of modules and parameters.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import * as nn from 'flambeau/nn';

import { IndexError, ValueError } from '../../src/errors.js';
import { ones, zeros } from '../../src/tensor/create.js';
import { make } from './recipe.js';

describe('Sequential', () => {
  const model = (): nn.Sequential => new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2));

  test('runs its entries one after the other and is subscriptable', () => {
    const sequence = model();
    const x = make({ shape: [5, 4] }, 1, 'float32');
    const [first, act, last] = sequence as unknown as [nn.Linear, nn.ReLU, nn.Linear];
    assert.ok(sequence(x).equal(last(act(first(x)))));
    assert.equal(sequence.length, 3);
    assert.equal(sequence[0], first);
    assert.equal(sequence.get(-1), last);
    assert.deepEqual(Object.keys(sequence.stateDict()), ['0.weight', '0.bias', '2.weight', '2.bias']);
    assert.throws(() => sequence.get(3), IndexError);
  });

  test('takes an array, a record or a Map', () => {
    const array = new nn.Sequential([new nn.ReLU(), new nn.Tanh()]);
    assert.equal(array.length, 2);
    const record = new nn.Sequential({ conv1: new nn.Linear(2, 3), act: new nn.ReLU() });
    assert.deepEqual(Object.keys(record.stateDict()), ['conv1.weight', 'conv1.bias']);
    assert.equal(record.get('act'), record[1]);
    assert.equal(
      String(record),
      'Sequential(\n  (conv1): Linear(in_features=2, out_features=3, bias=True)\n  (act): ReLU()\n)',
    );
    const map = new nn.Sequential(new Map([['layerA', new nn.Linear(1, 1)]]));
    assert.deepEqual(Object.keys(map.stateDict()), ['layerA.weight', 'layerA.bias'], 'given names stay as they are');
    assert.equal(String(new nn.Sequential()), 'Sequential()');
  });

  test('grows, is replaced in and cut', () => {
    const sequence = model().append(new nn.Softmax(1));
    assert.equal(sequence.length, 4);
    sequence[1] = new nn.Tanh();
    assert.equal(String(sequence.get(1)), 'Tanh()');
    const head = sequence.slice(0, 2);
    assert.equal(head.length, 2);
    assert.equal(head.get(0), sequence.get(0));
    assert.deepEqual(head(zeros([1, 4])).shape, [1, 8]);
    sequence.append(new nn.ReLU(), 'last');
    assert.equal(sequence.get('last'), sequence.get(4));
    assert.throws(() => sequence.append(new nn.ReLU(), 'last'), /two entries are called 'last'/);
  });

  test('refuses what is no module', () => {
    assert.throws(() => new nn.Sequential(nn.ReLU as never), /got the class ReLU: make an instance with new/);
    assert.throws(() => new nn.Sequential({ 'a.b': new nn.ReLU() }), ValueError);
    assert.throws(() => new nn.Sequential(((x: unknown) => x) as never), ValueError);
  });
});

describe('ModuleList', () => {
  test('holds, finds and counts', () => {
    const list = new nn.ModuleList([new nn.Linear(2, 3), new nn.Linear(3, 4)]);
    assert.equal(list.length, 2);
    assert.deepEqual(
      [...list].map((layer) => layer.outFeatures),
      [3, 4],
    );
    assert.equal(list.get(-1).outFeatures, 4);
    list.append(new nn.Linear(4, 5)).insert(0, new nn.Linear(1, 2));
    assert.deepEqual(
      [...list].map((layer) => layer.outFeatures),
      [2, 3, 4, 5],
    );
    assert.deepEqual(Object.keys(list.stateDict()).slice(0, 2), ['0.weight', '0.bias']);
    assert.equal([...list.parameters()].length, 8);
    assert.throws(() => list.append('x' as never), ValueError);
    assert.throws(() => list.get(4), /index 4 is out of range for 4 entries/);
  });
});

describe('ModuleDict', () => {
  test('keeps keys as they are given, also those that are names of methods', () => {
    const dict = new nn.ModuleDict({ convA: new nn.Linear(1, 1), forward: new nn.Linear(1, 1) });
    assert.deepEqual(Object.keys(dict.stateDict()), ['convA.weight', 'convA.bias', 'forward.weight', 'forward.bias']);
    assert.ok(dict.has('forward'));
    assert.equal(dict.size, 2);
    assert.equal(dict.pop('forward').outFeatures, 1);
    assert.deepEqual([...dict.keys()], ['convA']);
    dict.update([['b', new nn.Linear(1, 2)]]);
    assert.deepEqual(
      [...dict].map(([key, layer]) => [key, layer.outFeatures]),
      [
        ['convA', 1],
        ['b', 2],
      ],
    );
    assert.throws(() => dict.get('c'), /no entry 'c', only convA, b/);
    assert.throws(() => dict.set('a.b', new nn.Linear(1, 1)), ValueError);
  });
});

describe('parameters in containers', () => {
  test('are parameters of whoever holds the container', () => {
    class Mixed extends nn.Module {
      weights = new nn.ParameterList([zeros([2]), new nn.Parameter(ones([3]))]);
      byName = new nn.ParameterDict({ left: zeros([1]), Right: zeros([2]) });
    }
    const mixed = new Mixed();
    assert.deepEqual(
      [...mixed.namedParameters()].map(([name, { shape }]) => [name, shape]),
      [
        ['weights.0', [2]],
        ['weights.1', [3]],
        ['by_name.left', [1]],
        ['by_name.Right', [2]],
      ],
    );
    assert.ok(mixed.weights.get(0) instanceof nn.Parameter);
    assert.equal(
      String(mixed.weights),
      `ParameterList(
    (0): Parameter containing: [torch.float32 of size 2]
    (1): Parameter containing: [torch.float32 of size 3]
)`,
    );
    assert.equal(
      String(new nn.ParameterList([zeros([2, 3])])),
      'ParameterList(  (0): Parameter containing: [torch.float32 of size 2x3])',
    );
    assert.equal(
      String(new nn.ParameterDict({ a: zeros([2]) })),
      'ParameterDict(  (a): Parameter containing: [torch.FloatTensor of size 2])',
    );
    assert.equal(String(new nn.ParameterList()), 'ParameterList()');
    assert.throws(() => mixed.weights.append(3 as never), ValueError);
  });
});

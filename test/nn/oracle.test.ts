// Every layer, loss, function and initialiser against PyTorch: printed form, state keys and shapes, outputs, gradients of inputs and
// parameters, buffers afterwards, random numbers taken. The fixtures are written by scripts/oracle/nn.

import { describe, test } from 'node:test';

import {
  checkFunction,
  checkInit,
  checkInitialiser,
  checkLayer,
  dtypesOf,
  fixture,
  nameOf,
  type FunctionCase,
  type InitCase,
  type InitialiserCase,
  type LayerCase,
} from './oracle.js';

const families = [
  'linear',
  'convolution',
  'pooling',
  'normalization',
  'activation',
  'dropout',
  'sparse',
  'padding',
  'vision',
  'recurrent',
  'attention',
  'losses',
  'ctc',
];

for (const family of families) {
  describe(family, () => {
    for (const [index, case_] of fixture<LayerCase>(family).entries()) {
      for (const dtype of dtypesOf(case_)) {
        test(`${nameOf(case_, index)} in ${dtype}`, () => checkLayer(case_, dtype));
      }
    }
  });
}

describe('functions', () => {
  for (const [index, case_] of fixture<FunctionCase>('functions').entries()) {
    for (const dtype of dtypesOf(case_)) {
      test(`${nameOf(case_, index)} in ${dtype}`, () => checkFunction(case_, dtype));
    }
  }
});

describe('default initialisation under a seed', () => {
  for (const [index, case_] of fixture<InitCase>('init').entries()) test(nameOf(case_, index), () => checkInit(case_));
});

describe('initialisers under a seed', () => {
  for (const [index, case_] of fixture<InitialiserCase>('initialisers').entries()) {
    test(`${index} ${case_.initialiser} ${JSON.stringify(case_.options ?? {})}`, () => checkInitialiser(case_));
  }
});

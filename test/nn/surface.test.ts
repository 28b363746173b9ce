// What `nn` and `optim` offer: every promised name, every loss and layer as a function too, and PyTorch's defaults wherever a layer
// is made from its required arguments alone.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import * as nn from 'flambeau/nn';
import * as optim from 'flambeau/optim';

import { Tensor } from '../../src/tensor/tensor.js';
import { fixture } from './oracle.js';

const words = (text: string): string[] => text.trim().split(/\s+/);

const modules = words(`
  Module Parameter Buffer Sequential ModuleList ModuleDict ParameterList ParameterDict Linear Bilinear Identity Flatten Unflatten
  Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d MaxPool1d MaxPool2d MaxPool3d AvgPool1d AvgPool2d AvgPool3d
  AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d BatchNorm1d
  BatchNorm2d BatchNorm3d LayerNorm GroupNorm InstanceNorm1d InstanceNorm2d InstanceNorm3d RMSNorm Dropout Dropout1d Dropout2d
  Dropout3d Embedding EmbeddingBag RNN LSTM GRU RNNCell LSTMCell GRUCell MultiheadAttention TransformerEncoderLayer
  TransformerEncoder TransformerDecoderLayer TransformerDecoder Transformer Upsample ZeroPad1d ZeroPad2d ZeroPad3d
  Sigmoid Tanh ReLU LeakyReLU ELU GELU SiLU Softplus Hardtanh Softmax LogSoftmax PReLU Softsign Mish Hardswish
  MSELoss L1Loss SmoothL1Loss HuberLoss CrossEntropyLoss NLLLoss BCELoss BCEWithLogitsLoss KLDivLoss CosineEmbeddingLoss
  TripletMarginLoss MarginRankingLoss HingeEmbeddingLoss CTCLoss`);

const functions = words(`
  linear bilinear conv1d conv2d conv3d convTranspose1d convTranspose2d convTranspose3d maxPool1d maxPool2d maxPool3d avgPool1d
  avgPool2d avgPool3d adaptiveAvgPool1d adaptiveAvgPool2d adaptiveAvgPool3d adaptiveMaxPool1d adaptiveMaxPool2d adaptiveMaxPool3d
  batchNorm layerNorm groupNorm instanceNorm rmsNorm dropout dropout1d dropout2d dropout3d embedding embeddingBag
  scaledDotProductAttention oneHot pad interpolate sigmoid tanh relu leakyRelu elu gelu silu softplus hardtanh softmax logSoftmax
  prelu softsign mish hardswish mseLoss l1Loss smoothL1Loss huberLoss crossEntropy nllLoss binaryCrossEntropy
  binaryCrossEntropyWithLogits klDiv cosineEmbeddingLoss tripletMarginLoss marginRankingLoss hingeEmbeddingLoss ctcLoss`);

const initialisers = words(`
  uniform_ normal_ constant_ ones_ zeros_ eye_ dirac_ xavierUniform_ xavierNormal_ kaimingUniform_ kaimingNormal_ truncNormal_
  orthogonal_ sparse_ calculateGain`);

const utilities = words(`
  clipGradNorm_ clipGradValue_ parametersToVector vectorToParameters packPaddedSequence padPackedSequence padSequence packSequence
  weightNorm removeWeightNorm`);

const optimisers = words('SGD Adam AdamW NAdam RAdam Adamax Adagrad Adadelta RMSprop Rprop ASGD LBFGS Optimizer');

const schedulers = words(`
  StepLR MultiStepLR ExponentialLR CosineAnnealingLR CosineAnnealingWarmRestarts LinearLR ConstantLR PolynomialLR OneCycleLR CyclicLR
  LambdaLR MultiplicativeLR SequentialLR ChainedScheduler ReduceLROnPlateau LRScheduler`);

const methods = words(`
  parameters namedParameters buffers namedBuffers children namedChildren modules namedModules train eval zeroGrad requiresGrad_ to
  float double apply stateDict loadStateDict registerForwardHook registerForwardPreHook registerFullBackwardHook getParameter getBuffer
  getSubmodule summary forward toString`);

const offered: readonly [what: string, from: object, names: readonly string[]][] = [
  ['nn', nn, modules],
  ['nn.functional', nn.functional, functions],
  ['nn.init', nn.init, initialisers],
  ['nn.utils', nn.utils, utilities],
  ['optim', optim, optimisers],
  ['optim.lrScheduler', optim.lrScheduler, schedulers],
  ['a Module', nn.Module.prototype, methods],
];

for (const [what, from, names] of offered) {
  test(`${what} has all its names`, () => {
    const missing = names.filter((name) => typeof (from as Record<string, unknown>)[name] !== 'function');
    assert.deepEqual(missing, []);
  });
}

interface Defaults {
  readonly layer: string;
  readonly args: readonly unknown[];
  readonly given: Readonly<Record<string, unknown>>;
  readonly defaults: Readonly<Record<string, unknown>>;
}

/** Options of PyTorch's that are other things here, each with the reason. */
const elsewhere: Readonly<Record<string, readonly string[]>> = {
  // Only zeros can be padded with, so that there is nothing to choose.
  padding_mode: ['ConvTranspose1d', 'ConvTranspose2d', 'ConvTranspose3d'],
  // A cell's biases are its fields biasIh and biasHh.
  bias: ['RNNCell', 'LSTMCell', 'GRUCell'],
};

function plain(value: unknown): unknown {
  if (value instanceof Tensor) return { shape: value.shape };
  return Array.isArray(value) ? value.map(plain) : (value ?? null);
}

describe('defaults are those of PyTorch', () => {
  for (const { layer, args, given, defaults } of fixture<Defaults>('defaults')) {
    test(layer, () => {
      const Layer = (nn as unknown as Record<string, new (...args: unknown[]) => nn.Module>)[layer];
      assert.ok(Layer, `nn.${layer} exists`);
      const made = new Layer(...args, ...(Object.keys(given).length > 0 ? [given] : []));
      for (const [name, expected] of Object.entries(defaults)) {
        if (elsewhere[name]?.includes(layer)) continue;
        const field = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
        assert.ok(field in made, `${layer} has the option ${field}`);
        assert.deepEqual(plain((made as unknown as Record<string, unknown>)[field]), expected, `${layer}.${field}`);
      }
    });
  }
});

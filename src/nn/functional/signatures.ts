// What the functions here may be called with. Written by `npm run signatures` from their types; see tensor/guarded.ts.

export const signatures = {
  adaptiveAvgPool1d: 'adaptiveAvgPool1d(input: Tensor, size: array|null|number)',
  adaptiveAvgPool2d: 'adaptiveAvgPool2d(input: Tensor, size: array|null|number)',
  adaptiveAvgPool3d: 'adaptiveAvgPool3d(input: Tensor, size: array|null|number)',
  adaptiveMaxPool1d: 'adaptiveMaxPool1d(input: Tensor, size: array|null|number)',
  adaptiveMaxPool1dWithIndices: 'adaptiveMaxPool1dWithIndices(input: Tensor, size: array|null|number)',
  adaptiveMaxPool2d: 'adaptiveMaxPool2d(input: Tensor, size: array|null|number)',
  adaptiveMaxPool2dWithIndices: 'adaptiveMaxPool2dWithIndices(input: Tensor, size: array|null|number)',
  adaptiveMaxPool3d: 'adaptiveMaxPool3d(input: Tensor, size: array|null|number)',
  adaptiveMaxPool3dWithIndices: 'adaptiveMaxPool3dWithIndices(input: Tensor, size: array|null|number)',
  affineGrid: 'affineGrid(theta: Tensor, size: array, options?: {alignCorners?: boolean})',
  alphaDropout:
    'alphaDropout(input: Tensor, options?: {generator?: object, inplace?: boolean, p?: number, training?: boolean})',
  avgPool1d:
    'avgPool1d(input: Tensor, kernelSize: array|number, options?: {ceilMode?: boolean, countIncludePad?: boolean, padding?: array|number, stride?: array|number})',
  avgPool2d:
    'avgPool2d(input: Tensor, kernelSize: array|number, options?: {ceilMode?: boolean, countIncludePad?: boolean, divisorOverride?: number, padding?: array|number, stride?: array|number})',
  avgPool3d:
    'avgPool3d(input: Tensor, kernelSize: array|number, options?: {ceilMode?: boolean, countIncludePad?: boolean, divisorOverride?: number, padding?: array|number, stride?: array|number})',
  bilinear: 'bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias?: Tensor)',
  binaryCrossEntropy:
    'binaryCrossEntropy(input: Tensor, target: Tensor, options?: {reduction?: string, weight?: Tensor})',
  binaryCrossEntropyWithLogits:
    'binaryCrossEntropyWithLogits(input: Tensor, target: Tensor, options?: {posWeight?: Tensor, reduction?: string, weight?: Tensor})',
  celu: 'celu(input: Tensor, options?: {alpha?: number, inplace?: boolean})',
  channelShuffle: 'channelShuffle(input: Tensor, groups: number)',
  conv1d:
    'conv1d(input: Tensor, weight: Tensor, bias?: Tensor, options?: {dilation?: array|number, groups?: number, padding?: array|number|string, stride?: array|number})',
  conv2d:
    'conv2d(input: Tensor, weight: Tensor, bias?: Tensor, options?: {dilation?: array|number, groups?: number, padding?: array|number|string, stride?: array|number})',
  conv3d:
    'conv3d(input: Tensor, weight: Tensor, bias?: Tensor, options?: {dilation?: array|number, groups?: number, padding?: array|number|string, stride?: array|number})',
  convTranspose1d:
    'convTranspose1d(input: Tensor, weight: Tensor, bias?: Tensor, options?: {dilation?: array|number, groups?: number, outputPadding?: array|number, padding?: array|number, stride?: array|number})',
  convTranspose2d:
    'convTranspose2d(input: Tensor, weight: Tensor, bias?: Tensor, options?: {dilation?: array|number, groups?: number, outputPadding?: array|number, padding?: array|number, stride?: array|number})',
  convTranspose3d:
    'convTranspose3d(input: Tensor, weight: Tensor, bias?: Tensor, options?: {dilation?: array|number, groups?: number, outputPadding?: array|number, padding?: array|number, stride?: array|number})',
  cosineEmbeddingLoss:
    'cosineEmbeddingLoss(input1: Tensor, input2: Tensor, target: Tensor, options?: {margin?: number, reduction?: string})',
  cosineSimilarity: 'cosineSimilarity(x1: Tensor, x2: Tensor, options?: number|{dim?: number, eps?: number})',
  crossEntropy:
    'crossEntropy(input: Tensor, target: Tensor, options?: {ignoreIndex?: number, labelSmoothing?: number, reduction?: string, weight?: Tensor})',
  ctcLoss:
    'ctcLoss(logProbs: Tensor, targets: Tensor, inputLengths: Tensor|array|number, targetLengths: Tensor|array|number, options?: {blank?: number, reduction?: string, zeroInfinity?: boolean})',
  dropout: 'dropout(input: Tensor, options?: {generator?: object, inplace?: boolean, p?: number, training?: boolean})',
  dropout1d:
    'dropout1d(input: Tensor, options?: {generator?: object, inplace?: boolean, p?: number, training?: boolean})',
  dropout2d:
    'dropout2d(input: Tensor, options?: {generator?: object, inplace?: boolean, p?: number, training?: boolean})',
  dropout3d:
    'dropout3d(input: Tensor, options?: {generator?: object, inplace?: boolean, p?: number, training?: boolean})',
  elu: 'elu(input: Tensor, options?: {alpha?: number, inplace?: boolean})',
  embedding:
    'embedding(input: Tensor, weight: Tensor, options?: {maxNorm?: number, normType?: number, paddingIdx?: number, scaleGradByFreq?: boolean})',
  embeddingBag:
    'embeddingBag(input: Tensor, weight: Tensor, offsetsOrOptions?: Tensor|{includeLastOffset?: boolean, maxNorm?: number, mode?: string, normType?: number, offsets?: Tensor, paddingIdx?: number, perSampleWeights?: Tensor, scaleGradByFreq?: boolean}, others?: {includeLastOffset?: boolean, maxNorm?: number, mode?: string, normType?: number, offsets?: Tensor, paddingIdx?: number, perSampleWeights?: Tensor, scaleGradByFreq?: boolean})',
  featureAlphaDropout:
    'featureAlphaDropout(input: Tensor, options?: {generator?: object, inplace?: boolean, p?: number, training?: boolean})',
  fold: 'fold(input: Tensor, outputSize: array|number, kernelSize: array|number, options?: {dilation?: array|number, padding?: array|number, stride?: array|number})',
  gaussianNllLoss:
    'gaussianNllLoss(input: Tensor, target: Tensor, variance: Tensor, options?: {eps?: number, full?: boolean, reduction?: string})',
  gelu: 'gelu(input: Tensor, options?: {approximate?: string})',
  glu: 'glu(input: Tensor, dim?: number)',
  gridSample:
    'gridSample(input: Tensor, grid: Tensor, options?: {alignCorners?: boolean, mode?: string, paddingMode?: string})',
  groupNorm: 'groupNorm(input: Tensor, numGroups: number, weight?: Tensor, bias?: Tensor, options?: {eps?: number})',
  gumbelSoftmax:
    'gumbelSoftmax(logits: Tensor, options?: {dim?: number, generator?: object, hard?: boolean, tau?: number})',
  hardshrink: 'hardshrink(input: Tensor, options?: {lambd?: number})',
  hardsigmoid: 'hardsigmoid(input: Tensor, options?: {inplace?: boolean})',
  hardswish: 'hardswish(input: Tensor, options?: {inplace?: boolean})',
  hardtanh: 'hardtanh(input: Tensor, options?: {inplace?: boolean, maxVal?: number, minVal?: number})',
  hingeEmbeddingLoss:
    'hingeEmbeddingLoss(input: Tensor, target: Tensor, options?: {margin?: number, reduction?: string})',
  huberLoss: 'huberLoss(input: Tensor, target: Tensor, options?: {delta?: number, reduction?: string})',
  instanceNorm:
    'instanceNorm(input: Tensor, runningMean?: Tensor, runningVar?: Tensor, weight?: Tensor, bias?: Tensor, options?: {eps?: number, momentum?: number, useInputStats?: boolean})',
  interpolate:
    'interpolate(input: Tensor, options: {alignCorners?: boolean, mode?: string, recomputeScaleFactor?: boolean, scaleFactor?: array|number, size?: array|number})',
  klDiv: 'klDiv(input: Tensor, target: Tensor, options?: {logTarget?: boolean, reduction?: string})',
  l1Loss: 'l1Loss(input: Tensor, target: Tensor, options?: {reduction?: string})',
  leakyRelu: 'leakyRelu(input: Tensor, options?: {inplace?: boolean, negativeSlope?: number})',
  localResponseNorm:
    'localResponseNorm(input: Tensor, size: number, options?: {alpha?: number, beta?: number, k?: number})',
  logsigmoid: 'logsigmoid(input: Tensor)',
  lpPool1d:
    'lpPool1d(input: Tensor, normType: number, kernelSize: array|number, options?: {ceilMode?: boolean, stride?: array|number})',
  lpPool2d:
    'lpPool2d(input: Tensor, normType: number, kernelSize: array|number, options?: {ceilMode?: boolean, stride?: array|number})',
  marginRankingLoss:
    'marginRankingLoss(input1: Tensor, input2: Tensor, target: Tensor, options?: {margin?: number, reduction?: string})',
  maxPool1d:
    'maxPool1d(input: Tensor, kernelSize: array|number, options?: {ceilMode?: boolean, dilation?: array|number, padding?: array|number, stride?: array|number})',
  maxPool1dWithIndices:
    'maxPool1dWithIndices(input: Tensor, kernelSize: array|number, options?: {ceilMode?: boolean, dilation?: array|number, padding?: array|number, stride?: array|number})',
  maxPool2d:
    'maxPool2d(input: Tensor, kernelSize: array|number, options?: {ceilMode?: boolean, dilation?: array|number, padding?: array|number, stride?: array|number})',
  maxPool2dWithIndices:
    'maxPool2dWithIndices(input: Tensor, kernelSize: array|number, options?: {ceilMode?: boolean, dilation?: array|number, padding?: array|number, stride?: array|number})',
  maxPool3d:
    'maxPool3d(input: Tensor, kernelSize: array|number, options?: {ceilMode?: boolean, dilation?: array|number, padding?: array|number, stride?: array|number})',
  maxPool3dWithIndices:
    'maxPool3dWithIndices(input: Tensor, kernelSize: array|number, options?: {ceilMode?: boolean, dilation?: array|number, padding?: array|number, stride?: array|number})',
  maxUnpool1d:
    'maxUnpool1d(input: Tensor, indices: Tensor, kernelSize: array|number, options?: {outputSize?: array, padding?: array|number, stride?: array|number})',
  maxUnpool2d:
    'maxUnpool2d(input: Tensor, indices: Tensor, kernelSize: array|number, options?: {outputSize?: array, padding?: array|number, stride?: array|number})',
  maxUnpool3d:
    'maxUnpool3d(input: Tensor, indices: Tensor, kernelSize: array|number, options?: {outputSize?: array, padding?: array|number, stride?: array|number})',
  mish: 'mish(input: Tensor, options?: {inplace?: boolean})',
  mseLoss: 'mseLoss(input: Tensor, target: Tensor, options?: {reduction?: string})',
  multiMarginLoss:
    'multiMarginLoss(input: Tensor, target: Tensor, options?: {margin?: number, p?: number, reduction?: string, weight?: Tensor})',
  multilabelMarginLoss: 'multilabelMarginLoss(input: Tensor, target: Tensor, options?: {reduction?: string})',
  multilabelSoftMarginLoss:
    'multilabelSoftMarginLoss(input: Tensor, target: Tensor, options?: {reduction?: string, weight?: Tensor})',
  nllLoss:
    'nllLoss(input: Tensor, target: Tensor, options?: {ignoreIndex?: number, reduction?: string, weight?: Tensor})',
  normalize: 'normalize(input: Tensor, options?: {dim?: number, eps?: number, p?: number})',
  oneHot: 'oneHot(input: Tensor, options?: number|{numClasses?: number})',
  pad: 'pad(input: Tensor, amounts: array, options?: {mode?: string, value?: number})',
  pairwiseDistance: 'pairwiseDistance(x1: Tensor, x2: Tensor, options?: {eps?: number, keepdim?: boolean, p?: number})',
  pixelShuffle: 'pixelShuffle(input: Tensor, upscaleFactor: number)',
  pixelUnshuffle: 'pixelUnshuffle(input: Tensor, downscaleFactor: number)',
  poissonNllLoss:
    'poissonNllLoss(input: Tensor, target: Tensor, options?: {eps?: number, full?: boolean, logInput?: boolean, reduction?: string})',
  prelu: 'prelu(input: Tensor, weight: Tensor)',
  relu: 'relu(input: Tensor, options?: {inplace?: boolean})',
  relu6: 'relu6(input: Tensor, options?: {inplace?: boolean})',
  rmsNorm: 'rmsNorm(input: Tensor, normalizedShape: array, weight?: Tensor, options?: {eps?: number})',
  rrelu:
    'rrelu(input: Tensor, options?: {generator?: object, inplace?: boolean, lower?: number, training?: boolean, upper?: number})',
  scaledDotProductAttention:
    'scaledDotProductAttention(query: Tensor, key: Tensor, value: Tensor, maskOrOptions?: Tensor|{attnMask?: Tensor, dropoutP?: number, isCausal?: boolean, scale?: number}, others?: {attnMask?: Tensor, dropoutP?: number, isCausal?: boolean, scale?: number})',
  selu: 'selu(input: Tensor, options?: {inplace?: boolean})',
  sigmoid: 'sigmoid(input: Tensor)',
  silu: 'silu(input: Tensor, options?: {inplace?: boolean})',
  smoothL1Loss: 'smoothL1Loss(input: Tensor, target: Tensor, options?: {beta?: number, reduction?: string})',
  softMarginLoss: 'softMarginLoss(input: Tensor, target: Tensor, options?: {reduction?: string})',
  softmin: 'softmin(input: Tensor, dim: number, options?: {dtype?: string})',
  softplus: 'softplus(input: Tensor, options?: {beta?: number, threshold?: number})',
  softshrink: 'softshrink(input: Tensor, options?: {lambd?: number})',
  softsign: 'softsign(input: Tensor)',
  tanh: 'tanh(input: Tensor)',
  tanhshrink: 'tanhshrink(input: Tensor)',
  threshold: 'threshold(input: Tensor, limit: number, value: number, options?: {inplace?: boolean})',
  tripletMarginLoss:
    'tripletMarginLoss(anchor: Tensor, positive: Tensor, negative: Tensor, options?: {eps?: number, margin?: number, p?: number, reduction?: string, swap?: boolean})',
  tripletMarginWithDistanceLoss:
    'tripletMarginWithDistanceLoss(anchor: Tensor, positive: Tensor, negative: Tensor, options?: {distanceFunction?: function, margin?: number, reduction?: string, swap?: boolean})',
  unfold:
    'unfold(input: Tensor, kernelSize: array|number, options?: {dilation?: array|number, padding?: array|number, stride?: array|number})',
} as const;

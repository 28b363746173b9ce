// What the functions here may be called with. Written by `npm run signatures` from their types; see tensor/guarded.ts.

export const signatures = {
  AdaptiveAvgPool1d: 'AdaptiveAvgPool1d(outputSize: array|null|number)',
  AdaptiveAvgPool2d: 'AdaptiveAvgPool2d(outputSize: array|null|number)',
  AdaptiveAvgPool3d: 'AdaptiveAvgPool3d(outputSize: array|null|number)',
  AdaptiveMaxPool1d: 'AdaptiveMaxPool1d(outputSize: array|null|number, options?: {returnIndices?: boolean})',
  AdaptiveMaxPool2d: 'AdaptiveMaxPool2d(outputSize: array|null|number, options?: {returnIndices?: boolean})',
  AdaptiveMaxPool3d: 'AdaptiveMaxPool3d(outputSize: array|null|number, options?: {returnIndices?: boolean})',
  AlphaDropout:
    'AlphaDropout(p?: number|{generator?: object, inplace?: boolean, p?: number}, options?: {generator?: object, inplace?: boolean, p?: number})',
  AvgPool1d:
    'AvgPool1d(kernelSize: array|number, options?: {ceilMode?: boolean, countIncludePad?: boolean, padding?: array|number, stride?: array|number})',
  AvgPool2d:
    'AvgPool2d(kernelSize: array|number, options?: {ceilMode?: boolean, countIncludePad?: boolean, divisorOverride?: number, padding?: array|number, stride?: array|number})',
  AvgPool3d:
    'AvgPool3d(kernelSize: array|number, options?: {ceilMode?: boolean, countIncludePad?: boolean, divisorOverride?: number, padding?: array|number, stride?: array|number})',
  BCELoss: 'BCELoss(options?: {reduction?: string, weight?: Tensor})',
  BCEWithLogitsLoss: 'BCEWithLogitsLoss(options?: {posWeight?: Tensor, reduction?: string, weight?: Tensor})',
  BatchNorm1d:
    'BatchNorm1d(numFeatures: number, options?: {affine?: boolean, dtype?: string, eps?: number, momentum?: null|number, trackRunningStats?: boolean})',
  BatchNorm2d:
    'BatchNorm2d(numFeatures: number, options?: {affine?: boolean, dtype?: string, eps?: number, momentum?: null|number, trackRunningStats?: boolean})',
  BatchNorm3d:
    'BatchNorm3d(numFeatures: number, options?: {affine?: boolean, dtype?: string, eps?: number, momentum?: null|number, trackRunningStats?: boolean})',
  Bilinear:
    'Bilinear(in1Features: number, in2Features: number, outFeatures: number, options?: {bias?: boolean, dtype?: string})',
  CELU: 'CELU(alpha?: number|{alpha?: number, inplace?: boolean}, options?: {inplace?: boolean})',
  CTCLoss: 'CTCLoss(options?: {blank?: number, reduction?: string, zeroInfinity?: boolean})',
  ChannelShuffle: 'ChannelShuffle(groups: number)',
  ConstantPad1d: 'ConstantPad1d(padding: array|number, value: number)',
  ConstantPad2d: 'ConstantPad2d(padding: array|number, value: number)',
  ConstantPad3d: 'ConstantPad3d(padding: array|number, value: number)',
  Conv1d:
    'Conv1d(inChannels: number, outChannels: number, kernelSize: array|number, options?: {bias?: boolean, dilation?: array|number, dtype?: string, groups?: number, padding?: array|number|string, paddingMode?: string, stride?: array|number})',
  Conv2d:
    'Conv2d(inChannels: number, outChannels: number, kernelSize: array|number, options?: {bias?: boolean, dilation?: array|number, dtype?: string, groups?: number, padding?: array|number|string, paddingMode?: string, stride?: array|number})',
  Conv3d:
    'Conv3d(inChannels: number, outChannels: number, kernelSize: array|number, options?: {bias?: boolean, dilation?: array|number, dtype?: string, groups?: number, padding?: array|number|string, paddingMode?: string, stride?: array|number})',
  ConvTranspose1d:
    'ConvTranspose1d(inChannels: number, outChannels: number, kernelSize: array|number, options?: {bias?: boolean, dilation?: array|number, dtype?: string, groups?: number, outputPadding?: array|number, padding?: array|number, stride?: array|number})',
  ConvTranspose2d:
    'ConvTranspose2d(inChannels: number, outChannels: number, kernelSize: array|number, options?: {bias?: boolean, dilation?: array|number, dtype?: string, groups?: number, outputPadding?: array|number, padding?: array|number, stride?: array|number})',
  ConvTranspose3d:
    'ConvTranspose3d(inChannels: number, outChannels: number, kernelSize: array|number, options?: {bias?: boolean, dilation?: array|number, dtype?: string, groups?: number, outputPadding?: array|number, padding?: array|number, stride?: array|number})',
  CosineEmbeddingLoss: 'CosineEmbeddingLoss(options?: {margin?: number, reduction?: string})',
  CosineSimilarity:
    'CosineSimilarity(dim?: number|{dim?: number, eps?: number}, options?: {dim?: number, eps?: number})',
  CrossEntropyLoss:
    'CrossEntropyLoss(options?: {ignoreIndex?: number, labelSmoothing?: number, reduction?: string, weight?: Tensor})',
  Dropout:
    'Dropout(p?: number|{generator?: object, inplace?: boolean, p?: number}, options?: {generator?: object, inplace?: boolean, p?: number})',
  Dropout1d:
    'Dropout1d(p?: number|{generator?: object, inplace?: boolean, p?: number}, options?: {generator?: object, inplace?: boolean, p?: number})',
  Dropout2d:
    'Dropout2d(p?: number|{generator?: object, inplace?: boolean, p?: number}, options?: {generator?: object, inplace?: boolean, p?: number})',
  Dropout3d:
    'Dropout3d(p?: number|{generator?: object, inplace?: boolean, p?: number}, options?: {generator?: object, inplace?: boolean, p?: number})',
  ELU: 'ELU(alpha?: number|{alpha?: number, inplace?: boolean}, options?: {inplace?: boolean})',
  Embedding:
    'Embedding(numEmbeddings: number, embeddingDim: number, options?: {dtype?: string, maxNorm?: number, normType?: number, paddingIdx?: number, scaleGradByFreq?: boolean, weight?: Tensor})',
  EmbeddingBag:
    'EmbeddingBag(numEmbeddings: number, embeddingDim: number, options?: {dtype?: string, includeLastOffset?: boolean, maxNorm?: number, mode?: string, normType?: number, paddingIdx?: number, scaleGradByFreq?: boolean, weight?: Tensor})',
  FeatureAlphaDropout:
    'FeatureAlphaDropout(p?: number|{generator?: object, inplace?: boolean, p?: number}, options?: {generator?: object, inplace?: boolean, p?: number})',
  Flatten: 'Flatten(startDim?: number|{endDim?: number, startDim?: number}, endDim?: number)',
  Fold: 'Fold(outputSize: array|number, kernelSize: array|number, options?: {dilation?: array|number, padding?: array|number, stride?: array|number})',
  GELU: 'GELU(options?: {approximate?: string})',
  GLU: 'GLU(dim?: number)',
  GRU: 'GRU(inputSize: number, hiddenSize: number, options?: {batchFirst?: boolean, bias?: boolean, bidirectional?: boolean, dropout?: number, dtype?: string, numLayers?: number})',
  GRUCell: 'GRUCell(inputSize: number, hiddenSize: number, options?: {bias?: boolean, dtype?: string})',
  GaussianNLLLoss: 'GaussianNLLLoss(options?: {eps?: number, full?: boolean, reduction?: string})',
  GroupNorm:
    'GroupNorm(numGroups: number, numChannels: number, options?: {affine?: boolean, dtype?: string, eps?: number})',
  Hardshrink: 'Hardshrink(options?: {lambd?: number})',
  Hardsigmoid: 'Hardsigmoid(options?: {inplace?: boolean})',
  Hardswish: 'Hardswish(options?: {inplace?: boolean})',
  Hardtanh: 'Hardtanh(options?: {inplace?: boolean, maxVal?: number, minVal?: number})',
  HingeEmbeddingLoss: 'HingeEmbeddingLoss(options?: {margin?: number, reduction?: string})',
  HuberLoss: 'HuberLoss(options?: {delta?: number, reduction?: string})',
  Identity: 'Identity(...ignored)',
  InstanceNorm1d:
    'InstanceNorm1d(numFeatures: number, options?: {affine?: boolean, dtype?: string, eps?: number, momentum?: null|number, trackRunningStats?: boolean})',
  InstanceNorm2d:
    'InstanceNorm2d(numFeatures: number, options?: {affine?: boolean, dtype?: string, eps?: number, momentum?: null|number, trackRunningStats?: boolean})',
  InstanceNorm3d:
    'InstanceNorm3d(numFeatures: number, options?: {affine?: boolean, dtype?: string, eps?: number, momentum?: null|number, trackRunningStats?: boolean})',
  KLDivLoss: 'KLDivLoss(options?: {logTarget?: boolean, reduction?: string})',
  L1Loss: 'L1Loss(options?: {reduction?: string})',
  LPPool1d:
    'LPPool1d(normType: number, kernelSize: array|number, options?: {ceilMode?: boolean, stride?: array|number})',
  LPPool2d:
    'LPPool2d(normType: number, kernelSize: array|number, options?: {ceilMode?: boolean, stride?: array|number})',
  LSTM: 'LSTM(inputSize: number, hiddenSize: number, options?: {batchFirst?: boolean, bias?: boolean, bidirectional?: boolean, dropout?: number, dtype?: string, numLayers?: number, projSize?: number})',
  LSTMCell: 'LSTMCell(inputSize: number, hiddenSize: number, options?: {bias?: boolean, dtype?: string})',
  LayerNorm:
    'LayerNorm(normalizedShape: array|number, options?: {bias?: boolean, dtype?: string, elementwiseAffine?: boolean, eps?: number})',
  LeakyReLU:
    'LeakyReLU(negativeSlope?: number|{inplace?: boolean, negativeSlope?: number}, options?: {inplace?: boolean})',
  Linear: 'Linear(inFeatures: number, outFeatures: number, options?: {bias?: boolean, dtype?: string})',
  LocalResponseNorm: 'LocalResponseNorm(size: number, options?: {alpha?: number, beta?: number, k?: number})',
  LogSigmoid: 'LogSigmoid()',
  LogSoftmax: 'LogSoftmax(dim: number)',
  MSELoss: 'MSELoss(options?: {reduction?: string})',
  MarginRankingLoss: 'MarginRankingLoss(options?: {margin?: number, reduction?: string})',
  MaxPool1d:
    'MaxPool1d(kernelSize: array|number, options?: {ceilMode?: boolean, dilation?: array|number, padding?: array|number, returnIndices?: boolean, stride?: array|number})',
  MaxPool2d:
    'MaxPool2d(kernelSize: array|number, options?: {ceilMode?: boolean, dilation?: array|number, padding?: array|number, returnIndices?: boolean, stride?: array|number})',
  MaxPool3d:
    'MaxPool3d(kernelSize: array|number, options?: {ceilMode?: boolean, dilation?: array|number, padding?: array|number, returnIndices?: boolean, stride?: array|number})',
  MaxUnpool1d: 'MaxUnpool1d(kernelSize: array|number, options?: {padding?: array|number, stride?: array|number})',
  MaxUnpool2d: 'MaxUnpool2d(kernelSize: array|number, options?: {padding?: array|number, stride?: array|number})',
  MaxUnpool3d: 'MaxUnpool3d(kernelSize: array|number, options?: {padding?: array|number, stride?: array|number})',
  Mish: 'Mish(options?: {inplace?: boolean})',
  ModuleDict: 'ModuleDict(modules?: object)',
  ModuleList: 'ModuleList(modules?: object)',
  MultiLabelMarginLoss: 'MultiLabelMarginLoss(options?: {reduction?: string})',
  MultiLabelSoftMarginLoss: 'MultiLabelSoftMarginLoss(options?: {reduction?: string, weight?: Tensor})',
  MultiMarginLoss: 'MultiMarginLoss(options?: {margin?: number, p?: number, reduction?: string, weight?: Tensor})',
  MultiheadAttention:
    'MultiheadAttention(embedDim: number, numHeads: number, options?: {addBiasKv?: boolean, addZeroAttn?: boolean, batchFirst?: boolean, bias?: boolean, dropout?: number, dtype?: string, kdim?: number, vdim?: number})',
  NLLLoss: 'NLLLoss(options?: {ignoreIndex?: number, reduction?: string, weight?: Tensor})',
  PReLU: 'PReLU(options?: {dtype?: string, init?: number, numParameters?: number})',
  PairwiseDistance: 'PairwiseDistance(options?: {eps?: number, keepdim?: boolean, p?: number})',
  ParameterDict: 'ParameterDict(parameters?: object)',
  ParameterList: 'ParameterList(parameters?: object)',
  PixelShuffle: 'PixelShuffle(upscaleFactor: number)',
  PixelUnshuffle: 'PixelUnshuffle(downscaleFactor: number)',
  PoissonNLLLoss: 'PoissonNLLLoss(options?: {eps?: number, full?: boolean, logInput?: boolean, reduction?: string})',
  RMSNorm:
    'RMSNorm(normalizedShape: array|number, options?: {dtype?: string, elementwiseAffine?: boolean, eps?: number})',
  RNN: 'RNN(inputSize: number, hiddenSize: number, options?: {batchFirst?: boolean, bias?: boolean, bidirectional?: boolean, dropout?: number, dtype?: string, nonlinearity?: string, numLayers?: number})',
  RNNCell:
    'RNNCell(inputSize: number, hiddenSize: number, options?: {bias?: boolean, dtype?: string, nonlinearity?: string})',
  RReLU: 'RReLU(options?: {generator?: object, inplace?: boolean, lower?: number, upper?: number})',
  ReLU: 'ReLU(options?: {inplace?: boolean})',
  ReLU6: 'ReLU6(options?: {inplace?: boolean})',
  ReflectionPad1d: 'ReflectionPad1d(padding: array|number)',
  ReflectionPad2d: 'ReflectionPad2d(padding: array|number)',
  ReflectionPad3d: 'ReflectionPad3d(padding: array|number)',
  ReplicationPad1d: 'ReplicationPad1d(padding: array|number)',
  ReplicationPad2d: 'ReplicationPad2d(padding: array|number)',
  ReplicationPad3d: 'ReplicationPad3d(padding: array|number)',
  SELU: 'SELU(options?: {inplace?: boolean})',
  SiLU: 'SiLU(options?: {inplace?: boolean})',
  Sigmoid: 'Sigmoid()',
  SmoothL1Loss: 'SmoothL1Loss(options?: {beta?: number, reduction?: string})',
  SoftMarginLoss: 'SoftMarginLoss(options?: {reduction?: string})',
  Softmax: 'Softmax(dim: number)',
  Softmax2d: 'Softmax2d()',
  Softmin: 'Softmin(dim: number)',
  Softplus: 'Softplus(options?: {beta?: number, threshold?: number})',
  Softshrink: 'Softshrink(options?: {lambd?: number})',
  Softsign: 'Softsign()',
  Tanh: 'Tanh()',
  Tanhshrink: 'Tanhshrink()',
  Threshold: 'Threshold(threshold: number, value: number, options?: {inplace?: boolean})',
  Transformer:
    'Transformer(options?: {activation?: function|string, batchFirst?: boolean, bias?: boolean, dModel?: number, dimFeedforward?: number, dropout?: number, dtype?: string, layerNormEps?: number, nhead?: number, normFirst?: boolean, numDecoderLayers?: number, numEncoderLayers?: number})',
  TransformerDecoder: 'TransformerDecoder(decoderLayer: object, numLayers: number, options?: {norm?: null|object})',
  TransformerDecoderLayer:
    'TransformerDecoderLayer(dModel: number, nhead: number, options?: {activation?: function|string, batchFirst?: boolean, bias?: boolean, dimFeedforward?: number, dropout?: number, dtype?: string, layerNormEps?: number, normFirst?: boolean})',
  TransformerEncoder: 'TransformerEncoder(encoderLayer: object, numLayers: number, options?: {norm?: null|object})',
  TransformerEncoderLayer:
    'TransformerEncoderLayer(dModel: number, nhead: number, options?: {activation?: function|string, batchFirst?: boolean, bias?: boolean, dimFeedforward?: number, dropout?: number, dtype?: string, layerNormEps?: number, normFirst?: boolean})',
  TripletMarginLoss:
    'TripletMarginLoss(options?: {eps?: number, margin?: number, p?: number, reduction?: string, swap?: boolean})',
  TripletMarginWithDistanceLoss:
    'TripletMarginWithDistanceLoss(options?: {distanceFunction?: function, margin?: number, reduction?: string, swap?: boolean})',
  Unflatten: 'Unflatten(dim: number, unflattenedSize: array)',
  Unfold:
    'Unfold(kernelSize: array|number, options?: {dilation?: array|number, padding?: array|number, stride?: array|number})',
  Upsample:
    'Upsample(options: {alignCorners?: boolean, mode?: string, recomputeScaleFactor?: boolean, scaleFactor?: array|number, size?: array|number})',
  UpsamplingBilinear2d: 'UpsamplingBilinear2d(options: {scaleFactor?: array|number, size?: array|number})',
  UpsamplingNearest2d: 'UpsamplingNearest2d(options: {scaleFactor?: array|number, size?: array|number})',
  ZeroPad1d: 'ZeroPad1d(padding: array|number)',
  ZeroPad2d: 'ZeroPad2d(padding: array|number)',
  ZeroPad3d: 'ZeroPad3d(padding: array|number)',
  calculateFans: 'calculateFans(weight: Tensor)',
  calculateGain: 'calculateGain(nonlinearity: string, param?: number)',
  clipGradNorm_:
    'clipGradNorm_(parameters: Tensor|object, maxNorm: number, options?: {errorIfNonfinite?: boolean, normType?: number})',
  clipGradValue_: 'clipGradValue_(parameters: Tensor|object, clipValue: number)',
  constant_: 'constant_(tensor: Tensor, value: number)',
  dirac_: 'dirac_(tensor: Tensor, options?: {groups?: number})',
  eye_: 'eye_(tensor: Tensor)',
  kaimingNormal_:
    'kaimingNormal_(tensor: Tensor, options?: {a?: number, generator?: object, mode?: string, nonlinearity?: string})',
  kaimingUniform_:
    'kaimingUniform_(tensor: Tensor, options?: {a?: number, generator?: object, mode?: string, nonlinearity?: string})',
  normal_:
    'normal_(tensor: Tensor, mean?: number|{generator?: object, mean?: number, std?: number}, std?: number, options?: {generator?: object})',
  ones_: 'ones_(tensor: Tensor)',
  orthogonal_: 'orthogonal_(tensor: Tensor, options?: {gain?: number, generator?: object})',
  packPaddedSequence:
    'packPaddedSequence(input: Tensor, lengths: Tensor|array, options?: {batchFirst?: boolean, enforceSorted?: boolean})',
  packSequence: 'packSequence(sequences: Tensor[], options?: {enforceSorted?: boolean})',
  padPackedSequence:
    'padPackedSequence(sequence: object, options?: {batchFirst?: boolean, paddingValue?: number, totalLength?: number})',
  padSequence: 'padSequence(sequences: Tensor[], options?: {batchFirst?: boolean, paddingValue?: number})',
  parametersToVector: 'parametersToVector(parameters: object)',
  removeWeightNorm: 'removeWeightNorm(module: object, options?: {name?: string})',
  sparse_: 'sparse_(tensor: Tensor, sparsity: number, options?: {generator?: object, std?: number})',
  truncNormal_:
    'truncNormal_(tensor: Tensor, options?: {a?: number, b?: number, generator?: object, mean?: number, std?: number})',
  uniform_:
    'uniform_(tensor: Tensor, a?: number|{a?: number, b?: number, generator?: object}, b?: number, options?: {generator?: object})',
  unpackSequence: 'unpackSequence(sequence: object)',
  unpadSequence: 'unpadSequence(padded: Tensor, lengths: Tensor|array, options?: {batchFirst?: boolean})',
  vectorToParameters: 'vectorToParameters(vector: Tensor, parameters: object)',
  weightNorm: 'weightNorm(module: object, options?: {dim?: null|number, name?: string})',
  xavierNormal_: 'xavierNormal_(tensor: Tensor, options?: {gain?: number, generator?: object})',
  xavierUniform_: 'xavierUniform_(tensor: Tensor, options?: {gain?: number, generator?: object})',
  zeros_: 'zeros_(tensor: Tensor)',
} as const;

"""The cases: layers with several option sets, functions and losses."""


def T(*shape, **more):
    return {"shape": list(shape), **more}


def I(high, *shape, **more):
    return {"shape": list(shape), "kind": "index", "high": high, **more}


def layer(name, *args, inputs, call=None, eval=False, pack=None, keep=False, **options):
    case = {"layer": name}
    if args:
        case["args"] = list(args)
    if options:
        case["options"] = options
    case["inputs"] = inputs
    if call:
        case["call"] = call
    if eval:
        case["eval"] = True
    if pack:
        case["pack"] = pack
    if keep:
        case["keepWeights"] = True
    return case


def function(name, *inputs, python=None, **options):
    case = {"function": name, "inputs": list(inputs)}
    if python:
        case["python"] = python
    if options:
        case["options"] = options
    return case


# Random floats are other numbers in float32: compared in float64 only.
DOUBLE = {"only": "float64"}
# PyTorch's gradient of hardsigmoid has its 1/6 in float32, in float64 too.
ROUGH = {"within": 1e-7}

LINEAR = [
    layer("Linear", 4, 3, inputs=[T(5, 4)]),
    layer("Linear", 4, 3, inputs=[T(2, 3, 4)], bias=False),
    layer("Linear", 4, 3, inputs=[T(4)]),
    layer("Bilinear", 3, 4, 2, inputs=[T(5, 3), T(5, 4)]),
    layer("Bilinear", 3, 4, 2, inputs=[T(2, 5, 3), T(2, 5, 4)], bias=False),
    layer("Identity", inputs=[T(2, 3)]),
    layer("Flatten", inputs=[T(2, 3, 4)]),
    layer("Flatten", 0, 1, inputs=[T(2, 3, 4)]),
    layer("Unflatten", 1, [2, 3], inputs=[T(4, 6)]),
    layer("Linear", 4, 3, inputs=[T(0, 4)]),
    layer("Linear", 1, 1, inputs=[T(2, 1, 1)]),
    layer("Linear", 300, 7, inputs=[T(33, 300)]),
    layer("Bilinear", 3, 4, 2, inputs=[T(3), T(4)]),
    layer("Flatten", 1, 2, inputs=[T(2, 3, 4, 2)]),
    layer("Unflatten", -1, [3, -1], inputs=[T(4, 6)]),
]

CONVOLUTION = [
    layer("Conv1d", 2, 4, 3, inputs=[T(3, 2, 9)]),
    layer("Conv1d", 4, 6, 3, inputs=[T(2, 4, 9)], stride=2, padding=2, dilation=2, groups=2),
    layer("Conv1d", 2, 3, 4, inputs=[T(2, 9)], padding="same", bias=False),
    layer("Conv2d", 3, 4, 3, inputs=[T(2, 3, 7, 6)]),
    layer("Conv2d", 3, 4, [3, 2], inputs=[T(2, 3, 7, 6)], stride=[2, 1], padding=[1, 2], dilation=[1, 2]),
    layer("Conv2d", 4, 8, 3, inputs=[T(2, 4, 6, 6)], padding=1, groups=4, bias=False),
    layer("Conv2d", 3, 4, 3, inputs=[T(3, 5, 5)]),
    layer("Conv2d", 2, 3, 4, inputs=[T(1, 2, 6, 7)], padding="same"),
    layer("Conv2d", 2, 3, 3, inputs=[T(1, 2, 6, 7)], padding="valid"),
    layer("Conv2d", 2, 3, 3, inputs=[T(2, 2, 5, 5)], padding=2, paddingMode="reflect"),
    layer("Conv2d", 2, 3, 3, inputs=[T(2, 2, 5, 5)], padding=[1, 2], paddingMode="replicate"),
    layer("Conv2d", 2, 3, 3, inputs=[T(2, 2, 5, 5)], padding=1, paddingMode="circular"),
    layer("Conv2d", 2, 3, 2, inputs=[T(2, 2, 5, 5)], padding="same", paddingMode="reflect"),
    layer("Conv2d", 2, 3, 1, inputs=[T(2, 2, 5, 5)], stride=2),
    layer("Conv3d", 2, 3, 2, inputs=[T(2, 2, 4, 4, 4)]),
    layer("Conv3d", 2, 4, [1, 2, 3], inputs=[T(1, 2, 3, 4, 5)], padding=[0, 1, 1], stride=[1, 2, 1], groups=2),
    layer("ConvTranspose1d", 3, 2, 3, inputs=[T(2, 3, 5)], stride=2),
    layer("ConvTranspose2d", 3, 4, 3, inputs=[T(2, 3, 4, 4)]),
    layer("ConvTranspose2d", 4, 6, 3, inputs=[T(2, 4, 4, 3)], stride=2, padding=1, outputPadding=1, groups=2),
    layer("ConvTranspose2d", 2, 3, [2, 3], inputs=[T(2, 4, 3)], dilation=2, bias=False),
    layer("ConvTranspose3d", 2, 3, 2, inputs=[T(1, 2, 3, 3, 3)], stride=2),
    layer("Conv1d", 2, 4, 3, inputs=[T(2, 2, 7)], padding=2, paddingMode="circular"),
    layer("Conv1d", 2, 4, 3, inputs=[T(2, 7)], padding=1, paddingMode="reflect", stride=2),
    layer("Conv1d", 2, 4, 5, inputs=[T(2, 2, 7)], padding="same", dilation=2),
    layer("Conv2d", 2, 4, [2, 3], inputs=[T(2, 2, 5, 6)], padding="same", paddingMode="circular", dilation=[2, 1]),
    layer("Conv2d", 6, 6, 3, inputs=[T(2, 6, 5, 5)], padding=1, groups=6, stride=2),
    layer("Conv2d", 6, 4, 3, inputs=[T(1, 6, 7, 7)], groups=2, dilation=2, padding=2, paddingMode="replicate"),
    layer("Conv2d", 1, 1, 5, inputs=[T(1, 1, 3, 3)], padding=4),
    layer("Conv2d", 16, 24, 3, inputs=[T(2, 16, 9, 8)], padding=1),
    layer("Conv3d", 2, 2, 3, inputs=[T(2, 4, 4, 4)], padding=1, paddingMode="replicate", bias=False),
    layer("Conv3d", 2, 4, [1, 3, 2], inputs=[T(1, 2, 3, 4, 4)], padding="same", dilation=[1, 1, 2]),
    layer("Conv3d", 1, 2, 2, inputs=[T(1, 1, 3, 3, 3)], padding=1, paddingMode="circular"),
    layer("ConvTranspose1d", 4, 4, 4, inputs=[T(4, 5)], stride=3, padding=2, outputPadding=2, groups=4),
    layer("ConvTranspose1d", 2, 3, 3, inputs=[T(2, 2, 4)], dilation=3, bias=False),
    layer("ConvTranspose2d", 3, 2, 4, inputs=[T(2, 3, 4, 5)], stride=2, padding=1),
    layer("ConvTranspose2d", 2, 2, 3, inputs=[T(1, 2, 3, 3), [7, 8]], stride=3, padding=1),
    layer("ConvTranspose3d", 4, 2, [1, 2, 3], inputs=[T(4, 2, 3, 2)], stride=[1, 2, 2], padding=[0, 1, 1],
          outputPadding=[0, 1, 0], groups=2),
]

POOLING = [
    layer("MaxPool1d", 2, inputs=[T(2, 3, 7)]),
    layer("MaxPool1d", 3, inputs=[T(2, 3, 8)], stride=2, padding=1, ceilMode=True),
    layer("MaxPool2d", 2, inputs=[T(2, 3, 6, 5)]),
    layer("MaxPool2d", [3, 2], inputs=[T(2, 3, 7, 6)], stride=[2, 1], padding=[1, 0], dilation=[2, 1]),
    layer("MaxPool2d", 2, inputs=[T(3, 5, 5)], ceilMode=True),
    layer("MaxPool3d", 2, inputs=[T(1, 2, 4, 4, 4)]),
    layer("AvgPool1d", 3, inputs=[T(2, 3, 8)], stride=2, padding=1),
    layer("AvgPool2d", 2, inputs=[T(2, 3, 6, 5)]),
    layer("AvgPool2d", 3, inputs=[T(2, 3, 7, 7)], stride=2, padding=1, ceilMode=True, countIncludePad=False),
    layer("AvgPool2d", [2, 3], inputs=[T(3, 6, 7)], stride=[1, 2], padding=[1, 1]),
    layer("AvgPool3d", 2, inputs=[T(1, 2, 4, 4, 5)]),
    layer("AdaptiveAvgPool1d", 3, inputs=[T(2, 3, 7)]),
    layer("AdaptiveAvgPool2d", [3, 2], inputs=[T(2, 3, 7, 5)]),
    layer("AdaptiveAvgPool2d", 1, inputs=[T(2, 3, 4, 4)]),
    layer("AdaptiveAvgPool2d", [None, 2], inputs=[T(3, 4, 5)]),
    layer("AdaptiveAvgPool3d", 2, inputs=[T(1, 2, 4, 3, 5)]),
    layer("AdaptiveMaxPool1d", 3, inputs=[T(2, 3, 7)]),
    layer("AdaptiveMaxPool2d", [3, 2], inputs=[T(2, 3, 7, 5)]),
    layer("MaxPool1d", 3, inputs=[T(3, 9)], dilation=2, stride=1),
    layer("MaxPool2d", 3, inputs=[T(1, 2, 5, 5, kind="sign")], stride=1, padding=1),
    layer("MaxPool2d", 3, inputs=[T(2, 3, 8, 7)], stride=2, ceilMode=True, padding=1),
    layer("MaxPool3d", [1, 2, 3], inputs=[T(2, 3, 4, 6)], stride=[1, 2, 1], padding=[0, 1, 1], dilation=[1, 2, 1]),
    layer("AvgPool1d", 4, inputs=[T(3, 9)], stride=3, ceilMode=True),
    layer("AvgPool1d", 3, inputs=[T(2, 3, 8)], padding=1, countIncludePad=False),
    layer("AvgPool2d", 2, inputs=[T(2, 3, 5, 5)], ceilMode=True),
    layer("AvgPool2d", 3, inputs=[T(1, 2, 5, 5)], stride=1, padding=1, divisorOverride=4),
    layer("AvgPool3d", 3, inputs=[T(1, 4, 5, 5)], stride=2, padding=1, ceilMode=True, countIncludePad=False),
    layer("AvgPool3d", 2, inputs=[T(1, 2, 4, 4, 5)], divisorOverride=3),
    layer("AvgPool2d", [3, 2], inputs=[T(3, 6, 4)], stride=2, padding=1, ceilMode=True, divisorOverride=-2),
    layer("AdaptiveAvgPool1d", 5, inputs=[T(3, 3)]),
    layer("AdaptiveAvgPool3d", [None, 1, 3], inputs=[T(2, 3, 4, 5)]),
    layer("AdaptiveMaxPool1d", 4, inputs=[T(3, 9)]),
    layer("AdaptiveMaxPool2d", [None, 3], inputs=[T(2, 5, 4)]),
    layer("AdaptiveMaxPool3d", [2, 1, 3], inputs=[T(1, 2, 3, 4, 5)]),
    layer("MaxPool2d", 2, inputs=[T(2, 3, 6, 5)], returnIndices=True),
    layer("AdaptiveMaxPool2d", 2, inputs=[T(2, 3, 6, 5)], returnIndices=True),
    layer("MaxPool1d", 3, inputs=[T(2, 3, 8)], stride=2, padding=1, returnIndices=True),
]

POOLING += [
    layer("LPPool1d", 2, 3, inputs=[T(2, 3, 8, kind="positive")], stride=2),
    layer("LPPool2d", 1.5, [2, 3], inputs=[T(2, 3, 5, 7, kind="positive")]),
    layer("MaxUnpool1d", 2, inputs=[T(1, 2, 3), T(1, 2, 3, kind="index", values=[[[1, 2, 5], [0, 3, 4]]])]),
    layer("MaxUnpool2d", 2, inputs=[T(1, 1, 2, 2), T(1, 1, 2, 2, kind="index", values=[[[[1, 7], [8, 15]]]])], stride=2),
]

NORMALIZATION = [
    layer("BatchNorm1d", 3, inputs=[T(5, 3)]),
    layer("BatchNorm1d", 3, inputs=[T(4, 3, 5)], momentum=None),
    layer("BatchNorm1d", 3, inputs=[T(4, 3, 5)], eval=True),
    layer("BatchNorm2d", 3, inputs=[T(4, 3, 3, 2)], momentum=0.3, eps=1e-3),
    layer("BatchNorm2d", 3, inputs=[T(4, 3, 3, 2)], affine=False),
    layer("BatchNorm2d", 3, inputs=[T(4, 3, 3, 2)], trackRunningStats=False, eval=True),
    layer("BatchNorm2d", 3, inputs=[T(4, 3, 3, 2)], eval=True),
    layer("BatchNorm3d", 2, inputs=[T(2, 2, 2, 3, 2)]),
    layer("LayerNorm", 5, inputs=[T(4, 5)]),
    layer("LayerNorm", [3, 4], inputs=[T(2, 3, 4)], eps=1e-3),
    layer("LayerNorm", [4], inputs=[T(2, 3, 4)], elementwiseAffine=False),
    layer("GroupNorm", 2, 6, inputs=[T(3, 6, 4)]),
    layer("GroupNorm", 3, 6, inputs=[T(2, 6, 2, 3)], affine=False, eps=1e-3),
    layer("GroupNorm", 1, 4, inputs=[T(3, 4)]),
    layer("InstanceNorm1d", 3, inputs=[T(2, 3, 5)], affine=True),
    layer("InstanceNorm2d", 3, inputs=[T(2, 3, 4, 3)]),
    layer("InstanceNorm2d", 3, inputs=[T(2, 3, 4, 3)], affine=True, trackRunningStats=True),
    layer("InstanceNorm2d", 3, inputs=[T(2, 3, 4, 3)], affine=True, trackRunningStats=True, eval=True),
    layer("InstanceNorm2d", 3, inputs=[T(3, 4, 3)]),
    layer("InstanceNorm3d", 2, inputs=[T(2, 2, 2, 3, 2)]),
    layer("LocalResponseNorm", 2, inputs=[T(2, 5, 3)]),
    layer("LocalResponseNorm", 3, inputs=[T(2, 5, 3, 2)], alpha=0.1, beta=0.5, k=2.0),
    layer("BatchNorm1d", 3, inputs=[T(6, 3)], momentum=None, eval=True),
    layer("BatchNorm1d", 3, inputs=[T(6, 3)], trackRunningStats=False, affine=False),
    layer("BatchNorm1d", 3, inputs=[T(6, 3)], momentum=1.0),
    layer("BatchNorm2d", 5, inputs=[T(1, 5, 3, 3)], momentum=0.0),
    layer("BatchNorm3d", 2, inputs=[T(2, 2, 2, 3, 2)], momentum=None, affine=False, eps=0.1),
    layer("LayerNorm", [2, 3, 4], inputs=[T(5, 2, 3, 4)]),
    layer("LayerNorm", 1, inputs=[T(3, 1)]),
    layer("LayerNorm", 64, inputs=[T(2, 9, 64)]),
    layer("GroupNorm", 6, 6, inputs=[T(2, 6, 5)]),
    layer("GroupNorm", 2, 4, inputs=[T(2, 4, 2, 3, 2)], eps=0.1),
    layer("InstanceNorm1d", 3, inputs=[T(3, 5)], eps=0.1),
    layer("InstanceNorm1d", 3, inputs=[T(2, 3, 5)], trackRunningStats=True, momentum=0.7),
    layer("InstanceNorm3d", 2, inputs=[T(2, 2, 2, 3, 2)], affine=True, trackRunningStats=True, momentum=0.2),
    layer("LocalResponseNorm", 4, inputs=[T(2, 5, 3, 2, 2)], beta=2.0),
    layer("RMSNorm", 5, inputs=[T(4, 5)]),
    layer("RMSNorm", [3, 4], inputs=[T(2, 3, 4)], eps=0.1),
    layer("RMSNorm", [4], inputs=[T(2, 3, 4)], elementwiseAffine=False, eps=1e-3),
]

ACTIVATION = [
    *[layer(name, inputs=[T(4, 9)]) for name in (
        "ReLU", "ReLU6", "Sigmoid", "Tanh", "LogSigmoid", "Softsign", "Tanhshrink", "SiLU", "Mish", "SELU", "Hardswish",
        "LeakyReLU", "ELU", "CELU", "GELU", "Softplus", "Hardtanh", "Softshrink", "Hardshrink", "PReLU")],
    {**layer("Hardsigmoid", inputs=[T(4, 9)]), **ROUGH},
    layer("LeakyReLU", inputs=[T(4, 9)], negativeSlope=0.3),
    layer("ELU", inputs=[T(4, 9)], alpha=0.5),
    layer("CELU", inputs=[T(4, 9)], alpha=2.0),
    layer("GELU", inputs=[T(4, 9)], approximate="tanh"),
    layer("Softplus", inputs=[T(4, 9)], beta=2, threshold=4),
    layer("Hardtanh", inputs=[T(4, 9)], minVal=-2.0, maxVal=0.5),
    layer("Softshrink", inputs=[T(4, 9)], lambd=1.5),
    layer("Hardshrink", inputs=[T(4, 9)], lambd=1.5),
    layer("Threshold", 0.1, 20, inputs=[T(4, 9)]),
    layer("GLU", inputs=[T(3, 8)]),
    layer("GLU", 1, inputs=[T(3, 4, 5)]),
    layer("Softmax", 1, inputs=[T(3, 5)]),
    layer("Softmax", 0, inputs=[T(3, 5, 2)]),
    layer("LogSoftmax", -1, inputs=[T(3, 5)]),
    layer("Softmin", 1, inputs=[T(3, 5)]),
    layer("Softmax2d", inputs=[T(2, 3, 4, 2)]),
    layer("PReLU", inputs=[T(2, 3, 4)], numParameters=3, init=0.1),
    layer("RReLU", inputs=[T(3, 5)], lower=0.1, upper=0.3, eval=True),
    {**layer("RReLU", inputs=[T(3, 5)]), **DOUBLE},
    layer("ReLU", inputs=[T(4, 9, constant=True)], inplace=True),
    layer("LeakyReLU", inputs=[T(4, 9)], negativeSlope=0.0),
    layer("ELU", inputs=[T(0, 3)], alpha=2.0),
    layer("Softplus", inputs=[T(4, 9)], beta=0.5, threshold=1),
    layer("Softmax", -1, inputs=[T(2, 3, 0)]),
    layer("Softmax", 2, inputs=[T(2, 3, 4, 5)]),
    layer("Softmax2d", inputs=[T(3, 4, 2)]),
    layer("LogSoftmax", 1, inputs=[T(2, 300)]),
    layer("Softmin", -2, inputs=[T(2, 3, 4)]),
    layer("GLU", 0, inputs=[T(4, 3)]),
    layer("PReLU", inputs=[T(5)]),
    layer("PReLU", inputs=[T(2, 4, 3, 2)], numParameters=4),
    layer("Hardtanh", inputs=[T(4, 9)], minVal=0.0, maxVal=6.0),
    layer("Threshold", -1, 0.5, inputs=[T(4, 9)]),
]

DROPOUT = [
    layer("Dropout", inputs=[T(6, 7)]),
    layer("Dropout", inputs=[T(6, 7)], p=0.2),
    layer("Dropout", inputs=[T(6, 7)], p=0.2, eval=True),
    layer("Dropout", inputs=[T(6, 7)], p=1),
    layer("Dropout", inputs=[T(6, 7)], p=0),
    layer("Dropout1d", inputs=[T(4, 5, 3)], p=0.3),
    layer("Dropout1d", inputs=[T(5, 3)], p=0.3),
    layer("Dropout2d", inputs=[T(4, 5, 2, 3)], p=0.3),
    layer("Dropout3d", inputs=[T(4, 5, 2, 3, 2)], p=0.3),
    layer("AlphaDropout", inputs=[T(6, 7)], p=0.3),
    layer("FeatureAlphaDropout", inputs=[T(4, 5, 3)], p=0.3),
]

SPARSE = [
    layer("Embedding", 10, 3, inputs=[I(10, 2, 4)]),
    layer("Embedding", 10, 3, inputs=[I(10, 6)], paddingIdx=2),
    layer("Embedding", 5, 3, inputs=[I(5, 12)], scaleGradByFreq=True, paddingIdx=-1),
    layer("Embedding", 6, 3, inputs=[I(6, 3)], maxNorm=0.4),
    layer("EmbeddingBag", 10, 3, inputs=[I(10, 3, 4)]),
    layer("EmbeddingBag", 10, 3, inputs=[I(10, 7), T(3, kind="index", values=[0, 2, 2])], mode="sum"),
    layer("EmbeddingBag", 10, 3, inputs=[I(10, 7), T(3, kind="index", values=[0, 3, 4])], mode="max"),
    layer("EmbeddingBag", 10, 3, inputs=[I(10, 7), T(3, kind="index", values=[0, 3, 7])], includeLastOffset=True),
    layer("EmbeddingBag", 4, 3, inputs=[I(4, 3, 5)], mode="mean", paddingIdx=1),
    layer("EmbeddingBag", 10, 3, inputs=[I(10, 3, 4), None, T(3, 4)], mode="sum"),
    layer("Embedding", 10, 3, inputs=[I(10, 3, 2, 2)], maxNorm=0.5, normType=1.5),
    layer("Embedding", 10, 3, inputs=[T(0, kind="index", values=[])]),
    layer("Embedding", 7, 2, inputs=[T(kind="index", values=3)]),
    layer("EmbeddingBag", 5, 3, inputs=[I(5, 9), T(4, kind="index", values=[0, 3, 3, 8])], mode="mean"),
    layer("EmbeddingBag", 5, 3, inputs=[I(5, 9), T(3, kind="index", values=[0, 4, 6]), T(9)], mode="sum", paddingIdx=2),
    layer("EmbeddingBag", 5, 3, inputs=[I(5, 2, 6)], mode="max", paddingIdx=-2),
    layer("EmbeddingBag", 6, 3, inputs=[I(6, 2, 3)], mode="sum", maxNorm=0.4),
    layer("EmbeddingBag", 6, 3, inputs=[I(6, 7), T(4, kind="index", values=[0, 0, 5, 7])], mode="max", includeLastOffset=True),
    layer("EmbeddingBag", 6, 3, inputs=[I(6, 7), T(3, kind="index", values=[0, 2, 7]), T(7)], mode="sum", includeLastOffset=True),
]

PADDING = [
    layer("ZeroPad2d", [1, 2, 0, 1], inputs=[T(2, 2, 3, 3)]),
    layer("ZeroPad2d", 1, inputs=[T(2, 3, 3)]),
    layer("ZeroPad2d", [-1, 1, 0, -1], inputs=[T(1, 2, 4, 4)]),
    layer("ConstantPad1d", 2, 3.5, inputs=[T(2, 3, 4)]),
    layer("ConstantPad2d", [1, 0, 2, 1], 0.5, inputs=[T(2, 3, 4)]),
    layer("ConstantPad3d", 1, 1.5, inputs=[T(1, 2, 2, 2, 2)]),
    layer("ReflectionPad1d", [1, 2], inputs=[T(2, 3, 4)]),
    layer("ReflectionPad2d", 2, inputs=[T(1, 2, 4, 4)]),
    layer("ReflectionPad3d", 1, inputs=[T(1, 2, 2, 3, 2)]),
    layer("ReplicationPad1d", 2, inputs=[T(2, 3, 4)]),
    layer("ReplicationPad2d", [1, 2, 0, 1], inputs=[T(1, 2, 3, 3)]),
    layer("ReplicationPad3d", 1, inputs=[T(1, 2, 2, 2, 2)]),
    layer("ConstantPad1d", [-1, 2], -1, inputs=[T(3, 5)]),
    layer("ConstantPad3d", [1, 0, -1, 2, 0, 1], 0.25, inputs=[T(1, 2, 2, 3, 2)]),
    layer("ReflectionPad1d", 3, inputs=[T(3, 4)]),
    layer("ReflectionPad2d", [3, 0, 1, 2], inputs=[T(2, 4, 4)]),
    layer("ReplicationPad1d", [0, 3], inputs=[T(3, 4)]),
    layer("ReplicationPad2d", 4, inputs=[T(2, 2, 2)]),
    layer("ReplicationPad3d", [1, 2, 0, 1, 3, 0], inputs=[T(1, 2, 2, 2, 2)]),
    layer("ZeroPad1d", [2, 1], inputs=[T(2, 3, 4)]),
    layer("ZeroPad1d", -1, inputs=[T(3, 4)]),
    layer("ZeroPad3d", [1, 0, 2, 1, 0, 1], inputs=[T(1, 2, 2, 2, 2)]),
]

VISION = [
    layer("Upsample", inputs=[T(1, 2, 3, 4)], scaleFactor=2),
    layer("Upsample", inputs=[T(1, 2, 5)], size=8),
    layer("Upsample", inputs=[T(1, 2, 5)], size=8, mode="linear"),
    layer("Upsample", inputs=[T(1, 2, 3, 4)], scaleFactor=2, mode="bilinear"),
    layer("Upsample", inputs=[T(1, 2, 3, 4)], size=[5, 7], mode="bilinear", alignCorners=True),
    layer("Upsample", inputs=[T(1, 2, 4, 5)], scaleFactor=[1.5, 0.7], mode="bilinear"),
    layer("Upsample", inputs=[T(1, 2, 4, 5)], scaleFactor=1.7, mode="bicubic"),
    layer("Upsample", inputs=[T(1, 1, 4, 5)], size=[6, 3], mode="bicubic", alignCorners=True),
    layer("Upsample", inputs=[T(1, 1, 2, 3, 3)], scaleFactor=2, mode="trilinear"),
    layer("Upsample", inputs=[T(1, 1, 2, 3, 3)], size=[3, 4, 5]),
    layer("UpsamplingNearest2d", inputs=[T(1, 2, 3, 4)], scaleFactor=2),
    layer("UpsamplingBilinear2d", inputs=[T(1, 2, 3, 4)], size=[5, 6]),
    layer("PixelShuffle", 2, inputs=[T(2, 8, 2, 3)]),
    layer("PixelUnshuffle", 2, inputs=[T(2, 2, 4, 6)]),
    layer("Unfold", [2, 3], inputs=[T(2, 2, 4, 5)], padding=1, stride=2),
    layer("Fold", [4, 5], [2, 2], inputs=[T(2, 8, 12)]),
    layer("CosineSimilarity", inputs=[T(4, 6), T(4, 6)]),
    layer("PairwiseDistance", inputs=[T(4, 6), T(4, 6)], p=1),
    layer("Upsample", inputs=[T(1, 2, 3, 4)], scaleFactor=[2.5, 1.6]),
    layer("Upsample", inputs=[T(1, 2, 7)], scaleFactor=0.4, mode="linear"),
    layer("Upsample", inputs=[T(1, 2, 5)], size=1, mode="linear", alignCorners=True),
    layer("Upsample", inputs=[T(1, 2, 3, 4)], size=[6, 2], mode="bilinear", alignCorners=False),
    layer("Upsample", inputs=[T(1, 1, 2, 3, 3)], size=[4, 2, 5], mode="trilinear", alignCorners=True),
    layer("Upsample", inputs=[T(1, 2, 4, 5)], scaleFactor=1.7, mode="bilinear", recomputeScaleFactor=True),
    layer("Unfold", 3, inputs=[T(2, 2, 6, 5)], dilation=2),
    layer("Fold", 5, 3, inputs=[T(1, 18, 9)], padding=1, stride=2),
    layer("CosineSimilarity", inputs=[T(4, 6, 3), T(4, 6, 3)], dim=0),
    layer("CosineSimilarity", inputs=[T(4, 6), T(1, 6)], eps=1e-3),
    layer("PairwiseDistance", inputs=[T(4, 6), T(4, 6)], keepdim=True),
    layer("PairwiseDistance", inputs=[T(6), T(6)], p=3.0, eps=1e-3),
    layer("ChannelShuffle", 3, inputs=[T(2, 6, 2, 2, constant=True)]),
]

RECURRENT = [
    layer("RNN", 3, 4, inputs=[T(5, 2, 3)]),
    layer("RNN", 3, 4, inputs=[T(5, 2, 3), T(2, 2, 4)], nonlinearity="relu", numLayers=2),
    layer("RNN", 3, 4, inputs=[T(2, 5, 3)], batchFirst=True, bidirectional=True, bias=False),
    layer("GRU", 3, 4, inputs=[T(5, 2, 3)]),
    layer("GRU", 3, 4, inputs=[T(5, 2, 3), T(4, 2, 4)], numLayers=2, bidirectional=True),
    layer("GRU", 3, 4, inputs=[T(5, 3)]),
    layer("GRU", 3, 4, inputs=[T(5, 4, 3)], pack=[2, 5, 3, 5], bidirectional=True),
    layer("LSTM", 3, 4, inputs=[T(5, 2, 3)]),
    layer("LSTM", 3, 4, inputs=[T(2, 5, 3), [T(4, 2, 4), T(4, 2, 4)]], numLayers=2, bidirectional=True, batchFirst=True),
    layer("LSTM", 3, 4, inputs=[T(5, 2, 3)], projSize=2, numLayers=2),
    layer("LSTM", 3, 4, inputs=[T(5, 2, 3)], numLayers=2, dropout=0.4),
    layer("LSTM", 3, 4, inputs=[T(5, 4, 3), [T(4, 4, 4), T(4, 4, 4)]], pack=[4, 1, 5, 3], bidirectional=True, numLayers=2),
    layer("LSTM", 3, 4, inputs=[T(5, 4, 3)], pack=[4, 1, 5, 3], numLayers=2, dropout=0.3),
    layer("RNNCell", 3, 4, inputs=[T(5, 3), T(5, 4)]),
    layer("RNNCell", 3, 4, inputs=[T(5, 3)], nonlinearity="relu", bias=False),
    layer("GRUCell", 3, 4, inputs=[T(5, 3), T(5, 4)]),
    layer("GRUCell", 3, 4, inputs=[T(3)]),
    layer("LSTMCell", 3, 4, inputs=[T(5, 3), [T(5, 4), T(5, 4)]]),
    layer("LSTMCell", 3, 4, inputs=[T(5, 3)], bias=False),
    layer("RNN", 3, 4, inputs=[T(5, 4, 3), T(4, 4, 4)], pack=[5, 1, 2, 4], numLayers=2, bidirectional=True, nonlinearity="relu"),
    layer("RNN", 3, 4, inputs=[T(5, 3), T(1, 4)]),
    layer("RNN", 3, 4, inputs=[T(5, 2, 3)], numLayers=3, dropout=0.5),
    layer("GRU", 3, 4, inputs=[T(2, 5, 3), T(1, 2, 4)], batchFirst=True, bias=False),
    layer("GRU", 3, 4, inputs=[T(5, 2, 3)], numLayers=3, bidirectional=True, dropout=0.2),
    layer("GRU", 3, 4, inputs=[T(5, 4, 3), T(2, 4, 4)], pack=[3, 5, 3, 1], numLayers=2, bias=False),
    layer("LSTM", 3, 5, inputs=[T(5, 2, 3)], projSize=2, numLayers=2, bidirectional=True, bias=False),
    layer("LSTM", 3, 5, inputs=[T(2, 5, 3), [T(4, 2, 2), T(4, 2, 5)]], projSize=2, numLayers=2, bidirectional=True, batchFirst=True),
    layer("LSTM", 3, 5, inputs=[T(5, 4, 3)], projSize=3, bidirectional=True, pack=[2, 4, 5, 1]),
    layer("LSTM", 3, 4, inputs=[T(5, 3), [T(2, 4), T(2, 4)]], bidirectional=True),
    layer("LSTM", 3, 4, inputs=[T(1, 1, 3)], numLayers=2, eval=True, dropout=0.9),
    layer("LSTM", 12, 16, inputs=[T(20, 6, 12)], numLayers=2, bidirectional=True),
    layer("GRUCell", 3, 4, inputs=[T(5, 3), T(5, 4)], bias=False),
    layer("LSTMCell", 3, 4, inputs=[T(3), [T(4), T(4)]]),
    layer("RNNCell", 3, 4, inputs=[T(3), T(4)]),
]

CAUSAL = {"shape": [5, 5], "kind": "bool", "values": [[j > i for j in range(5)] for i in range(5)]}
PADDED = {"shape": [2, 5], "kind": "bool", "values": [[False] * 5, [False] * 3 + [True] * 2]}

ATTENTION = [
    layer("MultiheadAttention", 8, 2, inputs=[T(5, 2, 8), T(4, 2, 8), T(4, 2, 8)]),
    layer("MultiheadAttention", 8, 2, inputs=[T(2, 5, 8), T(2, 5, 8), T(2, 5, 8)], batchFirst=True,
          call={"attnMask": CAUSAL, "keyPaddingMask": PADDED, "averageAttnWeights": False}),
    layer("MultiheadAttention", 8, 2, inputs=[T(5, 2, 8), T(4, 2, 6), T(4, 2, 3)], kdim=6, vdim=3, bias=False),
    layer("MultiheadAttention", 8, 4, inputs=[T(5, 2, 8), T(4, 2, 8), T(4, 2, 8)], addBiasKv=True, addZeroAttn=True,
          call={"attnMask": T(5, 4)}),
    layer("MultiheadAttention", 8, 2, inputs=[T(5, 2, 8), T(4, 2, 8), T(4, 2, 8)], call={"needWeights": False}),
    layer("MultiheadAttention", 8, 2, inputs=[T(5, 2, 8), T(4, 2, 8), T(4, 2, 8)], dropout=0.4),
    layer("MultiheadAttention", 8, 2, inputs=[T(5, 8), T(4, 8), T(4, 8)]),
    layer("MultiheadAttention", 8, 2, inputs=[T(5, 2, 8), T(4, 2, 8), T(4, 2, 8)], call={"attnMask": T(4, 5, 4), "needWeights": False}),
    layer("TransformerEncoderLayer", 8, 2, inputs=[T(5, 2, 8)], dimFeedforward=12),
    layer("TransformerEncoderLayer", 8, 2, inputs=[T(2, 5, 8)], dimFeedforward=12, batchFirst=True, normFirst=True,
          activation="gelu", call={"srcMask": CAUSAL, "srcKeyPaddingMask": PADDED}),
    layer("TransformerEncoderLayer", 8, 2, inputs=[T(2, 5, 8)], dimFeedforward=12, batchFirst=True),
    layer("TransformerEncoderLayer", 8, 2, inputs=[T(5, 2, 8)], dimFeedforward=12, dropout=0, layerNormEps=1e-3),
    layer("TransformerEncoder", {"new": {"layer": "TransformerEncoderLayer", "args": [8, 2], "options": {
        "dimFeedforward": 12, "dropout": 0.2}}}, 2, inputs=[T(5, 2, 8)], call={"mask": CAUSAL}),
    layer("TransformerEncoder", {"new": {"layer": "TransformerEncoderLayer", "args": [8, 2], "options": {
        "dimFeedforward": 12, "batchFirst": True}}}, 2, inputs=[T(2, 5, 8)],
          norm={"new": {"layer": "LayerNorm", "args": [8]}}),
    layer("TransformerDecoderLayer", 8, 2, inputs=[T(5, 2, 8), T(4, 2, 8)], dimFeedforward=12, call={"tgtMask": CAUSAL}),
    layer("TransformerDecoderLayer", 8, 2, inputs=[T(2, 5, 8), T(2, 4, 8)], dimFeedforward=12, batchFirst=True,
          normFirst=True, activation="gelu", call={"tgtKeyPaddingMask": PADDED}),
    layer("TransformerDecoder", {"new": {"layer": "TransformerDecoderLayer", "args": [8, 2], "options": {
        "dimFeedforward": 12}}}, 2, inputs=[T(5, 2, 8), T(4, 2, 8)]),
    layer("Transformer", inputs=[T(4, 2, 8), T(5, 2, 8)], dModel=8, nhead=2, numEncoderLayers=1, numDecoderLayers=1,
          dimFeedforward=12, call={"tgtMask": CAUSAL}),
    layer("MultiheadAttention", 8, 2, inputs=[T(2, 5, 8), T(2, 5, 8), T(2, 5, 8)], batchFirst=True, dropout=0.3,
          call={"attnMask": CAUSAL, "keyPaddingMask": PADDED, "needWeights": False}),
    layer("MultiheadAttention", 8, 4, inputs=[T(5, 2, 8), T(5, 2, 8), T(5, 2, 8)], addBiasKv=True,
          call={"keyPaddingMask": PADDED, "averageAttnWeights": False}),
    layer("MultiheadAttention", 8, 2, inputs=[T(5, 2, 8), T(5, 2, 3), T(5, 2, 8)], kdim=3, addZeroAttn=True, dropout=0.2,
          call={"attnMask": CAUSAL}),
    layer("MultiheadAttention", 8, 8, inputs=[T(5, 8), T(5, 8), T(5, 8)],
          call={"attnMask": CAUSAL, "keyPaddingMask": T(5, kind="bool", values=[False, False, False, True, True])}),
    layer("MultiheadAttention", 6, 1, inputs=[T(5, 2, 6), T(5, 2, 6), T(5, 2, 6)], bias=False, eval=True, dropout=0.5,
          call={"keyPaddingMask": PADDED}),
    layer("MultiheadAttention", 64, 4, inputs=[T(3, 17, 64, kind="small"), T(3, 9, 64, kind="small"), T(3, 9, 64, kind="small")],
          batchFirst=True),
    layer("TransformerEncoderLayer", 8, 2, inputs=[T(5, 2, 8)], dimFeedforward=12, normFirst=True, dropout=0.5,
          call={"srcKeyPaddingMask": PADDED}),
    layer("TransformerEncoderLayer", 8, 4, inputs=[T(5, 8)], dimFeedforward=12, activation="gelu", eval=True),
    layer("TransformerEncoder", {"new": {"layer": "TransformerEncoderLayer", "args": [8, 2], "options": {
        "dimFeedforward": 12, "batchFirst": True, "normFirst": True, "activation": "gelu"}}}, 3, inputs=[T(2, 5, 8)],
          norm={"new": {"layer": "LayerNorm", "args": [8]}}, call={"mask": CAUSAL, "srcKeyPaddingMask": PADDED}),
    layer("TransformerDecoderLayer", 8, 2, inputs=[T(5, 2, 8), T(5, 2, 8)], dimFeedforward=12, dropout=0.3,
          call={"tgtMask": CAUSAL, "memoryMask": CAUSAL, "memoryKeyPaddingMask": PADDED}),
    layer("TransformerDecoder", {"new": {"layer": "TransformerDecoderLayer", "args": [8, 2], "options": {
        "dimFeedforward": 12, "normFirst": True}}}, 2, inputs=[T(5, 2, 8), T(4, 2, 8)],
          norm={"new": {"layer": "LayerNorm", "args": [8]}}, call={"tgtMask": CAUSAL, "tgtKeyPaddingMask": PADDED}),
    layer("Transformer", inputs=[T(2, 5, 8), T(2, 5, 8)], dModel=8, nhead=4, numEncoderLayers=2, numDecoderLayers=2,
          dimFeedforward=12, batchFirst=True, normFirst=True, activation="gelu", dropout=0.2,
          call={"srcMask": CAUSAL, "tgtMask": CAUSAL, "srcKeyPaddingMask": PADDED, "memoryKeyPaddingMask": PADDED}),
]

CAUSAL_LOOKS = {"shape": [5, 5], "kind": "bool", "values": [[j <= i for j in range(5)] for i in range(5)]}

X = T(4, 6)
Y = T(4, 6, constant=True)
REDUCTIONS = ("none", "mean", "sum")


def with_reductions(name, inputs, **options):
    return [layer(name, inputs=inputs, reduction=reduction, **options) for reduction in REDUCTIONS]


LOSSES = [
    *with_reductions("MSELoss", [X, T(4, 6)]),
    *with_reductions("L1Loss", [X, T(4, 6)]),
    *with_reductions("SmoothL1Loss", [X, Y]),
    layer("SmoothL1Loss", inputs=[X, T(4, 6)], beta=2.5),
    layer("SmoothL1Loss", inputs=[X, Y], beta=0.0),
    *with_reductions("HuberLoss", [X, T(4, 6)], delta=1.5),
    *with_reductions("CrossEntropyLoss", [X, I(6, 4)]),
    *with_reductions("CrossEntropyLoss", [X, I(6, 4)], labelSmoothing=0.2),
    *with_reductions("CrossEntropyLoss", [X, I(6, 4)], weight=T(6, kind="positive")),
    *with_reductions("CrossEntropyLoss", [X, I(6, 4)], weight=T(6, kind="positive"), labelSmoothing=0.1, ignoreIndex=2),
    *with_reductions("CrossEntropyLoss", [X, T(4, kind="index", values=[1, -100, 5, -100])]),
    *with_reductions("CrossEntropyLoss", [T(2, 5, 3), I(5, 2, 3)], ignoreIndex=1),
    *with_reductions("CrossEntropyLoss", [T(2, 5, 3, 2), I(5, 2, 3, 2)], weight=T(5, kind="positive"), labelSmoothing=0.3),
    layer("CrossEntropyLoss", inputs=[T(5), T(kind="index", values=3)]),
    *with_reductions("CrossEntropyLoss", [X, T(4, 6, kind="unit")]),
    *with_reductions("CrossEntropyLoss", [X, T(4, 6, kind="unit")], weight=T(6, kind="positive"), labelSmoothing=0.2),
    layer("CrossEntropyLoss", inputs=[T(2, 5, 3), T(2, 5, 3, kind="unit")]),
    *with_reductions("NLLLoss", [X, I(6, 4)]),
    *with_reductions("NLLLoss", [X, I(6, 4)], weight=T(6, kind="positive"), ignoreIndex=3),
    layer("NLLLoss", inputs=[T(2, 5, 3, 2), I(5, 2, 3, 2)]),
    *with_reductions("KLDivLoss", [X, T(4, 6, kind="unit", constant=True)]),
    layer("KLDivLoss", inputs=[X, T(4, 6, kind="unit", constant=True)], reduction="batchmean"),
    layer("KLDivLoss", inputs=[X, T(4, 6)], logTarget=True, reduction="sum"),
    *with_reductions("BCELoss", [T(4, 6, kind="unit"), T(4, 6, kind="unit", constant=True)]),
    layer("BCELoss", inputs=[T(4, 6, kind="unit"), T(4, 6, kind="unit", constant=True)], weight=T(6, kind="positive")),
    *with_reductions("BCEWithLogitsLoss", [X, T(4, 6, kind="unit", constant=True)]),
    layer("BCEWithLogitsLoss", inputs=[X, T(4, 6, kind="unit", constant=True)], weight=T(4, 6, kind="positive"),
          posWeight=T(6, kind="positive", seed=51)),
    layer("PoissonNLLLoss", inputs=[X, T(4, 6, kind="positive", constant=True)]),
    layer("PoissonNLLLoss", inputs=[T(4, 6, kind="positive"), T(4, 6, kind="positive", constant=True)], logInput=False, full=True),
    layer("GaussianNLLLoss", inputs=[X, Y, T(4, 6, kind="positive")]),
    layer("GaussianNLLLoss", inputs=[X, Y, T(4, 1, kind="positive")], full=True, reduction="sum"),
    *with_reductions("CosineEmbeddingLoss", [X, T(4, 6), T(4, kind="sign", constant=True)]),
    layer("CosineEmbeddingLoss", inputs=[X, T(4, 6), T(4, kind="sign", constant=True)], margin=0.3),
    *with_reductions("HingeEmbeddingLoss", [X, T(4, 6, kind="sign", constant=True)]),
    layer("HingeEmbeddingLoss", inputs=[X, T(4, 6, kind="sign", constant=True)], margin=2.0),
    *with_reductions("MarginRankingLoss", [T(7), T(7), T(7, kind="sign", constant=True)]),
    layer("MarginRankingLoss", inputs=[T(7), T(7), T(7, kind="sign", constant=True)], margin=0.5),
    *with_reductions("TripletMarginLoss", [X, T(4, 6), T(4, 6)]),
    layer("TripletMarginLoss", inputs=[X, T(4, 6), T(4, 6)], margin=2.0, p=1, swap=True),
    layer("TripletMarginWithDistanceLoss", inputs=[X, T(4, 6), T(4, 6)], swap=True),
    *with_reductions("SoftMarginLoss", [X, T(4, 6, kind="sign", constant=True)]),
    *with_reductions("MultiMarginLoss", [X, I(6, 4)]),
    layer("MultiMarginLoss", inputs=[X, I(6, 4)], p=2, margin=0.5, weight=T(6, kind="positive")),
    *with_reductions("MultiLabelSoftMarginLoss", [X, T(4, 6, kind="unit", constant=True)]),
    layer("MultiLabelSoftMarginLoss", inputs=[X, T(4, 6, kind="unit", constant=True)], weight=T(6, kind="positive")),
    layer("CrossEntropyLoss", inputs=[T(5), T(5, kind="unit")], labelSmoothing=0.4, weight=T(5, kind="positive")),
    layer("CrossEntropyLoss", inputs=[T(5), T(kind="index", values=3)], weight=T(5, kind="positive"), reduction="none"),
    layer("CrossEntropyLoss", inputs=[T(2, 5, 3), T(2, 5, 3, kind="unit")], weight=T(5, kind="positive"), labelSmoothing=0.5,
          reduction="sum"),
    layer("CrossEntropyLoss", inputs=[X, I(6, 4)], labelSmoothing=1.0),
    *with_reductions("NLLLoss", [T(2, 5, 3), T(2, 3, kind="index", values=[[1, -100, 4], [0, 2, -100]])], weight=T(5, kind="positive")),
    layer("NLLLoss", inputs=[T(5), T(kind="index", values=2)]),
    *with_reductions("BCELoss", [T(4, 6, kind="unit"), T(4, 6, kind="unit", constant=True)], weight=T(4, 1, kind="positive")),
    *with_reductions("BCEWithLogitsLoss", [X, T(4, 6, kind="unit", constant=True)], posWeight=T(6, kind="positive")),
    *with_reductions("PoissonNLLLoss", [X, T(4, 6, kind="positive", constant=True)], full=True),
    layer("PoissonNLLLoss", inputs=[T(4, 6, kind="positive"), T(4, 6, kind="positive", constant=True)], logInput=False, eps=0.1),
    *with_reductions("GaussianNLLLoss", [X, Y, T(4, kind="positive")], eps=0.5),
    *with_reductions("HuberLoss", [X, Y], delta=0.2),
    *with_reductions("SmoothL1Loss", [X, Y], beta=0.3),
    *with_reductions("KLDivLoss", [X, T(4, 6)], logTarget=True),
    layer("KLDivLoss", inputs=[T(5), T(5, kind="unit", constant=True)], reduction="batchmean"),
    *with_reductions("HingeEmbeddingLoss", [T(7), T(7, kind="sign", constant=True)], margin=0.2),
    *with_reductions("MarginRankingLoss", [T(2, 3), T(2, 3), T(2, 3, kind="sign", constant=True)], margin=-0.5),
    *with_reductions("CosineEmbeddingLoss", [T(6), T(6), T(kind="sign", constant=True)], margin=-0.2),
    *with_reductions("TripletMarginLoss", [X, T(4, 6), T(4, 6)], p=3.0, eps=1e-3, swap=True),
    layer("TripletMarginLoss", inputs=[T(6), T(6), T(6)]),
    *with_reductions("TripletMarginWithDistanceLoss", [X, T(4, 6), T(4, 6)], margin=0.3),
    *with_reductions("MultiMarginLoss", [X, I(6, 4)], p=2, weight=T(6, kind="positive")),
    layer("MultiMarginLoss", inputs=[T(6), T(kind="index", values=2)], margin=3.0),
    *with_reductions("MultiLabelSoftMarginLoss", [X, T(4, 6, kind="unit", constant=True)], weight=T(6, kind="positive")),
    layer("MultiLabelSoftMarginLoss", inputs=[T(6), T(6, kind="unit", constant=True)]),
    layer("SoftMarginLoss", inputs=[T(kind="float"), T(kind="sign", constant=True)]),
    layer("MSELoss", inputs=[T(), T()]),
]

LOSSES += with_reductions("MultiLabelMarginLoss", [X, T(4, 6, kind="index", values=[
    [3, 0, -1, 1, 2, 5], [-1, 0, 1, 2, 3, 4], [5, 4, 3, 2, 1, 0], [2, -1, -1, -1, -1, -1]])])


def ctc(targets, input_lengths, target_lengths, **options):
    lengths = [T(len(list_), kind="index", values=list_) for list_ in (input_lengths, target_lengths)]
    return layer("CTCLoss", inputs=[T(6, 3, 4), targets, *lengths], **options)


CTC = [
    *[ctc(T(3, 3, kind="index", values=[[1, 2, 3], [2, 2, 1], [3, 1, 1]]), [6, 6, 5], [3, 2, 1], reduction=reduction)
      for reduction in REDUCTIONS],
    ctc(T(6, kind="index", values=[1, 2, 3, 2, 2, 3]), [6, 6, 5], [3, 2, 1]),
    ctc(T(3, 3, kind="index", values=[[1, 2, 0], [2, 2, 1], [1, 1, 1]]), [6, 6, 4], [3, 2, 1], blank=3),
    ctc(T(3, 3, kind="index", values=[[1, 1, 1], [2, 2, 1], [3, 1, 1]]), [4, 6, 5], [3, 2, 0], zeroInfinity=True,
        reduction="sum"),
    *[ctc(T(3, 3, kind="index", values=[[1, 1, 1], [2, 2, 1], [3, 1, 1]]), [4, 6, 5], [3, 2, 0], zeroInfinity=zero,
          reduction=reduction) for reduction in REDUCTIONS for zero in (False, True)],
    layer("CTCLoss", inputs=[T(6, 4), T(3, kind="index", values=[2, 2, 1]), T(kind="index", values=6), T(kind="index", values=3)]),
    layer("CTCLoss", inputs=[T(6, 4), T(2, kind="index", values=[0, 2]), T(kind="index", values=5), T(kind="index", values=2)],
          blank=3, reduction="sum"),
]

FUNCTIONS = [
    function("normalize", T(4, 5)),
    function("normalize", T(4, 5), p=1.0, dim=0),
    function("pad", T(2, 3), [1, 2], value=1.5),
    function("pad", T(2, 3, 4), [1, 1, 0, 2]),
    function("pad", T(2, 3, 4), [1, 2], mode="circular"),
    function("interpolate", T(1, 2, 5), size=3, mode="nearest-exact"),
    function("interpolate", T(1, 2, 5, 4), size=[3, 2], mode="area"),
    function("interpolate", T(1, 2, 5, 4), scaleFactor=1.3, mode="bilinear", recomputeScaleFactor=True),
    function("oneHot", I(4, 3, 2)),
    function("oneHot", I(4, 3, 2), numClasses=6),
    function("gumbelSoftmax", T(3, 5)),
    function("gumbelSoftmax", T(3, 5), tau=0.5, hard=True),
    function("softplus", T(3, 5), beta=0.5),
    function("hardtanh", T(3, 5), minVal=-0.5, maxVal=2.0),
    function("layerNorm", T(2, 3, 4), [4], T(4), T(4), eps=1e-3),
    function("groupNorm", T(2, 4, 3), 2, T(4), T(4)),
    function("instanceNorm", T(2, 4, 3)),
    function("batchNorm", T(4, 3), T(3, constant=True), T(3, kind="positive", constant=True), T(3), T(3)),
    function("conv2d", T(2, 3, 5, 5), T(4, 3, 3, 3), T(4), stride=2, padding=1),
    function("convTranspose2d", T(2, 3, 3, 3), T(3, 2, 2, 2), None, stride=2, python="conv_transpose2d"),
    function("linear", T(2, 3), T(4, 3), T(4)),
    function("bilinear", T(2, 3), T(2, 4), T(5, 3, 4), T(5)),
    function("dropout", T(4, 5), p=0.3),
    function("alphaDropout", T(4, 5), p=0.3, training=True),
    function("maxPool2d", T(1, 2, 4, 4), 2, stride=1, python="max_pool2d"),
    function("avgPool2d", T(1, 2, 4, 4), 2, python="avg_pool2d"),
    function("adaptiveAvgPool2d", T(1, 2, 5, 4), [2, 3], python="adaptive_avg_pool2d"),
    function("embedding", I(5, 2, 3), T(5, 4)),
    function("unfold", T(1, 2, 4, 4), [2, 2], dilation=2),
    function("pixelShuffle", T(1, 4, 2, 2), 2),
    function("cosineSimilarity", T(3, 4), T(3, 4), dim=0),
    function("pairwiseDistance", T(3, 4), T(3, 4), keepdim=True),
    function("prelu", T(2, 3, 2), T(3)),
    {**function("rrelu", T(3, 4), training=True), **DOUBLE},
    function("glu", T(3, 4)),
    function("affineGrid", T(2, 2, 3), [2, 3, 4, 5], alignCorners=False),
    function("affineGrid", T(2, 2, 3), [2, 3, 4, 5], alignCorners=True),
    *[function("gridSample", T(2, 2, 4, 5), T(2, 3, 3, 2, kind="small", constant=mode == "nearest"), mode=mode, paddingMode=padding, alignCorners=align)
      for mode in ("bilinear", "nearest") for padding in ("zeros", "border", "reflection") for align in (False, True)],
    function("gridSample", T(2, 2, 4, 5), T(2, 3, 3, 2), paddingMode="reflection", alignCorners=False),
    function("gridSample", T(2, 2, 4, 5), T(2, 3, 3, 2), alignCorners=False),
    function("rmsNorm", T(2, 3, 4), [3, 4], T(3, 4), eps=1e-3),
    function("scaledDotProductAttention", T(2, 3, 5, 4), T(2, 3, 6, 4), T(2, 3, 6, 7)),
    function("scaledDotProductAttention", T(5, 4), T(6, 4), T(6, 4), scale=0.3),
    function("scaledDotProductAttention", T(2, 5, 4), T(2, 5, 4), T(2, 5, 4), isCausal=True),
    function("scaledDotProductAttention", T(2, 3, 5, 4), T(2, 3, 5, 4), T(2, 3, 5, 4), attnMask=CAUSAL_LOOKS),
    function("scaledDotProductAttention", T(2, 3, 5, 4), T(2, 3, 6, 4), T(2, 3, 6, 4), attnMask=T(2, 1, 5, 6)),
    function("scaledDotProductAttention", T(2, 3, 5, 4), T(2, 3, 6, 4), T(2, 3, 6, 4), dropoutP=0.4),
    function("adaptiveMaxPool2d", T(1, 2, 5, 4), [2, 3], python="adaptive_max_pool2d"),
    function("fold", T(2, 8, 12), [4, 5], [2, 2]),
    function("channelShuffle", T(2, 6, 2, constant=True), 2),
    function("localResponseNorm", T(2, 5, 3), 3, alpha=0.1),
    function("maxPool1d", T(2, 3, 9), 3, padding=1, dilation=2, python="max_pool1d"),
    function("avgPool3d", T(1, 2, 4, 4, 4), 2, stride=1, divisorOverride=3, python="avg_pool3d"),
    function("lpPool2d", T(1, 2, 5, 5, kind="positive"), 2, [2, 3], python="lp_pool2d"),
    function("dropout2d", T(4, 5, 2, 2), p=0.3, python="dropout2d"),
    function("embeddingBag", I(5, 7), T(5, 4), offsets=T(3, kind="index", values=[0, 2, 4]), mode="max"),
    function("threshold", T(3, 4), 0.5, -1.0),
    function("normalize", T(2, 3, 4), p=3.0, dim=-1, eps=0.5),
    function("conv1d", T(2, 4, 8), T(6, 2, 3), None, groups=2, padding="same", python="conv1d"),
    function("conv3d", T(1, 2, 4, 4, 4), T(3, 2, 2, 2, 2), T(3), stride=2, dilation=2, python="conv3d"),
    function("instanceNorm", T(2, 3, 4), T(3, constant=True), T(3, kind="positive", constant=True), T(3), T(3), useInputStats=False),
    function("batchNorm", T(4, 3), T(3, constant=True), T(3, kind="positive", constant=True), T(3), T(3), training=True, momentum=0.3),
]

INIT = [
    layer(name, *args, inputs=[], **options)
    for name, args, options in (
        ("Linear", (5, 3), {}), ("Linear", (5, 3), {"bias": False}), ("Bilinear", (3, 4, 5), {}),
        ("Conv1d", (3, 4, 3), {}), ("Conv2d", (3, 8, 3), {}), ("Conv2d", (4, 8, [3, 2]), {"groups": 2}), ("Conv3d", (2, 3, 2), {}),
        ("ConvTranspose1d", (3, 4, 3), {}), ("ConvTranspose2d", (3, 4, 3), {}), ("ConvTranspose3d", (2, 3, 2), {}),
        ("BatchNorm2d", (3,), {}), ("LayerNorm", (4,), {}), ("GroupNorm", (2, 4), {}), ("PReLU", (), {"numParameters": 2}),
        ("Embedding", (6, 5), {}), ("Embedding", (6, 3), {"paddingIdx": 1}), ("EmbeddingBag", (4, 3), {"mode": "sum"}),
        ("RNN", (3, 4), {"numLayers": 2}), ("GRU", (3, 4), {"bidirectional": True}),
        ("LSTM", (3, 4), {"numLayers": 2, "projSize": 2, "bidirectional": True}), ("LSTM", (3, 4), {"bias": False}),
        ("LSTMCell", (3, 4), {}), ("GRUCell", (3, 4), {}), ("RNNCell", (3, 4), {}),
        ("MultiheadAttention", (8, 2), {}), ("MultiheadAttention", (8, 2), {"kdim": 3, "vdim": 5, "addBiasKv": True}),
        ("TransformerEncoderLayer", (8, 2), {"dimFeedforward": 12}),
        ("TransformerDecoderLayer", (8, 2), {"dimFeedforward": 12}),
        ("Transformer", (), {"dModel": 8, "nhead": 2, "numEncoderLayers": 2, "numDecoderLayers": 1, "dimFeedforward": 12}),
    )
]


def initialiser(name, *shape, args=(), **options):
    case = {"initialiser": name, "shape": list(shape)}
    if args:
        case["args"] = list(args)
    if options:
        case["options"] = options
    return case


INITIALISERS = [
    initialiser("uniform_", 4, 5), initialiser("uniform_", 4, 5, args=(-2.0, 3.0)),
    initialiser("normal_", 4, 5), initialiser("normal_", 3, 3, args=(1.0, 0.1)),
    initialiser("constant_", 2, 3, args=(0.3,)), initialiser("ones_", 2, 3), initialiser("zeros_", 2, 3),
    initialiser("eye_", 3, 4), initialiser("dirac_", 4, 3, 3), initialiser("dirac_", 4, 2, 3, 3, groups=2),
    initialiser("xavierUniform_", 4, 5), initialiser("xavierUniform_", 4, 5, 3, gain=1.5),
    initialiser("xavierNormal_", 4, 5), initialiser("xavierNormal_", 4, 5, 3, 3, gain=0.5),
    initialiser("kaimingUniform_", 4, 5), initialiser("kaimingUniform_", 4, 5, 3, a=0.3, mode="fan_out"),
    initialiser("kaimingNormal_", 4, 5), initialiser("kaimingNormal_", 4, 5, 3, mode="fan_out", nonlinearity="relu"),
    initialiser("truncNormal_", 6, 7), initialiser("truncNormal_", 6, 7, mean=0.5, std=0.4, a=0.0, b=1.0),
    initialiser("truncNormal_", 6, 7, std=0.02),
    initialiser("orthogonal_", 5, 3), initialiser("orthogonal_", 3, 5, gain=2.0), initialiser("orthogonal_", 4, 2, 3),
    initialiser("sparse_", 6, 4, args=(0.3,)), initialiser("sparse_", 6, 4, args=(0.5,), std=1.0),
]

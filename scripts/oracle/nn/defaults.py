"""What PyTorch's layers are when nothing is asked for: each made from its required arguments, with the attributes its options set."""

import inspect

import torch
import torch.nn as nn

# Values for arguments that have no default, by their names.
ARGUMENTS = {
    "in_features": 4, "out_features": 3, "in1_features": 4, "in2_features": 3, "in_channels": 4, "out_channels": 4,
    "kernel_size": 2, "num_features": 4, "normalized_shape": 4, "num_groups": 2, "num_channels": 4, "num_embeddings": 5,
    "embedding_dim": 3, "input_size": 3, "hidden_size": 4, "embed_dim": 8, "num_heads": 2, "d_model": 8, "nhead": 2,
    "output_size": 2, "norm_type": 2, "padding": 1, "value": 0.5, "threshold": 1, "size": 2, "dim": 1,
    "unflattened_size": [2, 2], "upscale_factor": 2, "downscale_factor": 2, "groups": 2,
}
# Built from other layers or from any arguments at all, bases, and what the library does not have.
LEFT_OUT = {
    "Identity", "Module", "ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential", "Container", "Parameter",
    "TransformerEncoder", "TransformerDecoder", "Transformer", "UninitializedBuffer", "UninitializedParameter",
    "RNNBase", "RNNCellBase", "NLLLoss2d", "CrossMapLRN2d", "SyncBatchNorm", "DataParallel", "FractionalMaxPool2d",
    "FractionalMaxPool3d", "AdaptiveLogSoftmaxWithLoss",
}
# PyTorch warns where this is left out; here it has to be given.
REQUIRED = {"Softmax": ["dim"], "LogSoftmax": ["dim"], "Softmin": ["dim"]}
# Options of the old kind, and those that have no meaning here.
NOT_PORTED = {"size_average", "reduce", "device", "dtype", "sparse", "_weight", "inplace"}


def plain(value):
    """What JSON can hold of an attribute: of a tensor its shape."""
    if isinstance(value, torch.Tensor):
        return {"shape": list(value.shape)}
    if isinstance(value, (tuple, list)):
        return [plain(each) for each in value]
    return value


def signature(layer):
    # The recurrent layers take anything and hand it on.
    own = inspect.signature(layer.__init__).parameters
    if layer.__name__ in ("RNN", "LSTM", "GRU"):
        own = {name: p for name, p in inspect.signature(nn.RNNBase.__init__).parameters.items() if name != "mode"}
    return {name: p for name, p in own.items() if name != "self" and p.kind is not p.VAR_KEYWORD and p.kind is not p.VAR_POSITIONAL}


def defaults():
    layers = []
    for name in sorted(vars(nn)):
        layer = getattr(nn, name)
        if not inspect.isclass(layer) or name in LEFT_OUT or name.startswith("Lazy"):
            continue
        parameters = signature(layer)
        required = [key for key, p in parameters.items() if p.default is p.empty or key in REQUIRED.get(name, [])]
        if not all(key in ARGUMENTS for key in required):
            continue
        given = {"size": 2} if name.startswith("Upsampl") else {}
        module = layer(**{key: ARGUMENTS[key] for key in required}, **given)
        options = {
            key: plain(getattr(module, key)) for key, p in parameters.items()
            if key not in NOT_PORTED and key not in required and hasattr(module, key) and not callable(getattr(module, key))
        }
        layers.append({"layer": name, "args": [ARGUMENTS[key] for key in required], "given": given, "defaults": options})
    return layers

"""Runs a case in PyTorch: builds the layer, loads weights by recipe, calls it, and notes what came out and all gradients."""

import re
import warnings

import torch
import torch.nn as nn
import torch.nn.functional as F

import references  # noqa: F401 -- what PyTorch 1.13 lacks
from recipe import described, make, weight

warnings.filterwarnings("ignore")


def snake(name):
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def value(given, dtype, seed=50):
    """An argument: a tensor by recipe, another layer, or itself."""
    if isinstance(given, dict) and "shape" in given:
        return make(given, given.get("seed", seed), dtype)
    if isinstance(given, dict) and "new" in given:
        return build(given["new"], dtype)
    if isinstance(given, list):
        return tuple(value(entry, dtype, seed) for entry in given)
    return given


def options(given, dtype):
    renamed = {"maxVal": "max_val", "minVal": "min_val"}
    return {renamed.get(key, snake(key)): value(entry, dtype) for key, entry in given.items()}


def build(case, dtype):
    layer = getattr(nn, case["layer"])
    module = layer(*[value(arg, dtype) for arg in case.get("args", [])], **options(case.get("options", {}), dtype))
    return module.to(dtype)


def flat(output):
    if isinstance(output, torch.Tensor):
        return [output]
    if isinstance(output, nn.utils.rnn.PackedSequence):
        return [output.data]
    if isinstance(output, (tuple, list)):
        return [tensor for entry in output for tensor in flat(entry)]
    return []


def inputs_of(case, dtype):
    inputs = []
    for i, spec in enumerate(case["inputs"]):
        if isinstance(spec, list) and isinstance(spec[0], dict):
            inputs.append(tuple(make(one, 1 + i * 10 + j, dtype) for j, one in enumerate(spec)))
        elif isinstance(spec, dict) and "shape" in spec:
            inputs.append(make(spec, 1 + i, dtype))
        else:
            inputs.append(spec)
    for spec, tensor in zip(case["inputs"], inputs):
        for tensor in tensor if isinstance(tensor, tuple) else [tensor]:
            if isinstance(tensor, torch.Tensor) and tensor.dtype.is_floating_point and not spec_constant(spec):
                tensor.requires_grad_()
    return inputs


def spec_constant(spec):
    return isinstance(spec, dict) and spec.get("constant", False)


def leaves(inputs):
    for entry in inputs:
        for tensor in entry if isinstance(entry, tuple) else [entry]:
            if isinstance(tensor, torch.Tensor) and tensor.requires_grad:
                yield tensor


def backward(outputs):
    total = None
    for i, output in enumerate(outputs):
        if not output.dtype.is_floating_point or not output.requires_grad:
            continue
        part = (output * make({"shape": list(output.shape)}, 500 + i, output.dtype)).sum()
        total = part if total is None else total + part
    if total is not None:
        total.backward()


def run_layer(case, dtype=torch.float64):
    """The case with its results: printed form, keys, outputs, gradients, state afterwards."""
    torch.manual_seed(3)
    module = build(case, dtype)
    with torch.no_grad():
        for index, (name, tensor) in enumerate(module.state_dict().items()):
            if not name.startswith("weight_constant"):
                tensor.copy_(weight(name, tensor, index))
    if case.get("keepWeights"):
        module = build(case, dtype)
    module.train(not case.get("eval", False))
    inputs = inputs_of(case, dtype)
    torch.manual_seed(11)
    called = list(inputs)
    if "pack" in case:
        called[0] = nn.utils.rnn.pack_padded_sequence(
            called[0], torch.tensor(case["pack"]), batch_first=False, enforce_sorted=False)
    call = options(case.get("call", {}), dtype)
    outputs = flat(module(*called, **call))
    backward(outputs)
    result = dict(case)
    result["text"] = repr(module)
    result["state"] = {name: list(tensor.shape) for name, tensor in module.state_dict().items()}
    result["outputs"] = [described(tensor) for tensor in outputs]
    result["inputGradients"] = [described(tensor.grad) if tensor.grad is not None else None for tensor in leaves(inputs)]
    result["parameterGradients"] = {
        name: described(parameter.grad) for name, parameter in module.named_parameters() if parameter.grad is not None
    }
    result["buffers"] = {name: described(buffer) for name, buffer in module.named_buffers()}
    if any(parameter.grad is not None for parameter in module.parameters()):
        update(module, [detached(entry) for entry in called], call)
        result["updated"] = {name: described(tensor) for name, tensor in module.state_dict().items()}
    return result


def detached(entry):
    """An input without its graph, so that the first backward pass doesn't stand in the way of others."""
    if isinstance(entry, tuple) and not isinstance(entry, nn.utils.rnn.PackedSequence):
        return tuple(detached(each) for each in entry)
    if isinstance(entry, nn.utils.rnn.PackedSequence):
        return entry._replace(data=entry.data.detach())
    return entry.detach() if isinstance(entry, torch.Tensor) else entry


def update(module, called, call):
    """50 updates of SGD with momentum towards outputs by recipe."""
    optimizer = torch.optim.SGD(module.parameters(), lr=0.01, momentum=0.9)
    for _ in range(50):
        optimizer.zero_grad()
        loss = None
        for i, output in enumerate(flat(module(*called, **call))):
            if not output.dtype.is_floating_point or not output.requires_grad:
                continue
            part = (output - make({"shape": list(output.shape)}, 700 + i, output.dtype)).square().mean()
            loss = part if loss is None else loss + part
        loss.backward()
        optimizer.step()


def run_function(case, dtype=torch.float64):
    torch.manual_seed(11)
    function = getattr(F, case.get("python") or snake(case["function"]))
    inputs = inputs_of(case, dtype)
    output = function(*inputs, **options(case.get("options", {}), dtype))
    outputs = flat(output)
    backward(outputs)
    result = dict(case)
    result["outputs"] = [described(tensor) for tensor in outputs]
    result["inputGradients"] = [described(tensor.grad) if tensor.grad is not None else None for tensor in leaves(inputs)]
    return result


def run_init(case):
    """What a layer draws when it is made: float32, seed 7."""
    torch.manual_seed(7)
    module = build(case, torch.float32)
    result = dict(case)
    result["parameters"] = {name: described(parameter) for name, parameter in module.named_parameters()}
    result["next"] = torch.rand(1).item()
    return result


def run_initialiser(case):
    torch.manual_seed(7)
    tensor = torch.zeros(case["shape"])
    getattr(nn.init, snake(case["initialiser"][:-1]) + "_")(tensor, *case.get("args", []), **options(case.get("options", {}), torch.float32))
    result = dict(case)
    result["result"] = described(tensor)
    result["next"] = torch.rand(1).item()
    return result

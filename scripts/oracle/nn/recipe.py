"""Inputs and weights by recipe: numbers that this file and test/nn/recipe.ts make alike, so that they need no storing.

Every float is a multiple of a power of two and so exact in float32 as well as in float64.
"""

import math

import torch

PRIME = 2017


def words(count, seed):
    """`count` whole numbers from 0 to 2016 that depend on the seed and their place."""
    result = []
    for place in range(count):
        x = (place + seed * 7919 + 1) % PRIME
        result.append((x * x * x + 5 * x * x + 3 * x + place // PRIME) % PRIME)
    return result


def make(spec, seed, dtype):
    """A tensor: spec is {"shape", "kind"?, "high"?, "low"?, "values"?}."""
    shape = spec["shape"]
    count = 1
    for size in shape:
        count *= size
    kind = spec.get("kind", "float")
    k = words(count, seed)
    if "values" in spec:
        kinds = {"index": torch.int64, "bool": torch.bool}
        return torch.tensor(spec["values"], dtype=kinds.get(kind, dtype)).reshape(shape)
    if kind == "float":
        flat = torch.tensor([(x - 1008) / 256 for x in k], dtype=dtype)
    elif kind == "small":
        flat = torch.tensor([(x - 1008) / 2048 for x in k], dtype=dtype)
    elif kind == "positive":
        flat = torch.tensor([(x + 64) / 1024 for x in k], dtype=dtype)
    elif kind == "unit":
        flat = torch.tensor([(x % 257) / 256 for x in k], dtype=dtype)
    elif kind == "sign":
        flat = torch.tensor([1.0 if x % 2 else -1.0 for x in k], dtype=dtype)
    elif kind == "index":
        low, high = spec.get("low", 0), spec["high"]
        flat = torch.tensor([low + x % (high - low) for x in k], dtype=torch.int64)
    elif kind == "bool":
        flat = torch.tensor([x % 3 == 0 for x in k], dtype=torch.bool)
    else:
        raise ValueError(kind)
    return flat.reshape(shape)


def weight(name, tensor, index):
    """What an entry of a state dict is set to before a case runs."""
    if not tensor.dtype.is_floating_point:
        return torch.zeros_like(tensor)
    kind = "positive" if name.endswith(("running_var", "weight_g")) else "small"
    return make({"shape": list(tensor.shape), "kind": kind}, 100 + index, tensor.dtype)


def rounded(value):
    """13 digits; what JSON has no number for as JavaScript writes it."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return float(f"{value:.13g}")


def described(tensor):
    """A tensor as its shape, a few of its values and a weighted sum of all of them."""
    flat = tensor.detach().reshape(-1)
    if flat.dtype == torch.bool:
        flat = flat.to(torch.int64)
    count = flat.numel()
    result = {"shape": list(tensor.shape)}
    step = max(1, count // 12)
    picked = flat[::step]
    result["values"] = [rounded(x) if flat.dtype.is_floating_point else int(x) for x in picked.tolist()]
    if step > 1:
        weights = make({"shape": [count]}, 999, torch.float64)
        result["sum"] = rounded((flat.to(torch.float64) * weights).sum().item())
    return result

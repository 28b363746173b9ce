"""What the optimisers and schedulers are given, in numbers that test/optim/prescribed.ts makes too, and how results are written.

Names of options are the library's (camelCase) and are turned into PyTorch's here.
"""

import math
import re

import torch

SHAPES = [[2, 3], [3], []]


def snake(name):
    return re.sub(r"([A-Z])", lambda match: "_" + match.group(1).lower(), name)


def keywords(options):
    return {snake(name): tuple(value) if isinstance(value, list) else value for name, value in options.items()}


def noise(n):
    """A number in [-1, 1) from a whole number: the same in every language with 53-bit floats."""
    return ((1103515245 * (n % 100000) + 12345) % 2147483648) / 1073741824 - 1


def values(start, shape):
    count = math.prod(shape)
    return torch.tensor([noise(start + i) for i in range(count)], dtype=torch.float64).reshape(shape)


def initial(p):
    return values(1000 * (p + 1), SHAPES[p])


def gradient(step, p):
    """The gradient of parameter p at a step (from 1). The second has none at every seventh step."""
    if p == 1 and step % 7 == 3:
        return None
    return values(37 * step + 5000 * (p + 1), SHAPES[p])


def plain(value, single):
    if isinstance(value, torch.Tensor):
        return plain(value.tolist(), single)
    if isinstance(value, (list, tuple)):
        return [plain(each, single) for each in value]
    # The shortest digits that give the same float32 back.
    if single and isinstance(value, float) and math.isfinite(value):
        return float(str(torch.tensor(value, dtype=torch.float32).numpy()))
    return value

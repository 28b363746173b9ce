"""The table of operations with their sample inputs, and how a case is run in PyTorch.

`operation(name)` registers an operation under its name here (camelCase) and how PyTorch is called for it; `.case(...)` adds a
sample: positional arguments as in TypeScript, keyword arguments for the fields of the trailing options object.
"""

import base64
import dataclasses
import math
import re
import warnings

import numpy as np
import torch
import torch.nn.functional as F

from recipe import DTYPES, NAMES, Recipe, weights

warnings.filterwarnings("ignore")
REFUSALS = (RuntimeError, IndexError, TypeError, ValueError, NotImplementedError, OverflowError)


class Big(int):
    """An integer that is a bigint in TypeScript."""


def snake(name):
    return re.sub(r"[A-Z]", lambda match: "_" + match.group(0).lower(), name)


def camel(name):
    return re.sub(r"_([a-z])", lambda match: match.group(1).upper(), name)


def pytorch_function(name):
    """The PyTorch function of the same name: torch's own, a tensor's method or one of nn.functional."""
    own = snake(name)
    for home in (torch.Tensor if own.endswith("_") else torch, torch.Tensor, F):
        if hasattr(home, own):
            return getattr(home, own)
    raise AttributeError(f"no PyTorch function {own} for {name}: give one")


class Operation:
    def __init__(self, name, call=None):
        self.name = name
        self.call = call or pytorch_function(name)
        self.cases = []

    def case(self, *args, through=None, tolerance=None, because=None, check=None, **options):
        """Adds a sample. `through`: a view of the first operand (method and arguments) that an in-place operation is
        called on. `tolerance`: relative, with the reason `because`. `check=False`: no comparison with finite differences."""
        if (tolerance is None) != (because is None):
            raise ValueError(f"{self.name}: a tolerance of its own needs a reason")
        number = len(self.cases)
        place = 0

        def seeded(value):
            nonlocal place
            if isinstance(value, Recipe):
                place += 1
                return dataclasses.replace(value, seed=value.seed or place + 7 * number)
            if isinstance(value, (list, tuple)):
                return [seeded(entry) for entry in value]
            return value

        args = [seeded(arg) for arg in args]
        options = {key: seeded(value) for key, value in options.items()}
        self.cases.append(Case(self, args, options, through, tolerance, because, check))
        return self

    def cases_of(self, *samples):
        for sample in samples:
            self.case(*(sample if isinstance(sample, tuple) else (sample,)))
        return self


@dataclasses.dataclass
class Case:
    operation: Operation
    args: list
    options: dict
    through: tuple | None
    tolerance: float | None
    because: str | None
    check: bool | None

    def encode(self):
        entry = {"op": self.operation.name, "args": [encode(arg) for arg in self.args]}
        if self.options:
            entry["args"].append({"options": {camel(key): encode(value) for key, value in self.options.items()}})
        if self.through:
            entry["through"] = encode(list(self.through))
        if self.tolerance:
            entry["tolerance"] = self.tolerance
            entry["because"] = self.because
        if self.check is False:
            entry["check"] = False
        return entry

    def run(self):
        """The case with what PyTorch makes of it."""
        entry = self.encode()
        leaves = []

        def made(value):
            if isinstance(value, Recipe):
                tensor = value.make()
                leaves.append(tensor)
                return tensor
            if isinstance(value, list):
                return [made(item) for item in value]
            return value

        args = [made(arg) for arg in self.args]
        options = {key: made(DTYPES[value] if key == "dtype" else value) for key, value in self.options.items()}
        in_place = self.operation.name.endswith("_")
        operand = leaves[0] if leaves else None
        try:
            if in_place:
                changed = operand.clone() if any(leaf.requires_grad for leaf in leaves) else operand
                target = changed
                if self.through:
                    method, *rest = self.through
                    target = getattr(changed, snake(method))(*rest)
                args[0] = target
                result = self.operation.call(*args, **options)
                results = [changed]
            else:
                result = self.operation.call(*args, **options)
                results = flattened(result)
        except REFUSALS as error:
            entry["error"] = str(error).split("\n")[0]
            return entry
        entry["out"] = [described(value, None if in_place else operand) for value in results]
        wanted = [leaf for leaf in leaves if leaf.requires_grad]
        outputs = [(i, value) for i, value in enumerate(results) if isinstance(value, torch.Tensor) and value.requires_grad]
        if wanted and outputs:
            try:
                gradients = torch.autograd.grad(
                    [value for _, value in outputs], wanted, allow_unused=True,
                    grad_outputs=[weights(value.shape, NAMES[value.dtype], i) for i, value in outputs])
                entry["grad"] = [None if gradient is None else packed(gradient) for gradient in gradients]
            except REFUSALS as error:
                entry["gradError"] = str(error).split("\n")[0]
        return entry


def flattened(result):
    if isinstance(result, (list, tuple)):
        return [value for entry in result for value in flattened(entry)]
    return [result]


def packed(tensor):
    plain = tensor.detach().resolve_neg().contiguous()
    array = (plain.float() if plain.dtype == torch.bfloat16 else plain).numpy()
    return base64.b64encode(array.tobytes()).decode()


def described(value, operand):
    if not isinstance(value, torch.Tensor):
        return {"value": encode(value)}
    entry = {"shape": list(value.shape), "dtype": NAMES[value.dtype], "data": packed(value)}
    if value.requires_grad:
        entry["grad"] = True
    if operand is not None and value.numel() > 0 and shares(value, operand):
        entry["view"] = [value.storage_offset(), *value.stride()]
    return entry


def shares(a, b):
    return a.storage().data_ptr() == b.storage().data_ptr()


def encode(value):
    if isinstance(value, Recipe):
        return {"T": value.encode()}
    if isinstance(value, slice):
        return {"slice": [value.start, value.stop, value.step]}
    if value is Ellipsis:
        return "..."
    if isinstance(value, Big):
        return {"big": str(int(value))}
    if isinstance(value, (list, tuple)):
        return [encode(entry) for entry in value]
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 2**53 and value != 0:
            raise ValueError(f"{value} is a whole number in TypeScript: write an int")
        if not math.isfinite(value):
            return {"number": "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}
        if value == 0 and math.copysign(1, value) < 0:
            return {"number": "-0"}
    if isinstance(value, np.generic):
        return value.item()
    return value


OPERATIONS = {}


def operation(name, call=None):
    """The operation of that name, registered when first asked for."""
    if name not in OPERATIONS:
        OPERATIONS[name] = Operation(name, call)
    return OPERATIONS[name]


def all_cases():
    return [case for entry in OPERATIONS.values() for case in entry.cases]

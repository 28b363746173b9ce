"""Tensors and how PyTorch prints them."""

import torch

from recipe import DTYPES, G, T
from table import encode, snake

KINDS = ("normal", "positive", "large", "tiny", "special", "common", "ties", "zeros", "ones", "probability")
SHAPES = ((), (1,), (3,), (2, 3), (2, 3, 4), (2, 2, 2, 2), (9,), (30,), (3, 17), (1, 1))
LARGE = ((1000,), (1001,), (40, 40), (7, 1, 200), (3, 4, 100), (2, 600), (1200, 1), (11, 11, 11))
EMPTY = ((0,), (0, 3), (2, 0), (2, 0, 3))
NAN, INF = float("nan"), float("inf")
VALUES = [
    [1e-5, 1], [1, 1000.5], [1, 1000], [1, 1001], [1.5, 1500.5], [1.5, 1501.5], [1e8], [1e8 + 8], [1e9], [1e-4], [9.9e-5], [0.5, 1e-4], [1e8, 0.5],
    [NAN], [INF], [-INF, 1], [1, NAN], [1.5, NAN], [1.5, INF, -2.25], [1e-7, NAN], [-0.0], [0.0, -0.0, 1.5], [0.1, 0.25, 100.125], [-1.5, 22.75],
    [0.00005], [0.00015], [2.00005, 1], [0.99995], [0.999951, 1], [9.99995], [123456.789], [16777216, 1], [99999999], [1e38, 1], [3e-39], [1e-45],
    [0.5], [1], [-1], [10, -10], [-1, 1.5], [0.1], [1e20], [1e-20], [1e3, 1e-1], [2.5e-5, -1], [12345678.5], [99999.99],
    [[1.5, -2], [3, 4.25]], [[[1], [2]], [[3], [4]]], [[NAN, 1], [2, INF]], [[1e-6, 1], [100, 1000]],
]
INTEGERS = [[1], [-1, 10], [100, -1000, 5], [0], [[1, 20], [-300, 4]], [2**31 - 1], [-(2**31)]]
# Not sci_mode=True: PyTorch then takes its columns' width from the numbers as they are without it.
OPTIONS = [{"precision": 2}, {"precision": 8}, {"precision": 0}, {"sci_mode": False}, {"linewidth": 40}, {"linewidth": 200}, {"threshold": 5},
           {"threshold": 5, "edgeitems": 1}, {"edgeitems": 2, "threshold": 10}, {"precision": 3, "linewidth": 60}]


def cases():
    for shape in SHAPES:
        for kind in KINDS:
            yield {"tensor": T(shape, "float32", kind, seed=len(shape) + 3)}
        for dtype in DTYPES:
            yield {"tensor": T(shape, dtype, seed=4)}
        yield {"tensor": G(shape, seed=5)}
    for shape in LARGE:
        yield {"tensor": T(shape, seed=6)}
        yield {"tensor": T(shape, "int64", seed=6)}
        yield {"tensor": T(shape, "float64", "large", seed=6)}
    for shape in EMPTY:
        for dtype in ("float32", "float64", "int64", "bool"):
            yield {"tensor": T(shape, dtype)}
        yield {"tensor": G(shape)}
    for layout in ("T", "S", "E", "O", "P"):
        yield {"tensor": T((3, 4), layout=layout, seed=8)}
        yield {"tensor": T((40, 50), layout=layout, seed=8)}
    for values in VALUES:
        yield {"data": values, "dtype": "float32"}
        yield {"data": values, "dtype": "float64"}
        if not isinstance(values[0], list):
            yield {"data": values[0], "dtype": "float32"}
    for values in INTEGERS:
        for dtype in ("int64", "int32"):
            yield {"data": values, "dtype": dtype}
    for options in OPTIONS:
        for recipe in (T((2, 3), seed=9), T((30,), seed=9), T((4, 20), "float64", "large", seed=9), T((3, 3), kind="special"), T((12,), "int64", seed=9)):
            yield {"tensor": recipe, "options": options}
    for operation, *args in (("add", 1), ("mul", 2), ("exp",), ("sum",), ("neg",), ("abs",), ("mean",), ("clone",), ("view", [-1]), ("select", 0, 1), ("unsqueeze", 0)):
        for shape in ((2, 3), (5, 4)):
            for dtype in ("float32", "float64"):
                yield {"tensor": G(shape, dtype=dtype, seed=2), "operation": [operation, *args]}


def printed(case):
    if "tensor" in case:
        tensor = case["tensor"].make()
    else:
        tensor = torch.tensor(case["data"], dtype=DTYPES[case["dtype"]])
    if "operation" in case:
        name, *args = case["operation"]
        tensor = getattr(tensor, snake(name))(*args)
    torch.set_printoptions(**case.get("options", {}))
    try:
        return repr(tensor)
    finally:
        torch.set_printoptions(profile="default")


def whole(value):
    """Numbers as JSON writes them, whole ones without a fraction."""
    if isinstance(value, list):
        return [whole(entry) for entry in value]
    return encode(int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 and str(value) != "-0.0" else value)


def results():
    for case in cases():
        entry = {"text": printed(case)}
        if "tensor" in case:
            entry["tensor"] = encode(case["tensor"])
        else:
            entry["data"], entry["dtype"] = whole(case["data"]), case["dtype"]
        if "operation" in case:
            entry["operation"] = case["operation"]
        if "options" in case:
            entry["options"] = {"sciMode" if key == "sci_mode" else key: value for key, value in case["options"].items()}
        yield entry

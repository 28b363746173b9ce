"""Tensors by recipe: small numbers that this file and test/oracle/recipe.ts make alike, so that inputs need no storing.

A recipe is a shape, a dtype, a kind of values, a layout in memory, a seed and whether a gradient is asked for. The values
fill a contiguous base in the order of its memory; the layout says which view of the base is meant.
"""

from dataclasses import dataclass

import numpy as np
import torch

DTYPES = {
    "float32": torch.float32,
    "float64": torch.float64,
    "int64": torch.int64,
    "int32": torch.int32,
    "int16": torch.int16,
    "int8": torch.int8,
    "uint8": torch.uint8,
    "bool": torch.bool,
    "bfloat16": torch.bfloat16,
}
NAMES = {dtype: name for name, dtype in DTYPES.items()}
FLOATS = ("float32", "float64")
INTEGERS = ("int64", "int32", "int16", "int8", "uint8")

INF, NAN = float("inf"), float("nan")
COMMON = [0.0, -0.0, INF, -INF, NAN, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -2.5, 2.0, 3.0, -3.0, 88.0, -88.0, 710.0, 8589934592.0,
          1.1641532182693481e-10]
EXTREMES = {
    "float32": [3.4028234663852886e38, -3.4028234663852886e38, 1.401298464324817e-45, 1.1754943508222875e-38],
    "float64": [1.7976931348623157e308, -1.7976931348623157e308, 5e-324, 2.2250738585072014e-308],
}


def specials(dtype):
    """The values of kind 'special': what breaks careless code."""
    if dtype == "bfloat16":
        return COMMON
    if dtype in FLOATS:
        return COMMON + EXTREMES[dtype]
    if dtype == "bool":
        return [True, False]
    info = torch.iinfo(DTYPES[dtype])
    low, high = info.min, info.max
    values = [0, 1, 2, 7, 100, high, high - 1, low, low + 1]
    return values if dtype == "uint8" else values + [-1, -2, -7, -100]


def bits(seed, count):
    """`count` words of 32 bits that depend on the seed and their place."""
    place = np.arange(count, dtype=np.uint64)
    mask = np.uint64(0xFFFFFFFF)
    x = (np.uint64(seed) * np.uint64(0x9E3779B1) + place * np.uint64(0x85EBCA6B) + np.uint64(0x6A09E667)) & mask
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x ^= x >> np.uint64(shift)
        x = (x * np.uint64(factor)) & mask
    return x ^ (x >> np.uint64(16))


def values(count, dtype, kind, seed):
    """The values of a base, in the order of its memory. Every float32 and float64 is exact."""
    if kind == "special":
        cycle = specials(dtype)
        return [cycle[i % len(cycle)] for i in range(count)]
    if kind == "common":
        return [COMMON[i % len(COMMON)] for i in range(count)]
    if kind in ("zeros", "ones"):
        return [int(kind == "ones")] * count
    words = bits(seed, count)
    if dtype == "bool":
        return [bool(word & np.uint64(1)) for word in words]
    u = (words >> np.uint64(8)).astype(np.float64) / 2**24 if dtype == "float32" else words.astype(np.float64) / 2**32
    if kind.startswith("below:"):
        return np.floor(u * int(kind[6:])).tolist()
    if kind == "ties":
        small = np.floor(u * 7) - 3
        return (small + 3 if dtype == "uint8" else small).tolist()
    if kind == "nonzero":
        small = np.floor(u * 6) - 3
        small = np.where(small >= 0, small + 1, small)
        return (np.abs(small) if dtype == "uint8" else small).tolist()
    if dtype in INTEGERS:
        if kind == "positive":
            return (np.floor(u * 9) + 1).tolist()
        whole = np.floor(u * 21)
        return (whole if dtype == "uint8" else whole - 10).tolist()
    scale, shift = {
        "normal": (6, -3),
        "positive": (3, 0.125),
        "unit": (1.875, -0.9375),
        "above": (3, 1.125),
        "probability": (1, 0),
        "large": (2000, -1000),
        "tiny": (2**-20, 0),
    }[kind]
    return (u * scale + shift).tolist()


@dataclass(frozen=True)
class Recipe:
    shape: tuple
    dtype: str = "float32"
    kind: str = "normal"
    layout: str = "C"
    grad: bool = False
    seed: int = 0

    def encode(self):
        sizes = ",".join(map(str, self.shape))
        return f"{sizes}|{self.dtype}|{self.kind}|{self.layout}|{'g' if self.grad else ''}|{self.seed}"

    def base_shape(self):
        shape = list(self.shape)
        if self.layout == "T":
            shape[-1], shape[-2] = shape[-2], shape[-1]
        elif self.layout == "S":
            shape[-1] = 2 * shape[-1] + 1
        elif self.layout == "E":
            shape[0] = 1
        elif self.layout == "O":
            shape = [2, *shape]
        elif self.layout == "P":
            shape.reverse()
        return shape

    def lay_out(self, base):
        if self.layout == "T":
            return base.transpose(-1, -2)
        if self.layout == "S":
            return base[..., 1::2]
        if self.layout == "E":
            return base.expand(self.shape)
        if self.layout == "O":
            return base.select(0, 1)
        if self.layout == "P":
            return base.permute(*reversed(range(base.ndim)))
        return base

    def make(self):
        shape = self.base_shape()
        flat = values(int(np.prod(shape, dtype=np.int64)), self.dtype, self.kind, self.seed)
        dtype = DTYPES[self.dtype]
        if self.dtype in INTEGERS:
            flat = [int(value) for value in flat]
        tensor = self.lay_out(torch.tensor(flat, dtype=dtype).reshape(shape)).detach()
        return tensor.requires_grad_() if self.grad else tensor


def T(shape=(2, 3), dtype="float32", kind="normal", layout="C", grad=False, seed=0):
    """A recipe; `shape` may be a number for one dim. Seeds left at 0 become the argument's place when the case is made."""
    return Recipe((shape,) if isinstance(shape, int) else tuple(shape), dtype, kind, layout, grad, seed)


def G(shape=(2, 3), kind="normal", layout="C", dtype="float32", seed=0):
    """A recipe that asks for a gradient."""
    return T(shape, dtype, kind, layout, True, seed)


def N(shape=(2, 3), kind="normal", layout="C", dtype="float32", seed=0):
    """As `G`, without asking."""
    return T(shape, dtype, kind, layout, False, seed)


def weights(shape, dtype, seed):
    """What gradients are taken with: the gradient of a sum of the results weighted by these."""
    layout = "T" if seed % 2 == 1 and len(shape) >= 2 else "C"
    return Recipe(tuple(shape), dtype, "normal", layout, False, 1000 + seed).make()

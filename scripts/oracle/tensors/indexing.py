"""Samples of elements picked by position or condition, and of writing them back."""

import torch

from recipe import G, Recipe, T
from table import operation


def index(input, *specs):
    return input[tuple(spec if not isinstance(spec, list) else torch.tensor(spec) for spec in specs)]


def I(shape, size, seed=0, dtype="int64"):
    """An index tensor with entries below `size`."""
    return T(shape, dtype, f"below:{size}", seed=seed)


S = slice
SPECS = [
    [0], [-1], [1, 2], [S(None)], [S(1, 3)], [S(None, None, 2)], [S(-3, -1)], [S(1, None), 0], [0, S(None, 2)], [None], [None, 0], [0, None], [...], [..., 0], [0, ...], [..., None],
    [S(None), None, 1], [S(0, 0)], [S(3, 1)], [S(10, 20)], [1, ..., S(0, 2)], [None, ..., None], [S(None, None, 3), S(1, None, 2)],
    [I((2,), 4)], [I((2, 2), 4)], [I((), 4)], [I((0,), 4)], [S(None), I((3,), 5)], [I((3,), 4), I((3,), 5)], [I((2, 1), 4), I((3,), 5)], [I((2,), 4), S(1, 3)], [I((2,), 4), 1],
    [1, I((2,), 5)], [..., I((2,), 5)], [None, I((2,), 4)], [I((2,), 4), None], [I((2,), 4), None, I((2,), 5)], [I((2,), 4, dtype="int32")], [I((2,), 4, dtype="uint8")],
    [[0, 2, -1]], [[-1, -4], [0, 1]], [T((4,), "bool")], [T((4, 5), "bool")], [S(None), T((5,), "bool")], [T((4,), "bool", "zeros")], [T((4,), "bool", "ones"), 0], [T((), "bool")], [True], [False],
    [T((4,), "bool", "ones"), I((4,), 5)], [0, T((5,), "bool")], [S(None, None, 2), T((5,), "bool", seed=3)],
    [4], [-5], [0, 0, 0], [I((2,), 9, seed=2)], [T((3,), "bool")], [T((5,), "bool")], [T((2,), "float32")], [..., ...], [I((2,), 4), I((3,), 5)], [S(None, None, 0)], [S(None, None, -1)], [[5]],
]
DEEP = [
    [I((2,), 2), S(None), I((2,), 4)], [S(None), I((2,), 3), I((2,), 4)], [I((2,), 2), I((2,), 3), S(None)], [I((2,), 2), None, S(None), I((2,), 4)], [0, I((2,), 3)], [0, S(None), I((2,), 4)], [I((2,), 2), 0],
    [I((2,), 2), S(1, None), I((2, 2), 4, seed=4)], [S(None), 0, I((3,), 4)], [..., I((2,), 3), I((2,), 4)], [T((2, 3), "bool")], [S(None), T((3, 4), "bool")], [T((2,), "bool", "ones"), S(None), I((2,), 4)],
    [None, I((2,), 2), S(None), 1], [I((2,), 2), S(None), None, 1], [S(None), I((1, 2), 3), S(None, None, 2)], [I((2,), 2), 1, I((2,), 4)], [1, S(None), [0, 3]],
]
op = operation("index", index)
for specs in SPECS:
    op.case(G((4, 5)), *specs)
for specs in DEEP:
    op.case(G((2, 3, 4)), *specs).case(G((2, 3, 4), layout="P"), *specs)
for specs in SPECS[:30:3]:
    op.case(G((4, 5), layout="T"), *specs).case(T((4, 5), "int64", layout="S"), *specs)
op.cases_of((G((4, 5)),), (G(()), ...), (G(()), None), (T(()), 0), (G(()), True), (T((0, 3)), I((0,), 1)), (T((0, 3)), I((1,), 1)), (G((3,)), [0, 0, 0, 2]), (T((3,), "bool"), [1, 2]), (G((3,), dtype="float64"), [2, 0]))


def put(input, specs, value, accumulate=False):
    specs = tuple(spec if not isinstance(spec, list) else torch.tensor(spec) for spec in specs)
    if accumulate:
        value = value if isinstance(value, torch.Tensor) else torch.as_tensor(value, dtype=input.dtype)
        return torch.ops.aten.index_put_(input, list(specs), value, True)
    input[specs if specs else ...] = value
    return input


def unambiguous(specs):
    """No place is written twice, which has no one gradient."""
    return not any(isinstance(spec, Recipe) and spec.dtype != "bool" for spec in specs)


op = operation("indexPut_", put)
for specs in SPECS:
    op.case(T((4, 5)), specs, 7)
    if not any(spec is None for spec in specs):
        op.case(G((4, 5)), specs, G(()), check=unambiguous(specs))
for specs in DEEP[::2]:
    op.case(G((2, 3, 4)), specs, 0.5).case(T((2, 3, 4), layout="P"), specs, G(()), check=unambiguous(specs))
op.cases_of(
    (G((4, 5)), [I((3,), 4, seed=11)], G((3, 5))), (G((4, 5)), [S(None), T((5,), "bool", "ones")], G((4, 5))), (G((4, 5)), [S(None), [0, 3]], G((4, 2))), (G((4, 5)), [S(None), [0, 3]], G((2,))),
    (T((4, 5)), [I((3,), 4)], T((4,))), (T((4, 5)), [S(1, 3)], T((2, 5))), (T((4, 5)), [S(1, 3)], G((5,))), (T((4, 5)), [0], T((4,))), (T((4, 5), "int64"), [0], 2.5), (T((4, 5), "int64"), [0], T((5,))),
    (T((4, 5)), [T((4, 5), "bool")], 0), (T((4, 5)), [T((4, 5), "bool", "ones")], T((20,))), (T((4, 5)), [T((4, 5), "bool")], T((3, 3))), (T((4, 5), "bool"), [0], True), (T((4, 5)), [[0, 1], [1, 2]], T((2,), "float64")), (T((4, 5)), [], 3),
    (T((4, 5), layout="T"), [I((2,), 4), S(None)], G((2, 5))), (T((0,)), [I((0,), 1)], 5), (T((4,)), [S(0, 0)], 5), (T((4, 5)), [0], T((1, 1, 5))), (T((4, 5)), [I((2,), 4)], T((1, 2, 5))))
op.case(G((4, 5)), [I((3,), 4)], G((5,)), check=False)
op.case(G((4, 5)), [I((6,), 4)], G((6, 5)), accumulate=True).case(G((4, 5)), [I((6,), 4), I((6,), 5)], G((6,)), accumulate=True).case(G((4, 5)), [I((6,), 4)], G((5,)), accumulate=True).case(
    T((4,), "int64"), [I((6,), 4)], 2, accumulate=True).case(T((4,)), [I((6,), 4)], 1, accumulate=True).case(T((4,)), [I((2,), 9, seed=2)], 1, accumulate=True)
op.case(G((4, 5)), [I((2,), 3)], G((2, 2)), through=("narrow", 1, 1, 2), check=False).case(G((4, 5)), [I((2,), 4)], G((2,)), through=("select", 1, 2), check=False)

op = operation("indexSelect")
op.cases_of((G((4, 5)), 0, I((3,), 4)), (G((4, 5)), 1, I((3,), 5)), (G((4, 5)), -1, I((), 5)), (G((4, 5), layout="T"), 0, I((6,), 4)), (G((2, 3, 4), layout="P"), 1, I((2,), 3)), (T((4, 5)), 0, I((2, 2), 4)), (T((4, 5)), 0, T((2,))),
            (T((4,)), 0, T((2,), "int64", "special")), (T((4,)), 1, I((2,), 4)), (G((4, 5)), 0, I((2,), 4, dtype="int32")), (G(()), 0, I((1,), 1)), (G((4, 5)), 0, I((0,), 4)), (T((0, 3)), 0, I((1,), 1)), (T((4,), "bool"), 0, I((3,), 4)),
            (T((4, 5), "int64"), 1, I((3,), 5)), (T((4,)), 0, T((2,), "uint8", "below:3")), (G((7,), dtype="float64"), 0, I((9,), 7)))
for name in ("indexAdd", "indexAdd_"):
    op = operation(name)
    op.cases_of((G((4, 5)), 0, I((3,), 4), G((3, 5))), (G((4, 5)), 1, I((6,), 5), G((4, 6))), (G((4, 5), layout="T"), -1, I((2,), 5), G((4, 2))), (T((4, 5)), 0, I((3,), 4), T((3, 4))), (T((4,)), 0, I((2,), 9, seed=2), T((2,))),
                (T((4,)), 0, I((2,), 4), T((2,), "float64")), (T((4,), "int64"), 0, I((6,), 4), T((6,), "int64")), (G((4,)), 0, I((), 4), G((1,))), (T((4, 5)), 0, I((2, 1), 4), T((2, 5))), (T((4, 5)), 0, I((0,), 4), T((0, 5))),
                (G((4,), dtype="float64"), 0, I((3,), 4, dtype="int32"), G((3,), dtype="float64")), (T((4,), "bool"), 0, I((2,), 4), T((2,), "bool")))
    op.case(G((4, 5)), 0, I((6,), 4), G((6, 5)), alpha=0.5).case(T((4,), "int64"), 0, I((6,), 4), T((6,), "int64"), alpha=-2)
for name in ("indexCopy", "indexCopy_"):
    operation(name).cases_of((G((4, 5)), 0, I((1,), 4), G((1, 5))), (G((4, 5)), 1, I((1,), 5), G((4, 1))), (T((4,)), 0, I((2,), 9, seed=2), T((2,))), (T((4, 5)), 0, I((2,), 4), T((3, 5))),
                             (T((4, 5)), 0, I((2,), 4), T((2, 4))), (T((4,)), 0, I((1,), 4), T((1,), "float64")), (T((4,), "int64"), 0, I((1,), 4), T((1,), "int64")))
for name in ("indexFill", "indexFill_"):
    operation(name).cases_of((G((4, 5)), 0, I((2,), 4), 7), (G((4, 5)), -1, I((3,), 5), 0.5), (T((4,), "int64"), 0, I((2,), 4), 3), (T((4,)), 0, I((2,), 9, seed=2), 1), (T((4,), "bool"), 0, I((2,), 4), True), (T((4, 5)), 2, I((1,), 4), 1),
                             (G((4, 5), layout="T"), 0, I((2,), 4), -1), (G((4,)), 0, I((2,), 4), G(())), (T((4,)), 0, I((0,), 4), 1))

op = operation("gather")
op.cases_of((G((4, 5)), 0, I((2, 5), 4)), (G((4, 5)), 1, I((4, 3), 5)), (G((4, 5)), -1, I((4, 7), 5)), (G((4, 5)), 0, I((2, 3), 4)), (G((4, 5), layout="T"), 1, I((4, 5), 5)), (G((2, 3, 4), layout="P"), 1, I((2, 2, 3), 3)), (G((4,)), 0, I((6,), 4)),
            (G(()), 0, I((), 1)), (G(()), 0, I((3,), 1)), (G((4,)), 0, I((), 4)), (T((4, 5)), 0, I((4, 6), 4)), (T((4, 5)), 0, I((4,), 4)), (T((4, 5)), 2, I((4, 5), 4)), (T((4,)), 0, T((2,), "int64", "special")), (T((4,)), 0, T((2,))), (T((4,)), 0, I((2,), 4, dtype="int32")),
            (T((4, 5)), 0, I((0, 5), 4)), (T((4, 5), "int64"), 1, I((4, 2), 5)), (T((4, 5), "bool"), 1, I((4, 2), 5)), (G((5,), dtype="float64"), 0, I((9,), 5)), (T((4, 5)), 0, I((0,), 4)))
operation("takeAlongDim", torch.take_along_dim).cases_of((G((4, 5)), I((4, 2), 5), 1), (G((4, 5)), I((1, 5), 4), 0), (G((4, 5)), I((7,), 20)), (T((4, 5)), I((3, 5), 4), 1))
for name in ("scatter", "scatter_"):
    op = operation(name)
    op.cases_of((G((4, 5)), 0, I((1, 5), 4), G((1, 5))), (G((4, 5)), 1, I((4, 1), 5), G((4, 3))), (G((4, 5)), 1, I((2, 1), 5), G((2, 1))), (G((4, 5)), 0, I((2, 5), 4), 2.5), (G((4, 5), layout="T"), 1, I((4, 1), 5), G((4, 2))), (T((4,), "int64"), 0, I((1,), 4), T((2,), "int64")),
                (G((4,)), 0, I((3,), 4), -1), (T((4, 5)), 0, I((2, 6), 4), 1), (T((4, 5)), 0, I((2, 5), 4), T((1, 5))), (T((4,)), 0, I((2,), 9, seed=2), 1), (T((4,)), 0, I((2,), 4), T((2,), "float64")), (T((4,), "bool"), 0, I((2,), 4), True), (G(()), 0, I((), 1), G(())),
                (T((4, 5)), 0, I((2,), 4), 1), (T((4,)), 0, I((2,), 4, dtype="int32"), 1), (T((4, 5)), 0, I((0, 5), 4), T((4, 5))), (T((4, 5)), -1, I((4, 2), 5), 1), (T((4, 5)), 2, I((4, 2), 5), 1), (T((4,), "int64"), 0, I((2,), 4), 2.5))
for name in ("scatterAdd", "scatterAdd_"):
    op = operation(name)
    op.cases_of((G((4, 5)), 0, I((6, 5), 4), G((6, 5))), (G((4, 5)), 1, I((4, 7), 5), G((4, 7))), (G((4, 5)), 1, I((2, 3), 5), G((4, 4))), (G((4,)), 0, I((9,), 4), G((9,))), (T((4,), "int64"), 0, I((9,), 4), T((9,), "int64")), (T((4,)), 0, I((3,), 9, seed=2), T((3,))),
                (T((4,)), 0, I((3,), 4), T((2,))), (T((4,)), 0, I((3,), 4), T((3,), "float64")), (G((4, 5), layout="T"), 0, I((2, 5), 4), G((2, 5))), (G(()), 0, I((), 1), G(())), (T((4, 5)), 0, I((2, 6), 4), T((2, 6))), (G((4,), dtype="float64"), 0, I((5,), 4), G((5,), dtype="float64")))
op = operation("take")
op.cases_of((G((4, 5)), I((3,), 20)), (G((4, 5)), I((2, 2), 20)), (G((4, 5), layout="T"), I((3,), 20)), (T((4,)), T((3,), "int64", "ties")), (T((4,)), T((3,), "int64", "special")), (G(()), I((2,), 1)), (T((4,)), T((2,))), (G((4,)), I((), 4)), (T((4,)), I((0,), 4)),
            (T((4,)), I((2,), 4, dtype="int32")), (T((0,)), I((1,), 1)))

op = operation("nonzero")
op.cases_of(T((3, 4), kind="ties"), T((3, 4), "bool"), T((3, 4), "int64", "ties", "T"), T((5,), kind="zeros"), T(()), T((), kind="zeros"), T((0, 3)), T((24,), kind="special"), T((2, 3, 2), "uint8", "ties", "P"))
operation("argwhere").cases_of(T((3, 4), kind="ties"), T((), "bool"))
op = operation("maskedSelect")
op.cases_of((G((3, 4)), T((3, 4), "bool")), (G((3, 4)), T((4,), "bool")), (G((4,)), T((3, 1), "bool")), (G((3, 4), layout="T"), T((3, 4), "bool", layout="S")), (T((3,)), T((3,), "int64")), (T((3,)), T((4,), "bool")), (G(()), T((), "bool", "ones")),
            (G((3,)), T((3,), "bool", "zeros")), (T((3, 4), "int64"), T((3, 4), "bool")), (G((3,)), T((), "bool", "ones")), (T((0,)), T((0,), "bool")))
for name in ("maskedFill", "maskedFill_"):
    op = operation(name)
    op.cases_of((G((3, 4)), T((3, 4), "bool"), 0), (G((3, 4)), T((4,), "bool"), -1.5), (G((3, 4), layout="T"), T((3, 1), "bool"), float("-inf")), (G((3, 4)), T((3, 4), "bool"), G(())), (T((3, 4)), T((3, 4), "bool"), T((1,))), (T((3,)), T((3,), "int64"), 1),
                (T((3,), "int64"), T((3,), "bool"), 2), (T((3,), "int64"), T((3,), "bool"), 2.5), (T((3,), "bool"), T((3,), "bool"), True), (T((3,)), T((4,), "bool"), 1), (G(()), T((), "bool"), 3), (T((3,)), T((2, 3), "bool"), 1), (T((3,)), T((3,), "bool"), T((), "int64")),
                (T((3,), "int64"), T((3,), "bool"), T((), "float32")), (T((3,)), T((3,), "bool"), float("nan")), (T((3,), "uint8"), T((3,), "bool"), 300), (T((0,)), T((0,), "bool"), 1))
for name in ("maskedScatter", "maskedScatter_"):
    operation(name).cases_of((G((3, 4)), T((3, 4), "bool"), G((12,))), (G((3, 4)), T((4,), "bool"), G((3, 4))), (T((3,)), T((3,), "bool", "ones"), T((2,))), (T((3,)), T((3,), "bool"), T((3,), "float64")), (T((3,), "int64"), T((3,), "bool"), T((4,), "int64")))

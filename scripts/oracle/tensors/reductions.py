"""Samples of what makes one element of many, of running sums and of order."""

import torch

from recipe import G, INF, N, NAN, T
from table import operation

LAYOUTS = (("C", (3, 4)), ("T", (3, 4)), ("S", (3, 4)), ("E", (3, 4)), ("P", (2, 3, 4)), ("O", (2, 3)))
DENSE = [entry for entry in LAYOUTS if entry[0] != "E"]


def over_dims(name, kind="normal", call=None, several=True, gradient=True, dtypes=("int64", "int32", "uint8", "bool"),
              special=True, whole=True, empty=True, keepdim=True, layouts=LAYOUTS,
              single=True):
    """The samples of a reduction: all dims, one, several, kept, negative, empty, 0-d, in every layout and dtype. `single`: whether
    one element has a gradient."""
    op = operation(name, call)
    ask = G if gradient else N
    keep = {"keepdim": True} if keepdim else {}
    if whole:
        for layout, shape in layouts:
            op.case(ask(shape, kind, layout))
        op.case(ask((), kind), check=single).cases_of(ask((130,), kind), ask((5,), kind, dtype="float64"), ask((6, 7), kind, "T", "float64"))
    for layout, shape in layouts:
        op.case(ask(shape, kind, layout), 0).case(ask(shape, kind, layout), -1, **keep)
    op.cases_of((ask((2, 3, 4), kind), 1), (ask((2, 3, 4), kind), -2), (ask((4, 5), kind, dtype="float64"), 1), (T((2, 3), kind=kind), 2), (T((2, 3), kind=kind), -3), (T((), kind=kind), 1),
                (ask((2, 70), kind), 1))
    op.case(ask((), kind), 0, check=single).case(ask((), kind), -1, check=single)
    op.case(ask((70, 2), kind), 0, check=name != "prod")
    if several:
        op.cases_of((ask((2, 3, 4), kind), [0, 2]), (ask((2, 3, 4), kind), [-1, 0]), (ask((2, 3, 4), kind), [0, 1, 2]),
                    (ask((2, 3, 4), kind, "P"), [1, 2]), (T((2, 3), kind=kind), [0, 0]), (T((2, 3), kind=kind), [0, -2]),
                    (T((2, 3), kind=kind), [0, 5]))
        op.case(ask((2, 3, 4), kind, "T"), [0, 2], **keep)
        op.case(ask((2, 3, 4), kind), [])
    if empty:
        op.case(T((0, 3), kind=kind), 0).case(T((0, 3), kind=kind), 1).case(T((3, 0), kind=kind), 1, **keep)
        if whole:
            op.case(T((0,), kind=kind)).case(ask((2, 0), kind))
    for dtype in dtypes:
        op.case(T((3, 4), dtype, "ties"), 1)
        if whole:
            op.case(T((3, 4), dtype, "ties", "T"))
    if special:
        op.case(T((24,), kind="special"), 0).case(T((4, 6), kind="special"), 1).case(T((4, 6), "float64", "special"), 0)
    return op


def no_dims(function):
    """Dims of None left out, which PyTorch takes by position for some functions only."""
    def call(input, dims=None, **options):
        return function(input, **options) if dims is None else function(input, dims, **options)
    return call


op = over_dims("sum", call=no_dims(torch.sum))
op.case(T((3, 4)), None, dtype="float64").case(G((3, 4)), 0, dtype="float64").case(T((3, 4), "int64"), 1, dtype="float32")
op.case(T((3, 4), "uint8", "special"), None, dtype="uint8").case(T((3, 4), "int32", "special"), None, dtype="int32").case(T((6,)), None, dtype="int64")
op.case(T((9,), "int64", "special"), 0).case(T((9,), "int8", "special"), 0)
op = over_dims("mean", call=no_dims(torch.mean))
op.case(T((3, 4), "int64"), 1, dtype="float32").case(G((3, 4)), None, dtype="float64").case(T((3,), "bool"), None, dtype="float64")
op = over_dims("nansum", call=no_dims(torch.nansum))
op.case(G((24,), "special"))
op = over_dims("nanmean", call=no_dims(torch.nanmean))
op.case(G((24,), "special"))
op = over_dims("prod", several=False, call=no_dims(torch.prod), special=False)
op.case(T((20,), kind="common"), 0).case(T((4, 5), kind="common"), 1)
op.cases_of(G((5,), "zeros"), G((12,), "ties"), (G((4, 5), "ties"), 0), (G((4, 5), "ties"), 1), G((1,)), (G((3, 1)), 1))
op.case(T((3, 4), "int64"), 1, dtype="float32").case(T((3,), "int64", "special"), None, dtype="int32")


def spread(function):
    def call(input, dims=None, **options):
        if dims == []:
            dims = None
        if dims is None and "keepdim" not in options and "correction" not in options:
            return function(input, **options)
        return function(input, dims, **options)
    return call


for name, function in (("var", torch.var), ("std", torch.std)):
    # Not expanded ones: whether their deviation of zero is exactly so is a matter of rounding, and the gradient hangs on it.
    op = over_dims(name, call=spread(function), layouts=DENSE,
                   single=False)
    op.case(G((3, 4)), None, unbiased=False).case(G((3, 4)), 1, unbiased=False).case(G((3, 4)), [0, 1], unbiased=False, keepdim=True)
    op.case(G((3, 4), dtype="float64"), 0, correction=2).case(G((3, 4)), None, correction=0)
    op.case(G((1,)), check=False).case(G((3, 1)), 1, check=False).case(G((5,), "ones")).case(G((3, 4), "ones"), 1).case(T((6,), kind="large"))
    op.case(G((1,)), None, unbiased=False, check=False)
for name, function in (("varMean", torch.var_mean), ("stdMean", torch.std_mean)):
    op = operation(name, spread(function))
    op.cases_of(G((3, 4)), (G((3, 4)), 1), (G((2, 3, 4), layout="P"), [0, 2]), (T((3,), "int64"), 0))
    op.case(G((3, 4)), 0, unbiased=False).case(G((3, 4)), 1, keepdim=True)

for name in ("max", "min"):
    over_dims(name, several=False).cases_of(G((12,), "ties"), (G((4, 6), "ties"), 1), (G((4, 6), "ties"), 0), G((3,), "special"),
                                            (G((2, 3)), G((2, 3))), (G((2, 3)), G((3,))), (T((3, 4), "bool"), 1))
for name in ("amax", "amin"):
    over_dims(name).cases_of(G((12,), "ties"), (G((4, 6), "ties"), 1), (G((4, 6), "ties"), [0, 1]), G((3,), "special"))
operation("aminmax").cases_of(G((3, 4)), T((5,), "int64"), G(())).case(G((3, 4)), dim=1).case(G((3, 4)), dim=0, keepdim=True).case(
    T((0,)))
for name in ("argmax", "argmin"):
    op = over_dims(name, several=False, gradient=False)
    op.cases_of(T((12,), kind="ties"), (T((4, 6), kind="ties"), 1), T((3, 4), "int64", "ties"), T((24,), kind="special"))
    op.case(T((3, 4)), None, keepdim=True).case(G((3, 4)), 1).case(T((2, 3), "bool"))


def across(function):
    """Several dims at once, which PyTorch 1.13 has for `any` and `all` one by one only."""
    def call(input, dims=None, keepdim=False):
        if isinstance(dims, list):
            raise TypeError("one dim")
        return function(input) if dims is None else function(input, dims, keepdim)
    return call


for name, function in (("any", torch.any), ("all", torch.all)):
    op = over_dims(name, several=False, gradient=False, call=across(function), kind="ties")
    op.cases_of(T((2, 3), kind="zeros"), T((2, 3), kind="ones"), (T((4, 5), "bool"), 1), (T((4, 5), "bool"), 0), T((24,), kind="special"))
over_dims("countNonzero", keepdim=False, gradient=False, kind="ties", call=lambda input, dims=None: torch.count_nonzero(
    input, None if dims == [] else dims))


def vector_norm(input, p=2, dim=None, **options):
    if dim is None and not options:
        return torch.norm(input, p)
    return torch.norm(input, p, dim, **options)


op = operation("norm", vector_norm)
for layout, shape in LAYOUTS:
    op.case(G(shape, layout=layout)).case(G(shape, layout=layout), 2, 0)
for order in (1, 2, 3, 0, 0.5, INF, -INF, -1, "fro"):
    op.case(G((3, 4)), order).case(G((3, 4)), order, 1).case(G((3, 4)), order, [0, 1], keepdim=True).case(G((4,), dtype="float64"), order)
    op.case(G(()), order)
    op.case(G((3, 4), "ties"), order, 0)
op.cases_of(T((0,)), G((3,), "zeros"), T((3,), "int64"), (T((24,), kind="special"), 2), (T((24,), kind="special"), 1), (T((3, 4)), 2, 5),
            (G((4,), "zeros"), 1), (G((4,), "zeros"), INF))

op = over_dims("logsumexp", whole=False, dtypes=("int64", "bool"))
op.case(G((3, 4), "large"), 1).case(G((3, 4), "large", dtype="float64"), 0).case(T((0, 3)), 0)

# ---- running sums, products and extrema


def running(name, kind="normal", gradient=True):
    op = operation(name)
    ask = G if gradient else N
    for layout, shape in LAYOUTS:
        op.case(ask(shape, kind, layout), 0).case(ask(shape, kind, layout), -1)
    op.cases_of((ask((2, 3, 4), kind), 1), (ask((), kind), 0), (ask((), kind), -1), (ask((0,), kind), 0), (ask((2, 0, 3), kind), 1),
                (ask((2, 0, 3), kind), 0), (T((2, 3), kind=kind), 2), (T((), kind=kind), 1), (ask((4, 5), kind, dtype="float64"), 0),
                (ask((90,), "unit"), 0), (T((8,), kind="special"), 0), (T((24,), kind="special"), 0), (ask((1, 5), kind), 0))
    for dtype in ("int64", "int32", "uint8", "bool", "int8"):
        op.case(T((3, 4), dtype, "ties"), 1)
    return op


running("cumsum").case(T((3, 4), "int64"), 1, dtype="float32").case(G((3, 4)), 1, dtype="float64").case(
    T((13,), "int64", "special"), 0).case(T((9,), "uint8", "special"), 0, dtype="uint8")
running("cumprod").cases_of((G((12,), "ties"), 0), (G((4, 6), "ties"), 1), (G((4, 6), "ties"), 0), (G((5,), "zeros"), 0)).case(
    T((3, 4), "int64"), 1, dtype="float32")
for name in ("cummax", "cummin"):
    running(name).cases_of((G((12,), "ties"), 0), (G((4, 6), "ties"), 1), (G((4, 6), "ties"), 0))

# ---- medians, modes, order, distinct values

for name in ("median", "nanmedian"):
    # Not expanded ones: PyTorch 1.13 sorts them in place and reads memory that was never written.
    op = over_dims(name, several=False, dtypes=("int64", "int32", "uint8"), layouts=DENSE)
    op.cases_of(G((1,)), G((2,)), G((5,)), T((5,), "int64", "ties"), (T((4, 5), "int64", "ties"), 1), (G((4, 6)), 1), G((24,), "special"))
    # Which of equal medians' positions PyTorch gives is not specified.
op = operation("mode", lambda input, dim=-1, **options: torch.mode(input, dim, **options))
op.cases_of(T((3, 9), "int64", "ties"), (T((9, 3), "int64", "ties"), 0), G((4, 9), "ties"), G((5,)), G(()), (G((3, 4), layout="T"), 0),
            T((0,)), (T((3, 0)), 1), (T((3, 0)), 0), T((20,), "uint8", "ties"), T((20,), "int32", "ties"), (T((2, 3)), 2))
op.case(T((3, 9), "int64", "ties"), 1, keepdim=True)
op = operation("kthvalue")
op.cases_of((G((5,)), 2), (G((3, 5)), 1, 1), (G((3, 5), layout="T"), 3, 0), (G(()), 1), (T((5,)), 0), (T((5,)), 6), (T((7,), "int64"), 4))
op.case(G((3, 5)), 2, -1, keepdim=True)

op = operation("sort", lambda input, dim=-1, **options: torch.sort(input, dim=dim, **{"stable": True, **options}))
for layout, shape in LAYOUTS:
    op.case(G(shape, layout=layout)).case(G(shape, layout=layout), 0)
for descending in (False, True):
    op.case(G((3, 7)), 1, descending=descending).case(T((24,), kind="special"), 0, descending=descending)
    op.case(T((3, 9), "int64", "ties"), 1, descending=descending, stable=True).case(G((20,), "ties"), 0, descending=descending)
    op.case(T((9,), "uint8"), 0, descending=descending).case(T((9,), "bool"), 0, descending=descending)
    op.case(T((13,), "int64", "special"), 0, descending=descending)
op.cases_of(G(()), T((0,)), (T((3, 0)), 0), (T((3, 0)), 1), (T((2, 3)), 2), (G((2, 3, 4)), 1), T((70,), "float64"), T((9,), "int32"))
op = operation("argsort", lambda input, dim=-1, descending=False, stable=True: torch.argsort(
    input, dim=dim, descending=descending, stable=True))
op.cases_of(T((3, 4)), (T((3, 4)), 0), T((9,), "int64", "ties"), T(()), T((0,)), (G((3, 4)), 1), (T((2, 3)), 2))
op.case(T((9,), "int64", "ties"), 0, descending=True)
op = operation("topk", lambda input, k, dim=-1, largest=True, sorted=True: torch.topk(input, k, dim, largest, True))
op.cases_of((G((7,)), 3), (G((3, 7)), 2), (G((3, 7)), 2, 0), (G((3, 7), layout="T"), 4, 1), (G((7,)), 0), (G((7,)), 7), (G(()), 1),
            (T((7,)), 8), (T((7,)), -1), (T((9,), "int64", "special"), 3), (T((0,)), 0), (T((2, 3)), 1, 2), (T((5,), kind="special", seed=1), 2),
            (T((40,), "float64"), 5))
op.case(G((3, 7)), 2, 1, largest=False).case(T((9,), "uint8"), 1, 0, largest=False).case(G((3, 7)), 2, -2, sorted=True)
op = operation("unique")
for dtype in ("float32", "float64", "int64", "int32", "uint8", "bool"):
    op.case(T((3, 5), dtype, "ties")).case(T((3, 5), dtype, "ties"), return_inverse=True).case(
        T((3, 5), dtype, "ties"), return_counts=True).case(T((3, 5), dtype, "ties"), return_inverse=True, return_counts=True)
op.cases_of(T(()), T((0,)), T((3, 4), "int64", "ties", "T"))
op.case(T((6, 2), "bool"), dim=0).case(T((6, 2), "int64", "below:2"), dim=0, return_inverse=True, return_counts=True).case(
    T((2, 6), "int64", "below:2"), dim=1, return_inverse=True, return_counts=True).case(T((6,), "int64", "ties"), dim=0, return_counts=True)
op = operation("uniqueConsecutive")
op.cases_of(T((12,), "int64", "below:2"), T((3, 5), "int64", "below:2"), T((0,)), T(()))
op.case(T((12,), "int64", "below:2"), return_inverse=True, return_counts=True).case(T((6, 2), "bool"), dim=0)
op = operation("bincount")
op.cases_of(T((12,), "int64", "below:5"), T((0,), "int64"), T((3,), "int64", "special"), T((3, 2), "int64", "below:3"), T((3,)))
op.case(T((12,), "int64", "below:5"), minlength=8).case(T((12,), "int64", "below:5"), weights=T((12,))).case(
    T((12,), "int64", "below:5"), weights=T((12,), "float64"))
operation("diff", lambda input, n=1, dim=-1: torch.diff(input, n, dim)).cases_of(
    G((5,)), G((3, 4)), (G((5,)), 2), (G((3, 4)), 1, 0), T((4,), "int64"), T((4,), "bool"), T(()), G((1,)), (G((3,)), 5), (T((3,)), 0))
operation("trace").cases_of(G((3, 3)), G((2, 4)), G((4, 2), layout="T"), T((3, 3), "int64"), T((3,)), T((0, 0)))

# ---- whole tensors compared

op = operation("equal")
op.cases_of((T((2, 3), seed=1), T((2, 3), seed=1)), (T((2, 3), seed=1), T((2, 3), seed=2)), (T((3, 2), layout="T", seed=1), T((3, 2), seed=1)),
            (T((2, 3)), T((3, 2))), (T((0,)), T((0,))), (T((5,), kind="special"), T((5,), kind="special")),
            (T((2,), "int64", "ones"), T((2,), "float32", "ones")), (T((), kind="ones"), T((), kind="ones")))
op = operation("allclose")
op.cases_of((T((2, 3), seed=1), T((2, 3), seed=1)), (T((2, 3), seed=1), T((2, 3), seed=2)), (T((5,), kind="special"), T((5,), kind="special")),
            (T((2, 3), kind="tiny"), T((3,), kind="zeros")), (T((2,)), T((3,))), (T((2,), "int64"), T((2,))), (T((3,), "int64"), T((3,), "int64")))
op.case(T((5,), kind="special"), T((5,), kind="special"), equal_nan=True).case(T((2, 3), kind="tiny"), T((3,), kind="zeros"), atol=0.001)
op.case(T((3,), seed=1), T((3,), seed=2), rtol=100.5).case(T((4,), kind="special"), T((4,), kind="special"))
op = operation("isclose")
op.cases_of((T((2, 3), seed=1), T((2, 3), seed=1)), (T((24, 1), kind="special"), T((1, 24), kind="special")), (T((3,), "int64"), T((3,), "int64", "ties")),
            (T((3,), "bool"), T((3,), "bool")), (T((2,), "int64"), T((2,))), (T((2, 3), kind="tiny"), T((3,), kind="zeros")))
op.case(T((24, 1), kind="special"), T((1, 24), kind="special"), equal_nan=True, rtol=0.3)

# ---- softmax

for name in ("softmax", "logSoftmax"):
    op = operation(name)
    for layout, shape in LAYOUTS:
        op.case(G(shape, layout=layout), 0).case(G(shape, layout=layout), -1)
    op.cases_of((G((2, 3, 4)), 1), (G(()), 0), (G((0,)), 0), (G((2, 0)), 0), (G((3, 4), "large"), 1), (G((4, 5), dtype="float64"), 0),
                (T((3,), "int64"), 0), (T((2, 3)), 2), (T((5,), kind="special"), 0), (G((2, 40)), 1), (T((3,), "bool"), 0))
    op.case(G((2, 3)), 1, dtype="float64").case(T((2, 3), "int64"), 1, dtype="float32").case(G((2, 3), dtype="float64"), 0, dtype="float32")

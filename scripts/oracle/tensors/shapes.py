"""Samples of views, of tensors put together, repeated and rearranged, of conversions and copies, and of tensors made from nothing."""

import torch

from recipe import DTYPES, G, INF, NAN, T
from table import Big, operation

# ---- shapes and views


def same(name, *samples, call=None):
    operation(name, call).cases_of(*samples)


for name in ("view", "reshape"):
    same(name, (G((2, 6)), [3, 4]), (G((2, 6)), [-1]), (G((2, 6)), [2, -1, 2]), (G((3, 4), layout="T"), [12]), (G((3, 4), layout="T"), [3, 2, 2]),
         (G((4, 6), layout="S"), [4, 2, 3]), (G((4, 6), layout="S"), [24]), (G((3, 4), layout="E"), [3, 2, 2]), (G((3, 4), layout="E"), [12]),
         (G((2, 3, 4), layout="P"), [2, 12]), (G((2, 3, 4), layout="O"), [6, 4]), (G(()), [1, 1]), (G(()), []), (G((1,)), []), (T((2, 3)), [4]),
         (T((2, 3)), [-1, -1]), (T((2, 3)), [-2, 3]), (T((0, 3)), [3, 0]), (T((0, 3)), [-1, 3]), (T((0, 3)), [-1, 0]), (T((0,)), [-1]),
         (T((2, 3)), [5, -1]), (T((6,), "int64"), [3, 2]), (T((2, 3)), [2, 3]), (G((1, 3, 1), layout="T"), [3]), (T((2, 3)), []), (T((0,)), []))
same("viewAs", (G((2, 6)), T((3, 4))), (T((2, 3)), T((4,))))
same("reshapeAs", (G((3, 4), layout="T"), T((2, 6))))
same("asStrided", (G((12,)), [3, 2], [4, 1]), (G((12,)), [3, 3], [2, 1]), (G((3, 4)), [2, 2], [1, 4], 1), (G((12,)), [2, 3], [0, 1]),
     (T((12,)), [3, 5], [4, 1]), (T((12,)), [13], [1]), (T((12,)), [2], [1, 2]), (G((12,)), [], [], 5), (T((12,)), [2], [-1]), (T((12,)), [0, 4], [9, 9]))
same("permute", (G((2, 3, 4)), [2, 0, 1]), (G((2, 3, 4)), [-1, 0, -2]), (G((2, 3)), [0, 1]), (G(()), []), (T((2, 3)), [0]), (T((2, 3)), [0, 0]),
     (T((2, 3)), [0, 2]), (G((2, 3, 4), layout="P"), [1, 2, 0]), (T((2, 3), "int64"), [1, 0]))
for name in ("transpose", "swapaxes", "swapdims"):
    same(name, (G((2, 3, 4)), 0, 2), (G((2, 3, 4)), -1, 1), (G((2, 3)), 0, 0), (G(()), 0, -1), (T((2, 3)), 0, 2), (G((2, 3), layout="S"), 0, 1))
same("t", G((2, 3)), G((3,)), G(()), T((2, 3, 4)), G((2, 3), layout="T"))
same("T", G((2, 3)), G((3,)), G(()), G((2, 3), layout="S"), call=lambda input: input.T)
same("mT", G((2, 3)), G((2, 3, 4)), T((3,)), call=lambda input: input.mT)
same("movedim", (G((2, 3, 4)), 0, 2), (G((2, 3, 4)), [0, 1], [1, 2]), (G((2, 3, 4)), -1, 0), (T((2, 3)), [0, 1], [0]), (T((2, 3)), [0, 0], [0, 1]),
     (T((2, 3)), 0, 2), (G((2, 3, 4)), [2, 0], [-3, 1]))
same("squeeze", G((1, 3, 1)), G((2, 3)), G(()), (G((1, 3, 1)), 0), (G((1, 3, 1)), -1), (G((1, 3, 1)), 1), (G(()), 0), (T((1, 3)), 2), (G((1, 1)), 0),
     G((1, 3, 2), layout="P"), T((1, 0)))
same("unsqueeze", (G((2, 3)), 0), (G((2, 3)), 1), (G((2, 3)), 2), (G((2, 3)), -1), (G((2, 3)), -3), (G(()), 0), (G(()), -1), (T((2, 3)), 3), (T((2, 3)), -4),
     (G((2, 3), layout="T"), 1), (G((2, 3), layout="S"), 2), (T((0,)), 0))
same("flatten", G((2, 3, 4)), (G((2, 3, 4)), 1), (G((2, 3, 4)), 0, 1), (G((2, 3, 4)), -2, -1), G(()), G((3,)), G((2, 3), layout="T"), (T((2, 3)), 1, 0), (T((2, 3)), 2),
     G((3, 4), layout="S"), T((0, 3)), (G((2, 3)), 1, 1), G((2, 3, 4), layout="P"))
same("unflatten", (G((2, 6)), 1, [2, 3]), (G((2, 6)), -1, [-1, 2]), (G((6, 2)), 0, [3, 2]), (T((2, 6)), 1, [4, 2]), (T((2, 6)), 2, [2]), (G((2, 6), layout="T"), 1, [2, 3]))
for name in ("expand", "broadcastTo"):
    same(name, (G((1, 3)), [2, 3]), (G((3,)), [2, 3]), (G(()), [2]), (G((2, 1, 3)), [2, 4, 3]), (T((2, 3)), [3, 3]), (T((2, 3)), [3]), (G((1,)), [0]), (T((2,)), [0]),
         (G((3, 1), layout="T"), [3, 4]), (G(()), []))
same("expand", (G((1, 3)), [2, -1]), (G((1, 3)), [4, -1, -1]), (T((1, 3)), [-1, -1, -1]))
same("expandAs", (G((1, 3)), T((2, 3))), (T((2, 3)), T((3,))))
same("narrow", (G((4, 5)), 0, 1, 2), (G((4, 5)), 1, 0, 5), (G((4, 5)), -1, -2, 2), (G((4, 5), layout="T"), 1, 1, 3), (T((4,)), 0, 2, 3), (T((4,)), 0, -5, 1), (T(()), 0, 0, 1),
     (T((4,)), 0, 1, -1), (G((4,)), 0, 4, 0), (G((4,)), 0, 1, 0), (T((4,)), 1, 0, 1), (T((4, 2), "bool"), 0, 1, 2))
same("select", (G((4, 5)), 0, 1), (G((4, 5)), 1, -1), (G((4, 5)), -1, 0), (G((5,)), 0, 2), (G((4, 5), layout="S"), 1, 3), (T((4,)), 0, 4), (T((4,)), 0, -5), (T(()), 0, 0),
     (T((4, 5), layout="E"), 0, 3), (T((0, 2)), 0, 0), (T((3,), "int64"), 0, 1))


def sliced(input, dim, start=None, end=None, step=1):
    return torch.ops.aten.slice(input, dim, start, end, step)


operation("slice", sliced).cases_of(
    (G((6, 5)), 0, 1, 4), (G((6, 5)), 0, 1, None, 2), (G((6, 5)), 1, -3, -1), (G((6, 5)), -1, None, 3), (G((6, 5)), 0), (G((6, 5)), 0, 10, 12), (G((6, 5)), 0, -20, 20),
    (G((6, 5)), 0, 4, 2), (G((6, 5), layout="T"), 1, 0, 5, 3), (G((6, 5), layout="S"), 1, 1, 4, 2), (T((6,)), 0, 0, 6, 0), (T((6,)), 0, 0, 6, -1), (T((6,)), 1), (T(()), 0),
    (G((7,)), 0, None, None, 3), (T((0,)), 0, 0, 1))
same("diagonal", G((3, 4)), (G((3, 4)), 1), (G((3, 4)), -2), (G((3, 4)), 4), (G((2, 3, 4)), 0, 1, 2), (G((2, 3, 4)), 1, -1, 0), (G((3, 4), layout="T"), 1), (T((3,)),), (T((3, 3)), 0, 1, 1),
     (G((3, 3)), -5), (G((2, 3, 4), layout="P"), 0, 0, 2), (T((0, 3)),))
same("unfold", (G((7,)), 0, 3, 2), (G((7,)), 0, 3, 1), (G((2, 6)), 1, 2, 2), (G((2, 6)), -1, 4, 3), (G((4, 3)), 0, 4, 1), (T((5,)), 0, 6, 1), (T((5,)), 0, 2, 0), (G(()), 0, 1, 1),
     (G((5,)), 0, 0, 1), (G((4, 6), layout="T"), 1, 3, 2), (T((5,)), 1, 2, 1), (T((6,), "int64"), 0, 2, 2), call=torch.Tensor.unfold)
same("split", (G((7, 2)), 3), (G((7, 2)), [2, 4, 1]), (G((2, 7)), 2, 1), (G((2, 7)), [3, 4], -1), (G((6,)), 10), (T((6,)), [3, 4]), (T((6,)), 0), (T((6,)), -1), (T(()), 1), (T((0,)), 0), (T((0,)), 2),
     (G((4, 5), layout="T"), 2, 1), (G((3,)), [0, 3, 0]), (T((6,)), [7, -1]))
same("chunk", (G((7, 2)), 3), (G((7,)), 2), (G((2, 7)), 4, 1), (G((3,)), 5), (T((6,)), 0), (T((0,)), 3), (G((6, 3), layout="T"), 2, -1), (T(()), 1))
same("unbind", G((3, 2)), (G((3, 2)), 1), (G((3, 2), layout="T"), 0), (T(()),), T((0, 2)), (G((2, 3, 4)), -1))
same("broadcastTensors", ([G((2, 1)), G((3,))],), ([G(()), G((2,))],), ([T((2,)), T((3,))],), call=lambda tensors: torch.broadcast_tensors(*tensors))
same("meshgrid", ([G((2,)), G((3,))],), ([T((2,), "int64"), T((1,), "int64"), T((3,), "int64")],), ([G(()), G((2,))],), ([T((2, 2)), T((2,))],),
     call=lambda tensors, indexing="ij": torch.meshgrid(*tensors, indexing=indexing))
operation("meshgrid").case([G((2,)), G((3,))], indexing="xy").case([T((2,)), T((3,)), T((4,))], indexing="xy")

# ---- put together, repeated, rearranged

for name in ("cat", "concat"):
    same(name, ([G((2, 3)), G((1, 3))],), ([G((2, 3)), G((2, 1))], 1), ([G((2, 3)), G((2, 2))], -1), ([G((3,), layout="S"), G((2,)), G((0,))],), ([G((2, 3)), T((0,)), G((1, 3))],),
         ([G((3, 2), layout="T"), G((1, 2))],), ([T((2, 3)), T((2, 4))],), ([T((2,)), T((2, 1))],), ([G(()), G(())],), ([],), ([G((2,)), T((2,), "int64")],), ([T((2,), "bool"), T((2,), "uint8")],),
         ([G((2,)), G((2,), dtype="float64")],), ([T((2,)), T((2,))], 1), ([T((2, 0)), T((2, 3))], 1), ([G((2,))],), ([T((0,)), T((0,))],), ([T((2, 3)), T((2, 3))], 2))
same("stack", ([G((2, 3)), G((2, 3))],), ([G((2, 3)), G((2, 3))], 1), ([G((2, 3)), G((2, 3))], -1), ([G(()), G(())],), ([T((2,)), T((3,))],), ([],), ([T((2,)), T((2,), "int64")],), ([G((2,))], 2),
     ([G((2, 3), layout="T"), G((2, 3))], 2), ([T((0,)), T((0,))],))
for name in ("hstack", "vstack", "dstack", "columnStack"):
    same(name, ([G((2,)), G((2,))],), ([G((2, 3)), G((2, 3))],), ([G(()), G(())],), ([T((2, 3)), T((3, 3))],))
for name in ("repeat", "tile"):
    same(name, (G((2, 3)), [2, 1]), (G((2, 3)), [2, 2, 3]), (G((3,)), [4]), (G(()), [3]), (G((2, 3)), [0, 1]), (G((2, 3), layout="T"), [1, 2]), (T((2,), "int64"), [2, 2]), (T((2,)), [-1]), (G(()), []))
same("repeat", (T((2, 3)), [2]))
same("tile", (G((2, 3)), [2]))
same("repeatInterleave", (G((2, 3)), 2), (G((2, 3)), 2, 0), (G((2, 3)), 3, -1), (G((2, 3)), T((2,), "int64", "below:4"), 0), (G((3,)), T((3,), "int64", "below:4")), (G((2, 3)), T((1,), "int64", "positive"), 1),
     (T((2, 3)), T((2,), "int64", "positive"), 1), (T((3,)), -1), (G((3,)), 0), (G(()), 3), (T((3,)), T((3,))), (T((2, 3), layout="T"), 2, 1))
same("flip", (G((2, 3)), [0]), (G((2, 3)), [0, 1]), (G((2, 3)), [-1]), (G((2, 3, 4), layout="P"), [0, 2]), (G(()), [0]), (T((2, 3)), [0, 0]), (T((2, 3)), [2]), (G((2, 3)), []), (T((0, 2)), [0]), (T((3,), "bool"), [0]))
same("fliplr", G((2, 3)), T((3,)))
same("flipud", G((2, 3)), G((3,)), T(()))
same("rot90", (G((2, 3)), 1, [0, 1]), (G((2, 3)), 2, [0, 1]), (G((2, 3)), -1, [0, 1]), (G((2, 3, 4)), 3, [1, 2]), (G((2, 3)), 0, [0, 1]), (T((2, 3)), 1, [0, 0]))
same("roll", (G((5,)), 2), (G((2, 3)), 1), (G((2, 3)), 1, 0), (G((2, 3)), -1, 1), (G((2, 3)), [1, 2], [0, 1]), (G((2, 3), layout="T"), 4, -1), (T((2, 3)), [1, 2], 0), (G(()), 1), (T((0,)), 1), (G((3,)), 7), (T((2, 3)), 1, 2),
     (G((3,)), 0))
for name in ("tril", "triu"):
    same(name, G((3, 4)), (G((3, 4)), 1), (G((3, 4)), -1), (G((2, 3, 3)), 0), (G((3, 4), layout="T"), 2), (G((3, 3)), 5), (T((3,)),), (T((3, 3), "int64"), 0), (T((3, 3), "bool"), -1), (T((0, 3)),), (T((24, 1), kind="special"), 0))
    same(name + "_", T((3, 4)), G((3, 4)), (T((3, 4), layout="T"), 1))
same("diag", G((3,)), (G((3,)), 1), (G((2,)), -2), G((3, 4)), (G((3, 4)), 1), (G((3, 4)), -1), T((2, 3, 4)), T(()), T((3,), "int64"))
same("diagEmbed", G((3,)), (G((2, 3)), 0), (G((2, 3)), 1), (G((2, 3)), -1), (G((2, 3)), 0, 0, 2), (T((3,)), 0, 1, 1), T((3,), "bool"), call=torch.diag_embed)
same("ravel", G((2, 3)), G((2, 3), layout="T"), G(()))

# ---- conversions and copies

for source in DTYPES:
    op = operation("to", lambda input, dtype: input.to(DTYPES[dtype]))
    for target in DTYPES:
        op.case(T((2, 3), source, "ties"), target)
        if source not in ("float32", "float64"):
            op.case(T((13,), source, "special"), target)
op.case(G((2, 3)), "float64").case(G((2, 3), dtype="float64"), "float32").case(G((2, 3)), "float32").case(G((2, 3)), "int64").case(T((8,), "float32"), "int32").case(
    T((3, 4), layout="T"), "float64").case(T((24,), "float64", "special"), "float32").case(T((24,), "float32", "special"), "bool").case(T((24,), "float32", "special"), "float64")
for name in ("float", "double", "long", "int", "short", "bool", "char", "byte"):
    same(name, T((2, 3)), T((3,), "int64"), T((2, 3), layout="T"), T((4,), "uint8"), T((4,), "bool"), call=getattr(torch.Tensor, name))
same("float", G((2, 3), dtype="float64"), G((2, 3)))
same("double", G((2, 3)))
same("typeAs", (G((2,)), T((1,), "float64")), (T((2,), "int32"), T((1,))))
same("clone", G((2, 3)), G((3, 4), layout="T"), G((3, 4), layout="S"), G((3, 4), layout="E"), G(()), T((0,)), T((2,), "bool"), G((2, 3, 4), layout="P"))
same("contiguous", G((2, 3)), G((3, 4), layout="T"), G((3, 4), layout="S"), G((3, 4), layout="E"), G(()), G((2, 3), layout="O"), T((0, 3)), G((1, 3), layout="T"))
same("detach", G((2, 3)), G((3, 4), layout="T"))
same("isContiguous", T((2, 3)), T((3, 4), layout="T"), T((1, 4), layout="T"), T((3, 4), layout="S"), T((3, 1), layout="S"), T((0, 3), layout="T"), T(()), T((3, 4), layout="E"))
same("stride", T((2, 3)), T((2, 3, 4), layout="P"), T((3, 4), layout="S"), (T((2, 3)), 0), (T((2, 3)), -1), (T((2, 3)), 2), T(()), call=lambda input, *dim: [input.stride()] if not dim else input.stride(*dim))
same("size", (T((2, 3)), 0), (T((2, 3)), -1), (T((2, 3)), 2))
same("numel", T((2, 3)), T(()), T((0, 3)))
same("item", T(()), T((1, 1)), T((), "int64"), T((2,)), T((0,)), T((1,), "float64"))
same("copy_", (T((2, 3)), T((2, 3))), (T((2, 3)), T((3,))), (T((3, 4), layout="T"), T((3, 4))), (T((2, 3), layout="S"), T((), "int64")), (T((2, 3), "int64"), T((2, 3))),
     (T((2, 3), "bool"), T((2, 3), "int64", "ties")), (G((2, 3)), G((2, 3))), (T((2, 3)), G((3,))), (G((2, 3)), T((2, 3))), (T((2, 3)), T((2, 2, 3))), (T((3,)), T((2, 3))), (T((2, 3), "float64"), G((2, 3))),
     (T((0,)), T((0,))), (T((2, 3), layout="E"), T((2, 3))), (T((13,), "uint8"), T((13,), "int64", "special")), (T((2, 3)), G((), dtype="float64")))
operation("copy_").case(G((3, 4)), G((3, 2)), through=("narrow", 1, 1, 2)).case(
    T((3, 4)), G((4,)), through=("select", 0, 1)).case(G((3, 3)), G((3,)), through=("diagonal",))
same("fill_", (T((2, 3)), 2), (T((2, 3), "int64"), 3), (T((2, 3), "int64"), 2.5), (T((2, 3), "bool"), 2), (T((3, 4), layout="T"), -1.5), (G((2, 3)), 2), (T((2, 3)), G(())), (T((2, 3)), T((1,))), (G((2, 3)), G(())), (T((0,)), 1),
     (T((2,), "uint8"), 300), (T((2,)), NAN), (T((3,), "int64"), Big(9007199254740993)), (T((3,)), True), (T((2,), "int32"), T((), "float32")), (T((2,), "uint8"), -1), (T((2,), "int8"), 128))
operation("fill_").case(G((3, 4)), 1, through=("narrow", 1, 1, 2)).case(T((3, 4)), G(()), through=("select", 1, 0))
same("zero_", T((2, 3)), G((2, 3)), T((3, 4), layout="T"), T((2,), "bool"), T((2, 3), layout="S"))
operation("zero_").case(G((3, 4)), through=("select", 0, 2))
same("fillDiagonal_", (T((3, 3)), 2), (T((2, 4)), 1), (G((3, 3)), 0), (T((7, 3)), 5), (T((3,)), 1), call=torch.Tensor.fill_diagonal_)

# ---- from nothing


def create(name, *samples, call=None, **options):
    op = operation(name, call)
    for sample in samples:
        op.case(*(sample if isinstance(sample, tuple) else (sample,)), **options)


for name in ("zeros", "ones"):
    create(name, [2, 3], [], [0], [2, 0, 3], [-1], [3])
    for dtype in DTYPES:
        create(name, [3], dtype=dtype)
    create(name, [2], requires_grad=True)
    create(name, [2], requires_grad=True, dtype="int64")


def full(shape, value, **options):
    return torch.full(shape, value, **options)


create("full", ([2, 3], 2.5), ([], 1.5), ([0], 0.5), ([2], True), ([2], NAN), ([2], -INF), ([2], Big(5)), call=full)
for dtype in DTYPES:
    create("full", ([2], 3), ([2], 2.5), ([2], True), dtype=dtype)
create("full", ([2], 300), ([2], -1), dtype="uint8")
for name in ("zerosLike", "onesLike"):
    create(name, T((2, 3)), T((3, 4), layout="T"), T((3, 4), layout="S"), T((2,), "int64"), T(()), G((2,)))
    create(name, T((2, 3)), dtype="bool")
create("fullLike", (T((2, 3)), 2.5), (T((2,), "int64"), 3), (T((2,), "bool"), 1), (T((2,), "int64"), 2.5))
create("fullLike", (T((2, 3)), 2), dtype="int32")
for name, arguments in (("newZeros", ([2, 3],)), ("newOnes", ([2, 3],)), ("newFull", ([2, 3], 7))):
    create(name, (T((1,)), *arguments), (T((1,), "int64"), *arguments), (T((1,), "bool"), *arguments))
    create(name, (T((1,)), *arguments), dtype="float64")
create("arange", 5, (1, 5), (0, 5, 2), (5, 0, -1), (0, 1, 0.25), (0.5, 3), 0, (5, 5), (0, 5, -1), (0, 5, 0), (1, 2, 0.3), (0, NAN), (0, INF), 2.5, (-3, 3), (3, -3), (10, 0, -3), (0.1, 0.9, 0.2))
create("arange", 5, (0, 5, 2), (0.5, 4), dtype="float32")
create("arange", (0, 1, 0.1), (1, 3.5, 0.7), dtype="float64")
create("arange", (0, 5), (0, 300), dtype="uint8")
create("arange", (0, 5), (0.5, 4.5), dtype="int64")
create("arange", 3, requires_grad=True)
create("arange", 3, requires_grad=True, dtype="float32")
create("linspace", (0, 1, 5), (-3, 10, 7), (0, 1, 1), (0, 1, 0), (5, -5, 11), (1, 1, 3), (0, 1, -1), (0.1, 0.7, 4), (0, 10, 100))
create("linspace", (0, 1, 7), (-10, 10, 13), dtype="float64")
create("linspace", (0, 10, 5), (0, 10, 4), (-10, 10, 7), dtype="int64")
create("logspace", (0, 2, 5), (-1, 1, 3), (0, 1, 1), (0, 3, 4, 2))
create("eye", 3, (2, 4), (4, 2), 0, 1, -1, (3, 0))
create("eye", (3, 3), (2, 3), dtype="int64")


def tensor(data, **options):
    """Numbers are floats here, as TypeScript has no integers: only bigints and booleans are not."""
    kinds = {type(entry) for entry in leaves(data)}
    if "dtype" not in options and kinds & {int, float}:
        options["dtype"] = torch.float32
    return torch.tensor(data, **options)


def leaves(data):
    return [leaf for entry in data for leaf in leaves(entry)] if isinstance(data, list) else [data]


create("tensor", 5, 2.5, True, ([1, 2],), ([1, 2.5],), ([[1, 2], [3, 4]],), ([True, False],), ([],), ([[]],), ([[], []],), ([[1], [2, 3]],), ([1, [2]],), ([[1, 2], 3],), ([[1.5], [2.5]],), ([[[0.5]]],), ([True, 2],),
       ([Big(1), Big(2)],), (Big(4611686018427387905),), ([NAN, INF],), call=tensor)
for dtype in DTYPES:
    create("tensor", ([0, 1, 2],), ([True, False],), ([0.5, 1.5, -0.5],), dtype=dtype)
create("tensor", ([1.5, 2],), requires_grad=True)
create("tensor", ([300, -1],), dtype="uint8")

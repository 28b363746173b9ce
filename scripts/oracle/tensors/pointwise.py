"""Samples of what works element by element: functions of one and two operands, comparisons, logic, bits, bounds, mixtures."""

import torch
import torch.nn.functional as F

from recipe import FLOATS, G, INF, INTEGERS, N, NAN, T
from table import Big, operation

INTEGER_KINDS = ("int64", "int32", "uint8", "bool")


def one_operand(name, kind="normal", call=None, gradient=True, floats_only=False, extremes=True):
    """The samples that every function of one element gets."""
    op = operation(name, call)
    ask = G if gradient else N
    op.cases_of(
        ask((2, 3), kind), ask((3, 4), kind, "T"), ask((2, 3), kind, "S"), ask((3, 2), kind, "E"), ask((), kind),
        ask((2, 3, 2), kind, "P"), ask((0,), kind), ask((2, 0, 3), kind), ask((5,), kind, dtype="float64"),
        ask((3, 17), kind, "O", "float64"), ask((67,), kind))
    if extremes:
        op.cases_of(ask((24,), "special"), ask((24,), "special", dtype="float64"))
    if not floats_only:
        for dtype in INTEGER_KINDS:
            op.case(T((2, 3), dtype, "positive" if kind in ("positive", "above") else "ties"))
        op.cases_of(T((3, 2), "int64", "ties", "T"), T((), "int32", "ties"), T((13,), "int8", "special"),
                    T((13,), "int16", "special"))
    return op


DOMAINS = {
    "log": "positive", "log2": "positive", "log10": "positive", "log1p": "positive", "sqrt": "positive", "rsqrt": "positive",
    "reciprocal": "positive", "asin": "unit", "acos": "unit", "atanh": "unit", "acosh": "above", "lgamma": "positive",
    "digamma": "positive",
}
for function in (
        "neg", "abs", "sign", "square", "floor", "ceil", "round", "trunc", "frac", "exp", "exp2", "expm1", "log", "log1p",
        "log2", "log10", "sqrt", "rsqrt", "reciprocal", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh",
        "asinh", "acosh", "atanh", "erf", "erfc", "lgamma", "digamma", "sigmoid", "relu"):
    one_operand(function, DOMAINS.get(function, "normal"))
for function in ("logSigmoid", "gelu", "silu", "softplus", "mish", "softsign", "hardswish", "hardsigmoid", "selu", "elu",
                 "leakyRelu", "hardtanh", "relu6"):
    calls = {"logSigmoid": F.logsigmoid}
    one_operand(function, call=calls.get(function), extremes=True)
operation("gelu").cases_of(G((9,), dtype="float64")).case(G((2, 5)), approximate="tanh").case(
    G((7,), dtype="float64"), approximate="tanh")
for slope in (0.2, -0.5, 0):
    operation("leakyRelu").case(G((2, 5)), negative_slope=slope)
operation("elu").case(G((2, 5)), alpha=0.5).case(G((4,), "special"), alpha=2)
operation("softplus").case(G((2, 5)), beta=2).case(G((3, 5)), beta=0.5, threshold=1).case(
    G((4,), dtype="float64"), beta=3, threshold=2)
operation("hardtanh").case(G((2, 5)), min_val=-0.5, max_val=2).case(T(5, "int64", "ties"), min_val=-1, max_val=2)
for test in ("isnan", "isinf", "isfinite", "logicalNot"):
    op = operation(test)
    op.cases_of(T((24,), "float32", "special"), T((24,), "float64", "special"), T((2, 3)), T((3, 4), layout="T"), T(()),
                T((0, 2)), T((2, 3), layout="S"), T((4,), kind="zeros"))
    for dtype in ("int64", "int16", "uint8", "bool"):
        op.case(T((7,), dtype, "ties"))
one_operand("bitwiseNot", gradient=False, extremes=False)
operation("nanToNum").cases_of(G((24,), "special"), G((24,), "special", dtype="float64"), G((2, 3), "special", "T"),
                               T((5,), "int64")).case(G((24,), "special"), nan=1.5, posinf=100, neginf=-7)


def in_place(name, kind="normal", samples=(), call=None):
    """The form with the underscore: on tensors, on leaves' clones, on views of them, with errors where dtypes don't fit."""
    op = operation(name, call)
    op.case(T((2, 3), kind=kind), *samples)
    op.case(T((3, 2), kind=kind, layout="T"), *samples)
    op.case(T((2, 3), "float64", kind, "S"), *samples)
    op.case(G((2, 3), kind), *samples)
    op.case(G((3, 4), kind), *samples, through=("narrow", 1, 1, 2))
    op.case(G((3, 4), kind, dtype="float64"), *samples, through=("transpose", 0, 1))
    op.case(G((3, 4), kind), *samples, through=("select", 0, 1))
    op.case(T((2, 3), "int64", "positive"), *samples)
    op.case(T((2, 3), "bool"), *samples)
    op.case(T((3,), kind=kind, layout="O"), *samples)
    return op


for function in ("neg", "abs", "sign", "square", "floor", "ceil", "round", "trunc", "frac", "exp", "exp2", "expm1", "log",
                 "log1p", "log2", "log10", "sqrt", "rsqrt", "reciprocal", "sin", "cos", "tan", "asin", "acos", "atan", "sinh",
                 "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "sigmoid", "relu"):
    in_place(function + "_", DOMAINS.get(function, "normal"))
in_place("logicalNot_")
operation("leakyRelu_", F.leaky_relu_).cases_of(T((2, 3)), G((2, 3))).case(G((4,)), negative_slope=0.3)
operation("elu_", F.elu_).cases_of(T((2, 3)), G((2, 3))).case(G((4,)), alpha=0.3)
in_place("nanToNum_")


# ---- two operands

def two_operands(name, left="normal", right="normal", call=None, gradient=True, numbers=(2, -3, 0.5, True), floats=True,
                 extremes=True, integers="ties"):
    op = operation(name, call)
    ask = G if gradient else N
    # The smallest integer divided by -1 kills PyTorch's process.
    beside_special = "positive" if integers == "nonzero" else integers
    if floats:
        for dtype in FLOATS:
            op.case(ask((2, 3), left, dtype=dtype), ask((2, 3), right, dtype=dtype))
        op.cases_of(
            (ask((2, 3), left), ask((3,), right)), (ask((3,), left), ask((2, 3), right)),
            (ask((2, 1), left), ask((1, 3), right)), (ask((2, 3), left), ask((), right)), (ask((), left), ask((2, 3), right)),
            (ask((), left), ask((), right)), (ask((3, 4), left, "T"), ask((3, 4), right)),
            (ask((3, 4), left, "T"), ask((3, 4), right, "T")), (ask((3, 4), left, "S"), ask((3, 4), right, "E")),
            (ask((2, 1, 4), left), ask((3, 1), right, "O")), (ask((0,), left), ask((1,), right)),
            (ask((2, 0), left), ask((2, 1), right)), (ask((0, 3), left), ask((3,), right)),
            (T((2, 3), kind=left), ask((2, 3), right)), (ask((2, 3), left), T((2, 3), kind=right)),
            (ask((2, 3), left), ask((3,), right, dtype="float64")), (ask((2, 3), left), ask((), right, dtype="float64")),
            (ask((), left), ask((2,), right, dtype="float64")), (ask((5, 13), left), ask((13,), right)),
            (T((2, 3)), T((2, 4))), (T((2, 3)), T((4, 3))), (T((3,)), T((2, 3, 4))))
        for number in numbers:
            op.case(ask((2, 3), left), number)
            op.case(ask((3,), left, dtype="float64"), number)
        op.cases_of((ask((2, 3), left), T((3,), "int64", integers)), (T((2, 3), "int32", integers), ask((3,), right)),
                    (ask((2, 2), left), T((), "int64", integers)), (T((2, 2), "int64", integers), ask((), right)))
    if extremes:
        for dtype in FLOATS:
            op.case(ask((24, 1), "special", dtype=dtype), ask((1, 24), "special", dtype=dtype), check=False)
    for a, b in (("int64", "int64"), ("int32", "int64"), ("uint8", "int8"), ("bool", "int64"), ("bool", "bool"),
                 ("int16", "bool"), ("uint8", "uint8"), ("int8", "int8"), ("bool", "float32")):
        op.case(T((2, 3), a, integers), T((3,), b, integers))
    for number in numbers:
        op.case(T((2, 3), "int64", integers), number)
    op.cases_of((T((2,), "bool"), True), (T((3,), "uint8", integers), 300), (T((2, 3), "int32", integers, "T"), T((2, 3), "int32", integers)),
                (T((13, 1), "int64", "special"), T((1, 13), "int64", beside_special)),
                (T((13,), "int8", "special"), T((13,), "int8", beside_special)),
                (T((9,), "uint8", "special"), T((9,), "uint8", beside_special)))
    return op


for function in ("add", "sub", "mul"):
    op = two_operands(function)
    if function != "mul":
        for alpha in (2, -1, 0.5, 0):
            op.case(G((2, 3)), G((3,)), alpha=alpha)
        op.case(T((2, 3), "int64", "ties"), T((3,), "int64", "ties"), alpha=3)
        op.case(T((2, 3), "int64", "ties"), T((3,), "int64", "ties"), alpha=0.5)
        op.case(T((3,), "bool"), T((3,), "bool"), alpha=True)
two_operands("div", right="positive", integers="nonzero")
for mode in ("floor", "trunc"):
    op = operation("div")
    for dtype in FLOATS:
        op.case(G((3, 4), dtype=dtype), G((3, 4), "positive", dtype=dtype), rounding_mode=mode)
        op.case(T((24, 1), dtype, "special"), T((1, 24), dtype, "special"), rounding_mode=mode)
    for dtype in INTEGERS:
        op.case(T((13, 1), dtype, "special"), T((1, 6), dtype, "positive"), rounding_mode=mode)
        op.case(T((8, 1), dtype), T((1, 6), dtype, "nonzero"), rounding_mode=mode)
    op.case(T((5,), "int64"), 3, rounding_mode=mode).case(T((5,), "int64"), T((5,), "int64", "zeros"), rounding_mode=mode)
    op.case(T((5,), "int64"), 0, rounding_mode=mode).case(G((5,)), 0.75, rounding_mode=mode)
    op.case(T((5,), "int64"), 0.75, rounding_mode=mode).case(T((5,), "bool"), True, rounding_mode=mode)
operation("div").case(T((2,)), 3, rounding_mode="up")
two_operands("floorDivide", right="positive", integers="nonzero").cases_of((T((3,), "int64"), 0))
two_operands("remainder", right="positive", integers="nonzero").cases_of(
    (T((3,), "int64"), 0), (T((3,), "int64"), T((3,), "int64", "ties")), (T((5,), "int64", "ties"), -3), (G((7,)), -1.25))
two_operands("fmod", right="positive", integers="nonzero").cases_of(
    (T((3,), "int64"), 0), (T((3,), "int64"), T((3,), "int64", "ties")), (T((5,), "int64", "ties"), -3), (G((7,)), -1.25))
two_operands("pow", left="positive", integers="positive").cases_of(
    (T((4,), "int64"), -2), (T((4,), "int64"), T((4,), "int64", "ties")), (G((5,)), 2), (G((5,)), 3), (G((5,)), -1),
    (G((5,)), -2), (G((5,), "positive"), 0.5), (G((5,), "positive"), -0.5), (G((5,), "positive"), 0), (G((4,), "zeros"), 0),
    (G((4,), "zeros"), 1), (G((4,), "zeros"), 2), (2, G((5,))), (0.5, G((5,))), (0, G((5,), "positive")),
    (2, T((5,), "int64", "positive")), (2, T((), "int64", "positive")), (1.5, T((5,), "int64", "positive")))
for function in ("maximum", "minimum"):
    two_operands(function, numbers=()).cases_of((G((30,), "ties"), G((30,), "ties")))
for function in ("atan2", "hypot"):
    two_operands(function, numbers=())
two_operands("logaddexp", numbers=())
for function in ("fmax", "fmin"):
    two_operands(function, numbers=()).cases_of((G((30,), "ties"), G((30,), "ties")))
two_operands("xlogy", left="normal", right="positive", numbers=(2, 0.5), integers="positive")
for function in ("eq", "ne", "lt", "le", "gt", "ge"):
    two_operands(function, gradient=False).cases_of(
        (T((30,), kind="ties"), T((30,), kind="ties")), (T((30,), kind="ties"), 0), (T((24,), kind="special"), NAN),
        (T((24,), kind="special"), INF), (T((4,), "int64", "ties"), 0.5), (T((4,), "uint8"), -1))
for function in ("logicalAnd", "logicalOr", "logicalXor"):
    two_operands(function, gradient=False, numbers=()).cases_of((T((30,), kind="ties"), T((30,), kind="ties")))
for function in ("bitwiseAnd", "bitwiseOr", "bitwiseXor"):
    two_operands(function, gradient=False, numbers=(5, -3, True), floats=False, extremes=False).cases_of(
        (T((3,)), T((3,))), (T((3,), "int64"), T((3,))), (T((3, 1), "int64"), T((4,), "int64")), (T((3,), "int64"), 0.5))
for function in ("bitwiseLeftShift", "bitwiseRightShift"):
    operation(function).cases_of(
        (T((13, 1), "int64", "special"), T((6,), "int64", "below:8")), (T((5,), "int32"), T((5,), "int32", "below:8")),
        (T((5,), "uint8"), T((5,), "uint8", "below:8")), (T((5,), "int8"), T((5,), "int8", "below:8")),
        (T((5,), "int64"), 2), (T((3,)), T((3,), "int64", "below:3"), ), (T((0,), "int64"), T((1,), "int64", "below:3")))


def two_in_place(name, right="normal", numbers=(2, 0.5), left="normal", **options):
    op = operation(name)
    op.case(T((2, 3), kind=left), T((3,), kind=right), **options).case(T((3, 2), kind=left, layout="T"), T((3, 2), kind=right), **options)
    op.case(G((2, 3), left), G((3,), right), **options).case(T((2, 3), kind=left), G((2, 3), right), **options)
    op.case(G((2, 3), left), T((2, 1), kind=right), **options)
    op.case(G((3, 4), left), G((2,), right), through=("narrow", 1, 1, 2), **options)
    op.case(T((3, 4), kind=left), G((3, 2), right), through=("narrow", 1, 1, 2), **options)
    op.case(G((3, 4), left, dtype="float64"), G((3,), right, dtype="float64"), through=("transpose", 0, 1), **options)
    op.case(G((3, 4), left), G((), right), through=("select", 0, 1), **options)
    op.case(T((2, 3), kind=left), T((2, 2, 3), kind=right), **options).case(T((3,), kind=left), T((2, 3), kind=right), **options)
    op.case(T((2, 3), kind=left), T((3,), "float64", right), **options).case(T((2, 3), "float64", left), T((3,), kind=right), **options)
    op.case(T((3,), "int64"), T((3,), kind=right), **options).case(T((3,), "int32"), T((3,), "int64", "positive"), **options)
    op.case(T((3,), "bool"), T((3,), "int64", "positive"), **options).case(T((3,), kind=left), T((3,), "int64", "positive"), **options)
    op.case(T((3,), "uint8"), T((3,), "int8", "positive"), **options).case(T((2, 3), kind=left, layout="E"), T((3,), kind=right), **options)
    op.case(T((0, 3), kind=left), T((3,), kind=right), **options)
    for number in numbers:
        op.case(T((2, 3), kind=left), number, **options).case(T((3,), "int64", "positive"), number, **options)
        op.case(G((2, 3), left), number, **options)
    return op


for function in ("add_", "sub_", "mul_"):
    two_in_place(function)
two_in_place("pow_", right="positive", left="positive")
for function in ("div_", "remainder_", "fmod_", "floorDivide_"):
    two_in_place(function, right="positive")
two_in_place("add_", alpha=2, numbers=(3,))
two_in_place("sub_", alpha=0.5, numbers=(3,))
two_in_place("div_", "positive", rounding_mode="floor")
two_in_place("div_", "positive", rounding_mode="trunc")
for function in ("eq_", "ne_", "lt_", "le_", "gt_", "ge_", "logicalAnd_", "logicalOr_", "logicalXor_", "atan2_", "hypot_"):
    two_in_place(function, numbers=() if function[0] in "lah" and function not in ("lt_", "le_") else (2,))
for function in ("bitwiseAnd_", "bitwiseOr_", "bitwiseXor_"):
    operation(function).cases_of((T((3,), "int64"), T((3,), "int64")), (T((3,), "bool"), T((3,), "bool")), (T((3,), "int32"), 3),
                                 (T((3,)), T((3,))), (T((3,), "int32"), T((3,), "int64")), (T((3,), "bool"), T((3,), "int64")))

# ---- bounds and mixtures

for name in ("clamp", "clamp_"):
    op = operation(name)
    for bounds in ({"min": -1, "max": 1}, {"min": 0}, {"max": 0.5}, {"min": 1, "max": -1}, {"min": NAN}, {"max": INF},
                   {"min": -0.5, "max": 1}):
        op.case(G((3, 4)), **bounds).case(T((24,), kind="special"), **bounds).case(T((3, 4), layout="T"), **bounds)
        if not any(isinstance(bound, float) for bound in bounds.values()):
            op.case(T((5,), "int64", "ties"), **bounds).case(T((5,), "uint8", "ties"), **bounds)
    op.case(T((5,), "int64", "ties"), min=-0.5).case(T((3,))).case(T((3,), "bool"), min=0).case(G((30,), "ties"), min=-1, max=1)
    op.case(G((3, 4)), min=G((4,))).case(G((3, 4)), max=G((3, 1))).case(G((3, 4)), min=T((4,)), max=T(()))
    op.case(T((3,)), min=T((2, 3))).case(T((3,), "int64"), min=T((3,))).case(T((3,)), min=T((2,)))
    op.case(T((24,), kind="special"), min=T((24,), kind="special", layout="S"))
for name, bound in (("clampMin", "min"), ("clampMax", "max")):
    operation(name).cases_of((G((3, 4)), 0.5), (G((3, 4)), G((4,))), (T((5,), "int64", "ties"), 1), (T((24,), kind="special"), 0))
    operation(name + "_").cases_of((G((3, 4)), 0.5), (T((5,), "int64", "ties"), 1), (T((5,), "int64", "ties"), 0.5))

op = operation("where")
op.cases_of(
    (T((2, 3), "bool"), G((2, 3)), G((2, 3))), (T((2, 1), "bool"), G((3,)), G(())), (T((), "bool"), G((2, 3)), G((3,))),
    (T((2, 3), "bool"), G((2, 3)), 0), (T((2, 3), "bool"), -1.5, G((2, 3))), (T((3,), "bool"), 1, 2), (T((3,), "bool"), 1.5, 2),
    (T((3, 4), "bool", layout="T"), G((3, 4), layout="T"), G((3, 4), layout="S")), (T((0,), "bool"), G((1,)), G((0,))),
    (T((3,), "bool"), T((3,), "int64"), G((3,))), (T((3,), "bool"), T((3,), "int32"), T((3,), "int64")),
    (T((3,), "bool"), G((3,)), G((), dtype="float64")), (T((3,), "bool"), G((3,)), G((3,), dtype="float64")),
    (T((3,), "float32"), T((3,)), T((3,))), (T((3,), "int64", "ties"), T((3,)), T((3,))), (T((3,), "bool"), T((2,)), T((3,))),
    (T((24,), "bool"), G((24,), "special"), G((24,), "normal")), (T((3,), "bool"), T((3,), "bool"), T((3,), "bool")),
    (T((3,), "bool"), T((3,), "int64"), 0.5), (T((3,), "bool"), T((3,), "bool"), 2), (T((3,), "bool"), T((3,), "int64"), True))

for name in ("lerp", "lerp_"):
    op = operation(name)
    op.cases_of((G((2, 3)), G((2, 3)), 0.25), (G((2, 3)), G((2, 3)), 0.75), (G((2, 3)), G((2, 3)), 2), (G((2, 3)), G((3,)), 0.5),
                (G((2, 3)), G((2, 3)), G((2, 3))), (G((2, 3)), G((3,)), G((2, 1))), (G((3, 4), layout="T"), G((3, 4)), 0.3),
                (T((3,)), T((3,), "float64"), 0.5), (T((3,), "int64"), T((3,), "int64"), 0.5), (G(()), G(()), 0.5), (T((3,)), T((2,)), 0.5),
                (G((4,), dtype="float64"), G((4,), dtype="float64"), 0.9), (T((0,)), T((0,)), 0.5),
                (T((5,), kind="large"), T((5,), kind="tiny"), 0.999))
    op.case(T((2, 1)), T((2, 3)), 0.5)
for name in ("addcmul", "addcdiv", "addcmul_", "addcdiv_"):
    op = operation(name)
    for value in ({}, {"value": 2}, {"value": -0.5}):
        op.case(G((2, 3)), G((2, 3)), G((2, 3), "positive"), **value).case(G((2, 3)), G((3,)), G((2, 1), "positive"), **value)
        op.case(T((3, 4), layout="T"), T((3, 4)), T((3, 4), kind="positive", layout="S"), **value)
        op.case(T((3,), "int64"), T((3,), "int64"), T((3,), "int64", "positive"), **value)
    op.case(T((3,)), T((3,), "float64"), T((3,), "float64", "positive")).case(T((3,)), T((2,)), T((3,), kind="positive"))
    op.case(G((2, 3), dtype="float64"), G((2, 3), dtype="float64"), G((2, 3), "positive", dtype="float64"), value=0.1)
    op.case(T((3,)), T((2, 3)), T((3,), kind="positive")).case(T((0,)), T((0,)), T((1,), kind="positive"))
    op.case(T((3,)), T((3,), "int64"), T((3,), "int64", "positive"))

# ---- promotion: every pair of dtypes, with dims and without

for function in ("add", "mul", "div", "maximum", "eq", "where"):
    every = ("float32", "float64", "int64", "int32", "int16", "int8", "uint8", "bool")
    for left in every:
        for right in every:
            samples = [((2,), (2,))] if function not in ("add", "mul") else [((2,), (2,)), ((2,), ()), ((), (2,)), ((), ())]
            for a, b in samples:
                first = (T((2,), "bool"),) if function == "where" else ()
                operation(function).case(*first, T(a, left, "positive"), T(b, right, "positive"))
for dtype in ("float32", "float64", "int64", "int32", "int16", "int8", "uint8", "bool"):
    for function in ("add", "mul", "div", "pow", "eq", "sub", "remainder"):
        for number in (3, 2.5, True, Big(3)):
            for shape in ((2,), ()):
                operation(function).case(T(shape, dtype, "positive"), number)

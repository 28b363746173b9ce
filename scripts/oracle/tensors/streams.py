"""Sequences of random draws under a seed: what PyTorch's CPU generator gives for them, call after call."""

import torch
import torch.nn.functional as F

from recipe import DTYPES, T
from table import Recipe, described, encode, snake

SIZES = (1, 2, 15, 16, 17, 31, 32, 33, 100)
SEEDS = (0, 1, 42, 2**31 + 5, 2**53 - 1, -1)


def call(op, *args, **options):
    return {"op": op, "args": list(args), "options": options}


def sequence(seed, *calls, generator=False):
    return {"seed": seed, "calls": list(calls), "generator": generator}


def zeros(shape, layout="C", dtype="float32"):
    return T(shape, dtype, "zeros", layout)


FILLS = [("uniform_", ()), ("uniform_", (-2, 3)), ("normal_", ()), ("normal_", (2, 0.5)), ("bernoulli_", ()), ("bernoulli_", (0.3,)),
         ("exponential_", ()), ("exponential_", (2.5,))]


def sequences():
    for seed in SEEDS:
        for dtype in ("float32", "float64"):
            yield sequence(seed, *[call(op, [size], dtype=dtype) for op in ("rand", "randn") for size in (5, 16)])
    for size in SIZES:
        for dtype in ("float32", "float64"):
            for op, args in FILLS:
                yield sequence(size, call(op, zeros((size,), dtype=dtype), *args), call("rand", [2]), call("randn", [3]))
            yield sequence(size, call("randn", [size], dtype=dtype), call("randn", [size], dtype=dtype))
        yield sequence(size, call("randperm", size), call("randperm", size), call("rand", [1]))
        yield sequence(size, call("randint", 10, [size]), call("randint", -5, 1000, [size]), call("rand", [1]))
        yield sequence(size, call("randint", 2**33, [size]), call("randint", -2**40, 2**50, [size]))
        yield sequence(size, call("randint", 0, 2, [size], dtype="uint8"), call("randint", 0, 5, [size], dtype="float32"))
        yield sequence(size, call("dropout", T((size,)), 0.5), call("dropout", T((size,), "float64"), 0.25), call("rand", [1]))
        yield sequence(size, call("bernoulli", T((size,), kind="probability")), call("rand", [1]))
    for op, args in FILLS:
        for layout, shape in (("T", (3, 4)), ("T", (5, 6)), ("S", (3, 4)), ("S", (20,)), ("O", (4, 5)), ("P", (2, 3, 4))):
            for dtype in ("float32", "float64"):
                yield sequence(7, call(op, zeros(shape, layout, dtype), *args), call("rand", [2]))
    for shape in ((4,), (2, 4), (3, 20)):
        for samples, replacement in ((1, False), (3, False), (4, False), (1, True), (7, True)):
            for dtype in ("float32", "float64"):
                yield sequence(3, call("multinomial", T(shape, dtype, "positive"), samples, replacement=replacement), call("rand", [2]))
    yield sequence(3, call("multinomial", T((4,), kind="zeros"), 1))
    for dtype in ("int64", "int32", "uint8", "bool"):
        yield sequence(5, call("bernoulli_", zeros((20,), dtype=dtype), 0.4), call("bernoulli_", zeros((3, 4), "T", dtype), T((3, 4), kind="probability")))
        yield sequence(5, call("random_", zeros((20,), dtype=dtype), 0, 2), call("rand", [1]))
    for layout, shape in (("T", (3, 4)), ("S", (3, 4)), ("P", (2, 3, 4)), ("O", (3, 4))):
        yield sequence(6, call("bernoulli", T(shape, "float32", "probability", layout)), call("dropout", T(shape, layout=layout), 0.4), call("rand", [1]))
    yield sequence(5, call("bernoulli_", zeros((20,)), T((20,), "float64", "probability")), call("rand", [2]))
    yield sequence(5, call("random_", zeros((20,)), -3, 100), call("random_", zeros((20,), dtype="int64"), -3, 2**40), call("rand", [1]))
    # What one draw leaves behind, the next finds: a cached normal number, half a word.
    for seed in (0, 11):
        for generator in (False, True):
            yield sequence(seed, call("randn", [3]), call("rand", [2]), call("randn", [4]), call("randn", [1]), call("randint", 100, [3]),
                           call("randn", [17]), call("randperm", 9), call("randn", [2], dtype="float64"), call("normal", 1, 2, [5]),
                           call("randn", [2]), generator=generator)
            yield sequence(seed, call("randn", [3]), call("save"), call("randn", [2]), call("rand", [700]), call("restore"), call("randn", [2]),
                           call("rand", [20]), generator=generator)
            yield sequence(seed, call("rand", [1000]), call("randn", [625]), call("randperm", 300), generator=generator)
    yield sequence(9, call("randLike", T((3, 4), "float64", layout="T")), call("randnLike", T((4, 5), layout="T")), call("randnLike", T((3,))))
    yield sequence(9, call("rand", [2, 0, 3]), call("randn", [0]), call("randperm", 0), call("rand", []), call("randn", []))
    yield sequence(9, call("randperm", 20, dtype="int32"), call("randperm", 40, dtype="float32"), call("randperm", 1))
    yield sequence(9, call("dropout", T((3, 4), layout="T"), 0.3), call("dropout", T((4,)), 0), call("dropout", T((4,)), 1), call("rand", [1]))


def numbered(value, place):
    if isinstance(value, Recipe):
        return Recipe(value.shape, value.dtype, value.kind, value.layout, value.grad, value.seed or place)
    return value


def run(entry):
    """The sequence with what PyTorch draws."""
    generator = torch.Generator().manual_seed(entry["seed"]) if entry["generator"] else None
    torch.manual_seed(99 if entry["generator"] else entry["seed"])
    state = None
    calls, out = [], []
    for place, step in enumerate(entry["calls"]):
        op, args, options = step["op"], [numbered(arg, place + 1) for arg in step["args"]], step["options"]
        calls.append({"op": op, "args": [encode(arg) for arg in args], **({"options": options} if options else {})})
        if op == "save":
            state = generator.get_state() if generator else torch.get_rng_state()
            continue
        if op == "restore":
            generator.set_state(state) if generator else torch.set_rng_state(state)
            continue
        made = [arg.make() if isinstance(arg, Recipe) else arg for arg in args]
        keywords = {key: DTYPES[value] if key == "dtype" else value for key, value in options.items()}
        if generator and op not in ("dropout", "randLike", "randnLike"):
            keywords["generator"] = generator
        try:
            result = drawn(op, made, keywords)
        except (RuntimeError, ValueError) as error:
            out.append({"error": str(error).split("\n")[0]})
            continue
        out.append(described(result, None))
    return {"seed": entry["seed"], **({"generator": True} if entry["generator"] else {}), "calls": calls, "out": out}


def drawn(op, args, keywords):
    if op == "dropout":
        return F.dropout(*args)
    if op.endswith("_"):
        return getattr(args[0], op)(*args[1:], **keywords)
    return getattr(torch, snake(op))(*args, **keywords)


def results():
    return [run(entry) for entry in sequences()]

"""Samples derived from those of the table by rule: whatever one operation is asked, every operation is asked.

Each rule takes a case and gives variants of it; a variant that the table has already, but for its seeds, is left out. A rule sees
only the first of the cases that are alike in what the rule looks at, so that the number of variants stays within bounds.
"""

import dataclasses
import json
import re

from recipe import DTYPES, FLOATS, INTEGERS, Recipe
from table import Big, Case, encode

PLACES = {"shape": 0, "dtype": 1, "kind": 2, "layout": 3, "grad": 4, "seed": 5}


def recipes(value):
    """The recipes in an argument, in order."""
    if isinstance(value, Recipe):
        return [value]
    if isinstance(value, (list, tuple)):
        return [recipe for entry in value for recipe in recipes(entry)]
    if isinstance(value, dict):
        return [recipe for entry in value.values() for recipe in recipes(entry)]
    return []


def with_recipes(value, new):
    """The argument with the recipes of an iterator in place of its own."""
    if isinstance(value, Recipe):
        return next(new)
    if isinstance(value, (list, tuple)):
        return [with_recipes(entry, new) for entry in value]
    if isinstance(value, dict):
        return {name: with_recipes(entry, new) for name, entry in value.items()}
    return value


def tensors(case):
    return recipes(case.args) + recipes(case.options)


def with_tensors(case, new):
    new = iter(new)
    return dataclasses.replace(case, args=with_recipes(case.args, new), options=with_recipes(case.options, new), check=False)


def changed(recipe, **fields):
    """A recipe with other fields, its layout one that its shape has, a gradient asked for only where there can be one."""
    recipe = dataclasses.replace(recipe, **fields)
    ndim = len(recipe.shape)
    if ndim < {"C": 0, "O": 0, "S": 1, "E": 1, "P": 2, "T": 2}[recipe.layout]:
        recipe = dataclasses.replace(recipe, layout="C")
    if recipe.layout == "E" and recipe.shape[0] == 0:
        recipe = dataclasses.replace(recipe, layout="C")
    if recipe.dtype not in (*FLOATS, "bfloat16"):
        recipe = dataclasses.replace(recipe, grad=False, kind="ties" if recipe.kind == "common" else recipe.kind)
    return recipe


def one_by_one(case, change):
    """Variants in which one tensor is changed to each of what `change` gives for it."""
    all_of = tensors(case)
    for i, recipe in enumerate(all_of):
        for fields in change(recipe):
            yield with_tensors(case, [*all_of[:i], changed(recipe, **fields), *all_of[i + 1:]])


def together(case, fields, where=lambda recipe: True):
    return with_tensors(case, [changed(recipe, **fields) if where(recipe) else recipe for recipe in tensors(case)])


def is_index(recipe):
    return recipe.kind.startswith("below:")


# ---- the rules


def layouts(case):
    """Transposed, with steps, with an offset, reversed, expanded: one tensor, and all of them."""
    # PyTorch 1.13 sorts expanded tensors in place for their median, and a deviation of zero is a matter of rounding.
    expands = case.operation.name not in ("median", "nanmedian", "var", "std", "varMean", "stdMean")

    def change(recipe):
        names = ["O", *["S", "E"][:len(recipe.shape)], *"TP"[:max(len(recipe.shape) - 1, 0)]]
        return [{"layout": name} for name in names if name != recipe.layout and (expands or name != "E")]

    yield from one_by_one(case, change)
    if len(tensors(case)) > 1:
        for name in ("T", "S", "O"):
            yield together(case, {"layout": name})


def one_dtype(case):
    """Every dtype for all tensors but indices and masks; for one tensor alone, so that dtypes meet."""
    def value_like(recipe):
        return not is_index(recipe) and recipe.dtype != "bool"

    for dtype in DTYPES:
        yield together(case, {"dtype": dtype}, value_like)
        yield from one_by_one(case, lambda recipe: [{"dtype": dtype}])


def extremes(case):
    """NaN, infinities, -0, denormals, the ends of the dtypes: in one tensor, in all."""
    # The smallest integer divided by -1 kills PyTorch's process.
    integers = any(recipe.dtype in INTEGERS for recipe in tensors(case))
    if integers and re.match(r"div|floorDivide|remainder|fmod", case.operation.name):
        return
    def kind(recipe):
        return "common" if case.operation.name in SUMS and recipe.dtype in FLOATS else "special"

    yield from one_by_one(case, lambda recipe: [] if recipe.dtype == "bool" else [{"kind": kind(recipe)}])
    if len(tensors(case)) > 1:
        yield with_tensors(case, [
            recipe if recipe.dtype == "bool" or is_index(recipe) else changed(recipe, kind=kind(recipe)) for recipe in tensors(case)])


# Where the order of terms decides what overflows on the way: NaN and infinities, but not the ends of the dtype.
SUMS = ("sum", "mean", "nansum", "nanmean", "matmul", "mm", "bmm", "mv", "dot", "vdot", "inner", "addmm", "baddbmm", "addmv",
        "addbmm", "tensordot", "linear", "einsum")


def kills(case):
    """Counting up to the largest integer kills PyTorch's process."""
    return case.operation.name == "bincount" and any(recipe.kind == "special" for recipe in tensors(case))


def sizes(case):
    """A size that is 0 or 1 wherever it occurs; one tensor that is 0-d, or empty, or has another size."""
    every = tensors(case)
    for size in sorted({size for recipe in every for size in recipe.shape}):
        for new in (0, 1):
            yield with_tensors(case, [
                changed(recipe, shape=tuple(new if own == size else own for own in recipe.shape),
                        kind="below:1" if recipe.kind == f"below:{size}" else recipe.kind) for recipe in every])

    def change(recipe):
        shape = recipe.shape
        yield {"shape": ()}
        for d, size in enumerate(shape):
            for new in {0, 1, size + 1} - {size}:
                yield {"shape": (*shape[:d], new, *shape[d + 1:])}

    yield from one_by_one(case, change)


def ranks(case):
    """One tensor with a dim more in front or behind, or one less; all with a dim more."""
    def change(recipe):
        shape = recipe.shape
        return [{"shape": new} for new in ((1, *shape), (2, *shape), (*shape, 1), (1, 1, *shape), shape[1:], shape[:-1]) if new != shape]

    yield from one_by_one(case, change)
    every = tensors(case)
    if len(every) > 1:
        for size in (1, 2):
            yield with_tensors(case, [changed(recipe, shape=(size, *recipe.shape)) for recipe in every])


def numbers(case):
    """Whole numbers among the arguments counted from the other end, and out of range."""
    ndim = len(tensors(case)[0].shape)
    if case.operation.name == "asStrided":  # PyTorch takes negative sizes there.
        return

    def others(value):
        if isinstance(value, bool) or isinstance(value, Big):
            return
        if isinstance(value, int):
            yield from (new for new in (value - ndim, value + ndim, -ndim - 1, -1, 0, ndim) if new != value)
        elif isinstance(value, (list, tuple)):
            for i, entry in enumerate(value):
                for new in others(entry):
                    yield [*value[:i], new, *value[i + 1:]]

    for i, arg in enumerate(case.args):
        for new in others(arg):
            yield dataclasses.replace(case, args=[*case.args[:i], new, *case.args[i + 1:]], check=False)
    for name, arg in case.options.items():
        for new in others(arg):
            yield dataclasses.replace(case, options={**case.options, name: new}, check=False)


def gradients(case):
    """The same without gradients asked for, and each gradient alone."""
    wanted = [i for i, recipe in enumerate(tensors(case)) if recipe.grad]
    if len(wanted) > 1:
        for alone in wanted:
            yield with_tensors(case, [changed(recipe, grad=i == alone) for i, recipe in enumerate(tensors(case))])


# Each with the fields of tensors that it does not look at, besides their seeds.
RULES = {
    layouts: ("dtype", "kind"),
    one_dtype: ("kind", "layout"),
    extremes: ("layout", "kind", "shape"),
    sizes: ("dtype", "kind", "layout", "grad"),
    ranks: ("dtype", "kind", "layout", "grad"),
    numbers: ("dtype", "kind", "layout", "grad"),
    gradients: ("dtype", "kind", "layout"),
}


def likeness(case, ignored=()):
    """What two cases that differ only in seeds, and in the fields ignored, have in common. Kinds of indices are never ignored."""
    def blank(match):
        fields = match.group(1).split("|")
        for name in (*ignored, "seed"):
            if not (name == "kind" and fields[2].startswith("below:")):
                fields[PLACES[name]] = str(fields[0].count(",") + (fields[0] != "")) if name == "shape" else ""
        return '"T": "' + "|".join(fields) + '"'

    entry = case.encode()
    entry.pop("check", None)
    return re.sub(r'"T": "([^"]*)"', blank, json.dumps(entry))


def variants(cases):
    """The variants of all cases, each with the name of its rule."""
    cases = [case for case in cases if tensors(case)]
    seen = {likeness(case) for case in cases}
    for rule, ignored in RULES.items():
        looked_at = set()
        for case in cases:
            kind = likeness(case, ignored)
            if kind in looked_at:
                continue
            looked_at.add(kind)
            for variant in rule(case):
                own = likeness(variant)
                if own not in seen and not kills(variant):
                    seen.add(own)
                    yield rule.__name__, variant

"""Rows of elementwise operations, reductions and ordering, most on a million floats."""
import torch
from torch import randn


def million(run):
    def setup():
        a, b = randn(1000, 1000), randn(1000, 1000)
        return lambda: run(a, b)

    return setup


def ten():
    a, b = randn(10), randn(10)

    def thousand():
        for _ in range(1000):
            a + b

    return thousand, 1000


def row_vector():
    a, b = randn(1000, 1000), randn(1000)
    return lambda: a + b


def index_select():
    a, rows = randn(10_000, 100), torch.randint(0, 10_000, (10_000,))
    return lambda: a.index_select(0, rows)


rows = {
    "W2 add 1M": million(lambda a, b: a + b),
    "W2 relu 1M": million(lambda a, b: torch.relu(a)),
    "W2 sum 1M": million(lambda a, b: a.sum()),
    "W3 add 10": ten,
    "add in place 1M": million(lambda a, b: a.add_(b, alpha=1e-9)),
    "add transposed 1M": million(lambda a, b: a.t() + b),
    "add row vector 1M": row_vector,
    "exp 1M": million(lambda a, b: a.exp()),
    "tanh 1M": million(lambda a, b: a.tanh()),
    "gelu 1M": million(lambda a, b: torch.nn.functional.gelu(a)),
    "sum over rows 1M": million(lambda a, b: a.sum(0)),
    "sum over columns 1M": million(lambda a, b: a.sum(1)),
    "variance 1M": million(lambda a, b: a.var(1)),
    "argmax 1M": million(lambda a, b: a.argmax(1)),
    "softmax 1M": million(lambda a, b: a.softmax(1)),
    "cumsum 1M": million(lambda a, b: a.cumsum(1)),
    "sort 1M": million(lambda a, b: a.sort(1)),
    "topk 100 of 1M": million(lambda a, b: a.topk(100, 1)),
    "index select 1M": index_select,
}

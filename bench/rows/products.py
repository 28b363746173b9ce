"""Rows of matrix products."""
import torch
from torch import randn


def square(n):
    def setup():
        a, b = randn(n, n), randn(n, n)
        return lambda: a @ b

    return setup


def pair(shape_a, shape_b, run, dtype=torch.float32):
    def setup():
        a, b = randn(shape_a).to(dtype), randn(shape_b).to(dtype)
        return lambda: run(a, b)

    return setup


rows = {
    "W1 matmul 512": square(512),
    "W1 matmul 1024": square(1024),
    "W1 matmul 1024, 1 thread": square(1024),
    "matmul 1024, bfloat16": pair([1024, 1024], [1024, 1024], lambda a, b: a @ b, torch.bfloat16),
    "matmul 64": square(64),
    "matmul 1024, transposed": pair([1024, 1024], [1024, 1024], lambda a, b: a.t() @ b.t()),
    "matmul [8, 1024] x [1024, 1024]": pair([8, 1024], [1024, 1024], lambda a, b: a @ b),
    "matrix times vector 2048": pair([2048, 2048], [2048], lambda a, b: a @ b),
    "bmm 64 x [64, 64]": pair([64, 64, 64], [64, 64, 64], lambda a, b: a.bmm(b)),
}

"""The PyTorch side of loader.ts: the same program, one JSON line per row.

usage: OPENBLAS_NUM_THREADS=B python3 loader.py THREADS array|png WORKERS [EPOCHS]
"""
import json
import sys
import time

import torch

from rows.loader import ArrayDataset, PngDataset, loader_of

threads, kind, workers = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
epochs = int(sys.argv[4]) if len(sys.argv) > 4 else 10
torch.set_num_threads(threads)
torch.manual_seed(0)


def report(what, value, unit):
    print(json.dumps({"row": f"W9 {kind} {workers} workers{what}", "value": value, "unit": unit}), flush=True)


dataset = ArrayDataset() if kind == "array" else PngDataset()
loader = loader_of(dataset, workers)

started = time.perf_counter()
iterator = iter(loader)
next(iterator)
first = time.perf_counter() - started
for _ in iterator:
    pass

rates = []
for _ in range(epochs):
    start = time.perf_counter()
    samples = 0
    for images, _ in loader:
        samples += len(images)
    rates.append(samples / (time.perf_counter() - start))
rates.sort()
report("", rates[len(rates) // 2], "samples/s")
report(", first batch", first * 1e3, "ms")

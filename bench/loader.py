"""The PyTorch side of loader.ts: the same program, one JSON line per row.

usage: OPENBLAS_NUM_THREADS=B python3 loader.py THREADS array|png WORKERS [EPOCHS]
"""
import json
import os
import sys
import tempfile
import time

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

threads, kind, workers = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
epochs = int(sys.argv[4]) if len(sys.argv) > 4 else 10
torch.set_num_threads(threads)
torch.manual_seed(0)
random = np.random.RandomState(0)


def normalised(pixels):
    return torch.from_numpy(pixels).float().div_(255).sub_(0.1307).div_(0.3081).unsqueeze(0)


class ArrayDataset(Dataset):
    def __init__(self):
        self.images = random.randint(0, 256, (10000, 28, 28), dtype=np.uint8)
        self.labels = random.randint(0, 10, 10000)

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        return normalised(self.images[index]), int(self.labels[index])


class PngDataset(Dataset):
    folder = os.path.join(tempfile.gettempdir(), "flambeau-bench-png")

    def __init__(self):
        self.labels = random.randint(0, 10, 5000)
        if not os.path.exists(f"{self.folder}/4999.png"):
            os.makedirs(self.folder, exist_ok=True)
            for index in range(5000):
                Image.fromarray(strokes(), "L").save(f"{self.folder}/{index}.png")

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        with Image.open(f"{self.folder}/{index}.png") as image:
            pixels = np.array(image)
        return normalised(pixels), int(self.labels[index])


def strokes():
    """Something like a digit: a few smooth strokes on black."""
    rows, columns = np.mgrid[0:28, 0:28]
    light = np.zeros((28, 28))
    for _ in range(3):
        x, y = random.uniform(6, 22, 2)
        light += 255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / random.uniform(4, 16))
    pixels = np.clip(light, 0, 255).astype(np.uint8)
    pixels[pixels < 16] = 0
    return pixels


def report(what, value, unit):
    print(json.dumps({"row": f"W9 {kind} {workers} workers{what}", "value": value, "unit": unit}), flush=True)


dataset = ArrayDataset() if kind == "array" else PngDataset()
loader = DataLoader(dataset, batch_size=64, shuffle=True, num_workers=workers, persistent_workers=workers > 0)

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

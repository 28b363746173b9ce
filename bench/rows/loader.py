"""Rows of the DataLoader, and the data sets of its measurements; those of loader-datasets.ts do the same work."""
import os
import tempfile
import time

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

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


def loader_of(dataset, workers):
    return DataLoader(dataset, batch_size=64, shuffle=True, num_workers=workers, persistent_workers=workers > 0)


def epochs(make_dataset, workers):
    """The unit is a sample."""

    def setup():
        dataset = make_dataset()
        loader = loader_of(dataset, workers)

        def run():
            for _ in loader:
                pass

        return run, len(dataset)

    return setup


def first_batch(workers):
    """From asking for an iterator to its first batch, without the end of its workers."""

    def setup():
        dataset = ArrayDataset()

        def run():
            loader = DataLoader(dataset, batch_size=64, shuffle=True, num_workers=workers)
            start = time.perf_counter()
            iterator = iter(loader)
            next(iterator)
            return time.perf_counter() - start

        return run

    return setup


rows = {
    "W9 loader, array, a sample": epochs(ArrayDataset, 0),
    "W9 loader, PNG files, a sample": epochs(PngDataset, 0),
    "W9 loader, PNG files, 2 workers, a sample": epochs(PngDataset, 2),
    "W9 loader, 2 workers, first batch": first_batch(2),
}

"""The PyTorch side of the workloads in workloads.ts: the same programs, one JSON line per row.

usage: OPENBLAS_NUM_THREADS=B python3 workloads.py THREADS [ROW ...]
"""
import json
import resource
import sys
import time

import torch
from torch import nn

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(0)
wanted = sys.argv[2:]


def median_time(run, times, warmup=5):
    for _ in range(warmup):
        run()
    samples = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        samples.append(time.perf_counter() - start)
    samples.sort()
    return samples[len(samples) // 2]


def peak_memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def report(row, value, unit):
    print(json.dumps({"row": row, "value": value, "unit": unit}), flush=True)


def training_step(model, criterion, optimizer, x, y):
    def step():
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()

    return step


def matmul(n):
    a, b = torch.randn(n, n), torch.randn(n, n)
    return 2 * n**3 / median_time(lambda: a @ b, 60) / 1e9, "GFLOPS"


def million(operation):
    a, b = torch.randn(1000, 1000), torch.randn(1000, 1000)
    runs = {"add": lambda: a + b, "relu": lambda: torch.relu(a), "sum": lambda: a.sum()}
    return median_time(runs[operation], 300, 30) * 1e6, "us"


def ten():
    a, b = torch.randn(10), torch.randn(10)

    def thousand():
        for _ in range(1000):
            a + b

    return median_time(thousand, 50) * 1e3, "us"


def tiny_mlp():
    model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    step = training_step(model, nn.MSELoss(), optimizer, torch.randn(32, 2), torch.randn(32, 1))
    return median_time(step, 1500, 200) * 1e6, "us"


def mlp():
    model = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    step = training_step(model, nn.CrossEntropyLoss(), optimizer, torch.randn(128, 784), torch.randint(0, 10, (128,)))
    return median_time(step, 200, 20) * 1e3, "ms"


def cnn_model():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64 * 49, 128), nn.ReLU(), nn.Linear(128, 10),
    )


def cnn():
    model = cnn_model()
    optimizer = torch.optim.Adam(model.parameters())
    step = training_step(model, nn.CrossEntropyLoss(), optimizer, torch.randn(128, 1, 28, 28), torch.randint(0, 10, (128,)))
    return median_time(step, 30) * 1e3, "ms"


def inference(batch):
    model = cnn_model().eval()
    x = torch.randn(batch, 1, 28, 28)
    with torch.inference_mode():
        return median_time(lambda: model(x), 300 if batch == 1 else 30) * 1e3, "ms"


def encoder():
    model = nn.TransformerEncoderLayer(128, 4, 512, batch_first=True, dropout=0.0)
    optimizer = torch.optim.Adam(model.parameters())
    step = training_step(model, nn.MSELoss(), optimizer, torch.randn(32, 64, 128), torch.randn(32, 64, 128))
    return median_time(step, 40) * 1e3, "ms"


rows = {
    "W1 matmul 512": lambda: matmul(512),
    "W1 matmul 1024": lambda: matmul(1024),
    "W2 add 1M": lambda: million("add"),
    "W2 relu 1M": lambda: million("relu"),
    "W2 sum 1M": lambda: million("sum"),
    "W3 add 10": ten,
    "W4 tiny MLP step": tiny_mlp,
    "W5 MLP step": mlp,
    "W6 CNN step": cnn,
    "W7 CNN inference 1": lambda: inference(1),
    "W7 CNN inference 128": lambda: inference(128),
    "W8 encoder layer step": encoder,
}
for name, run in rows.items():
    if not wanted or name.split()[0] in wanted:
        report(name, *run())
report("peak memory", peak_memory(), "bytes")

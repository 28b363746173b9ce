"""What PyTorch computes under torch.autocast('cpu', dtype=torch.bfloat16): dtypes, values and gradients.

usage: python3 scripts/oracle/autocast.py > test/autograd/autocast.json
The same seed gives flambeau the same numbers, so inputs and weights are not written.
"""
import json
import sys

import torch
from torch import nn
from torch.nn import functional as F


def numbers(tensor):
    return {
        "dtype": str(tensor.dtype).removeprefix("torch."),
        "shape": list(tensor.shape),
        "values": [float(f"{value:.6g}") for value in tensor.detach().float().flatten().tolist()],
    }


def operations():
    """One call of each operation on float32 operands, and of some on bfloat16 ones (marked)."""
    torch.manual_seed(0)
    a, b, v = torch.randn(5, 5), torch.randn(5, 5), torch.randn(5)
    # PyTorch 1.13 sums smaller products of some operations, and the batch of addbmm, in bfloat16 itself.
    wide, tall, row = torch.randn(3, 64), torch.randn(64, 30), torch.randn(30)
    batch = torch.randn(3, 12, 12)
    image, kernel = torch.randn(2, 4, 7, 7), torch.randn(4, 4, 3, 3)
    half = a.bfloat16()
    target = torch.tensor([0, 1, 2, 3, 4])
    return {
        "mm": lambda: a.mm(b),
        "matmul": lambda: a @ b,
        "matmul of a vector": lambda: a @ v,
        "mv": lambda: a.mv(v),
        "dot": lambda: v.dot(v),
        "bmm": lambda: batch.bmm(batch),
        "addmm": lambda: torch.addmm(row, wide, tall),
        "baddbmm": lambda: torch.baddbmm(batch, batch, batch),
        "addbmm": lambda: torch.addbmm(row.expand(3, 30), wide[None], tall[None]),
        "addmv": lambda: torch.addmv(v, a, v),
        "outer": lambda: torch.outer(v, v),
        "einsum": lambda: torch.einsum("ij,jk->ik", a, b),
        "tensordot": lambda: torch.tensordot(a, b, dims=1),
        "linear": lambda: F.linear(a, b, v),
        "conv1d": lambda: F.conv1d(image[:, :, 0], kernel[:, :, 0]),
        "conv2d": lambda: F.conv2d(image, kernel, padding=1),
        "convTranspose2d": lambda: F.conv_transpose2d(image, kernel),
        "matmul, float64": lambda: a.double() @ b.double(),
        "relu, bfloat16": lambda: half.relu(),
        "exp, bfloat16": lambda: half.exp(),
        "softmax, bfloat16": lambda: half.softmax(1),
        "sum, bfloat16": lambda: half.sum(),
        "mean, bfloat16": lambda: half.mean(),
        "prod, bfloat16": lambda: half.prod(),
        "trace, bfloat16": lambda: half.trace(),
        "add, bfloat16 and float32": lambda: half + b,
        "mseLoss, bfloat16": lambda: F.mse_loss(half, half * 2),
        "l1Loss, bfloat16": lambda: F.l1_loss(half, half * 2),
        "crossEntropy, bfloat16": lambda: F.cross_entropy(half, target),
        "bceWithLogits, bfloat16": lambda: F.binary_cross_entropy_with_logits(half, half.sigmoid()),
        "maxPool2d, bfloat16": lambda: F.max_pool2d(image.bfloat16(), 2),
        "avgPool2d, bfloat16": lambda: F.avg_pool2d(image.bfloat16(), 2),
    }


def models():
    def mlp():
        return nn.Sequential(nn.Linear(12, 16), nn.ReLU(), nn.Linear(16, 4)), torch.randn(6, 12)

    def cnn():
        layers = [nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
        return nn.Sequential(*layers, nn.Linear(64, 4)), torch.randn(6, 1, 8, 8)

    return {"mlp": mlp, "cnn": cnn}


def train(make):
    torch.manual_seed(1)
    model, x = make()
    targets = torch.tensor([0, 1, 2, 3, 0, 1])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output = model(x)
        loss = F.cross_entropy(output, targets)
    loss.backward()
    return {
        "output": numbers(output),
        "loss": numbers(loss),
        "gradients": {name: numbers(parameter.grad) for name, parameter in model.named_parameters()},
    }


called = {}
for name, call in operations().items():
    with torch.autocast("cpu", dtype=torch.bfloat16):
        called[name] = numbers(call())
# Conversion itself: to the nearest, ties to even.
exact = torch.tensor([1 + 2**-8, 1 + 3 * 2**-8, 3.1, -0.1, 1e-40, 3.4e38, 65504.0, 1 + 2**-8 + 2**-20])
json.dump(
    {
        "pytorch": torch.__version__,
        "rounded": {"from": exact.double().tolist(), "to": [str(x) for x in exact.bfloat16().double().tolist()]},
        "printed": str(torch.tensor([[1.5, 2.25], [3.1, -0.1]], dtype=torch.bfloat16)),
        "operations": called,
        "models": {name: train(make) for name, make in models().items()},
    },
    sys.stdout,
    separators=(",", ":"),
)
print()

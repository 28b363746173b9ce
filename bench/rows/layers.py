"""Rows of single layers, forward and backward: convolutions of every kind, pooling, norms, attention."""
import math

import torch
from torch import nn, randn
from torch.nn import functional as F


def both_ways(shape, make):
    def setup():
        forward = make()
        x = randn(shape, requires_grad=True)
        gradient = randn(forward(x).shape)
        return lambda: forward(x).backward(gradient)

    return setup


def convolution(kernel, channels, groups=1, **options):
    def make():
        weight = randn(channels[1], channels[0] // groups, kernel, kernel, requires_grad=True)
        return lambda x: F.conv2d(x, weight, groups=groups, **options)

    return both_ways([32, channels[0], 28, 28], make)


def causal_attention():
    """PyTorch 1.13 has no public fused attention: the formula."""
    key, value = randn(8, 8, 256, 64), randn(8, 8, 256, 64)
    mask = torch.full((256, 256), -math.inf).triu(1)
    return lambda x: torch.softmax(x @ key.transpose(-1, -2) / 8 + mask, -1) @ value


rows = {
    "convolution 3x3, 64 to 64": convolution(3, [64, 64], padding=1),
    "convolution 1x1, 64 to 128": convolution(1, [64, 128]),
    "convolution 3x3, stride 2": convolution(3, [64, 128], padding=1, stride=2),
    "convolution 3x3, dilation 2": convolution(3, [64, 64], padding=2, dilation=2),
    "convolution 3x3, 8 groups": convolution(3, [64, 64], padding=1, groups=8),
    "convolution 3x3, depthwise": convolution(3, [64, 64], padding=1, groups=64),
    "max pool 2x2": both_ways([64, 32, 28, 28], lambda: lambda x: F.max_pool2d(x, 2)),
    "average pool 2x2": both_ways([64, 32, 28, 28], lambda: lambda x: F.avg_pool2d(x, 2)),
    "batch norm": both_ways([64, 64, 28, 28], lambda: nn.BatchNorm2d(64)),
    "layer norm": both_ways([2048, 512], lambda: nn.LayerNorm(512)),
    "causal attention": both_ways([8, 8, 256, 64], causal_attention),
}

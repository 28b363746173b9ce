"""Layers and functions that later versions of PyTorch than 1.13 have, written with its operations after its documentation.

Importing this puts them where PyTorch has none of the name.
"""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F


def rms_norm(input, normalized_shape, weight=None, eps=None):
    """https://pytorch.org/docs/stable/generated/torch.nn.functional.rms_norm.html"""
    dims = tuple(range(-len(normalized_shape), 0))
    mean_square = input.square().mean(dims, keepdim=True)
    normalized = input / (mean_square + (torch.finfo(input.dtype).eps if eps is None else eps)).sqrt()
    return normalized if weight is None else normalized * weight


class RMSNorm(nn.Module):
    """https://pytorch.org/docs/stable/generated/torch.nn.RMSNorm.html"""

    def __init__(self, normalized_shape, eps=None, elementwise_affine=True):
        super().__init__()
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self.weight = nn.Parameter(torch.ones(self.normalized_shape)) if elementwise_affine else None

    def forward(self, input):
        return rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self):
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class ZeroPad1d(nn.ConstantPad1d):
    """https://pytorch.org/docs/stable/generated/torch.nn.ZeroPad1d.html"""

    def __init__(self, padding):
        super().__init__(padding, 0.0)

    def extra_repr(self):
        return f"{self.padding}"


class ZeroPad3d(nn.ConstantPad3d):
    """https://pytorch.org/docs/stable/generated/torch.nn.ZeroPad3d.html"""

    def __init__(self, padding):
        super().__init__(padding, 0.0)

    def extra_repr(self):
        return f"{self.padding}"


def scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None):
    """https://pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html"""
    scores = query @ key.transpose(-2, -1) * (1 / math.sqrt(query.shape[-1]) if scale is None else scale)
    if is_causal:
        attn_mask = torch.ones(scores.shape[-2:], dtype=torch.bool).tril()
    if attn_mask is not None and attn_mask.dtype == torch.bool:
        scores = scores.masked_fill(~attn_mask, -math.inf)
    elif attn_mask is not None:
        scores = scores + attn_mask
    return F.dropout(scores.softmax(-1), dropout_p) @ value


for home, additions in ((nn, (RMSNorm, ZeroPad1d, ZeroPad3d)), (F, (rms_norm, scaled_dot_product_attention))):
    for addition in additions:
        if not hasattr(home, addition.__name__):
            setattr(home, addition.__name__, addition)

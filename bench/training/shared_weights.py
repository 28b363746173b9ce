"""A small language model whose output layer is its embedding and whose one block is used twice; clipped gradients, AdamW, OneCycle."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from draws import Draws
from train import trained

SYMBOLS, CONTEXT, FEATURES = 20, 3, 24


def contexts(count):
    """Stretches of a sequence in which a symbol mostly follows from the two before it, and the symbol that comes next."""
    draws = Draws(6)
    text = [0, 1, 2]
    for _ in range(count):
        text.append(draws.whole(SYMBOLS) if draws.unit() < 0.2 else (3 * text[-1] + text[-2] + 1) % SYMBOLS)
    before = [text[i : i + CONTEXT] for i in range(count)]
    return TensorDataset(torch.tensor(before), torch.tensor(text[CONTEXT:]))


class LanguageModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(SYMBOLS, FEATURES)
        self.mix = nn.Linear(CONTEXT * FEATURES, FEATURES)
        self.block = nn.Sequential(nn.LayerNorm(FEATURES), nn.Linear(FEATURES, 48), nn.SiLU(), nn.Linear(48, FEATURES))
        self.output = nn.Linear(FEATURES, SYMBOLS)
        self.output.weight = self.embedding.weight

    def forward(self, symbols):
        x = self.mix(self.embedding(symbols).flatten(1))
        for _ in range(2):
            x = x + self.block(x)
        return self.output(x)


def train(steps):
    model = LanguageModel()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.05)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=200)
    loader = DataLoader(contexts(512), batch_size=32, shuffle=True)
    return trained(loader, model, nn.CrossEntropyLoss(), optimizer, steps, clip=1.0, scheduler=scheduler)

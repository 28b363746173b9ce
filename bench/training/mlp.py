"""A perceptron with two hidden layers tells points apart by which of four curved regions they lie in."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from draws import Draws
from train import trained

SAMPLES, FEATURES = 480, 16


def points():
    draws = Draws(1)
    rows, labels = [], []
    for _ in range(SAMPLES):
        row = [draws.signed() for _ in range(FEATURES)]
        rows.append(row)
        labels.append((row[0] * row[1] > 0) * 2 + (row[2] + row[3] > 0.5 * row[4]))
    return TensorDataset(torch.tensor(rows), torch.tensor(labels))


def train(steps):
    model = nn.Sequential(nn.Linear(FEATURES, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 4))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
    loader = DataLoader(points(), batch_size=32, shuffle=True)
    return trained(loader, model, nn.CrossEntropyLoss(), optimizer, steps)

"""A two-layer LSTM in both directions reads sequences of different lengths, packed, and says which signal was strongest."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence
from torch.utils.data import DataLoader, Dataset

from draws import Draws
from train import trained

SIGNALS = 4


class Signals(Dataset):
    """Sequences [3 to 12 steps, SIGNALS] and the number of the signal with the largest sum."""

    def __init__(self, count):
        draws = Draws(3)
        self.samples = []
        for _ in range(count):
            length = 3 + draws.whole(10)
            steps = [[draws.signed() for _ in range(SIGNALS)] for _ in range(length)]
            sums = [sum(step[s] for step in steps) for s in range(SIGNALS)]
            self.samples.append((torch.tensor(steps), sums.index(max(sums))))

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        return self.samples[index]


def packed(samples):
    sequences, strongest = zip(*samples)
    return pack_sequence(sequences, enforce_sorted=False), torch.tensor(strongest)


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(SIGNALS, 16, num_layers=2, dropout=0.2, bidirectional=True)
        self.head = nn.Linear(32, SIGNALS)

    def forward(self, sequences):
        _, (hidden, _) = self.lstm(sequences)
        return self.head(torch.cat((hidden[-2], hidden[-1]), 1))


def train(steps):
    model = Reader()
    optimizer = torch.optim.RMSprop(model.parameters(), lr=2e-3, eps=1e-3, centered=True)
    loader = DataLoader(Signals(320), batch_size=32, shuffle=True, collate_fn=packed)
    return trained(loader, model, nn.CrossEntropyLoss(), optimizer, steps)

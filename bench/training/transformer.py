"""A transformer encoder, padding masked, says how often the first token of a sequence comes again: never, once or more often."""

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from draws import Draws
from train import trained

TOKENS, LONGEST, FEATURES = 12, 10, 32


class Repetitions(Dataset):
    """Sequences of 4 to LONGEST tokens (1 to TOKENS - 1), padded with 0, and the number of repetitions up to 2."""

    def __init__(self, count):
        draws = Draws(4)
        self.samples = []
        for _ in range(count):
            length = 4 + draws.whole(LONGEST - 3)
            tokens = [1 + draws.whole(TOKENS - 1) for _ in range(length)]
            if draws.unit() < 0.6:
                tokens[1 + draws.whole(length - 1)] = tokens[0]
            again = min(tokens.count(tokens[0]) - 1, 2)
            self.samples.append((torch.tensor(tokens + [0] * (LONGEST - length)), again))

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        return self.samples[index]


class Counter(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(TOKENS, FEATURES, padding_idx=0)
        self.places = nn.Embedding(LONGEST, FEATURES)
        layer = nn.TransformerEncoderLayer(FEATURES, 4, dim_feedforward=64, batch_first=True, activation="gelu")
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.head = nn.Linear(FEATURES, 3)

    def forward(self, tokens):
        embedded = self.tokens(tokens) + self.places(torch.arange(LONGEST))
        encoded = self.encoder(embedded, src_key_padding_mask=tokens == 0)
        return self.head(encoded[:, 0])


def train(steps):
    model = Counter()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, betas=(0.9, 0.98), eps=1e-9)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1, (step + 1) / 20))
    loader = DataLoader(Repetitions(320), batch_size=32, shuffle=True)
    return trained(loader, model, nn.CrossEntropyLoss(), optimizer, steps, scheduler=scheduler)

"""A convolutional network with batch norm and dropout tells four kinds of pictures apart; the last batch is short."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from pictures import pictures
from train import trained


class PictureCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Linear(16 * 3 * 3, 32),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(32, 4),
        )

    def forward(self, images):
        return self.classifier(self.features(images))


def train(steps):
    model = PictureCNN()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    images, kinds = pictures(250)
    dataset = TensorDataset(torch.tensor(images), torch.tensor(kinds))
    loader = DataLoader(dataset, batch_size=32, shuffle=True)
    return trained(loader, model, nn.CrossEntropyLoss(), optimizer, steps)

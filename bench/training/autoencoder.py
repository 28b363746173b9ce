"""A convolutional autoencoder squeezes pictures into 72 numbers and draws them again."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from pictures import pictures
from train import trained


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 16, 3, stride=2, padding=1),
            nn.LeakyReLU(0.1),
            nn.Conv2d(16, 8, 3, stride=2, padding=1),
            nn.Tanh(),
        )
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(8, 16, 3, stride=2, padding=1, output_padding=1),
            nn.LeakyReLU(0.1),
            nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1),
        )

    def forward(self, images):
        return self.decoder(self.encoder(images))


def train(steps):
    model = Autoencoder()
    optimizer = torch.optim.RAdam(model.parameters(), lr=5e-3)
    images = torch.tensor(pictures(256)[0])
    loader = DataLoader(TensorDataset(images, images), batch_size=32, shuffle=True)
    return trained(loader, model, nn.MSELoss(), optimizer, steps)

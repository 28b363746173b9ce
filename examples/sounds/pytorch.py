"""main.ts in Python, to compare with: same files, same model, same seed. The spectrogram is torchaudio's, written out here.

npx tsx examples/sounds/synthesise.ts data/sounds
python3 examples/sounds/pytorch.py [EPOCHS] [FOLDER]
"""

import pathlib
import sys
import wave

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
root = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "data/sounds")
instruments = sorted(folder.name for folder in root.iterdir())
RATE, PER_KIND, FOR_TESTING = 8000, 80, 20


class MelSpectrogram:
    """The power of [channels, samples] in 40 bands that are equally wide in mel: [channels, 40, frames]."""

    N_FFT, HOP, BANDS = 256, 128, 40

    def __init__(self):
        self.window = torch.hann_window(self.N_FFT)
        top = 2595 * np.log10(1 + RATE / 2 / 700)
        edges = 700 * (10 ** (torch.linspace(0, top, self.BANDS + 2) / 2595) - 1)
        frequencies = torch.linspace(0, RATE // 2, self.N_FFT // 2 + 1)
        rising = (frequencies - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
        falling = (edges[2:, None] - frequencies) / (edges[2:] - edges[1:-1])[:, None]
        self.filters = torch.minimum(rising, falling).clamp(min=0)

    def __call__(self, samples):
        spectrum = torch.stft(samples, self.N_FFT, self.HOP, window=self.window, return_complex=True)
        return self.filters @ spectrum.abs().square()


class Notes(Dataset):
    def __init__(self, numbers):
        self.files = [(root / name / f"{n:02}.wav", i) for i, name in enumerate(instruments) for n in numbers]
        self.spectrogram = MelSpectrogram()

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        path, instrument = self.files[index]
        with wave.open(str(path)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.float32) / 32768
        return (self.spectrogram(torch.from_numpy(samples)[None]) + 1e-6).log(), instrument


class SoundCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d((5, 1)),
            nn.Flatten(),
        )
        self.output = nn.Linear(16 * 5, len(instruments))

    def forward(self, pictures):
        return self.output(self.features(pictures))


torch.manual_seed(0)
train = Notes(range(PER_KIND - FOR_TESTING))
test = Notes(range(PER_KIND - FOR_TESTING, PER_KIND))
print(f"{len(train)} sounds to train on, {len(test)} to test: {', '.join(instruments)}")

model = SoundCNN()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
loader = DataLoader(train, batch_size=32, shuffle=True)

for epoch in range(1, epochs + 1):
    total = 0
    for pictures, labels in loader:
        optimizer.zero_grad()
        loss = criterion(model(pictures), labels)
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch}  loss {total / len(loader):.3f}")

model.eval()
right = 0
with torch.inference_mode():
    for pictures, labels in DataLoader(test, batch_size=32):
        right += (model(pictures).argmax(1) == labels).sum().item()
print(f"test accuracy {100 * right / len(test):.1f} %")

"""The main example in Python, to compare with: same letters, same network, same seed. Needs Pillow.

npm start -- --archive assets/letters.tar.gz
python3 examples/notmnist/pytorch.py [EPOCHS] [ARCHIVE]
"""

import io
import pathlib
import sys
import tarfile

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
assets = pathlib.Path(__file__).parent.parent.parent / "assets"
archive = sys.argv[2] if len(sys.argv) > 2 else assets / "letters.tar.gz"


def letters():
    """Images from -1 to 1 with their labels: those to train on and those to test."""
    images, held_back = {}, set()
    with tarfile.open(archive) as tar:
        for member in tar:
            parts = member.name.split("/")
            if parts[-1] == "test.txt":
                held_back.update(tar.extractfile(member).read().decode().split())
            elif member.isfile() and parts[-1].endswith(".png") and parts[-2] in "ABCDEFGHIJ":
                images["/".join(parts[-2:])] = np.array(Image.open(io.BytesIO(tar.extractfile(member).read())).convert("L"))

    def dataset(wanted):
        names = sorted(name for name in images if (name in held_back) == wanted)
        pixels = torch.from_numpy(np.stack([images[name] for name in names]))[:, None].float() / 255
        return TensorDataset((pixels - 0.5) / 0.5, torch.tensor(["ABCDEFGHIJ".index(name[0]) for name in names]))

    return dataset(False), dataset(True)


class LetterCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 32, 3, padding=1),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1),
            nn.BatchNorm2d(64),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Linear(64 * 7 * 7, 128),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(128, 10),
        )

    def forward(self, images):
        return self.classifier(self.features(images))


torch.manual_seed(0)
train, test = letters()
print(f"{len(train)} letters to train on, {len(test)} to test")
loader = DataLoader(train, batch_size=128, shuffle=True)
model = LetterCNN()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)

for epoch in range(1, epochs + 1):
    total = 0
    for images, labels in loader:
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch}  mean loss {total / len(loader):.4f}")

model.eval()
right = 0
with torch.inference_mode():
    for images, labels in DataLoader(test, batch_size=128):
        right += (model(images).argmax(1) == labels).sum().item()
print(f"test accuracy {100 * right / len(test):.2f} %")

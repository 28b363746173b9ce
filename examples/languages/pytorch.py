"""main.ts in Python, to compare with: same texts, same model, same seed.

python3 examples/languages/pytorch.py [EPOCHS]
"""

import pathlib
import sys

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

folder = pathlib.Path(__file__).parent / "declaration"
languages = sorted(file.stem for file in folder.iterdir())
WORDS, FIRST_TEST_ARTICLE, BUCKETS = 3, 22, 4096


class Pieces(Dataset):
    def __init__(self, wanted):
        self.pieces = []
        for language, name in enumerate(languages):
            for line in (folder / f"{name}.txt").read_text("utf8").strip().split("\n"):
                article, paragraph = line.split("\t")
                if not wanted(int(article)):
                    continue
                words = paragraph.lower().split(" ")
                for i in range(0, len(words) - WORDS + 1, WORDS):
                    self.pieces.append((" ".join(words[i : i + WORDS]), language))

    def __len__(self):
        return len(self.pieces)

    def __getitem__(self, index):
        return self.pieces[index]


def features(text):
    padded, found = f" {text} ", []
    for begin in range(len(padded)):
        number = 0
        for end in range(begin, min(begin + 4, len(padded))):
            number = (number * 31 + ord(padded[end])) % 2**32
            found.append(number % BUCKETS)
    return found


def collate(pieces):
    together, offsets = [], []
    for text, _ in pieces:
        offsets.append(len(together))
        together += features(text)
    return torch.tensor(together), torch.tensor(offsets), torch.tensor([language for _, language in pieces])


class LanguageClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, 32)
        self.output = nn.Linear(32, len(languages))

    def forward(self, features, offsets):
        return self.output(self.bag(features, offsets))


torch.manual_seed(0)
train = Pieces(lambda article: article < FIRST_TEST_ARTICLE)
test = Pieces(lambda article: article >= FIRST_TEST_ARTICLE)
print(f"{len(train)} pieces of text to train on, {len(test)} to test")

model = LanguageClassifier()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
loader = DataLoader(train, batch_size=64, shuffle=True, collate_fn=collate)

for epoch in range(1, int(sys.argv[1] if len(sys.argv) > 1 else 8) + 1):
    total = 0
    for words, offsets, labels in loader:
        optimizer.zero_grad()
        loss = criterion(model(words, offsets), labels)
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch}  loss {total / len(loader):.3f}")

right = 0
with torch.inference_mode():
    for words, offsets, labels in DataLoader(test, batch_size=256, collate_fn=collate):
        right += (model(words, offsets).argmax(1) == labels).sum().item()
print(f"test accuracy {100 * right / len(test):.1f} %")

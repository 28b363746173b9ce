"""A text classifier: the mean of the words' vectors and a linear layer. Texts are lists of words that lie end to end in a batch."""

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from draws import Draws
from train import trained

TOPICS, WORDS = 4, 120


class Texts(Dataset):
    """Texts of 3 to 14 words; half of the words are drawn from their topic's own part of the vocabulary."""

    def __init__(self, count):
        draws = Draws(5)
        own = WORDS // (2 * TOPICS)
        self.samples = []
        for _ in range(count):
            topic, length = draws.whole(TOPICS), 3 + draws.whole(12)
            words = []
            for _ in range(length):
                words.append(topic * own + draws.whole(own) if draws.unit() < 0.5 else draws.whole(WORDS))
            self.samples.append((words, topic))

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        return self.samples[index]


def end_to_end(samples):
    words, offsets = [], []
    for text, _ in samples:
        offsets.append(len(words))
        words += text
    return torch.tensor(words), torch.tensor(offsets), torch.tensor([topic for _, topic in samples])


class TextClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.EmbeddingBag(WORDS, 16)
        self.head = nn.Linear(16, TOPICS)

    def forward(self, words, offsets):
        return self.head(self.embedding(words, offsets))


def train(steps):
    model = TextClassifier()
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 80, gamma=0.5)
    loader = DataLoader(Texts(400), batch_size=16, shuffle=True, collate_fn=end_to_end)
    return trained(loader, model, nn.CrossEntropyLoss(), optimizer, steps, scheduler=scheduler)

"""Rows of whole training steps."""
import torch
from torch import nn, optim, randint, randn


def step(loss, optimizer):
    def run():
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()

    return run


def tiny_mlp():
    model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1))
    criterion = nn.MSELoss()
    x, y = randn(32, 2), randn(32, 1)
    return step(lambda: criterion(model(x), y), optim.SGD(model.parameters(), lr=0.1))


def mlp(mixed):
    def setup():
        model = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10))
        criterion = nn.CrossEntropyLoss()
        x, y = randn(128, 784), randint(0, 10, (128,))

        def loss():
            with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
                return criterion(model(x), y)

        return step(loss, optim.SGD(model.parameters(), lr=0.05, momentum=0.9))

    return setup


def cnn_model(norm):
    def after(channels):
        return [nn.BatchNorm2d(channels)] if norm else []

    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), *after(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), *after(64), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64 * 49, 128), nn.ReLU(), nn.Linear(128, 10),
    )


def cnn(norm):
    def setup():
        model = cnn_model(norm)
        criterion = nn.CrossEntropyLoss()
        x, y = randn(128, 1, 28, 28), randint(0, 10, (128,))
        return step(lambda: criterion(model(x), y), optim.Adam(model.parameters()))

    return setup


def inference(batch, norm):
    def setup():
        model = cnn_model(norm).eval()
        x = randn(batch, 1, 28, 28)

        def run():
            with torch.inference_mode():
                model(x)

        return run

    return setup


def encoder():
    model = nn.TransformerEncoderLayer(128, 4, 512, batch_first=True, dropout=0.0)
    criterion = nn.MSELoss()
    x, y = randn(32, 64, 128), randn(32, 64, 128)
    return step(lambda: criterion(model(x), y), optim.Adam(model.parameters()))


def lstm():
    model, head = nn.LSTM(64, 128, batch_first=True), nn.Linear(128, 10)
    criterion = nn.CrossEntropyLoss()
    x, y = randn(32, 50, 64), randint(0, 10, (32,))
    optimizer = optim.Adam([*model.parameters(), *head.parameters()])
    return step(lambda: criterion(head(model(x)[0].select(1, -1)), y), optimizer)


def embedding_bag():
    bag, head = nn.EmbeddingBag(20_000, 64, mode="mean"), nn.Linear(64, 4)
    criterion = nn.CrossEntropyLoss()
    words, y = randint(0, 20_000, (64, 100)), randint(0, 4, (64,))
    optimizer = optim.SGD([*bag.parameters(), *head.parameters()], lr=0.1)
    return step(lambda: criterion(head(bag(words)), y), optimizer)


rows = {
    "W4 tiny MLP step": tiny_mlp,
    "W5 MLP step": mlp(False),
    "W5 MLP step, autocast": mlp(True),
    "W6 CNN step": cnn(True),
    "W6 CNN step, no batch norm": cnn(False),
    "W7 CNN inference, batch 1": inference(1, True),
    "W7 CNN inference, batch 128": inference(128, True),
    "W7 CNN inference, batch 1, no batch norm": inference(1, False),
    "W7 CNN inference, batch 128, no batch norm": inference(128, False),
    "W8 encoder layer step": encoder,
    "LSTM step": lstm,
    "embedding bag step": embedding_bag,
}


def growing(batch, width):
    """The step whose time is followed as batch and width grow: 64 -> width -> width -> 10, plain SGD."""
    model = nn.Sequential(
        nn.Linear(64, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 10)
    )
    criterion = nn.CrossEntropyLoss()
    x, y = randn(batch, 64), randint(0, 10, (batch,))
    return step(lambda: criterion(model(x), y), optim.SGD(model.parameters(), lr=1e-3))

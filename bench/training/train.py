"""The loop that all runs go through, and the command that main.ts calls: prints the losses of every run as one line of JSON.

    python3 bench/training/train.py STEPS [--nudged] RUN ...

With --nudged one weight begins one rounding step away from where it would: how far apart PyTorch's own runs then come to be
says what difference to expect of any other program that rounds in its own way.
"""

import importlib
import json
import sys

import torch

SEED = 7
NUDGED = "--nudged" in sys.argv


def trained(loader, model, criterion, optimizer, steps, clip=None, scheduler=None):
    """The loss of each step. A batch is a tuple: the model's inputs, then the targets."""
    if NUDGED:
        nudge(list(model.parameters())[-1])
    losses = []
    while True:
        for *inputs, targets in loader:
            optimizer.zero_grad()
            loss = criterion(model(*inputs), targets)
            loss.backward()
            if clip is not None:
                torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
            if scheduler is not None:
                scheduler.step()
            losses.append(loss.item())
            if len(losses) == steps:
                return losses


def nudge(weight):
    with torch.no_grad():
        weight.view(-1)[0] *= 1 + torch.finfo(weight.dtype).eps


def main():
    steps, *names = [argument for argument in sys.argv[1:] if argument != "--nudged"]
    torch.set_num_threads(1)
    for name in names:
        for dtype in ("float32", "float64"):
            torch.set_default_dtype(getattr(torch, dtype))
            torch.manual_seed(SEED)
            losses = importlib.import_module(name).train(int(steps))
            print(json.dumps({"run": name, "dtype": dtype, "losses": losses}), flush=True)


if __name__ == "__main__":
    main()

"""Trainings that PyTorch began and the library goes on with: a checkpoint after 20 steps, and where PyTorch is 10 steps later."""

import torch
from torch.optim import lr_scheduler

from prescribed import SHAPES, gradient, initial, keywords, plain

OPTIMIZERS = [
    ("SGD", {"lr": 0.05, "momentum": 0.9}),
    ("Adam", {"lr": 0.02, "amsgrad": True}),
    ("AdamW", {"lr": 0.02}),
    ("NAdam", {}),
    ("RAdam", {}),
    ("Adamax", {}),
    ("Adagrad", {"lr": 0.1}),
    ("Adadelta", {}),
    ("RMSprop", {"lr": 0.005, "centered": True, "momentum": 0.5}),
    ("Rprop", {}),
    ("ASGD", {"lr": 0.05, "t0": 10}),
]


def advance(params, optimizer, scheduler, steps):
    for step in steps:
        for p, param in enumerate(params):
            param.grad = gradient(step, p)
        optimizer.step()
        scheduler.step()


def resumption(path):
    """Writes the checkpoint to `path`; returns what comes of it."""
    checkpoint, cases = {}, []
    for name, options in OPTIMIZERS:
        params = [initial(p).requires_grad_() for p in range(len(SHAPES))]
        optimizer = getattr(torch.optim, name)([{"params": params[:2]}, {"params": params[2:], "lr": 0.03}], **keywords(options))
        scheduler = lr_scheduler.CosineAnnealingLR(optimizer, 25, eta_min=0.001)
        advance(params, optimizer, scheduler, range(1, 21))
        checkpoint[name] = {
            "params": [param.detach().clone() for param in params],
            "optimizer": optimizer.state_dict(),
            "scheduler": scheduler.state_dict(),
        }
        # The state dict's tensors are the optimiser's own: kept as they are now.
        torch.save(checkpoint, path)
        checkpoint = torch.load(path)
        advance(params, optimizer, scheduler, range(21, 31))
        rates = [group["lr"] for group in optimizer.param_groups]
        cases.append({"name": name, "options": options, "params": plain([param.detach() for param in params], False), "lr": rates})
    torch.save(checkpoint, path)
    return cases

"""50 updates of every optimiser under several option sets, with given gradients."""

import torch

from prescribed import SHAPES, gradient, initial, keywords, plain

STEPS = 50
# The updates that fixtures keep: every one up to the fifth, then every fifth.
KEPT = [1, 2, 3, 4] + list(range(5, STEPS + 1, 5))
# Entries of a state dict that other versions of PyTorch have and the library doesn't.
NOT_PORTED = {"foreach", "capturable", "differentiable", "fused", "params"}

OPTIMIZERS = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.05, "momentum": 0.9}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "dampening": 0.3, "weightDecay": 0.01}),
    ("SGD", {"lr": 0.02, "momentum": 0.8, "nesterov": True, "weightDecay": 0.02}),
    ("SGD", {"lr": 0.05, "momentum": 0.5, "maximize": True, "weightDecay": 0.1}),
    ("SGD", {"lr": 0.0, "momentum": 0.9}),
    ("SGD", {"lr": 0.05, "momentum": 0.7, "nesterov": True, "maximize": True}),
    ("Adam", {}),
    ("Adam", {"lr": 0.05, "betas": [0.0, 0.0], "maximize": True}),
    ("Adam", {"lr": 0.01, "betas": [0.8, 0.95], "eps": 1e-6, "weightDecay": 0.05}),
    ("Adam", {"lr": 0.02, "amsgrad": True}),
    ("Adam", {"lr": 0.02, "amsgrad": True, "maximize": True, "weightDecay": 0.01}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.01, "betas": [0.7, 0.9], "eps": 1e-5, "weightDecay": 0.1}),
    ("AdamW", {"lr": 0.02, "amsgrad": True, "maximize": True, "weightDecay": 0}),
    ("AdamW", {"lr": 0.03, "amsgrad": True, "weightDecay": 0.3}),
    ("NAdam", {}),
    ("NAdam", {"lr": 0.01, "betas": [0.8, 0.95], "eps": 1e-6, "weightDecay": 0.05, "momentumDecay": 0.01}),
    ("NAdam", {"lr": 0.02, "betas": [0.5, 0.6], "momentumDecay": 0.0}),
    ("RAdam", {}),
    ("RAdam", {"lr": 0.01, "betas": [0.8, 0.95], "eps": 1e-6, "weightDecay": 0.05}),
    ("RAdam", {"lr": 0.05, "betas": [0.6, 0.5]}),
    ("Adamax", {}),
    ("Adamax", {"lr": 0.01, "betas": [0.8, 0.95], "eps": 1e-6, "weightDecay": 0.05, "maximize": True}),
    ("Adamax", {"lr": 0.05, "betas": [0.0, 0.5]}),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.1, "lrDecay": 0.01, "weightDecay": 0.1, "initialAccumulatorValue": 0.2, "eps": 1e-8}),
    ("Adagrad", {"lr": 0.05, "maximize": True}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.5, "rho": 0.8, "eps": 1e-5, "weightDecay": 0.1, "maximize": True}),
    ("Adadelta", {"lr": 2.0, "rho": 0.0}),
    ("RMSprop", {}),
    ("RMSprop", {"lr": 0.005, "alpha": 0.9, "momentum": 0.9, "weightDecay": 0.05}),
    ("RMSprop", {"alpha": 0.95, "centered": True, "eps": 1e-6}),
    ("RMSprop", {"lr": 0.005, "centered": True, "momentum": 0.5, "maximize": True}),
    ("Rprop", {}),
    ("Rprop", {"lr": 0.05, "etas": [0.4, 1.3], "stepSizes": [1e-3, 0.1]}),
    ("Rprop", {"maximize": True}),
    ("ASGD", {}),
    ("ASGD", {"lr": 0.05, "lambd": 0.01, "alpha": 0.6, "t0": 10, "weightDecay": 0.02}),
    ("ASGD", {"lr": 0.05, "t0": 3, "maximize": True}),
]
FUSED = {"SGD", "Adam", "AdamW"}


def run_optimizer(name, options, dtype, checked_steps):
    """50 updates of three parameters in two groups, the second with a learning rate of its own."""
    single = dtype == torch.float32
    params = [initial(p).to(dtype).requires_grad_() for p in range(len(SHAPES))]
    second_lr = 0.03
    groups = [{"params": params[:2]}, {"params": params[2:], "lr": second_lr}]
    optimizer = getattr(torch.optim, name)(groups, **keywords(options))
    checked = []
    for step in range(1, STEPS + 1):
        for p, param in enumerate(params):
            grad = gradient(step, p)
            param.grad = None if grad is None else grad.to(dtype)
        optimizer.step()
        if step in checked_steps:
            checked.append([plain(param.detach(), single) for param in params])
    saved = optimizer.state_dict()
    state = {
        number: {key: plain(value, single) for key, value in entry.items() if value is not None}
        for number, entry in saved["state"].items()
    }
    group = {key: value for key, value in saved["param_groups"][0].items() if key not in NOT_PORTED}
    return {
        "name": name,
        "dtype": "float32" if single else "float64",
        "options": options,
        "params": checked,
        "state": {number: entry for number, entry in state.items() if entry},
        "group": group,
    }


def optimizers(every):
    """All cases; `every`: with all 50 updates, and all optimisers in float32 too."""
    checked = list(range(1, STEPS + 1)) if every else KEPT
    cases = []
    for name, options in OPTIMIZERS:
        cases.append(run_optimizer(name, options, torch.float64, checked))
        if every or name in FUSED:
            cases.append(run_optimizer(name, options, torch.float32, checked))
    return {"shapes": SHAPES, "secondLr": 0.03, "checked": checked, "cases": cases}

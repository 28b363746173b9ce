"""Six steps of L-BFGS under several option sets, on a function with a curved valley."""

import torch

from prescribed import keywords

LBFGS = [
    {},
    {"lr": 0.5, "historySize": 3, "maxIter": 4},
    {"lineSearchFn": "strong_wolfe"},
    {"lr": 0.8, "lineSearchFn": "strong_wolfe", "historySize": 2, "maxIter": 5, "maxEval": 7},
    {"lr": 0.1, "maxIter": 3, "toleranceGrad": 0.5},
    {"maxIter": 30, "maxEval": 12, "toleranceChange": 1e-3, "lineSearchFn": "strong_wolfe"},
    {"lr": 0.3, "historySize": 1, "maxIter": 5, "toleranceGrad": 0},
]


def valley(x, y):
    """A curved valley over two parameters of two elements each: the loss and its gradients."""
    loss = 0.0
    grads = [[0.0, 0.0], [0.0, 0.0]]
    for i in range(2):
        across = y[i] - x[i] * x[i]
        along = 1 - x[i]
        steep = 10.0 + 5.0 * i
        loss += steep * across * across + along * along
        grads[0][i] = -4 * steep * across * x[i] - 2 * along
        grads[1][i] = 2 * steep * across
    return loss, grads


def lbfgs():
    cases = []
    for options in LBFGS:
        x = torch.tensor([-0.6, 0.4], dtype=torch.float64, requires_grad=True)
        y = torch.tensor([0.7, -0.3], dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.LBFGS([x, y], **keywords(options))

        def closure():
            loss, grads = valley(x.tolist(), y.tolist())
            x.grad, y.grad = (torch.tensor(grad, dtype=torch.float64) for grad in grads)
            return torch.tensor(loss, dtype=torch.float64)

        steps = []
        for _ in range(6):
            loss = optimizer.step(closure).item()
            state = optimizer.state[x]
            steps.append({
                "loss": loss,
                "params": [x.tolist(), y.tolist()],
                "evaluations": state["func_evals"],
                "iterations": state["n_iter"],
            })
        cases.append({"options": options, "steps": steps, "state": sorted(key for key in state if key != "al")})
    return cases

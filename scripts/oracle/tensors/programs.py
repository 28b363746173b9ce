"""Small programs about differentiation, run line by line in PyTorch and, by test/oracle/program.ts, here: what they show, and the
line that is refused. They use a part of Python that is quickly read: assignments, calls, attributes, lists, `show`, and a
mode in front of a line."""

import torch

from recipe import NAMES

PROGRAMS = {
    # ---- accumulation and the graph's life
    "gradients add up over backwards": """
        x = tensor([1.5, 2.5], requires_grad=True)
        x.mul(2).sum().backward()
        show x.grad
        x.mul(x).sum().backward()
        show x.grad
        x.grad.zero_()
        x.exp().sum().backward()
        show x.grad
    """,
    "a diamond": """
        x = tensor([1.5, -2.5], requires_grad=True)
        y = x.mul(3)
        a = y.sin()
        b = y.exp()
        z = a.mul(b).add(y)
        z.sum().backward()
        show x.grad
    """,
    "one tensor used many times": """
        x = tensor([0.5, 1.5], requires_grad=True)
        y = x.add(x).mul(x).sub(x).div(x)
        y.sum().backward()
        show x.grad
    """,
    "retain_graph lets a graph be used again": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.exp().sum()
        y.backward(retain_graph=True)
        y.backward()
        show x.grad
        y.backward()
    """,
    "a freed graph is refused": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.mul(x)
        y.sum().backward()
        y.sum().backward()
    """,
    "a graph that saved nothing can be used again": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.add(1).mul(3).neg()
        y.sum().backward()
        y.sum().backward()
        show x.grad
    """,
    "a part of a freed graph": """
        x = tensor([1.5], requires_grad=True)
        a = x.exp()
        b = a.mul(2)
        c = a.mul(a)
        b.sum().backward()
        c.sum().backward()
    """,
    "two losses over one trunk": """
        x = tensor([1.5], requires_grad=True)
        a = x.exp()
        b = a.mul(2)
        c = a.sin()
        b.sum().backward(retain_graph=True)
        c.sum().backward()
        show x.grad
    """,
    "backward of a leaf": """
        x = tensor(2.5, requires_grad=True)
        x.backward()
        show x.grad
        x.backward()
        show x.grad
    """,
    "backward of a leaf with a gradient": """
        x = tensor([2.5, 1.5], requires_grad=True)
        x.backward(tensor([3.5, 4.5]))
        show x.grad
    """,
    "backward needs something that requires a gradient": """
        x = tensor([1.5])
        y = x.mul(2)
        show y.requires_grad
        y.backward()
    """,
    "backward of several elements needs a gradient": """
        x = tensor([1.5, 2.5], requires_grad=True)
        x.mul(2).backward()
    """,
    "backward with a gradient": """
        x = tensor([1.5, 2.5], requires_grad=True)
        x.mul(2).backward(tensor([10.5, 100.5]))
        show x.grad
    """,
    "backward with a gradient of another shape": """
        x = tensor([1.5, 2.5], requires_grad=True)
        x.mul(2).backward(tensor([1.5]))
    """,
    "an unused leaf has no gradient": """
        x = tensor([1.5], requires_grad=True)
        y = tensor([2.5], requires_grad=True)
        x.mul(2).sum().backward()
        show x.grad
        show y.grad
    """,
    "only some inputs": """
        x = tensor([1.5], requires_grad=True)
        y = tensor([2.5], requires_grad=True)
        x.mul(y).sum().backward(inputs=[x])
        show x.grad
        show y.grad
    """,
    "an inner tensor as input": """
        x = tensor([1.5], requires_grad=True)
        a = x.exp()
        a.mul(3).sum().backward(inputs=[a])
        show a.grad
        show x.grad
    """,
    "gradients of a tensor that broadcasts": """
        x = tensor([[1.5], [2.5]], requires_grad=True)
        y = tensor([0.5, 1.5, 2.5], requires_grad=True)
        x.mul(y).sum().backward()
        show x.grad
        show y.grad
    """,
    "a graph without sums": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.max()
        y.backward()
        show x.grad
    """,
    # ---- autograd.grad
    "grad returns and leaves leaves alone": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.exp().sum()
        g = grad([y], [x])
        show g[0]
        show x.grad
    """,
    "grad of an inner tensor": """
        x = tensor([1.5], requires_grad=True)
        a = x.exp()
        y = a.mul(a).sum()
        g = grad([y], [a, x])
        show g[0]
        show g[1]
    """,
    "grad refuses what was not used": """
        x = tensor([1.5], requires_grad=True)
        z = tensor([1.5], requires_grad=True)
        y = x.exp().sum()
        g = grad([y], [x, z])
    """,
    "grad allows what was not used": """
        x = tensor([1.5], requires_grad=True)
        z = tensor([1.5], requires_grad=True)
        y = x.exp().sum()
        g = grad([y], [x, z], allow_unused=True)
        show g[0]
        show g[1]
    """,
    "grad refuses what needs no gradient": """
        x = tensor([1.5], requires_grad=True)
        z = tensor([1.5])
        y = x.mul(z).sum()
        g = grad([y], [z])
    """,
    "grad of several outputs": """
        x = tensor([1.5, 2.5], requires_grad=True)
        a = x.mul(2)
        b = x.mul(x)
        g = grad([a, b], [x], grad_outputs=[tensor([1.5, 2.5]), tensor([0.5, 0.25])])
        show g[0]
    """,
    "grad twice over one graph": """
        x = tensor([1.5], requires_grad=True)
        y = x.exp().sum()
        g = grad([y], [x], retain_graph=True)
        h = grad([y], [x])
        show h[0]
        k = grad([y], [x])
    """,
    # ---- higher derivatives
    "second derivative": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.pow(3).sum()
        g = grad([y], [x], create_graph=True)
        show g[0].requires_grad
        h = grad([g[0].sum()], [x])
        show h[0]
    """,
    "third derivative": """
        x = tensor([0.5, 1.5], requires_grad=True)
        y = x.sin().mul(x.exp()).sum()
        a = grad([y], [x], create_graph=True)
        b = grad([a[0].sum()], [x], create_graph=True)
        c = grad([b[0].sum()], [x])
        show c[0]
    """,
    "fourth derivative": """
        x = tensor([0.5, 1.5], requires_grad=True, dtype=float64)
        y = x.pow(5).sum()
        a = grad([y], [x], create_graph=True)
        b = grad([a[0].sum()], [x], create_graph=True)
        c = grad([b[0].sum()], [x], create_graph=True)
        d = grad([c[0].sum()], [x])
        show d[0]
    """,
    "backward through backward": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.pow(3).sum()
        y.backward(create_graph=True)
        show x.grad
        x.grad.sum().backward()
        show x.grad
    """,
    "a gradient penalty": """
        x = tensor([[1.5, -0.5], [0.5, 2.5]], requires_grad=True)
        w = tensor([[0.5, 1.5], [-1.5, 1.25]], requires_grad=True)
        y = x.matmul(w).tanh().sum()
        g = grad([y], [x], create_graph=True)
        penalty = g[0].pow(2).sum().sqrt().sub(1).pow(2)
        penalty.backward()
        show w.grad
        show x.grad
    """,
    "without create_graph there is no second derivative": """
        x = tensor([1.5], requires_grad=True)
        y = x.pow(3).sum()
        g = grad([y], [x])
        show g[0].requires_grad
        g[0].sum().backward()
    """,
    # ---- leaves and requires_grad
    "what is a leaf": """
        x = tensor([1.5], requires_grad=True)
        y = tensor([1.5])
        z = x.mul(2)
        w = y.mul(2)
        show x.is_leaf
        show y.is_leaf
        show z.is_leaf
        show w.is_leaf
        show z.requires_grad
        show w.requires_grad
        show z.detach().is_leaf
    """,
    "requires_grad_ of a leaf": """
        x = tensor([1.5])
        x.requires_grad_()
        x.mul(2).sum().backward()
        show x.grad
        x.requires_grad_(False)
        show x.mul(2).requires_grad
    """,
    "requires_grad_ of integers": """
        x = tensor([1, 2], dtype=int64)
        x.requires_grad_()
    """,
    "a computed tensor can't stop to require a gradient": """
        x = tensor([1.5], requires_grad=True)
        y = x.mul(2)
        y.requires_grad_()
        y.requires_grad_(False)
    """,
    "integers computed from floats need no gradient": """
        x = tensor([1.5, 2.5], requires_grad=True)
        show x.argmax().requires_grad
        show x.gt(2).requires_grad
        show x.long().requires_grad
        show x.sort().indices.requires_grad
        show x.sort().values.requires_grad
    """,
    "detach": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.mul(2)
        z = y.detach()
        show z.requires_grad
        y.mul(z).sum().backward()
        show x.grad
    """,
    "detach_": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.mul(2)
        y.detach_()
        show y.requires_grad
        show y.is_leaf
    """,
    "detach_ of a view": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.mul(2).narrow(0, 0, 1)
        y.detach_()
    """,
    "detached memory is shared": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.add(1)
        z = y.detach()
        z.zero_()
        show y
        y.sum().backward()
        show x.grad
    """,
    "a change through a detached tensor is noticed": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.exp()
        z = y.detach()
        z.zero_()
        y.sum().backward()
    """,
    "retain_grad": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.mul(2)
        y.retain_grad()
        y.mul(y).sum().backward()
        show y.grad
        show x.grad
    """,
    "retain_grad accumulates": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.mul(2)
        y.retain_grad()
        y.sum().backward()
        y.sum().backward()
        show y.grad
    """,
    "retain_grad of what needs none": """
        x = tensor([1.5])
        x.retain_grad()
    """,
    "grad of a computed tensor is not kept": """
        x = tensor([1.5], requires_grad=True)
        y = x.mul(2)
        y.sum().backward()
        show y.grad
    """,
    # ---- modes
    "no_grad": """
        x = tensor([1.5], requires_grad=True)
        no_grad: y = x.mul(2)
        show y.requires_grad
        show y.is_leaf
        z = y.mul(x)
        z.sum().backward()
        show x.grad
    """,
    "a leaf is changed inside no_grad": """
        x = tensor([1.5], requires_grad=True)
        no_grad: x.add_(1)
        show x
        show x.requires_grad
        show x.is_leaf
    """,
    "a change inside no_grad is noticed": """
        x = tensor([1.5], requires_grad=True)
        y = x.mul(x)
        no_grad: x.add_(1)
        y.sum().backward()
    """,
    "a change inside no_grad that nobody needs": """
        x = tensor([1.5], requires_grad=True)
        y = x.mul(2)
        no_grad: x.add_(1)
        y.sum().backward()
        show x.grad
    """,
    "requires_grad set inside no_grad": """
        no_grad: x = tensor([1.5], requires_grad=True)
        x.mul(2).sum().backward()
        show x.grad
    """,
    "a view made inside no_grad is changed outside": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.clone()
        no_grad: v = y.narrow(0, 0, 1)
        v.mul_(2)
    """,
    "a view made inside no_grad is changed inside": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.mul(2)
        no_grad: v = y.narrow(0, 0, 1)
        no_grad: v.mul_(2)
        show y
        y.sum().backward()
        show x.grad
    """,
    "inference tensors can't be saved for a backward": """
        w = tensor([1.5], requires_grad=True)
        inference_mode: x = tensor([1.5]).mul(2)
        y = x.mul(w)
    """,
    "inference tensors where nothing is saved": """
        w = tensor([1.5], requires_grad=True)
        inference_mode: x = tensor([1.5]).mul(2)
        y = x.add(w)
        y.sum().backward()
        show w.grad
        show x.requires_grad
    """,
    "inference tensors can't come to require a gradient": """
        inference_mode: x = tensor([1.5]).mul(2)
        x.requires_grad_()
    """,
    "inference tensors can't be changed outside": """
        inference_mode: x = tensor([1.5]).mul(2)
        x.add_(1)
    """,
    "inference tensors are changed inside": """
        inference_mode: x = tensor([1.5]).mul(2)
        inference_mode: x.add_(1)
        show x
    """,
    "a clone of an inference tensor": """
        w = tensor([1.5], requires_grad=True)
        inference_mode: x = tensor([1.5]).mul(2)
        y = x.clone().mul(w)
        y.sum().backward()
        show w.grad
    """,
    # ---- in place
    "a leaf can't be changed in place": """
        x = tensor([1.5], requires_grad=True)
        x.add_(1)
    """,
    "a view of a leaf can't be changed in place": """
        x = tensor([1.5, 2.5], requires_grad=True)
        x.narrow(0, 0, 1).add_(1)
    """,
    "a leaf that needs no gradient comes to need one": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = tensor([0.5, 0.25])
        y.mul_(x)
        show y.requires_grad
        show y.is_leaf
        y.sum().backward()
        show x.grad
    """,
    "in place in a chain": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.mul(2)
        y.add_(1).mul_(3)
        y.sum().backward()
        show y
        show x.grad
    """,
    "a result that is needed is changed": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.exp()
        y.add_(1)
        y.sum().backward()
    """,
    "an operand that is needed is changed": """
        x = tensor([1.5, 2.5], requires_grad=True)
        a = x.mul(1)
        y = a.mul(a)
        a.add_(1)
        y.sum().backward()
    """,
    "an operand that is not needed is changed": """
        x = tensor([1.5, 2.5], requires_grad=True)
        a = x.mul(1)
        y = a.add(a)
        a.add_(1)
        y.sum().backward()
        show x.grad
    """,
    "the other operand needs no gradient": """
        x = tensor([1.5, 2.5], requires_grad=True)
        w = tensor([3.5, 4.5])
        a = x.mul(1)
        y = a.mul(w)
        a.add_(1)
        y.sum().backward()
        show x.grad
    """,
    "the other operand is changed": """
        x = tensor([1.5, 2.5], requires_grad=True)
        w = tensor([3.5, 4.5])
        y = x.mul(w)
        w.add_(1)
        y.sum().backward()
    """,
    "relu remembers its result": """
        x = tensor([1.5, -2.5], requires_grad=True)
        y = x.relu()
        y.mul_(2)
        y.sum().backward()
    """,
    "relu doesn't remember its input": """
        x = tensor([1.5, -2.5], requires_grad=True)
        a = x.mul(1)
        y = a.relu()
        a.mul_(2)
        y.sum().backward()
        show x.grad
    """,
    "sigmoid and tanh remember their results": """
        x = tensor([1.5, -2.5], requires_grad=True)
        a = x.mul(1)
        y = a.sigmoid().add(a.tanh())
        a.mul_(2)
        y.sum().backward()
        show x.grad
    """,
    "log remembers its input": """
        x = tensor([1.5, 2.5], requires_grad=True)
        a = x.mul(1)
        y = a.log()
        a.mul_(2)
        y.sum().backward()
    """,
    "division remembers both": """
        x = tensor([1.5, 2.5], requires_grad=True)
        a = x.mul(1)
        y = x.div(a)
        a.mul_(2)
        y.sum().backward()
    """,
    "a matrix product remembers its operands": """
        x = tensor([[1.5, 2.5]], requires_grad=True)
        a = x.mul(1)
        w = tensor([[1.5], [2.5]], requires_grad=True)
        y = a.matmul(w)
        a.add_(1)
        y.sum().backward()
    """,
    "a sum remembers nothing": """
        x = tensor([1.5, 2.5], requires_grad=True)
        a = x.mul(1)
        y = a.sum()
        a.mul_(2)
        y.backward()
        show x.grad
    """,
    "max remembers what it needs": """
        x = tensor([1.5, 2.5], requires_grad=True)
        a = x.mul(1)
        y = a.max()
        a.mul_(2)
        y.backward()
    """,
    "softmax remembers its result": """
        x = tensor([1.5, 2.5], requires_grad=True)
        a = x.mul(1)
        y = a.softmax(0)
        a.mul_(2)
        y.select(0, 0).backward()
        show x.grad
    """,
    "a change before it is used": """
        x = tensor([1.5, 2.5], requires_grad=True)
        a = x.mul(1)
        a.mul_(2)
        y = a.mul(a)
        y.sum().backward()
        show x.grad
    """,
    "fill_ cuts the history": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.mul(2)
        y.fill_(3)
        show y.requires_grad
        y.sum().backward()
        show x.grad
    """,
    "copy_ takes over the source's history": """
        x = tensor([1.5, 2.5], requires_grad=True)
        z = tensor([0.5, 0.5], requires_grad=True)
        y = x.mul(2)
        y.copy_(z)
        y.mul(y).sum().backward()
        show x.grad
        show z.grad
    """,
    "an in-place operation with itself": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.mul(1)
        y.mul_(y)
        y.sum().backward()
        show x.grad
    """,
    # ---- views
    "a view shares memory": """
        x = tensor([[1.5, 2.5], [3.5, 4.5]])
        v = x.t()
        v.select(0, 0).fill_(9)
        show x
        x.add_(1)
        show v
    """,
    "gradients through views": """
        x = tensor([[1.5, 2.5], [3.5, 4.5]], requires_grad=True)
        v = x.t().reshape([4]).narrow(0, 1, 2)
        v.mul(v).sum().backward()
        show x.grad
    """,
    "a view is changed in place": """
        x = tensor([1.5, 2.5, 3.5], requires_grad=True)
        y = x.mul(2)
        v = y.narrow(0, 1, 2)
        v.mul_(10)
        y.sum().backward()
        show y
        show x.grad
    """,
    "the base is changed in place": """
        x = tensor([1.5, 2.5, 3.5], requires_grad=True)
        y = x.mul(2)
        v = y.narrow(0, 1, 2)
        y.mul_(10)
        v.sum().backward()
        show v
        show x.grad
    """,
    "a view of a view is changed in place": """
        x = tensor([[1.5, 2.5], [3.5, 4.5]], requires_grad=True)
        y = x.mul(2)
        v = y.t().select(0, 1)
        v.mul_(10)
        y.mul(y).sum().backward()
        show y
        show x.grad
    """,
    "one view is changed, another is read": """
        x = tensor([1.5, 2.5, 3.5], requires_grad=True)
        y = x.mul(2)
        a = y.narrow(0, 0, 2)
        b = y.narrow(0, 1, 2)
        a.mul_(10)
        b.mul(b).sum().backward()
        show b
        show x.grad
    """,
    "two views are changed one after the other": """
        x = tensor([1.5, 2.5, 3.5], requires_grad=True)
        y = x.mul(2)
        a = y.narrow(0, 0, 2)
        b = y.narrow(0, 1, 2)
        a.mul_(10)
        b.add_(a)
        y.mul(y).sum().backward()
        show y
        show x.grad
    """,
    "a view takes over another tensor": """
        x = tensor([1.5, 2.5, 3.5], requires_grad=True)
        z = tensor([0.5, 0.25], requires_grad=True)
        y = x.mul(2)
        y.narrow(0, 0, 2).copy_(z)
        y.mul(y).sum().backward()
        show x.grad
        show z.grad
    """,
    "a base that needed no gradient gets one through a view": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = tensor([0.5, 0.25, 0.125])
        v = y.narrow(0, 0, 2)
        v.mul_(x)
        show y.requires_grad
        show v.requires_grad
        y.mul(y).sum().backward()
        show x.grad
    """,
    "a view made before its base needed a gradient": """
        x = tensor([1.5, 2.5, 3.5], requires_grad=True)
        y = tensor([0.5, 0.25, 0.125])
        v = y.narrow(0, 0, 2)
        show v.requires_grad
        y.mul_(x)
        show v.requires_grad
        v.sum().backward()
        show x.grad
    """,
    "a view saved before its base changes": """
        x = tensor([1.5, 2.5, 3.5], requires_grad=True)
        y = x.mul(1)
        v = y.narrow(0, 0, 2)
        z = v.mul(v)
        y.add_(1)
        z.sum().backward()
    """,
    "parts of a split can't be changed": """
        x = tensor([1.5, 2.5, 3.5, 4.5], requires_grad=True)
        y = x.mul(2)
        p = y.split(2)
        p[0].add_(1)
    """,
    "parts of an unbind can't be changed": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.mul(2)
        p = y.unbind()
        p[0].add_(1)
    """,
    "parts of a chunk can't be changed": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.mul(2)
        p = y.chunk(2)
        p[1].zero_()
    """,
    "parts of a split without gradients can be changed": """
        x = tensor([1.5, 2.5, 3.5, 4.5])
        p = x.split(2)
        p[0].add_(1)
        show x
    """,
    "parts of a split are changed inside no_grad": """
        x = tensor([1.5, 2.5, 3.5, 4.5], requires_grad=True)
        y = x.mul(2)
        p = y.split(2)
        no_grad: p[0].add_(1)
        show y
    """,
    "a view of a part of a split can't be changed": """
        x = tensor([[1.5, 2.5], [3.5, 4.5]], requires_grad=True)
        y = x.mul(2)
        p = y.split(1)
        p[0].select(0, 0).add_(1)
    """,
    "an expanded tensor can't be changed": """
        x = tensor([1.5], requires_grad=True)
        y = x.mul(2).expand([3])
        y.add_(1)
    """,
    "a diagonal is filled": """
        x = tensor([[1.5, 2.5], [3.5, 4.5]], requires_grad=True)
        y = x.mul(2)
        y.diagonal().fill_(0)
        y.mul(y).sum().backward()
        show x.grad
    """,
    "a transposed view is changed": """
        x = tensor([[1.5, 2.5], [3.5, 4.5]], requires_grad=True)
        w = tensor([[1.5, 2.5], [3.5, 4.5]], requires_grad=True)
        y = x.mul(2)
        y.t().mul_(w)
        y.sum().backward()
        show x.grad
        show w.grad
    """,
    "masked_fill_ and index_fill_": """
        x = tensor([1.5, 2.5, 3.5], requires_grad=True)
        y = x.mul(2)
        y.masked_fill_(y.gt(4), 0)
        y.index_fill_(0, tensor([0], dtype=int64), 5)
        y.add(1).mul(y).sum().backward()
        show y
        show x.grad
    """,
    "a view's gradient function follows its base": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.mul(2)
        v = y.view([2, 1])
        v.exp_()
        v.sum().backward()
        show x.grad
    """,
    "in place on a view while the base is saved": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.mul(1)
        z = y.exp()
        q = z.mul(2)
        z.narrow(0, 0, 1).zero_()
        q.sum().backward()
    """,
    "second derivatives through a change in place": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.mul(x)
        v = y.narrow(0, 0, 1)
        v.mul_(x.narrow(0, 1, 1))
        g = grad([y.mul(y).sum()], [x], create_graph=True)
        show g[0]
        h = grad([g[0].sum()], [x])
        show h[0]
    """,
    "zero_ of a view of a leaf's gradient": """
        x = tensor([1.5, 2.5], requires_grad=True)
        x.mul(x).sum().backward()
        x.grad.narrow(0, 0, 1).zero_()
        show x.grad
    """,
    # ---- hooks
    "a hook replaces a gradient": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.mul(2)
        y.register_hook(double)
        y.sum().backward()
        show x.grad
    """,
    "a hook on a leaf": """
        x = tensor([1.5, 2.5], requires_grad=True)
        x.register_hook(double)
        x.mul(3).sum().backward()
        show x.grad
    """,
    "two hooks, one after the other": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.mul(2)
        y.register_hook(double)
        y.register_hook(add_one)
        y.sum().backward()
        show x.grad
    """,
    "a hook that only looks": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.mul(2)
        y.register_hook(look)
        y.mul(y).sum().backward()
        show x.grad
        show seen
    """,
    "a removed hook": """
        x = tensor([1.5, 2.5], requires_grad=True)
        h = x.register_hook(double)
        h.remove()
        x.mul(3).sum().backward()
        show x.grad
    """,
    "a hook where gradients meet": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.mul(2)
        y.register_hook(double)
        y.sin().add(y).sum().backward()
        show x.grad
    """,
    "a hook needs a gradient": """
        x = tensor([1.5, 2.5])
        x.register_hook(double)
    """,
    "a hook and retain_grad": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.mul(2)
        y.retain_grad()
        y.register_hook(double)
        y.sum().backward()
        show y.grad
        show x.grad
    """,
    "a hook before a change in place": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.mul(2)
        y.register_hook(double)
        y.mul_(3)
        y.sum().backward()
        show x.grad
    """,
    "a hook after a change in place": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.mul(2)
        y.mul_(3)
        y.register_hook(double)
        y.sum().backward()
        show x.grad
    """,
    "retain_grad before a change in place": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.mul(2)
        y.retain_grad()
        y.mul_(3)
        y.sum().backward()
        show y.grad
        show x.grad
    """,
    "a hook with a captured gradient": """
        x = tensor([1.5, 2.5], requires_grad=True)
        x.register_hook(double)
        g = grad([x.mul(3).sum()], [x])
        show g[0]
    """,
    # ---- setting grad
    "grad is set": """
        x = tensor([1.5, 2.5], requires_grad=True)
        x.grad = tensor([10.5, 20.5])
        x.mul(2).sum().backward()
        show x.grad
        x.grad = None
        show x.grad
    """,
    "grad of another shape": """
        x = tensor([1.5, 2.5], requires_grad=True)
        x.grad = tensor([1.5])
    """,
    "a gradient that was read stays": """
        x = tensor([1.5, 2.5], requires_grad=True)
        x.mul(2).sum().backward()
        g = x.grad
        x.mul(3).sum().backward()
        show g
        show x.grad
    """,
    # ---- dtypes
    "a conversion on the way": """
        x = tensor([1.5, 2.5], requires_grad=True)
        y = x.double().mul(3).float().mul(x)
        y.sum().backward()
        show x.grad
        show x.grad.dtype
    """,
    "float32 meets float64": """
        x = tensor([1.5, 2.5], requires_grad=True)
        w = tensor([0.5, 0.25], dtype=float64, requires_grad=True)
        x.mul(w).sum().backward()
        show x.grad
        show x.grad.dtype
        show w.grad.dtype
    """,
}


def shown(value):
    if isinstance(value, torch.Tensor):
        return {"shape": list(value.shape), "values": value.detach().double().reshape(-1).tolist()}
    if isinstance(value, torch.dtype):
        return NAMES[value]
    return [shown(entry) for entry in value] if isinstance(value, (list, tuple)) else value


def run(text):
    """What the program shows, and the line that PyTorch refuses."""
    seen = []
    names = {
        "tensor": torch.tensor, "grad": torch.autograd.grad, "float64": torch.float64, "int64": torch.int64, "torch": torch,
        "double": lambda gradient: gradient * 2, "add_one": lambda gradient: gradient + 1, "seen": seen,
        "look": lambda gradient: seen.append(gradient.clone()),
    }
    out = []
    lines = [line.strip() for line in text.strip().split("\n")]
    for number, line in enumerate(lines):
        try:
            if line.startswith("show "):
                out.append(shown(eval(line[5:], names)))
            elif line.startswith(("no_grad: ", "inference_mode: ")):
                mode, statement = line.split(": ", 1)
                with getattr(torch, mode)():
                    exec(statement, names)
            else:
                exec(line, names)
        except (RuntimeError, TypeError, ValueError) as error:
            return {"lines": lines, "shown": out, "refused": number, "words": str(error).split("\n")[0]}
    return {"lines": lines, "shown": out}


def results():
    return [{"name": name, **run(text)} for name, text in PROGRAMS.items()]

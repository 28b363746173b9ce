"""examples/sampling.ts in PyTorch, statement by statement: what it prints is test/oracle/fixtures/sampling.txt.

python3 scripts/oracle/sampling.py
"""

import torch
import torch.nn.functional as F
from torch import nn

TEXT = "the quick brown fox jumps over the lazy dog and the dog sleeps under the old tree while the fox runs home"
CONTEXT, WIDTH = 8, 16


def show(name, value):
    print(name + ": " + str(value))


torch.manual_seed(7)
# Digits that do not depend on the order in which float32 numbers are added up.
torch.set_printoptions(precision=3)

# ---- the text as numbers

characters = sorted(set(TEXT))
vocabulary = len(characters)
ids = torch.tensor([characters.index(character) for character in TEXT])
show("characters", "".join(characters))
show("ids", ids)
counts = ids.bincount(minlength=vocabulary)
show("counts", counts)
by_count, order = counts.sort(descending=True, stable=True)
show("most frequent", order[:5])
share = by_count.cumsum(0) / len(TEXT)
show("share", share)
show("cover half", (share < 0.5).sum() + 1)
values, inverse, occurrences = ids.unique(return_inverse=True, return_counts=True)
show("inverse restores", values[inverse].equal(ids))
show("occurrences agree", occurrences.equal(counts[counts > 0]))
show("ranks", order.argsort())

# ---- what follows what, counted in three ways

before, after = ids[:-1], ids[1:]
pairs = before * vocabulary + after
bigrams = torch.zeros(vocabulary * vocabulary).scatter_add(0, pairs, torch.ones(len(pairs)))
bigrams = bigrams.view(vocabulary, vocabulary)
by_rows = torch.zeros(vocabulary, vocabulary).index_add(0, before, F.one_hot(after, vocabulary).float())
by_places = torch.zeros(vocabulary, vocabulary).index_put_((before, after), torch.tensor(1.0), accumulate=True)
show("three ways agree", bigrams.equal(by_rows) and bigrams.equal(by_places))
smoothed = bigrams + 0.1
probabilities = smoothed / smoothed.sum(1, keepdim=True)
show("after t", probabilities[characters.index("t")])
show("likeliest", probabilities.argmax(1))
log_likelihood = probabilities[before, after].log()
show("perplexity", (-log_likelihood.mean()).exp())
surprising = log_likelihood < log_likelihood.mean() - 1.5 * log_likelihood.std()
show("surprising", surprising.nonzero().squeeze(1))
show("how much", log_likelihood[surprising])
show("chain", log_likelihood[:6].exp().cumprod(0))
show("most so far", counts.cummax(0).indices)
entropy = -(probabilities * probabilities.log()).sum(1)
surest = entropy.topk(3, largest=False)
show("surest", surest.indices)
show("how sure", surest.values)
show("less sure", entropy[entropy > entropy.median()].sort().values)

# ---- a batch of pieces, some characters replaced by chance

starts = torch.randperm(len(ids) - CONTEXT)[:12]
show("starts", starts)
places = starts[:, None] + torch.arange(CONTEXT)
inputs, targets = ids[places], ids[places + 1]
replaced = torch.rand(inputs.shape) < 0.1
noisy = torch.where(replaced, torch.randint(vocabulary, inputs.shape), inputs)
show("replaced", replaced.sum(1))
show("noisy", noisy[replaced])
weight = torch.ones(inputs.shape)
weight[replaced] = 0.5
weight[:, 0] = 0.0
show("weight", weight.mean(0))


# ---- a model of one head of causal attention


class CharacterModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.token = nn.Embedding(vocabulary, WIDTH)
        self.place = nn.Parameter(torch.randn(CONTEXT, WIDTH) * 0.1)
        self.query = nn.Linear(WIDTH, WIDTH, bias=False)
        self.key = nn.Linear(WIDTH, WIDTH, bias=False)
        self.value = nn.Linear(WIDTH, WIDTH, bias=False)
        self.dropout = nn.Dropout(0.1)
        self.norm = nn.LayerNorm(WIDTH)
        self.out = nn.Linear(WIDTH, vocabulary)

    def attention(self, x):
        length = x.shape[1]
        scores = self.query(x) @ self.key(x).transpose(1, 2) / WIDTH**0.5
        future = torch.ones(length, length).triu(1).bool()
        return scores.masked_fill(future, float("-inf")).softmax(-1)

    def forward(self, ids):
        x = self.token(ids) + self.place[: ids.shape[1]]
        mixed = self.dropout(self.attention(x)) @ self.value(x)
        return self.out(self.norm(x + mixed))


model = CharacterModel()
show("model", model)
show("parameters", sum(parameter.numel() for parameter in model.parameters()))
show("token weight", model.token.weight[:3, :4])
show("query weight", model.query.weight.detach().abs().amax(1))
with torch.no_grad():
    attention = model.attention(model.token(inputs[:1]) + model.place)
    show("attention", attention[0, :3])
    show("attention adds up to 1", attention.sum(-1).allclose(torch.ones(1, CONTEXT)))
    show("where it looks", (attention * torch.arange(CONTEXT)).sum(-1))
    show("attention of the future", attention.triu(1).count_nonzero())

# ---- training, with an eye on one gradient

optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
space = torch.tensor([characters.index(" ")])
norms = []


def without_space(gradient):
    norms.append(gradient.norm())
    return gradient.index_fill(0, space, 0.0)


handle = model.token.weight.register_hook(without_space)
for step in range(24):
    log_probabilities = model(noisy).log_softmax(-1)
    picked = log_probabilities.gather(2, targets.unsqueeze(2)).squeeze(2)
    loss = -(picked * weight).sum() / weight.sum()
    optimizer.zero_grad()
    loss.backward()
    total = nn.utils.clip_grad_norm_(model.parameters(), 0.5)
    optimizer.step()
    if step % 4 == 0:
        show(f"step {step}", f"loss {loss.item():.3f}, norm {total.item():.3f}")
handle.remove()
show("norms", torch.stack(norms))
show("gradient of the space", model.token.weight.grad[space].abs().sum())
show("norm of the gradients", torch.cat([p.grad.flatten() for p in model.parameters()]).norm())
show("norm weight", model.norm.weight)

# ---- how good it is

model.eval()
with torch.no_grad():
    logits = model(inputs)
    show("cross entropy", F.cross_entropy(logits.flatten(0, 1), targets.flatten()))
    by_place = F.cross_entropy(logits.transpose(1, 2), targets, reduction="none").mean(0)
    show("by place", by_place)
    guesses = logits.topk(3, -1).indices
    hits = guesses == targets.unsqueeze(-1)
    show("right within 1, 2, 3", hits.float().cumsum(-1).mean((0, 1)))
    confusion = torch.zeros(vocabulary, vocabulary, dtype=torch.int64)
    confusion.index_put_((targets.flatten(), guesses[..., 0].flatten()), torch.tensor(1), accumulate=True)
    show("right by character", confusion.diagonal())
    worst = logits.log_softmax(-1).gather(2, targets.unsqueeze(2)).squeeze(2).flatten().argsort()[:5]
    show("worst", torch.stack([targets.flatten()[worst], guesses[..., 0].flatten()[worst]]))

# ---- sampling


def text_of(row):
    return "".join(characters[i] for i in row.tolist())


def next_logits(ids):
    return model(ids[:, -CONTEXT:])[:, -1]


def top_k(logits, k):
    least = logits.topk(k).values[:, -1:]
    return logits.masked_fill(logits < least, float("-inf"))


def top_p(logits, p):
    ordered, indices = logits.sort(descending=True)
    probabilities = ordered.softmax(-1)
    dropped = probabilities.cumsum(-1) - probabilities > p
    return torch.empty_like(logits).scatter_(1, indices, ordered.masked_fill(dropped, float("-inf")))


def without_repetition(logits, ids):
    seen = logits.gather(1, ids)
    return logits.scatter(1, ids, torch.where(seen > 0, seen / 1.3, seen * 1.3))


@torch.no_grad()
def sample(prompt, count, temperature, choose):
    ids = torch.tensor([[characters.index(character) for character in prompt]]).repeat(3, 1)
    for _ in range(count):
        logits = choose(next_logits(ids) / temperature, ids)
        ids = torch.cat([ids, logits.softmax(-1).multinomial(1)], 1)
    return ids


settings = [
    ("greedy", 1.0, lambda logits, ids: top_k(logits, 1)),
    ("top 3", 0.7, lambda logits, ids: top_k(logits, 3)),
    ("top 8, hot", 1.5, lambda logits, ids: top_k(logits, 8)),
    ("nucleus", 1.0, lambda logits, ids: top_p(logits, 0.8)),
    ("no repetition", 0.9, lambda logits, ids: top_k(without_repetition(logits, ids), 5)),
]
for name, temperature, choose in settings:
    for row in sample("the ", 24, temperature, choose):
        show(name, f"'{text_of(row)}'")

with torch.no_grad():
    start = torch.tensor([[characters.index(character) for character in "the fox "]])
    logits = next_logits(start)
    likely = logits.softmax(-1).topk(4)
    show("next", likely.indices)
    show("how likely", likely.values)
    show("kept by top p", top_p(logits, 0.8).isfinite().sum())
    draws = logits.softmax(-1).multinomial(500, replacement=True).squeeze(0)
    show("draws", draws.bincount(minlength=vocabulary))
    show("draws without replacement", logits.softmax(-1).multinomial(6))
    gumbel = -torch.empty(200, vocabulary).exponential_().log()
    show("gumbel", (logits + gumbel).argmax(1).bincount(minlength=vocabulary))
    coins = torch.bernoulli(logits.sigmoid())
    show("coins", coins)

    # the three likeliest continuations of five characters
    beams, scores = start, torch.zeros(1)
    for _ in range(5):
        totals = scores[:, None] + next_logits(beams).log_softmax(-1)
        scores, best = totals.flatten().topk(3)
        parents = best.div(vocabulary, rounding_mode="floor")
        beams = torch.cat([beams[parents], (best % vocabulary)[:, None]], 1)
    show("scores", scores)
    for beam in beams:
        show("beam", f"'{text_of(beam)}'")
show("where the stream stands", torch.randn(3))

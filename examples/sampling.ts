// A model of characters, from counting what follows what to a trained head of causal attention and ways to sample from it.
// scripts/oracle/sampling.py is the same in PyTorch, statement by statement, and prints the same, character by character.
//
//   npx tsx examples/sampling.ts
import {
  arange,
  bernoulli,
  cat,
  empty,
  emptyLike,
  manualSeed,
  nn,
  noGrad,
  ones,
  optim,
  rand,
  randint,
  randn,
  randperm,
  setPrintoptions,
  slice,
  stack,
  tensor,
  where,
  zeros,
  type Tensor,
} from 'flambeau';

const F = nn.functional;

const TEXT =
  'the quick brown fox jumps over the lazy dog and the dog sleeps under the old tree while the fox runs home';
const [CONTEXT, WIDTH] = [8, 16];

function show(name: string, value: unknown): void {
  console.log(`${name}: ${value === true ? 'True' : value === false ? 'False' : String(value)}`);
}

manualSeed(7);
// Digits that do not depend on the order in which float32 numbers are added up.
setPrintoptions({ precision: 3 });

// ---- the text as numbers

const characters = [...new Set(TEXT)].sort();
const vocabulary = characters.length;
const idsOf = (text: string): Tensor => tensor([...text].map((character) => BigInt(characters.indexOf(character))));
const ids = idsOf(TEXT);
show('characters', characters.join(''));
show('ids', ids);
const counts = ids.bincount({ minlength: vocabulary });
show('counts', counts);
const { values: byCount, indices: order } = counts.sort(-1, { descending: true, stable: true });
show('most frequent', order.index(slice(0, 5)));
const share = byCount.cumsum(0).div(TEXT.length);
show('share', share);
show('cover half', share.lt(0.5).sum().add(1));
const { values, inverse, counts: occurrences } = ids.unique({ returnInverse: true, returnCounts: true });
show('inverse restores', values.index(inverse).equal(ids));
show('occurrences agree', occurrences.equal(counts.index(counts.gt(0))));
show('ranks', order.argsort());

// ---- what follows what, counted in three ways

const [before, after] = [ids.index(slice(null, -1)), ids.index(slice(1))];
const pairs = before.mul(vocabulary).add(after);
let bigrams = zeros([vocabulary * vocabulary]).scatterAdd(0, pairs, ones([pairs.size(0)]));
bigrams = bigrams.view([vocabulary, vocabulary]);
const byRows = zeros([vocabulary, vocabulary]).indexAdd(0, before, F.oneHot(after, vocabulary).float());
const byPlaces = zeros([vocabulary, vocabulary]).indexPut_([before, after], tensor(1), { accumulate: true });
show('three ways agree', bigrams.equal(byRows) && bigrams.equal(byPlaces));
const smoothed = bigrams.add(0.1);
const probabilities = smoothed.div(smoothed.sum(1, { keepdim: true }));
show('after t', probabilities.index(characters.indexOf('t')));
show('likeliest', probabilities.argmax(1));
const logLikelihood = probabilities.index(before, after).log();
show('perplexity', logLikelihood.mean().neg().exp());
const surprising = logLikelihood.lt(logLikelihood.mean().sub(logLikelihood.std().mul(1.5)));
show('surprising', surprising.nonzero().squeeze(1));
show('how much', logLikelihood.index(surprising));
show('chain', logLikelihood.index(slice(0, 6)).exp().cumprod(0));
show('most so far', counts.cummax(0).indices);
const entropy = probabilities.mul(probabilities.log()).sum(1).neg();
const surest = entropy.topk(3, -1, { largest: false });
show('surest', surest.indices);
show('how sure', surest.values);
show('less sure', entropy.index(entropy.gt(entropy.median())).sort().values);

// ---- a batch of pieces, some characters replaced by chance

const starts = randperm(ids.size(0) - CONTEXT).index(slice(0, 12));
show('starts', starts);
const places = starts.index(slice(), null).add(arange(CONTEXT));
const [inputs, targets] = [ids.index(places), ids.index(places.add(1))];
const replaced = rand(inputs.shape).lt(0.1);
const noisy = where(replaced, randint(vocabulary, inputs.shape), inputs);
show('replaced', replaced.sum(1));
show('noisy', noisy.index(replaced));
const weight = ones(inputs.shape);
weight.indexPut_([replaced], 0.5);
weight.indexPut_([slice(), 0], 0);
show('weight', weight.mean(0));

// ---- a model of one head of causal attention

class CharacterModel extends nn.Module {
  token = new nn.Embedding(vocabulary, WIDTH);
  place = new nn.Parameter(randn([CONTEXT, WIDTH]).mul(0.1));
  query = new nn.Linear(WIDTH, WIDTH, { bias: false });
  key = new nn.Linear(WIDTH, WIDTH, { bias: false });
  value = new nn.Linear(WIDTH, WIDTH, { bias: false });
  dropout = new nn.Dropout(0.1);
  norm = new nn.LayerNorm(WIDTH);
  out = new nn.Linear(WIDTH, vocabulary);

  attention(x: Tensor): Tensor {
    const length = x.size(1);
    const scores = this.query(x)
      .matmul(this.key(x).transpose(1, 2))
      .div(WIDTH ** 0.5);
    const future = ones([length, length]).triu(1).bool();
    return scores.maskedFill(future, -Infinity).softmax(-1);
  }

  override forward(ids: Tensor): Tensor {
    const x = this.token(ids).add(this.place.index(slice(0, ids.size(1))));
    const mixed = this.dropout(this.attention(x)).matmul(this.value(x));
    return this.out(this.norm(x.add(mixed)));
  }
}

const model = new CharacterModel();
show('model', model);
show(
  'parameters',
  [...model.parameters()].reduce((sum, parameter) => sum + parameter.numel(), 0),
);
show('token weight', model.token.weight.index(slice(0, 3), slice(0, 4)));
show('query weight', model.query.weight.detach().abs().amax(1));
noGrad(() => {
  const attention = model.attention(model.token(inputs.index(slice(0, 1))).add(model.place));
  show('attention', attention.index(0, slice(0, 3)));
  show('attention adds up to 1', attention.sum(-1).allclose(ones([1, CONTEXT])));
  show('where it looks', attention.mul(arange(CONTEXT)).sum(-1));
  show('attention of the future', attention.triu(1).countNonzero());
});

// ---- training, with an eye on one gradient

const optimizer = new optim.Adam(model.parameters(), { lr: 0.02 });
const space = idsOf(' ');
const norms: Tensor[] = [];

function withoutSpace(gradient: Tensor): Tensor {
  norms.push(gradient.norm());
  return gradient.indexFill(0, space, 0);
}

const handle = model.token.weight.registerHook(withoutSpace);
for (let step = 0; step < 24; step++) {
  const logProbabilities = model(noisy).logSoftmax(-1);
  const picked = logProbabilities.gather(2, targets.unsqueeze(2)).squeeze(2);
  const loss = picked.mul(weight).sum().neg().div(weight.sum());
  optimizer.zeroGrad();
  loss.backward();
  const total = nn.utils.clipGradNorm_(model.parameters(), 0.5);
  optimizer.step();
  if (step % 4 === 0) show(`step ${step}`, `loss ${loss.item().toFixed(3)}, norm ${total.item().toFixed(3)}`);
}
handle.remove();
show('norms', stack(norms));
show('gradient of the space', model.token.weight.grad!.index(space).abs().sum());
show('norm of the gradients', cat([...model.parameters()].map((p) => p.grad!.flatten())).norm());
show('norm weight', model.norm.weight);

// ---- how good it is

model.eval();
noGrad(() => {
  const logits = model(inputs);
  show('cross entropy', F.crossEntropy(logits.flatten(0, 1), targets.flatten()));
  const byPlace = F.crossEntropy(logits.transpose(1, 2), targets, { reduction: 'none' }).mean(0);
  show('by place', byPlace);
  const guesses = logits.topk(3, -1).indices;
  const hits = guesses.eq(targets.unsqueeze(-1));
  show('right within 1, 2, 3', hits.float().cumsum(-1).mean([0, 1]));
  const confusion = zeros([vocabulary, vocabulary], { dtype: 'int64' });
  confusion.indexPut_([targets.flatten(), guesses.index('...', 0).flatten()], tensor(1n), { accumulate: true });
  show('right by character', confusion.diagonal());
  const worst = logits.logSoftmax(-1).gather(2, targets.unsqueeze(2)).squeeze(2).flatten().argsort().index(slice(0, 5));
  show('worst', stack([targets.flatten().index(worst), guesses.index('...', 0).flatten().index(worst)]));
});

// ---- sampling

function textOf(row: Tensor): string {
  return Array.from(row, (i) => characters[i.item()]).join('');
}

function nextLogits(ids: Tensor): Tensor {
  return model(ids.index(slice(), slice(-CONTEXT))).index(slice(), -1);
}

function topK(logits: Tensor, k: number): Tensor {
  const least = logits.topk(k).values.index(slice(), slice(-1));
  return logits.maskedFill(logits.lt(least), -Infinity);
}

function topP(logits: Tensor, p: number): Tensor {
  const { values: ordered, indices } = logits.sort(-1, { descending: true });
  const probabilities = ordered.softmax(-1);
  const dropped = probabilities.cumsum(-1).sub(probabilities).gt(p);
  return emptyLike(logits).scatter_(1, indices, ordered.maskedFill(dropped, -Infinity));
}

function withoutRepetition(logits: Tensor, ids: Tensor): Tensor {
  const seen = logits.gather(1, ids);
  return logits.scatter(1, ids, where(seen.gt(0), seen.div(1.3), seen.mul(1.3)));
}

type Choose = (logits: Tensor, ids: Tensor) => Tensor;

function sample(prompt: string, count: number, temperature: number, choose: Choose): Tensor {
  return noGrad(() => {
    let ids = idsOf(prompt).repeat([3, 1]);
    for (let i = 0; i < count; i++) {
      const logits = choose(nextLogits(ids).div(temperature), ids);
      ids = cat([ids, logits.softmax(-1).multinomial(1)], 1);
    }
    return ids;
  });
}

const settings: [name: string, temperature: number, choose: Choose][] = [
  ['greedy', 1.0, (logits) => topK(logits, 1)],
  ['top 3', 0.7, (logits) => topK(logits, 3)],
  ['top 8, hot', 1.5, (logits) => topK(logits, 8)],
  ['nucleus', 1.0, (logits) => topP(logits, 0.8)],
  ['no repetition', 0.9, (logits, ids) => topK(withoutRepetition(logits, ids), 5)],
];
for (const [name, temperature, choose] of settings) {
  for (const row of sample('the ', 24, temperature, choose)) show(name, `'${textOf(row)}'`);
}

noGrad(() => {
  const start = idsOf('the fox ').unsqueeze(0);
  const logits = nextLogits(start);
  const likely = logits.softmax(-1).topk(4);
  show('next', likely.indices);
  show('how likely', likely.values);
  show('kept by top p', topP(logits, 0.8).isfinite().sum());
  const draws = logits.softmax(-1).multinomial(500, { replacement: true }).squeeze(0);
  show('draws', draws.bincount({ minlength: vocabulary }));
  show('draws without replacement', logits.softmax(-1).multinomial(6));
  const gumbel = empty([200, vocabulary]).exponential_().log().neg();
  show('gumbel', logits.add(gumbel).argmax(1).bincount({ minlength: vocabulary }));
  const coins = bernoulli(logits.sigmoid());
  show('coins', coins);

  // the three likeliest continuations of five characters
  let [beams, scores] = [start, zeros([1])];
  for (let i = 0; i < 5; i++) {
    const totals = scores.index(slice(), null).add(nextLogits(beams).logSoftmax(-1));
    const { values, indices: best } = totals.flatten().topk(3);
    scores = values;
    const parents = best.div(vocabulary, { roundingMode: 'floor' });
    beams = cat([beams.index(parents), best.remainder(vocabulary).index(slice(), null)], 1);
  }
  show('scores', scores);
  for (const beam of beams) show('beam', `'${textOf(beam)}'`);
});
show('where the stream stands', randn([3]));

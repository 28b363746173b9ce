// Samplers by themselves: what they give, how much, and what they refuse. That their orders are PyTorch's is shown in
// pytorch-orders.test.ts.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { Generator, manualSeed, tensor } from 'flambeau';
import {
  BatchSampler,
  DistributedSampler,
  RandomSampler,
  SequentialSampler,
  SubsetRandomSampler,
  WeightedRandomSampler,
} from 'flambeau/data';

const sized = (length: number): { length: number } => ({ length });
const sorted = (numbers: Iterable<number>): number[] => [...numbers].sort((a, b) => a - b);
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

test('SequentialSampler gives the indices in order', () => {
  const sampler = new SequentialSampler(sized(3));
  assert.equal(sampler.length, 3);
  assert.deepEqual([...sampler], [0, 1, 2]);
  assert.deepEqual([...new SequentialSampler(sized(0))], []);
});

suite('RandomSampler', () => {
  test('gives each index once, in another order each time', () => {
    manualSeed(0);
    const sampler = new RandomSampler(sized(50));
    const first = [...sampler];
    assert.deepEqual(sorted(first), range(50));
    assert.notDeepEqual([...sampler], first);
  });

  test('asked for more than there are, goes round again', () => {
    const drawn = [...new RandomSampler(sized(4), { numSamples: 10 })];
    assert.deepEqual(sorted(drawn.slice(0, 4)), range(4));
    assert.deepEqual(sorted(drawn.slice(4, 8)), range(4));
    assert.equal(new Set(drawn.slice(8)).size, 2);
  });

  test('with replacement gives as many as asked, from the range', () => {
    const sampler = new RandomSampler(sized(5), { replacement: true, numSamples: 100 });
    const drawn = [...sampler];
    assert.equal(drawn.length, 100);
    assert.equal(sampler.length, 100);
    assert.deepEqual(sorted(new Set(drawn)), range(5));
  });

  test('a pass without a generator draws one seed from the default one, whatever its length', () => {
    const draws = (pass: () => void): number => {
      const { random } = Generator.prototype;
      let count = 0;
      Generator.prototype.random = function (this: Generator) {
        count++;
        return random.call(this);
      };
      try {
        pass();
      } finally {
        Generator.prototype.random = random;
      }
      return count;
    };
    assert.equal(draws(() => [...new RandomSampler(sized(1000))]), 2); // prettier-ignore
  });

  test('refuses nothing to draw from, and counts that are none', () => {
    assert.throws(() => new RandomSampler(sized(0)), /the data set has 0 samples/);
    for (const numSamples of [0, -1, 1.5]) {
      assert.throws(() => new RandomSampler(sized(5), { numSamples }), {
        name: 'DataLoaderError',
        message: /numSamples/,
      });
    }
  });
});

test('SubsetRandomSampler gives its indices in random order', () => {
  const sampler = new SubsetRandomSampler([9, 4, 7]);
  assert.equal(sampler.length, 3);
  assert.deepEqual(sorted(sampler), [4, 7, 9]);
  assert.deepEqual([...new SubsetRandomSampler([])], []);
});

suite('WeightedRandomSampler', () => {
  test('draws by weight, never what weighs nothing', () => {
    manualSeed(0);
    const drawn = [...new WeightedRandomSampler([0, 1, 0, 3, 0], 4000)];
    assert.equal(drawn.length, 4000);
    const ones = drawn.filter((index) => index === 1).length;
    assert.deepEqual(sorted(new Set(drawn)), [1, 3]);
    // Binomial with p = 1/4: five standard deviations.
    assert.ok(Math.abs(ones - 1000) < 5 * Math.sqrt(4000 * 0.25 * 0.75), `${ones}`);
  });

  test('without replacement gives each index at most once', () => {
    const drawn = [...new WeightedRandomSampler([1, 2, 3, 0], 3, { replacement: false })];
    assert.deepEqual(sorted(drawn), [0, 1, 2]);
  });

  test('takes tensors and typed arrays, and keeps float64', () => {
    for (const weights of [tensor([1, 3]), Float64Array.of(1, 3), Float32Array.of(1, 3)]) {
      const sampler = new WeightedRandomSampler(weights, 2);
      assert.deepEqual([sampler.weights.dtype, sampler.weights.toArray()], ['float64', [1, 3]]);
    }
  });

  test('refuses weights it can not draw by', () => {
    const refused = (weights: number[], count: number, message: RegExp, replacement = true): void =>
      assert.throws(() => new WeightedRandomSampler(weights, count, { replacement }), {
        name: 'DataLoaderError',
        message,
      });
    refused([1, -1], 1, /finite and not negative, got -1 at index 1/);
    refused([NaN], 1, /got NaN at index 0/);
    refused([1, Infinity], 1, /got Infinity at index 1/);
    refused([0, 0], 1, /all weights are zero/);
    refused([1], 0, /numSamples to be a whole number from 1 on/);
    refused([1, 0, 1], 3, /3 samples without replacement from 2 indices with a weight above 0/, false);
    assert.throws(() => new WeightedRandomSampler(tensor([[1]]), 1), /expected weights in one dim, got 2 dims/);
  });
});

suite('BatchSampler', () => {
  test('cuts into batches', () => {
    assert.deepEqual([...new BatchSampler([0, 1, 2, 3, 4], 2, false)], [[0, 1], [2, 3], [4]]);
    assert.deepEqual(
      [...new BatchSampler([0, 1, 2, 3, 4], 2, true)],
      [
        [0, 1],
        [2, 3],
      ],
    );
  });

  test('keeps everything but what is dropped, and knows its length', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 7 }), fc.boolean(), (indices, batchSize, dropLast) => {
        const sampler = new BatchSampler(indices, batchSize, dropLast);
        const batches = [...sampler];
        const kept = dropLast ? indices.length - (indices.length % batchSize) : indices.length;
        assert.deepEqual(batches.flat(), indices.slice(0, kept));
        assert.equal(batches.length, sampler.length);
        assert.ok(batches.slice(0, -1).every((batch) => batch.length === batchSize));
      }),
    );
  });

  test('refuses sizes that are none, and can not tell the length of what has none', () => {
    for (const batchSize of [0, -1, 2.5, NaN]) {
      assert.throws(() => new BatchSampler([1], batchSize, false), /batchSize to be a whole number from 1 on/);
    }
    const endless = { *[Symbol.iterator]() { for (;;) yield 1; } }; // prettier-ignore
    const sampler = new BatchSampler(endless, 2, false);
    assert.throws(() => sampler.length, /has no length/);
    assert.deepEqual(sampler[Symbol.iterator]().next().value, [1, 1]);
  });
});

suite('DistributedSampler', () => {
  const ranks = fc.record({
    count: fc.integer({ min: 1, max: 40 }),
    numReplicas: fc.integer({ min: 1, max: 6 }),
    shuffle: fc.boolean(),
    dropLast: fc.boolean(),
    epoch: fc.nat({ max: 5 }),
  });

  test('all ranks together have everything, each equally much', () => {
    fc.assert(
      fc.property(ranks, ({ count, numReplicas, shuffle, dropLast, epoch }) => {
        const shares = range(numReplicas).map((rank) => {
          const sampler = new DistributedSampler(sized(count), { numReplicas, rank, shuffle, dropLast });
          sampler.setEpoch(epoch);
          const share = [...sampler];
          assert.equal(share.length, sampler.length);
          return share;
        });
        const lengths = new Set(shares.map(({ length }) => length));
        assert.equal(lengths.size, 1);
        const times = range(count).map((index) => shares.flat().filter((other) => other === index).length);
        if (dropLast) assert.ok(Math.max(...times) <= 1);
        else assert.ok(Math.min(...times) >= 1 && Math.max(...times) - Math.min(...times) <= 1);
      }),
    );
  });

  test('has the same order every pass until the epoch is set', () => {
    const sampler = new DistributedSampler(sized(20), { numReplicas: 2, rank: 1 });
    const first = [...sampler];
    assert.deepEqual([...sampler], first);
    sampler.setEpoch(1);
    assert.notDeepEqual([...sampler], first);
  });

  test('refuses a rank that is none', () => {
    for (const rank of [-1, 2, 1.5]) {
      assert.throws(() => new DistributedSampler(sized(4), { numReplicas: 2, rank }), {
        name: 'DataLoaderError',
        message: /is out of range: with 2 replicas it is a whole number from 0 to 1/,
      });
    }
    assert.throws(() => new DistributedSampler(sized(4), { numReplicas: 0, rank: 0 }), /numReplicas/);
  });
});

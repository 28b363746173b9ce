// Whether gradients are recorded: in nested runs, across awaits, beside other asynchronous code.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AutogradError,
  enableGrad,
  inferenceMode,
  isGradEnabled,
  isInferenceModeEnabled,
  noGrad,
  tensor,
} from 'flambeau';

const leaf = () => tensor([1.5, 2.5], { requiresGrad: true });

test('noGrad returns what its function returns and ends with it', () => {
  assert.equal(
    noGrad(() => isGradEnabled()),
    false,
  );
  assert.equal(isGradEnabled(), true);
  assert.equal(
    noGrad(() => leaf().mul(2).requiresGrad),
    false,
  );
});

test('modes nest', () => {
  noGrad(() => {
    assert.equal(
      enableGrad(() => isGradEnabled()),
      true,
    );
    assert.equal(isGradEnabled(), false);
    noGrad(() => assert.equal(isGradEnabled(), false));
    assert.equal(isGradEnabled(), false);
  });
});

test('a mode ends when its function throws', () => {
  assert.throws(
    () =>
      noGrad(() => {
        throw new RangeError('stop');
      }),
    RangeError,
  );
  assert.equal(isGradEnabled(), true);
});

test('a mode ends when its async function rejects', async () => {
  await assert.rejects(
    noGrad(async () => {
      await sleep(1);
      throw new RangeError('stop');
    }),
    RangeError,
  );
  assert.equal(isGradEnabled(), true);
});

test('a mode holds across the awaits of its function', async () => {
  const x = leaf();
  const y = await noGrad(async () => {
    await sleep(2);
    assert.equal(isGradEnabled(), false);
    const part = x.mul(2);
    await Promise.resolve();
    return part.add(x);
  });
  assert.equal(y.requiresGrad, false);
  assert.equal(isGradEnabled(), true);
});

test('a mode never leaks into code that runs beside it', async () => {
  const seen: string[] = [];
  const quiet = noGrad(async () => {
    for (let i = 0; i < 4; i++) {
      seen.push(`quiet ${isGradEnabled()}`);
      await sleep(2);
    }
  });
  const loud = (async () => {
    for (let i = 0; i < 4; i++) {
      seen.push(`loud ${isGradEnabled()}`);
      const x = leaf();
      x.mul(x).sum().backward();
      assert.deepEqual(x.grad!.toArray(), [3, 5]);
      await sleep(2);
    }
  })();
  seen.push(`main ${isGradEnabled()}`);
  await Promise.all([quiet, loud]);
  assert.equal(seen.filter((entry) => entry === 'quiet false').length, 4);
  assert.equal(seen.filter((entry) => entry === 'loud true').length, 4);
  assert.ok(seen.includes('main true'));
});

test('async modes that overlap keep apart', async () => {
  const run = async (mode: typeof noGrad, expected: boolean) =>
    mode(async () => {
      for (let i = 0; i < 5; i++) {
        assert.equal(isGradEnabled(), expected);
        await sleep(Math.floor((i * 7) % 3));
      }
      return expected;
    });
  const results = await Promise.all([
    run(noGrad, false),
    run(enableGrad, true),
    run(noGrad, false),
    run(enableGrad, true),
  ]);
  assert.deepEqual(results, [false, true, false, true]);
});

test('a mode inside an async mode ends before it', async () => {
  await noGrad(async () => {
    await sleep(1);
    await enableGrad(async () => {
      await sleep(1);
      assert.equal(isGradEnabled(), true);
    });
    assert.equal(isGradEnabled(), false);
  });
  assert.equal(isGradEnabled(), true);
});

test('backward inside an async noGrad of another task', async () => {
  const quiet = noGrad(() => sleep(5));
  const x = leaf();
  const g = x.pow(3).sum();
  g.backward({ createGraph: true });
  assert.equal(x.grad!.requiresGrad, true);
  await quiet;
});

test('an iterator made inside noGrad records when it is used outside', async () => {
  const x = leaf();
  async function* values() {
    yield x.mul(2);
    await sleep(1);
    yield x.mul(3);
  }
  const results: boolean[] = [];
  for await (const value of noGrad(() => values())) results.push(value.requiresGrad);
  assert.deepEqual(results, [true, true]);
});

test('inference mode marks what it makes, across awaits, and nothing beside it', async () => {
  const inside = inferenceMode(async () => {
    assert.equal(isInferenceModeEnabled(), true);
    await sleep(3);
    return tensor([1.5]).mul(2);
  });
  const beside = tensor([2.5]).mul(2);
  assert.equal(beside.isInference(), false);
  const made = await inside;
  assert.equal(made.isInference(), true);
  assert.equal(tensor([1.5]).isInference(), false);
  assert.equal(made.clone().isInference(), false);
  assert.equal(made.narrow(0, 0, 1).isInference(), true);
});

test('inference mode can not be left from the inside', () => {
  inferenceMode(() => {
    assert.equal(
      enableGrad(() => leaf().mul(2).requiresGrad),
      false,
    );
    noGrad(() => assert.equal(isInferenceModeEnabled(), true));
  });
});

test('an inference tensor is refused where a backward would need it, with what to do', () => {
  const x = inferenceMode(() => tensor([1.5]).mul(2));
  const w = tensor([1.5], { requiresGrad: true });
  assert.throws(
    () => w.mul(x),
    (error) => error instanceof AutogradError && /clone\(\)/.test(error.message),
  );
  assert.throws(() => x.add_(1), AutogradError);
  assert.throws(() => x.requiresGrad_(), AutogradError);
});

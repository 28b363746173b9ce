import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backOffDelay, pause, retryAfter } from '../../src/io/back-off.js';

test('each wait is between half and all of a doubling time, up to the longest', () => {
  for (const [attempt, full] of [
    [0, 100],
    [1, 200],
    [3, 800],
    [4, 1000],
    [60, 1000],
  ] as const) {
    for (let i = 0; i < 50; i++) {
      const wait = backOffDelay(attempt, { initial: 100, longest: 1000 });
      assert.ok(wait >= full / 2 && wait <= full, `attempt ${attempt}: ${wait}`);
    }
  }
});

test('Retry-After in seconds, as a date, and as nonsense', () => {
  const now = Date.UTC(2030, 0, 1);
  assert.equal(retryAfter('7'), 7000);
  assert.equal(retryAfter('Tue, 01 Jan 2030 00:00:30 GMT', now), 30_000);
  assert.equal(retryAfter('Mon, 31 Dec 2029 00:00:00 GMT', now), 0);
  assert.equal(retryAfter('soon'), undefined);
  assert.equal(retryAfter(undefined), undefined);
});

test('a pause ends with the reason of the signal', async () => {
  const reason = new Error('enough');
  await assert.rejects(pause(60_000, AbortSignal.abort(reason)), (error) => error === reason);
  await pause(1);
});

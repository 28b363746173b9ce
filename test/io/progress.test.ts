import assert from 'node:assert/strict';
import { mock, test, type TestContext } from 'node:test';
import { formatBytes, formatDuration, Progress, type ProgressOptions } from '../../src/io/progress.js';
import { RateMeter } from '../../src/io/rate.js';

// Whatever terminal the tests are run from, if any.
process.env.TERM = 'xterm';

class Sink {
  text = '';
  constructor(
    readonly isTTY: boolean,
    readonly columns = 120,
  ) {}
  write(text: string): void {
    this.text += text;
  }
}

/** A progress whose clock is moved by hand, in milliseconds. */
function harness(t: TestContext, stream: Sink, options: ProgressOptions): [Progress, (milliseconds: number) => void] {
  let now = 1000;
  mock.method(performance, 'now', () => now);
  t.after(() => mock.restoreAll());
  return [new Progress({ stream, ...options }), (milliseconds) => (now += milliseconds)];
}

test('a bar: share, amount, rate, time left, fields; written over in place', (t) => {
  const stream = new Sink(true);
  const [progress, wait] = harness(t, stream, { label: 'letters', total: 8_458_043, unit: 'bytes' });
  wait(1000);
  progress.update(1_000_000);
  wait(1000);
  progress.update(2_000_000, { mirror: 'second' });
  assert.equal(
    stream.text,
    '\rletters   11%  [###.....................]  1.00 MB of 8.46 MB  1.00 MB/s  0:07 left\u001b[K' +
      '\rletters   23%  [######..................]  2.00 MB of 8.46 MB  1.00 MB/s  0:06 left  mirror second\u001b[K',
  );
  wait(2000);
  progress.update(8_458_043);
  progress.finish();
  assert.ok(stream.text.endsWith('8.46 MB of 8.46 MB  2.11 MB/s  in 0:04  mirror second\u001b[K\n'), stream.text);
});

test('a bar is not redrawn more often than can be seen', (t) => {
  const stream = new Sink(true);
  const [progress, wait] = harness(t, stream, { label: 'epoch', total: 1000 });
  for (let i = 1; i <= 1000; i++) {
    wait(1);
    progress.update(i);
  }
  assert.equal(stream.text.split('\r').length - 1, 10);
});

test('a bar never wraps', (t) => {
  const stream = new Sink(true, 30);
  const [progress] = harness(t, stream, { label: 'a label longer than the terminal is wide', total: 10 });
  progress.update(1);
  assert.equal(stream.text, '\ra label longer than the termi\u001b[K');
});

test('lines: now and then and at the end, without control characters', (t) => {
  const stream = new Sink(false);
  const [progress, wait] = harness(t, stream, { label: 'epoch 1/5', total: 100, unit: 'batches' });
  for (let i = 1; i <= 100; i++) {
    wait(150);
    progress.update(i, { loss: 1 / i, correct: i });
  }
  progress.finish();
  progress.finish();
  progress.update(1);
  assert.deepEqual(stream.text.split('\n'), [
    'epoch 1/5   67%  67/100 batches  6.67 batches/s  0:05 left  loss 0.01493  correct 67',
    'epoch 1/5  100%  100/100 batches  6.67 batches/s  in 0:15  loss 0.01000  correct 100',
    '',
  ]);
});

test('nothing when told so', (t) => {
  const stream = new Sink(true);
  const [progress] = harness(t, stream, { label: 'quiet', total: 1, mode: 'none' });
  progress.update(1);
  progress.note('a word');
  progress.finish();
  assert.equal(stream.text, '');
});

test('an unknown total, and a total that becomes known', (t) => {
  const stream = new Sink(false);
  const [progress, wait] = harness(t, stream, { label: 'file', unit: 'bytes' });
  wait(10_000);
  progress.update(5_000_000);
  wait(10_000);
  progress.update(10_000_000, undefined, 20_000_000);
  assert.equal(stream.text, 'file  5.00 MB  500 kB/s\nfile   50%  10.0 MB of 20.0 MB  500 kB/s  0:20 left\n');
});

test('a note gets a line of its own above the bar', (t) => {
  const stream = new Sink(true);
  const [progress] = harness(t, stream, { label: 'file', total: 2 });
  progress.update(1);
  progress.note('2 images skipped');
  progress.update(2);
  assert.match(stream.text, /\r2 images skipped\u001b\[K\n\rfile  100%/);
});

test('the rate leaves out what was there before and follows a change', () => {
  const meter = new RateMeter(1_000_000, 0);
  assert.equal(meter.perSecond, 0);
  assert.equal(meter.secondsLeft(2_000_000), undefined);
  assert.equal(meter.update(1_100_000, 1000), 100_000);
  assert.equal(meter.secondsLeft(1_200_000), 1);
  assert.equal(meter.secondsLeft(undefined), undefined);
  for (let second = 2; second < 40; second++) meter.update(1_100_000 + (second - 1) * 10_000, second * 1000);
  assert.ok(Math.abs(meter.perSecond - 10_000) < 100, String(meter.perSecond));
  assert.ok(meter.update(0, 41_000) >= 0, 'starting over is no negative rate');
});

test('bytes and times for people', () => {
  assert.deepEqual([0, 999, 1000, 8_458_043, 247_336_696, 1e15].map(formatBytes), [
    '0 B',
    '999 B',
    '1.00 kB',
    '8.46 MB',
    '247 MB',
    '1.00e+3 TB',
  ]);
  assert.deepEqual([0, 59.6, 61, 3600, 36_061].map(formatDuration), ['0:00', '1:00', '1:01', '1:00:00', '10:01:01']);
});

// Curves, axes and logs as numbers and texts of a drawing.

import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { tensor } from 'flambeau';
import { lineChart, smoothed, TrainingLog } from 'flambeau/visual';
import { FlambeauError, ValueError } from '../../src/errors.js';
import { makeScale } from '../../src/visual/axis.js';
import { assertWellFormed, textsOf } from './well-formed.js';

let folder: string;
before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-curves-'));
});
after(() => fs.rm(folder, { recursive: true }));

const close = (a: number, b: number): boolean => Math.abs(a - b) < 1e-9 * Math.max(1, Math.abs(b));
/** The points of the curves, in the order of drawing. */
const pathsOf = (svg: string): string[] => [...svg.matchAll(/<path d="([^"]+)" fill="none"/g)].map(([, d]) => d!);
const pointsOf = (d: string): number[][] =>
  [...d.matchAll(/[ML]([-\d.]+) ([-\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);

test('linear axes: round numbers around the values', () => {
  const ticks = (low: number, high: number): string[] => {
    const scale = makeScale('linear', [low, high], [0, 100]);
    return scale.ticks.map((tick) => scale.format(tick));
  };
  assert.deepEqual(ticks(0.03, 2.3), ['0.0', '0.5', '1.0', '1.5', '2.0', '2.5']);
  assert.deepEqual(ticks(-1, 1), ['-1.0', '-0.5', '0.0', '0.5', '1.0']);
  assert.deepEqual(ticks(0.91, 0.97), ['0.90', '0.92', '0.94', '0.96', '0.98']);
  assert.deepEqual(ticks(0, 5e6), ['0', '1000000', '2000000', '3000000', '4000000', '5000000']);
  assert.deepEqual(ticks(1e-7, 5e-7), ['1e-7', '2e-7', '3e-7', '4e-7', '5e-7']);
  assert.deepEqual(ticks(3, 3), ['1', '2', '3', '4', '5']);
  assert.deepEqual(ticks(0, 0), ['-1.0', '-0.5', '0.0', '0.5', '1.0']);
  const scale = makeScale('linear', [0, 10], [100, 0]);
  assert.deepEqual(
    [0, 5, 10].map((value) => scale.place(value)),
    [100, 50, 0],
  );
});

test('logarithmic axes: powers of ten, in between where there are few', () => {
  const ticks = (low: number, high: number): string[] => {
    const scale = makeScale('log', [low, high], [0, 100]);
    return scale.ticks.map((tick) => scale.format(tick));
  };
  assert.deepEqual(ticks(0.1, 2.3), ['0.1', '0.2', '0.3', '0.5', '0.7', '1', '2']);
  assert.deepEqual(ticks(1e-5, 1), ['1e-5', '1e-4', '0.001', '0.01', '0.1', '1']);
  assert.ok(ticks(1e-30, 1e30).length <= 9);
  const scale = makeScale('log', [1, 100], [0, 100]);
  assert.ok(close(scale.place(10), 50));
});

test('smoothing: the line that fits the neighbours on both sides', () => {
  const values = Array.from({ length: 40 }, (_, i) => (Math.sin(i * 12.9898) * 43758.5453) % 1);
  for (const weight of [0.3, 0.9, 0.99]) {
    const found = smoothed(values, weight);
    values.forEach((_, i) => {
      // By the normal equations of weighted least squares.
      const of = (term: (k: number) => number): number =>
        values.reduce((sum, _, k) => sum + weight ** Math.abs(i - k) * term(k - i), 0);
      const [n, x, xx] = [of(() => 1), of((k) => k), of((k) => k * k)];
      const [y, xy] = [of((k) => values[i + k]!), of((k) => k * values[i + k]!)];
      assert.ok(close(found[i]!, (xx * y - x * xy) / (n * xx - x * x)), `${weight} at ${i}`);
    });
  }
  assert.deepEqual(smoothed(values, 0), values);
  const line = Array.from({ length: 30 }, (_, i) => 3 * i - 7);
  smoothed(line, 0.8).forEach((value, i) => assert.ok(close(value, line[i]!)));
  const [first, gap, last] = smoothed([1, NaN, 2], 0.5);
  assert.ok(Number.isNaN(gap!) && close(first!, 1) && close(last!, 2));
  assert.deepEqual(smoothed([NaN, 5, NaN], 0.5), [NaN, 5, NaN]);
  assert.throws(() => smoothed([1], 1), ValueError);
});

test('a curve goes through its points, from axis to axis', () => {
  const svg = lineChart([{ name: 'a', values: [0, 10, 5] }], { title: 'loss & more', width: 500, height: 300 });
  assertWellFormed(svg);
  const [d] = pathsOf(svg);
  const points = pointsOf(d!);
  assert.equal(points.length, 3);
  const [[x0, y0], [x1, y1], [x2, y2]] = points as [number[], number[], number[]];
  assert.ok(close(x1! - x0!, x2! - x1!) && x2 === 480);
  assert.equal(y0, 300 - 44);
  assert.ok(close(y2!, (y0 + y1!) / 2));
  const texts = textsOf(svg);
  for (const text of ['loss &amp; more', '0', '10', 'step']) assert.ok(texts.includes(text), text);
  assert.ok(!texts.includes('a'), 'one curve needs no legend');
});

test('several curves have a legend; smoothed ones are drawn twice, but not where they are few points', () => {
  const long = Array.from({ length: 50 }, (_, i) => i % 5);
  const svg = lineChart(
    [
      { name: 'train <1>', values: long },
      { name: 'test', values: [1, 2], steps: [10, 40] },
    ],
    { smoothing: 0.5 },
  );
  assertWellFormed(svg);
  assert.equal(pathsOf(svg).length, 3);
  assert.ok(textsOf(svg).includes('train &lt;1&gt;') && textsOf(svg).includes('test'));
});

test('what is not finite interrupts a curve; a lone value is a dot; a log scale leaves out what is not above 0', () => {
  const values = [1, 2, NaN, 3, Infinity, 2, 1];
  const svg = lineChart([{ name: 'a', values }]);
  assertWellFormed(svg);
  assert.equal(pathsOf(svg)[0]!.split('M').length - 1, 3);
  assert.equal([...svg.matchAll(/<circle/g)].length, 1);
  const log = lineChart([{ name: 'a', values: [10, 0, -1, 1, 2] }], { yScale: 'log' });
  assertWellFormed(log);
  assert.equal(pointsOf(pathsOf(log)[0]!).length, 3);
  const steep = Array.from({ length: 50 }, (_, i) => 10 ** -(i / 5));
  const points = pathsOf(lineChart([{ name: 'a', values: steep }], { yScale: 'log', smoothing: 0.9 })).map(pointsOf);
  assert.deepEqual(points[1], points[0], 'a straight line on a log scale stays one');
  assertWellFormed(lineChart([{ name: 'one', values: [4] }]));
  assertWellFormed(lineChart([{ name: 'one', values: [4] }], { yScale: 'log' }));
});

test('a million values make a small file that shows the highest and the lowest', () => {
  const values = Array.from({ length: 1_000_000 }, (_, i) => Math.sin(i / 1e4));
  values[333_333] = 100;
  values[666_666] = -100;
  const svg = lineChart([{ name: 'a', values }]);
  assert.ok(svg.length < 150_000, String(svg.length));
  const ys = pointsOf(pathsOf(svg)[0]!).map(([, y]) => y!);
  const flat = ys.toSorted((a, b) => a - b)[ys.length >> 1]!;
  assert.ok(Math.min(...ys) < flat - 100 && Math.max(...ys) > flat + 100);
});

test('what can not be drawn is refused', () => {
  assert.throws(() => lineChart([]), /at least one series/);
  assert.throws(() => lineChart([{ name: 'a', values: [] }]), /'a' have no finite values/);
  assert.throws(() => lineChart([{ name: 'a', values: [-1] }], { yScale: 'log' }), /no finite values above 0/);
  assert.throws(() => lineChart([{ name: 'a', values: [1, 2], steps: [1] }]), /'a' has 2 values for 1 steps/);
  assert.throws(() => lineChart([{ name: 'a', values: [1] }], { yScale: 'cubic' as 'log' }), /linear or log/);
});

function filledLog(): TrainingLog {
  const log = new TrainingLog();
  for (let step = 1; step <= 40; step++) log.add(step, { 'loss/train': tensor(1 / step) });
  log.add(20, { 'loss/test': 0.5, 'accuracy/test': 0.75 });
  log.add(40, { 'loss/test': 0.25, 'accuracy/test': 0.875, 'learning rate': 0.1 });
  log.mark(20, 'epoch 1');
  log.mark(40, 'epoch 2');
  return log;
}

test('a log has a panel for each quantity, over the same steps', () => {
  const svg = filledLog().toSvg({ title: 'run', smoothing: 0.5, scales: { loss: 'log' } });
  assertWellFormed(svg);
  const texts = textsOf(svg);
  for (const title of ['run', 'loss', 'accuracy', 'rate', 'train', 'test']) assert.ok(texts.includes(title), title);
  assert.equal(texts.filter((text) => text === 'epoch 2').length, 3);
  assert.deepEqual(filledLog().names, ['loss/train', 'loss/test', 'accuracy/test', 'learning rate']);
  assert.deepEqual(filledLog().series('loss/test'), { steps: [20, 40], values: [0.5, 0.25] });
});

test('a log is saved as a picture, a page, or numbers', async () => {
  const file = (name: string): string => path.join(folder, 'deeper', name);
  const log = filledLog();
  await log.save(file('log.svg'));
  assertWellFormed(await fs.readFile(file('log.svg'), 'utf8'));
  await log.save(file('log.html'), { title: '<run>' });
  const html = await fs.readFile(file('log.html'), 'utf8');
  assert.match(html, /<title>&lt;run&gt;<\/title>/);
  assert.match(html, /<td>loss\/test<\/td><td>40<\/td><td>0\.25<\/td><td>0\.25<\/td><td>0\.5<\/td>/);
  await log.save(file('log.csv'));
  const lines = (await fs.readFile(file('log.csv'), 'utf8')).trimEnd().split('\n');
  assert.deepEqual(
    [lines.length, lines[0], lines[1], lines[40]],
    [
      ...[41, 'step,loss/train,loss/test,accuracy/test,learning rate', '1,1,,,'],
      `40,${Math.fround(1 / 40)},0.25,0.875,0.1`,
    ],
  );
  await log.save(file('log.jsonl'));
  const rows = (await fs.readFile(file('log.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  assert.deepEqual(rows[19], { step: 20, 'loss/train': Math.fround(1 / 20), 'loss/test': 0.5, 'accuracy/test': 0.75 });
});

test('what a log can not take or draw is refused', async () => {
  const log = new TrainingLog();
  assert.throws(() => log.toSvg(), /nothing was measured yet/);
  assert.throws(() => log.add(0.5, { loss: 1 }), /a step must be a whole number/);
  assert.throws(() => log.add(1, { step: 1 }), /'step' is the first argument/);
  assert.throws(() => log.add(1, { ok: 1, loss: tensor([1, 2]) }), /'loss' must be a number .* got a tensor \[2\]/);
  assert.deepEqual(log.names, [], 'nothing of a refused call is kept');
  log.add(1, { loss: 1 });
  assert.throws(() => log.series('los'), /nothing is called 'los', only loss/);
  assert.throws(() => log.toSvg({ scales: { los: 'log' } }), /scales names 'los', but the panels are loss/);
  await assert.rejects(log.save('log.png'), /must end in \.svg, \.html, \.csv, \.jsonl, got 'log\.png'/);
  await fs.writeFile(path.join(folder, 'file'), '');
  await assert.rejects(log.save(path.join(folder, 'file', 'log.svg')), FlambeauError);
});

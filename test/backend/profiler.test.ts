// The profiler: operations, backward nodes, kernels and ranges by name, nested, with time and memory; table and Chrome trace.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { FlambeauError, nn, optim, profiler, randn, ValueError } from 'flambeau';

type Profile = profiler.Profile;
type ProfileEvent = profiler.ProfileEvent;

function trainingProfile(): Promise<Profile> {
  const model = new nn.Sequential(new nn.Linear(8, 16), new nn.Tanh(), new nn.Linear(16, 4));
  const optimizer = new optim.Adam(model.parameters());
  const x = randn([32, 8]);
  return profiler.profile(() =>
    profiler.recordFunction('step', () => {
      const loss = profiler.recordFunction('forward', () => model(x).square().mean());
      loss.backward();
      optimizer.step();
    }),
  );
}

const named = (profile: Profile, name: string): ProfileEvent[] => profile.events.filter((event) => event.name === name);

function only(profile: Profile, name: string): ProfileEvent {
  const events = named(profile, name);
  assert.equal(events.length, 1, `events named ${name}`);
  return events[0]!;
}

const inside = (inner: ProfileEvent, outer: ProfileEvent): boolean =>
  inner.start >= outer.start && inner.start + inner.duration <= outer.start + outer.duration;

test('forward and backward operations, the optimiser and the ranges are events by their names', async () => {
  const profile = await trainingProfile();
  assert.equal(named(profile, 'linear').length, 2);
  assert.equal(named(profile, 'LinearBackward0').length, 2);
  for (const name of ['tanh', 'square', 'mean', 'TanhBackward0', 'SquareBackward0', 'MeanBackward0', 'Adam.step']) {
    assert.ok(named(profile, name).length >= 1, name);
  }
  assert.equal(named(profile, 'linear')[0]!.kind, 'operation');
  assert.equal(named(profile, 'LinearBackward0')[0]!.kind, 'backward');
  assert.equal(named(profile, 'optimizerStep')[0]!.kind, 'kernel');
  assert.equal(only(profile, 'step').kind, 'range');
});

test('events nest: kernels in operations in ranges, gradients in the backward', async () => {
  const profile = await trainingProfile();
  const step = only(profile, 'step');
  const forward = only(profile, 'forward');
  const backward = only(profile, 'backward');
  assert.ok(inside(forward, step) && inside(backward, step) && !inside(backward, forward));
  for (const event of named(profile, 'linear')) assert.ok(inside(event, forward));
  for (const event of named(profile, 'LinearBackward0')) assert.ok(inside(event, backward));
  assert.deepEqual([step.depth, forward.depth, named(profile, 'linear')[0]!.depth], [0, 1, 2]);
  const kernel = profile.events.find((event) => event.kind === 'kernel' && event.name === 'matmul')!;
  assert.equal(kernel.depth, 3);
  assert.deepEqual(kernel.shapes[0], [32, 16]);
});

test('self times and self memory add up to the whole', async () => {
  const profile = await trainingProfile();
  const step = only(profile, 'step');
  const sum = (key: 'selfTime' | 'selfMemory'): number =>
    profile.events.reduce((total, event) => total + event[key], 0);
  assert.ok(Math.abs(sum('selfTime') - step.duration) < 1e-6 * step.duration);
  assert.equal(sum('selfMemory'), step.memory);
  for (const event of profile.events) assert.ok(event.selfTime >= 0, event.name);
});

test('memory is what an operation allocates', async () => {
  const [a, b] = [randn([100, 50]), randn([100, 50])];
  const profile = await profiler.profile(() => a.add(b));
  assert.equal(only(profile, 'add').memory, 100 * 50 * 4);
  assert.ok(profile.peakMemory >= 3 * 100 * 50 * 4);
});

test('averages count calls, and keep shapes apart where asked', async () => {
  const [a, b] = [randn([4]), randn([6])];
  const profile = await profiler.profile(() => [a.exp(), a.exp(), b.exp()]);
  const of = (options?: profiler.AveragesOptions) =>
    profile.keyAverages(options).filter(({ name, kind }) => name === 'exp' && kind === 'operation');
  assert.deepEqual(
    of().map(({ calls }) => calls),
    [3],
  );
  const apart = of({ groupByInputShape: true });
  assert.deepEqual(
    apart.map(({ calls, shapes }) => [shapes, calls]).sort((x, y) => Number(y[1]) - Number(x[1])),
    [
      [[[4]], 2],
      [[[6]], 1],
    ],
  );
  assert.ok(Math.abs(profile.keyAverages().reduce((sum, { share }) => sum + share, 0) - 1) < 1e-9);
});

test('the table has a line a name, sorted and cut as asked', async () => {
  const profile = await trainingProfile();
  const lines = profile.table({ sortBy: 'calls', rowLimit: 2, kinds: ['operation'] }).split('\n');
  assert.match(lines[0]!, /^name +kind +self +self ms +total ms +mean µs +memory +self memory +calls$/);
  assert.equal(lines.length, 5);
  assert.match(lines[3]!, /^\.\.\. and \d+ more$/);
  assert.match(lines[4]!, /ms in events of .* ms; peak memory/);
  assert.throws(() => profile.table({ sortBy: 'speed' as 'calls' }), ValueError);
  assert.throws(() => profile.table({ rowLimit: 0 }), ValueError);
});

test('the Chrome trace holds every event and the memory', async () => {
  const profile = await trainingProfile();
  const folder = mkdtempSync(join(tmpdir(), 'flambeau-trace-'));
  try {
    const path = join(folder, 'trace.json');
    await profile.exportChromeTrace(path);
    const { traceEvents } = JSON.parse(readFileSync(path, 'utf8')) as {
      traceEvents: { name: string; ph: string; ts: number; dur?: number; cat?: string }[];
    };
    const complete = traceEvents.filter(({ ph }) => ph === 'X');
    assert.equal(complete.length, profile.events.length);
    assert.ok(complete.every(({ ts, dur }) => ts >= 0 && dur! >= 0));
    const linear = complete.find(({ name }) => name === 'linear')!;
    assert.equal(linear.cat, 'operation');
    assert.ok(Math.abs(linear.ts - named(profile, 'linear')[0]!.start * 1000) < 0.01);
    assert.ok(traceEvents.some(({ ph, name }) => ph === 'C' && name === 'memory'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('an async range lasts until its promise settles', async () => {
  const a = randn([4]);
  const profile = await profiler.profile(() =>
    profiler.recordFunction('epoch', async () => {
      await pause(20);
      a.exp();
    }),
  );
  const epoch = only(profile, 'epoch');
  assert.ok(epoch.asynchronous);
  assert.ok(inside(only(profile, 'exp'), epoch));
  const phases = (JSON.parse(profile.chromeTrace()) as { traceEvents: { name: string; ph: string }[] }).traceEvents;
  assert.deepEqual(
    phases.filter(({ name }) => name === 'epoch').map(({ ph }) => ph),
    ['b', 'e'],
  );
});

test('a range returns its result, and costs nothing where no profile is taken', () => {
  assert.equal(
    profiler.recordFunction('alone', () => 7),
    7,
  );
});

test('an error ends the profile and its ranges, and the next profile starts anew', async () => {
  const failing = profiler.profile(() =>
    profiler.recordFunction('broken', () => {
      throw new Error('inside');
    }),
  );
  await assert.rejects(failing, /inside/);
  const profile = await profiler.profile(() => randn([2]).exp());
  assert.equal(only(profile, 'exp').depth, 0);
});

test('two profiles at once are refused', async () => {
  const first = profiler.profile(() => pause(5));
  await assert.rejects(
    profiler.profile(() => {}),
    FlambeauError,
  );
  await first;
});

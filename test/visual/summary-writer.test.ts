// Event files, read by a reader that shares nothing with the writer, and compared with what PyTorch's own writer makes
// (`scripts/oracle/tensorboard.py`).

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, mock, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ones, tensor, type Tensor } from 'flambeau';
import { SummaryWriter } from 'flambeau/visual';
import { FlambeauError, ShapeError, ValueError } from '../../src/errors.js';
import { decodePng } from '../../src/io/png.js';
import { crc32c } from '../../src/visual/tensorboard/crc32c.js';
import { readEvent, readEvents } from './event-reader.js';

const recorded = JSON.parse(fs.readFileSync(new URL('events.json', import.meta.url), 'utf8')) as {
  events: Record<string, string>;
};
const ofPytorch = (name: string): Record<string, unknown> => readEvent(Buffer.from(recorded.events[name]!, 'hex'));

let folder: string;
let logDir: string;
before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'flambeau-events-'));
});
after(() => fs.rmSync(folder, { recursive: true }));
beforeEach(() => {
  logDir = fs.mkdtempSync(path.join(folder, 'run-'));
});

/** The events of the only file in a folder. */
function eventsIn(where: string): Record<string, unknown>[] {
  const files = fs.readdirSync(where).filter((name) => name.includes('tfevents'));
  assert.equal(files.length, 1);
  return readEvents(fs.readFileSync(path.join(where, files[0]!)));
}

/** What one call writes. */
function written(call: (writer: SummaryWriter) => void): Record<string, unknown> {
  const writer = new SummaryWriter({ logDir });
  call(writer);
  writer.close();
  const [version, event, ...rest] = eventsIn(logDir);
  assert.equal(version!.version, 'brain.Event:2');
  assert.deepEqual(rest, []);
  return event!;
}

const at = [7, { walltime: 1_700_000_000.25 }] as const;
const spread = [0, 1.5, -2.25, 3e-13, 1e-3, 1e-3, 700, -0.5];
const pixels = (): Tensor => tensor(Uint8Array.from({ length: 18 }, (_, i) => i * 14)).reshape([3, 2, 3]);

const cases: Record<string, (writer: SummaryWriter) => void> = {
  scalar: (writer) => writer.addScalar('loss/train', 0.1, ...at),
  zero: (writer) => writer.addScalar('zero', tensor(0), ...at),
  'not a number': (writer) => writer.addScalar('nan', NaN, ...at),
  'before zero': (writer) => writer.addScalar('loss/train', tensor([0.1]), -3, at[1]),
  histogram: (writer) =>
    writer.addHistogram('weights', tensor(spread, { dtype: 'float64', requiresGrad: true }), ...at),
  'histogram of own bins': (writer) =>
    writer.addHistogram('weights', spread, at[0], { ...at[1], bins: [-3, -1, 0, 1, 2] }),
  text: (writer) => writer.addText('notes', '**é** and more', ...at),
};

for (const [name, call] of Object.entries(cases)) {
  test(`${name}: the event is the one PyTorch writes`, () => {
    assert.deepEqual(written(call), ofPytorch(name));
  });
}

test('a picture: the event and the pixels are those of PyTorch', () => {
  for (const [image, dataformats] of [
    [pixels(), 'CHW'],
    [pixels().permute([1, 2, 0]), 'HWC'],
  ] as const) {
    logDir = fs.mkdtempSync(path.join(folder, 'image-'));
    const { png, ...event } = written((writer) => writer.addImage('photo', image, at[0], { ...at[1], dataformats }));
    const { png: expected, ...expectedEvent } = ofPytorch('image');
    assert.deepEqual(event, expectedEvent);
    assert.deepEqual(decodePng(png as Buffer, 'ours'), decodePng(expected as Buffer, 'theirs'));
  }
});

test('floats are pictures from 0 to 1, several become a grid', () => {
  const grey = written((writer) =>
    writer.addImage(
      'grey',
      tensor([
        [0, 0.5],
        [1, 2],
      ]),
      1,
      { dataformats: 'HW' },
    ),
  );
  assert.deepEqual([...decodePng(grey.png as Buffer, 'grey').data], [0, 128, 255, 255]);
  logDir = fs.mkdtempSync(path.join(folder, 'grid-'));
  const grid = written((writer) => writer.addImages('grid', ones([10, 3, 4, 5])));
  assert.deepEqual([grid.width, grid.height, grid.channels], [8 * 7 + 2, 2 * 6 + 2, 3]);
});

test('several scalars of one chart are runs of their own', () => {
  const writer = new SummaryWriter({ logDir });
  writer.addScalars('loss', { train: 1, test: 2 }, 5);
  writer.addScalars('loss', { train: 0.5 }, 6);
  writer.close();
  const values = (name: string): unknown[] =>
    eventsIn(path.join(logDir, name))
      .slice(1)
      .map(({ tag, step, scalar }) => [tag, step, scalar]);
  assert.deepEqual(values('loss_train'), [
    ['loss', 5, 1],
    ['loss', 6, 0.5],
  ]);
  assert.deepEqual(values('loss_test'), [['loss', 5, 2]]);
});

test('a run that goes on says from which step earlier events are void', () => {
  new SummaryWriter({ logDir, purgeStep: 40 }).close();
  const [version, start] = eventsIn(logDir);
  const { step, session } = ofPytorch('start');
  assert.equal(version!.step, 40);
  assert.deepEqual({ step: start!.step, session: start!.session }, { step, session });
});

test('files are called as TensorBoard looks for them, each by its own name', () => {
  const writers = [new SummaryWriter({ logDir }), new SummaryWriter({ logDir, filenameSuffix: '.second' })];
  for (const writer of writers) writer.close();
  const names = fs.readdirSync(logDir).sort();
  const host = os.hostname().replaceAll('.', '\\.');
  assert.equal(names.length, 2);
  for (const name of names) {
    assert.match(name, new RegExp(`^events\\.out\\.tfevents\\.\\d{10}\\.${host}\\.${process.pid}\\.\\d+(\\.second)?$`));
  }
});

test('the default folder says when and where', (t) => {
  const before = process.cwd();
  process.chdir(logDir);
  t.after(() => process.chdir(before));
  const writer = new SummaryWriter({ comment: '_adam' });
  writer.close();
  assert.match(writer.logDir, /^runs[/\\][A-Z][a-z]{2}\d\d_\d\d-\d\d-\d\d_.*_adam$/);
  assert.equal(eventsIn(path.join(logDir, writer.logDir)).length, 1);
});

test('events are written when enough came together, after a time, with flush and with close', (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const writer = new SummaryWriter({ logDir, maxQueue: 3, flushSecs: 60 });
  const count = (): number => eventsIn(logDir).length - 1;
  writer.addScalar('a', 1, 1);
  writer.addScalar('a', 1, 2);
  assert.equal(count(), 0);
  writer.addScalar('a', 1, 3);
  assert.equal(count(), 3);
  writer.addScalar('a', 1, 4);
  writer.flush();
  assert.equal(count(), 4);
  writer.addScalar('a', 1, 5);
  mock.timers.tick(60_000);
  assert.equal(count(), 5);
  writer.addScalar('a', 1, 6);
  writer.close();
  writer.close();
  assert.equal(count(), 6);
  assert.throws(() => writer.addScalar('a', 1, 7), /is closed/);
});

test('a program that ends without close, or with an error, loses nothing and is not held open', () => {
  const program = `
    import { SummaryWriter } from 'flambeau/visual';
    const writer = new SummaryWriter({ logDir: process.argv[1] });
    for (let step = 0; step < 5; step++) writer.addScalar('loss', step, step);
    if (process.argv[2] === 'fail') throw new Error('on purpose');`;
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const flags = ['--conditions=flambeau-source', '--import', 'tsx', '--input-type=module', '-e', program, '--'];
  execFileSync(process.execPath, [...flags, logDir, 'end'], { cwd: root });
  assert.equal(eventsIn(logDir).length, 6);
  logDir = fs.mkdtempSync(path.join(folder, 'fail-'));
  assert.equal(spawnSync(process.execPath, [...flags, logDir, 'fail'], { cwd: root }).status, 1);
  assert.equal(eventsIn(logDir).length, 6);
});

test('a full disk is an error, and what was not written comes with the next flush', (t) => {
  const writer = new SummaryWriter({ logDir });
  writer.addScalar('a', 1, 1);
  const writeSync = fs.writeSync;
  let calls = 0;
  t.mock.method(fs, 'writeSync', (fd: number, bytes: Buffer, from: number, length: number, position: number) => {
    if (calls++ > 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    return writeSync(fd, bytes, from, Math.min(length, 9), position);
  });
  assert.throws(
    () => writer.flush(),
    (error: Error) => error instanceof FlambeauError && /can't write .*disk is full/.test(error.message),
  );
  t.mock.restoreAll();
  assert.equal(eventsIn(logDir).length, 1);
  writer.addScalar('a', 2, 2);
  writer.close();
  assert.deepEqual(
    eventsIn(logDir)
      .slice(1)
      .map(({ scalar }) => scalar),
    [1, 2],
  );
});

test('what makes no sense is refused, and nothing of it is written', () => {
  const writer = new SummaryWriter({ logDir });
  const refused: [() => void, new (...args: never) => Error, RegExp][] = [
    [
      () => writer.addScalar('loss', ones([2]), 1),
      ValueError,
      /'loss' must be a number or a tensor of one element, got a tensor \[2\]/,
    ],
    [() => writer.addScalar('loss', '1' as unknown as number, 1), ValueError, /got 1/],
    [() => writer.addScalar('', 1, 1), ValueError, /a tag must be a text/],
    [() => writer.addScalar('loss', 1, 1.5), ValueError, /globalStep must be a whole number, got 1\.5/],
    [() => writer.addHistogram('h', [], 1), ValueError, /there are no values/],
    [() => writer.addHistogram('h', [1, NaN], 1), ValueError, /value 1 is NaN/],
    [
      () => writer.addHistogram('h', [1], 1, { bins: [2, 1] }),
      ValueError,
      /bins must be at least two numbers that rise/,
    ],
    [() => writer.addHistogram('h', [5], 1, { bins: [0, 1] }), ValueError, /no value from 5 to 5 lies in the bins/],
    [() => writer.addImage('i', ones([2, 3]), 1), ShapeError, /expected a picture \[C, H, W\], got \[2, 3\]/],
    [() => writer.addImage('i', ones([2, 3, 3]), 1), ShapeError, /1, 3 or 4 channels/],
    [() => writer.addImage('i', ones([1, 3, 3]).mul(NaN), 1), ValueError, /not finite/],
    [() => new SummaryWriter('runs' as unknown as object), ValueError, /expected options/],
    [() => new SummaryWriter({ logDir, maxQueue: 0 }), ValueError, /maxQueue/],
    [() => new SummaryWriter({ logDir, flushSecs: 0 }), ValueError, /flushSecs/],
  ];
  for (const [call, kind, reason] of refused) {
    assert.throws(call, (error: Error) => {
      assert.ok(error instanceof kind, String(error));
      assert.match(error.message, reason);
      return true;
    });
  }
  writer.close();
  assert.equal(eventsIn(logDir).length, 1);
  fs.writeFileSync(path.join(logDir, 'file'), '');
  assert.throws(() => new SummaryWriter({ logDir: path.join(logDir, 'file', 'run') }), /SummaryWriter: can't write/);
});

test('checksums are those of the standard', () => {
  // RFC 3720, appendix B.4.
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(255)), 0x62a8ab43);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
});

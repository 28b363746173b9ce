// The main example from its command line, on a small archive made here: what it leaves, and what it says when something is
// wrong.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { io, load, randn, ShapeError } from 'flambeau';
import { LetterCNN } from '../../examples/notmnist/model.js';
import { tarGz, type TarEntry } from '../io/archive-builder.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'flambeau-notmnist-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const letters = [...'ABCDEFGHIJ'];

/** A picture that tells its class: as many bright rows as the letter's number, and a mark that tells copies apart. */
function picture(letter: number, copy: number): Uint8Array {
  const data = new Uint8Array(28 * 28);
  data.fill(255, 0, 28 * 2 * (letter + 1));
  data[copy] = 128;
  return io.encodePng({ data, width: 28, height: 28, channels: 1 });
}

function archive(name: string, copies = 21, more: readonly TarEntry[] = [], left: readonly string[] = letters): string {
  const entries = left.flatMap((letter) =>
    Array.from({ length: copies }, (_, copy) => ({
      name: `notMNIST_small/${letter}/${letter}${copy}.png`,
      content: picture(letters.indexOf(letter), copy),
    })),
  );
  const path = join(folder, name);
  writeFileSync(path, tarGz([...entries, ...more]));
  return path;
}

/** No network: a proxy at a port where nobody listens. */
const offline = { ...process.env, HTTP_PROXY: 'http://127.0.0.1:1', http_proxy: 'http://127.0.0.1:1', NO_PROXY: '' };

function start(...args: readonly string[]) {
  const command = ['--conditions=flambeau-source', '--import', 'tsx', 'examples/notmnist/main.ts', ...args];
  const options = { cwd: root, encoding: 'utf8', env: offline } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, command, options);
  return { status, stdout, stderr };
}

test('a run leaves its report, pictures and weights', async () => {
  const out = join(folder, 'out');
  const { status, stdout, stderr } = start(
    '--archive',
    archive('good.tar.gz'),
    '--model',
    'mlp',
    '--epochs',
    '3',
    '--batch-size',
    '16',
    '--seed',
    '1',
    '--root',
    join(folder, 'root'),
    '--out',
    out,
  );
  assert.equal(status, 0, stderr);
  assert.match(stdout, /test accuracy \d+\.\d\d %/);
  assert.match(stderr, /epoch 3\/3 .*batches\/s.*mean loss/);
  const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Record<string, unknown>;
  assert.deepEqual(Object.keys(report).sort(), [
    'dataset',
    'epochs',
    'perClass',
    'seconds',
    'testAccuracy',
    'testSize',
    'trainSize',
  ]);
  assert.equal((report['trainSize'] as number) + (report['testSize'] as number), 210);
  assert.ok((report['testAccuracy'] as number) > 0.9, `striped letters are easy: ${String(report['testAccuracy'])}`);
  assert.match(readFileSync(join(out, 'loss.svg'), 'utf8'), /^<svg/);
  assert.match(readFileSync(join(out, 'predictions.svg'), 'utf8'), /data:image\/png;base64/);
  const weights = await load(join(out, 'model.safetensors'));
  assert.deepEqual(weights['layers.1.weight']?.shape, [512, 784]);
});

test("where the original can't be reached, the letters of the package are used, and it is said why", () => {
  const out = join(folder, 'embedded');
  const { status, stdout, stderr } = start(
    ...['--model', 'mlp', '--epochs', '1', '--root', join(folder, 'embedded-root'), '--out', out],
  );
  assert.equal(status, 0, stderr);
  assert.match(
    stdout,
    /original notMNIST archive is not to be had \(.*can't be reached.*\): using the letters that come/,
  );
  const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as { dataset: string };
  assert.equal(report.dataset, "flambeau's own letters, drawn from openly licensed fonts; not notMNIST");
});

test('--help lists every option and trains nothing', () => {
  const { status, stdout } = start('--help');
  assert.equal(status, 0);
  for (const option of [
    'archive',
    'variant',
    'epochs',
    'batch-size',
    'lr',
    'seed',
    'workers',
    'model',
    'root',
    'out',
  ]) {
    assert.match(stdout, new RegExp(`--${option} `));
  }
});

const mistakes: readonly [what: string, args: () => readonly string[], message: RegExp][] = [
  ['an unknown model', () => ['--model', 'rnn'], /--model: expected cnn or mlp, got 'rnn'/],
  ['no epochs', () => ['--epochs', '0'], /--epochs: expected a whole number of 1 or more, got '0'/],
  ['an unknown option', () => ['--epoch', '3'], /--epoch/],
  ['an archive that is not there', () => ['--archive', join(folder, 'none.tar.gz')], /none\.tar\.gz/],
  [
    'an archive that leads outside',
    () => ['--archive', archive('evil.tar.gz', 1, [{ name: '../outside.png', content: picture(0, 0) }])],
    /\.\.\/outside\.png/,
  ],
  [
    'an archive without the letter J',
    () => ['--archive', archive('short.tar.gz', 2, [], letters.slice(0, 9))],
    /\bJ\b/,
  ],
];
for (const [what, args, message] of mistakes) {
  test(`one clear line for ${what}`, () => {
    const { status, stderr } = start(...args(), '--root', join(folder, 'bad-root'), '--out', join(folder, 'bad-out'));
    assert.equal(status, 1);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n\s+at /, 'no stack trace');
  });
}

test('a model whose layer does not fit the image names the layer', () => {
  const model = new LetterCNN();
  assert.throws(
    () => model(randn([2, 1, 32, 32])),
    (error: unknown) => {
      assert.ok(error instanceof ShapeError);
      assert.equal(error.message, 'classifier.1: expected 3136 features, got input [2, 4096]');
      return true;
    },
  );
  assert.throws(() => model(randn([2, 3, 28, 28])), /^ShapeError: features\.0: .*1 .*channels?.*\[2, 3, 28, 28\]/);
});

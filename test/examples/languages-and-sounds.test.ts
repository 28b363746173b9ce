// The examples for text and sound from their command lines, for fewer epochs than they take by default.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { backendInfo } from 'flambeau';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'flambeau-sounds-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The lines that a program printed. */
function linesOf(...command: readonly string[]): string[] {
  const flags = ['--conditions=flambeau-source', '--import', 'tsx'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, ...command], {
    cwd: root,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return stdout.trim().split('\n');
}

function accuracy(line: string | undefined): number {
  return Number(/^test accuracy (\d+\.\d) %$/.exec(line ?? '')?.[1]);
}

test('languages: one epoch loses what PyTorch loses, and most test pieces are told apart already', () => {
  const lines = linesOf('examples/languages/main.ts', '--epochs', '1');
  assert.deepEqual(lines.slice(0, 2), ['5519 pieces of text to train on, 2879 to test', 'epoch 1  loss 2.305']);
  assert.ok(accuracy(lines[2]) > 60, lines[2]);
});

// Without compiled kernels an epoch of convolutions takes minutes.
test(
  'sounds: files are made, and the first epochs lose what PyTorch loses',
  { skip: backendInfo().name !== 'native' },
  () => {
    const sounds = join(folder, 'sounds');
    const lines = linesOf('examples/sounds/main.ts', '--epochs', '2', '--root', sounds);
    assert.deepEqual(lines.slice(0, 3), [
      '360 sounds to train on, 120 to test: bell, clarinet, drum, flute, guitar, violin',
      'epoch 1  loss 1.599',
      'epoch 2  loss 1.283',
    ]);
    assert.ok(accuracy(lines[3]) > 100 / 6, lines[3]);
    assert.deepEqual(readdirSync(sounds), ['bell', 'clarinet', 'drum', 'flute', 'guitar', 'violin']);
    assert.equal(readdirSync(join(sounds, 'bell')).length, 80);
  },
);

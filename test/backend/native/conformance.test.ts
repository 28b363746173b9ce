// The native backend on every instruction set that this machine has: it passes the reference's own tests (PyTorch's
// results) and agrees with the reference (the other tests of this folder), whatever FLAMBEAU_CPU says.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import type { Addon } from '../../../src/backend/native/addon.js';
import { native, needsAddon } from './pairs.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Test files of a folder, but for those named. */
function files(folder: string, except: readonly string[]): string[] {
  return readdirSync(`${root}test/backend/${folder}`)
    .filter((name) => name.endsWith('.test.ts') && !except.includes(name.slice(0, -8)))
    .map((name) => `test/backend/${folder}/${name}`);
}

// How the reference keeps its memory is its own affair, and the native one's memory knows no instruction sets.
const suites = [...files('reference', ['memory']), ...files('native', ['memory', 'conformance', 'build'])];

function instructionSets(): string[] {
  if (native === undefined) return ['none'];
  const addon = createRequire(import.meta.url)(`${root}build/Release/flambeau.node`) as Addon;
  return addon.instructionSets.split(',');
}

for (const name of instructionSets()) {
  test(`instruction set ${name}`, needsAddon, () => {
    const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
    const { status, stdout } = spawnSync(
      process.execPath,
      ['--conditions=flambeau-source', '--import', 'tsx', '--test', '--test-reporter=tap', ...suites],
      {
        cwd: root,
        env: { ...environment, FLAMBEAU_CPU: name, FLAMBEAU_TESTED_BACKEND: 'native' },
        encoding: 'utf8',
        maxBuffer: 2 ** 28,
      },
    );
    const failures = stdout.split('\n').filter((line) => /^\s*not ok|^\s+error:/.test(line));
    assert.equal(status, 0, failures.slice(0, 40).join('\n'));
    assert.match(stdout, /# pass [1-9]/);
  });
}

test('an instruction set that the machine lacks is refused by name', needsAddon, () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--conditions=flambeau-source', '--import', 'tsx', '-e', `import('./src/backend/active.ts')`],
    { cwd: root, env: { ...process.env, FLAMBEAU_BACKEND: 'native', FLAMBEAU_CPU: 'altivec' }, encoding: 'utf8' },
  );
  assert.notEqual(status, 0);
  assert.match(stderr, /FLAMBEAU_CPU=altivec: this machine has \w+/);
});

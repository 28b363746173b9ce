// Public functions called by chance, in processes of their own, on both backends: each call gives tensors that are well formed and
// the same on both, or an error of the library that names what was called; and no memory is left behind.
// FLAMBEAU_FUZZ=100000 makes that many calls, FLAMBEAU_FUZZ_SEED=7 others than usual.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const calls = Number(process.env.FLAMBEAU_FUZZ ?? 3000);
const seed = Number(process.env.FLAMBEAU_FUZZ_SEED ?? 1);
/** How many calls a process makes: where one dies, the call it died of is known. */
const SHARE = 10_000;

const program = fileURLToPath(new URL('fixtures/calls.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'flambeau-fuzz-'));
after(() => rmSync(folder, { recursive: true, force: true }));

for (let first = 0; first < calls; first += SHARE) {
  const count = Math.min(SHARE, calls - first);
  test(`seed ${seed}, calls ${first} to ${first + count - 1}`, () => {
    const progress = join(folder, String(first));
    const args = ['--expose-gc', '--conditions=flambeau-source', '--import', 'tsx', program];
    const numbers = [seed, first, count].map(String);
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...args, ...numbers, progress], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    assert.ok(status === 0, `${signal ?? status} at ${readFileSync(progress, 'utf8')}\n${stderr.slice(-2000)}`);
    const { findings, made } = JSON.parse(stdout) as { findings: string[]; made: number };
    assert.equal(made, count);
    assert.deepEqual(findings, []);
  });
}

// The stored table of operations on every instruction set that this machine has, and on the reference backend: `.ci/run oracle`.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { prepare, root } from '../bootstrap.js';

prepare();
const addon = join(root, 'build', 'Release', 'flambeau.node');
const sets = existsSync(addon) ? createRequire(import.meta.url)(addon).instructionSets.split(',') : [];
const places = [
  ...sets.map((name) => ({ FLAMBEAU_BACKEND: 'native', FLAMBEAU_CPU: name })),
  { FLAMBEAU_BACKEND: 'reference' },
];
const flags = ['--conditions=flambeau-source', '--import', 'tsx', '--test', '--test-reporter=tap'];
for (const place of places) {
  const { status, stdout } = spawnSync(process.execPath, [...flags, join(root, 'test', 'oracle', 'oracle.test.ts')], {
    cwd: root,
    env: { ...process.env, ...place },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const lines = stdout.split('\n').filter((line) => /^# (tests|pass|fail) |^not ok|^\s+error:/.test(line));
  const wrong = status === 0 ? [] : lines.filter((line) => !line.startsWith('#'));
  const counts = lines.filter((line) => line.startsWith('#')).map((line) => line.slice(2));
  console.log(`stored table on ${place.FLAMBEAU_CPU ?? 'the reference'}: ${counts.join(', ')}`);
  for (const line of wrong) console.log(line);
  if (status !== 0) process.exitCode = 1;
}

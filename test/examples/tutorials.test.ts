// The tutorial programs print what their headers say.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The output promised: the comment lines after the command line, up to the first line of code. */
function promised(program: string): string {
  const header = readFileSync(join(root, program), 'utf8').split(/^import/m)[0]!;
  const lines = header.split('\n').map((line) => line.replace(/^\/\/ {0,3}/, ''));
  const command = lines.findIndex((line) => line.includes('npx tsx'));
  assert.ok(command > 0, `${program} says how to run it`);
  return lines
    .slice(command + 1)
    .join('\n')
    .trim();
}

for (const name of ['my-linear', 'logistic-regression', 'text-dataset', 'custom-function']) {
  test(`examples/${name}.ts prints what its header says`, () => {
    const program = `examples/${name}.ts`;
    const output = execFileSync(process.execPath, ['--conditions=flambeau-source', '--import', 'tsx', program], {
      cwd: root,
      encoding: 'utf8',
    });
    assert.equal(output.trim(), promised(program));
  });
}

// `npm run oracle`: runs the table of tensor operations, and all layers and losses, in PyTorch, here and now, and compares. With
// --fixtures it writes what PyTorch says to test/oracle/fixtures and test/nn/fixtures instead, for `npm test` to compare with
// where there is no PyTorch.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare, root, run } from '../bootstrap.js';

function pythonWithTorch() {
  const candidates = [process.env.PYTHON, 'python3', '/usr/bin/python3', 'python'];
  return candidates.find((name) => name && spawnSync(name, ['-c', 'import torch']).status === 0);
}

const python = pythonWithTorch();
if (python === undefined) {
  console.error(
    'The oracle compares with PyTorch, and no Python here has it. Install it (Debian, Ubuntu: apt-get install ' +
      'python3-torch; elsewhere: pip install torch numpy) or name a Python that has it: PYTHON=... npm run oracle',
  );
  process.exit(1);
}
prepare();
const environment = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
const options = process.argv.slice(2);
const tables = join(root, 'scripts', 'oracle', 'tensors');
const layers = join(root, 'scripts', 'oracle', 'nn');
if (options.includes('--fixtures')) {
  run(python, [tables, join(root, 'test', 'oracle', 'fixtures'), '--fixtures'], { env: environment });
  run(python, [layers], { env: environment });
} else {
  const folder = mkdtempSync(join(tmpdir(), 'flambeau-oracle-'));
  try {
    run(python, [tables, folder, ...options], { env: environment });
    const report = join(root, 'test', 'oracle', 'report.ts');
    const flags = ['--conditions=flambeau-source', '--import', 'tsx'];
    process.exitCode = spawnSync(process.execPath, [...flags, report, folder, ...options], {
      cwd: root,
      stdio: 'inherit',
    }).status;
    run(python, [layers, folder], { env: environment });
    const compared = spawnSync(process.execPath, [...flags, '--test', join(root, 'test', 'nn', 'oracle.test.ts')], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, FLAMBEAU_ORACLE_NN: folder },
    });
    process.exitCode ||= compared.status;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

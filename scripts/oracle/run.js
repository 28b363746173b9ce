// `npm run oracle`: runs the table of tensor operations with the cases derived from it, all layers, losses, optimisers and
// schedulers, and a whole program, in PyTorch, here and now, and compares. With --fixtures it writes what PyTorch says to
// test/*/fixtures instead, for `npm test` to compare with where there is no PyTorch. Names of operations compare those alone.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
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
const flags = ['--conditions=flambeau-source', '--import', 'tsx'];

/** The environment in which PyTorch's errors are cheap, where there is a C compiler. */
function withCheapErrors(folder) {
  const library = join(folder, 'no-backtrace.so');
  const source = join(root, 'scripts', 'oracle', 'no-backtrace.c');
  const compiled = process.platform === 'linux' && spawnSync('cc', ['-shared', '-fPIC', '-o', library, source]);
  return compiled?.status === 0 ? { ...environment, LD_PRELOAD: library } : environment;
}

function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'flambeau-oracle-'));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const options = process.argv.slice(2);
const tables = join(root, 'scripts', 'oracle', 'tensors');
const layers = join(root, 'scripts', 'oracle', 'nn');
const weights = join(layers, 'weights.py');
const optimizers = join(root, 'scripts', 'oracle', 'optim');

/** What scripts/oracle/sampling.py prints, as a file of `folder`. */
function writeSampling(folder) {
  const program = join(root, 'scripts', 'oracle', 'sampling.py');
  const { status, stdout } = spawnSync(python, [program], {
    env: environment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${program} ended with ${status}`);
  writeFileSync(join(folder, 'sampling.txt'), stdout);
}

if (options.includes('--fixtures')) {
  run(python, [tables, join(root, 'test', 'oracle', 'fixtures'), '--fixtures'], { env: environment });
  inFolder((folder) => {
    run(python, [tables, folder], { env: withCheapErrors(folder) });
    run(process.execPath, [...flags, join(root, 'test', 'oracle', 'sample.ts'), folder]);
  });
  run(python, [layers], { env: environment });
  run(python, [weights, 'write', join(root, 'test', 'nn', 'fixtures')], { env: environment });
  run(python, [optimizers], { env: environment });
  writeSampling(join(root, 'test', 'oracle', 'fixtures'));
} else {
  inFolder((folder) => {
    run(python, [tables, folder, ...options], { env: withCheapErrors(folder) });
    const report = join(root, 'test', 'oracle', 'report.ts');
    process.exitCode = spawnSync(process.execPath, [...flags, report, folder, ...options], {
      cwd: root,
      stdio: 'inherit',
    }).status;
    if (options.length === 0) {
      run(python, [layers, folder], { env: environment });
      run(python, [optimizers, folder], { env: environment });
      run(python, [weights, 'write', folder], { env: environment });
      writeSampling(folder);
      const tests = [
        'oracle/sampling',
        'nn/oracle',
        'nn/weights',
        'nn/surface',
        'optim/optimizers',
        'optim/lbfgs',
        'optim/resumption',
        'optim/lr-scheduler/schedulers',
      ];
      const reporter = `--test-reporter=${pathToFileURL(join(root, 'scripts', 'oracle', 'counts.js')).href}`;
      const files = tests.map((name) => join(root, 'test', `${name}.test.ts`));
      const compared = spawnSync(process.execPath, [...flags, '--test', reporter, ...files], {
        cwd: root,
        stdio: 'inherit',
        env: {
          ...process.env,
          FLAMBEAU_ORACLE_NN: folder,
          FLAMBEAU_ORACLE_OPTIM: folder,
          FLAMBEAU_ORACLE_SAMPLING: folder,
        },
      });
      process.exitCode ||= compared.status;
      if (compared.status === 0) run(python, [weights, 'check', folder], { env: environment });
    }
  });
}

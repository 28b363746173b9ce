// Trains the seven models here and in PyTorch from the same seed and compares the losses step by step. Writes pictures and
// figures to docs/training; with --fixtures also what PyTorch says to test/training/fixtures.
//
//   npx tsx bench/training/main.ts [--steps N] [--fixtures] [RUN ...]

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { backendInfo } from 'flambeau';
import { agrees, figuresOf, type Curves, type Figures } from './comparison.js';
import { drawCurves } from './curves.js';
import { lossesOf, runNames, type FloatType, type RunName } from './runs.js';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const pictures = join(root, 'docs', 'training');
const fixtures = join(root, 'test', 'training', 'fixtures');
const floatTypes: readonly FloatType[] = ['float32', 'float64'];

const { values, positionals } = parseArgs({
  options: { steps: { type: 'string', default: '200' }, fixtures: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const steps = Number(values.steps);
const names = positionals.length > 0 ? (positionals as RunName[]) : runNames;
const unknown = names.filter((name) => !runNames.includes(name));
if (!Number.isInteger(steps) || steps < 1) fail(`--steps: expected a whole number from 1 on, got '${values.steps}'`);
if (unknown.length > 0) fail(`unknown run ${unknown.join(', ')}: expected ${runNames.join(', ')}`);

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

function pythonWithTorch(): string {
  const candidates = [process.env['PYTHON'], 'python3', '/usr/bin/python3'].filter((name) => name !== undefined);
  const found = candidates.find((name) => spawnSync(name, ['-c', 'import torch']).status === 0);
  return found ?? fail('No Python here has PyTorch: install it, or name one that has it in PYTHON');
}

type Losses = Record<FloatType, number[]>;

/** What PyTorch's runs lose, by run. */
function inPyTorch(python: string, options: readonly string[]): Map<RunName, Losses> {
  const output = execFileSync(python, [join(here, 'train.py'), String(steps), ...options, ...names], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', OMP_NUM_THREADS: '1' },
  });
  const losses = new Map<RunName, Losses>();
  for (const line of output.trim().split('\n')) {
    const result = JSON.parse(line) as { run: RunName; dtype: FloatType; losses: number[] };
    const entry = losses.get(result.run) ?? { float32: [], float64: [] };
    entry[result.dtype] = result.losses;
    losses.set(result.run, entry);
  }
  return losses;
}

const python = pythonWithTorch();
const plain = inPyTorch(python, []);
const nudged = inPyTorch(python, ['--nudged']);

const short = (value: number): string => (value === 0 ? '0' : value.toExponential(1));
const rows: string[] = [];
mkdirSync(pictures, { recursive: true });
for (const name of names) {
  const curves = {} as Record<FloatType, Curves>;
  const figures = {} as Record<FloatType, Figures>;
  for (const dtype of floatTypes) {
    curves[dtype] = {
      flambeau: await lossesOf(name, dtype, steps),
      pytorch: plain.get(name)![dtype],
      nudged: nudged.get(name)![dtype],
    };
    figures[dtype] = figuresOf(curves[dtype]);
    if (!agrees(dtype, figures[dtype])) {
      process.exitCode = 1;
      console.error(`${name} in ${dtype} parts from PyTorch`);
    }
  }
  writeFileSync(join(pictures, `${name}.svg`), drawCurves(name, curves));
  const { float32, float64 } = figures;
  rows.push(
    `| [${name}](${name}.svg) | ${float32.end.pytorch.toFixed(6)} | ${float32.end.flambeau.toFixed(6)} | ` +
      `${short(float32.first)} | ${short(float32.all)} | ${short(float32.nudged)} | ${short(float64.all)} | ${short(float64.nudged)} |`,
  );
  console.log(rows.at(-1));
  if (values.fixtures) {
    const { float32, float64 } = plain.get(name)!;
    const lines = [
      `"float32": [${float32.map((loss) => loss.toPrecision(9)).join(',')}]`,
      `"float64": [${float64.join(',')}]`,
    ];
    mkdirSync(fixtures, { recursive: true });
    writeFileSync(join(fixtures, `${name}.json`), `{\n${lines.join(',\n')}\n}\n`);
  }
}

if (names.length === runNames.length) {
  const version = execFileSync(python, ['-c', 'import torch; print(torch.__version__)'], { encoding: 'utf8' }).trim();
  const page = `# Seven trainings, step by step beside PyTorch

Written by \`npx tsx bench/training/main.ts\`; the programs are in [bench/training](../../bench/training). PyTorch ${version},
flambeau on its ${backendInfo().name} backend; the same seed, a shuffling loader and default initialisation in both, ${steps} steps each.

Differences are relative, the largest over the steps named. "Nudged" is PyTorch against itself with a single weight one
rounding step away at the start: what rounding alone makes of a run.

| run | last 20 losses, PyTorch | flambeau | float32, first 50 | float32, all | PyTorch nudged | float64, all | PyTorch nudged |
|---|---|---|---|---|---|---|---|
${rows.join('\n')}

${runNames.map((name) => `![${name}](${name}.svg)`).join('\n\n')}
`;
  writeFileSync(join(pictures, 'README.md'), page);
}

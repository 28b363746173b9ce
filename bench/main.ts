// `npm run bench`: flambeau beside PyTorch, alternating in one run; medians over the rounds and their ratios, PyTorch at the
// best of its thread settings for each row. Writes bench/results.json.
//
//   npm run bench -- [--rounds N] [ROW ...]        rows: W1 ... W8

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { backendInfo } from 'flambeau';

const here = dirname(fileURLToPath(import.meta.url));
const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '5' } },
  allowPositionals: true,
});
const rounds = Number(values.rounds);
const rows = positionals.length > 0 ? positionals : ['W1', 'W2', 'W3', 'W4', 'W5', 'W6', 'W7', 'W8'];

/** Threads of PyTorch's own pool and of its BLAS, which are set apart from each other. */
const torchSettings = [
  { torch: 2, blas: 1 },
  { torch: 2, blas: 2 },
  { torch: 1, blas: 2 },
  { torch: 1, blas: 1 },
];

interface Sample {
  readonly row: string;
  readonly value: number;
  readonly unit: string;
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Sample[] {
  const output = execFileSync(command, args, { encoding: 'utf8', env: { ...process.env, ...env } });
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Sample);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

/** Values by row, then by setting. */
type Collected = Map<string, { unit: string; bySetting: Map<string, number[]> }>;

function collect(into: Collected, setting: string, samples: readonly Sample[], row: string): void {
  for (const sample of samples) {
    const name = sample.row === 'peak memory' ? `${row} peak memory` : sample.row;
    const entry = into.get(name) ?? { unit: sample.unit, bySetting: new Map<string, number[]>() };
    into.set(name, entry);
    entry.bySetting.set(setting, [...(entry.bySetting.get(setting) ?? []), sample.value]);
  }
}

const ours: Collected = new Map();
const theirs: Collected = new Map();
for (let round = 1; round <= rounds; round++) {
  process.stderr.write(`round ${round} of ${rounds}\n`);
  for (const row of rows) {
    collect(ours, '2', run(process.execPath, ['--import', 'tsx', join(here, 'workloads.ts'), '2', row]), row);
    for (const { torch, blas } of torchSettings) {
      const samples = run('/usr/bin/python3', [join(here, 'workloads.py'), String(torch), row], {
        OPENBLAS_NUM_THREADS: String(blas),
      });
      collect(theirs, `${torch}/${blas}`, samples, row);
    }
  }
}

const results = [...ours].map(([row, { unit, bySetting }]) => {
  const more = unit === 'GFLOPS';
  const mine = bySetting.get('2')!;
  const settings = [...theirs.get(row)!.bySetting].map(([setting, samples]) => ({ setting, value: median(samples) }));
  const best = settings.reduce((a, b) => ((more ? b.value > a.value : b.value < a.value) ? b : a));
  const value = median(mine);
  return {
    row,
    unit,
    flambeau: value,
    range: [Math.min(...mine), Math.max(...mine)],
    pytorch: best.value,
    pytorchSetting: best.setting,
    ratio: more ? value / best.value : best.value / value,
  };
});

const shown = (value: number, unit: string): string =>
  unit === 'bytes' ? `${(value / 1e6).toFixed(0)} MB` : `${value.toPrecision(4)} ${unit}`;
console.log(`${cpus()[0]?.model}, ${cpus().length} cores; flambeau: ${backendInfo().description}; ${rounds} rounds`);
console.log(
  'row'.padEnd(26),
  'flambeau'.padStart(14),
  'PyTorch'.padStart(14),
  'ratio'.padStart(7),
  ' (higher: flambeau is ahead)',
);
for (const { row, unit, flambeau, pytorch, pytorchSetting, ratio } of results) {
  console.log(
    row.padEnd(26),
    shown(flambeau, unit).padStart(14),
    shown(pytorch, unit).padStart(14),
    ratio.toFixed(2).padStart(7),
    ` PyTorch threads ${pytorchSetting}`,
  );
}
writeFileSync(join(here, 'results.json'), `${JSON.stringify({ rounds, cpu: cpus()[0]?.model, results }, null, 2)}\n`);

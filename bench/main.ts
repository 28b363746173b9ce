// `npm run bench`: flambeau beside PyTorch, alternating in one run; medians over the rounds and their ratios, PyTorch at the
// best of its thread settings for each row. Prints a table, writes bench/results.json and the tables of docs/performance.md.
//
//   npm run bench -- [ROW ...]      all rows, or those whose name begins with one of these (`W5`, `convolution`)
//     --rounds N                    5 unless given
//     --growth                      how an MLP step's time grows with batch and width, instead of rows
//     --peers                       other libraries for JavaScript, installed into a temporary folder, instead of PyTorch
//     --report                      measures nothing, writes the tables from results.json
//     --list                        the rows' names

import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { backendInfo } from 'flambeau';
import { compareRow, type Compared } from './comparison.js';
import { compileRows } from './compiled.js';
import { measureGrowth } from './growth.js';
import { measureMachine } from './machine.js';
import { measurePeers } from './peers.js';
import { writeReport } from './report.js';
import { growth, rows } from './rows/index.js';
import { afterRuns, merged, readResults, writeResults, type Results } from './results.js';
import { growthTable, peerTable, plainText, rowTable } from './tables.js';

const SECONDS_A_ROUND = 0.2;

const { values, positionals } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    growth: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});

const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds: expected 1 or more, got ${values.rounds}`);

function wantedRows(): string[] {
  const names = Object.keys(rows);
  for (const start of positionals) {
    if (!names.some((name) => name.startsWith(start))) {
      throw new Error(`no row begins with '${start}'; there are:\n${names.join('\n')}`);
    }
  }
  return names.filter((name) => positionals.length === 0 || positionals.some((start) => name.startsWith(start)));
}

/** PyTorch's version, and the library that does its products, which is not its own. */
const describeTorch = `
import torch
torch.ones(2, 2) @ torch.ones(2, 2)
paths = {line.split()[-1] for line in open('/proc/self/maps') if '/' in line}
known = [name for name in ('openblas', 'mkl_rt', 'blis') for path in paths if name in path]
print(torch.__version__, known[0] if known else 'reference BLAS')
`;

function software(): Record<string, string> {
  const [torch = '', ...blas] = execFileSync('/usr/bin/python3', ['-c', describeTorch], { encoding: 'utf8' })
    .trim()
    .split(' ');
  if (blas.join(' ') === 'reference BLAS') {
    console.error(
      'this PyTorch multiplies with the reference BLAS, tens of times slower than it can: install OpenBLAS',
    );
  }
  return { flambeau: backendInfo().description, node: process.version, pytorch: torch, blas: blas.join(' ') };
}

/** Writes after each row, so that a run that is cut short leaves what it measured. */
async function measureRows(before: Results, names: readonly string[]): Promise<Results> {
  const fresh: Compared[] = [];
  let results = before;
  for (const [i, name] of names.entries()) {
    process.stderr.write(`[${i + 1}/${names.length}] ${name}\n`);
    fresh.push(afterRuns(await compareRow(name, rounds, SECONDS_A_ROUND), before.rows));
    results = { ...before, rows: merged(before.rows, fresh, ({ row }) => row, Object.keys(rows)) };
    writeResults(results);
  }
  console.log(plainText(rowTable(fresh, before.machine)));
  return results;
}

async function main(): Promise<void> {
  if (values.list) return console.log(Object.keys(rows).join('\n'));
  if (values.report) return writeReport(readResults());
  const names = wantedRows();
  compileRows();
  let results: Results = {
    ...readResults(),
    machine: measureMachine(Math.min(2, availableParallelism())),
    software: software(),
  };
  if (values.growth) {
    const points = await measureGrowth(growth, rounds, (points) => {
      writeResults({ ...results, growth: points });
    });
    results = { ...results, growth: points };
    for (const grows of ['batch', 'width'] as const) {
      const [fixed, size] = grows === 'batch' ? (['width', 256] as const) : (['batch', 64] as const);
      console.log(
        `${plainText(
          growthTable(
            points.filter((point) => point[fixed] === size),
            grows,
          ),
        )}\n`,
      );
    }
  } else if (values.peers) {
    const peers = await measurePeers(rounds, SECONDS_A_ROUND, positionals);
    results = { ...results, peers };
    console.log(plainText(peerTable(peers)));
  } else {
    results = await measureRows(results, names);
  }
  writeResults(results);
  writeReport(readResults()); // as written, rounded: `--report` gives the same tables
}

await main();

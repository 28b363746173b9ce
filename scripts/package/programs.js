// Loaders with workers in a stranger's TypeScript: run by Node itself, which strips the types (22 and later), and in tests that
// Vitest runs, which compiles modules in a way of its own.

import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const squares = `
import { tensor, type Tensor } from 'flambeau';
import { Dataset, fromModule, getWorkerInfo } from 'flambeau/data';

export class Squares extends Dataset<Tensor> {
  static readonly moduleUrl: string = import.meta.url;
  readonly length = 6;

  getItem(index: number): Tensor {
    return tensor([index ** 2]);
  }
}

/** The sum of a batch, and the worker that made it. */
export function sums(samples: Tensor[]): number[] {
  return [samples.reduce((sum: number, sample) => sum + sample.item(), 0), getWorkerInfo()?.id ?? -1];
}
fromModule(import.meta.url, sums);
`;

const program = `
import { DataLoader } from 'flambeau/data';
import { squaresOf } from './squares-of.ts';

console.log(JSON.stringify(await squaresOf(DataLoader)));
`;

/** What program and test both do. */
const reading = `
import type { DataLoader } from 'flambeau/data';
import { Squares, sums } from './squares.ts';

export async function squaresOf(Loader: typeof DataLoader): Promise<unknown[]> {
  const batches: unknown[] = [];
  for await (const batch of new Loader(new Squares(), { batchSize: 2, numWorkers: 2 })) batches.push(batch.toArray());
  for await (const batch of new Loader(new Squares(), { batchSize: 3, numWorkers: 2, collateFn: sums })) batches.push(batch);
  return batches;
}
`;

const expected = '[[[0],[1]],[[4],[9]],[[16],[25]],[5,0],[50,1]]';

const vitestTest = `
import { expect, test } from 'vitest';
import { DataLoader } from 'flambeau/data';
import { squaresOf } from './squares-of.ts';

test('a loader with workers', async () => {
  expect(JSON.stringify(await squaresOf(DataLoader))).toBe('${expected}');
}, 60_000);
`;

/** Writes the programs into a folder of a project that has the package. */
function write(project) {
  const folder = join(project, 'programs');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'squares.ts'), squares);
  writeFileSync(join(folder, 'squares-of.ts'), reading);
  writeFileSync(join(folder, 'program.ts'), program);
  writeFileSync(join(folder, 'squares.test.ts'), vitestTest);
  return folder;
}

/** Node runs the TypeScript itself, started in a folder that has nothing to do with it. */
export function runByNode(project, output, node) {
  const { stdout, stderr } = output(node, [join(write(project), 'program.ts')], { cwd: tmpdir() });
  // Node 22 warns that it strips types.
  const said = stderr.replace(
    /^\(node:\d+\) ExperimentalWarning: Type Stripping.*\n|^\(Use `node --trace-warnings.*\n/gm,
    '',
  );
  if (stdout.trim() === expected && said === '') return {};
  return { problems: [`it prints ${stdout.trim()}, not ${expected}`, said] };
}

/** Vitest runs a test with workers, in each kind of its own workers. */
export function runByVitest(project, output, node) {
  write(project);
  const path = `${dirname(node)}${delimiter}${process.env.PATH}`;
  const vitest = join(project, 'node_modules', 'vitest', 'vitest.mjs');
  const pools = ['forks', 'threads', 'vmThreads'];
  for (const pool of pools) {
    output(node, [vitest, 'run', '--root', project, `--pool=${pool}`, 'programs'], {
      cwd: project,
      env: { PATH: path, CI: '1' },
    });
  }
  return { notes: [pools.join(', ')] };
}

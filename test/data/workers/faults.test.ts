// Every fault, in a worker and in the loop that takes the batches, met by loaders of every kind: what came of it is said, the rest
// of the data comes where it can, and no thread is left. The faults are met in one process that runs the build, where workers
// start quickly.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { caseName, consumerFaults, kinds, workerFaults, type Met } from '../fixtures/fault-matrix.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
let folder: string;
let met: Readonly<Record<string, Met>>;

before(async () => {
  assert.ok(existsSync(join(root, 'dist', 'data', 'index.js')), 'there is no build: run `npm run build`');
  folder = mkdtempSync(join(tmpdir(), 'flambeau-faults-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules', 'flambeau'), 'dir');
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const program = join(folder, 'faults.js');
  await build({
    entryPoints: [fileURLToPath(new URL('../fixtures/fault-matrix.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['flambeau', 'flambeau/*'],
    logLevel: 'error',
  });
  met = JSON.parse(await outputOf(program)) as Record<string, Met>;
});
after(() => rmSync(folder, { recursive: true }));

/** What the program prints. Its heap is small, so that running out of memory doesn't take long. */
function outputOf(program: string): Promise<string> {
  const flags = ['--expose-gc', '--max-old-space-size=60'];
  const child = spawn(process.execPath, [...flags, program, 'run'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`it ended with ${code}`))));
  });
}

/** In which words it is said what happened, with the worker and where in the data it was. */
const messages: {
  readonly [fault in (typeof workerFaults)[number]]: { readonly [kind in (typeof kinds)[number]]: RegExp };
} = {
  TypeError: {
    'map-style': /^TypeError: bad sample 5 \(in worker 0, at sample 5\)$/,
    iterable: /^TypeError: bad sample 5 \(in worker 0, after 5 samples of its stream\)$/,
  },
  exit: {
    'map-style': /^DataLoaderError: worker 0 exited with code 7 while at work on samples 4, 5: /,
    iterable: /^DataLoaderError: worker 0 exited with code 7 while at work on batch 4: /,
  },
  terminated: {
    'map-style': /^DataLoaderError: worker 0 exited with code 1 while at work on samples 4, 5: .*terminated the thread/,
    iterable: /^DataLoaderError: worker 0 exited with code 1 while at work on batch 4: .*terminated the thread/,
  },
  hang: {
    'map-style': /^DataLoaderError: no batch within the timeout of 400 ms: worker 0 is still at work on samples 4, 5;/,
    iterable: /^DataLoaderError: no batch within the timeout of 400 ms: worker 0 is still at work on batch 4;/,
  },
  memory: {
    'map-style':
      /^DataLoaderError: worker 0 ran out of memory while at work on samples 4, 5: its JavaScript heap is full/,
    iterable: /^DataLoaderError: worker 0 ran out of memory while at work on batch 4: its JavaScript heap is full/,
  },
  'function in the sample': {
    'map-style':
      /^DataLoaderError: .*\[0\] is a number, \[1\] is an instance of Object \(in worker 0, at samples 4, 5\)$/,
    iterable:
      /^DataLoaderError: .*\[0\] is a number, \[1\] is an instance of Object \(in worker 0, after 6 samples of its stream\)$/,
  },
};

/** The batches before the fault. */
const first = {
  'map-style': [[0, 1], [2, 3]],
  iterable: [[0, 1], [0, 1], [2, 3], [2, 3]],
} as const; // prettier-ignore

/** The batches after an error that leaves the worker alive. */
const rest = {
  'map-style': [[6, 7], [8, 9], [10, 11]],
  iterable: [[4]],
} as const; // prettier-ignore

const all = {
  'map-style': [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9], [10, 11]],
  iterable: [[0, 1], [0, 1], [2, 3], [2, 3], [4], [4]],
} as const; // prettier-ignore

for (const kind of kinds) {
  for (const persistent of [false, true]) {
    suite(`${kind} data set, ${persistent ? 'persistent' : 'not persistent'} workers`, () => {
      for (const fault of workerFaults) {
        const lives = fault === 'TypeError' || fault === 'function in the sample';
        test(`a worker meets this: ${fault}; an error names it and its place, and no thread is left`, () => {
          const { batches, errors, threads, atOnce } = met[caseName(kind, persistent, fault)]!;
          assert.equal(errors.length, 1, errors.join('\n'));
          assert.match(errors[0]!, messages[fault][kind]);
          const expected = lives ? [...first[kind], ...rest[kind]] : first[kind];
          // Batches of the other worker may still be on their way when the first one goes; its own had been sent.
          const gone = fault === 'exit' || fault === 'memory';
          assert.ok(batches.length > 0 && (gone || batches.length === expected.length));
          assert.deepEqual(batches, expected.slice(0, batches.length));
          const staying = persistent && (lives || fault === 'hang');
          assert.deepEqual(threads, { whenClosed: staying ? 2 : 0, afterwards: 0 });
          if (fault === 'exit' || fault === 'terminated')
            assert.ok(atOnce, 'it was noticed later than the thread had gone');
        });
      }
      for (const fault of consumerFaults) {
        test(`the loop meets this: ${fault}; the workers are stopped and no thread is left`, () => {
          const { batches, errors, threads } = met[caseName(kind, persistent, fault)]!;
          const taken = fault === 'nothing' ? all[kind].length : fault === 'an abandoned iterator' ? 1 : 2;
          assert.deepEqual(batches, all[kind].slice(0, taken));
          assert.deepEqual(errors, fault === 'a throw' ? ['RangeError: enough'] : []);
          const staying = persistent || fault === 'an abandoned iterator';
          assert.deepEqual(threads, { whenClosed: staying ? 2 : 0, afterwards: 0 });
        });
      }
    });
  }
}

// Workers in programs of every form: from a build and from source, JavaScript and TypeScript, modules and CommonJS, started
// anywhere, in one file, and bundled. The build must be there: `npm test` makes it.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const tsx = pathToFileURL(join(root, 'node_modules', 'tsx', 'dist', 'loader.mjs')).href;

const squares = (types: boolean): string => `
  import { Dataset } from 'flambeau/data';
  export class Squares extends Dataset${types ? '<number>' : ''} {
    static ${types ? 'readonly ' : ''}moduleUrl = import.meta.url;
    length = 6;
    getItem(index${types ? ': number' : ''})${types ? ': number' : ''} { return index ** 2; }
  }
  ${types ? 'export enum Kind { Square = 2 }' : ''}
`;
const printing = `
  const batches = [];
  for await (const batch of new DataLoader(new Squares(), { batchSize: 2, numWorkers: 2 })) batches.push(batch.toArray());
  console.log(JSON.stringify(batches));
`;
const printed = '[[0,1],[4,9],[16,25]]\n';

let folder: string;
before(() => {
  assert.ok(existsSync(join(root, 'dist', 'data', 'index.js')), 'there is no build: run `npm run build`');
  folder = mkdtempSync(join(tmpdir(), 'flambeau programs '));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules', 'flambeau'), 'dir');
  symlinkSync(join(root, 'node_modules', 'tsx'), join(folder, 'node_modules', 'tsx'), 'dir');
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
});
after(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Runs a program in a folder that has nothing to do with it. */
function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, args, { encoding: 'utf8', cwd: tmpdir() });
}

function assertPrints(result: ReturnType<typeof run>): void {
  assert.deepEqual([result.stderr, result.stdout], ['', printed]);
  assert.equal(result.status, 0);
}

suite('workers start', () => {
  test('in JavaScript, from the build', () => {
    write('squares.js', squares(false));
    assertPrints(run(write('program.js', `import { DataLoader } from 'flambeau/data'; import { Squares } from './squares.js'; ${printing}`))); // prettier-ignore
  });

  test('in TypeScript run by tsx, from the build', () => {
    write('squares-typed.ts', squares(true));
    const program = write('program.ts', `import { DataLoader } from 'flambeau/data'; import { Squares, Kind } from './squares-typed.js'; const kind: Kind = Kind.Square; ${printing}`); // prettier-ignore
    assertPrints(run('--import', tsx, program));
  });

  test('in TypeScript run by tsx, from source', () => {
    write('squares-source.ts', squares(true));
    const program = write('program-source.ts', `import { DataLoader } from 'flambeau/data'; import { Squares } from './squares-source.js'; ${printing}`); // prettier-ignore
    assertPrints(run('--conditions=flambeau-source', '--import', tsx, program));
  });

  test('in a CommonJS program', () => {
    const program = write('program.cjs', `
      const { pathToFileURL } = require('node:url');
      import('flambeau/data').then(async ({ DataLoader }) => {
        const { Squares } = await require('./squares.cjs').load();
        ${printing}
      });
    `); // prettier-ignore
    write('squares.cjs', `
      const { pathToFileURL } = require('node:url');
      class Squares {
        static moduleUrl = pathToFileURL(__filename).href;
        get length() { return 6; }
        getItem(index) { return index ** 2; }
      }
      exports.Squares = Squares;
      exports.load = async () => ({ Squares });
    `); // prettier-ignore
    assertPrints(run(program));
  });

  test('in a program of one file that does its work in the main thread only', () => {
    const program = write('guarded.js', `
      import { isMainThread } from 'node:worker_threads';
      import { DataLoader, Dataset } from 'flambeau/data';
      ${squares(false).replace(/import .*;/, '')}
      if (isMainThread) { ${printing} }
    `); // prettier-ignore
    assertPrints(run(program));
  });
});

suite('where workers can not be had, it is said why', () => {
  test('in a program of one file that would start again in each worker', () => {
    const program = write('unguarded.js', `
      import { DataLoader, Dataset } from 'flambeau/data';
      ${squares(false).replace(/import .*;/, '')}
      ${printing}
    `); // prettier-ignore
    const { status, stderr } = run(program);
    assert.equal(status, 1);
    assert.match(
      stderr,
      /DataLoaderError: a DataLoader with workers was started inside a worker of another one.*if \(isMainThread\)/,
    );
  });

  test('in a bundled program', async () => {
    write('squares.js', squares(false));
    const program = write('to-bundle.js', `import { DataLoader } from 'flambeau/data'; import { Squares } from './squares.js'; try { ${printing} } catch (error) { console.log(error.name, error.message); }`); // prettier-ignore
    const outfile = join(folder, 'bundle.mjs');
    const options = {
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
      loader: { '.node': 'empty' },
    } as const;
    await build({
      ...options,
      entryPoints: [program],
      outfile,
      banner: {
        js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
      },
    });
    const missing =
      /^DataLoaderError no worker can be started: its file is not at .*"flambeau" as external.*the module of the data set/;
    const { status, stdout, stderr } = run(outfile);
    assert.equal(status, 0, stderr);
    assert.match(stdout, missing);

    // With the data set's module outside, it is still the library that is missing.
    const external = join(folder, 'bundle-external.mjs');
    await build({
      ...options,
      entryPoints: [program],
      outfile: external,
      external: ['./squares.js'],
      banner: {
        js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
      },
    });
    assert.match(run(external).stdout, missing);
  });

  test('a bundled program that leaves the library and the data set out of the bundle has them', async () => {
    write('squares.js', squares(false));
    const program = write('to-bundle-well.js', `import { DataLoader } from 'flambeau/data'; import { Squares } from './squares.js'; ${printing}`); // prettier-ignore
    const outfile = join(folder, 'bundle-well.mjs');
    await build({
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
      entryPoints: [program],
      outfile,
      external: ['flambeau', 'flambeau/*', './squares.js'],
    });
    assertPrints(run(outfile));
  });
});

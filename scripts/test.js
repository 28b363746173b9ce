// `npm test`: prepares the clone and runs the test files (all of them, or those given) on Node's own runner.

import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { prepare, root, run } from './bootstrap.js';

function testFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'fixtures' ? [] : testFiles(path);
    return entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

prepare();
// Without compiled kernels programs warn of it. Asked for by name, the plain ones are what is tested.
if (!existsSync(join(root, 'build', 'Release', 'flambeau.node'))) process.env.FLAMBEAU_BACKEND ??= 'reference';
const given = process.argv.slice(2);
run(process.execPath, [
  '--conditions=flambeau-source',
  '--import',
  'tsx',
  '--test',
  '--test-reporter=spec',
  // Node's default leaves one core idle; many tests wait for workers.
  `--test-concurrency=${Math.max(2, availableParallelism())}`,
  ...(given.length > 0 ? given : testFiles(join(root, 'test'))),
]);

// `npm run bench`: prepares the clone, so that what is measured is the package as users get it, and runs the benchmark.

import { join } from 'node:path';
import { prepare, root, run } from './bootstrap.js';

prepare();
run(process.execPath, ['--import', 'tsx', join(root, 'bench', 'main.ts'), ...process.argv.slice(2)]);

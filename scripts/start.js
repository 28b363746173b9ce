// `npm start`: prepares the clone and runs the main example, passing its options on.

import { join } from 'node:path';
import { prepare, root, run } from './bootstrap.js';

prepare();
run(process.execPath, ['--import', 'tsx', join(root, 'examples', 'notmnist', 'main.ts'), ...process.argv.slice(2)]);

// A process that says when it is ready, waits for a word, loads letters from a server and says how many there are. Killed by
// tests in the middle of it. Arguments: the root, and the published archive as JSON.

import { once } from 'node:events';
import path from 'node:path';
import { openLetters } from '../../src/datasets/letter-store.js';
import { publishedSource, type PublishedArchive } from '../../src/datasets/notmnist-source.js';

const [root, archive] = process.argv.slice(2) as [string, string];
console.log('ready');
await once(process.stdin, 'data');
process.stdin.destroy();
const options = { root, download: true, progress: 'none' } as const;
const source = publishedSource(JSON.parse(archive) as PublishedArchive, path.join(root, 'letters'), options);
const { pack } = await openLetters(source, { progress: 'none', signal: undefined });
console.log(pack.labels.length);

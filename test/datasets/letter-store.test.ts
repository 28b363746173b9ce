// From a server to opened letters, with a published archive of our own; two processes at once. Processes killed midway: `killed.test.ts`.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { DownloadProgress } from '../../src/io/download.js';
import { sha256 } from '../../src/io/checksum.js';
import { openLetters, type StoredLetters } from '../../src/datasets/letter-store.js';
import { publishedSource, type PublishedArchive } from '../../src/datasets/notmnist-source.js';
import type { NotMNISTOptions } from '../../src/datasets/notmnist.js';
import { cutAfter, file, serve, type ScriptedServer } from '../io/scripted-server.js';
import { letterArchive } from './letter-fixture.js';

const archive = letterArchive(100);
let folder: string;
let root: string;
const servers: ScriptedServer[] = [];

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-store-'));
});
after(() => fs.rm(folder, { recursive: true }));
beforeEach(async () => {
  root = await fs.mkdtemp(path.join(folder, 'case-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(...behaviours: Parameters<typeof serve>): Promise<ScriptedServer> {
  const server = await serve(...behaviours);
  servers.push(server);
  return server;
}

function published(base: string): PublishedArchive {
  return { name: 'test letters', file: 'letters.tar.gz', size: archive.length, sha256: sha256(archive), bases: [base] };
}

function load(base: string, options: Partial<NotMNISTOptions> = {}): Promise<StoredLetters> {
  const network = { backOff: { initial: 1, longest: 5 }, download: true, progress: 'none' } as const;
  const source = publishedSource(published(base), path.join(root, 'letters'), { root, ...network, ...options });
  return openLetters(source, { progress: 'none', signal: options.signal });
}

/** Another process that loads the same letters and prints how many there are. */
function loadInProcess(base: string): Promise<[number | null, string]> {
  const module = (name: string): string =>
    JSON.stringify(new URL(`../../src/datasets/${name}.ts`, import.meta.url).href);
  const program = `
    import { openLetters } from ${module('letter-store')};
    import { publishedSource } from ${module('notmnist-source')};
    const options = { root: ${JSON.stringify(root)}, download: true, progress: 'none' };
    const source = publishedSource(${JSON.stringify(published(base))}, ${JSON.stringify(path.join(root, 'letters'))}, options);
    const { pack } = await openLetters(source, { progress: 'none', signal: undefined });
    console.log(pack.labels.length);`;
  const child = spawn(
    process.execPath,
    ['--conditions=flambeau-source', '--import', 'tsx', '--input-type=module', '--eval', program],
    { cwd: fileURLToPath(new URL('../..', import.meta.url)), stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  return once(child, 'close').then(([code]) => [code as number | null, output.trim()]);
}

test('fetched over a bad line, verified, packed; opened again without network, archive or permission', async () => {
  const { url, requests } = await start(cutAfter(5000, archive), file(archive));
  const events: DownloadProgress[] = [];
  const { pack, source, skipped } = await load(url, { progress: (event) => events.push(event) });
  assert.equal(pack.labels.length, 1000);
  assert.equal(source, 'test letters, the original archive');
  assert.deepEqual(skipped, []);
  assert.equal(events.at(-1)!.received, archive.length);
  await fs.rm(path.join(root, 'letters.tar.gz'));
  const again = await load(url, { download: false });
  assert.deepEqual(again.pack.labels, pack.labels);
  assert.equal(requests.length, 2);
});

test('a downloaded archive whose pack was lost is packed again without network', async () => {
  const { url, requests } = await start(file(archive));
  await load(url);
  await fs.rm(path.join(root, 'letters'), { recursive: true });
  assert.equal((await load(url, { download: false })).pack.labels.length, 1000);
  assert.equal(requests.length, 1);
});

test('two processes and this one share a root: one fetches, all have the letters', async () => {
  const { url, requests } = await start(file(archive));
  const others = [loadInProcess(url), loadInProcess(url)];
  assert.equal((await load(url)).pack.labels.length, 1000);
  for (const exited of others) assert.deepEqual(await exited, [0, '1000']);
  assert.equal(requests.length, 1);
  assert.deepEqual((await fs.readdir(root)).sort(), ['letters', 'letters.tar.gz', 'letters.tar.gz.manifest.json']);
});

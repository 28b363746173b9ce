// A process that fetches and prepares a data set, killed at random moments: the root it leaves never opens with wrong letters,
// and the next run succeeds. FLAMBEAU_KILLS=100 kills a hundred instead of a dozen.

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openLetters, type StoredLetters } from '../../src/datasets/letter-store.js';
import { publishedSource, type PublishedArchive } from '../../src/datasets/notmnist-source.js';
import { DatasetError } from '../../src/errors.js';
import { sha256 } from '../../src/io/checksum.js';
import { serve, type Behaviour } from '../io/scripted-server.js';
import { seededRandom } from '../io/seeded-random.js';
import { letterArchive } from './letter-fixture.js';

const kills = Number(process.env.FLAMBEAU_KILLS ?? 12);
const content = letterArchive(60);

let folder: string;
before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-killed-'));
});
after(() => fs.rm(folder, { recursive: true }));

/** Sends the archive in pieces, so that a transfer takes about as long as preparing the letters. */
const slowly: Behaviour = (request, response) => {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  response.writeHead(start > 0 ? 206 : 200, {
    etag: '"one"',
    'content-length': content.length - start,
    ...(start > 0 && { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }),
  });
  const piece = Math.ceil(content.length / 20);
  let at = start;
  const timer = setInterval(() => {
    response.write(content.subarray(at, (at += piece)));
    if (at < content.length) return;
    clearInterval(timer);
    response.end();
  }, 5);
  response.on('close', () => clearInterval(timer));
};

/** The process, ready to begin at a word. */
async function readyProcess(root: string, archive: PublishedArchive): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('load-letters.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--conditions=flambeau-source', '--import', 'tsx', program, root, JSON.stringify(archive)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  return child;
}

function digest({ pack }: StoredLetters): string {
  const hash = createHash('sha256');
  const images = pack.images.read(0, pack.images.length);
  for (const part of [images, pack.starts, pack.lengths, pack.labels, pack.splits, pack.names]) hash.update(part);
  return hash.digest('hex');
}

test(`${kills} kills at random moments leave nothing that loads wrongly, and the next run succeeds`, async (t) => {
  const { url, close } = await serve(slowly);
  t.after(close);
  const archive: PublishedArchive = {
    ...{ name: 'test letters', file: 'letters.tar.gz', size: content.length, sha256: sha256(content) },
    bases: [url],
  };
  const load = (root: string, download: boolean): Promise<StoredLetters> =>
    openLetters(publishedSource(archive, path.join(root, 'letters'), { root, download, progress: 'none' }), {
      progress: 'none',
      signal: undefined,
    });
  const right = digest(await load(path.join(folder, 'right'), true));
  const random = seededRandom(100);
  const rootOf = (run: number): string => path.join(folder, `root-${run}`);
  const fresh = await readyProcess(rootOf(0), archive);
  const start = performance.now();
  fresh.stdin!.end('go');
  await once(fresh, 'exit');
  const whole = performance.now() - start;

  const moments = new Map<string, number>();
  let next = readyProcess(rootOf(1), archive);
  t.after(async () => (await next).kill('SIGKILL'));
  for (let run = 1; run <= kills; run++) {
    const child = await next;
    // Every third root is hit twice.
    if (run < kills) next = readyProcess(rootOf(run % 3 === 1 ? run : run + 1), archive);
    const root = rootOf(run % 3 === 2 ? run - 1 : run);
    const exited = once(child, 'exit');
    child.stdin!.end('go');
    await sleep((random.below(1000) / 1000) * whole * 1.1);
    child.kill('SIGKILL');
    await exited;
    const left = await fs.readdir(root, { recursive: true }).catch(() => []);
    const moment = momentOf(left);
    moments.set(moment, (moments.get(moment) ?? 0) + 1);
    // Without network the root either has all the letters or says that it has none.
    const offline = await fs.cp(root, `${root}-copy`, { recursive: true }).then(
      () => load(`${root}-copy`, false).catch((error: unknown) => error),
      () => undefined,
    );
    if (offline instanceof Error) assert.ok(offline instanceof DatasetError, offline.stack);
    else if (offline !== undefined) assert.equal(digest(offline as StoredLetters), right, `run ${run}, ${moment}`);
    if (run % 3 === 1 && run < kills) continue;
    assert.equal(digest(await load(root, true)), right, `run ${run}, ${moment}`);
    const after = await fs.readdir(root, { recursive: true });
    assert.deepEqual(
      after.filter((name) => /\.(tmp|lock|part|takeover)/.test(name)),
      [],
      `run ${run}, ${moment}`,
    );
    await fs.rm(root, { recursive: true });
  }
  t.diagnostic([...moments].map(([moment, count]) => `${count} ${moment}`).join(', '));
});

/** What the process was doing when it was killed, by what it left. */
function momentOf(left: readonly string[]): string {
  const has = (ending: string): boolean => left.some((name) => name.endsWith(ending));
  if (has('letters/manifest.json') && !has('.lock')) return 'when it had finished';
  if (has('letters.pack') || has('manifest.json.tmp')) return 'at the end of preparing';
  if (left.some((name) => /letters\.pack\..*tmp$/.test(name))) return 'while preparing';
  if (has('letters.tar.gz')) return 'between fetching and preparing';
  if (has('.part')) return 'while fetching';
  return 'at the beginning';
}

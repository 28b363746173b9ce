// A data set fetched from servers that misbehave in every way, two hundred times: it ends in the right letters or in a clear
// error, never in wrong letters; and what a failed run leaves does not keep the next one from succeeding.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { openLetters, type StoredLetters } from '../../src/datasets/letter-store.js';
import { publishedSource } from '../../src/datasets/notmnist-source.js';
import type { NotMNISTOptions } from '../../src/datasets/notmnist.js';
import { DatasetError } from '../../src/errors.js';
import { sha256 } from '../../src/io/checksum.js';
import { misbehaviours } from '../io/hostile-server.js';
import { closedPort, file, serve, type Behaviour } from '../io/scripted-server.js';
import { seededRandom } from '../io/seeded-random.js';
import { letterArchive } from './letter-fixture.js';

const runs = Number(process.env.FLAMBEAU_RUNS ?? 200);
const content = letterArchive(3);
let folder: string;

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-hostile-network-'));
});
after(() => fs.rm(folder, { recursive: true }));

function load(root: string, bases: string[], more: Partial<NotMNISTOptions> = {}): Promise<StoredLetters> {
  const network = { retries: 2, backOff: { initial: 1, longest: 2 }, connectTimeout: 60, stallTimeout: 40 };
  const options: NotMNISTOptions = { root, download: true, progress: 'none', ...network, ...more };
  const archive = {
    ...{ name: 'test letters', file: 'letters.tar.gz', size: content.length, sha256: sha256(content) },
    bases,
  };
  return openLetters(publishedSource(archive, path.join(root, 'letters'), options), {
    progress: 'none',
    signal: undefined,
  });
}

function digest({ pack }: StoredLetters): string {
  const hash = createHash('sha256');
  const images = pack.images.read(0, pack.images.length);
  for (const part of [images, pack.starts, pack.lengths, pack.labels, pack.splits, pack.names]) hash.update(part);
  return hash.digest('hex');
}

/** The names of a folder and its folders that say they are unfinished. */
async function unfinished(root: string): Promise<string[]> {
  const names = await fs.readdir(root, { recursive: true });
  return names.filter((name) => /\.(tmp|lock|takeover)$/.test(name));
}

test(`${runs} runs against misbehaving servers end in the right letters or a clear error`, async (t) => {
  const good = await serve(file(content));
  t.after(() => good.close());
  const right = digest(await load(path.join(folder, 'right'), [good.url]));
  const kinds = Object.entries(misbehaviours);
  const met = new Set<string>();
  let [loaded, refused] = [0, 0];
  const one = async (seed: number): Promise<void> => {
    const random = seededRandom(seed);
    const root = path.join(folder, String(seed));
    const script = (): Behaviour[] =>
      Array.from({ length: 1 + random.below(5) }, () => {
        if (random.below(3) === 0) return file(content);
        const [name, make] = random.pick(kinds);
        met.add(name);
        return make(random, content);
      });
    const servers = [await serve(...script()), await serve(...script())];
    const bases = servers.map(({ url }) => url);
    if (random.below(8) === 0) bases.unshift(await closedPort());
    try {
      const letters = await load(root, bases);
      assert.equal(digest(letters), right, `seed ${seed}`);
      loaded++;
    } catch (error) {
      assert.ok(error instanceof DatasetError, `seed ${seed}: ${error instanceof Error ? error.stack : String(error)}`);
      assert.match(error.message, /^could not download letters\.tar\.gz:\n {2}http/, `seed ${seed}`);
      for (const base of bases) assert.ok(error.message.includes(base), `seed ${seed}: ${error.message}`);
      await assert.rejects(load(root, bases, { download: false }), /is not in/, `seed ${seed}`);
      refused++;
    } finally {
      for (const server of servers) await server.close();
    }
    assert.deepEqual(await unfinished(root), [], `seed ${seed}`);
    // The next run, with whatever the last one left.
    assert.equal(digest(await load(root, [good.url])), right, `seed ${seed}`);
    assert.deepEqual((await fs.readdir(root)).sort(), ['letters', 'letters.tar.gz', 'letters.tar.gz.manifest.json']);
    await fs.rm(root, { recursive: true });
  };
  // Most of the time is spent waiting for servers that stall.
  const side = 10;
  for (let seed = 0; seed < runs; seed += side) {
    await Promise.all(Array.from({ length: side }, (_, i) => one(seed + i)));
  }
  assert.equal(met.size, kinds.length, 'every misbehaviour was met');
  assert.ok(loaded > 20 && refused > 20, `${loaded} loaded, ${refused} refused`);
});

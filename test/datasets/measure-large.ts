// Measures what notMNIST's large form costs, on an archive of as many made-up letters (529,114): packing it once, opening it
// again, reading from it. Not part of the tests. In turn, with the clone's modules loaded as `npm test` does:
//   measure-large.ts make ARCHIVE [LETTERS]    measure-large.ts pack ARCHIVE ROOT    measure-large.ts open ARCHIVE ROOT

import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip, deflateSync } from 'node:zlib';
import { Readable } from 'node:stream';
import { NotMNIST } from '../../src/datasets/notmnist.js';
import { tar } from '../io/archive-builder.js';
import { chunk, header, pngFile } from '../io/png-builder.js';
import { seededRandom } from '../io/seeded-random.js';
import { classNames } from './letter-fixture.js';

const [step, archive, more] = process.argv.slice(2) as [string, string, string | undefined];

/** Grey blobs with noise at their edges, about as many bytes as a letter of notMNIST takes when it is compressed. */
function* letters(count: number): Generator<Buffer> {
  const random = seededRandom(1);
  const end = chunk('IEND', Buffer.alloc(0));
  const head = header(28, 28);
  for (let i = 0; i < count; i++) {
    const rows = Buffer.alloc(28 * 29);
    const [top, bottom] = [random.below(8), 20 + random.below(8)];
    for (let y = top; y < bottom; y++) {
      const [left, right] = [4 + random.below(8), 18 + random.below(8)];
      rows.fill(255, y * 29 + left, y * 29 + right);
      for (const x of [left, left + 1, right - 1, right]) rows[y * 29 + 1 + x] = random.below(256);
      for (let k = 0; k < 6; k++) rows[y * 29 + 1 + left + random.below(right - left)] = random.below(256);
    }
    const content = pngFile(head, chunk('IDAT', deflateSync(rows, { level: 1 })), end);
    const name = `notMNIST_large/${classNames[i % 10]!}/${Buffer.from(`made-up font ${Math.floor(i / 10)}.ttf`).toString('base64')}.png`;
    yield tar([{ name, content }]).subarray(0, -1024);
  }
  yield Buffer.alloc(1024);
}

function report(what: string, start: number): void {
  const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  const { maxRSS } = process.resourceUsage();
  const memory = `resident ${megabytes(process.memoryUsage().rss)}, at most ${megabytes(maxRSS * 1024)}`;
  console.log(`${what}: ${((performance.now() - start) / 1000).toFixed(3)} s; ${memory}`);
}

const start = performance.now();
if (step === 'make') {
  const gzip = createGzip({ level: constants.Z_BEST_SPEED });
  await pipeline(Readable.from(letters(Number(more ?? 529_114))), gzip, createWriteStream(archive));
  report('made', start);
} else {
  for await (const part of step === 'pack' ? createReadStream(archive) : []) void part;
  report('archive read once', start);
  const loading = performance.now();
  const train = await NotMNIST.load({ root: more!, archive, progress: 'none' });
  report(`${step === 'pack' ? 'packed' : 'opened again'}, ${train.length} of ${train.source}`, loading);
  const random = seededRandom(2);
  const reading = performance.now();
  const reads = 100_000;
  for (let i = 0; i < reads; i++) train.getImage(random.below(train.length));
  const each = ((performance.now() - reading) / reads) * 1000;
  report(`${reads} random letters read and decoded, ${each.toFixed(1)} microseconds each`, reading);
}

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs, { type FileHandle } from 'node:fs/promises';
import http, { type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { after, afterEach, before, beforeEach, mock, test } from 'node:test';
import { DatasetError } from '../../src/errors.js';
import { sha256 } from '../../src/io/checksum.js';
import { download, findDownloaded, type DownloadOptions, type DownloadProgress } from '../../src/io/download.js';
import { closedPort, cutAfter, drip, file, serve, stallAfter, status, type ScriptedServer } from './scripted-server.js';

const content = randomBytes(300_000);
const digest = sha256(content);
const quick = { backOff: { initial: 1, longest: 4 }, connectTimeout: 2000, stallTimeout: 200 };

let folder: string;
let target: string;
const servers: ScriptedServer[] = [];

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-download-'));
});
after(() => fs.rm(folder, { recursive: true }));
beforeEach(async () => {
  target = path.join(await fs.mkdtemp(path.join(folder, 'case-')), 'letters.bin');
});
afterEach(async () => {
  mock.restoreAll();
  for (const server of servers.splice(0)) await server.close();
});

async function server(...behaviours: Parameters<typeof serve>): Promise<ScriptedServer> {
  const started = await serve(...behaviours);
  servers.push(started);
  return started;
}

function options(urls: string[], more: Partial<DownloadOptions> = {}): DownloadOptions {
  return { path: target, urls, size: content.byteLength, sha256: digest, ...quick, ...more };
}

/** What is in the target's folder, sorted. */
async function listing(): Promise<string[]> {
  return (await fs.readdir(path.dirname(target))).sort();
}

async function assertComplete(): Promise<void> {
  assert.equal(sha256(await fs.readFile(target)), digest);
  assert.deepEqual(await listing(), ['letters.bin', 'letters.bin.manifest.json']);
}

/** After a failure nothing stands under the file's name, and a second run against a good server succeeds. */
async function assertCleanAfterFailure(): Promise<void> {
  const names = await listing();
  assert.ok(!names.includes('letters.bin'), `left behind: ${names.join(', ')}`);
  assert.ok(!names.includes('letters.bin.lock'), 'the lock was left behind');
  const good = await server(file(content));
  await download(options([good.url]));
  await assertComplete();
}

test('fetches, verifies, reports progress; the second run asks nobody', async () => {
  const { url, requests } = await server(file(content));
  const events: DownloadProgress[] = [];
  const first = await download(options([url], { progress: (event) => events.push(event) }));
  assert.deepEqual(first, { path: target, size: content.byteLength, sha256: digest, fetched: true });
  await assertComplete();
  assert.equal(events[0]!.received, 0);
  assert.equal(events[0]!.file, 'letters.bin');
  assert.equal(events.at(-1)!.received, content.byteLength);
  assert.equal(events.at(-1)!.total, content.byteLength);
  const second = await download(options([url]));
  assert.equal(second.fetched, false);
  assert.equal(requests.length, 1);
});

test('goes on where the connection was cut, asking only for the rest', async () => {
  const { url, requests } = await server(cutAfter(100_000, content), cutAfter(50_000, content), file(content));
  await download(options([url]));
  await assertComplete();
  assert.deepEqual(
    requests.map(({ headers }) => headers.range),
    [undefined, 'bytes=100000-', 'bytes=150000-'],
  );
  assert.equal(requests[1]!.headers['if-range'], '"one"');
});

test('goes on with what an earlier run left, with another mirror too', async () => {
  const bad = await server(cutAfter(120_000, content));
  await assert.rejects(download(options([bad.url], { retries: 0 })), /120 kB have arrived and are kept/);
  const { url, requests } = await server(file(content));
  await download(options([url]));
  await assertComplete();
  assert.equal(requests[0]!.headers.range, 'bytes=120000-');
});

test('many cuts do not use up the retries as long as something new arrives', async () => {
  const { url, requests } = await server(cutAfter(10_000, content));
  await download(options([url], { retries: 1 }));
  await assertComplete();
  assert.equal(requests.length, 30);
});

test('a download cut each time at the same byte ends in an error', async () => {
  const { url, requests } = await server((request, response) => {
    cutAfter(request.headers.range === undefined ? 5000 : 0, content)(request, response);
  });
  await assert.rejects(download(options([url], { retries: 2 })), (error: Error) => {
    assert.ok(error instanceof DatasetError);
    assert.match(error.message, /broke off after 5000/);
    return true;
  });
  assert.equal(requests.length, 3);
  await assertCleanAfterFailure();
});

test('starts over when the file has changed at the server meanwhile', async () => {
  const old = randomBytes(content.byteLength);
  const { url } = await server(cutAfter(100_000, old, '"old"'), file(content, '"new"'));
  await download(options([url]));
  await assertComplete();
});

test('starts over when the server refuses ranges', async () => {
  const { url } = await server(cutAfter(100_000, content), (_request, response) => {
    response.writeHead(200, { 'content-length': content.byteLength });
    response.end(content);
  });
  await download(options([url]));
  await assertComplete();
});

test('starts over when the server sends another range than asked for', async () => {
  const { url } = await server(
    cutAfter(100_000, content),
    (_request, response) => {
      response.writeHead(206, { 'content-range': `bytes 7-${content.byteLength - 1}/${content.byteLength}` });
      response.end(content.subarray(7));
    },
    file(content),
  );
  await download(options([url]));
  await assertComplete();
});

test('starts over when the server has nothing beyond what is there', async () => {
  const { url } = await server(
    cutAfter(100_000, content),
    status(416, { 'content-range': 'bytes */9' }),
    file(content),
  );
  await download(options([url]));
  await assertComplete();
});

test('a part with wrong bytes is noticed by the checksum and fetched again in one piece', async () => {
  await fs.writeFile(`${target}.part`, randomBytes(100_000));
  const { url, requests } = await server(file(content));
  await download(options([url]));
  await assertComplete();
  assert.deepEqual(
    requests.map(({ headers }) => headers.range),
    ['bytes=100000-', undefined],
  );
});

test('without a checksum a part is only continued when the server vouches for it', async () => {
  await fs.writeFile(`${target}.part`, randomBytes(100_000));
  const { url, requests } = await server(file(content));
  const { sha256: found } = await download({ path: target, urls: [url], ...quick });
  assert.equal(found, digest);
  assert.equal(requests[0]!.headers.range, undefined);
});

test('a body that ends early without a promised length is an error', async () => {
  const { url } = await server((_request, response) => {
    response.writeHead(200);
    response.end(content.subarray(0, 1000));
  });
  await assert.rejects(download(options([url], { retries: 1 })), /broke off after 1000 of 300000 bytes/);
  await assertCleanAfterFailure();
});

test('a wrong checksum is an error that names both, and the file is not kept', async () => {
  const wrong = randomBytes(content.byteLength);
  const { url, requests } = await server(file(wrong));
  await assert.rejects(download(options([url])), (error: Error) => {
    assert.ok(error instanceof DatasetError);
    assert.ok(error.message.includes(digest) && error.message.includes(sha256(wrong)), error.message);
    return true;
  });
  assert.equal(requests.length, 1);
  assert.deepEqual(await listing(), []);
  await assertCleanAfterFailure();
});

test('a file of another size is refused before it is fetched', async () => {
  const { url } = await server(file(randomBytes(10)));
  await assert.rejects(download(options([url])), /offers 10 bytes where the file has 300000/);
  await assertCleanAfterFailure();
});

test('a server that sends more than it may is cut off', async () => {
  const { url } = await server((_request, response) => {
    response.writeHead(200);
    response.write(content);
    response.end(content);
  });
  await assert.rejects(download(options([url])), /sends more than 300000 bytes/);
  await assert.rejects(download({ path: target, urls: [url], maxSize: 1000, ...quick }), /sends more than 1000 bytes/);
});

test('compressed transfer, which was not asked for, is refused', async () => {
  const { url } = await server((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.end(content);
  });
  await assert.rejects(download(options([url])), /encoded as 'gzip'/);
});

test('falls back to the next mirror, at once where trying again is pointless', async () => {
  const missing = await server(status(404));
  const wrong = await server(file(randomBytes(content.byteLength)));
  const good = await server(file(content));
  await download(options([missing.url, wrong.url, good.url]));
  await assertComplete();
  assert.equal(missing.requests.length, 1);
});

test('an unreachable host is an error that says so for each mirror and adds the hint', async () => {
  const missing = await server(status(403));
  const nobody = await closedPort();
  await assert.rejects(download(options([nobody, missing.url], { hint: 'Or pass a file.' })), (error: Error) => {
    assert.ok(error instanceof DatasetError);
    assert.match(error.message, /the host can't be reached \(.*ECONNREFUSED/);
    assert.match(error.message, /the server answered 403 Forbidden/);
    assert.match(error.message, /Check the network/);
    assert.match(error.message, /Or pass a file\.$/);
    return true;
  });
  await assertCleanAfterFailure();
});

test('busy servers (429, 500, 503) are asked again, as late as they want', async () => {
  const { url, requests } = await server(status(429, { 'retry-after': '0' }), status(500), status(503), file(content));
  await download(options([url]));
  await assertComplete();
  assert.equal(requests.length, 4);
});

test('a server that wants to be left alone for an hour is not waited for', async () => {
  const { url, requests } = await server(status(503, { 'retry-after': '3600' }));
  await assert.rejects(download(options([url])), /503/);
  assert.equal(requests.length, 1);
});

test('a stalled connection is given up and continued', async () => {
  const { url, requests } = await server(stallAfter(100_000, content), file(content));
  await download(options([url]));
  await assertComplete();
  assert.equal(requests[1]!.headers.range, 'bytes=100000-');
});

test('a server that drips is left for the next mirror, and what it brought is kept', async () => {
  const slow = await server(drip(100_000, content), drip(0, content));
  const good = await server(file(content));
  await download(options([slow.url, good.url]));
  await assertComplete();
  // Tried once more: drops are no progress.
  assert.equal(slow.requests.length, 2);
  assert.match(good.requests[0]!.headers.range!, /^bytes=\d+-$/);
  assert.ok(Number(good.requests[0]!.headers.range!.slice(6, -1)) >= 100_000);
});

test('a server that drips ends in an error that says so, unless any speed will do', async () => {
  const slow = await server(drip(0, content));
  await assert.rejects(download(options([slow.url])), /only \d+ bytes in 0\.2 s/);
  await assert.rejects(download(options([slow.url], { minSpeed: -1 })), /minSpeed must be/);
  const almost = await server(drip(content.length - 100, content));
  await download(options([almost.url], { minSpeed: 0 }));
  await assertComplete();
});

test('a server that accepts the connection and never answers is given up', async () => {
  const { url } = await server(() => undefined);
  await assert.rejects(download(options([url], { connectTimeout: 50 })), /no answer within 0.05 s/);
});

test('follows redirects, relative ones too, but not in a circle and not out of HTTP', async () => {
  const good = await server(file(content));
  const first = await server((request, response) => {
    status(302, { location: request.url === '/' ? '/moved' : good.url })(request, response);
  });
  await download(options([first.url]));
  await assertComplete();
  await fs.rm(target);
  const circle = await server(status(301, { location: '/' }));
  await assert.rejects(download(options([circle.url])), /more than 5 redirects/);
  const elsewhere = await server(status(301, { location: 'file:///etc/passwd' }));
  await assert.rejects(download(options([elsewhere.url])), /neither http nor https/);
});

test('follows a redirect out of https only where a checksum is known', async () => {
  const good = await server(file(content));
  const secure = await server(status(302, { location: good.url }));
  // What is asked of https is answered by a server without a certificate.
  mock.method(https, 'request', (_url: URL, options: RequestOptions) => http.request(secure.url, options));
  await assert.rejects(
    download({ path: target, urls: ['https://letters.example/a.bin'], ...quick }),
    /redirected from https to http:\/\/127\.0\.0\.1:\d+, where the file could be changed .* no checksum is known/,
  );
  assert.equal(good.requests.length, 0);
  await download(options(['https://letters.example/a.bin']));
  await assertComplete();
});

test('an abort ends a running transfer, a wait between attempts and one that has not begun', async () => {
  const stalled = await server(stallAfter(100_000, content));
  const controller = new AbortController();
  const reason = new Error('enough');
  const running = download(
    options([stalled.url], {
      stallTimeout: 60_000,
      signal: controller.signal,
      progress: () => setTimeout(() => controller.abort(reason), 50),
    }),
  );
  await assert.rejects(running, (error) => error === reason);

  const busy = await server(status(500));
  const whileWaiting = AbortSignal.timeout(100);
  await assert.rejects(
    download(options([busy.url], { backOff: { initial: 60_000, longest: 60_000 }, signal: whileWaiting })),
    { name: 'TimeoutError' },
  );
  await assert.rejects(
    download(options([busy.url], { signal: AbortSignal.abort(reason) })),
    (error) => error === reason,
  );
  await assertCleanAfterFailure();
});

test('a full disk is a clear error and leaves nothing behind', async () => {
  const { url } = await server(file(content));
  const open = fs.open.bind(fs);
  mock.method(fs, 'open', async (name: string, flags?: string) => {
    const handle: FileHandle = await open(name, flags);
    if (name.endsWith('.part')) {
      handle.write = () => Promise.reject(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }));
    }
    return handle;
  });
  await assert.rejects(download(options([url])), (error: Error) => {
    assert.ok(error instanceof DatasetError);
    assert.match(error.message, /letters\.bin: the disk is full: free some space or choose another folder \(ENOSPC\)/);
    return true;
  });
  assert.deepEqual(await listing(), []);
  mock.restoreAll();
  await assertCleanAfterFailure();
});

test('a disk that is too small is noticed before the transfer', async () => {
  const { url, requests } = await server(file(content));
  mock.method(fs, 'statfs', () => Promise.resolve({ blocks: 100, bavail: 10, bsize: 4096 }));
  await assert.rejects(download(options([url])), /not enough room .* 300 kB needed, 41\.0 kB free/);
  assert.equal(requests.length, 0);
});

test('a folder that cannot be made is an error that says why', async () => {
  await fs.writeFile(target, '');
  const { url } = await server(file(content));
  await assert.rejects(download(options([url], { path: path.join(target, 'below.bin') })), (error: Error) => {
    assert.ok(error instanceof DatasetError);
    assert.match(error.message, /a part of the path is a file/);
    return true;
  });
});

test('a file that was changed or damaged since is not trusted', async () => {
  const { url } = await server(file(content));
  await download(options([url]));
  await fs.writeFile(target, randomBytes(content.byteLength));
  assert.equal((await download(options([url]))).fetched, true);
  await assertComplete();
  await fs.truncate(target, 1000);
  assert.equal((await download(options([url]))).fetched, true);
  await assertComplete();
});

test('a file put there by hand is taken when it is the right one', async () => {
  await fs.writeFile(target, content);
  const nobody = await closedPort();
  assert.equal((await download(options([nobody]))).fetched, false);
  await assertComplete();
});

test('a file in a folder that can not be written is taken too', async () => {
  await fs.writeFile(target, content);
  const open = fs.open.bind(fs);
  mock.method(fs, 'open', (name: string, flags?: string) =>
    flags === 'wx' ? Promise.reject(Object.assign(new Error('EROFS'), { code: 'EROFS' })) : open(name, flags),
  );
  assert.equal((await findDownloaded(options(['http://nowhere.example'])))?.sha256, digest);
  assert.deepEqual(await listing(), ['letters.bin']);
});

test('what a process killed after its last step left is cleared away by the next', async () => {
  const { url } = await server(file(content));
  await download(options([url]));
  const gone = { token: 'x', pid: process.pid, host: os.hostname(), processStart: 1000 };
  await fs.writeFile(`${target}.lock`, JSON.stringify(gone));
  await fs.writeFile(`${target}.part.json`, '{}');
  await fs.writeFile(`${target}.part.json.1.00.tmp`, '');
  await fs.writeFile(path.join(path.dirname(target), 'other.bin.1.00.tmp'), 'of another download');
  assert.equal((await download(options([url]))).fetched, false);
  assert.deepEqual(await listing(), ['letters.bin', 'letters.bin.manifest.json', 'other.bin.1.00.tmp']);
});

test('a damaged manifest is not trusted', async () => {
  const { url } = await server(file(content));
  for (const text of ['', '{"size": 300000}', 'null', '{"size":300000,"mtimeMs":1,"sha256":"00"}']) {
    await download(options([url]));
    await fs.writeFile(`${target}.manifest.json`, text);
    await fs.writeFile(target, randomBytes(content.byteLength));
    await download(options([url]));
    await assertComplete();
  }
});

test('downloads of the same file at once fetch it once', async () => {
  const { url, requests } = await server(file(content));
  const results = await Promise.all([1, 2, 3].map(() => download(options([url]))));
  assert.equal(results.filter(({ fetched }) => fetched).length, 1);
  assert.equal(requests.length, 1);
  await assertComplete();
});

test('goes through the proxy of the environment, but not where NO_PROXY says otherwise', async () => {
  const direct = await server(file(content));
  const proxy = await server(file(content));
  const url = `${direct.url}/letters.bin?a=1`;
  process.env.HTTP_PROXY = proxy.url.replace('http://', 'http://user:p%40ss@');
  try {
    await download(options([url]));
    assert.equal(proxy.requests[0]!.url, url);
    assert.equal(proxy.requests[0]!.headers.host, new URL(url).host);
    assert.equal(
      proxy.requests[0]!.headers['proxy-authorization'],
      `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
    );
    assert.equal(direct.requests.length, 0);
    await fs.rm(target);
    process.env.NO_PROXY = '127.0.0.1';
    await download(options([url]));
    assert.equal(direct.requests.length, 1);
  } finally {
    delete process.env.HTTP_PROXY;
    delete process.env.NO_PROXY;
  }
});

test('HTTPS goes through a tunnel of the proxy', async () => {
  const proxy = http.createServer();
  const asked: string[] = [];
  proxy.on('connect', (request: IncomingMessage, socket: Duplex) => {
    asked.push(request.url ?? '');
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  process.env.HTTPS_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  try {
    await assert.rejects(download(options(['https://letters.example/a.bin'])), /the server answered 403/);
    assert.deepEqual(asked, ['letters.example:443']);
  } finally {
    delete process.env.HTTPS_PROXY;
    proxy.close();
  }
});

test('random misbehaviour ends in the right file or a clear error, never in a wrong file', async () => {
  const random = (n: number): number => Math.floor(Math.random() * n);
  const wrong = randomBytes(content.byteLength);
  const behaviours = [
    () => cutAfter(random(content.byteLength), content),
    () => cutAfter(random(content.byteLength), wrong),
    () => status(500),
    () => status(416),
    () => file(wrong, '"two"'),
    () => file(content.subarray(random(content.byteLength))),
    () => file(content),
    () => file(content),
  ];
  let completed = 0;
  for (let run = 0; run < 30; run++) {
    await fs.rm(target, { force: true });
    const script = Array.from({ length: 6 }, () => behaviours[random(behaviours.length)]!());
    const { url } = await server(...script);
    const other = await server(...script.reverse());
    try {
      await download(options([url, other.url], { retries: 2 }));
      completed++;
      await assertComplete();
    } catch (error) {
      assert.ok(error instanceof DatasetError, String(error));
      await assert.rejects(fs.stat(target));
    }
  }
  assert.ok(completed > 0);
});

test('refuses unusable options', async () => {
  const { url } = await server(file(content));
  await assert.rejects(download(options([])), /no URL/);
  await assert.rejects(download(options([url], { sha256: 'abc' })), /64 lower-case hex digits/);
  await assert.rejects(download(options([url], { size: -1 })), /whole number of bytes/);
  await assert.rejects(download(options([url], { retries: 0.5 })), /retries/);
  await assert.rejects(download(options(['not a URL'])), /is not a URL/);
});

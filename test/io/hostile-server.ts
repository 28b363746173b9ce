// What a server, a proxy or a line can do wrong, each drawn at random; for `scripted-server.ts`.

import type { IncomingMessage } from 'node:http';
import { cutAfter, drip, file, stallAfter, status, type Behaviour } from './scripted-server.js';
import type { SeededRandom } from './seeded-random.js';

/** Where the range that was asked for begins; 0 when none was. */
function rangeStart({ headers }: IncomingMessage): number {
  return Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
}

/** Answers with given headers and bytes, whatever was asked for. */
function answer(code: number, headers: Record<string, string | number>, body: Uint8Array): Behaviour {
  return (_request, response) => {
    response.writeHead(code, headers);
    response.end(body);
  };
}

/** Writes bytes to the connection as they are, without HTTP, and closes it. */
function raw(bytes: Uint8Array | string): Behaviour {
  return (request) => {
    request.socket.end(bytes);
  };
}

/** The misbehaviours by name; `content` is the right file. */
export const misbehaviours: Readonly<Record<string, (random: SeededRandom, content: Buffer) => Behaviour>> = {
  'cuts the connection': (random, content) => cutAfter(random.below(content.length), content),
  'cuts the connection in a wrong file': (random, content) =>
    cutAfter(random.below(content.length), random.bytes(content.length)),
  'cuts the connection before an answer': () => (request) => void request.socket.destroy(),
  'cuts the connection in the headers': () => raw('HTTP/1.1 200 OK\r\ncontent-le'),
  'does not speak HTTP': (random) => raw(random.bytes(50)),
  'stalls in the body': (random, content) => stallAfter(random.below(content.length), content),
  'drips one byte after the other': (random, content) => drip(random.below(content.length / 2), content),
  'stalls before an answer': () => () => undefined,
  'promises more than it sends': (_random, content) => (_request, response) => {
    response.writeHead(200, { 'content-length': content.length + 100 });
    response.write(content, () => response.destroy());
  },
  'promises less than there is': (random, content) => {
    const length = random.below(content.length);
    return answer(200, { 'content-length': length }, content.subarray(0, length));
  },
  'promises nothing and sends too little': (random, content) =>
    answer(200, { connection: 'close' }, content.subarray(0, random.below(content.length))),
  'promises nothing and sends too much': (random, content) =>
    answer(200, { connection: 'close' }, Buffer.concat([content, random.bytes(1000)])),
  'sends a wrong file of the right size': (random, content) => file(random.bytes(content.length), '"other"'),
  'sends the file with one bit changed': (random, content) => {
    const changed = Buffer.from(content);
    const at = random.below(content.length);
    changed[at] = changed[at]! ^ (1 << random.below(8));
    return file(changed);
  },
  'sends an error page as if it were the file': () => answer(200, {}, Buffer.from('<html>log in first</html>')),
  'sends the file packed': (_random, content) => answer(200, { 'content-encoding': 'gzip' }, content),
  'refuses ranges': (_random, content) => answer(200, { 'content-length': content.length }, content),
  'sends another range': (random, content) => (request, response) => {
    const start = Math.min(content.length - 1, rangeStart(request) + 1 + random.below(50));
    response.writeHead(206, { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` });
    response.end(content.subarray(start));
  },
  'sends the right range of a wrong file': (random, content) => (request, response) => {
    const start = rangeStart(request);
    response.writeHead(206, { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` });
    response.end(random.bytes(content.length - start));
  },
  'sends a range without saying which': (_random, content) => answer(206, {}, content),
  'answers 416': (random, content) =>
    status(416, { 'content-range': `bytes */${random.pick([0, content.length, 2 ** 40])}` }),
  'answers 429': (random) => status(429, { 'retry-after': random.pick(['0', '-1', 'soon', '100000']) }),
  'answers 500': () => status(500),
  'answers 503': () => status(503, { 'retry-after': new Date(Date.now() - 1000).toUTCString() }),
  'answers 404': () => status(404),
  'answers 204': () => status(204),
  'redirects in a circle': () => status(302, { location: '/' }),
  'redirects to nowhere': () => status(301),
  'redirects out of HTTP': (random) =>
    status(302, { location: random.pick(['file:///etc/passwd', 'ftp://a/b', '//']) }),
  'redirects to itself, once': (_random, content) => (request, response) => {
    if (request.url === '/moved') file(content)(request, response);
    else status(307, { location: '/moved' })(request, response);
  },
};

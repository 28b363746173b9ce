// An HTTP server on this machine that misbehaves as it is told: each request is answered by the next behaviour of a list,
// the last of which stays.

import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

export interface ScriptedServer {
  readonly url: string;
  readonly requests: IncomingMessage[];
  close(): Promise<void>;
}

export async function serve(...behaviours: Behaviour[]): Promise<ScriptedServer> {
  const requests: IncomingMessage[] = [];
  const server = http.createServer((request, response) => {
    const behaviour = behaviours[Math.min(requests.length, behaviours.length - 1)]!;
    requests.push(request);
    behaviour(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<string> {
  const server = await serve(() => undefined);
  await server.close();
  return server.url;
}

/** Serves bytes as a well-behaved server does: ranges, ETag, If-Range. */
export function file(content: Uint8Array, etag = '"one"'): Behaviour {
  return (request, response) => {
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const condition = request.headers['if-range'];
    response.setHeader('etag', etag);
    if (range === null || (condition !== undefined && condition !== etag)) {
      response.writeHead(200, { 'content-length': content.byteLength });
      response.end(content);
      return;
    }
    const start = Number(range[1]);
    if (start >= content.byteLength) {
      response.writeHead(416, { 'content-range': `bytes */${content.byteLength}` });
      response.end();
      return;
    }
    response.writeHead(206, {
      'content-length': content.byteLength - start,
      'content-range': `bytes ${start}-${content.byteLength - 1}/${content.byteLength}`,
    });
    response.end(content.subarray(start));
  };
}

/** Promises the whole and breaks the connection after `bytes` of what was asked for. */
export function cutAfter(bytes: number, content: Uint8Array, etag = '"one"'): Behaviour {
  return (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, {
      etag,
      'content-length': content.byteLength - start,
      ...(start > 0 && { 'content-range': `bytes ${start}-${content.byteLength - 1}/${content.byteLength}` }),
    });
    response.write(content.subarray(start, start + bytes), () => response.destroy());
    if (bytes === 0) response.flushHeaders();
  };
}

/** Sends some bytes and then nothing more, without closing the connection. */
export function stallAfter(bytes: number, content: Uint8Array): Behaviour {
  return (_request, response) => {
    response.writeHead(200, { 'content-length': content.byteLength, etag: '"one"' });
    response.write(content.subarray(0, bytes));
  };
}

/** Sends some bytes, then one every few milliseconds, and never comes to an end. */
export function drip(bytes: number, content: Uint8Array): Behaviour {
  return (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, {
      etag: '"one"',
      'content-length': content.byteLength - start,
      ...(start > 0 && { 'content-range': `bytes ${start}-${content.byteLength - 1}/${content.byteLength}` }),
    });
    let at = start + bytes;
    response.write(content.subarray(start, at));
    const timer = setInterval(() => {
      if (at < content.byteLength) response.write(content.subarray(at, ++at));
    }, 5);
    response.on('close', () => clearInterval(timer));
  };
}

export function status(code: number, headers: Record<string, string> = {}): Behaviour {
  return (_request, response) => {
    response.writeHead(code, headers);
    response.end('no');
  };
}

// One attempt to bring a partial file to its end from one URL: asks for what is missing, makes sure that the answer fits
// what is there, and writes it. Failed requests and cut connections are TransferFailures; disk errors pass as they are.

import { writeFully } from './atomic-file.js';
import { get, TransferFailure, type Answer } from './http-request.js';
import type { PartialFile } from './partial-file.js';

export interface TransferOptions {
  /** The size the file must have, where it is known beforehand. */
  readonly size: number | undefined;
  /** The most bytes to accept where the size is not known. */
  readonly maxSize: number;
  /** Whether the whole is checked against a checksum afterwards, so that parts of different origin may be joined. */
  readonly verified: boolean;
  readonly connectTimeout: number;
  /** Milliseconds without a byte after which the connection is given up. */
  readonly stallTimeout: number;
  /** Bytes per second, over that time, below which it is given up too. */
  readonly minSpeed: number;
  readonly signal: AbortSignal | undefined;
  readonly onBytes: (received: number, total: number | undefined) => void;
}

/** @returns whether the file now consists of more than this one answer */
export async function transfer(
  url: string,
  part: PartialFile,
  options: TransferOptions,
): Promise<{ resumed: boolean }> {
  const { size, verified, connectTimeout, signal } = options;
  let have = await part.size();
  if (have > 0 && have === size && verified) return { resumed: true };
  const origin = await part.origin();
  const validator = origin?.url === url ? origin.validator : undefined;
  if (have > 0 && ((size !== undefined && have >= size) || (validator === undefined && !verified))) {
    await part.discard();
    have = 0;
  }
  const answer = await get(url, {
    headers: have === 0 ? {} : { range: `bytes=${have}-`, ...(validator !== undefined && { 'if-range': validator }) },
    connectTimeout,
    downgrade: verified,
    signal,
  });
  try {
    const plan = judge(answer, have, options);
    if (plan.action === 'complete') return { resumed: true };
    if (plan.action === 'discard') {
      await part.discard();
      throw new TransferFailure(plan.reason, 'often');
    }
    await receive(url, answer, part, plan.start, plan.total, options);
    return { resumed: plan.start > 0 };
  } finally {
    answer.body.abandon();
  }
}

type Plan =
  | { action: 'receive'; start: number; total: number | undefined }
  /** Nothing is missing. */
  | { action: 'complete' }
  /** What is there doesn't belong to what the server has. */
  | { action: 'discard'; reason: string };

function judge({ status, headers }: Answer, have: number, options: TransferOptions): Plan {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new TransferFailure(`the server sends the file encoded as '${encoding}', which was not asked for`, 'never');
  }
  if (status === 416) {
    const total = /^bytes \*\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1];
    if (have > 0 && total !== undefined && Number(total) === have) return { action: 'complete' };
    if (have > 0) return { action: 'discard', reason: `the server has nothing beyond byte ${have}` };
    throw new TransferFailure('the server answered 416 Range Not Satisfiable', 'never');
  }
  if (status === 206) {
    const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers['content-range'] ?? '');
    if (have === 0 || range === null) throw new TransferFailure('the server sent an unusable range', 'never');
    if (Number(range[1]) !== have) return { action: 'discard', reason: 'the server sent another range than asked for' };
    const total = range[3] === '*' ? undefined : Number(range[3]);
    checkTotal(total, options);
    return { action: 'receive', start: have, total: total ?? options.size };
  }
  const length = headers['content-length'];
  const total = length === undefined ? undefined : Number(length);
  checkTotal(total, options);
  return { action: 'receive', start: 0, total: total ?? options.size };
}

function checkTotal(total: number | undefined, { size, maxSize }: TransferOptions): void {
  if (total === undefined) return;
  if (size !== undefined && total !== size) {
    throw new TransferFailure(
      `the server offers ${total} bytes where the file has ${size}: it is another file`,
      'never',
    );
  }
  if (size === undefined && total > maxSize) {
    throw new TransferFailure(`the file has ${total} bytes, more than the ${maxSize} that are accepted`, 'never');
  }
}

async function receive(
  url: string,
  { headers, body }: Answer,
  part: PartialFile,
  start: number,
  total: number | undefined,
  { maxSize, stallTimeout, minSpeed, signal, onBytes }: TransferOptions,
): Promise<void> {
  const validator = strongValidator(headers);
  const handle =
    start > 0 ? await part.resume() : await part.start({ url, ...(validator !== undefined && { validator }) });
  const stalled = setTimeout(() => {
    body.abandon(new TransferFailure(`no data for ${stallTimeout / 1000} s`, 'often'));
  }, stallTimeout);
  const abort = (): void => void body.abandon(signal?.reason as Error);
  signal?.addEventListener('abort', abort, { once: true });
  let received = start;
  let before = start;
  // A server that sends a byte now and then never stalls.
  const dripping = setInterval(() => {
    const arrived = received - before;
    before = received;
    if (arrived * 1000 >= minSpeed * stallTimeout) return;
    body.abandon(new TransferFailure(`only ${arrived} bytes in ${stallTimeout / 1000} s`, 'once'));
  }, stallTimeout);
  let writing = false;
  try {
    signal?.throwIfAborted();
    onBytes(received, total);
    for await (const chunk of body) {
      if (received + chunk.byteLength > (total ?? maxSize)) {
        throw new TransferFailure(`the server sends more than ${total ?? maxSize} bytes`, 'never');
      }
      writing = true;
      await writeFully(handle, chunk, received);
      writing = false;
      received += chunk.byteLength;
      stalled.refresh();
      onBytes(received, total);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (writing || error instanceof TransferFailure) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const missing = total === undefined ? '' : ` of ${total}`;
    throw new TransferFailure(`the connection broke off after ${received}${missing} bytes (${reason})`, 'often', {
      cause: error,
    });
  } finally {
    clearTimeout(stalled);
    clearInterval(dripping);
    signal?.removeEventListener('abort', abort);
    await handle.close();
  }
  if (total !== undefined && received < total) {
    throw new TransferFailure(`the connection broke off after ${received} of ${total} bytes`, 'often');
  }
}

/** What a later request can ask the server to compare; a weak ETag promises too little to join bytes by. */
function strongValidator(headers: Answer['headers']): string | undefined {
  const { etag } = headers;
  return etag !== undefined && !etag.startsWith('W/') ? etag : headers['last-modified'];
}

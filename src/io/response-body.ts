// The body of an HTTP answer that loses nothing of what has arrived: Node drops what is buffered in a response when its
// connection breaks, and on a bad line those bytes are all the progress there is.

import type { IncomingMessage } from 'node:http';

/** Buffered bytes beyond which the sender is held up. */
const limit = 4 << 20;

/** To be made in the `response` event, before anything is awaited. Read it once, with `for await`. */
export class ResponseBody implements AsyncIterable<Buffer> {
  private readonly chunks: Buffer[] = [];
  private buffered = 0;
  private outcome: 'open' | 'complete' | Error = 'open';
  private wake: () => void = () => undefined;

  constructor(private readonly response: IncomingMessage) {
    response.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.buffered += chunk.byteLength;
      if (this.buffered > limit) response.pause();
      this.wake();
    });
    response.on('end', () => this.settle('complete'));
    response.on('error', (error) => this.settle(error));
    response.on('close', () => this.settle(new Error('closed early')));
  }

  /** Yields all that arrives, then throws if it was not all there is. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      const chunk = this.chunks.shift();
      if (chunk !== undefined) {
        this.buffered -= chunk.byteLength;
        if (this.response.isPaused() && this.buffered < limit / 2) this.response.resume();
        yield chunk;
      } else if (this.outcome === 'open') {
        await new Promise<void>((resolve) => (this.wake = resolve));
      } else if (this.outcome === 'complete') {
        return;
      } else {
        throw this.outcome;
      }
    }
  }

  /** Gives the connection up; a reader gets what has arrived and then `reason`. */
  abandon(reason?: Error): void {
    this.response.destroy(reason);
  }

  private settle(outcome: 'complete' | Error): void {
    if (this.outcome === 'open') this.outcome = outcome;
    this.wake();
  }
}

// One side of a comparison: a process that measures rows, talked to over its standard input and output (see measure.ts).

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';

export interface SetUp {
  readonly repeats: number;
  readonly flops?: number;
  readonly bytes?: number;
  /** Why the row can't be had there; only libraries that are guests say so. */
  readonly missing?: string;
}

export class Side {
  private readonly child: ChildProcess;
  private readonly lines: Interface;
  private waiting: { resolve: (line: string) => void; reject: (error: Error) => void } | undefined;

  constructor(
    /** What the side is called in the results: `flambeau`, `PyTorch 2/1`. */
    readonly name: string,
    command: string,
    args: readonly string[],
    { env = {}, cwd }: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
  ) {
    this.child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
    this.lines = createInterface({ input: this.child.stdout! });
    this.lines.on('line', (line) => {
      // What a library prints of its own accord is not an answer.
      if (line.startsWith('{')) this.waiting?.resolve(line);
    });
    this.child.on('error', (error) => this.waiting?.reject(error));
    this.child.on('exit', (code, signal) =>
      this.waiting?.reject(new Error(`${name}: its process ended with ${signal ?? `status ${code}`}`)),
    );
    // A process that died is noticed by its exit.
    this.child.stdin!.on('error', () => {});
  }

  private async ask<T>(line: string): Promise<T> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) {
      throw new Error(`${this.name}: its process has ended`);
    }
    const answer = new Promise<string>((resolve, reject) => {
      this.waiting = { resolve, reject };
    });
    this.child.stdin!.write(`${line}\n`);
    try {
      return JSON.parse(await answer) as T;
    } finally {
      this.waiting = undefined;
    }
  }

  setUp(row: string): Promise<SetUp> {
    return this.ask(`setup ${row}`);
  }

  /** Seconds of one unit, the median over `duration` seconds of runs. */
  async round(duration: number): Promise<number> {
    return (await this.ask<{ seconds: number }>(`round ${duration}`)).seconds;
  }

  /** Ends the process; the most resident memory it had, in bytes. */
  async end(): Promise<number> {
    const { peak } = await this.ask<{ peak: number }>('end');
    await this.close();
    return peak;
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.stdin!.end();
    this.child.kill();
    await gone;
  }
}

// A progress line for what is mostly over at once: it appears when something takes longer than a second, and then only where it is
// watched.

import { isTerminal, Progress, type ProgressMode, type ProgressOptions } from './progress.js';

const delay = 1000;

/** How a line is shown that nobody asked for: a bar on a terminal, nothing elsewhere. */
export function quietMode(mode: ProgressMode = 'auto'): Exclude<ProgressMode, 'auto'> {
  if (mode !== 'auto') return mode;
  return isTerminal(process.stderr) ? 'bar' : 'none';
}

export class LateLine {
  private readonly options: ProgressOptions;
  private readonly started = performance.now();
  private line: Progress | undefined;

  constructor({ mode, ...options }: Omit<ProgressOptions, 'mode'> & { readonly mode: ProgressMode | undefined }) {
    this.options = { ...options, mode: quietMode(mode) };
  }

  /** Tells how much is done in all. */
  update(done: number): void {
    if (this.options.mode === 'none') return;
    if (this.line === undefined && performance.now() - this.started < delay) return;
    this.line ??= new Progress(this.options);
    this.line.update(done);
  }

  /** Ends the line, if there is one. */
  finish(): void {
    this.line?.finish();
  }
}

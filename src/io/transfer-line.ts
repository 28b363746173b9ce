// A progress line for downloads, made when the first byte is reported: what is there already shows nothing.

import type { DownloadProgress } from './download.js';
import { Progress, type ProgressMode } from './progress.js';

export class TransferLine {
  private line: Progress | undefined;

  constructor(private readonly mode: ProgressMode) {}

  /** To be given to `download` as its `progress`. */
  readonly report = ({ file, received, total }: DownloadProgress): void => {
    this.line ??= new Progress({ label: file, total, unit: 'bytes', mode: this.mode, initial: received });
    this.line.update(received, undefined, total);
  };

  /** Ends the line, whether the download succeeded or not. */
  finish(): void {
    this.line?.finish();
  }
}

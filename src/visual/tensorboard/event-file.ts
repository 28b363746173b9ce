// A file of events: records with checksums (TFRecord), gathered and written now and then.
// https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { FlambeauError, ValueError } from '../../errors.js';
import { explainDiskError } from '../../io/disk-error.js';
import { maskedCrc32c } from './crc32c.js';

/** How many files this process has opened: two within a second need different names. */
let opened = 0;
/** What a program that ends without `close` still has to write. */
const open = new Set<EventFile>();

function flushAll(): void {
  for (const file of open) {
    try {
      file.flush();
    } catch (error) {
      process.stderr.write(`${String(error)}\n`);
    }
  }
}

export interface EventFileOptions {
  /** So many events are gathered before they are written. */
  readonly maxQueue: number;
  /** After so many seconds they are written even if they are fewer. */
  readonly flushSecs: number;
  readonly filenameSuffix: string;
}

export class EventFile {
  readonly path: string;
  private descriptor: number | undefined;
  private queue: Uint8Array[] = [];
  private written = 0;
  private timer: NodeJS.Timeout | undefined;

  /** Creates a file of its own in a folder. @throws FlambeauError when the disk does not let it */
  constructor(
    folder: string,
    private readonly options: EventFileOptions,
  ) {
    const seconds = String(Math.floor(Date.now() / 1000)).padStart(10, '0');
    // TensorBoard reads every file with `tfevents` in its name, the seconds decide the order.
    const name = `events.out.tfevents.${seconds}.${os.hostname()}.${process.pid}.${opened++}${options.filenameSuffix}`;
    this.path = path.join(folder, name);
    try {
      fs.mkdirSync(folder, { recursive: true });
      this.descriptor = fs.openSync(this.path, 'wx');
    } catch (error) {
      throw this.unwritable(error);
    }
    if (open.size === 0) process.on('exit', flushAll);
    open.add(this);
  }

  /** Takes an event; it is written when enough came together. @throws ValueError once the file is closed */
  add(event: Uint8Array): void {
    if (this.descriptor === undefined) throw new ValueError(`${this.path} is closed: open another SummaryWriter`);
    this.queue.push(record(event));
    if (this.queue.length >= this.options.maxQueue) return this.flush();
    // The timer holds no process open: at its end the rest is written anyway.
    this.timer ??= setTimeout(() => this.flush(), this.options.flushSecs * 1000).unref();
  }

  /** Writes what came together. @throws FlambeauError when the disk does not let it; nothing is lost, nothing half written */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.descriptor === undefined || this.queue.length === 0) return;
    const bytes = Buffer.concat(this.queue);
    try {
      for (let done = 0; done < bytes.length;) {
        done += fs.writeSync(this.descriptor, bytes, done, bytes.length - done, this.written + done);
      }
    } catch (error) {
      // Half a record would make readers give up on all that follow.
      fs.ftruncateSync(this.descriptor, this.written);
      throw this.unwritable(error);
    }
    this.written += bytes.length;
    this.queue = [];
  }

  /** Writes the rest and closes the file. Further calls do nothing. */
  close(): void {
    if (this.descriptor === undefined) return;
    this.flush();
    fs.closeSync(this.descriptor);
    this.descriptor = undefined;
    open.delete(this);
    if (open.size === 0) process.off('exit', flushAll);
  }

  private unwritable(error: unknown): FlambeauError {
    return new FlambeauError(`SummaryWriter: can't write ${this.path}: ${explainDiskError(error)}`, { cause: error });
  }
}

/** Length, checksum of the length, data, checksum of the data. */
function record(data: Uint8Array): Uint8Array {
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(data.length));
  head.writeUInt32LE(maskedCrc32c(head.subarray(0, 8)), 8);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(maskedCrc32c(data));
  return Buffer.concat([head, data, tail]);
}

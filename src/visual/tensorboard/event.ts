// TensorBoard's events as bytes. The fields and their numbers are those of event.proto, summary.proto and tensor.proto in
// https://github.com/tensorflow/tensorboard/tree/master/tensorboard/compat/proto

import type { Image } from '../../io/image.js';
import { encodePng } from '../../io/png.js';
import type { Histogram } from './histogram.js';
import { bytes, double, doubles, float, integer, message, text } from './wire.js';

/** When something happened: at which step, and in seconds since 1970. */
export interface Moment {
  readonly step: number;
  readonly walltime: number;
}

const moment = ({ step, walltime }: Moment): Uint8Array[] => [double(1, walltime), integer(2, step)];

/** The first event of every file. */
export function versionEvent(at: Moment): Uint8Array {
  return Buffer.concat([...moment(at), text(3, 'brain.Event:2')]);
}

/** Says that events of this step and later ones that stand before it are void. */
export function startEvent(at: Moment): Uint8Array {
  const start = 1;
  return Buffer.concat([...moment(at), message(7, integer(1, start))]);
}

/** An event with one value. */
export function summaryEvent(at: Moment, tag: string, value: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([...moment(at), message(5, message(1, text(1, tag), ...value))]);
}

export function scalarValue(value: number): Uint8Array[] {
  return [float(2, value)];
}

export function imageValue(image: Image): Uint8Array[] {
  const { height, width, channels } = image;
  return [message(4, integer(1, height), integer(2, width), integer(3, channels), bytes(4, encodePng(image)))];
}

export function histogramValue({ min, max, count, sum, sumOfSquares, limits, counts }: Histogram): Uint8Array[] {
  const range = [double(1, min), double(2, max), double(3, count), double(4, sum), double(5, sumOfSquares)];
  return [message(5, ...range, doubles(6, limits), doubles(7, counts))];
}

/** A text, which TensorBoard shows as Markdown. */
export function textValue(value: string): Uint8Array[] {
  const strings = 7;
  const oneElement = message(2, message(2, integer(1, 1)));
  const tensor = message(8, integer(1, strings), oneElement, text(8, value));
  const metadata = message(9, message(1, text(1, 'text'), bytes(2, integer(1, 0))));
  return [metadata, tensor];
}

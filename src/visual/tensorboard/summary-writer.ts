// Event files for TensorBoard, as `torch.utils.tensorboard` writes them.

import os from 'node:os';
import path from 'node:path';
import { ShapeError, ValueError } from '../../errors.js';
import { show } from '../../tensor/shape.js';
import { Tensor } from '../../tensor/tensor.js';
import { gridImage } from '../image-grid.js';
import { toImages } from '../pixels.js';
import { histogramValue, imageValue, scalarValue, startEvent, summaryEvent, textValue, versionEvent } from './event.js';
import { EventFile, type EventFileOptions } from './event-file.js';
import { makeHistogram } from './histogram.js';

/** Where a `SummaryWriter` writes, and when. */
export interface SummaryWriterOptions {
  /** The folder of this run; default `runs/<time>_<host><comment>`. TensorBoard compares the runs below a folder. */
  readonly logDir?: string | undefined;
  /** What to put behind the default folder's name. */
  readonly comment?: string | undefined;
  /** Voids what earlier files of the folder have from this step on: for a run that goes on after a crash. */
  readonly purgeStep?: number | undefined;
  /** How many events are gathered before they are written; default 10. */
  readonly maxQueue?: number | undefined;
  /** After how many seconds they are written even if they are fewer; default 120. */
  readonly flushSecs?: number | undefined;
  /** What to put behind the names of the files. */
  readonly filenameSuffix?: string | undefined;
}

/** What can be said of a single event. */
export interface EventOptions {
  /** Seconds since 1970; default now. */
  readonly walltime?: number | undefined;
}

/** The order of a picture's dims. */
export type ImageFormat = 'CHW' | 'HWC' | 'HW';

/**
 * Writes what a training run measures to files that TensorBoard shows (`tensorboard --logdir runs`).
 * https://pytorch.org/docs/1.13/tensorboard.html
 *
 * ```ts
 * const writer = new SummaryWriter({ logDir: 'runs/letters' });
 * writer.addScalar('loss/train', loss, step);
 * writer.addHistogram('fc/weight', model.fc.weight, step);
 * writer.close();
 * ```
 * Calls return at once: events are gathered and written ten at a time, after two minutes, with `flush`, with `close`, and
 * when the program ends. What a killed process had gathered is lost.
 */
export class SummaryWriter {
  readonly logDir: string;
  private readonly fileOptions: EventFileOptions;
  private readonly purgeStep: number | undefined;
  private readonly file: EventFile;
  /** The files of `addScalars`, by their folders. */
  private readonly branches = new Map<string, EventFile>();

  /** @throws ValueError for options that make no sense, FlambeauError when the folder can't be written */
  constructor(options: SummaryWriterOptions = {}) {
    if (typeof options !== 'object' || options === null) {
      throw new ValueError(`SummaryWriter: expected options, { logDir: 'runs/first' }, got ${String(options)}`);
    }
    const { comment = '', purgeStep, maxQueue = 10, flushSecs = 120, filenameSuffix = '' } = options;
    if (!(maxQueue >= 1)) throw new ValueError(`SummaryWriter: maxQueue must be at least 1, got ${maxQueue}`);
    if (!(flushSecs > 0 && flushSecs < 2 ** 21)) {
      throw new ValueError(`SummaryWriter: flushSecs must be above 0 and below 2^21, got ${flushSecs}`);
    }
    this.logDir = options.logDir ?? path.join('runs', `${nameOfNow()}_${os.hostname()}${comment}`);
    this.purgeStep = purgeStep;
    this.fileOptions = { maxQueue, flushSecs, filenameSuffix };
    this.file = this.openFile(this.logDir);
  }

  /**
   * A number at a step: the loss, the accuracy, the learning rate.
   * @param value a number, or a tensor of one element; TensorBoard keeps it as float32
   */
  addScalar(tag: string, value: number | Tensor, globalStep = 0, options: EventOptions = {}): void {
    this.write(this.file, tag, scalarValue(scalarOf(tag, value)), globalStep, options);
  }

  /** Several numbers in one chart. As in PyTorch, each becomes a run of its own: `<logDir>/<tag>_<name>`. */
  addScalars(
    mainTag: string,
    values: Readonly<Record<string, number | Tensor>>,
    globalStep = 0,
    options: EventOptions = {},
  ): void {
    for (const [name, value] of Object.entries(values)) {
      const folder = path.join(this.logDir, `${mainTag.replaceAll('/', '_')}_${name.replaceAll(/[/\\]/g, '_')}`);
      let file = this.branches.get(folder);
      if (file === undefined) this.branches.set(folder, (file = this.openFile(folder)));
      this.write(file, mainTag, scalarValue(scalarOf(mainTag, value)), globalStep, options);
    }
  }

  /**
   * A picture `[C, H, W]` with 1, 3 or 4 channels: floats from 0 to 1, or uint8.
   * @param options.dataformats the order of its dims; default `CHW`
   */
  addImage(
    tag: string,
    image: Tensor,
    globalStep = 0,
    options: EventOptions & { readonly dataformats?: ImageFormat } = {},
  ): void {
    const { dataformats = 'CHW' } = options;
    if (image.ndim !== dataformats.length) {
      throw new ShapeError(
        `addImage: expected a picture [${dataformats.split('').join(', ')}], got ${show(image.shape)}`,
      );
    }
    const ordered =
      dataformats === 'HWC' ? image.permute([2, 0, 1]) : dataformats === 'HW' ? image.unsqueeze(0) : image;
    const [picture] = toImages(ordered.unsqueeze(0), { range: rangeOf(image) }, 'addImage');
    this.write(this.file, tag, imageValue(picture!), globalStep, options);
  }

  /** Pictures of one size `[N, C, H, W]` as a grid, eight in a row. */
  addImages(tag: string, images: Tensor, globalStep = 0, options: EventOptions = {}): void {
    const tiles = toImages(images, { range: rangeOf(images) }, 'addImages').map((image) => ({ image }));
    this.write(this.file, tag, imageValue(gridImage(tiles, { columns: 8 })), globalStep, options);
  }

  /**
   * How the values of a tensor are spread: weights, gradients, activations.
   * @param options.bins the ends of the bins; default TensorFlow's, each a tenth wider than the one before
   * @throws ValueError when there are no values, or one is not finite
   */
  addHistogram(
    tag: string,
    values: Tensor | ArrayLike<number>,
    globalStep = 0,
    options: EventOptions & { readonly bins?: readonly number[] } = {},
  ): void {
    const numbers = values instanceof Tensor ? values.detach().data() : values;
    this.write(this.file, tag, histogramValue(makeHistogram(numbers, options.bins)), globalStep, options);
  }

  /** A text, shown as Markdown. */
  addText(tag: string, text: string, globalStep = 0, options: EventOptions = {}): void {
    this.write(this.file, `${tag}/text_summary`, textValue(text), globalStep, options);
  }

  /** Writes to the disk what was added so far. @throws FlambeauError when the disk does not let it */
  flush(): void {
    for (const file of this.files()) file.flush();
  }

  /** Writes the rest and closes the files; a closed writer takes nothing more. */
  close(): void {
    for (const file of this.files()) file.close();
  }

  private files(): EventFile[] {
    return [this.file, ...this.branches.values()];
  }

  private openFile(folder: string): EventFile {
    const file = new EventFile(folder, this.fileOptions);
    const at = { step: this.purgeStep ?? 0, walltime: Date.now() / 1000 };
    file.add(versionEvent(at));
    if (this.purgeStep !== undefined) file.add(startEvent(at));
    // A run is seen by TensorBoard from its first second.
    file.flush();
    return file;
  }

  private write(
    file: EventFile,
    tag: string,
    value: readonly Uint8Array[],
    step: number,
    { walltime = Date.now() / 1000 }: EventOptions,
  ): void {
    if (typeof tag !== 'string' || tag === '')
      throw new ValueError('SummaryWriter: a tag must be a text that is not empty');
    if (!Number.isSafeInteger(step))
      throw new ValueError(`SummaryWriter: '${tag}': globalStep must be a whole number, got ${step}`);
    file.add(summaryEvent({ step, walltime }, tag, value));
  }
}

/** Floats are taken from 0 to 1 whatever they are, as in PyTorch; only bytes have a range of their own. */
function rangeOf({ dtype }: Tensor): [number, number] | undefined {
  return dtype === 'uint8' || dtype === 'bool' ? undefined : [0, 1];
}

function scalarOf(tag: string, value: number | Tensor): number {
  if (typeof value === 'number') return value;
  if (value instanceof Tensor && value.numel() === 1) return Number(value.item());
  const shown = value instanceof Tensor ? `a tensor ${show(value.shape)}` : String(value);
  throw new ValueError(`SummaryWriter: '${tag}' must be a number or a tensor of one element, got ${shown}`);
}

/** `Nov25_09-30-05` */
function nameOfNow(): string {
  const now = new Date();
  const two = (value: number): string => String(value).padStart(2, '0');
  const month = now.toLocaleString('en-US', { month: 'short' });
  return `${month}${two(now.getDate())}_${[now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join('-')}`;
}

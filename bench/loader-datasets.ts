// The data sets of the loader's measurements, as a user writes them; those of loader.py do the same work. In a module of their
// own, which worker threads import.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromTypedArray, io, type Tensor } from 'flambeau';
import { Dataset } from 'flambeau/data';

export type Sample = [image: Tensor, label: number];

const pixels = 28 * 28;

/** Ten thousand pictures in one array. */
export class ArrayDataset extends Dataset<Sample> {
  static readonly moduleUrl = import.meta.url;
  readonly length = 10_000;
  private readonly images = new Uint8Array(new SharedArrayBuffer(this.length * pixels));
  private readonly labels = new Uint8Array(new SharedArrayBuffer(this.length));

  constructor() {
    super();
    for (let i = 0; i < this.images.length; i++) this.images[i] = Math.random() * 256;
    for (let i = 0; i < this.length; i++) this.labels[i] = Math.random() * 10;
  }

  getItem(index: number): Sample {
    const image = fromTypedArray(this.images.subarray(index * pixels, (index + 1) * pixels), [28, 28]);
    return [image.float().div_(255).sub_(0.1307).div_(0.3081).unsqueeze(0), this.labels[index]!];
  }
}

/** Five thousand PNG files, each read and decoded when it is asked for. */
export class PngDataset extends Dataset<Sample> {
  static readonly moduleUrl = import.meta.url;
  readonly length = 5000;
  private readonly labels = Uint8Array.from({ length: this.length }, () => Math.random() * 10);

  constructor(readonly folder: string = join(tmpdir(), 'flambeau-bench-png')) {
    super();
    if (existsSync(join(folder, `${this.length - 1}.png`))) return;
    mkdirSync(folder, { recursive: true });
    for (let i = 0; i < this.length; i++) writeFileSync(join(folder, `${i}.png`), io.encodePng(strokes()));
  }

  getItem(index: number): Sample {
    const path = join(this.folder, `${index}.png`);
    const { data, height, width } = io.decodePng(readFileSync(path), path);
    const image = fromTypedArray(data, [height, width]);
    return [image.float().div_(255).sub_(0.1307).div_(0.3081).unsqueeze(0), this.labels[index]!];
  }
}

/** Something like a digit: a few smooth strokes on black. */
function strokes(): io.Image {
  const light = new Float64Array(pixels);
  for (let stroke = 0; stroke < 3; stroke++) {
    const [x, y, width] = [6 + 16 * Math.random(), 6 + 16 * Math.random(), 4 + 12 * Math.random()];
    for (let i = 0; i < pixels; i++) {
      light[i]! += 255 * Math.exp(-(((i % 28) - x) ** 2 + (Math.floor(i / 28) - y) ** 2) / width);
    }
  }
  const data = Uint8Array.from(light, (value) => (value < 16 ? 0 : Math.min(value, 255)));
  return { data, width: 28, height: 28, channels: 1 };
}

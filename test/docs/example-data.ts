// The small folders of images, texts and sounds, and the tables, that the guide's programs read, drawn from fixed seeds.

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PNG } from 'pngjs';
import { media, plain, writeParquet } from '../datasets/table-fixtures.js';

/** Numbers from 0 to 1, the same in each run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

/** A picture of 40x40 pixels with a bright circle or cross somewhere on a dark, noisy ground. */
function picture(shape: 'circle' | 'cross', random: () => number): Buffer {
  const size = 40;
  const png = new PNG({ width: size, height: size });
  const radius = 8 + random() * 6;
  const [cx, cy] = [radius + random() * (size - 2 * radius), radius + random() * (size - 2 * radius)];
  const colour = [random(), random(), random()].map((part) => 150 + 105 * part);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [dx, dy] = [Math.abs(x - cx), Math.abs(y - cy)];
      const inside =
        shape === 'circle'
          ? dx * dx + dy * dy <= radius * radius
          : Math.max(dx, dy) <= radius && Math.min(dx, dy) <= radius / 4;
      for (let c = 0; c < 3; c++) png.data[(y * size + x) * 4 + c] = inside ? colour[c]! : random() * 60;
      png.data[(y * size + x) * 4 + 3] = 255;
    }
  }
  return PNG.sync.write(png);
}

/** Half a second of a tone or of noise: WAV, 16 bits, 8000 samples a second. */
function sound(kind: 'tone' | 'noise', random: () => number): Buffer {
  const frames = 4000;
  const wav = Buffer.alloc(44 + frames * 2);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + frames * 2, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(8000, 24);
  wav.writeUInt32LE(16000, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(frames * 2, 40);
  const frequency = 200 + random() * 400;
  for (let i = 0; i < frames; i++) {
    const value = kind === 'tone' ? Math.sin((2 * Math.PI * frequency * i) / 8000) : random() * 2 - 1;
    wav.writeInt16LE(Math.round(value * 20000), 44 + i * 2);
  }
  return wav;
}

const reviews = {
  bad: ['dull and far too long', 'a waste of time'],
  good: ['a joy', 'a joy from start to end'],
};

const houses = [
  'rooms,area,garden,town,price',
  '3,71.5,true,Lyon,245000',
  '2,48,false,Nantes,182000',
  '5,120,true,Lille,390000',
];

const starred = [
  { text: 'a joy', stars: 5 },
  { text: 'dull pictures', stars: 1 },
];

/** Circles and crosses by turns, in a table as the Hugging Face Hub has them. */
async function writeShapes(folder: string, random: () => number): Promise<void> {
  const names = ['circle', 'cross'] as const;
  const labels = [0, 1, 0, 1, 0, 1] as const;
  const pictures = labels.map((label, i) => ({ bytes: picture(names[label], random), path: `${i}.png` }));
  const columns = [media('image', pictures), plain('label', { type: 'INT64' }, labels.map(BigInt))];
  const features = { image: { _type: 'Image' }, label: { _type: 'ClassLabel', names } };
  await writeParquet(join(folder, 'train-00000-of-00001.parquet'), columns, { features });
}

/** Writes `photos/`, `reviews/`, `speech/`, `shapes/`, `houses.csv` and `reviews.jsonl` into a folder. */
export async function prepareFolder(folder: string): Promise<void> {
  const random = numbers(7);
  for (const shape of ['circle', 'cross'] as const) {
    for (let i = 1; i <= 40; i++)
      await write(join(folder, 'photos', 'train', shape, `${i}.png`), picture(shape, random));
    for (let i = 1; i <= 10; i++)
      await write(join(folder, 'photos', 'test', shape, `${i}.png`), picture(shape, random));
  }
  for (const [label, texts] of Object.entries(reviews)) {
    for (const [i, text] of texts.entries()) await write(join(folder, 'reviews', label, `${i + 1}.txt`), `${text}\n`);
  }
  for (const kind of ['tone', 'noise'] as const) {
    for (let i = 1; i <= 2; i++) await write(join(folder, 'speech', kind, `${i}.wav`), sound(kind, random));
  }
  await write(join(folder, 'houses.csv'), `${houses.join('\n')}\n`);
  await write(join(folder, 'reviews.jsonl'), starred.map((row) => `${JSON.stringify(row)}\n`).join(''));
  await writeShapes(join(folder, 'shapes'), random);
}

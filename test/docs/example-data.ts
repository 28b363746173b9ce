// The small folders of images, texts and sounds that the guide's programs read, drawn from fixed seeds.

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PNG } from 'pngjs';

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

/** Writes `photos/`, `reviews/` and `speech/` into a folder. */
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
}

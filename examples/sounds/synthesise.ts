// Makes the sounds of this example: half a second each of six kinds of instruments at random pitches and loudness, in some noise,
// as WAV files of 16 bits and 8,000 samples per second, in a folder for each kind. The same files every time.
//
//   npx tsx examples/sounds/synthesise.ts FOLDER

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Generator } from 'flambeau';

export const RATE = 8000;
const FRAMES = 4000;
/** How many sounds of each kind are made; the last ones are for testing. */
export const PER_KIND = 80;
export const FOR_TESTING = 20;

const generator = new Generator();

/** A random number from `low` to `high`. */
function between(low: number, high: number): number {
  return low + ((high - low) * generator.random()) / 2 ** 32;
}

/** A sum of sines with the given loudness at multiples of a pitch, as far as the rate can hold them. */
function partials(
  pitch: number,
  loudness: readonly (readonly [multiple: number, loudness: number])[],
  t: number,
): number {
  let sum = 0;
  for (const [multiple, amplitude] of loudness) {
    if (pitch * multiple < RATE / 2) sum += amplitude * Math.sin(2 * Math.PI * pitch * multiple * t);
  }
  return sum;
}

/** How each kind sounds: the sample at t seconds behind the beginning of a tone. */
const kinds: Readonly<Record<string, (pitch: number) => (t: number) => number>> = {
  // Struck metal: partials that are no multiples, the higher ones dying sooner.
  bell: (pitch) => {
    const rate = between(3, 8);
    return (t) =>
      [1, 2.76, 5.4, 8.93].reduce(
        (sum, m, i) => sum + partials(pitch, [[m, 1 / (i + 1)]], t) * Math.exp(-rate * (i + 1) * t),
        0,
      );
  },
  // A closed pipe: odd multiples.
  clarinet: (pitch) => {
    const attack = between(0.03, 0.09);
    return (t) =>
      Math.min(t / attack, 1) *
      partials(
        pitch,
        [
          [1, 1],
          [3, 0.75],
          [5, 0.5],
          [7, 0.2],
        ],
        t,
      );
  },
  // A falling thud and a burst of noise.
  drum: (pitch) => {
    const rate = between(8, 20);
    return (t) => Math.exp(-rate * t) * (Math.sin(pitch * 1.5 * (1 - Math.exp(-4 * t))) + between(-0.7, 0.7));
  },
  // Almost a sine, with breath.
  flute: (pitch) => {
    const attack = between(0.05, 0.15);
    return (t) =>
      Math.min(t / attack, 1) *
      (partials(
        pitch,
        [
          [1, 1],
          [2, 0.25],
        ],
        t,
      ) +
        between(-0.15, 0.15));
  },
  // A plucked string: noise going round a delay line that averages neighbours.
  // Karplus and Strong, "Digital synthesis of plucked-string and drum timbres", Computer Music Journal 7 (1983).
  guitar: (pitch) => {
    const line = Array.from({ length: Math.round(RATE / pitch) }, () => between(-1, 1));
    let place = 0;
    return () => {
      const next = (place + 1) % line.length;
      const sample = line[place]!;
      line[place] = 0.498 * (sample + line[next]!);
      place = next;
      return 1.6 * sample;
    };
  },
  // A bowed string: all multiples, and vibrato.
  violin: (pitch) => {
    const attack = between(0.04, 0.12);
    const [depth, speed] = [between(0.002, 0.006), between(4, 7)];
    const tone = [1, 2, 3, 4, 5, 6, 7, 8].map((multiple) => [multiple, 1 / multiple] as const);
    return (t) =>
      Math.min(t / attack, 1) * partials(pitch, tone, t + (depth / speed) * Math.sin(2 * Math.PI * speed * t));
  },
};

export const instruments = Object.keys(kinds);

function sound(kind: string): Int16Array {
  const tone = kinds[kind]!(110 * 2 ** between(0, 3));
  const [begin, loudness, noise] = [between(0, 0.15), between(0.1, 0.4), between(0.01, 0.08)];
  return Int16Array.from({ length: FRAMES }, (_, i) => {
    const t = i / RATE - begin;
    const sample = (t < 0 ? 0 : loudness * tone(t)) + between(-noise, noise);
    return Math.round(32767 * Math.max(-1, Math.min(1, sample)));
  });
}

/** A WAV file of one channel. */
function wav(samples: Int16Array): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write('WAVEfmt ', 8);
  // 16 bytes of format: PCM, one channel, the rate, bytes per second, bytes per sample, bits.
  [16, 0x00010001, RATE, 2 * RATE, 0x00100002].forEach((value, i) => header.writeUInt32LE(value, 16 + 4 * i));
  header.write('data', 36);
  header.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([header, Buffer.from(samples.buffer)]);
}

/** Writes all sounds below `folder`: `bell/00.wav` and so on. */
export function synthesise(folder: string): void {
  generator.manualSeed(1);
  for (const kind of instruments) {
    mkdirSync(join(folder, kind), { recursive: true });
    for (let i = 0; i < PER_KIND; i++) {
      writeFileSync(join(folder, kind, `${String(i).padStart(2, '0')}.wav`), wav(sound(kind)));
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) throw new Error('usage: npx tsx examples/sounds/synthesise.ts FOLDER');
  synthesise(folder);
}

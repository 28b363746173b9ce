// Small archives in notMNIST's layout.

import { encodePng } from '../../src/io/png.js';
import { tarGz, type TarEntry } from '../io/archive-builder.js';

/** A 28x28 picture that differs from others by its seed. */
export function picture(seed: number, side = 28): Buffer {
  const data = Uint8Array.from({ length: side * side }, (_, i) => (i * (seed + 3)) % 256);
  return Buffer.from(encodePng({ data, width: side, height: side, channels: 1 }));
}

export const classNames = [...'ABCDEFGHIJ'];

/** `perClass` letters for each class, and what else is asked for. Entries of the same name replace the usual ones. */
export function letterEntries(perClass: number, more: readonly TarEntry[] = [], top = 'notMNIST_small/'): TarEntry[] {
  const entries: TarEntry[] = [];
  classNames.forEach((letter, label) => {
    entries.push({ name: `${top}${letter}/`, type: '5' });
    for (let i = 0; i < perClass; i++) {
      entries.push({ name: `${top}${letter}/font-${i}.png`, content: picture(label * 100 + i) });
    }
  });
  const replaced = new Set(more.map(({ name }) => name));
  return [...entries.filter(({ name }) => !replaced.has(name)), ...more];
}

export function letterArchive(perClass: number, more: readonly TarEntry[] = [], top?: string): Buffer {
  return tarGz(letterEntries(perClass, more, top));
}

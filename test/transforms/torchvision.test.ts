// Every transform against what torchvision makes of the same pictures (`scripts/oracle/transforms.py`).

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as transforms from 'flambeau/transforms';
import type { Image, Picture, Transform } from 'flambeau/transforms';
import { fromTypedArray } from '../../src/tensor/create.js';
import { manualSeed } from '../../src/tensor/generator.js';
import { Tensor } from '../../src/tensor/tensor.js';

interface RecordedImage {
  readonly width: number;
  readonly height: number;
  readonly channels: Image['channels'];
  readonly data: string;
}

interface RecordedTensor {
  readonly dtype: 'float32' | 'uint8';
  readonly shape: number[];
  readonly data: string;
}

type Recorded = RecordedImage | RecordedTensor;

interface Case {
  readonly transform: string;
  readonly args: unknown[];
  readonly input: string;
  /** What the input is: an image, the float tensor `ToTensor` makes of it, or a tensor of its bytes. */
  readonly kind?: 'image' | 'tensor' | 'bytes';
  readonly output?: Recorded;
  readonly seed?: number;
  /** With a seed: results for the image, the float tensor and the bytes, the generator running on; null where there is none. */
  readonly outputs?: (Recorded | null)[];
}

const recorded = JSON.parse(readFileSync(new URL('torchvision.json', import.meta.url), 'utf8')) as {
  pictures: Record<string, RecordedImage>;
  cases: Case[];
};

function image({ width, height, channels, data }: RecordedImage): Image {
  return { width, height, channels, data: new Uint8Array(Buffer.from(data, 'base64')) };
}

function input(name: string, kind: Case['kind']): Picture {
  const picture = image(recorded.pictures[name]!);
  if (kind === 'image') return picture;
  if (kind === 'tensor') return new transforms.ToTensor().forward(picture);
  const { width, height, channels, data } = picture;
  return fromTypedArray(data, [height, width, channels]).permute([2, 0, 1]).contiguous();
}

function create({ transform, args }: Case): Transform<unknown, unknown> {
  const constructors = transforms as unknown as Record<string, new (...args: unknown[]) => Transform<unknown, unknown>>;
  return new constructors[transform]!(...args);
}

function compare(actual: unknown, expected: Recorded, allowed: (value: number) => number): void {
  if ('width' in expected) {
    assert.deepEqual(actual, image(expected));
    return;
  }
  assert.ok(actual instanceof Tensor);
  assert.equal(actual.dtype, expected.dtype);
  assert.deepEqual(actual.shape, expected.shape);
  const bytes = new Uint8Array(Buffer.from(expected.data, 'base64')).buffer;
  const values = expected.dtype === 'uint8' ? new Uint8Array(bytes) : new Float32Array(bytes);
  const data = actual.data();
  values.forEach((value, i) => {
    const difference = Math.abs(Number(data[i]) - value);
    assert.ok(difference <= allowed(value), `element ${i}: ${data[i]} instead of ${value}`);
  });
}

const exactly = (): number => 0;
const toPart = (part: number) => (value: number) => part * Math.max(1, Math.abs(value));

/** Moving pixels changes none of them; mixing them in another order rounds otherwise. */
function tolerance({ transform, args }: Case, kind: Case['kind']): (value: number) => number {
  // A mix that falls half-way between two bytes goes by the last bit of its sum.
  if (transform === 'Resize' || (transform === 'RandomResizedCrop' && kind !== 'image'))
    return kind === 'bytes' ? () => 1 : toPart(2e-6);
  if (kind === 'image') return exactly;
  // So does a mix of neighbours, and a colour that was taken apart and put together again; bytes are cut off or rounded.
  if (transform === 'ColorJitter' || JSON.stringify(args).includes('bilinear')) {
    return kind === 'bytes' ? () => 1 : toPart(2e-6);
  }
  return transform === 'Grayscale' || transform === 'Normalize' ? toPart(2e-7) : exactly;
}

const names = [...new Set(recorded.cases.map(({ transform }) => transform))];
for (const name of names) {
  test(`${name} gives torchvision's results`, () => {
    const cases = recorded.cases.filter(({ transform }) => transform === name);
    for (const recordedCase of cases) {
      const { args, input: picture, kind, output, outputs, seed } = recordedCase;
      try {
        if (output !== undefined) {
          compare(create(recordedCase).forward(input(picture, kind)), output, tolerance(recordedCase, kind));
          continue;
        }
        const transform = create(recordedCase);
        manualSeed(seed!);
        for (const [i, random] of (['image', 'tensor', 'bytes'] as const).entries()) {
          const expected = outputs![i];
          if (expected) compare(transform.forward(input(picture, random)), expected, tolerance(recordedCase, random));
        }
      } catch (error) {
        const where = `${name}(${JSON.stringify(args)}) of ${picture} ${kind ?? `with seed ${seed}`}`;
        throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
      }
    }
  });
}

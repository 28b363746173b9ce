import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CenterCrop,
  ColorJitter,
  Compose,
  Grayscale,
  Lambda,
  MelSpectrogram,
  Normalize,
  Pad,
  RandomAffine,
  RandomCrop,
  RandomHorizontalFlip,
  RandomResizedCrop,
  RandomRotation,
  RandomVerticalFlip,
  Resample,
  Resize,
  Spectrogram,
  ToTensor,
  type Image,
} from 'flambeau/transforms';
import * as transforms from 'flambeau/transforms';
import { DTypeError, ShapeError, ValueError } from '../../src/errors.js';
import { setDefaultDtype } from '../../src/tensor/promotion.js';
import { zeros } from '../../src/tensor/create.js';
import { Tensor } from '../../src/tensor/tensor.js';

const grey: Image = { data: Uint8Array.of(0, 51, 255, 102), width: 2, height: 2, channels: 1 };
const colour: Image = { data: Uint8Array.of(255, 0, 51, 0, 255, 102), width: 2, height: 1, channels: 3 };

test('ToTensor puts the channels first and scales to 0..1', () => {
  const tensor = new ToTensor().forward(colour);
  assert.deepEqual(tensor.shape, [3, 1, 2]);
  assert.equal(tensor.dtype, 'float32');
  assert.deepEqual([...tensor.data()], [1, 0, 0, 1, Math.fround(0.2), Math.fround(0.4)]);
});

test('ToTensor follows the default float type', () => {
  setDefaultDtype('float64');
  try {
    const tensor = new ToTensor().forward(colour);
    assert.equal(tensor.dtype, 'float64');
    assert.deepEqual([...tensor.data()], [1, 0, 0, 1, 0.2, 0.4]);
  } finally {
    setDefaultDtype('float32');
  }
});

test('ToTensor refuses what is no image', () => {
  for (const wrong of [null, 3, zeros([1, 2, 2]), { ...grey, data: new Uint8Array(3) }]) {
    assert.throws(() => new ToTensor().forward(wrong as Image), DTypeError);
  }
});

test('Normalize refuses what it can not normalise', () => {
  assert.throws(() => new Normalize([0.5], [0]), /would divide by zero/);
  assert.throws(() => new Normalize([], []), ValueError);
  assert.throws(() => new Normalize([1, 2], [1, 2, 3]), /2 means don't go with 3/);
  assert.throws(() => new Normalize(0.5 as unknown as number[], [1]), ValueError);
  const normalize = new Normalize([0.1, 0.2, 0.3], [1, 1, 1]);
  assert.throws(() => normalize.forward(zeros([1, 4, 4])), /Normalize: 3 values for 1 channels/);
  assert.throws(() => normalize.forward(zeros([4, 4])), ShapeError);
  assert.throws(
    () => normalize.forward(zeros([3, 4, 4], { dtype: 'uint8' })),
    /got dtype uint8: put ToTensor before it/,
  );
  assert.throws(() => normalize.forward(grey as unknown as Tensor), DTypeError);
});

test('Normalize changes the tensor itself when told so, and only then', () => {
  const input = new ToTensor().forward(colour);
  const before = [...input.data()];
  const result = new Normalize([0.5], [0.25]).forward(input);
  assert.deepEqual([...input.data()], before);
  const channels = [0.5, 0.5, 0.5];
  assert.equal(new Normalize(channels, [0.25, 0.25, 0.25], { inplace: true }).forward(input), input);
  assert.deepEqual([...input.data()], [...result.data()]);
});

test('Compose applies objects and functions in turn', () => {
  const transform = new Compose([
    new ToTensor(),
    (tensor: Tensor) => tensor.mul(2),
    new Lambda((tensor: Tensor) => tensor.sum().item()),
  ]);
  const result: number = transform.forward(grey);
  assert.ok(Math.abs(result - (2 * 408) / 255) < 1e-6);
  assert.equal(new Compose([]).forward(5), 5);
  assert.throws(() => new Compose([new ToTensor(), 3 as unknown as () => void]), /step 1 is neither a function/);
});

test("Compose's types follow what goes through it", () => {
  const toTensor = new Compose([new Resize(2), new CenterCrop(2), new ToTensor(), new Normalize([0.5], [0.5])]);
  const tensor: Tensor = toTensor.forward(grey);
  assert.deepEqual(tensor.shape, [1, 2, 2]);
  const crop = new Compose([new CenterCrop(1), new Grayscale()]);
  const image: Image = crop.forward(colour);
  assert.equal(image.channels, 1);
  const cropped: Tensor = new CenterCrop(1).forward(tensor);
  assert.deepEqual(cropped.shape, [1, 1, 1]);
  // @ts-expect-error a tensor is not what ToTensor takes
  assert.throws(() => toTensor.forward(5));
  assert.throws(() => {
    // @ts-expect-error the result is a tensor
    const number: number = toTensor.forward(grey);
    throw new Error(String(number));
  });
});

test('Lambda takes functions only', () => {
  assert.throws(() => new Lambda(5 as unknown as () => void), ValueError);
});

test('sizes, paddings, modes and probabilities that make no sense are refused at once', () => {
  const sizes: unknown[] = [0, -1, 1.5, [3, 0], [1, 2, 3], NaN, '3'];
  for (const size of sizes as number[]) {
    assert.throws(() => new CenterCrop(size), ValueError, String(size));
    assert.throws(() => new RandomCrop(size), ValueError, String(size));
    assert.throws(() => new Resize(size), ValueError, String(size));
  }
  assert.throws(() => new Pad([1, 2, 3] as unknown as [number, number]), /padding must be/);
  assert.throws(() => new Pad(-1), ValueError);
  assert.throws(() => new Pad(1, { paddingMode: 'wrap' as 'edge' }), /paddingMode must be/);
  assert.throws(() => new RandomHorizontalFlip({ p: 1.5 }), /between 0 and 1/);
  assert.throws(() => new Grayscale({ numOutputChannels: 2 as 1 }), /must be 1 or 3/);
  assert.throws(() => new Resize(5, { interpolation: 'area' as 'nearest' }), /interpolation must be/);
  assert.throws(() => new Resize(5, { maxSize: 5 }), /maxSize/);
  assert.throws(() => new Resize([5, 5], { maxSize: 9 }), /maxSize/);
});

test('turns, shears, shifts and jitters that make no sense are refused at once', () => {
  const wrong: [() => unknown, RegExp][] = [
    [() => new RandomRotation(-1), /RandomRotation: degrees must be a number of degrees from 0 on, or \[least, most\]/],
    [() => new RandomRotation([10, -10]), /degrees/],
    [() => new RandomRotation([0, 1, 2] as unknown as [number, number]), /got \[0,1,2\]/],
    [() => new RandomRotation(5, { interpolation: 'lanczos' as 'nearest' }), /interpolation must be nearest/],
    [() => new RandomRotation(5, { center: [1] as unknown as [number, number] }), /center must be \[x, y\]/],
    [() => new RandomRotation(5, { fill: [] }), /fill must be a number/],
    [() => new RandomAffine(0, { translate: [0.5, 1.5] }), /translate must be two parts from 0 to 1/],
    [() => new RandomAffine(0, { scale: [0, 1] }), /scale must be \[least, most\], above 0/],
    [() => new RandomAffine(0, { scale: [2, 1] }), /scale/],
    [() => new RandomAffine(0, { shear: [1, 2, 3] as unknown as [number, number] }), /shear must be .*least y, most y/],
    [() => new RandomVerticalFlip(2), /RandomVerticalFlip: p must be between 0 and 1, got 2/],
    [() => new RandomResizedCrop(2, { scale: [0, 1] }), /RandomResizedCrop: scale must be \[least, most\]/],
    [() => new RandomResizedCrop(2, { ratio: [2, 1] }), /ratio/],
    [() => new ColorJitter(0.1, 0.2, -1), /saturation must be a number from 0 on/],
    [() => new ColorJitter({ brightness: -0.1 }), /brightness must be a number from 0 on/],
    [() => new ColorJitter({ contrast: [2, 1] }), /contrast/],
    [() => new ColorJitter({ hue: 0.6 }), /hue must be a number from 0 to 0.5, or \[least, most\] from -0.5 to 0.5/],
    [() => new ColorJitter({ saturation: [1] as unknown as [number, number] }), /saturation/],
  ];
  for (const [build, message] of wrong) {
    assert.throws(build, (error: Error) => error instanceof ValueError && message.test(error.message), message.source);
  }
  const tensor = zeros([3, 4, 4]);
  assert.throws(() => new RandomRotation(5, { interpolation: 'bicubic' }).forward(tensor), /bicubic .* is for images/);
  assert.throws(() => new RandomAffine(5, { fill: [1, 2] }).forward(tensor), /2 values does not go with \[3, 4, 4\]/);
  assert.throws(() => new RandomAffine(5, { fill: [1, 2] }).forward(colour), /2 values does not go with 3 channels/);
  assert.throws(() => new ColorJitter().forward(zeros([2, 4, 4])), /expected \[\.\.\., 1 or 3, height, width\]/);
  assert.throws(() => new ColorJitter().forward(zeros([3, 4, 4], { dtype: 'int64' })), DTypeError);
  assert.throws(() => new Resize(2, { interpolation: 'lanczos' }).forward(tensor), /lanczos is for images/);
});

test('gradients go through turns and jitters of tensors', () => {
  const input = zeros([3, 4, 4]).add(0.5).requiresGrad_();
  const turned = new RandomRotation([20, 20], { interpolation: 'bilinear' }).forward(input);
  new ColorJitter({ brightness: [0.5, 0.5] }).forward(turned).sum().backward();
  const grad = input.grad!;
  assert.deepEqual(grad.shape, [3, 4, 4]);
  assert.ok(grad.max().item() <= 0.5 + 1e-6 && grad.min().item() >= 0 && grad.sum().item() > 0);
});

test('pictures that do not fit are refused with their sizes', () => {
  assert.throws(() => new RandomCrop(3).forward(grey), /RandomCrop: a 3x3 part can't be cut out of 2x2 pixels/);
  assert.throws(
    () => new CenterCrop(1).forward(zeros([4])),
    /CenterCrop: expected \[\.\.\., height, width\], got \[4\]/,
  );
  assert.throws(() => new Pad(1).forward({} as Image), DTypeError);
  assert.throws(() => new RandomHorizontalFlip().forward('x' as unknown as Image), DTypeError);
  assert.throws(() => new Grayscale().forward(zeros([2, 4, 4])), /Grayscale: expected \[\.\.\., 3, height, width\]/);
});

test('a transform never changes what it is given', () => {
  const before = grey.data.slice();
  for (const transform of [
    new Pad(1),
    new Grayscale(),
    new Resize(5),
    new CenterCrop(1),
    new RandomHorizontalFlip({ p: 1 }),
    new RandomVerticalFlip(1),
    new RandomResizedCrop(2),
    new RandomRotation([180, 180]),
    new RandomAffine([30, 30]),
    new ColorJitter({ brightness: [0.5, 0.5], contrast: [2, 2] }),
  ]) {
    transform.forward(grey);
    assert.deepEqual(grey.data, before);
  }
});

test('mirroring at the edge goes on as often as it must', () => {
  const row: Image = { data: Uint8Array.of(1, 2, 3), width: 3, height: 1, channels: 1 };
  const padded = (paddingMode: 'reflect' | 'symmetric'): number[] => [
    ...new Pad([5, 0], { paddingMode }).forward(row).data,
  ];
  assert.deepEqual(padded('reflect'), [2, 1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2]);
  assert.deepEqual(padded('symmetric'), [2, 3, 3, 2, 1, 1, 2, 3, 3, 2, 1, 1, 2]);
});

/** Tensors are shared with workers, objects of classes that name their module are made again there; the rest is cloned. */
function assertPlain(fields: object): void {
  for (const value of Object.values(fields) as unknown[]) {
    if (value instanceof Tensor) continue;
    const moduleUrl = (value as { constructor?: { moduleUrl?: string } } | null | undefined)?.constructor?.moduleUrl;
    if (moduleUrl === undefined) assert.deepEqual(structuredClone(value), value);
    else assertPlain({ ...(value as object) });
  }
}

test('every transform names its module and consists of plain fields, so that it can travel to a worker', () => {
  const instances = [
    new CenterCrop(2),
    new ColorJitter({ hue: 0.1 }),
    new Compose([]),
    new Grayscale(),
    new MelSpectrogram(),
    new Normalize([0.5], [0.5]),
    new Pad(1, { fill: [1, 2, 3] }),
    new RandomAffine(10, { scale: [0.5, 1], shear: 5, center: [1, 1] }),
    new RandomCrop(2, { padding: 1 }),
    new RandomHorizontalFlip(),
    new RandomResizedCrop(2),
    new RandomRotation(10, { fill: [1, 2, 3] }),
    new RandomVerticalFlip(),
    new Resample(3, 2),
    new Resize([2, 3]),
    new Spectrogram(),
    new ToTensor(),
  ];
  const classes = Object.values(transforms).filter(
    (value) => typeof value === 'function' && value.prototype !== undefined && 'forward' in value.prototype,
  );
  assert.equal(classes.length, instances.length + 1, 'Lambda, which has a function inside, and those above');
  for (const instance of instances) {
    const type = instance.constructor as unknown as { moduleUrl: string; prototype: object };
    assert.match(type.moduleUrl, /^file:.*\/transforms\//);
    assertPlain({ ...instance });
  }
});

// Brightness, contrast, saturation and hue of pictures: of images as Pillow changes them, in bytes and single precision, of
// tensors as torchvision does. `color-jitter.ts` draws the factors.

import type { Image } from '../io/image.js';
import '../ops/methods.js';
import { stack } from '../ops/combine.js';
import { arange } from '../tensor/create.js';
import type { Tensor } from '../tensor/tensor.js';
import { Grayscale, greyImage } from './grayscale.js';

const { fround } = Math;
const grey = new Grayscale();

/** How many of an image's channels are colours; the other is alpha, which stays. */
function colours({ channels }: Image): number {
  return channels >= 3 ? 3 : 1;
}

/** Goes from another picture (byte by its place and pixel) towards the image, or beyond it. */
function blendImage(image: Image, from: (at: number, pixel: number) => number, factor: number): Image {
  const { channels } = image;
  const weight = fround(factor);
  const data = image.data.slice();
  for (let pixel = 0, start = 0; start < data.length; pixel++, start += channels) {
    for (let at = start; at < start + colours(image); at++) {
      const origin = from(at, pixel);
      // Cut off, not rounded.
      const value = fround(origin + fround(weight * (data[at]! - origin)));
      data[at] = value <= 0 ? 0 : value >= 255 ? 255 : value;
    }
  }
  return { ...image, data };
}

function blendTensor(input: Tensor, from: Tensor | undefined, factor: number): Tensor {
  const part = input.mul(factor);
  const sum = from === undefined ? part : part.add(from.mul(1 - factor));
  return sum.clamp({ min: 0, max: input.isFloatingPoint() ? 1 : 255 }).to(input.dtype);
}

export const brightness = {
  image: (image: Image, factor: number): Image => blendImage(image, () => 0, factor),
  tensor: (input: Tensor, factor: number): Tensor => blendTensor(input, undefined, factor),
};

export const contrast = {
  image(image: Image, factor: number): Image {
    const { data } = greyImage(image);
    const mean = Math.trunc(data.reduce((sum, value) => sum + value, 0) / data.length + 0.5);
    return blendImage(image, () => mean, factor);
  },
  tensor(input: Tensor, factor: number): Tensor {
    const dtype = input.isFloatingPoint() ? input.dtype : 'float32';
    return blendTensor(input, grey.forward(input).to(dtype).mean([-3, -2, -1], { keepdim: true }), factor);
  },
};

export const saturation = {
  image(image: Image, factor: number): Image {
    if (colours(image) === 1) return image;
    const { data } = greyImage(image);
    return blendImage(image, (_, pixel) => data[pixel]!, factor);
  },
  tensor: (input: Tensor, factor: number): Tensor =>
    input.shape.at(-3) === 1 ? input : blendTensor(input, grey.forward(input), factor),
};

export const hue = {
  image(image: Image, shift: number): Image {
    if (colours(image) === 1) return image;
    const steps = Math.trunc(shift * 255);
    const data = image.data.slice();
    const pixel = new Uint8Array(3);
    for (let at = 0; at < data.length; at += image.channels) {
      toHsv(data, at, pixel);
      pixel[0] = pixel[0]! + steps;
      fromHsv(pixel, data, at);
    }
    return { ...image, data };
  },
  tensor(input: Tensor, shift: number): Tensor {
    if (input.shape.at(-3) === 1) return input;
    const bytes = input.dtype === 'uint8';
    const [h, s, v] = hsvOf(bytes ? input.to('float32').div(255) : input);
    const shifted = rgbOf(h.add(shift).remainder(1), s, v);
    return bytes ? shifted.mul(255).to('uint8') : shifted;
  },
};

// Hue, saturation and value after Smith, "Color gamut transform pairs", SIGGRAPH 1978. In bytes the hue's circle has 255
// steps; where single and double precision meet they are as Pillow has them.

function toHsv(rgb: Uint8Array, at: number, hsv: Uint8Array): void {
  const [r, g, b] = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!];
  const [most, least] = [Math.max(r, g, b), Math.min(r, g, b)];
  hsv.fill(0);
  hsv[2] = most;
  if (most === least) return;
  const range = most - least;
  const [rc, gc, bc] = [fround((most - r) / range), fround((most - g) / range), fround((most - b) / range)];
  const sector = fround(r === most ? bc - gc : g === most ? 2 + rc - bc : 4 + gc - rc);
  hsv[0] = fround((sector / 6 + 1) % 1) * 255;
  hsv[1] = fround(range / most) * 255;
}

function fromHsv(hsv: Uint8Array, rgb: Uint8Array, at: number): void {
  const [h, s, v] = [hsv[0]!, hsv[1]!, hsv[2]!];
  const place = (h * 6) / 255;
  const sector = Math.floor(place);
  const part = fround(place - sector);
  const fs = fround(s / 255);
  const p = Math.round(v * (1 - fs));
  const q = Math.round(v * (1 - fround(fs * part)));
  const t = Math.round(v * (1 - fs * (1 - part)));
  const sectors = [
    [v, t, p],
    [q, v, p],
    [p, v, t],
    [p, q, v],
    [t, p, v],
    [v, p, q],
  ];
  rgb.set(s === 0 ? [v, v, v] : sectors[sector % 6]!, at);
}

function hsvOf(input: Tensor): [Tensor, Tensor, Tensor] {
  const [r, g, b] = input.unbind(-3) as [Tensor, Tensor, Tensor];
  const most = input.amax(-3);
  const least = input.amin(-3);
  const range = most.sub(least);
  const flat = most.eq(least);
  const saturated = range.div(most.maskedFill(flat, 1));
  const divisor = range.maskedFill(flat, 1);
  const [rc, gc, bc] = [r, g, b].map((channel) => most.sub(channel).div(divisor)) as [Tensor, Tensor, Tensor];
  const isRed = most.eq(r);
  const isGreen = most.eq(g).logicalAnd(isRed.logicalNot());
  const isBlue = isRed.logicalOr(most.eq(g)).logicalNot();
  const sector = bc.sub(gc).mul(isRed).add(rc.add(2).sub(bc).mul(isGreen)).add(gc.add(4).sub(rc).mul(isBlue));
  return [sector.div(6).add(1).fmod(1), saturated, most];
}

function rgbOf(h: Tensor, s: Tensor, v: Tensor): Tensor {
  const place = h.mul(6);
  const sector = place.floor();
  const part = place.sub(sector);
  const within = { min: 0, max: 1 };
  const p = v.mul(s.neg().add(1)).clamp(within);
  const q = v.mul(s.mul(part).neg().add(1)).clamp(within);
  const t = v.mul(s.mul(part.neg().add(1)).neg().add(1)).clamp(within);
  const chosen = sector
    .to('int32')
    .remainder(6)
    .unsqueeze(-3)
    .eq(arange(6, { dtype: 'int32' }).view([6, 1, 1]));
  const channels = [
    [v, q, p, p, t, v],
    [t, v, v, q, p, p],
    [p, p, t, v, v, q],
  ];
  return stack(
    channels.map((sectors) => stack(sectors, -3).mul(chosen).sum(-3)),
    -3,
  );
}

// From tensors to pixels that can be looked at.

import { DTypeError, ShapeError, ValueError } from '../errors.js';
import type { Image } from '../io/image.js';
import '../ops/methods.js';
import { tensor } from '../tensor/create.js';
import { show } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';

/** What values of float tensors stand for black and white. */
export interface PixelOptions {
  /**
   * The values of black and white. Default for floats 0 and 1 where all values lie there, else the least and the greatest
   * value of all pictures; for uint8 0 and 255; for bool false and true.
   */
  readonly range?: readonly [number, number] | undefined;
  /** Undoes `Normalize(mean, std)` first: values times `std` plus `mean`, channel by channel. */
  readonly mean?: readonly number[] | undefined;
  readonly std?: readonly number[] | undefined;
}

/**
 * Pictures `[N, C, H, W]` or `[N, H, W]`, C 1 (grey), 3 (RGB) or 4 (RGBA), as bytes.
 * @throws ShapeError for another shape, ValueError for values that are not finite
 */
export function toImages(images: Tensor, options: PixelOptions, caller: string): Image[] {
  const batch = images.ndim === 3 ? images.unsqueeze(1) : images;
  const [count, channels, height, width] = batch.shape;
  if (batch.ndim !== 4 || !(channels === 1 || channels === 3 || channels === 4) || batch.numel() === 0) {
    throw new ShapeError(
      `${caller}: expected pictures [N, C, H, W] with 1, 3 or 4 channels, or [N, H, W], got ${show(images.shape)}`,
    );
  }
  const bytes = toBytes(restored(batch.detach(), options, caller), options.range, caller);
  const size = height! * width! * channels;
  // Channels of a pixel side by side, as decoders and encoders have them.
  const data = bytes.permute([0, 2, 3, 1]).contiguous().data() as Uint8Array;
  return Array.from({ length: count! }, (_, i) => ({
    data: data.subarray(i * size, (i + 1) * size),
    width: width!,
    height: height!,
    channels,
  }));
}

function restored(batch: Tensor, { mean, std }: PixelOptions, caller: string): Tensor {
  if (mean === undefined && std === undefined) return batch;
  const channels = batch.shape[1]!;
  for (const [name, list] of Object.entries({ mean, std })) {
    if (list !== undefined && list.length !== 1 && list.length !== channels) {
      throw new ValueError(`${caller}: ${name} has ${list.length} numbers for ${channels} channels`);
    }
  }
  const perChannel = (list: readonly number[]): Tensor => tensor([...list]).reshape([1, list.length, 1, 1]);
  return batch
    .float()
    .mul(perChannel(std ?? [1]))
    .add(perChannel(mean ?? [0]));
}

function toBytes(batch: Tensor, range: readonly [number, number] | undefined, caller: string): Tensor {
  if (batch.dtype === 'uint8' && range === undefined) return batch;
  if (batch.dtype === 'bool') return batch.to('uint8').mul(255);
  if (batch.dtype === 'int64') throw new DTypeError(`${caller}: pictures must be float or uint8, got int64`);
  const values = batch.float();
  const [least, greatest] = [values.min().item(), values.max().item()];
  if (!Number.isFinite(Number(least)) || !Number.isFinite(Number(greatest))) {
    throw new ValueError(`${caller}: the pictures have values that are not finite (${least} to ${greatest})`);
  }
  const [black, white] = range ?? guessedRange(Number(least), Number(greatest), batch.dtype === 'uint8');
  if (!(white > black)) throw new ValueError(`${caller}: range must rise, got [${black}, ${white}]`);
  const scaled = values.sub(black).mul(255 / (white - black));
  return scaled.round().clamp({ min: 0, max: 255 }).to('uint8');
}

function guessedRange(least: number, greatest: number, bytes: boolean): [number, number] {
  if (bytes) return [0, 255];
  // A hair beyond 0 and 1 is what resizing leaves.
  if (least >= -0.01 && greatest <= 1.01) return [0, 1];
  return least === greatest ? [least, least + 1] : [least, greatest];
}

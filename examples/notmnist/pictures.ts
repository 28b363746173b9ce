// The two pictures that a run leaves: the loss over the steps and a grid of letters with what the model took them for.

import { io, type Tensor } from 'flambeau';

const INK = '#222222';
const RIGHT = '#2a7d46';
const WRONG = '#c4302b';

/** Averages of neighbouring losses, so that the curve's course shows through its noise. */
function smoothed(losses: readonly number[], reach: number): number[] {
  return losses.map((_, i) => {
    const part = losses.slice(Math.max(0, i - reach), i + reach + 1);
    return part.reduce((sum, loss) => sum + loss, 0) / part.length;
  });
}

/** The training loss of every step as an SVG, epochs marked. */
export function lossCurve(losses: readonly number[], stepsPerEpoch: number): string {
  const [width, height, left, right, top, bottom] = [720, 360, 56, 16, 28, 44];
  const highest = Math.max(...losses, 1e-9);
  const x = (step: number): number => left + (step / Math.max(losses.length - 1, 1)) * (width - left - right);
  const y = (loss: number): number => height - bottom - (loss / highest) * (height - top - bottom);
  const path = (values: readonly number[]): string =>
    values.map((loss, step) => `${step === 0 ? 'M' : 'L'}${x(step).toFixed(1)} ${y(loss).toFixed(1)}`).join('');
  const levels = [0, 0.25, 0.5, 0.75, 1].map((share) => share * highest);
  const epochs = Array.from({ length: Math.floor(losses.length / stepsPerEpoch) }, (_, i) => i + 1);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="${INK}">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    `<text x="${left}" y="18" font-size="14">training loss</text>`,
    ...levels.map(
      (loss) =>
        `<path d="M${left} ${y(loss).toFixed(1)}H${width - right}" stroke="#dddddd"/>` +
        `<text x="${left - 8}" y="${(y(loss) + 4).toFixed(1)}" text-anchor="end">${loss.toFixed(2)}</text>`,
    ),
    ...epochs.map((epoch) => {
      const at = x(epoch * stepsPerEpoch - 1).toFixed(1);
      return (
        `<path d="M${at} ${top}V${height - bottom}" stroke="#bbbbbb" stroke-dasharray="3 3"/>` +
        `<text x="${at}" y="${height - bottom + 18}" text-anchor="middle">${epoch}</text>`
      );
    }),
    `<text x="${(left + width - right) / 2}" y="${height - 8}" text-anchor="middle">epoch</text>`,
    `<path d="${path(losses)}" fill="none" stroke="#f2b233" stroke-opacity="0.6"/>`,
    `<path d="${path(smoothed(losses, 5))}" fill="none" stroke="#c4302b" stroke-width="2"/>`,
    '</svg>',
  ].join('\n');
}

export interface Prediction {
  /** [1, H, W], from 0 to 1. */
  readonly image: Tensor;
  readonly predicted: string;
  readonly actual: string;
}

/** A picture of bytes from a tensor of numbers from 0 to 1. */
function toPixels(image: Tensor): io.Image {
  const [, height, width] = image.shape as [number, number, number];
  const data = Uint8Array.from(image.mul(255).round().clamp({ min: 0, max: 255 }).data(), Number);
  return { data, width, height, channels: 1 };
}

/** Letters with what the model took them for as an SVG; mistakes are framed and say what it was. */
export function predictionGrid(predictions: readonly Prediction[], columns = 12): string {
  const [tile, caption, gap] = [56, 20, 8];
  const rows = Math.ceil(predictions.length / columns);
  const width = columns * (tile + gap) + gap;
  const height = rows * (tile + caption + gap) + gap;
  const tiles = predictions.map(({ image, predicted, actual }, i) => {
    const x = gap + (i % columns) * (tile + gap);
    const y = gap + Math.floor(i / columns) * (tile + caption + gap);
    const isRight = predicted === actual;
    const png = Buffer.from(io.encodePng(toPixels(image))).toString('base64');
    return (
      `<image x="${x}" y="${y}" width="${tile}" height="${tile}" href="data:image/png;base64,${png}"/>` +
      (isRight
        ? ''
        : `<rect x="${x - 2}" y="${y - 2}" width="${tile + 4}" height="${tile + 4}" fill="none" stroke="${WRONG}" stroke-width="3"/>`) +
      `<text x="${x + tile / 2}" y="${y + tile + 15}" text-anchor="middle" fill="${isRight ? RIGHT : WRONG}">` +
      `${isRight ? predicted : `${predicted}, not ${actual}`}</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...tiles,
    '</svg>',
  ].join('\n');
}

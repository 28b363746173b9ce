// Convolutions over one to three spatial dims and their gradients, image by image and group by group as products of
// the weight [O / groups, C / groups * kernel] with the image's columns.

import { elementCount } from '../shape.js';
import type { Activation, Backend, ConvolutionGeometry, StridedView } from '../backend.js';
import { addColumnsToImage, imageToColumns } from './columns.js';
import { Cursor, readAll, writeAll } from './cursor.js';
import { multiplyAdd, rowMajor, transposed } from './multiply.js';
import { volumeOf, volumeWindow } from './volume.js';

/** Sizes of a convolution, per group where channels are concerned. */
function plan(input: StridedView, output: StridedView, weight: StridedView, geometry: ConvolutionGeometry) {
  const window = volumeWindow(input, output, weight.shape.slice(2), geometry);
  const channels = weight.shape[1]!;
  return {
    window,
    images: input.shape[0]!,
    groups: geometry.groups,
    channels,
    outputChannels: weight.shape[0]! / geometry.groups,
    taps: channels * volumeOf(window.kernel),
    positions: volumeOf(window.output),
    pixels: volumeOf(window.input),
  };
}

function convolution(
  output: StridedView,
  input: StridedView,
  weight: StridedView,
  bias: StridedView | undefined,
  geometry: ConvolutionGeometry,
  activation: Activation = 'none',
): void {
  const { window, images, groups, channels, outputChannels, taps, positions, pixels } = plan(
    input,
    output,
    weight,
    geometry,
  );
  const weights = readAll(weight);
  const biases = bias ? readAll(bias) : new Float64Array(groups * outputChannels);
  const [source, target] = [new Cursor(input), new Cursor(output)];
  const image = new Float64Array(groups * channels * pixels);
  const columns = new Float64Array(taps * positions);
  const result = new Float64Array(groups * outputChannels * positions);
  for (let n = 0; n < images; n++) {
    source.readFloats(image, image.length);
    for (let o = 0; o < biases.length; o++) result.fill(biases[o]!, o * positions, (o + 1) * positions);
    for (let group = 0; group < groups; group++) {
      imageToColumns(columns, image, group * channels * pixels, channels, window);
      const ownWeights = rowMajor(weights, taps, group * outputChannels * taps);
      const at = group * outputChannels * positions;
      multiplyAdd(result, at, ownWeights, rowMajor(columns, positions), outputChannels, positions, taps);
    }
    if (activation === 'relu') for (let i = 0; i < result.length; i++) if (result[i]! < 0) result[i] = 0;
    target.writeFloats(result, result.length);
  }
}

function convolutionBackwardInput(
  gradInput: StridedView,
  gradOutput: StridedView,
  weight: StridedView,
  geometry: ConvolutionGeometry,
): void {
  const { window, images, groups, channels, outputChannels, taps, positions, pixels } = plan(
    gradInput,
    gradOutput,
    weight,
    geometry,
  );
  const weights = readAll(weight);
  const [source, target] = [new Cursor(gradOutput), new Cursor(gradInput)];
  const grad = new Float64Array(groups * outputChannels * positions);
  const columns = new Float64Array(taps * positions);
  const image = new Float64Array(groups * channels * pixels);
  for (let n = 0; n < images; n++) {
    source.readFloats(grad, grad.length);
    image.fill(0);
    for (let group = 0; group < groups; group++) {
      const ownWeights = rowMajor(weights, taps, group * outputChannels * taps);
      const ownGrad = rowMajor(grad, positions, group * outputChannels * positions);
      columns.fill(0);
      multiplyAdd(columns, 0, transposed(ownWeights), ownGrad, taps, positions, outputChannels);
      addColumnsToImage(image, group * channels * pixels, columns, channels, window);
    }
    target.writeFloats(image, image.length);
  }
}

function convolutionBackwardWeight(
  gradWeight: StridedView,
  gradBias: StridedView | undefined,
  gradOutput: StridedView,
  input: StridedView,
  geometry: ConvolutionGeometry,
): void {
  const { window, images, groups, channels, outputChannels, taps, positions, pixels } = plan(
    input,
    gradOutput,
    gradWeight,
    geometry,
  );
  const [source, gradSource] = [new Cursor(input), new Cursor(gradOutput)];
  const image = new Float64Array(groups * channels * pixels);
  const columns = new Float64Array(taps * positions);
  const grad = new Float64Array(groups * outputChannels * positions);
  const weights = new Float64Array(elementCount(gradWeight.shape));
  const biases = new Float64Array(groups * outputChannels);
  for (let n = 0; n < images; n++) {
    source.readFloats(image, image.length);
    gradSource.readFloats(grad, grad.length);
    for (let group = 0; group < groups; group++) {
      imageToColumns(columns, image, group * channels * pixels, channels, window);
      const ownGrad = rowMajor(grad, positions, group * outputChannels * positions);
      const at = group * outputChannels * taps;
      multiplyAdd(weights, at, ownGrad, transposed(rowMajor(columns, positions)), outputChannels, taps, positions);
    }
    for (let i = 0; i < grad.length; i++) biases[Math.floor(i / positions)]! += grad[i]!;
  }
  writeAll(gradWeight, weights);
  if (gradBias) writeAll(gradBias, biases);
}

export const convolutions = {
  convolution,
  convolutionBackwardInput,
  convolutionBackwardWeight,
} satisfies Partial<Backend>;

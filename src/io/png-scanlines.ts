// Undoes the filters of PNG rows with eight bits per channel (PNG specification, section 9): each row begins with the
// number of its filter, which says what of the bytes to the left and above was subtracted.

/**
 * @param filtered rows of `1 + width * channels` bytes
 * @param channels bytes per pixel
 * @returns the pixels without the filter bytes
 * @throws Error for a filter that doesn't exist
 */
export function unfilterRows(filtered: Uint8Array, width: number, height: number, channels: number): Uint8Array {
  const stride = width * channels;
  const pixels = new Uint8Array(stride * height);
  for (let row = 0; row < height; row++) {
    const from = row * (stride + 1) + 1;
    const to = row * stride;
    switch (filtered[from - 1]) {
      case 0:
        for (let i = 0; i < stride; i++) pixels[to + i] = filtered[from + i]!;
        break;
      case 1:
        for (let i = 0; i < channels; i++) pixels[to + i] = filtered[from + i]!;
        for (let i = channels; i < stride; i++) pixels[to + i] = filtered[from + i]! + pixels[to + i - channels]!;
        break;
      case 2:
        if (row === 0) for (let i = 0; i < stride; i++) pixels[i] = filtered[from + i]!;
        else for (let i = 0; i < stride; i++) pixels[to + i] = filtered[from + i]! + pixels[to + i - stride]!;
        break;
      case 3:
        average(filtered, from, pixels, to, stride, channels);
        break;
      case 4:
        paeth(filtered, from, pixels, to, stride, channels);
        break;
      default:
        throw new Error(`it uses a row filter that does not exist (${filtered[from - 1]})`);
    }
  }
  return pixels;
}

// Beyond the left and upper edge everything counts as zero.

function average(
  filtered: Uint8Array,
  from: number,
  pixels: Uint8Array,
  to: number,
  stride: number,
  channels: number,
): void {
  const above = to >= stride ? to - stride : -1;
  for (let i = 0; i < stride; i++) {
    const left = i >= channels ? pixels[to + i - channels]! : 0;
    const up = above >= 0 ? pixels[above + i]! : 0;
    pixels[to + i] = filtered[from + i]! + ((left + up) >> 1);
  }
}

function paeth(
  filtered: Uint8Array,
  from: number,
  pixels: Uint8Array,
  to: number,
  stride: number,
  channels: number,
): void {
  const above = to >= stride ? to - stride : -1;
  for (let i = 0; i < stride; i++) {
    const left = i >= channels ? pixels[to + i - channels]! : 0;
    const up = above >= 0 ? pixels[above + i]! : 0;
    const corner = above >= 0 && i >= channels ? pixels[above + i - channels]! : 0;
    // Of the three neighbours, the one nearest to left + up - corner; ties go to the left, then up.
    const toLeft = Math.abs(up - corner);
    const toUp = Math.abs(left - corner);
    const toCorner = Math.abs(left + up - 2 * corner);
    const nearest = toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    pixels[to + i] = filtered[from + i]! + nearest;
  }
}

// An image as its decoder gives it and as transforms of images take and return it.

/** Pixels in rows from the top, the channels of a pixel side by side: `[height, width, channels]`, values 0 to 255. */
export interface Image {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** 1 grey, 2 grey with alpha, 3 RGB, 4 RGB with alpha. */
  readonly channels: 1 | 2 | 3 | 4;
}

/** Whether a value is an image: the right fields, and as many bytes as they say. */
export function isImage(value: unknown): value is Image {
  if (typeof value !== 'object' || value === null) return false;
  const { data, width, height, channels } = value as Partial<Image>;
  return data instanceof Uint8Array && data.length === (width ?? NaN) * (height ?? NaN) * (channels ?? NaN);
}

/** The image in three colours: grey in all three, alpha dropped; the same object when it is so already. */
export function rgbImage(image: Image): Image {
  const { data, width, height, channels } = image;
  if (channels === 3) return image;
  const rgb = new Uint8Array(width * height * 3);
  const [green, blue] = channels === 4 ? [1, 2] : [0, 0];
  for (let from = 0, to = 0; to < rgb.length; from += channels, to += 3) {
    rgb[to] = data[from]!;
    rgb[to + 1] = data[from + green]!;
    rgb[to + 2] = data[from + blue]!;
  }
  return { data: rgb, width, height, channels: 3 };
}

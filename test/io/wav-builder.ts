// Writes WAV files chunk by chunk, good ones and others.

export interface WavRecipe {
  readonly channels?: number;
  readonly sampleRate?: number;
  /** 1 for whole numbers, 3 for floats, others for what is not read. */
  readonly code?: number;
  readonly bits?: number;
  /** Bytes of a sample, where not those the bits need. */
  readonly width?: number;
  readonly data: Uint8Array;
  readonly before?: readonly Buffer[];
  readonly after?: readonly Buffer[];
}

export function riffChunk(name: string, data: Uint8Array, size = data.length): Buffer {
  const header = Buffer.alloc(8);
  header.write(name, 'latin1');
  header.writeUInt32LE(size, 4);
  return Buffer.concat([header, data, Buffer.alloc(data.length % 2)]);
}

export function formatChunk({
  channels = 1,
  sampleRate = 8000,
  code = 1,
  bits = 16,
  width,
}: Partial<WavRecipe>): Buffer {
  const bytes = (width ?? Math.ceil(bits / 8)) * channels;
  const format = Buffer.alloc(16);
  format.writeUInt16LE(code, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(sampleRate, 4);
  format.writeUInt32LE((sampleRate * bytes) >>> 0, 8);
  format.writeUInt16LE(bytes & 0xffff, 12);
  format.writeUInt16LE(bits, 14);
  return format;
}

export function riff(...chunks: Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from('WAVE'), ...chunks]);
  return Buffer.concat([riffChunk('RIFF', body)]);
}

export function wav(recipe: WavRecipe): Buffer {
  const { data, before = [], after = [] } = recipe;
  return riff(riffChunk('fmt ', formatChunk(recipe)), ...before, riffChunk('data', data), ...after);
}

/** Samples from -32768 to 32767 as a file of 16 bits, the channels side by side. */
export function wav16(samples: readonly number[], options: Omit<WavRecipe, 'data'> = {}): Buffer {
  return wav({ ...options, data: new Uint8Array(Int16Array.from(samples).buffer) });
}

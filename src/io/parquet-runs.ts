// The runs in which Parquet packs levels and places in a dictionary. Four bytes can say "two billion times the same", and a
// decoder that takes them at their word is busy for minutes or out of memory; so runs are counted before.

/** What of a data page has to do with its runs. */
export interface PageLayout {
  readonly values: number;
  readonly encoding: string | undefined;
  /** The highest repetition and definition level of the column; 0 where there are none. */
  readonly repetition: number;
  readonly definition: number;
  readonly boolean: boolean;
  /** In pages of the second kind, how many bytes the levels take. */
  readonly levelBytes?: { readonly repetition: number; readonly definition: number } | undefined;
}

/** A run of small numbers may be filled up, to a multiple of 8 or as its writer thought fit. */
const slack = 512;

/** Whether anything of a page is packed in runs. */
export function hasRuns({ repetition, definition, encoding = '', boolean }: PageLayout): boolean {
  return repetition > 0 || definition > 0 || isDictionary(encoding) || (boolean && encoding === 'RLE');
}

/** @throws Error when a run is longer than the page has values */
export function checkRuns(page: Uint8Array, layout: PageLayout): void {
  const { values, encoding = '', repetition, definition, boolean, levelBytes } = layout;
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  let offset = 0;
  if (levelBytes !== undefined) {
    offset = levelBytes.repetition + levelBytes.definition;
    if (repetition > 0) countRuns(view, 0, bitsFor(repetition), values);
    if (definition > 0) countRuns(view, levelBytes.repetition, bitsFor(definition), values);
  } else {
    for (const level of [repetition, definition])
      if (level > 0) offset = countLevels(view, offset, bitsFor(level), values);
  }
  if (offset >= page.length) return;
  if (isDictionary(encoding)) countRuns(view, offset + 1, page[offset]!, values);
  if (boolean && encoding === 'RLE') countLevels(view, offset, 1, values);
}

function isDictionary(encoding: string): boolean {
  return encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY';
}

function bitsFor(level: number): number {
  return 32 - Math.clz32(level);
}

/** Counts runs that their length stands before. @returns the place behind them */
function countLevels(view: DataView, offset: number, bits: number, values: number): number {
  const length = view.getUint32(offset, true);
  countRuns(view, offset + 4, bits, values);
  return offset + 4 + length;
}

function countRuns(view: DataView, start: number, bits: number, values: number): void {
  if (bits > 32) throw new Error(`numbers of ${bits} bits are packed in a page`);
  let offset = start;
  for (let seen = 0; seen < values && offset < view.byteLength;) {
    let header = 0;
    let byte = 0x80;
    for (let shift = 0; byte & 0x80; shift += 7) {
      if (shift > 28) throw new Error('a page is damaged');
      byte = view.getUint8(offset++);
      header |= (byte & 0x7f) << shift;
    }
    const half = header >>> 1;
    const packed = (header & 1) === 1;
    const count = packed ? half * 8 : half;
    if (seen + count > values + slack) throw new Error('a run is longer than its page has values');
    offset += packed ? half * bits : Math.ceil(bits / 8);
    seen += count;
  }
}

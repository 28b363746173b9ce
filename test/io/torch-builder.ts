// Files as torch.save writes them, made by hand so that they can be made wrong: a pickle's instructions and a zip archive of
// records that are not compressed.

import { crc32 } from '../../src/io/crc32.js';

type Piece = number | string | Uint8Array;

/** Bytes one after the other: codes, texts in Latin-1, byte arrays. */
export function bytes(...pieces: readonly Piece[]): Buffer {
  return Buffer.concat(
    pieces.map((piece) => (typeof piece === 'number' ? Buffer.of(piece) : Buffer.from(piece as string, 'latin1'))),
  );
}

/** Instructions of a pickle that put something on the stack. */
export const put = {
  text: (text: string): Buffer => bytes('X', uint32(Buffer.byteLength(text)), Buffer.from(text)),
  number: (value: number): Buffer => {
    const coded = Buffer.alloc(4);
    coded.writeInt32LE(value);
    return bytes('J', coded);
  },
  global: (module: string, name: string): Buffer => bytes('c', `${module}\n${name}\n`),
  tuple: (...items: readonly Uint8Array[]): Buffer => bytes('(', ...items, 't'),
  list: (...items: readonly Uint8Array[]): Buffer => bytes('](', ...items, 'e'),
  dict: (entries: Readonly<Record<string, Uint8Array>>): Buffer =>
    bytes('}(', ...Object.entries(entries).flatMap(([key, value]) => [put.text(key), value]), 'u'),
  call: (callee: Uint8Array, ...args: readonly Uint8Array[]): Buffer => bytes(callee, put.tuple(...args), 'R'),
};

export function uint32(value: number): Buffer {
  const coded = Buffer.alloc(4);
  coded.writeUInt32LE(value);
  return coded;
}

export interface TensorParts {
  type?: string;
  key?: string;
  numel?: number;
  offset?: number;
  shape?: readonly number[];
  strides?: readonly number[];
}

/** A float32 tensor of shape [2] in memory '0', or one that differs from it. */
export function tensorPickle(parts: TensorParts = {}): Buffer {
  const { type = 'FloatStorage', key = '0', numel = 2, offset = 0, shape = [2], strides = [1] } = parts;
  const storage = bytes(
    put.tuple(put.text('storage'), put.global('torch', type), put.text(key), put.text('cpu'), put.number(numel)),
    'Q',
  );
  const sizes = (list: readonly number[]): Buffer => put.tuple(...list.map(put.number));
  const hooks = put.call(put.global('collections', 'OrderedDict'));
  return put.call(
    put.global('torch._utils', '_rebuild_tensor_v2'),
    storage,
    put.number(offset),
    sizes(shape),
    sizes(strides),
    bytes(0x89),
    hooks,
  );
}

/** A whole pickle of protocol 2. */
export function pickle(...instructions: readonly Uint8Array[]): Buffer {
  return bytes(0x80, 2, ...instructions, '.');
}

/** What can be said wrongly of a record. */
export interface RecordOptions {
  method?: number;
  flags?: number;
  crc?: number;
  /** Where the directory says that the record lies. */
  at?: number;
  /** Whether the record stands in the directory only. */
  listedOnly?: boolean;
}

export interface ZipRecord extends RecordOptions {
  name: string;
  content: Uint8Array;
}

/** A zip archive. */
export function zip(records: readonly ZipRecord[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, method = 0, flags = 0, crc = crc32(content), at, listedOnly = false } of records) {
    const header = Buffer.alloc(26);
    header.writeUInt16LE(20, 0);
    header.writeUInt16LE(flags, 2);
    header.writeUInt16LE(method, 4);
    header.writeUInt32LE(crc, 10);
    header.writeUInt32LE(content.length, 14);
    header.writeUInt32LE(content.length, 18);
    header.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = bytes('PK\x03\x04', header, Buffer.from(name), content);
    const place = uint32(at ?? offset);
    directory.push(bytes('PK\x01\x02', 20, 0, header, Buffer.alloc(10), place, Buffer.from(name)));
    if (listedOnly) continue;
    parts.push(local);
    offset += local.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(records.length, 4);
  end.writeUInt16LE(records.length, 6);
  end.writeUInt32LE(listing.length, 8);
  end.writeUInt32LE(offset, 12);
  return bytes(...parts, listing, 'PK\x05\x06', end);
}

/** A file of torch.save with the given pickle and, unless said otherwise, a memory '0' of two float32 numbers. */
export function torchFile(
  program: Uint8Array,
  memories: Readonly<Record<string, Uint8Array>> = { '0': new Uint8Array(8) },
): Buffer {
  return zip([
    { name: 'archive/data.pkl', content: program },
    ...Object.entries(memories).map(([key, content]) => ({ name: `archive/data/${key}`, content })),
    { name: 'archive/version', content: Buffer.from('3\n') },
  ]);
}

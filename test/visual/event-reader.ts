// Reads event files with nothing of the writer's: records, their checksums bit by bit, fields of protocol buffers.

import assert from 'node:assert/strict';

export type FieldValue = bigint | Buffer;
/** The values of a message by the numbers of their fields. */
export type Fields = Map<number, FieldValue[]>;

/** CRC-32C by its definition, turned and shifted as records have it. */
export function checksum(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const low = (crc ^ (byte >>> bit)) & 1;
      crc = (crc >>> 1) ^ (low ? 0x82f63b78 : 0);
    }
  }
  crc = ~crc >>> 0;
  return Number((BigInt((crc >>> 15) | (crc << 17)) + 0xa282ead8n) & 0xffffffffn);
}

/** The data of the records of a file. */
export function records(file: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let offset = 0; offset < file.length;) {
    const length = Number(file.readBigUInt64LE(offset));
    assert.equal(file.readUInt32LE(offset + 8), checksum(file.subarray(offset, offset + 8)), 'checksum of a length');
    const data = file.subarray(offset + 12, offset + 12 + length);
    assert.equal(data.length, length);
    assert.equal(file.readUInt32LE(offset + 12 + length), checksum(data), 'checksum of data');
    found.push(data);
    offset += 16 + length;
  }
  return found;
}

/** The fields of a message. */
export function fields(message: Buffer): Fields {
  const found: Fields = new Map();
  let offset = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(offset++);
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (offset < message.length) {
    const tag = Number(varint());
    const type = tag & 7;
    let value: FieldValue;
    if (type === 0) value = BigInt.asIntN(64, varint());
    else {
      assert.ok(type === 1 || type === 2 || type === 5, `wire type ${type}`);
      const length = type === 1 ? 8 : type === 5 ? 4 : Number(varint());
      value = message.subarray(offset, offset + length);
      assert.equal(value.length, length);
      offset += length;
    }
    found.set(tag >>> 3, [...(found.get(tag >>> 3) ?? []), value]);
  }
  return found;
}

const one = (message: Fields, field: number): FieldValue | undefined => message.get(field)?.[0];
const nested = (message: Fields, field: number): Fields | undefined => {
  const value = one(message, field);
  return value === undefined ? undefined : fields(value as Buffer);
};
const double = (message: Fields, field: number): number =>
  (one(message, field) as Buffer | undefined)?.readDoubleLE() ?? 0;
const integer = (message: Fields, field: number): number => Number(one(message, field) ?? 0n);
const text = (message: Fields, field: number): string => (one(message, field) as Buffer | undefined)?.toString() ?? '';
const doubles = (message: Fields, field: number): number[] => {
  const packed = one(message, field) as Buffer;
  return Array.from({ length: packed.length / 8 }, (_, i) => packed.readDoubleLE(8 * i));
};

/** What an event says, as far as TensorBoard's plugins look. */
export function readEvent(data: Buffer): Record<string, unknown> {
  const event = fields(data);
  const head = { walltime: double(event, 1), step: integer(event, 2) };
  if (event.has(3)) return { ...head, version: text(event, 3) };
  if (event.has(7)) return { ...head, session: integer(nested(event, 7)!, 1) };
  const value = nested(nested(event, 5)!, 1)!;
  const tag = text(value, 1);
  if (value.has(2)) return { ...head, tag, scalar: (one(value, 2) as Buffer).readFloatLE() };
  const image = nested(value, 4);
  if (image !== undefined) {
    const size = { height: integer(image, 1), width: integer(image, 2), channels: integer(image, 3) };
    return { ...head, tag, ...size, png: one(image, 4) };
  }
  const histogram = nested(value, 5);
  if (histogram !== undefined) {
    const [min, max, count, sum, squares] = [1, 2, 3, 4, 5].map((field) => double(histogram, field));
    return {
      ...head,
      tag,
      min,
      max,
      count,
      sum,
      squares,
      limits: doubles(histogram, 6),
      counts: doubles(histogram, 7),
    };
  }
  const tensor = nested(value, 8)!;
  const plugin = nested(nested(value, 9)!, 1)!;
  const shape = nested(nested(tensor, 2)!, 2)!;
  const described = { plugin: text(plugin, 1), dtype: integer(tensor, 1), size: integer(shape, 1) };
  return { ...head, tag, ...described, text: text(tensor, 8) };
}

/** The events of a file. */
export function readEvents(file: Buffer): Record<string, unknown>[] {
  return records(file).map(readEvent);
}

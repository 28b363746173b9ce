// Encodes 8-bit grey images as the smallest PNG files that zlib makes of them: header, pixels and end, no other chunk.
import { constants, deflateSync } from 'node:zlib';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** What is subtracted from a pixel, given its left, upper and upper-left neighbours (PNG specification, section 9). */
const predictors = [
  () => 0,
  (left) => left,
  (_, up) => up,
  (left, up) => (left + up) >> 1,
  (left, up, upLeft) => {
    const [toLeft, toUp, toUpLeft] = [Math.abs(up - upLeft), Math.abs(left - upLeft), Math.abs(left + up - 2 * upLeft)];
    if (toLeft <= toUp && toLeft <= toUpLeft) return left;
    return toUp <= toUpLeft ? up : upLeft;
  },
];

const strategies = [constants.Z_DEFAULT_STRATEGY, constants.Z_FILTERED, constants.Z_RLE];

/** Encodes `width * height` grey values given row by row. */
export function encodeGreyPng(pixels, width, height) {
  const candidates = scanlineChoices(pixels, width, height).flatMap((scanlines) =>
    strategies.map((strategy) => deflateSync(scanlines, { level: 9, memLevel: 9, windowBits: 10, strategy })),
  );
  const smallest = candidates.reduce((best, candidate) => (candidate.length < best.length ? candidate : best));
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.writeUInt8(8, 8);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', smallest), chunk('IEND', Buffer.alloc(0))]);
}

/** The image under each filter alone, and under the filter that makes each row's residues smallest. */
function scanlineChoices(pixels, width, height) {
  const rows = Array.from({ length: height }, (_, y) =>
    predictors.map((_, filter) => filterRow(pixels, width, y, filter)),
  );
  const size = (row) => row.subarray(1).reduce((sum, residue) => sum + Math.min(residue, 256 - residue), 0);
  const smallest = (choices) => choices.reduce((best, row) => (size(row) < size(best) ? row : best));
  return [
    ...predictors.map((_, filter) => Buffer.concat(rows.map((choices) => choices[filter]))),
    Buffer.concat(rows.map(smallest)),
  ];
}

/** Row `y` as PNG stores it: the filter's number, then the residues. */
function filterRow(pixels, width, y, filter) {
  const at = (x, row) => (x < 0 || row < 0 ? 0 : pixels[row * width + x]);
  const line = Buffer.alloc(1 + width);
  line[0] = filter;
  for (let x = 0; x < width; x++) {
    line[1 + x] = at(x, y) - predictors[filter](at(x - 1, y), at(x, y - 1), at(x - 1, y - 1));
  }
  return line;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), framed.length - 4);
  return framed;
}

/** The checksum of PNG chunks (polynomial 0xEDB88320, bits reversed). */
function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

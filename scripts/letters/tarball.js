// Packs files into a .tar.gz whose bytes depend on their names and contents only: sorted, no times, no owners, plain
// ustar headers.
import { gzipSync } from 'node:zlib';

const blockSize = 512;

/** Packs `files`, a map from path to contents. */
export function packTarball(files) {
  const paths = [...files.keys()].sort();
  const blocks = paths.flatMap((path) => [header(path, files.get(path).length), padded(files.get(path))]);
  const zipped = gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * blockSize)]), { level: 9, memLevel: 9 });
  // The tenth byte of a gzip file names the operating system; 255 is "unknown".
  zipped[9] = 255;
  return zipped;
}

/** The ustar header of a regular file that everyone may read. */
function header(path, size) {
  if (Buffer.byteLength(path) > 100) throw new Error(`The path is too long for a plain tar header: ${path}`);
  const block = Buffer.alloc(blockSize);
  const octal = (value, digits) => value.toString(8).padStart(digits, '0') + '\0';
  block.write(path, 0);
  block.write(octal(0o644, 7), 100); // mode
  block.write(octal(0, 7), 108); // user
  block.write(octal(0, 7), 116); // group
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136); // time of last change
  block.write('        ', 148); // the checksum counts itself as blanks
  block.write('0', 156); // a regular file
  block.write('ustar\x0000', 257);
  const checksum = block.reduce((sum, byte) => sum + byte, 0);
  block.write(octal(checksum, 6) + ' ', 148);
  return block;
}

function padded(contents) {
  return Buffer.concat([contents, Buffer.alloc((blockSize - (contents.length % blockSize)) % blockSize)]);
}

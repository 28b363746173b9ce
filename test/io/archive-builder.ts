// Makes tar archives, honest and hostile, byte by byte: a library would refuse to write most of what is tested with.

import { gzipSync } from 'node:zlib';

export interface TarEntry {
  readonly name: string;
  readonly content?: Uint8Array | string;
  /** The type flag: '0' file (default), '5' folder, '1' hard link, '2' symbolic link, '3' and '4' devices, '6' FIFO. */
  readonly type?: string;
  readonly link?: string;
  /** The size to be claimed, if not the true one. */
  readonly size?: number;
}

export function tar(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(encodeEntry), Buffer.alloc(1024)]);
}

export function tarGz(entries: readonly TarEntry[]): Buffer {
  return gzipSync(tar(entries));
}

/** An entry whose path is carried by a PAX header, as long or unusual ones are. */
export function paxEntry(name: string, content: string): TarEntry[] {
  const rest = ` path=${name}\n`;
  // A record begins with its own length, the digits of which count.
  const length = [1, 2, 3, 4].map((digits) => rest.length + digits).find((n, i) => String(n).length === i + 1)!;
  const record = `${length}${rest}`;
  return [
    { name: 'PaxHeader/x', type: 'x', content: record },
    { name: 'placeholder', content },
  ];
}

function encodeEntry({ name, content = '', type = '0', link = '', size }: TarEntry): Buffer[] {
  const body = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${(size ?? body.length).toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write(type, 156);
  header.write(link, 157, 100);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
}

// The archive of letters that the package carries (assets/letters.tar.gz): what it holds, that whoever unpacks it is
// safe, and that no font family is on both sides of the split. It is read here with Node's own means, header by header.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { PNG } from 'pngjs';

interface TarEntry {
  path: string;
  type: string;
  format: string;
  mode: number;
  owners: [number, number];
  changed: number;
  contents: Buffer;
}

interface FontFamily {
  slug: string;
  family: string;
  version: string;
  licence: string;
  copyright: string;
  styles: string[];
  split: 'train' | 'test';
}

const classes = [...'ABCDEFGHIJ'];
const zipped = readFileSync(new URL('../../assets/letters.tar.gz', import.meta.url));
const unzipped = gunzipSync(zipped);
const entries = readTar(unzipped);
const testList = entries.find(({ path }) => path === 'letters/test.txt');
const images = entries.filter((entry) => entry !== testList);
const fonts = JSON.parse(
  readFileSync(new URL('../../scripts/letters/fonts.json', import.meta.url), 'utf8'),
) as FontFamily[];

/** The entries of a tar file that has none but plain ustar headers, up to the two empty blocks at its end. */
function readTar(tar: Buffer): TarEntry[] {
  const found: TarEntry[] = [];
  let offset = 0;
  while (tar[offset] !== 0) {
    const header = tar.subarray(offset, offset + 512);
    const text = (start: number, length: number) =>
      header.toString('utf8', start, start + length).replace(/\0.*$/s, '');
    const octal = (start: number, length: number) => parseInt(text(start, length).trim(), 8);
    const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
    assert.equal(octal(148, 8), sum, `header checksum at byte ${offset}`);
    const size = octal(124, 12);
    found.push({
      path: text(0, 100),
      type: text(156, 1),
      format: text(257, 6),
      mode: octal(100, 8),
      owners: [octal(108, 8), octal(116, 8)],
      changed: octal(136, 12),
      contents: tar.subarray(offset + 512, offset + 512 + size),
    });
    offset += 512 + Math.ceil(size / 512) * 512;
  }
  assert.ok(tar.length - offset >= 1024 && tar.subarray(offset).every((byte) => byte === 0), 'ends with empty blocks');
  return found;
}

/** `A/roboto-400-italic.png` of `letters/A/roboto-400-italic.png`. */
const withoutTop = (path: string) => path.slice('letters/'.length);

/** The font family, as `roboto-slab`, of `A/roboto-slab-400-normal.png`. */
function familyOf(path: string): string {
  const match = /^[A-J]\/(.+)-\d00-(?:normal|italic)\.png$/.exec(path);
  assert.ok(match?.[1], `${path} names no family`);
  return match[1];
}

const testPaths = (testList?.contents.toString('utf8') ?? '').split('\n').slice(0, -1);

suite('the archive as a file', () => {
  test('is small', () => {
    assert.ok(zipped.length <= 4_000_000, `${zipped.length} bytes`);
    assert.ok(unzipped.length <= 20_000_000, `${unzipped.length} bytes unpacked`);
  });

  test('says nothing of when and where it was made', () => {
    assert.equal(zipped.toString('hex', 0, 10), '1f8b08000000000002ff');
    for (const { path, owners, changed, mode } of entries) {
      assert.deepEqual({ owners, changed, mode }, { owners: [0, 0], changed: 0, mode: 0o644 }, path);
    }
  });

  test('holds regular files only, each once, in order, none with an odd path', () => {
    for (const { path, type, format } of entries) {
      assert.deepEqual({ type, format }, { type: '0', format: 'ustar' }, path);
      assert.match(path, /^letters\/(?:test\.txt|[A-J]\/[a-z0-9-]+\.png)$/);
    }
    const paths = entries.map(({ path }) => path);
    assert.deepEqual(paths, [...new Set(paths)].sort());
  });
});

suite('the letters', () => {
  test('are ten classes with the same fonts in each', () => {
    const names = new Map<string, string[]>();
    for (const { path } of images) {
      const [letter = '', name = ''] = withoutTop(path).split('/');
      names.set(letter, [...(names.get(letter) ?? []), name]);
    }
    assert.deepEqual([...names.keys()], classes);
    for (const letter of classes) assert.deepEqual(names.get(letter), names.get('A'), letter);
    assert.ok(images.length >= 7000 && images.length <= 9000, `${images.length} images`);
  });

  test('are the families and styles of the list the archive is rendered from', () => {
    const listed = fonts.flatMap(({ slug, styles }) => styles.map((style) => `letters/A/${slug}-${style}.png`));
    const rendered = images.map(({ path }) => path).filter((path) => path.startsWith('letters/A/'));
    assert.deepEqual(rendered, listed.sort());
  });

  test('are 28x28 eight-bit grey images, white on black, that reach all four sides', () => {
    for (const { path, contents } of images) {
      const { width, height, data, depth, color, palette, interlace } = PNG.sync.read(contents);
      assert.deepEqual(
        { width, height, depth, color, palette, interlace },
        { width: 28, height: 28, depth: 8, color: false, palette: false, interlace: false },
        path,
      );
      const pixel = (x: number, y: number) => data[4 * (28 * y + x)] ?? 0;
      const side = Array.from({ length: 28 }, (_, position) => position);
      for (const edge of [
        side.map((x) => pixel(x, 0)),
        side.map((x) => pixel(x, 27)),
        side.map((y) => pixel(0, y)),
        side.map((y) => pixel(27, y)),
      ]) {
        assert.ok(Math.max(...edge) > 0, `${path} leaves an edge empty`);
      }
    }
  });

  test('consist of three PNG chunks each', () => {
    for (const { path, contents } of images) {
      const kinds: string[] = [];
      for (let at = 8; at < contents.length; at += 12 + contents.readUInt32BE(at)) {
        kinds.push(contents.toString('latin1', at + 4, at + 8));
      }
      assert.deepEqual(kinds, ['IHDR', 'IDAT', 'IEND'], path);
    }
  });

  test('differ from each other within a style', () => {
    const contents = new Map(images.map((entry) => [withoutTop(entry.path), entry.contents.toString('latin1')]));
    for (const { slug, styles } of fonts) {
      for (const style of styles) {
        const drawings = classes.map((letter) => contents.get(`${letter}/${slug}-${style}.png`));
        assert.equal(new Set(drawings).size, classes.length, `${slug} ${style}`);
      }
    }
  });
});

suite('the split', () => {
  test('lists images of the archive, each once, in order', () => {
    const known = new Set(images.map(({ path }) => withoutTop(path)));
    assert.deepEqual(
      testPaths.filter((path) => !known.has(path)),
      [],
    );
    assert.deepEqual(testPaths, [...new Set(testPaths)].sort());
  });

  test('keeps about a seventh of each class for testing', () => {
    for (const letter of classes) {
      const all = images.filter(({ path }) => path.startsWith(`letters/${letter}/`)).length;
      const tested = testPaths.filter((path) => path.startsWith(`${letter}/`)).length;
      assert.ok(tested / all > 0.12 && tested / all < 0.17, `${letter}: ${tested} of ${all}`);
    }
  });

  test('has no font family on both sides, nor two that share the first word of their name', () => {
    const tested = new Set(testPaths);
    const familiesOn = (side: boolean) =>
      images
        .map(({ path }) => withoutTop(path))
        .filter((path) => tested.has(path) === side)
        .map(familyOf);
    const firstWord = (family: string) => family.split('-')[0];
    const trainedWords = new Set(familiesOn(false).map(firstWord));
    assert.deepEqual(
      familiesOn(true).filter((family) => trainedWords.has(firstWord(family))),
      [],
    );
    const listed = fonts.filter(({ split }) => split === 'test').map(({ slug }) => slug);
    assert.deepEqual([...new Set(familiesOn(true))].sort(), listed.sort());
  });
});

test('every family is acknowledged with an open licence and its copyright notice', () => {
  const list = readFileSync(new URL('../../assets/letters-fonts.txt', import.meta.url), 'utf8');
  const lines = list.split('\n').slice(1, -1);
  const expected = fonts.map(({ family, licence, slug, version, copyright }) =>
    [family, licence, `@fontsource/${slug}@${version}`, copyright].join(' | '),
  );
  assert.deepEqual(lines, expected);
  for (const { slug, licence, copyright } of fonts) {
    assert.ok(['OFL-1.1', 'Apache-2.0', 'UFL-1.0'].includes(licence), `${slug}: ${licence}`);
    assert.notEqual(copyright, '', slug);
  }
});

// Makes assets/letters.tar.gz and assets/letters-fonts.txt from the families in fonts.json.
// Usage: node render.js [FOLDER], where FOLDER holds the font packages already; without it they are fetched from npm
// into a temporary folder.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drawLetters, letters, side } from './drawing.js';
import { fontFile, readFontPackage } from './font-package.js';
import { encodeGreyPng } from './png.js';
import { packTarball } from './tarball.js';

const assets = new URL('../../assets/', import.meta.url);
const top = 'letters';

/** Installs exactly the listed versions under `folder`. */
function fetchFonts(families, folder) {
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const packages = families.map(({ slug, version }) => `@fontsource/${slug}@${version}`);
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  const { status, error } = spawnSync('npm', ['install', ...options, ...packages], { cwd: folder, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) throw new Error('npm could not install the font packages; its message is above');
}

/** Draws every family; the files of the archive by their paths. */
function drawArchive(families, folder) {
  const files = new Map();
  const tested = [];
  for (const { slug, version, licence, styles, split } of families) {
    const found = readFontPackage(folder, slug);
    if (found.version !== version || found.licence !== licence) {
      throw new Error(
        `@fontsource/${slug}: expected ${version} (${licence}), found ${found.version} (${found.licence}) in ${folder}`,
      );
    }
    for (const style of styles) {
      for (const [index, pixels] of drawLetters(fontFile(folder, slug, style)).entries()) {
        const path = `${letters[index]}/${slug}-${style}.png`;
        files.set(`${top}/${path}`, encodeGreyPng(pixels, side, side));
        if (split === 'test') tested.push(path);
      }
    }
  }
  files.set(`${top}/test.txt`, Buffer.from(tested.sort().join('\n') + '\n'));
  return files;
}

/** One line per family: name, licence, package with version, copyright notice. */
function acknowledgements(families) {
  const lines = families.map(({ slug, family, version, licence, copyright }) =>
    [family, licence, `@fontsource/${slug}@${version}`, copyright].join(' | '),
  );
  return ['Family | Licence | Package | Copyright notice as the package gives it', ...lines].join('\n') + '\n';
}

const families = JSON.parse(readFileSync(new URL('fonts.json', import.meta.url), 'utf8'));
const given = process.argv[2];
const folder = given ?? mkdtempSync(join(tmpdir(), 'flambeau-fonts-'));
try {
  if (!given) fetchFonts(families, folder);
  const files = drawArchive(families, folder);
  const archive = packTarball(files);
  writeFileSync(new URL('letters.tar.gz', assets), archive);
  writeFileSync(new URL('letters-fonts.txt', assets), acknowledgements(families));
  const sha256 = createHash('sha256').update(archive).digest('hex');
  console.log(`${files.size - 1} letters of ${families.length} families, ${archive.length} bytes, sha256 ${sha256}`);
} finally {
  if (!given) rmSync(folder, { recursive: true });
}

// A font family as npm carries it: one package `@fontsource/<family>` with a woff file for each weight and slant, a
// description of the family and the text of its licence. Read here, judged in survey.js.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The first words by which each accepted licence is recognised in a package's LICENSE file. */
const licenceTexts = {
  'OFL-1.1': /SIL Open Font License, Version 1\.1/i,
  'Apache-2.0': /Apache License\s+Version 2\.0/i,
  'UFL-1.0': /UBUNTU FONT LICENCE Version 1\.0/i,
};

/**
 * The licence of the fonts in a package, or undefined unless the package's description and its LICENSE file agree on
 * an open one. The `license` of package.json alone proves nothing: older packages give that of the packaging there.
 */
function openLicence(metadata, licenceFile) {
  const licence = metadata.license?.type;
  return existsSync(licenceFile) && licenceTexts[licence]?.test(readFileSync(licenceFile, 'utf8'))
    ? licence
    : undefined;
}

/** The copyright notice, without what follows it: some packages repeat it for every file or append the licence. */
function copyrightNotice(attribution) {
  const [notice] = attribution.split(/\s+(?=\S+\.ttf: )|\s*This Font Software is licensed/);
  return notice.replace(/\s+/g, ' ').trim();
}

/**
 * Reads the family in `folder/node_modules/@fontsource/<slug>`.
 * `styles` lists what is there for Latin, as `400-italic`.
 */
export function readFontPackage(folder, slug) {
  const root = join(folder, 'node_modules', '@fontsource', slug);
  const metadata = JSON.parse(readFileSync(join(root, 'metadata.json'), 'utf8'));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const licence = openLicence(metadata, join(root, 'LICENSE'));
  const styles = metadata.styles
    .flatMap((slant) => metadata.weights.map((weight) => `${weight}-${slant}`))
    .filter((style) => existsSync(fontFile(folder, slug, style)));
  return {
    slug,
    family: metadata.family,
    version,
    licence,
    copyright: licence && copyrightNotice(metadata.license.attribution ?? ''),
    styles,
  };
}

/** The file of one style, given as `400-italic`. */
export function fontFile(folder, slug, style) {
  return join(folder, 'node_modules', '@fontsource', slug, 'files', `${slug}-latin-${style}.woff`);
}

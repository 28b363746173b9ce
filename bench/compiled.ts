// What is measured is what users run: the package as `npm run build` compiles it, and the rows as plain JavaScript beside it,
// without a loader in the process.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const sourceFolder = dirname(fileURLToPath(import.meta.url));
/** Under build/, where the package's own name still means this package. */
export const buildFolder = join(dirname(sourceFolder), 'build', 'bench');

/** Writes the measuring program and the rows to `buildFolder`, types stripped. */
export function compileRows(): void {
  mkdirSync(join(buildFolder, 'rows'), { recursive: true });
  const rows = readdirSync(join(sourceFolder, 'rows')).filter((name) => name.endsWith('.ts'));
  for (const name of ['measure.ts', 'loader-datasets.ts', ...rows.map((row) => join('rows', row))]) {
    const { outputText } = ts.transpileModule(readFileSync(join(sourceFolder, name), 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
    });
    writeFileSync(join(buildFolder, name.replace(/\.ts$/, '.js')), outputText);
  }
}

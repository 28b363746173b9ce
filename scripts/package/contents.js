// What is in the package: nothing but what users need, and every import of the build declared.

import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';

const belongs =
  /^(dist\/|native\/|assets\/|scripts\/build-native\.js$|binding\.gyp$|package\.json$|README\.md$|LICENSE$)/;
const needed = [
  'dist/index.js',
  'dist/index.d.ts',
  'dist/node/index.js',
  'dist/node/library.js',
  'dist/node/worker.js',
  'dist/node/worker-entry.js',
  'binding.gyp',
  'native/view.h',
  'scripts/build-native.js',
  'assets/letters.tar.gz',
  'README.md',
  'LICENSE',
];
const most = 8_000_000;

/** The modules a compiled file imports, types included. */
function importsOf(text) {
  const statement = /^(?:import|export)\s[^'";]*?from\s*'([^']+)'|^import\s*'([^']+)'|\bimport\('([^']+)'\)/gm;
  return [...text.matchAll(statement)].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic);
}

function packageOf(name) {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

/**
 * The problems of a packed folder.
 * @param folder the package as it was unpacked
 * @param files its files
 */
export function checkContents(folder, files, size) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const problems = files
    .filter((path) => !belongs.test(path))
    .map((path) => `${path} is published but belongs to no part users need`);
  for (const path of needed) if (!files.includes(path)) problems.push(`${path} is missing`);
  if (size > most) problems.push(`the package takes ${size} bytes, more than ${most}`);

  const declared = new Set([...Object.keys(manifest.dependencies ?? {}), manifest.name]);
  const withEffects = new Set(manifest.sideEffects.map((path) => join(folder, path)));
  for (const path of files.filter((file) => /^dist\/.*(\.js|\.d\.ts)$/.test(file))) {
    const text = readFileSync(join(folder, path), 'utf8');
    for (const name of importsOf(text)) {
      if (name.startsWith('.') || name.startsWith('#') || isBuiltin(name) || declared.has(packageOf(name))) continue;
      problems.push(`${path} imports '${name}', which is not a dependency`);
    }
    // A module imported for what it does, not for a name, would be left out of bundles unless it is listed.
    for (const [, name] of text.matchAll(/^import\s*'(\.[^']+)'/gm)) {
      const target = join(folder, path, '..', name);
      if (path.endsWith('.js') && !withEffects.has(target)) {
        problems.push(`${path} imports '${name}' for its effects, which package.json's sideEffects does not list`);
      }
    }
  }
  return problems;
}

// Checks the package as it would be published: nothing but what users need, every import of the build declared.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { root } from './bootstrap.js';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error'], {
  cwd: root,
  encoding: 'utf8',
});
const result = JSON.parse(packed);
const [{ files, size }] = Array.isArray(result) ? result : Object.values(result);
const problems = [];

const expected =
  /^(dist\/|native\/|assets\/|scripts\/build-native\.js$|binding\.gyp$|package\.json$|README\.md$|LICENSE$)/;
for (const { path } of files)
  if (!expected.test(path)) problems.push(`${path} is published but belongs to no part users need`);
for (const path of [
  'dist/index.js',
  'dist/index.d.ts',
  'binding.gyp',
  'native/view.h',
  'assets/letters.tar.gz',
  'README.md',
  'LICENSE',
]) {
  if (!files.some((file) => file.path === path)) problems.push(`${path} is missing`);
}
if (size > 8_000_000) problems.push(`the package takes ${size} bytes, more than 8 MB`);

const declared = new Set([...Object.keys(manifest.dependencies ?? {}), manifest.name]);
for (const { path } of files.filter((file) => /^dist\/.*\.js$/.test(file.path))) {
  const text = readFileSync(join(root, path), 'utf8');
  for (const [, name] of text.matchAll(
    /^(?:import|export)\s[^'";]*?from\s*'([^'.#][^']*)'|^import\s*'([^'.#][^']*)'/gm,
  )) {
    if (!name || isBuiltin(name)) continue;
    const base = name
      .split('/')
      .slice(0, name.startsWith('@') ? 2 : 1)
      .join('/');
    if (!declared.has(base)) problems.push(`${path} imports '${name}', which is not a dependency`);
  }
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`${files.length} files, ${(size / 1e6).toFixed(1)} MB packed: nothing missing, nothing undeclared`);

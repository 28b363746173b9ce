// The house's rules for imports: down the floors only, no circle at run time, Node's modules only where that is a file's purpose.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'src');

/** Folder and floor; a folder may import from its own floor only where `neighbours` says so. */
const floors: Record<string, number> = {
  backend: 1,
  tensor: 2,
  autograd: 3,
  ops: 4,
  nn: 5,
  optim: 5,
  data: 5,
  io: 6,
  transforms: 6,
  datasets: 6,
  visual: 6,
};

/** Floors whose folders know nothing of each other. */
const separate = new Set(['nn', 'optim', 'data']);

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sources(path) : entry.name.endsWith('.ts') ? [path] : [];
  });
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const statement = /^(?:import|export)\s+(type\s)?([^'";]*?from\s+)?'([^']+)'/gms;
  return [...text.matchAll(statement)].map(([, typeWord, names, to]) => {
    const named = names?.match(/\{([^}]*)\}/)?.[1];
    const onlyTypes =
      named !== undefined &&
      !/^\s*\w/.test(names!.replace(/\{[^}]*\}/, '').replace('from', '')) &&
      named.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type '));
    return { from: file, to: to!, typeOnly: typeWord !== undefined || onlyTypes };
  });
}

const files = sources(root);
const imports = files.flatMap(importsOf);
const place = (file: string): string => relative(root, file);
const folderOf = (file: string): string => (place(file).split('/').length > 1 ? place(file).split('/')[0]! : '');
const resolved = ({ from, to }: Import): string => resolve(dirname(from), to.replace(/\.js$/, '.ts'));

test('every folder of src has a floor', () => {
  const folders = new Set(files.map(folderOf).filter((folder) => folder !== ''));
  assert.deepEqual(
    [...folders].filter((folder) => !(folder in floors)),
    [],
  );
});

test('run-time imports go down the floors', () => {
  const upward = imports
    .filter((entry) => !entry.typeOnly && entry.to.startsWith('.'))
    .filter((entry) => {
      const [from, to] = [folderOf(entry.from), folderOf(resolved(entry))];
      if (from === '' || to === '' || from === to)
        return from !== '' && to === '' && !['callable.ts', 'errors.ts'].includes(place(resolved(entry)));
      if (floors[to]! > floors[from]!) return true;
      return floors[to] === floors[from] && separate.has(from);
    })
    .map((entry) => `${place(entry.from)} -> ${place(resolved(entry))}`);
  assert.deepEqual(upward, []);
});

test('no import circle at run time', () => {
  const next = new Map<string, string[]>();
  for (const entry of imports) {
    if (entry.typeOnly || !entry.to.startsWith('.')) continue;
    next.set(entry.from, [...(next.get(entry.from) ?? []), resolved(entry)]);
  }
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    assert.equal(start, -1, `circle: ${[...path.slice(start), file].map(place).join(' -> ')}`);
    if (done.has(file)) return;
    for (const to of next.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
});

test('only files whose purpose is Node import its modules', () => {
  const allowed = /^(backend\/(native|platform)|data|io|datasets|visual)\//;
  const elsewhere = imports
    .filter((entry) => entry.to.startsWith('node:') && !allowed.test(place(entry.from)))
    .map((entry) => `${place(entry.from)} imports ${entry.to}`);
  assert.deepEqual(elsewhere, []);
});

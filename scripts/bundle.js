// `dist/node`: the build again for Node, as a few files. A program, and each worker of a DataLoader, loads the library in a
// fraction of the time that its hundreds of modules take. Bundlers don't see it: they take the modules, of which they leave
// out what isn't used (the `module` condition in package.json).
//
// There are layers, each with what the ones before it hold: what every worker runs, data sets and transforms, the whole
// library. So a worker holds what it needs: each thread compiles for itself, in memory of its own. Layers share files,
// `chunk-*.js`; no module is there twice.
//
// Beside them lies a file of re-exports for everything the package exports, and for every module that names itself to workers by
// `import.meta.url`: so each class is there once, under whichever address it is asked for.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { build } from 'esbuild';
import { root } from './bootstrap.js';

const dist = join(root, 'dist');
const output = join(dist, 'node');
/** Looks for the file that workers begin with, which lies beside the bundle. */
const starter = 'data/workers/threads-node';
const workerEntry = 'data/workers/worker-entry';
/** From the smallest on: the modules that a layer adds. The last has all others. */
const layers = [
  { file: 'worker', adds: (module) => module.startsWith('data/') },
  { file: 'datasets', adds: (module) => /^(datasets|transforms|io)\//.test(module) },
  { file: 'library', adds: () => true },
];
const layerOf = (module) => layers.findIndex(({ adds }) => adds(module));

/** Modules by their paths in dist/, without `.js`. */
function modules() {
  return readdirSync(dist, { recursive: true })
    .filter((path) => path.endsWith('.js') && !path.startsWith(`node${sep}`))
    .map((path) => path.slice(0, -3).replaceAll(sep, '/'));
}

const textOf = (module) => readFileSync(join(dist, `${module}.js`), 'utf8');

/** The name of a module's re-exports, and its mark in the bundle. */
const flat = (module) => module.replaceAll('/', '-');
const mark = (module) => `$${module.replaceAll(/\W/g, '_')}$`;

/** Where modules speak of their own address; elsewhere the words stand in messages. */
const ownAddress =
  /(?<=static moduleUrl = |^fromModule\(|createRequire\(|new URL\('[^']*', )import\.meta\.url(?=[;,)])/gm;

const namesItself = (text) => /static moduleUrl = import\.meta\.url;|^fromModule\(import\.meta\.url,/m.test(text);

/** What carries a name that programs see: a module's classes, and the functions it exports. Some name themselves. */
const namedIn = (text) =>
  [...text.matchAll(/^(?:export )?class (\w+)|^export (?:async )?function\*? (\w+)/gm)]
    .map(([, type, fn]) => type ?? fn)
    .filter((name) => !text.includes(`Object.defineProperty(${name}, 'name'`));

/**
 * What a module's `import.meta.url` becomes. A module that names itself means its re-exports; any other means where its own
 * file lies, from where it looks for something.
 */
function addressOf(module, text) {
  if (module === starter) return 'import.meta.url';
  const file = namesItself(text) ? `./${flat(module)}.js` : `../${module}.js`;
  return `new URL('${file}', import.meta.url).href`;
}

/** @param renamed names that the bundle may change, because they occur twice */
function adapt(renamed) {
  return {
    name: 'adapt',
    setup(bundle) {
      bundle.onLoad({ filter: /\.js$/, namespace: 'file' }, ({ path }) => {
        const module = relative(dist, path).replaceAll(sep, '/').slice(0, -3);
        const text = readFileSync(path, 'utf8');
        const names = namedIn(text).filter((name) => renamed.has(name));
        const named = names.map((name) => `\nObject.defineProperty(${name}, 'name', { value: '${name}' });`);
        // What a decorated class is compiled to has its name from a variable, which the bundle may call otherwise.
        const fixed = text.replaceAll(
          /\b(?:var|let|const) (\w+) = class(?: extends [\w.]+)? \{/g,
          (start, name) => `${start} static { Object.defineProperty(this, 'name', { value: '${name}' }); }`,
        );
        const contents = fixed.replaceAll(ownAddress, addressOf(module, text)) + named.join('');
        return { contents, loader: 'js', resolveDir: dirname(path) };
      });
    },
  };
}

const options = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  conditions: ['node'],
};

/** The names that modules export. */
async function exportsOf(entries) {
  const entryPoints = entries.map((module) => ({ in: join(dist, `${module}.js`), out: flat(module) }));
  const { metafile } = await build({
    ...options,
    entryPoints,
    outdir: output,
    splitting: true,
    metafile: true,
    write: false,
  });
  const found = Object.values(metafile.outputs).filter(({ entryPoint }) => entryPoint !== undefined);
  return new Map(
    found.map(({ entryPoint, exports }) => [
      relative(dist, join(process.cwd(), entryPoint)).replaceAll(sep, '/').slice(0, -3),
      exports,
    ]),
  );
}

/** Gives layers their contents: every export under its module's mark and its own name. */
function fill(names) {
  return {
    name: 'fill',
    setup(bundle) {
      bundle.onResolve({ filter: /^layer:/ }, ({ path }) => ({
        path: path.slice('layer:'.length),
        namespace: 'layer',
      }));
      bundle.onLoad({ filter: /.*/, namespace: 'layer' }, ({ path }) => {
        const layer = layers.findIndex(({ file }) => file === path);
        const lines = [...names]
          .filter(([module]) => layerOf(module) <= layer)
          .flatMap(([module, exported]) =>
            exported.map((name) => `export { ${name} as ${mark(module)}${name} } from './${module}.js';`),
          );
        return { contents: lines.join('\n'), loader: 'js', resolveDir: dist };
      });
    },
  };
}

/** Bundles modules in layers; the text of all files. */
async function bundle(names, renamed, write) {
  const { outputFiles } = await build({
    ...options,
    entryPoints: layers.map(({ file }) => ({ in: `layer:${file}`, out: file })),
    outdir: output,
    splitting: true,
    sourcemap: 'linked',
    minifyWhitespace: true,
    legalComments: 'none',
    plugins: [fill(names), adapt(renamed)],
    logLevel: 'warning',
    write: false,
  });
  if (write) for (const { path, contents } of outputFiles) writeFileSync(path, contents);
  const text = outputFiles
    .filter(({ path }) => path.endsWith('.js'))
    .map(({ text }) => text)
    .join('\n');
  // V8 keeps a file's text in every thread that runs it, with two bytes for each character if there is but one other.
  const other = /[^\0-\x7f]/.exec(text)?.[0];
  if (other !== undefined) throw new Error(`the bundle has the character ${other}: write it as an escape sequence`);
  return text;
}

/** The names that aren't what they were in the bundle, or not for sure. */
async function findRenamed(names, all) {
  const counts = new Map();
  for (const name of all.flatMap((module) => namedIn(textOf(module)))) counts.set(name, (counts.get(name) ?? 0) + 1);
  const text = await bundle(names, new Set(), false);
  const kept = new Set([...text.matchAll(/\b(?:class|function\*?) ?(\w+)/g)].map(([, name]) => name));
  return new Set([...counts].filter(([name, count]) => count > 1 || !kept.has(name)).map(([name]) => name));
}

/** The file that workers begin with runs what the main thread must not: it stays outside, over the re-exports. */
function adaptWorkerEntry() {
  const text = textOf(workerEntry).replace(/^\/\/# sourceMappingURL.*$/m, '');
  const imported = [];
  const adapted = text.replaceAll(/(?<=from ')\.[^']+(?=\.js')/g, (path) => {
    const module = join(dirname(workerEntry), path).replaceAll(sep, '/');
    imported.push(module);
    return `./${flat(module)}`;
  });
  return { adapted, imported };
}

export async function bundleForNode() {
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output);
  const all = modules();
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const published = Object.values(exports).flatMap(({ module }) =>
    module ? [module.slice('./dist/'.length, -3)] : [],
  );
  const entry = adaptWorkerEntry();
  const named = all.filter((module) => namesItself(textOf(module)));
  const names = await exportsOf([...new Set([...published, ...entry.imported, ...named])]);
  await bundle(names, await findRenamed(names, all), true);
  for (const [module, exported] of names) {
    const list = exported.map((name) => `  ${mark(module)}${name} as ${name},\n`).join('');
    writeFileSync(
      join(output, `${flat(module)}.js`),
      `export {\n${list}} from './${layers[layerOf(module)].file}.js';\n`,
    );
  }
  writeFileSync(join(output, 'worker-entry.js'), entry.adapted);
}

if (process.argv[1] === import.meta.filename) await bundleForNode();

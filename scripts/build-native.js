#!/usr/bin/env node
// Compiles the native kernels into build/Release/flambeau.node, unless they are there already for these sources and this
// Node. Never fails an installation: without a compiler, or if compiling fails, the library runs on its TypeScript
// kernels, and one line says so. As the command `flambeau-build`, which users run where npm runs no install scripts, it says so
// when there is nothing to do, and fails when it can't build. Options: --verbose shows the compiler's output, --force builds even if up to date.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const buildFolder = path.join(root, 'build');
const addon = path.join(buildFolder, 'Release', 'flambeau.node');
const stampFile = path.join(buildFolder, 'native.stamp');
const lockFile = path.join(buildFolder, 'native.lock');
const logFile = path.join(buildFolder, 'native.log');

const verbose = process.argv.includes('--verbose');
const force = process.argv.includes('--force');

/** Whether this is the package's command, not a step of an installation. */
const asked = path.basename(process.argv[1] ?? '').startsWith('flambeau-build');

const cost = 'the plain TypeScript kernels are used instead: same results, tens of times slower';

function say(line) {
  console.log(`flambeau: ${line}`);
}

/** What the addon depends on, as one hash: its sources, how it is built, and the Node it is for. */
function wantedStamp() {
  const hash = createHash('sha256');
  hash.update(`${process.platform} ${process.arch} ${process.versions.modules} ${process.env.CXX ?? ''}\n`);
  const files = [path.join(root, 'binding.gyp')];
  for (const entry of fs.readdirSync(path.join(root, 'native'), { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) files.push(path.join(entry.parentPath ?? entry.path, entry.name));
  }
  for (const file of files.sort()) {
    hash.update(`${path.relative(root, file)}\n`);
    hash.update(fs.readFileSync(file));
  }
  return hash.digest('hex');
}

function upToDate() {
  if (!fs.existsSync(addon)) return false;
  try {
    return fs.readFileSync(stampFile, 'utf8') === wantedStamp();
  } catch {
    return false;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * Waits until no other process builds in this folder. The lock is a file with its owner's process number; one whose
 * owner has died is moved aside, which only one of those waiting can do.
 */
async function lock() {
  fs.mkdirSync(buildFolder, { recursive: true });
  for (let waited = 0; ; waited++) {
    try {
      fs.writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    let owner = NaN;
    let age = 0;
    try {
      owner = Number(fs.readFileSync(lockFile, 'utf8'));
      age = Date.now() - fs.statSync(lockFile).mtimeMs;
    } catch {
      continue; // given back this moment
    }
    const dead = owner > 0 ? !isAlive(owner) : age > 5000;
    if (dead) {
      const aside = `${lockFile}.${process.pid}`;
      try {
        fs.renameSync(lockFile, aside);
        const moved = Number(fs.readFileSync(aside, 'utf8'));
        fs.unlinkSync(aside);
        // Somebody else was quicker and this is already the next owner's: give it back.
        if (moved !== owner && isAlive(moved)) fs.writeFileSync(lockFile, String(moved), { flag: 'wx' });
      } catch {
        // moved by another process
      }
      continue;
    }
    if (waited === 10) say(`waiting for another build of the native kernels (process ${owner}) in this folder`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function unlock() {
  try {
    if (Number(fs.readFileSync(lockFile, 'utf8')) === process.pid) fs.unlinkSync(lockFile);
  } catch {
    // taken over by another process
  }
}

function runs(command, ...args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** What building needs and this machine lacks. */
function missingTools() {
  const missing = [];
  const compilers = process.env.CXX ? [process.env.CXX.split(' ')[0]] : ['g++', 'c++', 'clang++'];
  if (!compilers.some((compiler) => runs(compiler, '--version'))) missing.push('C++ compiler');
  if (!runs('make', '--version') && !runs('gmake', '--version')) missing.push('make');
  if (!['python3', 'python', process.env.PYTHON ?? 'python3'].some((python) => runs(python, '--version'))) {
    missing.push('Python 3');
  }
  return missing;
}

/** The node-gyp of the npm that runs this script, or of the npm that came with this Node. */
function findNodeGyp() {
  const candidates = [process.env.npm_config_node_gyp];
  const npmFolders = [];
  if (process.env.npm_execpath) npmFolders.push(path.dirname(path.dirname(process.env.npm_execpath)));
  for (const folder of [path.dirname(process.execPath), ...(process.env.PATH ?? '').split(path.delimiter)]) {
    const npm = path.join(folder, 'npm');
    if (fs.existsSync(npm)) npmFolders.push(path.dirname(path.dirname(fs.realpathSync(npm))));
  }
  npmFolders.push(path.join(path.dirname(process.execPath), '..', 'lib', 'node_modules', 'npm'));
  for (const folder of npmFolders) candidates.push(path.join(folder, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js'));
  return candidates.find((file) => file && fs.existsSync(file));
}

/** The folder whose include/node holds this Node's headers, so that none need to be downloaded. */
function headersFolder() {
  const candidates = [process.env.npm_config_nodedir, path.join(path.dirname(fs.realpathSync(process.execPath)), '..')];
  return candidates.find((folder) => {
    if (!folder) return false;
    try {
      const text = fs.readFileSync(path.join(folder, 'include', 'node', 'node_version.h'), 'utf8');
      const major = /#define NODE_MAJOR_VERSION (\d+)/.exec(text)?.[1];
      return (
        major === process.versions.node.split('.')[0] &&
        fs.existsSync(path.join(folder, 'include', 'node', 'node_api.h')) &&
        fs.existsSync(path.join(folder, 'include', 'node', 'common.gypi'))
      );
    } catch {
      return false;
    }
  });
}

async function compile(nodeGyp) {
  const args = [nodeGyp, 'configure', 'build', '--release', '--jobs', String(Math.min(2, os.availableParallelism()))];
  const headers = headersFolder();
  if (headers) args.push(`--nodedir=${headers}`);
  const environment = { ...process.env };
  // A make or npm around this one has its own ideas.
  for (const name of ['MAKEFLAGS', 'MFLAGS', 'MAKELEVEL', 'npm_config_nodedir']) delete environment[name];
  const log = fs.openSync(logFile, 'w');
  try {
    const child = spawn(process.execPath, args, { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    process.once('exit', () => child.kill());
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data) => {
        fs.writeSync(log, data);
        if (verbose) process.stdout.write(data);
      });
    }
    return await new Promise((resolve) => {
      child.on('error', () => resolve(false));
      child.on('close', (code) => resolve(code === 0 && fs.existsSync(addon)));
    });
  } finally {
    fs.closeSync(log);
  }
}

async function main() {
  if (!force && upToDate()) {
    if (asked) say('the native kernels are built and up to date');
    return;
  }
  if (process.platform === 'win32' || !['x64', 'arm64'].includes(process.arch)) {
    say(`no native kernels for ${process.platform} ${process.arch} yet; ${cost}`);
    return;
  }
  const missing = missingTools();
  if (missing.length > 0) {
    fs.rmSync(addon, { force: true });
    say(`no ${missing.join(', no ')} found to build the native kernels with; ${cost}`);
    return;
  }
  const nodeGyp = findNodeGyp();
  if (nodeGyp === undefined) {
    fs.rmSync(addon, { force: true });
    say(`npm's node-gyp was not found to build the native kernels with; ${cost}`);
    return;
  }
  await lock();
  process.on('exit', unlock);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));
  if (!force && upToDate()) return; // built while this process waited
  const stamp = wantedStamp();
  const start = Date.now();
  say('compiling the native kernels (about a minute, once)');
  fs.rmSync(stampFile, { force: true });
  if (await compile(nodeGyp)) {
    fs.writeFileSync(stampFile, stamp);
    say(`native kernels compiled in ${Math.round((Date.now() - start) / 1000)} s`);
  } else {
    fs.rmSync(addon, { force: true }); // what is there may be of other sources
    say(`compiling the native kernels failed, see ${path.relative(process.cwd(), logFile)}; ${cost}`);
  }
}

await main();
if (asked && !fs.existsSync(addon)) process.exitCode = 1;

// Brings a bare clone to where its programs run: packages installed, the addon built, TypeScript compiled. Each step is skipped
// when it is up to date. Only Node's own modules are used here, for nothing is installed yet.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lock = join(root, 'build', '.bootstrap.lock');

/** Runs a command in the project's root; ends this process with its exit code if it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) {
    if (options.stdio && result.stderr) process.stderr.write(result.stderr);
    if (options.stdio && result.stdout) process.stderr.write(result.stdout);
    process.exit(result.status ?? 1);
  }
}

function newest(folder) {
  let time = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    time = Math.max(time, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }
  return time;
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Two commands started in one clone prepare it one after the other. */
function withLock(work) {
  mkdirSync(dirname(lock), { recursive: true });
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const owner = Number(existsSync(lock) ? readFileSync(lock, 'utf8') : 0);
      if (owner > 0 && !alive(owner)) rmSync(lock, { force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
  try {
    work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function installPackages() {
  const marker = join(root, 'node_modules', '.package-lock.json');
  const wanted = join(root, 'package-lock.json');
  if (existsSync(marker) && statSync(marker).mtimeMs >= statSync(wanted).mtimeMs) return;
  say('Installing packages ...');
  // The addon is built below, so that its one line is seen.
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function buildAddon() {
  run(process.execPath, [join('scripts', 'build-native.js')], { stdio: ['ignore', 'inherit', 'inherit'] });
}

function compile() {
  const output = join(root, 'dist', '.compiled');
  const settings = ['tsconfig.build.json', join('scripts', 'bundle.js'), 'package.json'].map(
    (file) => statSync(join(root, file)).mtimeMs,
  );
  const sources = Math.max(newest(join(root, 'src')), ...settings);
  if (existsSync(output) && statSync(output).mtimeMs >= sources) return;
  say('Compiling TypeScript ...');
  const started = new Date();
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  run(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json']);
  run(process.execPath, [join('scripts', 'bundle.js')]);
  writeFileSync(output, '');
  utimesSync(output, started, started);
}

/** Installs, builds and compiles what is missing or out of date. */
export function prepare() {
  withLock(() => {
    installPackages();
    buildAddon();
    compile();
  });
}

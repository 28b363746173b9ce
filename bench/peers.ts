// Other libraries for JavaScript on the rows they can do. They are no dependencies: npm installs them into a temporary folder
// when they are asked for, and their programs (bench/peers) are copied there.

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alternate, flambeauSide, setUpAll, timing, type Timing } from './comparison.js';
import { sourceFolder } from './compiled.js';
import type { PeerResult } from './results.js';
import { Side } from './side.js';

interface Peer {
  readonly name: string;
  readonly program: string;
  /** With versions, so that a later run measures the same. */
  readonly packages: readonly string[];
}

const peers: readonly Peer[] = [
  {
    name: 'TensorFlow.js 4.22 (wasm)',
    program: 'tfjs.mjs',
    packages: ['@tensorflow/tfjs@4.22.0', '@tensorflow/tfjs-backend-wasm@4.22.0'],
  },
  { name: 'jax-js 0.1 (wasm)', program: 'jax-js.mjs', packages: ['@jax-js/jax@0.1.25'] },
  { name: 'js-pytorch 0.7', program: 'js-pytorch.mjs', packages: ['js-pytorch@0.7.2'] },
];

const rows = [
  ...['W1 matmul 512', 'W1 matmul 1024', 'W2 add 1M', 'W2 relu 1M', 'W2 sum 1M', 'W3 add 10', 'W4 tiny MLP step'],
  'W5 MLP step',
];

/** Installs a library; what npm says if it can't. */
function install(folder: string, packages: readonly string[]): string | undefined {
  try {
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', folder];
    execFileSync('npm', ['install', ...options, ...packages], { encoding: 'utf8', stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `not installed: ${String((error as { stderr?: string }).stderr ?? error).split('\n')[0]}`;
  }
}

/** Measures flambeau and each library in turn, row by row, rounds alternating. */
export async function measurePeers(rounds: number, seconds: number, wanted: readonly string[]): Promise<PeerResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'flambeau-peers-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
    const missing = new Map<string, string>();
    copyFileSync(join(sourceFolder, 'peers', 'serve.mjs'), join(folder, 'serve.mjs'));
    for (const { name, program, packages } of peers) {
      copyFileSync(join(sourceFolder, 'peers', program), join(folder, program));
      const problem = install(folder, packages);
      if (problem !== undefined) {
        missing.set(name, problem);
        console.error(`${name}: ${problem}`);
      }
    }
    const results: PeerResult[] = [];
    for (const row of rows) {
      if (wanted.length > 0 && !wanted.some((start) => row.startsWith(start))) continue;
      process.stderr.write(`${row}\n`);
      results.push(await compareWithPeers(row, folder, missing, rounds, seconds));
    }
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compareWithPeers(
  row: string,
  folder: string,
  missing: ReadonlyMap<string, string>,
  rounds: number,
  seconds: number,
): Promise<PeerResult> {
  const ours = flambeauSide(2);
  const found: Record<string, Timing | string> = Object.fromEntries(missing);
  const guests: Side[] = [];
  try {
    await setUpAll([ours], row);
    for (const { name, program } of peers) {
      if (missing.has(name)) continue;
      const guest = new Side(name, process.execPath, [join(folder, program)], { cwd: folder });
      try {
        const problem = (await guest.setUp(row)).missing;
        if (problem === undefined) {
          guests.push(guest);
          continue;
        }
        found[name] = problem;
      } catch (error) {
        found[name] = String(error);
      }
      console.error(`  ${name}: ${String(found[name])}`);
      await guest.close();
    }
    const samples = await alternate([ours, ...guests], [], rounds, seconds);
    for (const guest of guests) found[guest.name] = timing(samples.get(guest)!);
    return { row, flambeau: timing(samples.get(ours)!), peers: found };
  } finally {
    await Promise.all([ours, ...guests].map((side) => side.close()));
  }
}

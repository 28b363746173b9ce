// The yardstick: peak of multiply-adds and of memory, measured by machine.cpp in the same run as the rows.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { buildFolder, sourceFolder } from './compiled.js';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** Float32 operations a second (a multiply-add is two) on one and on all threads; undefined without a compiler. */
  readonly flops?: readonly [one: number, all: number];
  /** Bytes a second to and from memory. */
  readonly bytes?: readonly [one: number, all: number];
}

/** Measures the machine. Without a C++ compiler there is no yardstick, and shares are left out. */
export function measureMachine(threads: number): Machine {
  const machine = { cpu: cpus()[0]?.model.trim() ?? 'unknown', cores: cpus().length };
  const source = join(sourceFolder, 'machine.cpp');
  const program = join(buildFolder, 'machine');
  mkdirSync(buildFolder, { recursive: true });
  try {
    if (!existsSync(program) || statSync(program).mtimeMs < statSync(source).mtimeMs) {
      const flags = ['-O3', '-march=native', '-ffp-contract=fast', '-std=c++17', '-pthread'];
      execFileSync(process.env.CXX ?? 'g++', [...flags, source, '-o', program], { stdio: 'pipe' });
    }
  } catch {
    console.error('no C++ compiler: the machine itself is not measured, shares of its peak are left out');
    return machine;
  }
  const found = JSON.parse(execFileSync(program, [String(threads)], { encoding: 'utf8' })) as Record<string, number>;
  return { ...machine, flops: [found.flops1!, found.flops2!], bytes: [found.bytes1!, found.bytes2!] };
}

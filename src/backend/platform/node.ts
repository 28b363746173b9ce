// What differs between Node and a browser, as Node does it.

import { AsyncLocalStorage } from 'node:async_hooks';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import vm from 'node:vm';
import { isMainThread } from 'node:worker_threads';

import { FlambeauError } from '../../errors.js';
import type { Backend } from '../backend.js';
import type { Addon } from '../native/addon.js';
import { createNativeBackend } from '../native/index.js';

/** Without options a full collection; Node 20 takes any options for a minor one. */
export type Collect = (options?: { type: 'minor'; execution: 'sync' }) => void;

/** The same place seen from src/ and from dist/. */
const addonFile = fileURLToPath(new URL('../../../build/Release/flambeau.node', import.meta.url));

/**
 * The compiled backend; undefined, with a warning, where it was not built: npm may have been told not to run install
 * scripts. One that was built but can't be used is reported as a warning too, and as an error if FLAMBEAU_BACKEND or FLAMBEAU_CPU asks for it.
 */
export function loadNativeBackend(): Backend | undefined {
  const required = env('FLAMBEAU_BACKEND') === 'native';
  if (!existsSync(addonFile)) {
    if (required) {
      throw new FlambeauError('FLAMBEAU_BACKEND=native: the native kernels are not built; run `npx flambeau-build`');
    }
    if (isMainThread) {
      process.emitWarning(
        'the native kernels are not built, so everything is computed in plain TypeScript, tens of times slower: run ' +
          '`npx flambeau-build` once (FLAMBEAU_BACKEND=reference hides this line)',
        'FlambeauWarning',
      );
    }
    return undefined;
  }
  try {
    return createNativeBackend(createRequire(import.meta.url)(addonFile) as Addon);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `the native kernels can't be used: ${reason}`;
    if (required || env('FLAMBEAU_CPU')) throw new FlambeauError(message, { cause: error });
    process.emitWarning(`${message}; the plain TypeScript kernels are used instead`, 'FlambeauWarning');
    return undefined;
  }
}

/** A value that holds inside a function's run, also across its awaits. */
export class AsyncContext<T> {
  private readonly storage = new AsyncLocalStorage<T>();

  run<R>(value: T, fn: () => R): R {
    return this.storage.run(value, fn);
  }

  /** The value of the innermost `run` around the caller. */
  get(): T | undefined {
    return this.storage.getStore();
  }
}

/** An environment variable. */
export function env(name: string): string | undefined {
  return process.env[name];
}

/** What V8's array buffers take in this thread, living or not yet collected; undefined where nobody says. */
export function arrayBufferBytes(): number | undefined {
  return process.memoryUsage().arrayBuffers;
}

/** V8's collector, without command-line flags; undefined where it can't be had. */
export function findCollector(): Collect | undefined {
  try {
    v8.setFlagsFromString('--expose-gc');
    const collect: unknown = vm.runInNewContext('gc');
    return typeof collect === 'function' ? (collect as Collect) : undefined;
  } catch {
    return undefined;
  }
}

/** Writes a text to a file. */
export async function writeText(path: string, text: string): Promise<void> {
  await writeFile(path, text);
}

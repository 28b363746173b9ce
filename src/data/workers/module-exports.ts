// Exports of modules by address and name: how functions and classes are named in one thread and found in another.

import { DataLoaderError } from '../../errors.js';

/** An export's address. */
export interface ExportName {
  readonly module: string;
  readonly name: string;
}

type Namespace = Readonly<Record<string, unknown>>;

/** Modules that were imported here, by address. */
const namespaces = new Map<string, Namespace>();

/** Imports a module; one that this thread has imported before is not run again. */
export async function importModule(module: string): Promise<Namespace> {
  const known = namespaces.get(module);
  if (known !== undefined) return known;
  const namespace = (await import(module)) as Namespace;
  namespaces.set(module, namespace);
  return namespace;
}

/**
 * Imports a module, but waits for it only `patience` milliseconds, by default a little longer than one takes that is there already: a program that loads its data at the top
 * level of the module that also holds the data set is still being run, and waiting for its end would be waiting for ourselves.
 * Resolves to whether the module could be had.
 */
export async function importIfRun(module: string, patience = LONGEST_IMPORT): Promise<boolean> {
  if (namespaces.has(module)) return true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, patience, false);
  });
  const imported = importModule(module).then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([imported, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Milliseconds; the import of a module that was run takes less than one, unless the machine has much else to do. */
const LONGEST_IMPORT = 50;

/** The name under which a module that was imported here exports a value. */
export function exportedName(module: string, value: unknown): string | undefined {
  const namespace = namespaces.get(module);
  if (namespace === undefined) return undefined;
  const names = Object.keys(namespace).filter((name) => namespace[name] === value);
  // A module may have been loaded twice (by a test runner, or as CommonJS): then its exports are twins of those here.
  const own = (value as { readonly name?: unknown }).name;
  if (names.length === 0 && typeof own === 'string' && areTwins(namespace[own], value)) names.push(own);
  return names.find((name) => name !== 'default') ?? names[0];
}

/** Whether two functions or classes of one name come from the same lines: in the same words, or, where a test runner has
 * compiled one of them in a way of its own, of the same form. */
function areTwins(exported: unknown, value: unknown): boolean {
  if (typeof exported !== 'function' || typeof value !== 'function') return false;
  return exported.toString() === value.toString() || formOf(exported) === formOf(value);
}

/** What a compiler leaves as it is: whether it is a class, async or a generator, how many parameters and which members it has. */
function formOf(value: { readonly prototype?: unknown; readonly length: number }): string {
  const kind = /^class\b/.test(Function.prototype.toString.call(value))
    ? 'class'
    : Object.prototype.toString.call(value);
  const members = [value, value.prototype].map((of) =>
    of instanceof Object ? Object.getOwnPropertyNames(of).sort() : [],
  );
  return JSON.stringify([kind, value.length, members]);
}

/** An export of any module that was imported here which is this value. */
export function findExport(value: unknown): ExportName | undefined {
  for (const [module, namespace] of namespaces) {
    for (const name of Object.keys(namespace)) if (namespace[name] === value) return { module, name };
  }
  return undefined;
}

/** The export of that name, of a module that was imported here. */
export function exportNamed({ module, name }: ExportName): unknown {
  return namespaces.get(module)?.[name];
}

function explain(error: Error & { readonly code?: string }): never {
  if (error.code !== 'ERR_UNKNOWN_FILE_EXTENSION' || !error.message.includes('.ts')) throw error;
  throw new DataLoaderError(
    `this worker can't load TypeScript (${error.message}): add tsx to the project (npm install --save-dev tsx), which is found ` +
      'and used then; or run on Node 22.18 or later; or use numWorkers: 0',
    { cause: error },
  );
}

/** Imports what is named; each value in its place. @throws DataLoaderError when a module has no such export */
export async function importExports(names: readonly ExportName[]): Promise<unknown[]> {
  const modules = await Promise.all(names.map(({ module }) => importModule(module).catch(explain)));
  return names.map(({ module, name }, i) => {
    const value = modules[i]![name];
    if (value === undefined) {
      throw new DataLoaderError(
        `${module} has no export '${name}' in this thread: write \`export\` in front of '${name}' where that module declares it`,
      );
    }
    return value;
  });
}

// Lets workers load TypeScript where the main thread does by tsx. Node 20 gives loaders that were registered in the main thread
// to no other, and a module that couldn't be loaded once isn't tried again: so what a worker needs is settled before it
// imports anything, by a few lines that run first.

/** Whether a module is TypeScript, by its name. */
export function isTypeScript(url: string): boolean {
  return /\.[cm]?tsx?$/.test(url);
}

/**
 * The first lines of a thread: if `.js` isn't understood to mean the `.ts` that is there, tsx is looked for from the places
 * given and registered. If there is none, importing fails later with Node's own message.
 */
const lines = (entry: URL, typeScript: string, places: readonly string[]): string => `
  import { createRequire } from 'node:module';
  import { pathToFileURL } from 'node:url';
  const module = ${JSON.stringify(typeScript)};
  const understood = () => import.meta.resolve(module.replace(/ts(x?)$/, 'js$1')) === module;
  if (!understood()) {
    for (const place of ${JSON.stringify(places)}) {
      try {
        const api = createRequire(place).resolve('tsx/esm/api').replace(/cjs$/, 'mjs');
        const { register } = await import(pathToFileURL(api).href);
        register();
        break;
      } catch {}
    }
  }
  await import(${JSON.stringify(entry.href)});
`;

/** What to start a thread with in place of `entry` if it may need help with TypeScript; undefined if not. */
export function bootstrap(entry: URL, modules: readonly string[]): URL | undefined {
  const typeScript = [entry.href, ...modules].find(isTypeScript);
  const runsTsx = process.execArgv.some((argument) => argument.includes('tsx'));
  if (typeScript === undefined || (stripsTypes() && !runsTsx)) return undefined;
  const places = [typeScript, entry.href, new URL('./', `file://${process.cwd()}/`).href];
  return new URL(`data:text/javascript,${encodeURIComponent(lines(entry, typeScript, places))}`);
}

/** Whether Node itself loads TypeScript. */
function stripsTypes(): boolean {
  return Boolean((process.features as { readonly typescript?: unknown }).typescript);
}

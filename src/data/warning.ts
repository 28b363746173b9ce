// Warnings of the data loader: on Node as process warnings, elsewhere on the console.

const given = new Set<string>();

/** Shows a warning. */
export function warn(message: string): void {
  const { process } = globalThis as { process?: { emitWarning?: (message: string) => void } };
  if (process?.emitWarning === undefined) console.warn(message);
  else process.emitWarning(message);
}

/** Shows a warning, but only the first of its `kind`. */
export function warnOnce(kind: string, message: string): void {
  if (given.has(kind)) return;
  given.add(kind);
  warn(message);
}

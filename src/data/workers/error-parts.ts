// Errors on their way between threads: taken apart where they were thrown, rebuilt as the same class where they arrive.

import * as ownErrors from '../../errors.js';
import { exportNamed, findExport, type ExportName } from './module-exports.js';

type Field = string | number | boolean | bigint;

export interface ErrorParts {
  /** The class: its name, and where a module exports it. */
  readonly className: string;
  readonly export?: ExportName | undefined;
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** Further fields that can travel, such as `code` or `operation`. */
  readonly fields: Readonly<Record<string, Field>>;
  readonly cause?: ErrorParts | undefined;
  /** Those of an AggregateError. */
  readonly errors?: readonly ErrorParts[] | undefined;
}

/** Causes may refer to each other in a circle. */
const DEEPEST_CAUSE = 5;

/** Takes apart what was thrown, an error or not. */
export function takeApart(thrown: unknown, depth = 0): ErrorParts {
  if (!(thrown instanceof Error)) {
    const name = 'DataLoaderError';
    const message = `a value that is no error was thrown: ${show(thrown)}`;
    return { className: name, name, message, stack: `${name}: ${message}`, fields: {} };
  }
  const { name, cause } = thrown;
  const message = explained(thrown.message);
  const deeper = (error: unknown): ErrorParts => takeApart(error, depth + 1);
  return {
    className: thrown instanceof DOMException ? 'DOMException' : thrown.constructor.name,
    export: findExport(thrown.constructor),
    name,
    message,
    stack: (thrown.stack ?? `${name}: ${message}`).replace(thrown.message, () => message),
    fields: Object.fromEntries(Object.entries(thrown).filter((entry): entry is [string, Field] => isField(entry[1]))),
    cause: cause === undefined || depth >= DEEPEST_CAUSE ? undefined : deeper(cause),
    errors: thrown instanceof AggregateError && depth < DEEPEST_CAUSE ? thrown.errors.map(deeper) : undefined,
  };
}

/** Nothing else says why an object that works in the main thread lacks its private fields here. */
function explained(message: string): string {
  return /private (member|method|field)\b.* object whose class did not declare it/.test(message)
    ? `${message}: fields named with # don't travel to workers, those that TypeScript calls private do`
    : message;
}

function isField(value: unknown): value is Field {
  return ['string', 'number', 'boolean', 'bigint'].includes(typeof value);
}

function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'object' && value !== null) return `an instance of ${value.constructor?.name ?? 'Object'}`;
  return String(value);
}

type ErrorClass = new (message?: string) => Error;

const languageErrors = new Map<string, ErrorClass>(
  [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError].map((type) => [type.name, type]),
);

/** The class that an error was of, if it is known in this thread. */
function classOf(parts: ErrorParts): ErrorClass | undefined {
  const exported = parts.export === undefined ? undefined : exportNamed(parts.export);
  const found =
    exported ??
    languageErrors.get(parts.className) ??
    (ownErrors as Readonly<Record<string, unknown>>)[parts.className];
  const isErrorClass = found === Error || (typeof found === 'function' && found.prototype instanceof Error);
  return isErrorClass ? (found as ErrorClass) : undefined;
}

/**
 * Rebuilds an error: of the same class, its message followed by `where` in brackets, its stack that of where it was thrown.
 * One whose class isn't known in this thread becomes a DataLoaderError that names the class.
 */
export function rebuild(parts: ErrorParts, where?: string): Error {
  const suffix = where === undefined ? '' : ` (${where})`;
  const type = classOf(parts);
  const known = type !== undefined || parts.className === 'DOMException' || parts.errors !== undefined;
  const message = (known ? '' : `${parts.className}: `) + parts.message + suffix;
  const error = bareError(parts, message, type);
  const define = (key: string, value: unknown, enumerable: boolean): void => {
    Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true });
  };
  for (const [key, value] of Object.entries(parts.fields)) if (key !== 'name') define(key, value, true);
  if (known && error.name !== parts.name) define('name', parts.name, false);
  if (parts.cause !== undefined) define('cause', rebuild(parts.cause), false);
  define(
    'stack',
    parts.stack.replace(parts.message, () => parts.message + suffix),
    false,
  );
  return error;
}

function bareError(parts: ErrorParts, message: string, type: ErrorClass | undefined): Error {
  if (parts.className === 'DOMException') return new DOMException(message, parts.name);
  if (parts.errors !== undefined)
    return new AggregateError(
      parts.errors.map((error) => rebuild(error)),
      message,
    );
  // The class's own constructor may take anything, so it isn't called.
  return Object.setPrototypeOf(new Error(message), (type ?? ownErrors.DataLoaderError).prototype as object) as Error;
}

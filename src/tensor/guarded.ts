// The arguments of public functions and layers: what can't be meant is refused before anything runs, by a line that says what a
// function takes (`signatures.ts` beside it). So a number in the place of options, an option that nobody knows, an argument too
// many or a string for a tensor is an error that names the function and the argument, and is never ignored. Values (a dim out of
// range, shapes that don't fit) are each function's own to check.

import { FlambeauError, ShapeError, ValueError } from '../errors.js';
import { show } from './shape.js';
import { Tensor } from './tensor.js';

/** Kinds of values, a bit each. */
const bit = {
  undefined: 1,
  number: 2,
  string: 4,
  boolean: 8,
  bigint: 16,
  null: 32,
  Tensor: 64,
  array: 128,
  function: 256,
  /** An object that is nothing of these: options among others. */
  object: 512,
  symbol: 1024,
} as const;
const anything = 2047;

function bitOf(value: unknown): number {
  if (value instanceof Tensor) return bit.Tensor;
  switch (typeof value) {
    case 'undefined':
      return bit.undefined;
    case 'number':
      return bit.number;
    case 'object':
      return value === null ? bit.null : Array.isArray(value) ? bit.array : bit.object;
    default:
      return bit[typeof value];
  }
}

/** What an argument may be. */
interface Kinds {
  /** In words, as the signature has them. */
  readonly words: readonly string[];
  /** The kinds that are accepted as they are. */
  readonly bits: number;
  /** Arrays that hold nothing but tensors are accepted. */
  readonly tensors: boolean;
  /** The fields that options may have. */
  readonly options: ReadonlyMap<string, Kinds> | undefined;
}

interface Parameter {
  readonly name: string;
  readonly kinds: Kinds;
}

interface Signature {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** Any number of further arguments. */
  readonly rest: boolean;
}

/** Splits at a separator that stands outside of braces. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '{') depth++;
    else if (text[i] === '}') depth--;
    else if (depth === 0 && text.startsWith(separator, i)) {
      parts.push(text.slice(from, i));
      from = i + separator.length;
    }
  }
  parts.push(text.slice(from));
  return parts.filter((part) => part !== '');
}

/** What a word of a signature stands for. An object may be anything that has fields. */
function bitsOf(word: string): number {
  if (word === 'any') return anything;
  if (word === 'object') return bit.object | bit.array | bit.function | bit.Tensor;
  return word in bit ? bit[word as keyof typeof bit] : 0;
}

function parseKinds(text: string, optional: boolean): Kinds {
  const words = split(text, '|');
  const options = words.find((word) => word.startsWith('{'));
  return {
    words,
    bits: words.reduce((bits, word) => bits | bitsOf(word), optional ? bit.undefined : 0),
    tensors: words.includes('Tensor[]'),
    options:
      options === undefined
        ? undefined
        : new Map(
            split(options.slice(1, -1), ', ')
              .map(parseParameter)
              .map(({ name, kinds }) => [name, kinds]),
          ),
  };
}

function parseParameter(text: string): Parameter {
  const colon = text.indexOf(':');
  const optional = text[colon - 1] === '?';
  return { name: text.slice(0, optional ? colon - 1 : colon), kinds: parseKinds(text.slice(colon + 2), optional) };
}

function parse(text: string): Signature {
  const open = text.indexOf('(');
  const parameters = split(text.slice(open + 1, -1), ', ');
  const rest = parameters.at(-1)?.startsWith('...') ?? false;
  return {
    name: text.slice(0, open),
    parameters: (rest ? parameters.slice(0, -1) : parameters).map(parseParameter),
    rest,
  };
}

function accepts(kinds: Kinds, value: unknown): boolean {
  return (kinds.bits & bitOf(value)) !== 0 || acceptsParts(kinds, value);
}

/** Whether a value is accepted for what it holds. */
function acceptsParts({ tensors, options }: Kinds, value: unknown): boolean {
  if (tensors && Array.isArray(value)) return value.every((item) => item instanceof Tensor);
  return options !== undefined && bitOf(value) === bit.object && acceptsFields(options, value as object);
}

function acceptsFields(fields: ReadonlyMap<string, Kinds>, options: object): boolean {
  for (const name in options) {
    const value = (options as Record<string, unknown>)[name];
    if (value === undefined) continue; // A field that says nothing is as good as none.
    const kinds = fields.get(name);
    if (kinds === undefined || !accepts(kinds, value)) return false;
  }
  for (const [name, kinds] of fields) {
    if ((kinds.bits & bit.undefined) === 0 && (options as Record<string, unknown>)[name] === undefined) return false;
  }
  return true;
}

// ---- what is said about an argument that isn't accepted

function shown(value: unknown): string {
  if (value instanceof Tensor) return `a tensor ${show(value.shape)}`;
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) {
    const odd = value.find((item) => typeof item !== 'number' && !(item instanceof Tensor)) as unknown;
    return value.every((item) => typeof item === 'number')
      ? `[${value.join(', ')}]`
      : `an array${odd === undefined ? '' : ` that holds ${Array.isArray(odd) ? 'arrays' : shown(odd)}`}`;
  }
  if (typeof value === 'object' && value !== null) {
    const name = (value.constructor as { name?: string } | undefined)?.name ?? 'Object';
    return name === 'Object' ? `{ ${Object.keys(value).join(', ')} }` : `a ${name}`;
  }
  return String(value);
}

const phrases: Readonly<Record<string, string>> = {
  Tensor: 'a tensor',
  'Tensor[]': 'an array of tensors',
  array: 'an array',
  number: 'a number',
  string: 'a string',
  boolean: 'true or false',
  bigint: 'a bigint',
  function: 'a function',
  object: 'an object',
  null: 'null',
};

function expected({ words, options }: Kinds): string {
  const ways = words.map((word) => phrases[word] ?? `options { ${[...options!.keys()].join(', ')} }`);
  return ways.length < 2 ? ways.join('') : `${ways.slice(0, -1).join(', ')} or ${ways.at(-1)}`;
}

function describeFields(fields: ReadonlyMap<string, Kinds>, options: Record<string, unknown>): string {
  for (const name in options) {
    const value = options[name];
    if (value === undefined) continue;
    const kinds = fields.get(name);
    if (kinds === undefined) return `unknown option ${name}: expected ${[...fields.keys()].join(', ')}`;
    if (!accepts(kinds, value)) {
      return `expected the option ${name} to be ${expected(kinds)}, got ${shown(value)}`;
    }
  }
  const missing = [...fields].find(
    ([name, kinds]) => (kinds.bits & bit.undefined) === 0 && options[name] === undefined,
  );
  return `expected the option ${missing![0]}`;
}

function refusal({ name: of, parameters }: Signature, place: number, value: unknown): ValueError | ShapeError {
  const parameter = parameters[place];
  if (parameter === undefined) {
    const takes = parameters.length === 0 ? 'no arguments' : parameters.map(({ name }) => name).join(', ');
    return new ValueError(`one argument too many, ${shown(value)}: expected ${takes}`).during(of);
  }
  const { name, kinds } = parameter;
  if (kinds.options !== undefined && bitOf(value) === bit.object) {
    return new ValueError(describeFields(kinds.options, value as Record<string, unknown>)).during(of);
  }
  const example = kinds.words.length === 1 && kinds.bits & bit.array ? ' such as [2, 3]' : '';
  const message = `expected ${name} to be ${expected(kinds)}${example}, got ${shown(value)}`;
  // What is an array and nothing else holds sizes or dims.
  const shapes = (kinds.bits & bit.array) !== 0 && (kinds.words.length === 1 || /shape|size/i.test(name));
  return (shapes ? new ShapeError(message) : new ValueError(message)).during(of);
}

// ---- where it is done

type AnyFunction = (...args: never[]) => unknown;
type Unchecked = (...args: unknown[]) => unknown;

const readBefore = new Map<string, Signature>();

/** Refuses arguments that a function doesn't take: for those with overloads, which `guarded` can't type. */
export function check(signature: string, args: readonly unknown[]): void {
  let read = readBefore.get(signature);
  if (read === undefined) readBefore.set(signature, (read = parse(signature)));
  checkAgainst(read, args);
}

function checkAgainst(signature: Signature, args: readonly unknown[]): void {
  const { parameters, rest } = signature;
  const count = rest ? parameters.length : Math.max(parameters.length, args.length);
  for (let i = 0; i < count; i++) {
    const parameter = parameters[i];
    const value = args[i];
    if (parameter === undefined ? value !== undefined : !accepts(parameter.kinds, value)) {
      throw refusal(signature, i, value);
    }
  }
}

/** An error of the library's names what was called, unless it names something already. */
function naming(signature: string, error: unknown): unknown {
  if (!(error instanceof FlambeauError) || /^[\w.]+: /.test(error.message)) return error;
  return error.during(signature.slice(0, signature.indexOf('(')));
}

const absent: Kinds = { words: [], bits: bit.undefined, tensors: false, options: undefined };

/** `fn`, with its arguments checked. */
export function guarded<F extends AnyFunction>(signature: string, fn: F): F {
  const run = fn as unknown as Unchecked;
  let read: Signature | undefined;
  // Most functions have few parameters. With these fixed the check costs a fraction of what a rest parameter would.
  let first = absent;
  let second = absent;
  let third = absent;
  let fourth = absent;
  const start = (): Signature => {
    read = parse(signature);
    const [a, b, c, d] = read.parameters.map(({ kinds }) => kinds);
    first = a ?? absent;
    second = b ?? absent;
    third = c ?? absent;
    fourth = d ?? absent;
    return read;
  };
  const few = (a: unknown, b: unknown, c: unknown, d: unknown, e: unknown): unknown => {
    if (read === undefined) start();
    if (
      ((first.bits & bitOf(a)) === 0 && !acceptsParts(first, a)) ||
      (b === undefined ? (second.bits & bit.undefined) === 0 : !accepts(second, b)) ||
      (c === undefined ? (third.bits & bit.undefined) === 0 : !accepts(third, c)) ||
      (d === undefined ? (fourth.bits & bit.undefined) === 0 : !accepts(fourth, d)) ||
      e !== undefined
    ) {
      checkAgainst(read!, [a, b, c, d, e]);
    }
    try {
      return run(a, b, c, d);
    } catch (error) {
      throw naming(signature, error);
    }
  };
  const many = (...args: unknown[]): unknown => {
    checkAgainst(read ?? start(), args);
    try {
      return run(...args);
    } catch (error) {
      throw naming(signature, error);
    }
  };
  const result = signature.includes('...') || split(signature, ', ').length > 4 ? many : few;
  Object.defineProperty(result, 'name', { value: signature.slice(0, signature.indexOf('(')) });
  return Object.assign(result, fn);
}

type AnyClass = abstract new (...args: never[]) => object;

/** A decorator: the arguments of a class's constructor are checked. */
export function takes(signature: string): <C extends AnyClass>(target: C, context: ClassDecoratorContext<C>) => C {
  return (target) => {
    const proxy = new Proxy(target, {
      construct(made, args: unknown[], newTarget) {
        check(signature, args);
        return Reflect.construct(made as unknown as new (...args: unknown[]) => object, args, newTarget) as object;
      },
    });
    Object.defineProperty(target.prototype, 'constructor', { value: proxy });
    return proxy;
  };
}

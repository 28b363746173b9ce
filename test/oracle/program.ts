// Runs the small programs of scripts/oracle/tensors/programs.py: a part of Python that is quickly read, with PyTorch's names,
// which become this library's (camelCase, keywords as the fields of an options object).
//   line: ['no_grad: '] (name '=' value | name '.' attribute '=' value | value) | 'show ' value
//   value: a number, list, name, call or subscript, followed by any number of .attribute, (arguments), [index]

import { grad } from '../../src/autograd/backward.js';
import { inferenceMode, noGrad } from '../../src/autograd/mode.js';
import { FlambeauError } from '../../src/errors.js';
import { tensor, type TensorData } from '../../src/tensor/create.js';
import { Tensor } from '../../src/tensor/tensor.js';

export interface Program {
  readonly name: string;
  readonly lines: readonly string[];
  /** What it shows, in order: numbers, booleans, null, dtypes, tensors as shapes and values, lists of these. */
  readonly shown: readonly unknown[];
  /** The line that PyTorch refuses. */
  readonly refused?: number;
}

type Names = Map<string, unknown>;

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Reads one line, evaluating as it goes. */
class Reader {
  private readonly tokens: string[];
  private place = 0;

  constructor(
    line: string,
    private readonly names: Names,
  ) {
    this.tokens = line.match(/[A-Za-z_]\w*|-?\d[\d.]*(?:e-?\d+)?|[=.,()[\]]/g) ?? [];
  }

  private next(): string {
    return this.tokens[this.place++]!;
  }

  private take(token: string): boolean {
    if (this.tokens[this.place] !== token) return false;
    this.place++;
    return true;
  }

  statement(): void {
    const [name, mark] = this.tokens;
    if (mark === '=') {
      this.place = 2;
      this.names.set(name!, this.value());
      return;
    }
    const equals = this.tokens.indexOf('=');
    if (equals === 3 && this.tokens[1] === '.') {
      this.place = 4;
      (this.names.get(name!) as Record<string, unknown>)[camel(this.tokens[2]!)] = this.value();
      return;
    }
    this.value();
  }

  value(): unknown {
    let value = this.atom();
    for (;;) {
      if (this.take('.')) value = this.attribute(value, this.next());
      else if (this.take('(')) value = (value as (...args: unknown[]) => unknown)(...this.arguments());
      else if (this.take('[')) {
        value = (value as unknown[])[this.value() as number];
        this.take(']');
      } else return value;
    }
  }

  private atom(): unknown {
    if (this.take('[')) {
      const list: unknown[] = [];
      while (!this.take(']')) {
        list.push(this.value());
        this.take(',');
      }
      return list;
    }
    const token = this.next();
    if (/^-?\d/.test(token)) return Number(token);
    if (token === 'True' || token === 'False') return token === 'True';
    if (token === 'None') return null;
    return this.names.get(token);
  }

  private attribute(of: unknown, name: string): unknown {
    const own = name === 'float' || name === 'double' || name === 'long' ? name : camel(name);
    const field = (of as Record<string, unknown>)[own];
    return typeof field === 'function'
      ? (...args: unknown[]) => (field as (...all: unknown[]) => unknown).apply(of, args)
      : field;
  }

  private arguments(): unknown[] {
    const args: unknown[] = [];
    let options: Record<string, unknown> | undefined;
    while (!this.take(')')) {
      if (this.tokens[this.place + 1] === '=') {
        const key = camel(this.next());
        this.place++;
        (options ??= {})[key] = this.value();
      } else {
        args.push(this.value());
      }
      this.take(',');
    }
    return options ? [...args, options] : args;
  }
}

/** `backward(gradient)`, as PyTorch has it, is `backward({ gradient })` here. */
function namesOf(seen: unknown[]): Names {
  return new Map<string, unknown>([
    ['tensor', (data: TensorData, options?: object) => tensor(data, options)],
    ['grad', grad],
    ['float64', 'float64'],
    ['int64', 'int64'],
    ['double', (gradient: Tensor) => gradient.mul(2)],
    ['add_one', (gradient: Tensor) => gradient.add(1)],
    ['look', (gradient: Tensor) => void seen.push(gradient.clone())],
    ['seen', seen],
  ]);
}

function shownAs(value: unknown): unknown {
  if (value instanceof Tensor) return { shape: [...value.shape], values: Array.from(value.data(), Number) };
  return Array.isArray(value) ? value.map(shownAs) : value;
}

const modes: Record<string, (fn: () => void) => void> = { no_grad: noGrad, inference_mode: inferenceMode };

export interface Run {
  readonly shown: unknown[];
  /** The line that was refused, and how. */
  readonly refused?: number;
  readonly error?: FlambeauError;
}

export function runProgram(lines: readonly string[]): Run {
  const shown: unknown[] = [];
  const names = namesOf([]);
  for (const [number, line] of lines.entries()) {
    try {
      const [, mode, statement] = /^(no_grad|inference_mode): (.*)$/.exec(line) ?? [];
      if (mode) modes[mode]!(() => new Reader(statement!, names).statement());
      else if (line.startsWith('show ')) shown.push(shownAs(new Reader(line.slice(5), names).value()));
      else new Reader(line.replace(/\.backward\(tensor/, '.backward(gradient=tensor'), names).statement();
    } catch (error) {
      if (!(error instanceof FlambeauError)) throw error;
      return { shown, refused: number, error };
    }
  }
  return { shown };
}

function same(found: unknown, expected: unknown): boolean {
  if (typeof found === 'number' && typeof expected === 'number') {
    return found === expected || Math.abs(found - expected) <= 1e-6 + 1e-5 * Math.abs(expected);
  }
  if (Array.isArray(found) && Array.isArray(expected)) {
    return found.length === expected.length && found.every((entry, i) => same(entry, expected[i]));
  }
  if (found && expected && typeof found === 'object' && typeof expected === 'object') {
    return same(Object.values(found), Object.values(expected));
  }
  return found === expected;
}

/** What differs from PyTorch, or undefined. */
export function programDifference({ lines, shown, refused }: Program): string | undefined {
  const run = runProgram(lines);
  if (run.refused !== refused) {
    const tell = (line: number | undefined): string =>
      line === undefined ? 'runs to its end' : `stops at '${lines[line]}'`;
    return `${tell(run.refused)}${run.error ? ` (${run.error.message})` : ''}; in PyTorch it ${tell(refused)}`;
  }
  const wrong = shown.findIndex((entry, i) => !same(run.shown[i], entry));
  if (wrong < 0) return undefined;
  return `shows ${JSON.stringify(run.shown[wrong])} as number ${wrong}, in PyTorch ${JSON.stringify(shown[wrong])}`;
}

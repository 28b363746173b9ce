// The part of Python's pickle format that tensor files use: a small stack machine whose program builds numbers, texts, lists,
// tuples and dicts. Where a program names something of Python's, the reader decides what that is, or refuses it: nothing is
// imported or run. https://docs.python.org/3/library/pickletools.html lists the instructions.

import { Damage } from './checked-file.js';

/** Something of Python's that a program may name, such as a class. */
export interface PickleGlobal {
  /** Its name with that of its module. */
  readonly name: string;
  /** What calling it gives; absent where it can't be called. */
  readonly call?: (args: readonly unknown[]) => unknown;
  /** What setting the state of one of its results does; absent where that can't be done. */
  readonly setState?: (result: unknown, state: unknown) => void;
}

export interface PickleReader {
  /** What a name stands for. @throws Damage for all that isn't wanted */
  global(module: string, name: string): PickleGlobal;
  /** What lies outside of the pickle, by its id. @throws Damage where there is no such thing */
  persistent(id: unknown): unknown;
}

/** A dict, in its order; keys are compared as JavaScript compares them. */
export type PickleDict = Map<unknown, unknown>;

/** Where a list, tuple or dict begins whose length is not known yet. */
const mark = Symbol('mark');

/** Longer whole numbers have no place in a tensor file. */
const longestInteger = 32;

/**
 * Runs the program in `bytes` and returns what it builds: numbers, bigints beyond 2^53, booleans, strings, null, arrays (lists
 * and tuples), Maps (dicts), and what `reader` gave.
 * @throws Damage for a program that is cut short, nonsense, or uses what tensor files have no need of
 */
export function unpickle(bytes: Buffer, reader: PickleReader): unknown {
  return new Machine(bytes, reader).run();
}

class Machine {
  private readonly stack: unknown[] = [];
  private readonly memo = new Map<number, unknown>();
  /** The global that made a value by being called. */
  private readonly makers = new WeakMap<object, PickleGlobal>();
  private at = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly reader: PickleReader,
  ) {}

  run(): unknown {
    for (;;) {
      const place = this.at;
      const opcode = this.byte();
      if (opcode === 0x2e) return this.pop(); // STOP
      const instruction = instructions[opcode];
      if (instruction === undefined) {
        throw new Damage(
          `uses the pickle instruction 0x${opcode.toString(16).padStart(2, '0')} (at byte ${place}), which no tensor file needs`,
        );
      }
      instruction(this);
    }
  }

  // ---- the program

  take(length: number): Buffer {
    if (length > this.bytes.length - this.at) throw new Damage('is damaged: its pickle is cut short');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  byte(): number {
    return this.take(1)[0]!;
  }

  uint32(): number {
    return this.take(4).readUInt32LE();
  }

  /** The length of something long. */
  uint64(): number {
    return Number(this.take(8).readBigUInt64LE());
  }

  line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end === -1) throw new Damage('is damaged: its pickle is cut short');
    const text = this.take(end - this.at).toString('utf8');
    this.at++;
    return text;
  }

  integer(length: number): number | bigint {
    if (length > longestInteger) throw new Damage(`holds a whole number of ${length} bytes`);
    let value = 0n;
    for (const [i, byte] of this.take(length).entries()) value |= BigInt(byte) << BigInt(8 * i);
    const signed = BigInt.asIntN(8 * length, value);
    return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
  }

  // ---- the stack

  push(value: unknown): void {
    this.stack.push(value);
  }

  pop(): unknown {
    if (this.stack.length === 0 || this.stack.at(-1) === mark) throw nonsense();
    return this.stack.pop();
  }

  /** The value on top, which must be of the kind that `is` accepts. */
  top<T>(is: (value: unknown) => value is T): T {
    const value = this.stack.at(-1);
    if (!is(value)) throw nonsense();
    return value;
  }

  mark(): void {
    this.stack.push(mark);
  }

  /** The values since the last mark, which is taken away with them. */
  popToMark(): unknown[] {
    const place = this.stack.lastIndexOf(mark);
    if (place === -1) throw nonsense();
    const values = this.stack.splice(place);
    return values.slice(1);
  }

  popTuple(length: number): unknown[] {
    return Array.from({ length }, () => this.pop()).reverse();
  }

  remember(key: number): void {
    this.memo.set(
      key,
      this.top((value): value is unknown => value !== undefined && value !== mark),
    );
  }

  /** As `remember`, under the next free number. */
  rememberNext(): void {
    this.remember(this.memo.size);
  }

  recall(key: number): void {
    if (!this.memo.has(key)) throw nonsense();
    this.push(this.memo.get(key));
  }

  // ---- what lies outside

  global(module: unknown, name: unknown): void {
    if (typeof module !== 'string' || typeof name !== 'string') throw nonsense();
    this.push(this.reader.global(module, name));
  }

  persistent(): void {
    this.push(this.reader.persistent(this.pop()));
  }

  call(): void {
    const args = this.pop();
    const callee = this.pop();
    if (!Array.isArray(args) || !isGlobal(callee)) throw nonsense();
    if (callee.call === undefined)
      throw new Damage(`makes a ${callee.name}, which is neither tensor nor plain container`);
    const result = callee.call(args as unknown[]);
    if (typeof result === 'object' && result !== null) this.makers.set(result, callee);
    this.push(result);
  }

  build(): void {
    const state = this.pop();
    const value = this.top((top): top is object => typeof top === 'object' && top !== null);
    const setState = this.makers.get(value)?.setState;
    if (setState === undefined) throw new Damage('sets the state of something that is no plain container');
    setState(value, state);
  }
}

function nonsense(): Damage {
  return new Damage('is damaged: its pickle makes no sense');
}

/** Globals are made by the reader; lists and dicts are no such objects. */
function isGlobal(value: unknown): value is PickleGlobal {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string';
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

function isDict(value: unknown): value is PickleDict {
  return value instanceof Map;
}

function setItems(dict: PickleDict, items: readonly unknown[]): void {
  if (items.length % 2 !== 0) throw nonsense();
  for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1]);
}

/** What each instruction does, by its code; PyTorch writes protocol 2, other programs up to 5. */
const instructions: Readonly<Record<number, (machine: Machine) => void>> = {
  0x80: (m) => {
    const protocol = m.byte();
    if (protocol > 5) throw new Damage(`is pickled by protocol ${protocol}; known are those up to 5`);
  },
  0x95: (m) => void m.take(8), // FRAME
  // Constants.
  0x4e: (m) => m.push(null),
  0x88: (m) => m.push(true),
  0x89: (m) => m.push(false),
  0x4a: (m) => m.push(m.take(4).readInt32LE()),
  0x4b: (m) => m.push(m.byte()),
  0x4d: (m) => m.push(m.take(2).readUInt16LE()),
  0x8a: (m) => m.push(m.integer(m.byte())),
  0x8b: (m) => m.push(m.integer(m.uint32())),
  0x47: (m) => m.push(m.take(8).readDoubleBE()),
  0x58: (m) => m.push(m.take(m.uint32()).toString('utf8')),
  0x8c: (m) => m.push(m.take(m.byte()).toString('utf8')),
  0x8d: (m) => m.push(m.take(m.uint64()).toString('utf8')),
  // Texts of Python 2.
  0x54: (m) => m.push(m.take(m.uint32()).toString('latin1')),
  0x55: (m) => m.push(m.take(m.byte()).toString('latin1')),
  // Tuples, lists, dicts.
  0x28: (m) => m.mark(),
  0x29: (m) => m.push([]),
  0x85: (m) => m.push(m.popTuple(1)),
  0x86: (m) => m.push(m.popTuple(2)),
  0x87: (m) => m.push(m.popTuple(3)),
  0x74: (m) => m.push(m.popToMark()),
  0x5d: (m) => m.push([]),
  0x6c: (m) => m.push(m.popToMark()),
  0x61: (m) => {
    const item = m.pop();
    m.top(isList).push(item);
  },
  0x65: (m) => {
    const items = m.popToMark();
    const list = m.top(isList);
    for (const item of items) list.push(item);
  },
  0x7d: (m) => m.push(new Map()),
  0x64: (m) => {
    const dict: PickleDict = new Map();
    setItems(dict, m.popToMark());
    m.push(dict);
  },
  0x73: (m) => {
    const items = m.popTuple(2);
    setItems(m.top(isDict), items);
  },
  0x75: (m) => {
    const items = m.popToMark();
    setItems(m.top(isDict), items);
  },
  0x30: (m) => void m.pop(),
  0x31: (m) => void m.popToMark(),
  // What is used again.
  0x71: (m) => m.remember(m.byte()),
  0x72: (m) => m.remember(m.uint32()),
  0x94: (m) => m.rememberNext(),
  0x68: (m) => m.recall(m.byte()),
  0x6a: (m) => m.recall(m.uint32()),
  // What lies outside.
  0x63: (m) => m.global(m.line(), m.line()),
  0x93: (m) => m.global(...(m.popTuple(2) as [unknown, unknown])),
  0x51: (m) => m.persistent(),
  0x52: (m) => m.call(),
  0x62: (m) => m.build(),
};

// Modules and parameters held in lists and dictionaries. Lists keep their entries as numbered fields, so that `list[0]` works and
// state keys are '0.weight', '1.weight', ...; dictionaries keep their keys as they are given.

import { IndexError, ValueError } from '../errors.js';
import { Tensor } from '../tensor/tensor.js';
import { call, FIELDS, Module } from './module.js';
import { stateName } from './names.js';
import { Parameter } from './parameter.js';
import { takes } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

function checkModule(owner: string, entry: unknown, place: string): Module {
  if (entry instanceof Module) return entry;
  throw new ValueError(`${owner}: expected a Module at ${place}, got ${typeName(entry)}`);
}

function typeName(value: unknown): string {
  if (typeof value === 'function' && value.prototype instanceof Module) {
    return `the class ${value.name}: make an instance with new`;
  }
  return value === null || typeof value !== 'object' ? String(value) : value.constructor.name;
}

/** Position `index` of `length`, which may count from the end. */
function position(owner: string, index: number, length: number): number {
  if (!Number.isInteger(index) || index < -length || index >= length) {
    throw new IndexError(`${owner}: index ${index} is out of range for ${length} entries`);
  }
  return index < 0 ? index + length : index;
}

/** Entries under their numbers as fields: what lists have in common. */
abstract class NumberedFields<T> extends Module {
  [index: number]: T;

  /** How many entries there are. */
  override get length(): number {
    let count = 0;
    while (Object.hasOwn(this, count)) count++;
    return count;
  }

  /** The entry at `index`, which may count from the end. */
  get(index: number): T {
    return this[position(this.constructor.name, index, this.length)] as T;
  }

  /** Puts an entry in the place of another. */
  set(index: number, entry: T): this {
    this[position(this.constructor.name, index, this.length)] = this.checked(entry, `index ${index}`);
    return this;
  }

  /** Puts an entry behind the last one. */
  append(entry: T): this {
    const { length } = this;
    this[length] = this.checked(entry, `index ${length}`);
    return this;
  }

  /** Puts several entries behind the last one. */
  extend(entries: Iterable<T>): this {
    for (const entry of entries) this.append(entry);
    return this;
  }

  /** Puts an entry before the one at `index`, which and whose followers move on by one. */
  insert(index: number, entry: T): this {
    const { length } = this;
    const place = index === length ? length : position(this.constructor.name, index, length);
    const checked = this.checked(entry, `index ${index}`);
    for (let i = length; i > place; i--) this[i] = this[i - 1] as T;
    this[place] = checked;
    return this;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let i = 0; i < this.length; i++) yield this[i] as T;
  }

  protected abstract checked(entry: T, place: string): T;
}

/** A list of modules that are children of whoever holds the list. It has no `forward` of its own. */
@takes(signatures.ModuleList)
export class ModuleList<M extends Module = Module> extends NumberedFields<M> {
  constructor(modules: Iterable<M> = []) {
    super();
    this.extend(modules);
  }

  protected override checked(entry: M, place: string): M {
    checkModule('ModuleList', entry, place);
    return entry;
  }
}

/** Any module, for containers that call one after the other. */
type AnyModule = Module;

/**
 * Modules run one after the other, each on what the one before returned.
 *
 * ```ts
 * const model = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2));
 * model(randn([5, 4])).shape; // [5, 2]
 * const named = new nn.Sequential({ hidden: new nn.Linear(4, 8), act: new nn.ReLU() });
 * named.get('hidden');
 * ```
 */
export class Sequential extends Module {
  [index: number]: AnyModule;
  /** Names of the entries, in their order, where they have any but their numbers. */
  private names: string[] | null = null;

  /** Takes modules, an array of them, or a record or Map of modules by name. */
  constructor(...modules: readonly AnyModule[]);
  constructor(modules: readonly AnyModule[] | Readonly<Record<string, AnyModule>> | ReadonlyMap<string, AnyModule>);
  constructor(
    ...given: readonly (
      AnyModule | readonly AnyModule[] | Readonly<Record<string, AnyModule>> | ReadonlyMap<string, AnyModule>
    )[]
  ) {
    super();
    const [first] = given;
    if (given.length === 1 && !(first instanceof Module) && typeof first === 'object' && !Array.isArray(first)) {
      const entries = first instanceof Map ? [...(first as ReadonlyMap<string, AnyModule>)] : Object.entries(first);
      this.names = [];
      for (const [name, module] of entries) {
        checkKey('Sequential', name);
        this.append(module as AnyModule, name);
      }
      return;
    }
    const list = given.length === 1 && Array.isArray(first) ? (first as readonly AnyModule[]) : given;
    for (const module of list) this.append(module as AnyModule);
  }

  override *[FIELDS](): Generator<[string, unknown]> {
    for (const [field, value] of Object.entries(this)) {
      const index = Number(field);
      yield [Number.isInteger(index) ? (this.names?.[index] ?? field) : stateName(field), value];
    }
  }

  /** How many entries there are. */
  override get length(): number {
    let count = 0;
    while (Object.hasOwn(this, count)) count++;
    return count;
  }

  /** The entry at a position, which may count from the end, or of a name. */
  get(place: number | string): AnyModule {
    if (typeof place === 'number') return this[position('Sequential', place, this.length)]!;
    const index = this.names?.indexOf(place) ?? -1;
    if (index < 0) throw new IndexError(`Sequential: no entry is called '${place}'`);
    return this[index]!;
  }

  /** Puts a module behind the last one, under its number or a name. */
  append(module: AnyModule, name?: string): this {
    const { length } = this;
    checkModule('Sequential', module, name === undefined ? `index ${length}` : `'${name}'`);
    if (name !== undefined) this.names ??= Array.from({ length }, (_, i) => String(i));
    if (this.names) {
      const key = name ?? String(length);
      if (this.names.includes(key)) throw new ValueError(`Sequential: two entries are called '${key}'`);
      this.names.push(key);
    }
    this[length] = module;
    return this;
  }

  /** The entries from `start` up to `end` as a Sequential that shares them. */
  slice(start?: number, end?: number): Sequential {
    const part = [...this].slice(start, end);
    const names = this.names?.slice(start, end);
    return names ? new Sequential(new Map(part.map((module, i) => [names[i]!, module]))) : new Sequential(...part);
  }

  *[Symbol.iterator](): Generator<AnyModule> {
    for (let i = 0; i < this.length; i++) yield this[i]!;
  }

  override forward(input: Tensor): Tensor {
    let value: unknown = input;
    for (const module of this) value = call(module, [value]);
    return value as Tensor;
  }
}

function checkKey(owner: string, key: unknown): string {
  if (typeof key !== 'string' || key === '' || key.includes('.')) {
    throw new ValueError(`${owner}: expected a name that is not empty and has no '.', got ${JSON.stringify(key)}`);
  }
  return key;
}

/** Entries of a record, a Map or pairs. */
export type Entries<T> = Readonly<Record<string, T>> | Iterable<readonly [string, T]>;

function pairs<T>(entries: Entries<T>): Iterable<readonly [string, T]> {
  return Symbol.iterator in entries ? (entries as Iterable<readonly [string, T]>) : Object.entries(entries);
}

/** Entries under names, in the order in which they came: what dictionaries have in common. */
abstract class NamedEntries<T> extends Module {
  private readonly entriesByName = new Map<string, T>();

  override *[FIELDS](): Generator<[string, unknown]> {
    yield* super[FIELDS]();
    yield* this.entriesByName;
  }

  get size(): number {
    return this.entriesByName.size;
  }

  /** @throws IndexError where there is none of that name */
  get(key: string): T {
    if (!this.entriesByName.has(key)) {
      throw new IndexError(`${this.constructor.name}: no entry '${key}', only ${[...this.keys()].join(', ')}`);
    }
    return this.entriesByName.get(key)!;
  }

  set(key: string, entry: T): this {
    this.entriesByName.set(checkKey(this.constructor.name, key), this.checked(entry, `'${key}'`));
    return this;
  }

  has(key: string): boolean {
    return this.entriesByName.has(key);
  }

  delete(key: string): boolean {
    return this.entriesByName.delete(key);
  }

  /** Takes an entry out and returns it. */
  pop(key: string): T {
    const entry = this.get(key);
    this.entriesByName.delete(key);
    return entry;
  }

  clear(): void {
    this.entriesByName.clear();
  }

  update(entries: Entries<T>): this {
    for (const [key, entry] of pairs(entries)) this.set(key, entry);
    return this;
  }

  keys(): MapIterator<string> {
    return this.entriesByName.keys();
  }

  values(): MapIterator<T> {
    return this.entriesByName.values();
  }

  entries(): MapIterator<[string, T]> {
    return this.entriesByName.entries();
  }

  [Symbol.iterator](): MapIterator<[string, T]> {
    return this.entriesByName.entries();
  }

  protected abstract checked(entry: T, place: string): T;
}

/** Modules by name that are children of whoever holds the dictionary. It has no `forward` of its own. */
@takes(signatures.ModuleDict)
export class ModuleDict<M extends Module = Module> extends NamedEntries<M> {
  constructor(modules: Entries<M> = {}) {
    super();
    this.update(modules);
  }

  protected override checked(entry: M, place: string): M {
    checkModule('ModuleDict', entry, place);
    return entry;
  }
}

function asParameter(owner: string, entry: Tensor, place: string): Parameter {
  if (entry instanceof Parameter) return entry;
  if (entry instanceof Tensor) return new Parameter(entry);
  throw new ValueError(`${owner}: expected a Parameter at ${place}, got ${typeName(entry)}`);
}

/** A line of PyTorch's printed form; `type` is its word for the dtype. */
function parameterText(name: string | number, { shape }: Tensor, type: string): string {
  return `  (${name}): Parameter containing: [torch.${type} of size ${shape.join('x')}]`;
}

/** A list of parameters; a plain tensor put in becomes one. */
@takes(signatures.ParameterList)
export class ParameterList extends NumberedFields<Parameter> {
  constructor(parameters: Iterable<Tensor> = []) {
    super();
    for (const parameter of parameters) this.append(parameter);
  }

  protected override checked(entry: Tensor, place: string): Parameter {
    return asParameter('ParameterList', entry, place);
  }

  override extraRepr(): string {
    return [...this].map((parameter, i) => parameterText(i, parameter, parameter.dtype)).join('\n');
  }
}

/** Parameters by name; a plain tensor put in becomes one. */
@takes(signatures.ParameterDict)
export class ParameterDict extends NamedEntries<Parameter> {
  constructor(parameters: Entries<Tensor> = {}) {
    super();
    for (const [name, parameter] of pairs(parameters)) this.set(name, parameter);
  }

  protected override checked(entry: Tensor, place: string): Parameter {
    return asParameter('ParameterDict', entry, place);
  }

  override extraRepr(): string {
    const type = (parameter: Tensor): string => (parameter.dtype === 'float64' ? 'DoubleTensor' : 'FloatTensor');
    return [...this].map(([name, parameter]) => parameterText(name, parameter, type(parameter))).join('\n');
  }
}

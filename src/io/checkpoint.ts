// Everything a training needs to go on, in one file: nested plain values and tensors, as optimizer.stateDict() and its like
// give them. The tensors lie in a safetensors file under the paths at which they stand ('optimizer.state.0.exp_avg'), so that
// other programs can read them; the rest is a text in the file's metadata: JSON, in which an object whose key begins with $
// stands for what JSON has no word for.

import { SerializationError } from '../errors.js';
import { Tensor } from '../tensor/tensor.js';
import { Damage, readChecked } from './checked-file.js';
import { isTorchFile } from './load.js';
import { deepest, type PlainValue } from './plain-value.js';
import { readSafetensors, save } from './safetensors.js';
import { readTorchFile } from './torch-file.js';

/** Where the metadata keep the text. */
const metadataKey = 'flambeau.checkpoint';

/** The arrays a checkpoint may hold, such as a generator's state. */
const arrays = { Uint8Array, Int8Array, Uint16Array, Int16Array, Uint32Array, Int32Array, Float32Array, Float64Array };
type ArrayName = keyof typeof arrays;

/** What stands in the text: JSON's values, and these objects. */
type Encoded =
  | string
  | number
  | boolean
  | null
  | readonly Encoded[]
  | { readonly [key: string]: Encoded }
  | { readonly $tensor: string }
  /** NaN, Infinity, -Infinity or -0. */
  | { readonly $number: string }
  | { readonly $bigint: string }
  | { readonly $array: ArrayName; readonly base64: string }
  /** An object whose own keys begin with $. */
  | { readonly $object: readonly (readonly [string, Encoded])[] };

/**
 * Writes nested plain values and tensors to a file, which appears whole or not at all. Objects, arrays, numbers (bigints
 * and infinities too), texts, booleans, null, typed arrays and tensors; fields that are undefined are left out.
 * @throws SerializationError naming the path of anything else, or when the file can't be written
 *
 * ```ts
 * const parts = { model: model.stateDict(), optimizer: optimizer.stateDict(), scheduler: scheduler.stateDict() };
 * const place = { loader: loader.stateDict(), random: defaultGenerator.getState() };
 * await saveCheckpoint({ ...parts, ...place }, 'runs/checkpoint.safetensors');
 * ```
 */
export async function saveCheckpoint(checkpoint: object, path: string): Promise<void> {
  const tensors = new Map<string, Tensor>();
  const tree = new Encoder(tensors).encode(checkpoint, []);
  await save(tensors, path, { metadata: { [metadataKey]: JSON.stringify(tree) } });
}

/**
 * Reads what `saveCheckpoint` wrote; or a checkpoint of torch.save (`.pt`), nested as it is; or the tensors by name of any
 * other safetensors file. `T` is what the program expects in it: it is taken at its word, so check what matters.
 * @throws SerializationError as `load` does
 *
 * ```ts
 * const saved = await loadCheckpoint<{ model: nn.StateDict; optimizer: optim.OptimizerStateDict }>(path);
 * model.loadStateDict(saved.model);
 * optimizer.loadStateDict(saved.optimizer);
 * ```
 */
export async function loadCheckpoint<T = PlainValue>(path: string): Promise<T> {
  const value = await readChecked<unknown>('loadCheckpoint', path, async (handle, size) => {
    if (await isTorchFile(handle, size)) return readTorchFile(handle, size);
    const { tensors, metadata } = await readSafetensors(handle, size);
    const text = metadata[metadataKey];
    if (text === undefined) return tensors;
    let tree: unknown;
    try {
      tree = JSON.parse(text);
    } catch (error) {
      throw new Damage('is damaged: its values can’t be read', { cause: error });
    }
    return decode(tree, new Map(Object.entries(tensors)), 0);
  });
  return value as T;
}

class Encoder {
  /** The names of tensors that were met already: what stands in two places is written once and shared again. */
  private readonly names = new Map<Tensor, string>();

  constructor(private readonly tensors: Map<string, Tensor>) {}

  encode(value: unknown, path: readonly string[]): Encoded {
    if (path.length > deepest) {
      throw new SerializationError(
        `saveCheckpoint: '${path.slice(0, 4).join('.')}...' nests deeper than ${deepest} levels, or holds itself`,
      );
    }
    if (value instanceof Tensor) return { $tensor: this.nameOf(value, path) };
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value === 'number')
      return isJson(value) ? value : { $number: Object.is(value, -0) ? '-0' : String(value) };
    if (typeof value === 'bigint') return { $bigint: String(value) };
    if (Array.isArray(value)) return value.map((item, i) => this.encode(item, [...path, String(i)]));
    if (isPlainObject(value)) return this.object(value, path);
    if (ArrayBuffer.isView(value)) {
      const name = value.constructor.name as ArrayName;
      if (arrays[name] !== undefined) {
        const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
        return { $array: name, base64: bytes.toString('base64') };
      }
    }
    const what = typeof value === 'object' ? `a ${value.constructor?.name ?? 'object'}` : `a ${typeof value}`;
    throw new SerializationError(
      `saveCheckpoint: '${path.join('.')}' is ${what}: only tensors, plain objects, arrays, numbers and texts are kept`,
    );
  }

  private object(fields: object, path: readonly string[]): Encoded {
    const entries = Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, this.encode(value, [...path, key])] as const);
    return entries.some(([key]) => key.startsWith('$')) ? { $object: entries } : Object.fromEntries(entries);
  }

  private nameOf(tensor: Tensor, path: readonly string[]): string {
    const known = this.names.get(tensor);
    if (known !== undefined) return known;
    const place = path.join('.') || 'tensor';
    let name = place;
    // Two paths can read alike: { 'a.b': x, a: { b: y } }.
    for (let i = 2; this.tensors.has(name); i++) name = `${place}#${i}`;
    this.names.set(tensor, name);
    this.tensors.set(name, tensor);
    return name;
  }
}

/** Whether JSON gives back this very number. */
function isJson(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0);
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function decode(value: unknown, tensors: ReadonlyMap<string, Tensor>, depth: number): unknown {
  if (depth > deepest) throw nonsense();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => decode(item, tensors, depth + 1));
  const entries = Object.entries(value) as [string, unknown][];
  const [key, content] = entries[0] ?? ['', undefined];
  if (!key.startsWith('$')) return object(entries, tensors, depth);
  switch (key) {
    case '$tensor': {
      const tensor = tensors.get(content as string);
      if (tensor === undefined) throw nonsense();
      return tensor;
    }
    case '$number':
      return Number(content);
    case '$bigint':
      if (typeof content !== 'string' || !/^-?\d{1,400}$/.test(content)) throw nonsense();
      return BigInt(content);
    case '$array':
      return typedArray(content, (value as { base64?: unknown }).base64);
    case '$object': {
      const isPairs = Array.isArray(content) && content.every((pair) => Array.isArray(pair) && pair.length === 2);
      if (!isPairs) throw nonsense();
      return object(content as [string, unknown][], tensors, depth);
    }
    default:
      throw nonsense();
  }
}

function object(entries: readonly [string, unknown][], tensors: ReadonlyMap<string, Tensor>, depth: number): object {
  // Unlike an assignment this makes a key of any name a field of the object's own.
  return Object.fromEntries(entries.map(([key, value]) => [key, decode(value, tensors, depth + 1)]));
}

function typedArray(name: unknown, base64: unknown): unknown {
  if (typeof name !== 'string' || typeof base64 !== 'string' || !Object.hasOwn(arrays, name)) throw nonsense();
  const constructor = arrays[name as ArrayName];
  const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
  if (bytes.length % constructor.BYTES_PER_ELEMENT !== 0) throw nonsense();
  return new constructor(bytes.buffer);
}

function nonsense(): Damage {
  return new Damage('is damaged: its values make no sense');
}

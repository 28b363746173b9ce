// Weights files in the safetensors format (https://github.com/huggingface/safetensors, "Format"): eight bytes with the
// length of a JSON header, the header with each tensor's dtype, shape and place, then the elements, little-endian and
// without gaps. The same file is read by PyTorch's tools. Nothing in a file is believed before it is checked.

import type { FileHandle } from 'node:fs/promises';
import { dtypes, type DType, type TypedArray } from '../backend/dtype.js';
import { SerializationError } from '../errors.js';
import { fromTypedArray } from '../tensor/create.js';
import { Tensor } from '../tensor/tensor.js';
import { writeFileAtomic } from './atomic-file.js';
import { fromUpperHalves, upperHalves } from './bfloat16.js';
import { Damage, readBytes } from './checked-file.js';
import { errorCode, explainDiskError } from './disk-error.js';

/** Tensors by name, as a module's `stateDict()` gives them. */
export type TensorDict = Readonly<Record<string, Tensor>> | ReadonlyMap<string, Tensor>;

/** Options of `save`. */
export interface SaveOptions {
  /** Texts kept beside the tensors. `format: 'pt'` is there unless given: what PyTorch's readers look for. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Where a tensor lies: `begin` and `end` count bytes from the end of the header. */
interface Entry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

const formatNames: { readonly [dtype in DType]: string } = {
  float32: 'F32',
  float64: 'F64',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
  bfloat16: 'BF16',
};
const dtypeByFormatName = new Map(Object.entries(formatNames).map(([dtype, name]) => [name, dtype as DType]));
const metadataKey = '__metadata__';
/** The format's own limit, so that a hostile length asks for no more memory. */
const longestHeader = 100_000_000;

/**
 * Writes tensors to a safetensors file. The file appears whole or not at all.
 * @throws SerializationError for something that is no tensor, or when the file can't be written
 *
 * ```ts
 * await save(model.stateDict(), 'runs/notmnist/model.safetensors');
 * ```
 */
export async function save(tensors: TensorDict, path: string, options: SaveOptions = {}): Promise<void> {
  const named = [...(tensors instanceof Map ? tensors.entries() : Object.entries(tensors))] as [string, Tensor][];
  for (const [name, value] of named) checkSaved(name, value);
  // Wider elements first, so that all lie at multiples of their size; the order of names is the header's.
  const laidOut = [...named].sort(([, a], [, b]) => dtypes[b.dtype].bytes - dtypes[a.dtype].bytes);
  const places = new Map<string, [number, number]>();
  let offset = 0;
  for (const [name, value] of laidOut) {
    const begin = offset;
    offset += value.numel() * dtypes[value.dtype].bytes;
    places.set(name, [begin, offset]);
  }
  const entries = named.map(([name, { dtype, shape }]) => [
    name,
    { dtype: formatNames[dtype], shape, data_offsets: places.get(name) },
  ]);
  const metadata = { format: 'pt', ...options.metadata };
  const header = encodeHeader(Object.fromEntries([[metadataKey, metadata], ...entries]) as object);
  try {
    await writeFileAtomic(path, chunks(header, laidOut));
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    throw new SerializationError(`save: can't write ${path}: ${explainDiskError(error)}`, { cause: error });
  }
}

function checkSaved(name: string, value: unknown): void {
  if (name === metadataKey) throw new SerializationError(`save: no tensor can be called '${metadataKey}'`);
  if (!(value instanceof Tensor)) {
    const what = value === null ? 'null' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
    throw new SerializationError(
      `save: '${name}' is ${what}, not a tensor (saveCheckpoint writes nested and plain values too)`,
    );
  }
}

function encodeHeader(header: object): Uint8Array {
  const json = JSON.stringify(header);
  const length = Math.ceil(Buffer.byteLength(json) / 8) * 8;
  const bytes = Buffer.alloc(8 + length, ' ');
  bytes.writeBigUInt64LE(BigInt(length), 0);
  bytes.write(json, 8);
  return bytes;
}

function* chunks(header: Uint8Array, tensors: readonly [string, Tensor][]): Iterable<Uint8Array> {
  yield header;
  for (const [, value] of tensors) {
    const data = value.dtype === 'bfloat16' ? upperHalves(value.data() as Float32Array) : value.data();
    yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
}

/** What a safetensors file holds. */
export interface SafetensorsContent {
  /** In the order of the header. */
  readonly tensors: Record<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** @throws Damage where the file is cut short or inconsistent, or has a dtype that is not supported (`F16`) @internal */
export async function readSafetensors(handle: FileHandle, size: number): Promise<SafetensorsContent> {
  const { entries, metadata, dataStart } = await readHeader(handle, size);
  const tensors: [string, Tensor][] = [];
  for (const entry of entries) {
    const elements = await readElements(handle, entry, dataStart);
    tensors.push([entry.name, fromTypedArray(elements, entry.shape, { dtype: entry.dtype })]);
  }
  return { tensors: Object.fromEntries(tensors), metadata };
}

interface Header {
  readonly entries: Entry[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly dataStart: number;
}

async function readHeader(handle: FileHandle, size: number): Promise<Header> {
  if (size < 8) throw new Damage(`has ${size} bytes: it is no safetensors file`);
  const length = (await readBytes(handle, 0, 8)).readBigUInt64LE(0);
  // A text's first eight letters read as a length are beyond any file's.
  const beginning = await readBytes(handle, 0, 1);
  if ((beginning[0] === 0x7b || beginning[0] === 0x5b) && length > BigInt(size)) {
    throw new Damage('is JSON, not a weights file: load reads what save wrote (safetensors) and what torch.save wrote');
  }
  if (length > BigInt(longestHeader) || Number(length) > size - 8) {
    throw new Damage(`announces a header of ${length} bytes: it is cut short or no safetensors file`);
  }
  const dataStart = 8 + Number(length);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(await readBytes(handle, 8, Number(length))));
  } catch {
    throw new Damage('has no readable header: it is damaged or no safetensors file');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) throw new Damage('has no usable header');
  const entries = Object.entries(header)
    .filter(([name]) => name !== metadataKey)
    .map(([name, value]) => checkEntry(name, value));
  checkCoverage(entries, size - dataStart);
  return { entries, metadata: checkMetadata((header as Record<string, unknown>)[metadataKey] ?? {}), dataStart };
}

function checkMetadata(metadata: unknown): Record<string, string> {
  const isTexts =
    typeof metadata === 'object' &&
    metadata !== null &&
    !Array.isArray(metadata) &&
    Object.values(metadata).every((text) => typeof text === 'string');
  if (!isTexts) throw new Damage('has metadata that are no texts by name');
  return metadata as Record<string, string>;
}

function checkEntry(name: string, value: unknown): Entry {
  const { dtype: formatName, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  if (!isSizes(shape) || !isSizes(offsets) || offsets.length !== 2 || typeof formatName !== 'string') {
    throw new Damage(`describes '${name}' in a way that makes no sense`);
  }
  const dtype = dtypeByFormatName.get(formatName);
  if (dtype === undefined) {
    throw new Damage(
      `holds '${name}' as ${formatName}; supported are ${[...dtypeByFormatName.keys()].join(', ')}: convert it first`,
    );
  }
  const [begin, end] = offsets as [number, number];
  const bytes = shape.reduce((product, length) => product * length, dtypes[dtype].bytes);
  if (end - begin !== bytes) {
    throw new Damage(`gives '${name}' ${end - begin} bytes, but its shape [${shape.join(', ')}] needs ${bytes}`);
  }
  return { name, dtype, shape, begin, end };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);
}

/** The tensors must fill the data part exactly: no overlap, no gap, nothing missing, nothing behind. */
function checkCoverage(entries: readonly Entry[], dataBytes: number): void {
  let reached = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin < reached) throw new Damage(`is damaged: '${name}' overlaps another tensor`);
    if (begin > reached) throw new Damage(`is damaged: ${begin - reached} bytes before '${name}' belong to no tensor`);
    reached = end;
  }
  if (reached > dataBytes)
    throw new Damage(`is cut short: ${reached} bytes of data are announced, ${dataBytes} are there`);
  if (reached < dataBytes) throw new Damage(`is damaged: ${dataBytes - reached} bytes at its end belong to no tensor`);
}

async function readElements(handle: FileHandle, entry: Entry, dataStart: number): Promise<TypedArray> {
  const bytes = await readBytes(handle, dataStart + entry.begin, entry.end - entry.begin);
  const info = dtypes[entry.dtype];
  if (entry.dtype === 'bool' && bytes.some((byte) => byte > 1)) {
    throw new Damage(`is damaged: '${entry.name}' holds booleans other than 0 and 1`);
  }
  if (entry.dtype === 'bfloat16') {
    return fromUpperHalves(new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / info.bytes));
  }
  return new info.array(bytes.buffer, bytes.byteOffset, bytes.byteLength / info.bytes);
}

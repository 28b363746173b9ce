// What torch.save wrote, without Python: tensors and plain containers, nothing else. A pickle may name any function and have
// it called; here it can name the few below, and none of them does more than describe a tensor.
// https://pytorch.org/docs/stable/notes/serialization.html

import type { FileHandle } from 'node:fs/promises';
import { dtypes, type DType, type TypedArray } from '../backend/dtype.js';
import { fromTypedArray } from '../tensor/create.js';
import { window, type Tensor } from '../tensor/tensor.js';
import { Damage } from './checked-file.js';
import { unpickle, type PickleGlobal, type PickleReader } from './pickle.js';
import { plainValue, type PlainValue } from './plain-value.js';
import { TorchArchive } from './torch-archive.js';

/** The dtypes of PyTorch's storage classes. */
const storageDtypes: Readonly<Record<string, DType>> = {
  FloatStorage: 'float32',
  DoubleStorage: 'float64',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
};

/** The largest pickle: it describes tensors, it doesn't hold them. */
const longestPickle = 100_000_000;

/** Memory that tensors share a view of. */
interface TorchStorage {
  readonly dtype: DType;
  readonly key: string;
  readonly numel: number;
}

/** A tensor whose memory isn't read yet. */
class TensorPlan {
  constructor(
    readonly storage: TorchStorage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

/**
 * Reads a file of torch.save: a state dict, or nested dicts, lists, tuples, numbers, texts and tensors. Tensors that shared
 * memory share it again. Whether a tensor was a parameter or wanted gradients is not kept.
 * @throws Damage for all else
 */
export async function readTorchFile(handle: FileHandle, size: number): Promise<PlainValue> {
  const archive = await TorchArchive.open(handle, size);
  if (archive.has('constants.pkl')) {
    throw new Damage('is a TorchScript program: save its state_dict() instead');
  }
  if (!archive.has('data.pkl')) throw new Damage('is a zip archive, but none of PyTorch’s');
  if (archive.has('byteorder') && (await archive.read('byteorder')).toString() !== 'little') {
    throw new Damage('was written on a machine with the other byte order');
  }
  if (archive.sizeOf('data.pkl')! > longestPickle)
    throw new Damage(`has a pickle of ${archive.sizeOf('data.pkl')} bytes`);
  const contents = new Contents();
  const value = unpickle(await archive.read('data.pkl'), contents);
  const memories = new Map<string, Tensor>();
  for (const storage of contents.storages.values()) memories.set(storage.key, await readMemory(archive, storage));
  const tensors = new Map<TensorPlan, Tensor>();
  return plainValue(value, (plan) => {
    if (!(plan instanceof TensorPlan)) return undefined;
    const tensor = tensors.get(plan) ?? window(memories.get(plan.storage.key)!, plan.shape, plan.strides, plan.offset);
    tensors.set(plan, tensor);
    return tensor;
  });
}

/** The names a pickle may use, and the storages it refers to. */
class Contents implements PickleReader {
  readonly storages = new Map<string, TorchStorage>();

  private readonly known: readonly PickleGlobal[] = [
    // A module's state dict also carries its modules' versions, as its state: nothing here needs them.
    { name: 'collections.OrderedDict', call: orderedDict, setState: () => undefined },
    { name: 'torch.Size', call: ([sizes]) => sizes },
    { name: 'torch._utils._rebuild_tensor_v2', call: (args) => this.tensor(args) },
    { name: 'torch._utils._rebuild_parameter', call: ([data]) => data },
  ];

  global(module: string, name: string): PickleGlobal {
    const path = `${module}.${name}`;
    const known = this.known.find((candidate) => candidate.name === path);
    if (known !== undefined) return known;
    if (module === 'torch' && name.endsWith('Storage')) return { name: path };
    throw new Damage(
      `asks for ${path} of Python. Only tensors and plain containers are read: save a state_dict(), numbers and texts`,
    );
  }

  persistent(id: unknown): TorchStorage {
    const [kind, type, key, , numel] = (Array.isArray(id) ? id : []) as unknown[];
    const className = (type as PickleGlobal | undefined)?.name?.split('.').at(-1);
    if (kind !== 'storage' || className === undefined || typeof key !== 'string' || !isSize(numel)) {
      throw new Damage('refers to something that is no tensor’s memory');
    }
    const dtype = storageDtypes[className];
    if (dtype === undefined) {
      throw new Damage(
        `holds a tensor of ${className}; supported are ${Object.keys(storageDtypes).join(', ')}: convert it first`,
      );
    }
    const known = this.storages.get(key);
    if (known !== undefined && (known.dtype !== dtype || known.numel !== numel)) {
      throw new Damage(`is damaged: it describes the memory '${key}' in two ways`);
    }
    const storage = known ?? { dtype, key, numel };
    this.storages.set(key, storage);
    return storage;
  }

  private tensor([storage, offset, shape, strides]: readonly unknown[]): TensorPlan {
    const known = (storage as TorchStorage | undefined)?.key;
    if (
      known === undefined ||
      this.storages.get(known) !== storage ||
      !isSize(offset) ||
      !isSizes(shape) ||
      !isSizes(strides) ||
      shape.length !== strides.length
    ) {
      throw new Damage('is damaged: it describes a tensor in a way that makes no sense');
    }
    const memory = storage as TorchStorage;
    const { numel, key } = memory;
    if (!Number.isSafeInteger(shape.reduce((product, length) => product * length, 1))) {
      throw new Damage(`is damaged: it describes a tensor of shape [${shape.join(', ')}]`);
    }
    const last = shape.reduce((place, length, dim) => place + (length - 1) * strides[dim]!, offset);
    if (shape.includes(0) ? offset > numel : !(last < numel)) {
      throw new Damage(
        `is damaged: a tensor of shape [${shape.join(', ')}] reaches element ${last} of memory '${key}', which has ${numel}`,
      );
    }
    return new TensorPlan(memory, offset, shape, strides);
  }
}

function orderedDict([pairs]: readonly unknown[]): Map<unknown, unknown> {
  if (pairs === undefined) return new Map();
  const isPairs = Array.isArray(pairs) && pairs.every((pair) => Array.isArray(pair) && pair.length === 2);
  if (!isPairs) throw new Damage('is damaged: it makes a dict of what are no pairs');
  return new Map(pairs as [unknown, unknown][]);
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isSize);
}

/** A storage's elements as a tensor of one dim. */
async function readMemory(archive: TorchArchive, { dtype, key, numel }: TorchStorage): Promise<Tensor> {
  const record = `data/${key}`;
  const info = dtypes[dtype];
  const size = archive.sizeOf(record);
  if (size !== undefined && size !== numel * info.bytes) {
    throw new Damage(`is damaged: memory '${key}' has ${size} bytes, its ${numel} elements need ${numel * info.bytes}`);
  }
  const bytes = await archive.read(record);
  if (dtype === 'bool' && bytes.some((byte) => byte > 1)) {
    throw new Damage(`is damaged: memory '${key}' holds booleans other than 0 and 1`);
  }
  const elements: TypedArray = new info.array(bytes.buffer, bytes.byteOffset, numel);
  return fromTypedArray(elements, [numel], { dtype });
}

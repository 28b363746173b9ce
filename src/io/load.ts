// Reading weights, whatever program wrote them: the beginning of a file says which format it has.

import type { FileHandle } from 'node:fs/promises';
import { Tensor } from '../tensor/tensor.js';
import { Damage, readBytes, readChecked } from './checked-file.js';
import type { PlainValue } from './plain-value.js';
import { readSafetensors } from './safetensors.js';
import { zipSignature } from './torch-archive.js';
import { readTorchFile } from './torch-file.js';

/** The first bytes of a pickle without a container: what PyTorch wrote before 1.6. */
const PICKLE = 0x80;

/** Whether a file is one of torch.save. @throws Damage for one of PyTorch's older format @internal */
export async function isTorchFile(handle: FileHandle, size: number): Promise<boolean> {
  const beginning = await readBytes(handle, 0, Math.min(size, zipSignature.length));
  if (beginning[0] === PICKLE && size > 1 && beginning[1]! >= 2 && beginning[1]! <= 5) {
    throw new Damage(
      'is a bare pickle, as PyTorch wrote before 1.6 and pickle.dump does: load it in Python and torch.save it again',
    );
  }
  return beginning.equals(zipSignature);
}

/**
 * Reads tensors by name: a safetensors file, or a state dict that torch.save wrote (`.pt`, `.pth`), of which tensors and
 * plain containers are read and nothing is executed. Which of the two it is, the content says, not the name.
 * @throws SerializationError when the file can't be read, is cut short or inconsistent, holds anything but tensors by
 *   name, or has a dtype that is not supported (half precision and the like)
 *
 * ```ts
 * model.loadStateDict(await load('runs/notmnist/model.safetensors'));
 * model.loadStateDict(await load('resnet.pth'));
 * ```
 */
export function load(path: string): Promise<Record<string, Tensor>> {
  return readChecked('load', path, async (handle, size) => {
    if (!(await isTorchFile(handle, size))) return (await readSafetensors(handle, size)).tensors;
    return tensorsByName(await readTorchFile(handle, size));
  });
}

function tensorsByName(value: PlainValue): Record<string, Tensor> {
  if (typeof value !== 'object' || value === null || value instanceof Tensor || Array.isArray(value)) {
    throw new Damage(`holds ${kindOf(value)} instead of tensors by name: loadCheckpoint reads it`);
  }
  for (const [name, entry] of Object.entries(value)) {
    if (entry instanceof Tensor) continue;
    throw new Damage(`holds more than tensors by name ('${name}' is ${kindOf(entry)}): loadCheckpoint reads it`);
  }
  return value as Record<string, Tensor>;
}

function kindOf(value: PlainValue): string {
  if (value === null) return 'None';
  if (value instanceof Tensor) return 'a tensor';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a dict' : `a ${typeof value}`;
}

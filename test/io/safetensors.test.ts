import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, mock, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { DType } from '../../src/backend/dtype.js';
import { SerializationError } from '../../src/errors.js';
import { load } from '../../src/io/load.js';
import { save } from '../../src/io/safetensors.js';
import '../../src/ops/methods.js';
import { arange, fromTypedArray, tensor, zeros } from '../../src/tensor/create.js';
import type { Tensor } from '../../src/tensor/tensor.js';

let folder: string;
let file: string;

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-safetensors-'));
});
after(() => fs.rm(folder, { recursive: true }));
beforeEach(async () => {
  file = path.join(await fs.mkdtemp(path.join(folder, 'case-')), 'model.safetensors');
});
afterEach(() => mock.restoreAll());

/** A file as the format's description has it, written without this library. */
function compose(header: unknown, data: Uint8Array = new Uint8Array(0)): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
}

async function assertRefused(bytes: Uint8Array, message: RegExp): Promise<void> {
  await fs.writeFile(file, bytes);
  await assert.rejects(load(file), (error: Error) => {
    assert.ok(error instanceof SerializationError, String(error));
    assert.ok(error.message.startsWith(`load: ${file} `), error.message);
    assert.match(error.message, message);
    return true;
  });
}

function describe(value: Tensor): unknown {
  return [value.dtype, value.shape, [...value.data()]];
}

test('what is saved is loaded again: every dtype, empty, 0-d and not contiguous tensors, in order', async () => {
  const dtypes: DType[] = ['bool', 'uint8', 'int8', 'int16', 'int32', 'int64', 'float32', 'float64'];
  const tensors: Record<string, Tensor> = {
    scalar: tensor(-1.5),
    empty: zeros([3, 0, 2]),
    turned: arange(6).view([2, 3]).t(),
    'layer.1.weight': fromTypedArray(Float32Array.of(1e-38, -0, Infinity, NaN), [2, 2]),
    __proto__: tensor([1]),
    größe: tensor([2n ** 62n, -1n]),
  };
  for (const dtype of dtypes) tensors[`as ${dtype}`] = tensor([1, 0, 1]).to(dtype);
  Object.defineProperty(tensors, '__proto__', { value: tensor([1]), enumerable: true });
  await save(tensors, file);
  const loaded = await load(file);
  assert.deepEqual(Object.keys(loaded), Object.keys(tensors));
  for (const [name, value] of Object.entries(tensors)) {
    assert.deepEqual(describe(Object.getOwnPropertyDescriptor(loaded, name)!.value as Tensor), describe(value), name);
  }
});

test('a Map can be saved, with texts beside the tensors', async () => {
  await save(new Map([['a', tensor([1, 2])]]), file, { metadata: { epoch: '5' } });
  const bytes = await fs.readFile(file);
  const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString()) as Record<
    string,
    unknown
  >;
  assert.deepEqual(header['__metadata__'], { format: 'pt', epoch: '5' });
  assert.deepEqual(Object.keys(await load(file)), ['a']);
});

test('the file is what the format asks for: padded header, elements aligned to their size, little-endian', async () => {
  await save({ flag: tensor([true]), wide: tensor([1n]), narrow: fromTypedArray(Int16Array.of(258), [1]) }, file);
  const bytes = await fs.readFile(file);
  const length = Number(bytes.readBigUInt64LE(0));
  assert.equal(length % 8, 0);
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<string, unknown>;
  assert.deepEqual(header, {
    __metadata__: { format: 'pt' },
    flag: { dtype: 'BOOL', shape: [1], data_offsets: [10, 11] },
    wide: { dtype: 'I64', shape: [1], data_offsets: [0, 8] },
    narrow: { dtype: 'I16', shape: [1], data_offsets: [8, 10] },
  });
  assert.deepEqual([...bytes.subarray(8 + length)], [1, 0, 0, 0, 0, 0, 0, 0, 2, 1, 1]);
});

test('a file written elsewhere is read, whatever the order and padding', async () => {
  const data = Buffer.alloc(12);
  data.writeFloatLE(1.5, 0);
  data.writeInt32LE(-7, 4);
  data.writeInt32LE(8, 8);
  const header =
    '{"b":{"dtype":"I32","shape":[1,2],"data_offsets":[4,12]},"a":{"shape":[],"dtype":"F32","data_offsets":[0,4]}}  ';
  await fs.writeFile(file, compose(header, data));
  const { a, b } = await load(file);
  assert.deepEqual(describe(b!), ['int32', [1, 2], [-7, 8]]);
  assert.deepEqual(describe(a!), ['float32', [], [1.5]]);
});

test('a file that Python wrote by the description alone is read', async () => {
  const fixture = fileURLToPath(new URL('fixtures/by-hand.safetensors', import.meta.url));
  const loaded = await load(fixture);
  const described = Object.entries(loaded).map(([name, value]) => [name, ...(describe(value) as unknown[])]);
  assert.deepEqual(described, [
    ['layer.weight', 'float32', [2, 3], [0, 0.25, 0.5, 0.75, 1, 1.25]],
    ['layer.bias', 'float64', [2], [0.1, -0.2]],
    ['steps', 'int64', [], [2n ** 60n + 1n]],
    ['mask', 'bool', [3], [1, 0, 1]],
    ['none', 'int32', [0, 4], []],
  ]);
});

test('damaged and hostile files are refused before they do harm', async () => {
  const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
  const data = new Uint8Array(8);
  await assertRefused(new Uint8Array(0), /has 0 bytes: it is no safetensors file/);
  await assertRefused(compose({ a: entry }, data).subarray(0, 30), /cut short/);
  const huge = Buffer.alloc(16, 0xff);
  await assertRefused(huge, /announces a header of 18446744073709551615 bytes/);
  await assertRefused(compose('{"a":'), /no readable header/);
  await assertRefused(compose(Buffer.from([0x22, 0xff, 0x22]).toString('latin1')), /no usable header/);
  await assertRefused(compose('[]'), /no usable header/);
  await assertRefused(compose('null'), /no usable header/);
  await assertRefused(
    compose({ a: entry }, new Uint8Array(7)),
    /cut short: 8 bytes of data are announced, 7 are there/,
  );
  await assertRefused(compose({ a: entry }, new Uint8Array(9)), /1 bytes at its end belong to no tensor/);
  await assertRefused(compose({ a: entry, b: entry }, data), /'b' overlaps another tensor/);
  await assertRefused(
    compose({ a: { ...entry, data_offsets: [4, 12] } }, new Uint8Array(12)),
    /4 bytes before 'a' belong to no tensor/,
  );
  await assertRefused(
    compose({ a: { ...entry, shape: [3] } }, data),
    /gives 'a' 8 bytes, but its shape \[3\] needs 12/,
  );
  await assertRefused(compose({ a: { ...entry, shape: [2 ** 52, 2 ** 52] } }, data), /gives 'a' 8 bytes/);
  await assertRefused(compose({ a: { ...entry, dtype: 'F16' } }, data), /holds 'a' as F16; supported are F32, F64/);
  for (const wrong of [
    null,
    5,
    {},
    { ...entry, shape: [-2] },
    { ...entry, shape: [1.5] },
    { ...entry, shape: 2 },
    { ...entry, data_offsets: [0] },
    { ...entry, data_offsets: [0, '8'] },
    { ...entry, data_offsets: [8, 0], shape: [-2] },
    { ...entry, dtype: 7 },
  ]) {
    await assertRefused(compose({ a: wrong }, data), /describes 'a' in a way that makes no sense/);
  }
  await assertRefused(compose({ __metadata__: { a: 1 }, a: entry }, data), /has metadata that are no texts by name/);
  await assertRefused(compose({ __metadata__: [], a: entry }, data), /has metadata that are no texts by name/);
  await assertRefused(
    compose({ a: { dtype: 'BOOL', shape: [1], data_offsets: [0, 1] } }, Uint8Array.of(2)),
    /booleans other than 0 and 1/,
  );
});

test('what is no tensor is not saved, and nothing is written', async () => {
  await assert.rejects(
    save({ a: 5 as unknown as Tensor }, file),
    /'a' is a number, not a tensor \(saveCheckpoint writes nested/,
  );
  await assert.rejects(save({ a: null as unknown as Tensor }, file), /'a' is null/);
  await assert.rejects(save({ __metadata__: tensor(1) }, file), SerializationError);
  assert.deepEqual(await fs.readdir(path.dirname(file)), []);
});

test('a file that is not there, and a place that can not be written, say so', async () => {
  await assert.rejects(load(file), (error: Error) => {
    assert.ok(error instanceof SerializationError);
    assert.match(error.message, /can't read .*: no such file/);
    return true;
  });
  await fs.writeFile(file, '');
  await assert.rejects(save({}, path.join(file, 'below')), /can't write .*something of that name is in the way/);
});

test('a failed save leaves the earlier file as it was', async () => {
  await save({ a: tensor([1, 2, 3]) }, file);
  const earlier = await fs.readFile(file);
  const open = fs.open.bind(fs);
  mock.method(fs, 'open', async (name: string, flags: string) => {
    const handle = await open(name, flags);
    return Object.assign(handle, {
      write: () => Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })),
    });
  });
  await assert.rejects(save({ a: tensor([4, 5, 6]) }, file), /the disk is full/);
  mock.restoreAll();
  assert.deepEqual(await fs.readFile(file), earlier);
  assert.deepEqual(await fs.readdir(path.dirname(file)), ['model.safetensors']);
});

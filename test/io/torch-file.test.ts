import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SerializationError, Tensor, io } from 'flambeau';
import { bytes, pickle, put, tensorPickle, torchFile, uint32, zip, type TensorParts } from './torch-builder.js';

const { load, loadCheckpoint } = io;
const fixtures = path.join(path.dirname(fileURLToPath(import.meta.url)), 'fixtures');
const fixture = (name: string): string => path.join(fixtures, name);

let folder: string;
let file: string;

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'flambeau-torch-'));
  file = path.join(folder, 'model.pt');
});
after(() => fs.rm(folder, { recursive: true }));

async function assertRefused(
  content: Uint8Array,
  message: RegExp,
  read: (path: string) => Promise<unknown> = loadCheckpoint,
): Promise<void> {
  await fs.writeFile(file, content);
  await assert.rejects(read(file), (error: Error) => {
    assert.ok(error instanceof SerializationError, String(error.stack));
    assert.ok(error.message.includes(file), error.message);
    assert.match(error.message, message);
    return true;
  });
}

test('a state dict that torch.save wrote is loaded: keys, numbers, buffers, in order', async () => {
  const expected = JSON.parse(await fs.readFile(fixture('module.json'), 'utf8')) as Record<string, unknown>;
  for (const name of ['module.pt', 'protocol4.pt']) {
    const loaded = await load(fixture(name));
    assert.deepEqual(Object.keys(loaded), Object.keys(expected));
    for (const [key, value] of Object.entries(expected)) {
      const { dtype } = loaded[key]!;
      assert.equal(dtype, key === 'bn.num_batches_tracked' ? 'int64' : 'float32');
      const rounded = (numbers: unknown): unknown =>
        JSON.parse(JSON.stringify(numbers), (_, x: unknown) => (typeof x === 'number' ? Math.fround(x) : x));
      assert.deepEqual(loaded[key]!.toArray(), rounded(value), key);
    }
  }
});

test('every dtype and layout is read', async () => {
  const loaded = await load(fixture('tensors.pt'));
  const described = Object.fromEntries(
    Object.entries(loaded).map(([name, value]) => [name, [value.dtype, value.shape, [...value.data()]]]),
  );
  assert.deepEqual(described, {
    float32: ['float32', [4], [1.5, -0, Infinity, Math.fround(1e-45)]],
    float64: ['float64', [1], [0.1]],
    int64: ['int64', [2], [2n ** 62n, -1n]],
    int32: ['int32', [1], [-(2 ** 31)]],
    int16: ['int16', [1], [258]],
    int8: ['int8', [2], [-128, 127]],
    uint8: ['uint8', [1], [255]],
    bool: ['bool', [2], [1, 0]],
    scalar: ['float32', [], [7]],
    empty: ['float32', [0, 3], []],
    parameter: ['float32', [1], [1]],
    grid: ['float32', [2, 3], [0, 1, 2, 3, 4, 5]],
    turned: ['float32', [3, 2], [0, 3, 1, 4, 2, 5]],
    row: ['float32', [3], [3, 4, 5]],
    expanded: ['float32', [2, 2], [3, 3, 3, 3]],
    ['__proto__']: ['float32', [1], [0]],
  });
  assert.ok(Object.values(loaded).every((value) => !value.requiresGrad));
});

test('tensors that shared memory share it again', async () => {
  const { grid, turned, row } = await load(fixture('tensors.pt'));
  grid!.select(0, 1).fill_(9);
  assert.deepEqual(row!.toArray(), [9, 9, 9]);
  assert.deepEqual(turned!.select(1, 1).toArray(), [9, 9, 9]);
});

test('numbers, texts and containers of a checkpoint are plain values', async () => {
  const checkpoint = await loadCheckpoint<Record<string, unknown>>(fixture('checkpoint.pt'));
  const { model, optimizer, scheduler, ...rest } = checkpoint;
  assert.deepEqual(rest, {
    epoch: 3,
    best: -Infinity,
    large: 2n ** 70n,
    note: 'größer',
    nothing: null,
    shape: [4, 2],
    mixed: [1, [true, -5, 2.5], { 1: 'one' }],
  });
  assert.ok((model as Record<string, unknown>)['fc.weight'] instanceof Tensor);
  assert.deepEqual(Object.keys(optimizer as object), ['state', 'param_groups']);
  assert.equal((scheduler as Record<string, unknown>)['last_epoch'], 3);
  await assert.rejects(
    load(fixture('checkpoint.pt')),
    /holds more than tensors by name \('model' is a dict\): loadCheckpoint reads it/,
  );
});

test('what is no tensor and no plain container is refused, and what to do is said', async () => {
  await assert.rejects(
    load(fixture('whole-module.pt')),
    /asks for torch\.nn\.modules\.linear\.Linear of Python\. Only tensors .*: save a state_dict\(\)/,
  );
  await assert.rejects(load(fixture('half.pt')), /holds a tensor of HalfStorage; supported are .*: convert it first/);
  await assert.rejects(load(fixture('before-1.6.pt')), /is a bare pickle, as PyTorch wrote before 1\.6/);
  const program = { name: 'net/constants.pkl', content: pickle(bytes(')')) };
  await assertRefused(zip([program]), /is a TorchScript program/);
  await assertRefused(
    zip([{ name: 'readme/readme.txt', content: bytes('hello') }]),
    /a zip archive, but none of PyTorch/,
  );
});

test('a pickle that wants something run is refused', async () => {
  const run = put.text('touch /somewhere');
  await assertRefused(torchFile(pickle(put.call(put.global('os', 'system'), run))), /asks for os\.system of Python/);
  await assertRefused(
    torchFile(pickle(put.text('builtins'), put.text('eval'), bytes(0x93), put.tuple(run), bytes('R'))),
    /asks for builtins\.eval of Python/,
  );
  await assertRefused(
    torchFile(pickle(put.call(put.global('torch', 'FloatStorage'), put.number(5)))),
    /makes a torch\.FloatStorage, which is neither/,
  );
  await assertRefused(torchFile(pickle(put.global('torch', 'FloatStorage'))), /holds torch\.FloatStorage at ''/);
  await assertRefused(torchFile(pickle(bytes(')', '}', 'b'))), /sets the state of something/);
  // INST, OBJ, NEWOBJ, REDUCE of a text, EXT1.
  await assertRefused(torchFile(pickle(bytes('(', 'ios\nsystem\n'))), /the pickle instruction 0x69 \(at byte 3\)/);
  await assertRefused(torchFile(pickle(bytes('(o'))), /the pickle instruction 0x6f/);
  await assertRefused(torchFile(pickle(bytes(')', ')', 0x81))), /the pickle instruction 0x81/);
  await assertRefused(torchFile(pickle(run, bytes(')', 'R'))), /makes no sense/);
  await assertRefused(torchFile(pickle(bytes(0x82, 1))), /the pickle instruction 0x82/);
});

test('a pickle that is nonsense or cut short is refused', async () => {
  for (const program of [
    bytes('0'),
    bytes('a'),
    bytes('h', 5),
    bytes('t'),
    bytes('(', '0'),
    bytes('q', 0),
    bytes(']', '](', 'u'),
  ]) {
    await assertRefused(torchFile(pickle(program)), /makes no sense/);
  }
  await assertRefused(torchFile(bytes(0x80, 2)), /its pickle is cut short/);
  await assertRefused(torchFile(new Uint8Array(0)), /its pickle is cut short/);
  await assertRefused(torchFile(pickle(bytes('X', uint32(2 ** 32 - 1)))), /its pickle is cut short/);
  await assertRefused(torchFile(pickle(bytes(0x8d, Buffer.alloc(8, 0xff)))), /its pickle is cut short/);
  await assertRefused(torchFile(pickle(bytes(0x8b, uint32(2 ** 31)))), /a whole number of 2147483648 bytes/);
  await assertRefused(torchFile(bytes(0x80, 9, '.')), /pickled by protocol 9/);
  await assertRefused(torchFile(pickle(put.global('os', 'system').subarray(0, 5))), /its pickle is cut short/);
});

test('nesting without end does no harm', async () => {
  const deep = bytes(Buffer.alloc(100_000, ']'), Buffer.alloc(99_999, 'a'));
  await assertRefused(torchFile(pickle(deep)), /nests deeper than 64 levels/);
  const itself = bytes(']', 'q', 0, 'h', 0, 'a');
  await assertRefused(torchFile(pickle(itself)), /holds something that holds itself/);
  // Each list holds the one before it twice: written out it would have 2^50 elements.
  const laughs = [bytes(']', 'q', 0)];
  for (let i = 0; i < 50; i++) laughs.push(bytes('](', 'h', i, 'h', i, 'e', 'q', i + 1));
  await fs.writeFile(file, torchFile(pickle(...laughs)));
  let value = await loadCheckpoint<unknown[]>(file);
  let depth = 0;
  for (; value.length > 0; value = value[0] as unknown[]) {
    assert.equal(value[0], value[1]);
    depth++;
  }
  assert.equal(depth, 50);
});

test('dicts become objects whatever their keys are called; keys that would become one are refused', async () => {
  await fs.writeFile(file, torchFile(pickle(put.dict({ a: put.number(1), ['__proto__']: put.number(2) }))));
  const value = await loadCheckpoint<Record<string, unknown>>(file);
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.deepEqual(Object.entries(value), [
    ['a', 1],
    ['__proto__', 2],
  ]);
  const both = bytes('}(', put.number(1), put.number(5), put.text('1'), put.number(6), 'u');
  await assertRefused(torchFile(pickle(both)), /has a dict at '' with two keys '1'/);
  const tuple = put.dict({ inner: bytes('}', put.tuple(put.number(1)), put.number(5), 's') });
  await assertRefused(torchFile(pickle(tuple)), /a dict at 'inner' whose keys are neither texts nor whole numbers/);
});

test('tensors that reach beyond their memory, or make no sense, are refused', async () => {
  const refused = (parts: TensorParts, message: RegExp): Promise<void> =>
    assertRefused(torchFile(pickle(put.dict({ w: tensorPickle(parts) }))), message);
  await refused({ shape: [3] }, /a tensor of shape \[3\] reaches element 2 of memory '0', which has 2/);
  await refused({ offset: 1 }, /reaches element 2/);
  await refused({ strides: [2] }, /reaches element 2/);
  await refused(
    { shape: [2 ** 30, 2 ** 30], strides: [0, 0] },
    /describes a tensor of shape \[1073741824, 1073741824\]/,
  );
  await refused({ shape: [-2] }, /describes a tensor in a way that makes no sense/);
  await refused({ strides: [-1] }, /makes no sense/);
  await refused({ offset: -1 }, /makes no sense/);
  await refused({ shape: [2, 1] }, /makes no sense/);
  await refused({ numel: 3 }, /memory '0' has 8 bytes, its 3 elements need 12/);
  await refused({ numel: 2 ** 31 - 1 }, /memory '0' has 8 bytes/);
  await refused({ key: '7' }, /it has no 'data\/7'/);
  await refused({ key: '../version' }, /it has no 'data\/\.\.\/version'/);
  await refused({ type: 'ComplexFloatStorage' }, /holds a tensor of ComplexFloatStorage/);
  const bools = torchFile(pickle(tensorPickle({ type: 'BoolStorage', numel: 2 })), { '0': Uint8Array.of(1, 2) });
  await assertRefused(bools, /memory '0' holds booleans other than 0 and 1/);
  const twoWays = put.list(tensorPickle(), tensorPickle({ type: 'IntStorage' }));
  await assertRefused(torchFile(pickle(twoWays)), /describes the memory '0' in two ways/);
  const bare = bytes(put.tuple(put.text('storage'), put.number(1)), 'Q');
  await assertRefused(torchFile(pickle(bare)), /refers to something that is no tensor/);
});

test('an archive that is damaged or plays tricks is refused', async () => {
  const program = { name: 'a/data.pkl', content: pickle(put.dict({ w: tensorPickle() })) };
  const memory = { name: 'a/data/0', content: new Uint8Array(8) };
  await fs.writeFile(file, zip([program, memory]));
  assert.deepEqual((await load(file))['w']!.toArray(), [0, 0]);
  await assertRefused(zip([program, { ...memory, crc: 1 }]), /the checksum of 'data\/0' is wrong/);
  await assertRefused(zip([program, { ...memory, method: 8 }]), /holds 'data\/0' compressed or encrypted/);
  await assertRefused(zip([program, { ...memory, flags: 1 }]), /compressed or encrypted|size mismatch/);
  await assertRefused(zip([program, { ...memory, name: 'b/data/0' }]), /a zip archive, but none of PyTorch/);
  await assertRefused(zip([program, { ...memory, name: '../data/0' }]), /damaged/);
  await assertRefused(zip([program, memory, memory]), /it holds 'data\/0' twice/);
  await assertRefused(zip([program, { ...memory, at: 1 }]), /damaged/);
  const order = { name: 'a/byteorder', content: bytes('big') };
  await assertRefused(zip([program, memory, order]), /the other byte order/);
});

test('a zip directory said to lie beyond any file is refused, not an error that nobody can catch', async () => {
  const content = await fs.readFile(fixture('tensors.pt'));
  const locator = content.indexOf('PK\x06\x07', 0, 'latin1');
  assert.ok(locator > 0);
  for (const place of [2n ** 63n, 2n ** 53n, BigInt(content.length)]) {
    content.writeBigUInt64LE(place, locator + 8);
    await assertRefused(content, /is damaged or cut short: it speaks of byte \d+, but has \d+/);
  }
});

test('a small file can not ask for much memory', async () => {
  // A thousand tensors that all lie over the same kilobyte.
  const keys = Array.from({ length: 1000 }, (_, i) => String(i));
  const tensors = keys.map((key) => tensorPickle({ key, numel: 256, shape: [256] }));
  const memories = keys.map((key) => ({
    name: `a/data/${key}`,
    content: new Uint8Array(1024),
    ...(key !== '0' && { listedOnly: true, at: 0 }),
  }));
  const content = zip([...memories, { name: 'a/data.pkl', content: pickle(put.list(...tensors)) }]);
  assert.ok(content.length < 1000 * 1024);
  await assertRefused(content, /its records lie over each other/);
});

test('a file cut short anywhere is refused', async () => {
  const whole = await fs.readFile(fixture('module.pt'));
  for (let length = 0; length < whole.length; length += 97) {
    await assertRefused(whole.subarray(0, length), /./, load);
  }
});

test('a file changed anywhere is read or refused, nothing else', async () => {
  const whole = await fs.readFile(fixture('tensors.pt'));
  let state = 1;
  let refused = 0;
  for (let round = 0; round < 200; round++) {
    const changed = Buffer.from(whole);
    for (let i = 0; i < 1 + (round % 3); i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      changed[(state >>> 8) % changed.length] = state & 0xff;
    }
    await fs.writeFile(file, changed);
    try {
      await loadCheckpoint(file);
    } catch (error) {
      assert.ok(error instanceof SerializationError, String((error as Error).stack));
      refused++;
    }
  }
  assert.ok(refused > 50, `${refused} of 200 were refused`);
});

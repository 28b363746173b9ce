// Elementwise kernels of the addon against the reference: every operation over dtypes, layouts, broadcasts and sizes.

import { test } from 'node:test';

import type { BinaryOp, CompareOp, Operand, PredicateOp, UnaryOp } from '../../../src/backend/backend.js';
import type { DType } from '../../../src/backend/dtype.js';
import { binaryOps, compareOps, predicateOps, unaryOps } from '../../../src/backend/native/operations.js';
import {
  allTypes,
  assertSame,
  floatTypes,
  integerTypes,
  layouts,
  needsAddon,
  onBoth,
  pair,
  randomStream,
  type Layout,
  type Pair,
  type Tolerance,
} from './pairs.js';

/** Sizes around the widths of vectors and of the walk's pieces. */
const shapes: readonly (readonly number[])[] = [
  [],
  [0],
  [1],
  [7],
  [16],
  [33],
  [3, 5],
  [2, 1, 300],
  [4, 0, 3],
  [5, 70, 3],
  [2100],
];

const specials = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2,
  -2,
  Infinity,
  -Infinity,
  NaN,
  1e-40,
  -1e-40,
  3e38,
  88.5,
  -88.5,
  104,
  1e-8,
];

/** Values of a float dtype: specials first, then a spread over magnitudes. */
function floats(seed: number): (position: number) => number {
  const random = randomStream(seed);
  return (position) => {
    if (position % 23 === 0) return specials[Math.floor(random() * specials.length)]!;
    return (random() - 0.5) * 10 ** Math.floor(random() * 5 - 2);
  };
}

function integers(seed: number, dtype: DType): (position: number) => number {
  const random = randomStream(seed);
  const [low, high] = { uint8: [0, 255], int8: [-128, 127], int16: [-32768, 32767], bool: [0, 1] }[dtype as string] ?? [
    -(2 ** 31),
    2 ** 31 - 1,
  ];
  return (position) =>
    position % 3 === 0
      ? Math.floor(random() * (high! - low! + 1)) + low!
      : Math.floor(random() * 9) + (low! < 0 ? -4 : 0);
}

/** What gradients and their inputs look like: nothing that overflows. */
function moderate(seed: number): (position: number) => number {
  const random = randomStream(seed);
  return (position) => (position % 29 === 0 ? 0 : (random() - 0.5) * (position % 5 === 0 ? 40 : 4));
}

function values(seed: number, dtype: DType): (position: number) => number {
  return dtype === 'float32' || dtype === 'float64' ? floats(seed) : integers(seed, dtype);
}

// Where float32 results are further from the reference than rounding: what vector_math.h states, and sums of such terms.
const exact = new Set<string>([
  ...['neg', 'abs', 'sign', 'square', 'floor', 'ceil', 'round', 'trunc', 'sqrt', 'reciprocal', 'relu', 'clamp'],
  ...['leakyRelu', 'add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'reluBackward', 'leakyReluBackward'],
  ...['clampBackward', 'fmod', 'remainder'],
]);
const tolerances: { readonly [op: string]: Tolerance } = {
  // The true result may be far below what cancels in it: 1 + erf(x), 1 - tanh(x)^2 and their like.
  gelu: { ulp: 4, absolute: 1e-6 },
  geluTanh: { ulp: 4, absolute: 1e-6 },
  geluBackward: { ulp: 4, absolute: 1e-5 },
  geluTanhBackward: { ulp: 8, absolute: 1e-4 },
  siluBackward: { ulp: 8, absolute: 1e-5 },
  // A quotient that float32 rounds up to a whole number.
  truncDiv: { ulp: 1, absolute: 1 },
  lgamma: { ulp: 2, absolute: 1e-6 },
  digamma: { ulp: 2, absolute: 1e-6 },
  // Where the two terms cancel, without a fused multiply-add.
  addMultiple: { ulp: 2.5, absolute: 1e-6 },
  tanhBackward: { ulp: 4, absolute: 1e-4 },
  sigmoidBackward: { ulp: 4, absolute: 1e-4 },
  sigmoid: { ulp: 3 },
  silu: { ulp: 4 },
  softplus: { ulp: 4, absolute: 1e-37 },
  logSigmoid: { ulp: 4, absolute: 1e-37 },
  mish: { ulp: 8, absolute: 1e-35 },
  eluBackward: { ulp: 4, absolute: 1e-37 },
  softplusBackward: { ulp: 4, absolute: 1e-35 },
};
function toleranceOf(op: string, dtype: DType): Tolerance {
  if (dtype === 'float64')
    return { ulp: exact.has(op) ? 0 : 64, absolute: exact.has(op) ? 0 : (tolerances[op]?.absolute ?? 0) * 1e-8 };
  return exact.has(op) ? {} : (tolerances[op] ?? { ulp: 2.5 });
}

const parameters: { readonly [op: string]: readonly [number, number] } = {
  leakyRelu: [0.01, 0],
  leakyReluBackward: [0.01, 0],
  elu: [1.5, 1.25],
  eluBackward: [1.5, 1.25],
  softplus: [2, 20],
  softplusBackward: [2, 20],
  clamp: [-0.5, 3],
  clampBackward: [-0.5, 3],
  addMultiple: [-0.3, 0],
};

const integerUnary: UnaryOp[] = ['neg', 'abs', 'sign', 'square', 'bitwiseNot', 'floor', 'round', 'relu', 'clamp'];

for (const op of Object.keys(unaryOps) as UnaryOp[]) {
  test(`unary ${op}`, needsAddon, () => {
    const types = [...(op === 'bitwiseNot' ? [] : floatTypes), ...(integerUnary.includes(op) ? integerTypes : [])];
    if (op === 'bitwiseNot') types.push('bool');
    for (const dtype of types) {
      shapes.forEach((shape, seed) => {
        for (const layout of [...layouts, 'broadcast'] as Layout[]) {
          const input = pair(dtype, shape, { layout, value: values(seed, dtype) });
          const output = pair(dtype, shape, { layout: layout === 'broadcast' ? 'contiguous' : layouts[seed % 3]! });
          const [a, b] = parameters[op] ?? [0, 0];
          onBoth((backend, pick) => backend.unary(op, pick(output), pick(input), a, b));
          assertSame(output, `${op} of ${dtype} [${shape.join()}] ${layout}`, toleranceOf(op, dtype));
        }
      });
    }
  });
}

const floatOnly = new Set<BinaryOp>(['atan2', 'hypot', 'addMultiple']);
const integerOnly = new Set<BinaryOp>(['bitwiseAnd', 'bitwiseOr', 'bitwiseXor', 'leftShift', 'rightShift']);

for (const op of Object.keys(binaryOps) as BinaryOp[]) {
  test(`binary ${op}`, needsAddon, () => {
    const types = [
      ...(integerOnly.has(op) ? [] : floatTypes),
      ...(op.endsWith('Backward') || floatOnly.has(op) ? [] : integerTypes),
    ];
    if (op.startsWith('bitwise') || op === 'add' || op === 'mul') types.push('bool');
    for (const dtype of types) {
      shapes.forEach((shape, seed) => {
        const content = (at: number) => (op.endsWith('Backward') ? moderate(seed + at) : values(seed + at, dtype));
        const left = pair(dtype, shape, { layout: layouts[seed % 3]!, value: content(0) });
        const right = pair(dtype, shape, { layout: layouts[(seed + 1) % 3]!, value: content(50) });
        // A row, repeated; and a column.
        const row = pair(dtype, shape.slice(-1), { value: content(70) });
        const column = pair(dtype, [...shape.slice(0, -1), ...shape.slice(-1).map(() => 1)], { value: content(90) });
        const operands: [Pair | number, Pair | number][] = [
          [left, right],
          [left, row],
          [column, left],
          [left, dtype === 'bool' ? 1 : 2],
          [dtype === 'bool' ? 0 : 3, right],
          [row, column],
        ];
        for (const [x, y] of operands) {
          const output = pair(dtype, shape, { layout: layouts[seed % 2]! });
          const [a, b] = parameters[op] ?? [0, 0];
          onBoth((backend, pick) => {
            const operand = (o: Pair | number): Operand => (typeof o === 'number' ? o : pick(o));
            backend.binary(op, pick(output), operand(x), operand(y), a, b);
          });
          assertSame(output, `${op} of ${dtype} [${shape.join()}]`, toleranceOf(op, dtype));
        }
      });
    }
  });
}

test('powers with a number as exponent', needsAddon, () => {
  for (const dtype of floatTypes) {
    for (const exponent of [0, 1, 2, 3, 0.5, -0.5, -1, -2, 2.5]) {
      const input = pair(dtype, [3, 700], { layout: 'transposed', value: floats(5) });
      const output = pair(dtype, [3, 700]);
      onBoth((backend, pick) => backend.binary('pow', pick(output), pick(input), exponent));
      assertSame(output, `pow ${exponent} of ${dtype}`, { ulp: 1.5 });
    }
  }
});

test('a kernel may write onto its input', needsAddon, () => {
  for (const layout of layouts) {
    const x = pair('float32', [30, 50], { layout, value: floats(8) });
    onBoth((backend, pick) => {
      backend.binary('mul', pick(x), pick(x), pick(x));
      backend.unary('abs', pick(x), pick(x));
      backend.binary('pow', pick(x), pick(x), 3);
      backend.addScaled('mul', pick(x), pick(x), pick(x), pick(x), 0.5);
    });
    assertSame(x, layout, { ulp: 12 });
  }
});

for (const op of Object.keys(compareOps) as CompareOp[]) {
  test(`compare ${op}`, needsAddon, () => {
    for (const dtype of allTypes) {
      shapes.forEach((shape, seed) => {
        const left = pair(dtype, shape, { layout: layouts[seed % 3]!, value: values(seed, dtype) });
        const right = pair(dtype, shape.slice(-1), { value: values(seed + 50, dtype) });
        for (const [x, y] of [
          [left, right],
          [left, 1],
          [1, left],
        ] as [Pair | number, Pair | number][]) {
          const output = pair('bool', shape, { layout: layouts[seed % 2]! });
          onBoth((backend, pick) => {
            const operand = (o: Pair | number): Operand => (typeof o === 'number' ? o : pick(o));
            backend.compare(op, pick(output), operand(x), operand(y));
          });
          assertSame(output, `${op} of ${dtype} [${shape.join()}]`);
        }
      });
    }
  });
}

for (const op of Object.keys(predicateOps) as PredicateOp[]) {
  test(`predicate ${op}`, needsAddon, () => {
    for (const dtype of allTypes) {
      shapes.forEach((shape, seed) => {
        const input = pair(dtype, shape, { layout: layouts[seed % 3]!, value: values(seed, dtype) });
        const output = pair('bool', shape, { layout: layouts[seed % 2]! });
        onBoth((backend, pick) => backend.predicate(op, pick(output), pick(input)));
        assertSame(output, `${op} of ${dtype} [${shape.join()}]`);
      });
    }
  });
}

test('where', needsAddon, () => {
  for (const dtype of allTypes) {
    shapes.forEach((shape, seed) => {
      const condition = pair('bool', shape, { layout: layouts[seed % 3]!, value: (i) => (i * 7) % 3 });
      const left = pair(dtype, shape, { layout: layouts[(seed + 1) % 3]!, value: values(seed, dtype) });
      const right = pair(dtype, shape.slice(-1), { value: values(seed + 50, dtype) });
      for (const [x, y] of [
        [left, right],
        [1, left],
        [right, 0],
        [0, 1],
      ] as [Pair | number, Pair | number][]) {
        const output = pair(dtype, shape, { layout: layouts[seed % 2]! });
        onBoth((backend, pick) => {
          const operand = (o: Pair | number): Operand => (typeof o === 'number' ? o : pick(o));
          backend.where(pick(output), pick(condition), operand(x), operand(y));
        });
        assertSame(output, `where of ${dtype} [${shape.join()}]`);
      }
    });
  }
});

test('addScaled', needsAddon, () => {
  for (const dtype of [...floatTypes, ...integerTypes]) {
    for (const mode of ['mul', 'div'] as const) {
      shapes.forEach((shape, seed) => {
        const small = (at: number) => (i: number) => (((i + at) * 37) % 19) - 9 || 1;
        const unsigned = (at: number) => (i: number) => (((i + at) * 37) % 5) + 1;
        const content = dtype === 'uint8' ? unsigned : small;
        const input = pair(dtype, shape, { layout: layouts[seed % 3]!, value: content(1) });
        const left = pair(dtype, shape.slice(-1), { value: content(2) });
        const right = pair(dtype, shape, { layout: layouts[(seed + 1) % 3]!, value: content(3) });
        const output = pair(dtype, shape, { layout: layouts[seed % 2]! });
        onBoth((backend, pick) => backend.addScaled(mode, pick(output), pick(input), pick(left), pick(right), 3));
        assertSame(output, `${mode} of ${dtype} [${shape.join()}]`, { ulp: 2, absolute: 4e-6 });
      });
    }
  }
});

test('lerp', needsAddon, () => {
  for (const dtype of floatTypes) {
    shapes.forEach((shape, seed) => {
      const content = (at: number) => (i: number) => (((i + at) * 37) % 19) / 7;
      const start = pair(dtype, shape, { layout: layouts[seed % 3]!, value: content(1) });
      const end = pair(dtype, shape.slice(-1), { value: content(2) });
      const weights = pair(dtype, shape, { layout: layouts[(seed + 1) % 3]!, value: (i) => (i % 11) / 10 });
      for (const weight of [weights, 0, 0.25, 0.5, 1]) {
        const output = pair(dtype, shape);
        onBoth((backend, pick) => {
          backend.lerp(pick(output), pick(start), pick(end), typeof weight === 'number' ? weight : pick(weight));
        });
        assertSame(output, `lerp of ${dtype} [${shape.join()}]`, { ulp: 2, absolute: 4e-7 });
      }
    });
  }
});

test('fill', needsAddon, () => {
  for (const dtype of allTypes) {
    shapes.forEach((shape, seed) => {
      for (const value of [0, 1, 3.7, -2, 5n, 2n ** 62n + 1n]) {
        if (typeof value === 'bigint' && dtype !== 'int64') continue;
        if (dtype === 'bool' && value !== 0 && value !== 1) continue;
        const output = pair(dtype, shape, { layout: layouts[seed % 3]! });
        onBoth((backend, pick) => backend.fill(pick(output), value));
        assertSame(output, `fill of ${dtype} with ${value}`);
      }
    });
  }
});

test('arange', needsAddon, () => {
  for (const dtype of allTypes) {
    if (dtype === 'bool') continue;
    for (const [start, step] of [
      [0, 1],
      [2.5, 0.25],
      [10, -3],
    ] as const) {
      const output = pair(dtype, [1300], { layout: 'stepped' });
      onBoth((backend, pick) => backend.arange(pick(output), start, step));
      assertSame(output, `arange of ${dtype}`);
    }
  }
});

test('copies between all dtypes', needsAddon, () => {
  const numbers = [
    0,
    -0,
    1,
    -1,
    0.5,
    -0.5,
    1.5,
    255,
    256,
    -129,
    300.7,
    70000,
    -70000,
    3e9,
    -3e9,
    1e19,
    NaN,
    Infinity,
    -Infinity,
    2 ** 31,
  ];
  for (const from of allTypes) {
    for (const to of allTypes) {
      shapes.forEach((shape, seed) => {
        const value = from === 'float32' || from === 'float64' ? (i: number) => numbers[i % 20]! : integers(seed, from);
        for (const layout of layouts) {
          const input = pair(from, shape, { layout, value });
          const output = pair(to, shape, { layout: layouts[seed % 3]! });
          onBoth((backend, pick) => backend.copy(pick(output), pick(input)));
          assertSame(output, `${from} to ${to} [${shape.join()}] ${layout}`);
        }
      });
    }
  }
});

test('transposes of all element sizes', needsAddon, () => {
  for (const dtype of ['float64', 'float32', 'int16', 'uint8'] as const) {
    for (const shape of [
      [4, 4],
      [33, 65],
      [3, 40, 70],
      [70, 2, 40],
      [257, 31],
    ]) {
      const input = pair(dtype, shape, { layout: 'transposed', value: (i) => (i * 7) % 120 });
      const output = pair(dtype, shape);
      onBoth((backend, pick) => backend.copy(pick(output), pick(input)));
      assertSame(output, `transpose of ${dtype} [${shape.join()}]`);
    }
  }
});

test('operands and results that are transposed against each other, in slabs too', needsAddon, () => {
  const layouts = ['contiguous', 'transposed'] as const;
  for (const dtype of ['float32', 'float64'] as const) {
    for (const shape of [
      [300, 257],
      [1, 40, 1000],
      [37, 50, 41],
      [2, 210, 170],
      [20000, 5],
    ]) {
      for (const layout of layouts) {
        for (const [left, right] of [
          ['contiguous', 'transposed'],
          ['transposed', 'contiguous'],
          ['transposed', 'transposed'],
        ] as const) {
          const x = pair(dtype, shape, { layout: left, value: (i) => (i * 7) % 120 });
          const y = pair(dtype, shape, { layout: right, value: (i) => (i * 11) % 97 });
          const output = pair(dtype, shape, { layout });
          onBoth((backend, pick) => backend.binary('add', pick(output), pick(x), pick(y)));
          assertSame(output, `${layout} = ${left} + ${right} of ${dtype} [${shape.join()}]`);
        }
      }
    }
  }
});

test('tensors one after another, more than one call carries', needsAddon, () => {
  for (const dtype of allTypes) {
    for (const sizes of [[], [5], [0, 3, 0], [1, 2, 3000, 4], Array.from({ length: 600 }, (_, i) => i % 4)]) {
      const inputs = sizes.map((size, which) => pair(dtype, [size], { value: (i) => (which * 31 + i * 7) % 120 }));
      const output = pair(dtype, [sizes.reduce((sum, size) => sum + size, 0)]);
      onBoth((backend, pick) => backend.concatenate(pick(output), inputs.map(pick)));
      assertSame(output, `${sizes.length} tensors of ${dtype}`);
    }
  }
});

test('an exponent of one element is a tensor, not a number: no shortcut through the square root', needsAddon, () => {
  for (const [shape, exponents] of [
    [[1], [1]],
    [[20], []],
    [[20], [1]],
    [[], []],
  ] as const) {
    for (const value of [0.5, -0.5]) {
      const [base, exponent] = [
        pair('float32', shape, { value: () => -Infinity }),
        pair('float32', exponents, { value: () => value }),
      ];
      const output = pair('float32', shape);
      onBoth((backend, pick) => backend.binary('pow', pick(output), pick(base), pick(exponent)));
      assertSame(output, `[${shape.join()}] of -Infinity ** [${exponents.join()}] of ${value}`);
    }
  }
});

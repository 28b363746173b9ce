// Products of matrices and vectors.

import { withoutAutocast } from '../autograd/autocast.js';
import { backend } from '../backend/active.js';
import { FlambeauError, ShapeError, ValueError } from '../errors.js';
import { broadcastShapes, elementCount, show, type Shape } from '../tensor/shape.js';
import { allocate, Tensor, window } from '../tensor/tensor.js';
import { operation, type Op } from './operation.js';
import { requireSameDType, sumWithProduct, type AddmmOptions } from './sum-with-product.js';
import { guarded } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

export type { AddmmOptions };

function requireDims(tensor: Tensor, ndim: number, which: string): void {
  if (tensor.ndim !== ndim) throw new ShapeError(`expected ${which} of ${ndim} dims, got shape ${show(tensor.shape)}`);
}

/** The last two dims exchanged. */
function transposed(matrix: Tensor): Tensor {
  const last = matrix.ndim - 1;
  const swap = (list: readonly number[]): number[] => [...list.slice(0, -2), list[last]!, list[last - 1]!];
  return window(matrix, swap(matrix.shape), swap(matrix.strides), matrix.offset);
}

/** Products of the matrices in the last two dims; batch dims broadcast. */
const matrixProduct = operation({
  name: 'matmul',
  autocast: 'bfloat16',
  forward(left: Tensor, right: Tensor): Tensor {
    requireSameDType(left, right);
    if (left.shape.at(-1) !== right.shape.at(-2)) {
      throw new ShapeError(
        `shapes ${show(left.shape)} and ${show(right.shape)} don't multiply: ` +
          `the left's last dim (${left.shape.at(-1)}) must equal the right's last but one (${right.shape.at(-2)})`,
      );
    }
    const batch = broadcastShapes(left.shape.slice(0, -2), right.shape.slice(0, -2));
    const result = allocate([...batch, left.shape.at(-2)!, right.shape.at(-1)!], left.dtype);
    backend.matmul(result, left, right);
    return result;
  },
  save: (_result, left, right) => ({ left, right }),
  gradient: (grad, { left, right }, needs) => [
    needs[0] ? matrixProduct(grad, right.transpose(-1, -2)).sumToSize(left.shape) : null,
    needs[1] ? matrixProduct(left.transpose(-1, -2), grad).sumToSize(right.shape) : null,
  ],
}) as Op<[left: Tensor, right: Tensor]>;

/**
 * The matrix product, with PyTorch's rules for vectors and batches: [n] @ [n] is a number, [m, n] @ [n] a vector [m],
 * [..., m, n] @ [..., n, p] matrices [..., m, p] with broadcast batch dims.
 * https://pytorch.org/docs/stable/generated/torch.matmul.html
 */
export const matmul: Op<[input: Tensor, other: Tensor]> = guarded(signatures.matmul, (input, other) => {
  if (input.ndim === 0 || other.ndim === 0) {
    throw new ShapeError(
      `expected operands with 1 or more dims, got ${show(input.shape)} and ${show(other.shape)}`,
    ).during('matmul');
  }
  // A weight shared by a batch: one large product instead of many small ones.
  if (input.ndim > 2 && other.ndim <= 2 && input.isContiguous()) {
    const rows = matmul(asRows(input), other);
    return rows.reshape([...input.shape.slice(0, -1), ...other.shape.slice(1)]);
  }
  const left = input.ndim === 1 ? input.unsqueeze(0) : input;
  const right = other.ndim === 1 ? other.unsqueeze(1) : other;
  let result = matrixProduct(left, right);
  if (other.ndim === 1) result = result.squeeze(-1);
  return input.ndim === 1 ? result.squeeze(other.ndim === 1 ? -1 : -2) : result;
});

function checked(name: string, left: number, right: number): Op<[input: Tensor, other: Tensor]> {
  return (input, other) => {
    try {
      requireDims(input, left, 'a left operand');
      requireDims(other, right, 'a right operand');
      if (name === 'bmm' && input.shape[0] !== other.shape[0]) {
        throw new ShapeError(`batch sizes differ: ${show(input.shape)} and ${show(other.shape)}`);
      }
      if (name === 'dot' && input.shape[0] !== other.shape[0]) {
        throw new ShapeError(`vectors of different length: ${show(input.shape)} and ${show(other.shape)}`);
      }
    } catch (error) {
      throw error instanceof ShapeError ? error.during(name) : error;
    }
    return name === 'mv' || name === 'dot' ? withoutAutocast(() => matmul(input, other)) : matmul(input, other);
  };
}

/** [m, n] @ [n, p] */
export const mm = guarded(signatures.mm, checked('mm', 2, 2));
/** [b, m, n] @ [b, n, p] */
export const bmm = guarded(signatures.bmm, checked('bmm', 3, 3));
/** [m, n] @ [n] */
export const mv = guarded(signatures.mv, checked('mv', 2, 1));
/** The sum of products of two vectors. */
export const dot = guarded(signatures.dot, checked('dot', 1, 1));

/** Every product of an element of [m] with one of [n]: [m, n]. */
export const outer: Op<[input: Tensor, other: Tensor]> = guarded(signatures.outer, (input, other) => {
  if (input.ndim !== 1 || other.ndim !== 1) {
    throw new ShapeError(`expected two vectors, got ${show(input.shape)} and ${show(other.shape)}`).during('outer');
  }
  return input.unsqueeze(1).mul(other);
});

/** `beta * input + alpha * (a @ b)` */
export const addmm: Op<[input: Tensor, a: Tensor, b: Tensor, options?: AddmmOptions]> = guarded(
  signatures.addmm,
  (input, a, b, options = {}) => sumWithProduct('addmm', mm, [input, a, b], options),
);
/** `beta * input + alpha * bmm(a, b)` */
export const baddbmm: Op<[input: Tensor, a: Tensor, b: Tensor, options?: AddmmOptions]> = guarded(
  signatures.baddbmm,
  (input, a, b, options = {}) => sumWithProduct('baddbmm', bmm, [input, a, b], options),
);

function asRows(tensor: Tensor): Tensor {
  if (tensor.ndim === 2) return tensor;
  return tensor.reshape([elementCount(tensor.shape.slice(0, -1)), tensor.shape.at(-1)!]);
}

/**
 * `input @ weightᵀ + bias`: input [..., inFeatures], weight [outFeatures, inFeatures], bias [outFeatures]; a weight
 * [inFeatures] gives [...]. Another bias is added if it broadcasts.
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.linear.html
 */
export const linear: Op<[input: Tensor, weight: Tensor, bias?: Tensor | undefined]> = guarded(
  signatures.linear,
  (input, weight, bias) => {
    if (weight.ndim === 1 || (bias && (bias.ndim !== 1 || bias.shape[0] !== weight.shape[0]))) {
      return plusBias(input, weight, bias);
    }
    return input.ndim === 2 ? affine(input, weight, bias) : batchedLinear(input, weight, bias);
  },
);

function batchedLinear(input: Tensor, weight: Tensor, bias: Tensor | undefined): Tensor {
  if (input.ndim === 0 || weight.ndim !== 2) return affine(input, weight, bias);
  const shape: Shape = [...input.shape.slice(0, -1), weight.shape[0]!];
  return affine(asRows(input), weight, bias).reshape(shape);
}

/** What no affine kernel does: a weight that is a vector, a bias that broadcasts. */
function plusBias(input: Tensor, weight: Tensor, bias: Tensor | undefined): Tensor {
  try {
    requireSameDType(input, weight, bias);
    const product = weight.ndim === 1 ? matmul(input, weight) : linear(input, weight);
    return bias ? product.add(bias.expand(product.shape)) : product;
  } catch (error) {
    throw error instanceof FlambeauError ? error.during('linear') : error;
  }
}

const affine = operation({
  name: 'linear',
  autocast: 'bfloat16',
  forward(input: Tensor, weight: Tensor, bias?: Tensor): Tensor {
    requireSameDType(input, weight, bias);
    requireDims(weight, 2, 'a weight');
    const [outFeatures, inFeatures] = weight.shape as [number, number];
    if (input.shape.at(-1) !== inFeatures) {
      throw new ShapeError(
        `expected ${inFeatures} features, got input ${show(input.shape)} for a weight of shape ${show(weight.shape)}`,
      );
    }
    const result = allocate([input.shape[0]!, outFeatures], input.dtype);
    backend.matmul(result, input, transposed(weight), { bias });
    return result;
  },
  save: (_result, input, weight) => ({ input, weight }),
  gradient: (grad, { input, weight }, needs) => [
    needs[0] ? matrixProduct(grad, weight) : null,
    needs[1] ? matrixProduct(grad.transpose(0, 1), asRows(input)) : null,
    needs[2] ? grad.sum(0) : null,
  ],
});

/**
 * Sums of products named by letters: `einsum('bij,bjk->bik', a, b)`; the operands may stand in an array. Implicit output
 * (letters that appear once, sorted), '...' for batch dims, and repeated letters (diagonals) work as in PyTorch.
 * https://pytorch.org/docs/stable/generated/torch.einsum.html
 */
export const einsum: Op<[equation: string, ...operands: readonly Tensor[] | [readonly Tensor[]]]> = guarded(
  signatures.einsum,
  (equation, ...operands) => {
    if (typeof equation !== 'string') throw new ValueError(`einsum: expected an equation such as 'ij,jk->ik'`);
    const tensors = operands.flat() as unknown[];
    if (!tensors.every((operand) => operand instanceof Tensor)) {
      throw new ValueError('einsum: expected tensors after the equation');
    }
    try {
      return contract(equation, tensors);
    } catch (error) {
      throw error instanceof ShapeError ? error.during('einsum') : error;
    }
  },
);

function contract(equation: string, operands: readonly Tensor[]): Tensor {
  const [inputs, explicitOutput] = parseEquation(equation, operands);
  const counts = new Map<string, number>();
  for (const letter of inputs.flat()) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  const letters = [...counts.keys()].sort((a, b) => (a < b ? -1 : 1));
  const batch = letters.filter((letter) => letter.length > 1);
  const output = explicitOutput ?? [
    ...batch,
    ...letters.filter((letter) => letter.length === 1 && counts.get(letter) === 1),
  ];
  const unknown = output.find((letter) => !counts.has(letter) && letter.length === 1);
  if (unknown !== undefined) throw new ShapeError(`output letter '${unknown}' appears in no operand of '${equation}'`);
  if (new Set(output).size !== output.length) throw new ShapeError(`an output letter appears twice in '${equation}'`);
  const wanted = output.filter((letter) => counts.has(letter));
  // Every operand gets the same dims: output letters first, summed ones behind.
  const order = [...wanted, ...letters.filter((letter) => !wanted.includes(letter))];
  const aligned = operands.map((operand, i) => align(operand, inputs[i]!, order));
  let result = aligned[0]!;
  for (let i = 1; i < aligned.length; i++) {
    // Letters no later operand and no output needs are summed as early as possible.
    const later = aligned.slice(i + 1);
    const summed = order
      .map((_, d) => d)
      .filter((d) => d >= wanted.length && later.every((other) => other.shape[d] === 1));
    result = multiplyAndSum(result, aligned[i]!, summed);
  }
  const left = order.map((_, d) => d).filter((d) => d >= wanted.length);
  if (left.length === 0) return result;
  // A sum over one element is a copy too, no view of the operand.
  const rest = aligned.length === 1 ? left : left.filter((d) => result.shape[d] !== 1);
  if (rest.length > 0) result = result.sum(rest, { keepdim: true });
  return result.reshape(result.shape.slice(0, wanted.length));
}

/** Letters of each operand (batch dims of '...' as '...k', in an order that sorts, the last one always alike) and of the output, if it is given. */
function parseEquation(equation: string, operands: readonly Tensor[]): [string[][], string[] | undefined] {
  const [left = '', right, ...more] = equation.replaceAll(' ', '').split('->');
  const terms = left.split(',');
  if (more.length > 0 || !/^[A-Za-z,]*$/.test(`${left},${right ?? ''}`.replaceAll('...', '')))
    throw new ShapeError(`can't read equation '${equation}'`);
  if (terms.length !== operands.length) {
    throw new ShapeError(`'${equation}' names ${terms.length} operands, got ${operands.length}`);
  }
  let widest = 0;
  const inputs = terms.map((term, i) => {
    const { ndim } = operands[i]!;
    const named = term.replace('...', '').length;
    const dots = term.includes('...') ? ndim - named : 0;
    if (named + dots !== ndim || dots < 0) {
      throw new ShapeError(`term '${term}' doesn't fit an operand of shape ${show(operands[i]!.shape)}`);
    }
    widest = Math.max(widest, dots);
    return spell(term, dots);
  });
  return [inputs, right === undefined ? undefined : spell(right, widest)];
}

function spell(term: string, dots: number): string[] {
  const [before, after = ''] = term.includes('...') ? term.split('...') : [term];
  const batch = term.includes('...')
    ? Array.from({ length: dots }, (_, i) => `...${String(999 - dots + i).padStart(3, '0')}`)
    : [];
  return [...(before ?? ''), ...batch, ...after];
}

/** An operand with one dim per letter of `order`, size 1 where it lacks the letter. */
function align(operand: Tensor, letters: readonly string[], order: readonly string[]): Tensor {
  let tensor = operand;
  const names = letters.slice();
  for (let d = 0; d < names.length; d++) {
    const again = names.indexOf(names[d]!, d + 1);
    if (again < 0) continue;
    if (tensor.shape[d] !== tensor.shape[again]) {
      throw new ShapeError(`letter '${names[d]}' stands for sizes ${tensor.shape[d]} and ${tensor.shape[again]}`);
    }
    tensor = tensor.diagonal(0, d, again);
    const [name] = names.splice(d, 1);
    names.splice(again - 1, 1);
    names.push(name!);
    d--;
  }
  const present = order.filter((letter) => names.includes(letter));
  const permuted = tensor.permute(present.map((letter) => names.indexOf(letter)));
  return permuted.reshape(
    order.map((letter) => (names.includes(letter) ? permuted.shape[present.indexOf(letter)]! : 1)),
  );
}

/** The product of two aligned operands, summed over `summed`: one batched matrix product. */
function multiplyAndSum(a: Tensor, b: Tensor, summed: readonly number[]): Tensor {
  const shape = broadcastShapes(a.shape, b.shape);
  const inner = summed.filter((d) => a.shape[d] !== 1 && b.shape[d] !== 1);
  const alone = summed.filter((d) => !inner.includes(d));
  const reduceAlone = (tensor: Tensor): Tensor => {
    const dims = alone.filter((d) => tensor.shape[d] !== 1);
    return dims.length === 0 ? tensor : tensor.sum(dims, { keepdim: true });
  };
  const left = reduceAlone(a);
  const right = reduceAlone(b);
  if (inner.length === 0) return left.mul(right);
  const rest = shape.map((_, d) => d).filter((d) => !summed.includes(d));
  const shared = rest.filter((d) => left.shape[d] !== 1 && right.shape[d] !== 1);
  const onlyLeft = rest.filter((d) => left.shape[d] !== 1 && right.shape[d] === 1);
  const onlyRight = rest.filter((d) => left.shape[d] === 1 && right.shape[d] !== 1);
  const size = (tensor: Tensor, dims: readonly number[]): number => elementCount(dims.map((d) => tensor.shape[d]!));
  const others = shape.map((_, d) => d).filter((d) => ![...shared, ...onlyLeft, ...onlyRight, ...inner].includes(d));
  const batched = (
    tensor: Tensor,
    middle: readonly number[],
    last: readonly number[],
    unused: readonly number[],
  ): Tensor =>
    tensor
      .permute([...shared, ...middle, ...last, ...unused, ...others])
      .reshape([size(tensor, shared), size(tensor, middle), size(tensor, last)]);
  const product = bmm(batched(left, onlyLeft, inner, onlyRight), batched(right, inner, onlyRight, onlyLeft));
  const produced = [...shared, ...onlyLeft, ...onlyRight];
  const apart = product.reshape([...produced.map((d) => shape[d]!), ...shape.map(() => 1).slice(produced.length)]);
  const places = [...produced, ...shape.map((_, d) => d).filter((d) => !produced.includes(d))];
  const inverse = places.map((_, d) => places.indexOf(d));
  return apart.permute(inverse);
}

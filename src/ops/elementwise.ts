// How operations on single elements are defined: `unary`, `binary` and `comparison` do what these have in common
// (promotion, broadcasting, recording, summing a gradient back over what was broadcast) and make the in-place form as well.

import { noteCall } from '../autograd/anomaly.js';
import { edgeOf, records, setHistory } from '../autograd/history.js';
import { isGradEnabled } from '../autograd/mode.js';
import { Node, type Gradient } from '../autograd/node.js';
import { solelyHeld } from '../autograd/ownership.js';
import { freedError, SavedTensor } from '../autograd/saved.js';
import type { BinaryOp, CompareOp, Operand as KernelOperand, UnaryOp } from '../backend/backend.js';
import { backend } from '../backend/active.js';
import { traced, tracer } from '../backend/trace.js';
import { isFloat, isInteger, type DType } from '../backend/dtype.js';
import { DTypeError, FlambeauError } from '../errors.js';
import {
  asNumber,
  checkFits,
  getDefaultDtype,
  integerRange,
  promote,
  numberDType,
  resultType,
  resultTypeWithNumber,
} from '../tensor/promotion.js';
import { broadcastShapes, sameShape, type Shape } from '../tensor/shape.js';
import { guarded } from '../tensor/guarded.js';
import { allocate, allocateLike, Tensor } from '../tensor/tensor.js';
import { zerosLike } from '../tensor/create.js';
import { checkStorable, inPlace } from './in-place.js';
import { differentiableOperations, gradName, type Op } from './operation.js';

/** What stands beside a tensor in an elementwise operation. */
export type Scalar = number | bigint | boolean;
/** An operand: a tensor, or a number that has no dtype of its own. */
export type TensorOrScalar = Tensor | Scalar;

/** `tensor` in another dtype, for a kernel: nothing is recorded. */
export function converted(tensor: Tensor, dtype: DType): Tensor {
  if (tensor.dtype === dtype) return tensor;
  const result = allocateLike(tensor, dtype);
  backend.copy(result, tensor);
  return result;
}

// ---- one operand

export interface UnaryDefinition {
  readonly name: string;
  /** What a public operation's arguments may be: its line of `signatures.ts`. */
  readonly takes?: string;
  readonly kernel: UnaryOp;
  /** 'float': integers become the default float type; 'same' (default): any number type but bool; 'floats': floats only. */
  readonly result?: 'float' | 'same' | 'floats';
  /** bool input: refused unless allowed or taken as integers. */
  readonly bool?: 'allowed' | 'int64';
  /** What the gradient reads. */
  readonly saves?: 'input' | 'result';
  /** The gradient from that of the result and what was saved. Left out: it is zero. `a`, `b`: the kernel's parameters. */
  readonly gradient?: (grad: Tensor, saved: Tensor, a: number, b: number) => Tensor;
  /** A kernel computing the same from (grad, saved), for when the gradient isn't itself recorded. */
  readonly fused?: BinaryOp;
}

export type UnaryOperation = Op<[input: Tensor, a?: number, b?: number]> & {
  /** The form that changes its operand. */
  readonly inPlace: Op<[input: Tensor, a?: number, b?: number]>;
};

export function unary(definition: UnaryDefinition): UnaryOperation {
  const { name, kernel, result: kind = 'same' } = definition;
  const nodeName = gradName(name);
  if (definition.gradient) differentiableOperations.add(name);

  const resultDType = ({ dtype }: Tensor): DType => {
    if (isFloat(dtype)) return dtype;
    if (kind === 'float') return getDefaultDtype();
    if (kind === 'floats') throw new DTypeError(`expected a float dtype, got ${dtype}`).during(name);
    if (dtype !== 'bool' || definition.bool === 'allowed') return dtype;
    if (definition.bool === 'int64') return 'int64';
    throw new DTypeError('not defined for dtype bool').during(name);
  };

  const compute = (input: Tensor, a: number, b: number): Tensor => {
    const dtype = resultDType(input);
    const result = allocateLike(input, dtype);
    backend.unary(kernel, result, converted(input, dtype), a, b);
    if (isFloat(dtype) && records(input)) {
      const node = new UnaryNode(definition, nodeName, input, a, b);
      noteCall(node);
      setHistory(result, node);
      if (definition.saves) node.keep(definition.saves === 'input' ? input : result);
    }
    return result;
  };
  const apply = (input: Tensor, a = 0, b = 0): Tensor =>
    tracer === null ? compute(input, a, b) : traced(name, 'operation', () => compute(input, a, b), [input]);
  const direct = (input: Tensor, [a = 0, b = 0]: [a?: number, b?: number]): boolean => {
    checkStorable(resultDType(input), input.dtype);
    backend.unary(kernel, input, input, a, b);
    return true;
  };
  return named(Object.assign(apply, { inPlace: inPlace(`${name}_`, apply, direct) }), definition);
}

class UnaryNode extends Node {
  private saved: SavedTensor | null = null;
  private freed = false;

  constructor(
    private readonly definition: UnaryDefinition,
    readonly name: string,
    input: Tensor,
    private readonly a: number,
    private readonly b: number,
  ) {
    super([edgeOf(input)]);
  }

  keep(tensor: Tensor): void {
    this.saved = new SavedTensor(tensor);
  }

  backward([grad]: readonly Gradient[]): Gradient[] {
    const { gradient, fused } = this.definition;
    if (this.freed) throw freedError(this.name);
    if (!gradient) return [zerosLike(grad!)];
    const saved = this.saved === null ? grad! : this.saved.unpack(this.name);
    if (fused === undefined || isGradEnabled()) return [gradient(grad!, saved, this.a, this.b)];
    const reused = solelyHeld(grad!) && grad!.dtype === saved.dtype && sameShape(grad!.strides, saved.strides);
    const result = reused ? grad! : allocateLike(saved);
    backend.binary(fused, result, grad!, saved, this.a, this.b);
    return [result];
  }

  override release(): void {
    this.freed = this.saved !== null;
    this.saved = null;
  }
}

// ---- two operands

/** The gradient of one operand. */
export interface OperandGradient {
  /** Which of the operands and the result it reads. */
  readonly saves?: 'left' | 'right' | 'both' | 'result';
  readonly formula: (grad: Tensor, left: TensorOrScalar, right: TensorOrScalar, result: Tensor) => Tensor;
}

export interface BinaryDefinition {
  readonly name: string;
  /** What a public operation's arguments may be: its line of `signatures.ts`. */
  readonly takes?: string;
  readonly kernel: BinaryOp;
  /** 'float': two integers give the default float type. */
  readonly result?: 'float';
  /** The kernel that does for bool operands; without one they are refused. */
  readonly bool?: CompareOp | 'sameKernel';
  /** Refuses a dtype that has no such operation. */
  readonly accepts?: (dtype: DType) => boolean;
  /** Looks at the operands before the kernel runs, e.g. for an integer division by zero. */
  readonly check?: (dtype: DType, left: TensorOrScalar, right: TensorOrScalar) => void;
  readonly left?: OperandGradient;
  readonly right?: OperandGradient;
}

export type BinaryOperation = Op<[left: TensorOrScalar, right: TensorOrScalar]> & {
  readonly inPlace: Op<[input: Tensor, other: TensorOrScalar]>;
};

/** The dtype in which two operands meet. */
export function commonType(left: TensorOrScalar, right: TensorOrScalar): DType {
  if (left instanceof Tensor) {
    return right instanceof Tensor ? resultType(left, right) : resultTypeWithNumber(left, right);
  }
  return right instanceof Tensor ? resultTypeWithNumber(right, left) : promote(numberDType(left), numberDType(right));
}

/** An operand as its kernel takes it: converted, a number as it is. */
function operand(value: TensorOrScalar, dtype: DType): KernelOperand {
  if (value instanceof Tensor) return converted(value, dtype);
  const number = asNumber(value);
  return isInteger(dtype) && dtype !== 'int64' ? wrapped(number, dtype) : number;
}

/** A whole number as an integer dtype of up to 32 bits has it. As in PyTorch: -1 is 255 as uint8, 300 is 44 as int8. */
function wrapped(number: number, dtype: DType): number {
  const [lowest, highest] = integerRange(dtype)!;
  if (number >= lowest && number <= highest) return number;
  const count = highest - lowest + 1;
  const rest = (((number - lowest) % count) + count) % count;
  return rest + lowest;
}

function resultFor(left: TensorOrScalar, right: TensorOrScalar, dtype: DType): Tensor {
  if (left instanceof Tensor) {
    if (!(right instanceof Tensor) || sameShape(left.shape, right.shape)) return allocateLike(left, dtype);
    return allocate(broadcastShapes(left.shape, right.shape), dtype);
  }
  return right instanceof Tensor ? allocateLike(right, dtype) : allocate([], dtype);
}

export function binary(definition: BinaryDefinition): BinaryOperation {
  const { name, kernel } = definition;
  const nodeName = gradName(name);
  if (definition.left ?? definition.right) differentiableOperations.add(name);

  const resultDType = (left: TensorOrScalar, right: TensorOrScalar): DType => {
    const common = commonType(left, right);
    const dtype = definition.result === 'float' && !isFloat(common) ? getDefaultDtype() : common;
    if (dtype === 'bool' && definition.bool === undefined) throw new DTypeError('not defined for dtype bool');
    if (definition.accepts?.(dtype) === false) throw new DTypeError(`not defined for dtype ${dtype}`);
    definition.check?.(dtype, left, right);
    return dtype;
  };
  const run = (result: Tensor, left: TensorOrScalar, right: TensorOrScalar, dtype: DType): void => {
    if (isInteger(dtype)) {
      if (!(left instanceof Tensor)) checkFits(left, 'int64');
      if (!(right instanceof Tensor)) checkFits(right, 'int64');
    }
    if (dtype === 'bool' && definition.bool !== 'sameKernel') {
      backend.compare(definition.bool!, result, operand(left, dtype), operand(right, dtype));
    } else {
      backend.binary(kernel, result, operand(left, dtype), operand(right, dtype));
    }
  };

  const compute = (left: TensorOrScalar, right: TensorOrScalar): Tensor => {
    let result: Tensor;
    try {
      const dtype = resultDType(left, right);
      result = resultFor(left, right, dtype);
      run(result, left, right, dtype);
    } catch (error) {
      throw error instanceof FlambeauError ? error.during(name) : error;
    }
    if (isGradEnabled() && isFloat(result.dtype)) {
      const needsLeft = definition.left !== undefined && left instanceof Tensor && records(left);
      const needsRight = definition.right !== undefined && right instanceof Tensor && records(right);
      if (needsLeft || needsRight) {
        const node = new BinaryNode(definition, nodeName, left, right);
        noteCall(node);
        setHistory(result, node);
        node.keep(needsLeft, needsRight, left, right, result);
      }
    }
    return result;
  };
  const apply = (left: TensorOrScalar, right: TensorOrScalar): Tensor =>
    tracer === null ? compute(left, right) : traced(name, 'operation', () => compute(left, right), [left, right]);
  const direct = (input: Tensor, [other]: [TensorOrScalar]): boolean => {
    const dtype = resultDType(input, other);
    checkStorable(dtype, input.dtype);
    if (dtype !== input.dtype) return false;
    if (other instanceof Tensor) {
      if (other.storage === input.storage || !sameShape(broadcastShapes(input.shape, other.shape), input.shape))
        return false;
    }
    run(input, input, other, dtype);
    return true;
  };
  return named(Object.assign(apply, { inPlace: inPlace<[TensorOrScalar]>(`${name}_`, apply, direct) }), definition);
}

interface OperandKind {
  readonly shape: Shape;
  readonly dtype: DType;
}

class BinaryNode extends Node {
  private readonly leftKind: OperandKind | null;
  private readonly rightKind: OperandKind | null;
  private left: SavedTensor | Scalar = 0;
  private right: SavedTensor | Scalar = 0;
  private result: SavedTensor | null = null;
  private holds = false;
  private freed = false;

  constructor(
    private readonly definition: BinaryDefinition,
    readonly name: string,
    left: TensorOrScalar,
    right: TensorOrScalar,
  ) {
    super([left instanceof Tensor ? edgeOf(left) : null, right instanceof Tensor ? edgeOf(right) : null]);
    this.leftKind = left instanceof Tensor ? left : null;
    this.rightKind = right instanceof Tensor ? right : null;
    this.leftKind &&= { shape: this.leftKind.shape, dtype: this.leftKind.dtype };
    this.rightKind &&= { shape: this.rightKind.shape, dtype: this.rightKind.dtype };
  }

  keep(needsLeft: boolean, needsRight: boolean, left: TensorOrScalar, right: TensorOrScalar, result: Tensor): void {
    const forLeft = needsLeft ? this.definition.left!.saves : undefined;
    const forRight = needsRight ? this.definition.right!.saves : undefined;
    const wants = (which: 'left' | 'right' | 'result'): boolean =>
      forLeft === which || forRight === which || (which !== 'result' && (forLeft === 'both' || forRight === 'both'));
    if (wants('left')) this.left = this.hold(left);
    else if (!(left instanceof Tensor)) this.left = left;
    if (wants('right')) this.right = this.hold(right);
    else if (!(right instanceof Tensor)) this.right = right;
    if (wants('result')) this.result = this.hold(result) as SavedTensor;
  }

  private hold(value: TensorOrScalar): SavedTensor | Scalar {
    if (!(value instanceof Tensor)) return value;
    this.holds = true;
    return new SavedTensor(value);
  }

  backward([grad]: readonly Gradient[]): Gradient[] {
    if (this.freed) throw freedError(this.name);
    const left = this.left instanceof SavedTensor ? this.left.unpack(this.name) : this.left;
    const right = this.right instanceof SavedTensor ? this.right.unpack(this.name) : this.right;
    const result = this.result === null ? grad! : this.result.unpack(this.name);
    const of = (which: 0 | 1, kind: OperandKind | null, gradient: OperandGradient | undefined): Gradient => {
      if (!this.edges[which] || !gradient) return null;
      return fitted(gradient.formula(grad!, left, right, result), kind!);
    };
    return [of(0, this.leftKind, this.definition.left), of(1, this.rightKind, this.definition.right)];
  }

  override release(): void {
    this.freed = this.holds;
    this.left = this.right = 0;
    this.result = null;
  }
}

/** A gradient in the shape and dtype of the operand it belongs to. */
function fitted(grad: Tensor, { shape, dtype }: OperandKind): Tensor {
  const summed = sameShape(grad.shape, shape) ? grad : grad.sumToSize(shape);
  return summed.dtype === dtype ? summed : summed.to(dtype);
}

// ---- comparisons

export type Comparison = Op<[left: TensorOrScalar, right: TensorOrScalar]> & {
  readonly inPlace: Op<[input: Tensor, other: TensorOrScalar]>;
};

/** The dtype to compare in: one that holds a number as it is. */
function comparedIn(left: TensorOrScalar, right: TensorOrScalar): DType {
  const dtype = commonType(left, right);
  const range = integerRange(dtype);
  if (range === undefined) return dtype;
  for (const value of [left, right]) {
    if (!(value instanceof Tensor) && !(Number(value) >= range[0] && Number(value) <= range[1])) return 'int64';
  }
  return dtype;
}

/** An operation whose result is bool. */
export function comparison(name: string, kernel: CompareOp): Comparison {
  const compute = (left: TensorOrScalar, right: TensorOrScalar): Tensor => {
    try {
      const dtype = comparedIn(left, right);
      const result = resultFor(left, right, 'bool');
      backend.compare(kernel, result, operand(left, dtype), operand(right, dtype));
      return result;
    } catch (error) {
      throw error instanceof FlambeauError ? error.during(name) : error;
    }
  };
  const apply = (left: TensorOrScalar, right: TensorOrScalar): Tensor =>
    tracer === null ? compute(left, right) : traced(name, 'operation', () => compute(left, right), [left, right]);
  return named(Object.assign(apply, { inPlace: inPlace<[TensorOrScalar]>(`${name}_`, apply) }), { name });
}

function named<F extends (...args: never[]) => unknown>(
  fn: F,
  { name, takes }: { readonly name: string; readonly takes?: string },
): F {
  Object.defineProperty(fn, 'name', { value: name });
  return takes === undefined ? fn : guarded(takes, fn);
}

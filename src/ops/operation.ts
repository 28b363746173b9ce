// How an operation is defined: once, with its name, what it computes and its gradient. This file does what all have in
// common: recording, saving tensors with their versions, naming the operation in errors.
//
// Gradients are written with tensors' methods, so that they can be differentiated again, and so that no family of operations
// needs to import another.

import { noteCall } from '../autograd/anomaly.js';
import { autocastTo, isAutocastEnabled, type AutocastPolicy } from '../autograd/autocast.js';
import { edgeOf, records, setBase, setHistory } from '../autograd/history.js';
import { isGradEnabled } from '../autograd/mode.js';
import { Node, type Gradient } from '../autograd/node.js';
import { freedError, SavedTensor } from '../autograd/saved.js';
import type { Edge } from '../autograd/state.js';
import { isFloat } from '../backend/dtype.js';
import { traced, tracer } from '../backend/trace.js';
import { AutogradError, FlambeauError } from '../errors.js';
import { guarded } from '../tensor/guarded.js';
import { Tensor } from '../tensor/tensor.js';

/** The type of an operation, its parameters named: `Op<[input: Tensor, dim: number]>`. */
export type Op<A extends unknown[], R = Tensor> = (...args: A) => R;

/** Gradients of the tensor arguments, in their order; null or left out where there is none. */
export type Gradients = readonly (Gradient | undefined)[];

export interface Definition<A extends unknown[], R, S> {
  /** The operation's public name. */
  readonly name: string;
  /** Public functions call it under names of their own, and these are what its errors name. */
  readonly internal?: boolean;
  /** What a public operation's arguments may be: its line of `signatures.ts`. */
  readonly takes?: string;
  /** Computes the result. Sees tensors without any gradient state of its own making; records nothing. */
  forward(...args: A): R;
  /** What the gradient will need; tensors in it are watched for in-place changes. */
  save?(result: R, ...args: A): S;
  /**
   * The gradients of the tensor arguments (arrays of tensors count one by one, an absent operand keeps its place) from the
   * result's, or from several results'.
   * `needs` says which are wanted.
   */
  gradient(grad: Tensor, saved: S, needs: readonly boolean[], gradients: readonly Gradient[]): Gradients;
  /** What float arguments become inside `autocast`; left out: they stay what they are. */
  readonly autocast?: AutocastPolicy;
  /** The result shares its memory with the first argument. */
  readonly view?: boolean;
}

/** The operations that have a gradient of their own: a test asks that each is compared with finite differences. */
export const differentiableOperations = new Set<string>();

/** Makes the function that users call from an operation's definition. */
export function operation<A extends unknown[], R, S = undefined>(definition: Definition<A, R, S>): Op<A, R> {
  const { name, internal = false, forward, view = false, autocast } = definition;
  const nodeName = gradName(name);
  differentiableOperations.add(name);
  const run = (args: A): R => {
    let result: R;
    try {
      result = forward(...args);
    } catch (error) {
      throw error instanceof FlambeauError && !internal ? error.during(name) : error;
    }
    if (view) tieToBase(result, args[0] as Tensor);
    if (isGradEnabled() && anyRequires(args)) {
      const results = tensorsOf(result);
      if (results.some(differentiable)) {
        const node = new OperationNode(definition, nodeName, args.flatMap(edgesOf));
        noteCall(node);
        results.forEach((tensor, index) => {
          if (differentiable(tensor)) setHistory(tensor, node, index);
        });
        node.keep(definition.save?.(result, ...args));
      }
    }
    return result;
  };
  const cast = (args: A): A =>
    autocast === undefined || !isAutocastEnabled() ? args : (autocastArguments(autocast, args) as A);
  const apply = (...args: A): R =>
    tracer === null ? run(cast(args)) : traced(name, 'operation', () => run(cast(args)), args);
  Object.defineProperty(apply, 'name', { value: name });
  return definition.takes === undefined ? apply : guarded(definition.takes, apply);
}

function autocastArguments(policy: AutocastPolicy, args: readonly unknown[]): unknown[] {
  return args.map((arg) => (arg instanceof Tensor ? autocastTo(policy, arg) : arg));
}

/** An operation's name as its node is printed: `add` becomes `AddBackward0`. */
export function gradName(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}Backward0`;
}

function differentiable(tensor: Tensor): boolean {
  return isFloat(tensor.dtype);
}

function isTensorList(value: unknown): value is readonly Tensor[] {
  return Array.isArray(value) && value.length > 0 && value[0] instanceof Tensor;
}

function anyRequires(args: readonly unknown[]): boolean {
  for (const arg of args) {
    if (arg instanceof Tensor) {
      if (records(arg)) return true;
    } else if (isTensorList(arg) && arg.some(records)) {
      return true;
    }
  }
  return false;
}

/** The edges an argument contributes: a tensor's, a list's, none for an absent operand (it keeps its place). */
function edgesOf(arg: unknown): (Edge | null)[] {
  if (arg instanceof Tensor) return [edgeOf(arg)];
  if (arg === undefined) return [null];
  return isTensorList(arg) ? arg.map(edgeOf) : [];
}

/** The tensors in a result: itself, a list's, or a named result's fields. */
function tensorsOf(value: unknown): readonly Tensor[] {
  if (value instanceof Tensor) return [value];
  if (isTensorList(value)) return value;
  if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.values(value).filter((field) => field instanceof Tensor);
  }
  return [];
}

function tieToBase(result: unknown, of: Tensor): void {
  if (result instanceof Tensor) {
    if (result !== of) setBase(result, of);
    return;
  }
  const views = tensorsOf(result);
  for (const view of views) if (view !== of) setBase(view, of, Array.isArray(result));
}

/** The node of any operation made by `operation`. */
class OperationNode extends Node {
  private saved: unknown = undefined;
  private freed = false;

  constructor(
    private readonly definition: Definition<unknown[], unknown, unknown>,
    readonly name: string,
    edges: readonly (Edge | null)[],
  ) {
    super(edges);
  }

  keep(saved: unknown): void {
    this.saved = saved === undefined ? undefined : wrap(saved);
  }

  backward(gradients: readonly Gradient[]): readonly Gradient[] {
    if (this.freed) throw freedError(this.name);
    const saved = this.saved === undefined ? undefined : unwrap(this.saved, this.name);
    const needs = this.edges.map((edge) => edge !== null);
    try {
      return this.definition.gradient(gradients[0]!, saved, needs, gradients) as readonly Gradient[];
    } catch (error) {
      throw error instanceof FlambeauError && !(error instanceof AutogradError) ? error.during(this.name) : error;
    }
  }

  override release(): void {
    if (this.saved !== undefined && holdsTensors(this.saved)) {
      this.freed = true;
      this.saved = undefined;
    }
  }
}

type Bag = Record<string, unknown>;

function wrapValue(value: unknown): unknown {
  if (value instanceof Tensor) return new SavedTensor(value);
  return isTensorList(value) ? value.map((tensor) => new SavedTensor(tensor)) : value;
}

function unwrapValue(value: unknown, user: string): unknown {
  if (value instanceof SavedTensor) return value.unpack(user);
  return Array.isArray(value) && value[0] instanceof SavedTensor
    ? (value as SavedTensor[]).map((saved) => saved.unpack(user))
    : value;
}

function wrap(saved: unknown): unknown {
  if (saved instanceof Tensor || typeof saved !== 'object' || saved === null || Array.isArray(saved))
    return wrapValue(saved);
  const wrapped: Bag = {};
  for (const key in saved) wrapped[key] = wrapValue((saved as Bag)[key]);
  return wrapped;
}

function unwrap(saved: unknown, user: string): unknown {
  if (saved instanceof SavedTensor || typeof saved !== 'object' || saved === null || Array.isArray(saved)) {
    return unwrapValue(saved, user);
  }
  const unwrapped: Bag = {};
  for (const key in saved) unwrapped[key] = unwrapValue((saved as Bag)[key], user);
  return unwrapped;
}

function holdsTensors(saved: unknown): boolean {
  if (saved instanceof SavedTensor) return true;
  if (Array.isArray(saved)) return saved[0] instanceof SavedTensor;
  if (typeof saved !== 'object' || saved === null) return false;
  return Object.values(saved).some(
    (value) => value instanceof SavedTensor || (Array.isArray(value) && value[0] instanceof SavedTensor),
  );
}

// Operations with a gradient of the user's own.

import { AutogradError, ShapeError } from '../errors.js';
import { sameShape, show, type Shape } from '../tensor/shape.js';
import { allocate, Tensor, window } from '../tensor/tensor.js';
import { noteCall } from './anomaly.js';
import { edgeOf, records, setHistory } from './history.js';
import { withGrad } from './mode.js';
import { Node, type Gradient } from './node.js';
import { freedError, SavedTensor } from './saved.js';

/** What `forward` leaves for `backward`. Any further property may be set on it. */
export class FunctionContext {
  /** Per argument of `apply`: whether its gradient will be asked for. */
  readonly needsInputGrad: readonly boolean[];
  [property: string]: unknown;
  /** @internal */
  readonly toSave: Tensor[] = [];
  /** @internal */
  readonly nonDifferentiable = new Set<Tensor>();
  /** @internal */
  saved: (() => Tensor[]) | null = null;

  constructor(needsInputGrad: readonly boolean[]) {
    this.needsInputGrad = needsInputGrad;
  }

  /** Keeps tensors for the backward; changing one in place before then is noticed. */
  saveForBackward(...tensors: Tensor[]): void {
    this.toSave.push(...tensors);
  }

  /** The tensors kept by `saveForBackward`, in its order. */
  get savedTensors(): Tensor[] {
    return this.saved === null ? this.toSave : this.saved();
  }

  /** Says that these results have no gradient. */
  markNonDifferentiable(...tensors: Tensor[]): void {
    for (const tensor of tensors) this.nonDifferentiable.add(tensor);
  }
}

interface FunctionClass<A extends unknown[], R extends Tensor | readonly Tensor[]> {
  readonly name: string;
  forward(context: FunctionContext, ...args: A): R;
  backward(
    context: FunctionContext,
    ...gradOutputs: Tensor[]
  ): Gradient | undefined | readonly (Gradient | undefined)[];
}

/**
 * Base of user-defined operations: static `forward(ctx, ...args)` computes, static `backward(ctx, ...gradOutputs)` returns
 * one gradient per argument of `apply` (null for those that are no tensors or need none).
 *
 * ```ts
 * class Exp extends autograd.Function {
 *   static forward(ctx: FunctionContext, x: Tensor) { const y = x.exp(); ctx.saveForBackward(y); return y; }
 *   static backward(ctx: FunctionContext, gradOut: Tensor) { return gradOut.mul(ctx.savedTensors[0]!); }
 * }
 * const y = Exp.apply(x);
 * ```
 * https://pytorch.org/docs/stable/autograd.html#function
 */
export abstract class Function {
  /** Runs `forward` with a context of its own and records `backward` for its outputs. @throws AutogradError when either makes no sense */
  static apply<A extends unknown[], R extends Tensor | readonly Tensor[]>(this: FunctionClass<A, R>, ...args: A): R {
    const needs = args.map((arg) => arg instanceof Tensor && records(arg));
    const context = new FunctionContext(needs);
    const result = withGrad(false, () => this.forward(context, ...args));
    if (!needs.includes(true)) return result;
    const results: readonly Tensor[] = result instanceof Tensor ? [result] : result;
    // A result that is an argument itself gets a tensor of its own, so that the argument's history stays.
    const outputs = results.map((output) => (args.includes(output) ? sameValues(output) : output));
    const node = new FunctionNode(this as FunctionClass<unknown[], Tensor>, context, args, outputs);
    noteCall(node);
    outputs.forEach((output, index) => {
      if (output.isFloatingPoint() && !context.nonDifferentiable.has(results[index]!)) setHistory(output, node, index);
    });
    node.save(results, outputs);
    return (result instanceof Tensor ? outputs[0] : outputs) as R;
  }
}

function sameValues(tensor: Tensor): Tensor {
  return window(tensor, tensor.shape, tensor.strides, tensor.offset);
}

class FunctionNode extends Node {
  readonly name: string;
  private readonly inputs: readonly (Shape | null)[];
  private readonly outputs: readonly { shape: Shape; dtype: Tensor['dtype'] }[];
  private saved: SavedTensor[] | null = null;

  constructor(
    private readonly definition: FunctionClass<unknown[], Tensor>,
    private readonly context: FunctionContext,
    args: readonly unknown[],
    outputs: readonly Tensor[],
  ) {
    super(args.map((arg) => (arg instanceof Tensor ? edgeOf(arg) : null)));
    this.name = `${definition.name}Backward`;
    this.inputs = args.map((arg) => (arg instanceof Tensor ? arg.shape : null));
    this.outputs = outputs.map(({ shape, dtype }) => ({ shape, dtype }));
  }

  override get isUserCode(): boolean {
    return true;
  }

  save(results: readonly Tensor[], outputs: readonly Tensor[]): void {
    this.saved = this.context.toSave.map((tensor) => {
      const index = results.indexOf(tensor);
      return new SavedTensor(index < 0 ? tensor : outputs[index]!);
    });
    this.context.saved = () => {
      if (this.saved === null) throw freedError(this.name);
      return this.saved.map((saved) => saved.unpack(this.name));
    };
  }

  backward(gradients: readonly Gradient[]): Gradient[] {
    const complete = this.outputs.map(({ shape, dtype }, i) => gradients[i] ?? allocate(shape, dtype).zero_());
    const returned = this.definition.backward(this.context, ...complete);
    const list = Array.isArray(returned) ? (returned as readonly (Gradient | undefined)[]) : [returned as Gradient];
    if (list.length > this.inputs.length && list.slice(this.inputs.length).some((gradient) => gradient)) {
      throw new AutogradError(
        `${this.name} returned ${list.length} gradients, expected one for each of the ${this.inputs.length} arguments of apply`,
      );
    }
    return this.inputs.map((shape, i) => this.checked(list[i] ?? null, shape, i));
  }

  private checked(gradient: Gradient, shape: Shape | null, input: number): Gradient {
    if (gradient === null || shape === null || !this.edges[input]) return null;
    if (sameShape(gradient.shape, shape)) return gradient;
    try {
      return gradient.sumToSize(shape);
    } catch {
      throw new ShapeError(
        `${this.name} returned a gradient of shape ${show(gradient.shape)} for its argument ${input} of shape ${show(shape)}`,
      );
    }
  }

  override release(): void {
    this.saved = null;
  }
}

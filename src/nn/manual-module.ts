// Modules with a gradient written by hand, for loops that otherwise leave gradients to autograd.

import { Function, type FunctionContext } from '../autograd/function.js';
import { requiresGrad } from '../autograd/history.js';
import { isGradEnabled } from '../autograd/mode.js';
import { AutogradError } from '../errors.js';
import { Tensor } from '../tensor/tensor.js';
import { Module, RUN } from './module.js';
import type { Parameter } from './parameter.js';

/** The gradients of a forward's inputs: one for a single input, a list for several; null where there is none. */
export type InputGradients = Tensor | null | readonly (Tensor | null)[];

/**
 * Base of modules that define `backward` themselves.
 *
 * `forward` computes as usual and keeps what `backward` needs in fields. `backward(gradOutput)` sets the gradients of the
 * module's own parameters (`this.weight.grad = ...`) and returns the gradient of the input. In a training loop nothing changes:
 * `loss.backward()` calls the module's `backward` when it gets there and adds up gradients as it does for any other module, so
 * that an optimiser, clipping and `zeroGrad` work as ever. A module that also defines its own update as `step()` can stand where
 * the loop has its optimiser, `zeroGrad` being a module's anyway. To check a gradient against autograd's, call
 * `module.forward(x)` directly: that way it is recorded like any computation.
 *
 * ```ts
 * class Scale extends nn.ManualModule {
 *   factor = new nn.Parameter(tensor([2]));
 *   private input = tensor([0]);
 *   forward(x: Tensor): Tensor {
 *     this.input = x;
 *     return x.mul(this.factor);
 *   }
 *   backward(gradOutput: Tensor): Tensor {
 *     this.factor.grad = gradOutput.mul(this.input).sum().reshape([1]);
 *     return gradOutput.mul(this.factor);
 *   }
 *   step(): void {
 *     noGrad(() => this.factor.sub_(this.factor.grad!, { alpha: 0.1 }));
 *   }
 * }
 * ```
 */
export abstract class ManualModule extends Module {
  abstract override forward(...inputs: never[]): Tensor;

  /** From the gradient of the output: sets the parameters' gradients, returns that of the input (null where there is none). */
  abstract backward(gradOutput: Tensor): InputGradients;

  /** @internal */
  override [RUN](inputs: unknown[]): unknown {
    const parameters = [...this.parameters()].filter(requiresGrad);
    const tensors = inputs.filter((input): input is Tensor => input instanceof Tensor);
    if (!isGradEnabled() || ![...tensors, ...parameters].some(requiresGrad)) return super[RUN](inputs);
    const compute = (): Tensor => super[RUN](inputs) as Tensor;
    return ByHand.apply(this, compute, parameters, ...tensors, ...parameters);
  }
}

/** Runs `forward` without recording and leads the gradient to the module's `backward`. */
class ByHand extends Function {
  static forward(
    ctx: FunctionContext,
    module: ManualModule,
    compute: () => Tensor,
    parameters: readonly Parameter[],
    ...tensors: Tensor[]
  ): Tensor {
    Object.assign(ctx, { module, parameters, inputs: tensors.length - parameters.length });
    return compute();
  }

  static backward(ctx: FunctionContext, gradOutput: Tensor): (Tensor | null)[] {
    const { module, parameters, inputs } = ctx as unknown as {
      module: ManualModule;
      parameters: readonly Parameter[];
      inputs: number;
    };
    // What the module writes is taken over by the engine, which adds it to what was there.
    const before = parameters.map((parameter) => parameter.grad);
    for (const parameter of parameters) parameter.grad = null;
    try {
      const returned = module.backward(gradOutput);
      const list = returned instanceof Tensor || returned === null ? [returned] : returned;
      if (list.length !== inputs && !(returned === null)) {
        throw new AutogradError(
          `${module.constructor.name}.backward returned ${list.length} gradients for ${inputs} inputs of forward`,
        );
      }
      const gradInputs = Array.from({ length: inputs }, (_, i) => list[i] ?? null);
      return [null, null, null, ...gradInputs, ...parameters.map((parameter) => parameter.grad)];
    } finally {
      parameters.forEach((parameter, i) => (parameter.grad = before[i]!));
    }
  }
}

// Optimisers whose update is a kernel of the backend's: one call for all parameters of a group with one dtype and one number
// of steps behind them. What is handed to the kernel is looked up once and kept while the parameters with a gradient stay the
// same, so that a step costs little more than its arithmetic.

import type { OptimizerStep } from '../backend/backend.js';
import { backend } from '../backend/active.js';
import type { DType } from '../backend/dtype.js';
import { DTypeError, ShapeError } from '../errors.js';
import { zerosLike } from '../tensor/create.js';
import { sameShape, show } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { Optimizer } from './optimizer.js';
import type { OptimizerOptions, ParamGroup } from './param-group.js';
import { fillState, type SavedState } from './state-dict.js';
import { stateKey } from './state-names.js';

/** The kernel's tensors by name and, where the formula needs it, the number of steps taken. */
export type FusedState<B extends string> = { step?: number } & { [buffer in B]?: Tensor };

/** What goes to the kernel in one call. */
interface Batch<B extends string> {
  readonly dtype: DType;
  readonly parameters: Tensor[];
  readonly states: FusedState<B>[];
  /** The kernel's state: a list for each buffer. */
  readonly buffers: Tensor[][];
  /** How many steps these parameters have behind them. */
  steps: number;
}

interface Plan<B extends string> {
  readonly bufferNames: readonly B[];
  readonly batches: readonly Batch<B>[];
  /** Parameters without a gradient. */
  readonly idle: readonly Tensor[];
  readonly parameterCount: number;
}

/** So many parameters at most go into one call, for its arguments have to fit into the backend's message. */
const longestBatch = 64;

export abstract class FusedOptimizer<O extends OptimizerOptions, B extends string> extends Optimizer<O, FusedState<B>> {
  private readonly plans = new Map<ParamGroup<O>, Plan<B>>();

  protected abstract readonly kind: OptimizerStep['kind'];
  /** Whether the state counts steps; otherwise a parameter is at its first step or not. */
  protected abstract readonly countsSteps: boolean;

  /** The state that the kernel takes, in its order: for equal settings the very same list. */
  protected abstract bufferNames(group: ParamGroup<O>): readonly B[];

  /** The kernel's numbers, in its order, for parameters that have `steps` steps behind them. */
  protected abstract scalars(group: ParamGroup<O>, steps: number): number[];

  protected override stateReplaced(): void {
    this.plans.clear();
  }

  protected override updateGroup(group: ParamGroup<O>): void {
    const names = this.bufferNames(group);
    let plan = this.plans.get(group);
    let gradients = plan !== undefined && plan.bufferNames === names ? this.gradientsFor(plan, group) : undefined;
    if (gradients === undefined) {
      plan = this.planFor(group, names);
      this.plans.set(group, plan);
      gradients = this.gradientsFor(plan, group)!;
    }
    plan!.batches.forEach((batch, i) => this.stepTogether(group, batch, gradients[i]!));
  }

  private stepTogether(group: ParamGroup<O>, batch: Batch<B>, gradients: readonly Tensor[]): void {
    const { parameters, states, buffers } = batch;
    const scalars = this.scalars(group, batch.steps);
    backend.optimizerStep({ kind: this.kind, parameters, gradients, state: buffers, scalars });
    batch.steps++;
    for (const parameter of parameters) parameter.storage.version++;
    if (this.countsSteps) for (const state of states) state.step = batch.steps;
  }

  /** The gradients for each batch of a plan; undefined when the plan no longer holds. */
  private gradientsFor(plan: Plan<B>, group: ParamGroup<O>): Tensor[][] | undefined {
    if (plan.parameterCount !== group.params.length) return undefined;
    for (const param of plan.idle) if (param.grad !== null) return undefined;
    const all: Tensor[][] = [];
    for (const { dtype, parameters, states } of plan.batches) {
      if (states.length > 0 && this.state.get(parameters[0]!) !== states[0]) return undefined;
      const gradients: Tensor[] = [];
      for (const parameter of parameters) {
        const grad = parameter.grad;
        if (grad === null || parameter.dtype !== dtype) return undefined;
        if (grad.dtype !== dtype) {
          throw new DTypeError(`a gradient of dtype ${grad.dtype} for a parameter of dtype ${dtype}`).during(
            this.constructor.name,
          );
        }
        gradients.push(grad);
      }
      all.push(gradients);
    }
    return all;
  }

  private planFor(group: ParamGroup<O>, bufferNames: readonly B[]): Plan<B> {
    const open = new Map<string, Batch<B>>();
    const batches: Batch<B>[] = [];
    const idle: Tensor[] = [];
    for (const param of group.params) {
      if (param.grad === null) {
        idle.push(param);
        continue;
      }
      const known = this.state.get(param);
      const steps = known === undefined ? 0 : this.countsSteps ? (known.step ?? 0) : 1;
      const key = `${param.dtype} ${steps}`;
      let batch = open.get(key);
      if (batch === undefined || batch.parameters.length === longestBatch) {
        batch = { dtype: param.dtype, parameters: [], states: [], buffers: bufferNames.map(() => []), steps };
        open.set(key, batch);
        batches.push(batch);
      }
      batch.parameters.push(param);
      if (bufferNames.length === 0) continue;
      const state = this.stateFor(param, known, bufferNames);
      batch.states.push(state);
      bufferNames.forEach((name, b) => batch.buffers[b]!.push(state[name]!));
    }
    return { bufferNames, batches, idle, parameterCount: group.params.length };
  }

  /** The state of a parameter with all buffers that are needed, in the parameter's present dtype. */
  private stateFor(param: Tensor, known: FusedState<B> | undefined, names: readonly B[]): FusedState<B> {
    const state = known ?? this.freshState();
    const buffers: { [buffer in B]?: Tensor } = state;
    for (const name of names) {
      const buffer: Tensor = buffers[name] ?? zerosLike(param);
      if (!sameShape(buffer.shape, param.shape)) {
        throw new ShapeError(
          `the state ${name} has shape ${show(buffer.shape)}, its parameter ${show(param.shape)}`,
        ).during(this.constructor.name);
      }
      buffers[name] = buffer.to(param.dtype);
    }
    this.state.set(param, state);
    return state;
  }

  private freshState(): FusedState<B> {
    return (this.countsSteps ? { step: 0 } : {}) as FusedState<B>;
  }

  protected override restoreState(param: Tensor, saved: SavedState, group: ParamGroup<O>): FusedState<B> | undefined {
    const names = this.bufferNames(group);
    if (names.length === 0) return undefined;
    // A parameter that had no step yet is saved with nothing in its buffer.
    if (!this.countsSteps && (saved[stateKey(names[0]!)] ?? null) === null) return undefined;
    const fresh = this.freshState();
    const buffers: { [buffer in B]?: Tensor } = fresh;
    for (const name of names) buffers[name] = zerosLike(param);
    return fillState(fresh, saved);
  }
}

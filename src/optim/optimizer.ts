// What all optimisers share: parameter groups with defaults, gradients set back, the step's frame, and state dicts. An
// optimiser itself is one update: see `per-parameter-optimizer.ts` and `fused-optimizer.ts`.

import { withGrad } from '../autograd/mode.js';
import { traced } from '../backend/trace.js';
import { FlambeauError, SerializationError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import {
  checkDistinct,
  completeGroup,
  groupsOf,
  scheduledFields,
  withOptions,
  type Defaults,
  type OptimizerOptions,
  type ParamGroup,
  type ParamGroupInput,
  type Params,
} from './param-group.js';
import { packed, type OptimizerStateDict, type SavedGroup, type SavedState } from './state-dict.js';
import { fieldName } from './state-names.js';

/** Computes the loss anew and its gradients, and returns the loss. */
export type Closure<L extends Tensor | number = Tensor | number> = () => L;

/**
 * The base of all optimisers. `O` are its options, which each parameter group may set differently; `S` is what it remembers
 * of a parameter.
 * https://pytorch.org/docs/stable/optim.html
 */
export abstract class Optimizer<O extends OptimizerOptions = OptimizerOptions, S extends object = object> {
  /** The groups; their options may be changed at any time: `optimizer.paramGroups[0].lr = 0.01`. */
  readonly paramGroups: ParamGroup<O>[] = [];
  /** What is remembered of each parameter, made at its first update. */
  readonly state = new Map<Tensor, S>();
  /** How many steps were taken. */
  stepCount = 0;

  /** What a group that doesn't say otherwise has. */
  readonly defaults: Defaults<O>;

  /**
   * @param params parameters, as `model.parameters()` gives them, or groups `{ params, ...options }`
   * @param options the options that were given
   * @param defaults all options there are; undefined for one that has to be given, here or in every group
   * @throws ValueError for an empty list, a tensor that is no leaf or stands twice, an option out of range
   */
  constructor(params: Params<O>, options: O, defaults: Defaults<O>) {
    this.defaults = this.named(() => withOptions(defaults, options));
    const groups = this.named(() => groupsOf(params));
    for (const group of groups) this.addParamGroup(group);
  }

  /** Refuses options out of range. Called before the subclass's own fields exist. */
  protected abstract checkOptions(options: ParamGroup<O>): void;

  /** Updates the parameters of one group that have a gradient. Nothing is recorded meanwhile. */
  protected abstract updateGroup(group: ParamGroup<O>): void;

  /** The state of a parameter as it was saved; undefined when there is nothing to keep. */
  protected abstract restoreState(param: Tensor, saved: SavedState, group: ParamGroup<O>): S | undefined;

  /** The state was replaced: forget what was derived from it. */
  protected stateReplaced(): void {}

  /**
   * Updates all parameters from their gradients. A `closure`, where given, is called first, with gradients recorded; its loss
   * is returned.
   */
  step(): undefined;
  step<L extends Tensor | number>(closure: Closure<L>): L;
  step<L extends Tensor | number>(closure?: Closure<L>): L | undefined;
  step<L extends Tensor | number>(closure?: Closure<L>): L | undefined {
    const loss = closure === undefined ? undefined : withGrad(true, closure);
    traced(`${this.constructor.name}.step`, 'range', () =>
      withGrad(false, () => {
        for (const group of this.paramGroups) this.updateGroup(group);
      }),
    );
    this.stepCount++;
    return loss;
  }

  /**
   * Takes the parameters' gradients away, or with `setToNone` false fills them with zeros. A parameter without a gradient is
   * left out of a step, one with a gradient of zeros isn't: it decays and its momentum moves it on.
   */
  zeroGrad(setToNone = true): void {
    for (const group of this.paramGroups) {
      for (const param of group.params) {
        if (param.grad === null) continue;
        param.grad = setToNone ? null : zeroed(param.grad);
      }
    }
  }

  /**
   * Adds parameters to be trained from now on.
   * @throws ValueError as the constructor does
   */
  addParamGroup(input: ParamGroupInput<O>): void {
    this.named(() => {
      try {
        const group = completeGroup(input, this.defaults);
        checkDistinct(group, this.paramGroups);
        this.checkOptions(group);
        this.paramGroups.push(group);
      } catch (error) {
        throw at(`parameter group ${this.paramGroups.length}`, error);
      }
    });
  }

  /**
   * Options and state under PyTorch's names, from which `loadStateDict` continues. Its tensors are the optimiser's own: a
   * later step changes them.
   */
  stateDict(): OptimizerStateDict {
    const numbers = new Map<Tensor, number>();
    const groups = this.paramGroups.map(({ params, ...options }) => ({
      ...packed(options),
      params: params.map((param) => {
        numbers.set(param, numbers.size);
        return numbers.size - 1;
      }),
    }));
    const state: Record<number, SavedState> = {};
    for (const [param, number] of numbers) {
      const remembered = this.state.get(param);
      if (remembered !== undefined) state[number] = packed(remembered);
    }
    return { state, param_groups: groups };
  }

  /**
   * Takes options and state over from a state dict, copying its tensors in each parameter's dtype. Either all of it is taken
   * over or nothing.
   * @throws SerializationError for other groups than the optimiser has, and for state that doesn't fit its parameter
   */
  loadStateDict(dict: OptimizerStateDict): void {
    this.named(() => {
      const groups = this.paramGroups.map((group, i) => this.restoredGroup(group, dict.param_groups[i]!, i, dict));
      const state = new Map<Tensor, S>();
      groups.forEach((group, g) => {
        group.params.forEach((param, i) => {
          const number = dict.param_groups[g]!.params[i]!;
          const saved = dict.state[number];
          if (saved === undefined) return;
          try {
            const restored = withGrad(false, () => this.restoreState(param, saved, group));
            if (restored !== undefined) state.set(param, restored);
          } catch (error) {
            throw at(`the state of parameter ${number}`, error);
          }
        });
      });
      this.paramGroups.forEach((group, i) => Object.assign(group, groups[i]));
      this.state.clear();
      for (const [param, restored] of state) this.state.set(param, restored);
      this.stateReplaced();
    });
  }

  /** A copy of a group with the saved options in place of its own. Options that this optimiser doesn't know are left out. */
  private restoredGroup(group: ParamGroup<O>, saved: SavedGroup, i: number, dict: OptimizerStateDict): ParamGroup<O> {
    if (dict.param_groups.length !== this.paramGroups.length) {
      throw new SerializationError(
        `the state dict has ${dict.param_groups.length} parameter groups, the optimiser ${this.paramGroups.length}`,
      );
    }
    if (saved.params.length !== group.params.length) {
      throw new SerializationError(
        `parameter group ${i} of the state dict has ${saved.params.length} parameters, the optimiser's ${group.params.length}`,
      );
    }
    const restored: Record<string, unknown> = { ...group };
    for (const [key, value] of Object.entries(saved)) {
      const field = fieldName(key);
      if (field in this.defaults || field in scheduledFields) {
        restored[field] = Array.isArray(value) ? [...(value as readonly unknown[])] : value;
      }
    }
    try {
      this.checkOptions(restored as ParamGroup<O>);
    } catch (error) {
      throw at(`parameter group ${i} of the state dict`, error);
    }
    return restored as ParamGroup<O>;
  }

  /** The options of all groups, as PyTorch prints them. */
  toString(): string {
    const groups = this.paramGroups.map(({ params: _, ...options }, i) => {
      const lines = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
      return [`Parameter Group ${i}`, ...lines.map(([name, value]) => `    ${name}: ${show(value)}`)].join('\n');
    });
    return `${this.constructor.name} (\n${groups.join('\n\n')}\n)`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  private named<R>(fn: () => R): R {
    try {
      return fn();
    } catch (error) {
      throw error instanceof FlambeauError ? error.during(this.constructor.name) : error;
    }
  }
}

function show(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}

/** Says where an error was met. */
function at(place: string, error: unknown): unknown {
  if (error instanceof FlambeauError) error.message = `${place}: ${error.message}`;
  return error;
}

/** A gradient filled with zeros, cut off from any graph it may have. */
function zeroed(grad: Tensor): Tensor {
  return withGrad(false, () => grad.detach().zero_());
}

// Optimisers written as one update of one parameter with tensor operations in place. A new optimiser is a subclass with
// `createState` and `update`.

import type { Tensor } from '../tensor/tensor.js';
import { Optimizer } from './optimizer.js';
import type { OptimizerOptions, ParamGroup } from './param-group.js';
import { fillState, type SavedState } from './state-dict.js';

/** `S`: numbers and tensors that are remembered of each parameter. */
export abstract class PerParameterOptimizer<O extends OptimizerOptions, S extends object> extends Optimizer<O, S> {
  /** What is remembered of a parameter before its first update. */
  protected abstract createState(param: Tensor, group: ParamGroup<O>): S;

  /** Changes `param` and `state` in place; `grad` has to stay as it is. */
  protected abstract update(param: Tensor, grad: Tensor, state: S, group: ParamGroup<O>): void;

  protected override updateGroup(group: ParamGroup<O>): void {
    for (const param of group.params) {
      const grad = param.grad;
      if (grad === null) continue;
      let state = this.state.get(param);
      if (state === undefined) {
        state = this.createState(param, group);
        this.state.set(param, state);
      }
      this.update(param, grad, state, group);
    }
  }

  protected override restoreState(param: Tensor, saved: SavedState, group: ParamGroup<O>): S {
    return fillState(this.createState(param, group), saved);
  }
}

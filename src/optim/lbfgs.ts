// L-BFGS: a quasi-Newton method over all parameters as one vector, which computes the loss several times in a step.

import { withGrad } from '../autograd/mode.js';
import { traced } from '../backend/trace.js';
import { SerializationError, ValueError } from '../errors.js';
import { cat } from '../ops/combine.js';
import { zeros } from '../tensor/create.js';
import { sameShape, show } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';
import { Optimizer, type Closure } from './optimizer.js';
import { checkNotNegative, checkWhole } from './option-checks.js';
import type { ParamGroup, ParamGroupInput, Params } from './param-group.js';
import { numberIn, type SavedState, type StateValue } from './state-dict.js';
import { strongWolfe, type LinePoint } from './strong-wolfe.js';

/** Options of `LBFGS`. */
export interface LBFGSOptions {
  /** The step length, or with a line search the first to try; 1 unless given. */
  lr?: number;
  /** Iterations in a step; 20 unless given. */
  maxIter?: number;
  /** Evaluations of the loss in a step; 5/4 of `maxIter` unless given. */
  maxEval?: number;
  /** A step ends when no component of the gradient is larger; 1e-7 unless given. */
  toleranceGrad?: number;
  /** A step ends when loss or parameters change by less; 1e-9 unless given. */
  toleranceChange?: number;
  /** How many updates are remembered; 100 unless given. */
  historySize?: number;
  /** The line search; null (none) unless given. */
  lineSearchFn?: 'strong_wolfe' | null;
}

/** Vectors are as long as all parameters together. */
interface LBFGSState {
  funcEvals: number;
  nIter: number;
  /** The last direction and step length. */
  d?: Tensor;
  t?: number;
  /** Changes of the gradient, changes of the parameters, and the reciprocals of their products: the oldest first. */
  oldDirs: Tensor[];
  oldStps: Tensor[];
  ro: number[];
  /** The inverse Hessian's scale. */
  HDiag: number;
  prevFlatGrad?: Tensor;
  prevLoss?: number;
}

/**
 * L-BFGS. It takes one parameter group only, and `step` needs a closure that sets the gradients back, computes the loss,
 * calls its `backward` and returns it.
 * Liu & Nocedal, "On the limited memory BFGS method for large scale optimization" (1989).
 * https://pytorch.org/docs/stable/generated/torch.optim.LBFGS.html
 *
 * ```ts
 * const optimizer = new optim.LBFGS(model.parameters(), { lineSearchFn: 'strong_wolfe' });
 * optimizer.step(() => {
 *   optimizer.zeroGrad();
 *   const loss = criterion(model(inputs), targets);
 *   loss.backward();
 *   return loss;
 * });
 * ```
 */
export class LBFGS extends Optimizer<LBFGSOptions, LBFGSState> {
  constructor(params: Params<LBFGSOptions>, options: LBFGSOptions = {}) {
    super(params, options, {
      lr: 1,
      maxIter: 20,
      maxEval: Math.floor(((options.maxIter ?? 20) * 5) / 4),
      toleranceGrad: 1e-7,
      toleranceChange: 1e-9,
      historySize: 100,
      lineSearchFn: null,
    });
  }

  protected checkOptions(options: ParamGroup<LBFGSOptions>): void {
    checkNotNegative(options, 'lr', 'toleranceGrad', 'toleranceChange');
    checkWhole('maxIter', options.maxIter, 1);
    checkWhole('maxEval', options.maxEval, 1);
    checkWhole('historySize', options.historySize, 1);
    const search: string | null = options.lineSearchFn;
    if (search !== null && search !== 'strong_wolfe') {
      throw new ValueError(`unknown lineSearchFn ${search}: expected 'strong_wolfe' or null`);
    }
  }

  override addParamGroup(input: ParamGroupInput<LBFGSOptions>): void {
    if (this.paramGroups.length > 0) {
      throw new ValueError('takes one parameter group only: it sees all parameters as one vector').during('LBFGS');
    }
    super.addParamGroup(input);
  }

  /** @throws ValueError without a closure */
  override step(closure?: undefined): never;
  override step<L extends Tensor | number>(closure: Closure<L>): L;
  override step<L extends Tensor | number>(closure?: Closure<L>): L {
    if (closure === undefined) {
      throw new ValueError('step needs a closure that computes the loss and its gradients anew and returns it').during(
        'LBFGS',
      );
    }
    const loss = traced('LBFGS.step', 'range', () =>
      withGrad(false, () => this.minimise(this.paramGroups[0]!, closure)),
    );
    this.stepCount++;
    return loss;
  }

  protected updateGroup(): void {}

  private minimise<L extends Tensor | number>(group: ParamGroup<LBFGSOptions>, closure: Closure<L>): L {
    const { params, lr, maxIter, maxEval, toleranceGrad, toleranceChange, historySize, lineSearchFn } = group;
    const state = this.stateOf(params[0]!);
    const evaluate = (): number => valueOf(withGrad(true, closure));

    const firstLoss = withGrad(true, closure);
    let loss = valueOf(firstLoss);
    let gradient = flatGradient(params);
    let evaluations = 1;
    state.funcEvals++;
    if (largest(gradient) <= toleranceGrad) return firstLoss;

    for (let iteration = 1; iteration <= maxIter; iteration++) {
      state.nIter++;
      const direction = this.directionFrom(state, gradient, historySize);
      state.d = direction;
      state.t = state.nIter === 1 ? Math.min(1, 1 / gradient.abs().sum().item()) * lr : lr;
      const previousLoss = loss;
      state.prevFlatGrad = gradient;
      state.prevLoss = previousLoss;

      const slope = gradient.dot(direction).item();
      if (slope > -toleranceChange) break;

      let used = 0;
      if (lineSearchFn === 'strong_wolfe') {
        const start = { step: 0, loss, gradient, slope };
        const found = strongWolfe(lineThrough(params, direction, evaluate), start, state.t, largest(direction));
        ({ loss, gradient, step: state.t } = found.point);
        used = found.evaluations;
        move(params, direction, state.t);
      } else {
        move(params, direction, state.t);
        // The loss after the last iteration would be computed for nothing.
        if (iteration < maxIter) {
          loss = evaluate();
          gradient = flatGradient(params);
          used = 1;
        }
      }
      evaluations += used;
      state.funcEvals += used;

      if (
        evaluations >= maxEval ||
        largest(gradient) <= toleranceGrad ||
        largest(direction) * Math.abs(state.t) <= toleranceChange ||
        Math.abs(loss - previousLoss) < toleranceChange
      ) {
        break;
      }
    }
    return firstLoss;
  }

  /** Takes the last step into the history and returns the quasi-Newton direction: the two-loop recursion. */
  private directionFrom(state: LBFGSState, gradient: Tensor, historySize: number): Tensor {
    const direction = gradient.neg();
    if (state.nIter === 1) return direction;
    const { oldDirs, oldStps, ro } = state;
    const gradientChange = gradient.sub(state.prevFlatGrad!);
    const step = state.d!.mul(state.t!);
    const product = gradientChange.dot(step).item();
    // Only steps along which the slope grew describe a convex function.
    if (product > 1e-10) {
      if (oldDirs.length === historySize) for (const list of [oldDirs, oldStps, ro]) list.shift();
      oldDirs.push(gradientChange);
      oldStps.push(step);
      ro.push(1 / product);
      state.HDiag = product / gradientChange.dot(gradientChange).item();
    }
    const weights = new Array<number>(oldDirs.length);
    for (let i = oldDirs.length - 1; i >= 0; i--) {
      weights[i] = oldStps[i]!.dot(direction).item() * ro[i]!;
      direction.add_(oldDirs[i]!, { alpha: -weights[i]! });
    }
    direction.mul_(state.HDiag);
    for (let i = 0; i < oldDirs.length; i++) {
      const weight = oldDirs[i]!.dot(direction).item() * ro[i]!;
      direction.add_(oldStps[i]!, { alpha: weights[i]! - weight });
    }
    return direction;
  }

  /** What is remembered of all parameters together stands at the first one, as in PyTorch's state dicts. */
  private stateOf(first: Tensor): LBFGSState {
    let state = this.state.get(first);
    if (state === undefined) {
      state = { funcEvals: 0, nIter: 0, oldDirs: [], oldStps: [], ro: [], HDiag: 1 };
      this.state.set(first, state);
    }
    return state;
  }

  protected restoreState(param: Tensor, saved: SavedState, { params }: ParamGroup<LBFGSOptions>): LBFGSState {
    const length = params.reduce((total, each) => total + each.numel(), 0);
    const vector = (key: string, value: StateValue | undefined): Tensor => {
      if (!(value instanceof Tensor)) throw new SerializationError(`${key}: expected a tensor`);
      if (!sameShape(value.shape, [length])) {
        throw new SerializationError(`${key}: expected shape ${show([length])}, got ${show(value.shape)}`);
      }
      return value.detach().to(param.dtype).clone();
    };
    const list = (key: string): readonly StateValue[] => {
      const value = saved[key] ?? [];
      if (!Array.isArray(value)) throw new SerializationError(`${key}: expected a list`);
      return value as readonly StateValue[];
    };
    const state: LBFGSState = {
      funcEvals: numberIn('func_evals', saved['func_evals']),
      nIter: numberIn('n_iter', saved['n_iter']),
      oldDirs: list('old_dirs').map((value) => vector('old_dirs', value)),
      oldStps: list('old_stps').map((value) => vector('old_stps', value)),
      ro: list('ro').map((value) => numberIn('ro', value)),
      HDiag: numberIn('H_diag', saved['H_diag'] ?? 1),
    };
    if (state.oldDirs.length !== state.ro.length || state.oldStps.length !== state.ro.length) {
      throw new SerializationError('old_dirs, old_stps and ro: expected equally long lists');
    }
    if (state.nIter === 0) return state;
    return {
      ...state,
      d: vector('d', saved['d']),
      t: numberIn('t', saved['t']),
      prevFlatGrad: vector('prev_flat_grad', saved['prev_flat_grad']),
      prevLoss: numberIn('prev_loss', saved['prev_loss']),
    };
  }
}

function valueOf(loss: Tensor | number): number {
  return typeof loss === 'number' ? loss : loss.item();
}

/** The largest size of a component. */
function largest(vector: Tensor): number {
  return vector.abs().amax().item();
}

/** All gradients as one new vector, with zeros for a parameter that has none. */
function flatGradient(params: readonly Tensor[]): Tensor {
  return cat(params.map((param) => param.grad?.reshape([-1]) ?? zeros([param.numel()], { dtype: param.dtype })));
}

/** Moves all parameters by `step` times their part of the direction. */
function move(params: readonly Tensor[], direction: Tensor, step: number): void {
  let offset = 0;
  for (const param of params) {
    const part = direction.narrow(0, offset, param.numel());
    param.add_(part.reshape(param.shape), { alpha: step });
    offset += param.numel();
  }
}

/** Computes loss and gradient at points on a line from where the parameters are, and puts these back each time. */
function lineThrough(
  params: readonly Tensor[],
  direction: Tensor,
  evaluate: () => number,
): (step: number) => LinePoint {
  const start = params.map((param) => param.clone());
  return (step) => {
    move(params, direction, step);
    const loss = evaluate();
    const gradient = flatGradient(params);
    params.forEach((param, i) => param.copy_(start[i]!));
    return { step, loss, gradient, slope: gradient.dot(direction).item() };
  };
}

// Optimisers. `lrScheduler` holds the learning-rate schedules.

export { Adadelta, type AdadeltaOptions } from './adadelta.js';
export { Adagrad, type AdagradOptions } from './adagrad.js';
export { Adam, type AdamOptions } from './adam.js';
export { Adamax, type AdamaxOptions } from './adamax.js';
export { AdamW } from './adamw.js';
export { ASGD, type ASGDOptions } from './asgd.js';
export { LBFGS, type LBFGSOptions } from './lbfgs.js';
export { NAdam, type NAdamOptions } from './nadam.js';
export { Optimizer, type Closure } from './optimizer.js';
export type { OptimizerOptions, ParamGroup, ParamGroupInput, Params } from './param-group.js';
export { PerParameterOptimizer } from './per-parameter-optimizer.js';
export { RAdam, type RAdamOptions } from './radam.js';
export { RMSprop, type RMSpropOptions } from './rmsprop.js';
export { Rprop, type RpropOptions } from './rprop.js';
export { SGD, type SGDOptions } from './sgd.js';
export type { OptimizerStateDict } from './state-dict.js';
export * as lrScheduler from './lr-scheduler/index.js';

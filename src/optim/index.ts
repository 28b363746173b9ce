// Optimisers. `lrScheduler` holds the learning-rate schedules.

export { Adam, type AdamOptions } from './adam.js';
export { AdamW } from './adamw.js';
export { Optimizer, type Closure } from './optimizer.js';
export type { OptimizerOptions, ParamGroup, ParamGroupInput, Params } from './param-group.js';
export { SGD, type SGDOptions } from './sgd.js';
export type { OptimizerStateDict } from './state-dict.js';

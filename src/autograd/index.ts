// Automatic differentiation, as `autograd`.

export { isAnomalyEnabled, setDetectAnomaly } from './anomaly.js';
export { backward, grad, type BackwardOptions, type GradOptions } from './backward.js';
export { Function, FunctionContext } from './function.js';
export { gradcheck, gradgradcheck, type GradcheckOptions } from './gradcheck.js';
export { enableGrad, inferenceMode, isGradEnabled, isInferenceModeEnabled, noGrad } from './mode.js';
export type { Node } from './node.js';
export type { TensorHook } from './state.js';

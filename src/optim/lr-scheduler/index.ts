// Learning-rate schedules.

export { ChainedScheduler, SequentialLR } from './combined.js';
export {
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  type CosineAnnealingLROptions,
  type CosineAnnealingWarmRestartsOptions,
} from './cosine.js';
export { CyclicLR, type CyclicLROptions } from './cyclic.js';
export { ExponentialLR, MultiStepLR, StepLR, type DecayOptions } from './decay.js';
export { LambdaLR, MultiplicativeLR, type LrLambda } from './lambda.js';
export { OneCycleLR, type OneCycleLROptions } from './one-cycle.js';
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from './plateau.js';
export {
  ConstantLR,
  LinearLR,
  PolynomialLR,
  type ConstantLROptions,
  type LinearLROptions,
  type PolynomialLROptions,
} from './ramp.js';
export {
  LRScheduler,
  type Scheduler,
  type SchedulerStateDict,
  type ScheduleOptions,
  type SteppingScheduler,
} from './scheduler.js';

// Parameter groups: which tensors an optimiser changes, and with which options. A group is a plain object whose fields may
// be changed while training; that is all that a learning-rate scheduler does.

import { isFloat } from '../backend/dtype.js';
import { DTypeError, ValueError } from '../errors.js';
import { Tensor } from '../tensor/tensor.js';

/** What the options of every optimiser have. */
export interface OptimizerOptions {
  /** The learning rate. */
  lr?: number;
}

/** What schedulers keep in a group beside the optimiser's own options. */
export interface ScheduledFields {
  /** The learning rate before any schedule changed it. */
  initialLr?: number;
  maxLr?: number;
  minLr?: number;
  baseMomentum?: number;
  maxMomentum?: number;
}

/** The names of `ScheduledFields`. */
export const scheduledFields = {
  initialLr: true,
  maxLr: true,
  minLr: true,
  baseMomentum: true,
  maxMomentum: true,
} as const satisfies Record<keyof ScheduledFields, true>;

/** Parameters and the options they are trained with; the options may be changed at any time. */
export type ParamGroup<O extends OptimizerOptions = OptimizerOptions> = Required<O> &
  ScheduledFields & { readonly params: Tensor[] };

/** A group as it is given: options that are left out take the optimiser's. */
export type ParamGroupInput<O extends OptimizerOptions = OptimizerOptions> = Partial<O> &
  ScheduledFields & { readonly params: Tensor | Iterable<Tensor> };

/** What an optimiser is made for: parameters, or groups of them. */
export type Params<O extends OptimizerOptions = OptimizerOptions> = Iterable<Tensor> | Iterable<ParamGroupInput<O>>;

/** An optimiser's options with their defaults; undefined where there is none, so that each group has to say. */
export type Defaults<O extends OptimizerOptions> = {
  readonly [name in keyof Required<O>]: Required<O>[name] | undefined;
};

/** The defaults with what was given in their place. */
export function withOptions<O extends OptimizerOptions>(defaults: Defaults<O>, options: O): Defaults<O> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [name] of given) if (!(name in defaults)) refuseOption(name, defaults);
  return { ...defaults, ...(Object.fromEntries(given) as Partial<Defaults<O>>) };
}

function refuseOption(name: string, defaults: object): never {
  throw new ValueError(`unknown option '${name}': expected ${Object.keys(defaults).join(', ')}`);
}

/** The groups in what the user gave: parameters alone are one group. */
export function groupsOf<O extends OptimizerOptions>(params: Params<O>): ParamGroupInput<O>[] {
  const given: unknown = params;
  if (given instanceof Tensor || typeof given !== 'object' || given === null || !(Symbol.iterator in given)) {
    throw new ValueError(
      `expected an iterable of parameters or of parameter groups, got ${given instanceof Tensor ? 'a single tensor' : String(given)}`,
    );
  }
  const list = [...params];
  if (list.length === 0) {
    throw new ValueError(
      'got an empty parameter list: a model finds its layers and parameters in fields of its own; an array of layers has to be ' +
        'a ModuleList, one of parameters a ParameterList',
    );
  }
  return list[0] instanceof Tensor
    ? [{ params: list as Tensor[] } as unknown as ParamGroupInput<O>]
    : (list as ParamGroupInput<O>[]);
}

/** Makes a whole group: checks its parameters and fills in the defaults. */
export function completeGroup<O extends OptimizerOptions>(
  input: ParamGroupInput<O>,
  defaults: Defaults<O>,
): ParamGroup<O> {
  if (typeof input !== 'object' || input === null || input instanceof Tensor || !('params' in input)) {
    throw new ValueError('expected { params, ...options }');
  }
  const params: Tensor[] = input.params instanceof Tensor ? [input.params] : [...input.params];
  params.forEach(checkParameter);
  const group: Record<string, unknown> = { params };
  const given = input as Readonly<Record<string, unknown>>;
  for (const [name, fallback] of Object.entries(defaults as Readonly<Record<string, unknown>>)) {
    const value = given[name] ?? fallback;
    if (value === undefined) throw new ValueError(`gives no ${name}, which has no default: pass { ${name}: ... }`);
    group[name] = Array.isArray(value) ? [...(value as readonly unknown[])] : value;
  }
  for (const name of Object.keys(given)) {
    if (name in group) continue;
    if (!(name in scheduledFields)) refuseOption(name, defaults);
    group[name] = given[name];
  }
  return group as ParamGroup<O>;
}

function checkParameter(param: unknown, i: number): void {
  if (!(param instanceof Tensor)) {
    throw new ValueError(`params[${i}] is no tensor but ${param === null ? 'null' : typeof param}`);
  }
  if (!param.isLeaf) {
    throw new ValueError(
      `params[${i}] is no leaf: it was computed from other tensors, so changing it would change nothing that is trained. ` +
        'Give the tensors it was computed from, or a detach()ed copy',
    );
  }
  if (!isFloat(param.dtype))
    throw new DTypeError(`params[${i}] is ${param.dtype}: only float tensors can be optimised`);
}

/** Refuses parameters that would be changed twice in one step. */
export function checkDistinct(
  group: { readonly params: readonly Tensor[] },
  others: readonly { params: readonly Tensor[] }[],
): void {
  const seen = new Map<Tensor, string>();
  others.forEach((other, g) => other.params.forEach((param) => seen.set(param, `parameter group ${g} too`)));
  group.params.forEach((param, i) => {
    const where = seen.get(param);
    if (where !== undefined) throw new ValueError(`params[${i}] is in ${where}: each parameter can stand once only`);
    seen.set(param, 'the list twice');
  });
}

// A weight split into its length and its direction, each trained on its own. https://arxiv.org/abs/1602.07868

import { ValueError } from '../../errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { HookHandle, Module } from '../module.js';
import { Parameter } from '../parameter.js';

/** Options of `weightNorm`. */
export interface WeightNormOptions {
  /** The field that holds the weight. */
  name?: string;
  /** The dim along which each slice has a length of its own; null (or, as in PyTorch, -1): one length for all. */
  dim?: number | null;
}

interface Split {
  readonly dim: number | null;
  readonly hook: HookHandle;
}

const splits = new WeakMap<Module, Map<string, Split>>();

type Fields = Record<string, unknown>;

/** The norms of all slices along `dim`, with dims kept. */
function lengthsOf(direction: Tensor, dim: number | null): Tensor {
  if (dim === null) return direction.norm();
  const others = direction.shape.map((_, d) => d).filter((d) => d !== dim);
  return others.length === 0 ? direction.abs() : direction.norm(2, others, { keepdim: true });
}

function composed(module: Module, name: string, dim: number | null): Tensor {
  const fields = module as unknown as Fields;
  const direction = fields[`${name}V`] as Tensor;
  return direction.mul((fields[`${name}G`] as Tensor).div(lengthsOf(direction, dim)));
}

/**
 * Replaces the parameter `name` by its length `nameG` and its direction `nameV`, from which it is made anew before every call.
 * Returns the module. https://pytorch.org/docs/stable/generated/torch.nn.utils.weight_norm.html
 */
export function weightNorm<M extends Module>(
  module: M,
  { name = 'weight', dim: along = 0 }: WeightNormOptions = {},
): M {
  const dim = along === -1 ? null : along;
  const fields = module as unknown as Fields;
  const weight = fields[name];
  if (splits.get(module)?.has(name)) throw new ValueError(`weightNorm: '${name}' is split already`);
  if (!(weight instanceof Parameter)) {
    throw new ValueError(`weightNorm: ${module.constructor.name} has no parameter '${name}'`);
  }
  const direction = weight.detach();
  Reflect.deleteProperty(fields, name);
  fields[`${name}G`] = new Parameter(lengthsOf(direction, dim).clone());
  fields[`${name}V`] = new Parameter(direction);
  fields[name] = composed(module, name, dim);
  const hook = module.registerForwardPreHook(() => {
    fields[name] = composed(module, name, dim);
  });
  const known = splits.get(module) ?? new Map<string, Split>();
  splits.set(module, known.set(name, { dim, hook }));
  return module;
}

/** Puts the parameter back together. Returns the module. */
export function removeWeightNorm<M extends Module>(module: M, { name = 'weight' }: { name?: string } = {}): M {
  const split = splits.get(module)?.get(name);
  if (!split) throw new ValueError(`removeWeightNorm: '${name}' of ${module.constructor.name} is not split`);
  const fields = module as unknown as Fields;
  const weight = composed(module, name, split.dim).detach();
  for (const field of [name, `${name}G`, `${name}V`]) Reflect.deleteProperty(fields, field);
  fields[name] = new Parameter(weight);
  split.hook.remove();
  splits.get(module)!.delete(name);
  return module;
}

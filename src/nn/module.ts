// The base of all modules: finds parameters, buffers and children among the fields, and is called like a function.
//
// A call `model(x)` runs hooks and then `forward`. The base's own state is no enumerable field, so that fields are the user's.

import { withGrad } from '../autograd/mode.js';
import type { DType } from '../backend/dtype.js';
import { CALL, Callable } from '../callable.js';
import { FlambeauError, SerializationError, ValueError } from '../errors.js';
import type { Shape } from '../tensor/shape.js';
import { adoptData, Tensor } from '../tensor/tensor.js';
import { installBackwardHooks, type BackwardHook } from './backward-hooks.js';
import { joinPath, stateName } from './names.js';
import { Buffer, Parameter } from './parameter.js';
import { summarize, type SummaryOptions } from './summary.js';
import { loadInto, type LoadOptions, type LoadReport, type StateDict } from './state-dict.js';

/** Sees a module's inputs before `forward`; an array it returns takes their place. */
export type ForwardPreHook = (module: Module, inputs: readonly unknown[]) => readonly unknown[] | void;
/** Sees a module's inputs and output; what it returns, unless undefined, takes the output's place. */
export type ForwardHook = (module: Module, inputs: readonly unknown[], output: unknown) => unknown;

/** A registered hook. */
export interface HookHandle {
  /** From now on the hook is not called; a second call does nothing. */
  remove(): void;
}

/** What every module keeps besides its fields. */
interface Hooks {
  readonly pre: Set<ForwardPreHook>;
  readonly post: Set<ForwardHook>;
  readonly backward: Set<BackwardHook>;
}

const HOOKS: unique symbol = Symbol('hooks');
/** The method that tells a module's fields. */
export const FIELDS = Symbol('fields');
/** The method that computes the output between the hooks: `forward`, unless a base class does more. */
export const RUN = Symbol('run');

/**
 * The base of all models and layers: its fields that hold parameters, buffers and modules are what it is made of, and an
 * instance is called like a function, `model(x)`.
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- gives instances their call signature
export class Module extends Callable {
  /** Whether layers such as dropout behave as in training; see `train` and `eval`. */
  declare training: boolean;
  /** @internal */
  declare [HOOKS]: Hooks | null;

  constructor() {
    super();
    Object.defineProperty(this, HOOKS, { value: null, writable: true });
    Object.defineProperty(this, 'training', { value: true, writable: true });
  }

  /** @internal */
  override [CALL](inputs: unknown[]): unknown {
    return call(this, inputs);
  }

  /** Computes the module's output. Call the module itself, `module(x)`, so that hooks run too. */
  forward(..._inputs: never[]): unknown {
    throw new ValueError(`${this.constructor.name} has no forward of its own: give the class a method forward(x)`);
  }

  // ---- what the module is made of

  /** @internal State names and values of the fields in the order of definition; containers tell their entries. */
  *[FIELDS](): Generator<[string, unknown]> {
    for (const name of Object.keys(this)) yield [stateName(name), (this as unknown as Record<string, unknown>)[name]];
  }

  /** @internal */
  [RUN](inputs: unknown[]): unknown {
    return (this.forward as (...inputs: unknown[]) => unknown).apply(this, inputs);
  }

  /** The modules that are fields of this one, with their names. */
  *namedChildren(): Generator<[string, Module]> {
    const seen = new Set<Module>();
    for (const [name, value] of this[FIELDS]()) {
      if (value instanceof Module && !seen.has(value)) {
        seen.add(value);
        yield [name, value];
      }
    }
  }

  /** The modules in this one's fields, in the order of the fields, each once. */
  *children(): Generator<Module> {
    for (const [, child] of this.namedChildren()) yield child;
  }

  /** This module and all below it, each once, with their paths: '' for this one, then such as 'encoder.layers.0'. */
  *namedModules(prefix = '', seen = new Set<Module>()): Generator<[string, Module]> {
    if (seen.has(this)) return;
    seen.add(this);
    yield [prefix, this];
    for (const [name, child] of this.namedChildren()) yield* child.namedModules(joinPath(prefix, name), seen);
  }

  /** This module, its children, theirs and so on, each once. */
  *modules(): Generator<Module> {
    for (const [, module] of this.namedModules()) yield module;
  }

  private *namedTensors<T extends Tensor>(kind: new (...args: never[]) => T, recurse: boolean): Generator<[string, T]> {
    const seen = new Set<Tensor>();
    for (const [prefix, module] of recurse ? this.namedModules() : [['', this] as const]) {
      const names = new Set<string>();
      for (const [name, value] of module[FIELDS]()) {
        if (value instanceof Tensor || value instanceof Module) {
          if (names.has(name))
            throw new ValueError(`two fields of ${module.constructor.name} share the state name '${name}'`);
          names.add(name);
        }
        if (!(value instanceof kind) || seen.has(value)) continue;
        seen.add(value);
        yield [joinPath(prefix, name), value];
      }
    }
  }

  /** The parameters with their paths; one that is shared comes once, under its first path. */
  namedParameters({ recurse = true }: { recurse?: boolean } = {}): Generator<[string, Parameter]> {
    return this.namedTensors(Parameter, recurse);
  }

  /** The parameters of this module and, unless `recurse` is false, of those inside it: what an optimiser takes. */
  *parameters({ recurse = true }: { recurse?: boolean } = {}): Generator<Parameter> {
    for (const [, parameter] of this.namedParameters({ recurse })) yield parameter;
  }

  /** The buffers as `buffers()` gives them, each with the path of its fields: `bn1.runningMean`. */
  namedBuffers({ recurse = true }: { recurse?: boolean } = {}): Generator<[string, Buffer]> {
    return this.namedTensors(Buffer, recurse);
  }

  /** The buffers of this module and, unless `recurse` is false, of those inside it. */
  *buffers({ recurse = true }: { recurse?: boolean } = {}): Generator<Buffer> {
    for (const [, buffer] of this.namedBuffers({ recurse })) yield buffer;
  }

  /** The module at a path such as 'encoder.layers.0'; '' is this one. One that stands in several places is found at each. */
  getSubmodule(path: string): Module {
    let module = this as Module;
    for (const name of path === '' ? [] : path.split('.')) {
      const child = module.field(name);
      if (!(child instanceof Module)) throw new ValueError(`${this.constructor.name} has no module '${path}'`);
      module = child;
    }
    return module;
  }

  /** The parameter at a path such as 'encoder.weight'. */
  getParameter(path: string): Parameter {
    const found = this.tensorAt(path);
    if (found instanceof Parameter) return found;
    throw new ValueError(`${this.constructor.name} has no parameter '${path}'`);
  }

  /** The buffer at a path such as 'norm.running_mean'. */
  getBuffer(path: string): Buffer {
    const found = this.tensorAt(path);
    if (found instanceof Buffer) return found;
    throw new ValueError(`${this.constructor.name} has no buffer '${path}'`);
  }

  private tensorAt(path: string): unknown {
    const dot = path.lastIndexOf('.');
    return this.getSubmodule(path.slice(0, Math.max(dot, 0))).field(path.slice(dot + 1));
  }

  /** The field with a state name. */
  private field(name: string): unknown {
    for (const [field, value] of this[FIELDS]()) if (field === name) return value;
    return undefined;
  }

  // ---- modes, gradients, dtype

  /** Puts this module and all below it into training mode (or, false, into evaluation mode). */
  train(mode = true): this {
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** Puts this module and all below it into evaluation mode: no dropout, running statistics. */
  eval(): this {
    return this.train(false);
  }

  /** Drops all gradients (or, false, fills them with zeros). */
  zeroGrad(setToNone = true): void {
    for (const parameter of this.parameters()) {
      if (setToNone) parameter.grad = null;
      else parameter.grad?.detach().zero_();
    }
  }

  /** Says whether all parameters are to get gradients: `false` freezes the module. */
  requiresGrad_(value = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(value);
    return this;
  }

  /** Calls `fn` with every module below this one and with this one, inner ones first. */
  apply(fn: (module: Module) => void): this {
    for (const child of this.children()) child.apply(fn);
    fn(this);
    return this;
  }

  /** Converts float parameters and buffers to a float dtype. The parameter objects stay the same. */
  to(dtype: DType): this {
    withGrad(false, () => {
      for (const [, module] of this.namedModules()) {
        for (const [, value] of module[FIELDS]()) {
          if (!(value instanceof Parameter || value instanceof Buffer) || !value.isFloatingPoint()) continue;
          adoptData(value, value.detach().to(dtype));
          if (value.grad) value.grad = value.grad.to(dtype);
        }
      }
    });
    return this;
  }

  /** Floating-point parameters and buffers to float32, in place. */
  float(): this {
    return this.to('float32');
  }

  /** Floating-point parameters and buffers to float64, in place. */
  double(): this {
    return this.to('float64');
  }

  /** Floating-point parameters and buffers to bfloat16, in place. */
  bfloat16(): this {
    return this.to('bfloat16');
  }

  // ---- state

  /** All parameters and persistent buffers by their PyTorch keys; the tensors share the module's memory. */
  stateDict(): StateDict {
    const state: StateDict = {};
    for (const [prefix, module] of this.pathsOfModules()) {
      const owned = [...module[FIELDS]()].filter(([, value]) => value instanceof Parameter || value instanceof Buffer);
      const kept = owned.filter(([, value]) => !(value instanceof Buffer) || value.persistent) as [string, Tensor][];
      for (const [name, tensor] of kept) {
        const key = joinPath(prefix, name);
        if (key in state) throw new SerializationError(`two fields share the state dict key '${key}'`);
        state[key] = tensor.detach();
      }
    }
    return state;
  }

  /** As `namedModules`, but with every path of a module that stands in several places: a state dict has all of them. */
  private *pathsOfModules(prefix = ''): Generator<[string, Module]> {
    yield [prefix, this];
    for (const [name, value] of this[FIELDS]()) {
      if (value instanceof Module) yield* value.pathsOfModules(joinPath(prefix, name));
    }
  }

  /**
   * Copies values into the module's parameters and buffers.
   * @throws SerializationError listing missing, unexpected and misshapen entries together; with `strict: false` only misshapen
   */
  loadStateDict(state: StateDict | ReadonlyMap<string, Tensor>, options?: LoadOptions): LoadReport {
    return loadInto(this.constructor.name, this.stateDict(), state, options);
  }

  /**
   * An independent copy: parameters and buffers with memory of their own, children copied too, everything else shared, hooks kept.
   * What two places share, they share in the copy. Fields that are private by `#` can't be copied.
   */
  clone(): this {
    return copied(this, new Map()) as this;
  }

  // ---- hooks

  /** Has `hook` called with the inputs before each `forward`; what it returns, unless undefined, takes their place. */
  registerForwardPreHook(hook: ForwardPreHook): HookHandle {
    return register(hooksOf(this).pre, hook);
  }

  /** Has `hook` called with inputs and output after each `forward`; what it returns, unless undefined, takes the output's place. */
  registerForwardHook(hook: ForwardHook): HookHandle {
    return register(hooksOf(this).post, hook);
  }

  /** Calls `hook` with the gradients of the module's inputs and outputs once they are known. */
  registerFullBackwardHook(hook: BackwardHook): HookHandle {
    return register(hooksOf(this).backward, hook);
  }

  // ---- describing

  /** How many products of two numbers one call adds up, this module's children left out; 0 unless a layer says more. */
  multiplyAdds(_inputs: readonly unknown[], _output: unknown): number {
    return 0;
  }

  /** What stands between the parentheses when the module is printed; its own layers print PyTorch's words. */
  extraRepr(): string {
    return '';
  }

  /** The tree of modules, as PyTorch prints it. */
  override toString(): string {
    const children = [...this.namedChildren()].map(([name, child]) => `(${name}): ${indent(String(child))}`);
    const extra = this.extraRepr();
    const { name } = this.constructor;
    if (children.length === 0 && !extra.includes('\n')) return `${name}(${extra})`;
    const lines = [...(extra ? [indent(extra)] : []), ...children];
    return `${name}(\n${lines.map((line) => `  ${line}`).join('\n')}\n)`;
  }

  /**
   * A table of all modules with output shapes, numbers of parameters and multiply-adds, found by running once on zeros in
   * evaluation mode. `inputShape` is the shape of the input, batch dim included, or a list of shapes for several inputs.
   */
  summary(inputShape: Shape | readonly Shape[], options?: SummaryOptions): string {
    return summarize(this, inputShape, options);
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- gives instances their call signature
export interface Module {
  /** Runs hooks and `forward`. */
  (...inputs: Parameters<this['forward']>): ReturnType<this['forward']>;
}

/** A copy of a field; `copies` knows what was copied already. */
function copied(value: unknown, copies: Map<unknown, unknown>): unknown {
  const known = copies.get(value);
  if (known !== undefined) return known;
  let copy: unknown = value;
  if (value instanceof Module) {
    const module = Reflect.construct(Module, [], value.constructor) as Module;
    copies.set(value, module);
    for (const [name, field] of Object.entries(value)) {
      (module as unknown as Record<string, unknown>)[name] = copied(field, copies);
    }
    module.training = value.training;
    const hooks = value[HOOKS];
    if (hooks) {
      module[HOOKS] = { pre: new Set(hooks.pre), post: new Set(hooks.post), backward: new Set(hooks.backward) };
    }
    return module;
  }
  if (value instanceof Parameter) {
    const parameter = new Parameter(value.detach().clone(), { requiresGrad: value.requiresGrad });
    if (value.grad) parameter.grad = value.grad.detach().clone();
    copy = parameter;
  } else if (value instanceof Buffer) copy = new Buffer(value.detach().clone(), { persistent: value.persistent });
  else if (value instanceof Map)
    copy = new Map([...value].map(([key, entry]) => [key, copied(entry, copies)] as const));
  else if (Array.isArray(value)) copy = value.map((entry) => copied(entry, copies));
  copies.set(value, copy);
  return copy;
}

function indent(text: string): string {
  return text.replaceAll('\n', '\n  ');
}

function hooksOf(module: Module): Hooks {
  return (module[HOOKS] ??= { pre: new Set(), post: new Set(), backward: new Set() });
}

function register<T>(set: Set<T>, hook: T): HookHandle {
  set.add(hook);
  return { remove: () => void set.delete(hook) };
}

/** The outermost module that is running, for naming the place of an error. */
let outermost: Module | null = null;
/** The innermost module in which an error arose. */
const places = new WeakMap<FlambeauError, Module>();

/** Calls any module with any inputs, for containers whose children's types they don't know. */
export function call(module: Module, inputs: unknown[]): unknown {
  const isOutermost = outermost === null;
  if (isOutermost) outermost = module;
  try {
    for (const input of inputs) if (input instanceof Promise) refusePromise(module);
    return module[HOOKS] === null ? module[RUN](inputs) : callWithHooks(module, module[HOOKS], inputs);
  } catch (error) {
    if (error instanceof FlambeauError) {
      if (!places.has(error)) places.set(error, module);
      if (isOutermost) namePlace(error, module);
    }
    throw error;
  } finally {
    if (isOutermost) outermost = null;
  }
}

function refusePromise(module: Module): never {
  throw new ValueError(`${module.constructor.name}: expected a tensor, got a promise: await it first`);
}

function namePlace(error: FlambeauError, root: Module): void {
  const place = places.get(error);
  if (place === root) return;
  for (const [path, module] of root.namedModules()) {
    if (module === place) error.message = `${path}: ${error.message}`;
  }
}

function callWithHooks(module: Module, hooks: Hooks, given: unknown[]): unknown {
  let inputs = given;
  for (const hook of hooks.pre) inputs = hook(module, inputs)?.slice() ?? inputs;
  const watched = hooks.backward.size > 0 ? installBackwardHooks(module, hooks.backward, inputs) : null;
  let output = module[RUN](watched?.inputs ?? inputs);
  for (const hook of hooks.post) output = hook(module, inputs, output) ?? output;
  return watched ? watched.finish(output) : output;
}

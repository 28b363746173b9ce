// How a tensor is tied to the graph: whether it needs a gradient, the edge a gradient takes from it, and how results, views
// and in-place changes get their place.
//
// Views. A view remembers its base. When memory is changed in place through any of them, the base gets a new history
// (`SliceReplaced` when a part was changed), the storage's version rises, and every view of it finds its own edge stale and
// makes a new one from the base (`ViewOfBase`) the next time it is asked. So a gradient always follows what the memory held.

import { untracked } from '../backend/storage.js';
import { AutogradError } from '../errors.js';
import { zerosLike } from '../tensor/create.js';
import { isDense, sameShape } from '../tensor/shape.js';
import { allocate, type Tensor } from '../tensor/tensor.js';
import { AccumulateGrad } from './accumulate.js';
import { isGradEnabled, isInferenceModeEnabled } from './mode.js';
import { Node, type Gradient } from './node.js';
import { AutogradState, Edge } from './state.js';

/** Whether a gradient has to find its way to or through the tensor. */
export function requiresGrad(tensor: Tensor): boolean {
  const state = tensor.autograd;
  if (state !== null && state.requiresGrad) return true;
  return tensor.base !== null && viewOfChangedBase(tensor);
}

/** A view made before its base came to need a gradient (through an in-place change) needs one now. */
function viewOfChangedBase(view: Tensor): boolean {
  const base = view.base!.autograd;
  return base !== null && base.requiresGrad && !base.isLeaf && view.viewOrigin !== 'noGrad';
}

/** Whether an operation on this tensor has to be recorded. */
export function records(tensor: Tensor): boolean {
  return isGradEnabled() && requiresGrad(tensor);
}

/** Where the gradient of a tensor goes; null when it needs none. */
export function edgeOf(tensor: Tensor): Edge | null {
  if (!requiresGrad(tensor)) return null;
  const base = tensor.base;
  let state = tensor.autograd;
  if (base !== null && !(state?.isLeaf ?? false) && requiresGrad(base)) {
    if (state === null || state.viewVersion !== tensor.storage.version) {
      state = tensor.autograd ??= new AutogradState(true, null, false);
      state.requiresGrad = true;
      state.edge = new Edge(new ViewOfBase(tensor, base), 0);
      state.viewVersion = tensor.storage.version;
    }
  }
  return (state!.edge ??= new Edge(new AccumulateGrad(tensor), 0));
}

/** Makes `result` the result number `index` of `node`. */
export function setHistory(result: Tensor, node: Node, index = 0): void {
  const state = new AutogradState(true, new Edge(node, index), false);
  state.viewVersion = result.storage.version;
  result.autograd = state;
}

/** Ties a view to the tensor it was taken from. */
export function setBase(view: Tensor, of: Tensor, multiple = false): void {
  view.base = of.base ?? of;
  view.viewOrigin = !isGradEnabled() ? 'noGrad' : multiple ? 'multiple' : of.viewOrigin;
}

/** Refuses an in-place change that differentiation can't follow. */
export function checkInPlace(tensor: Tensor, operation: string, recorded: boolean): void {
  if (tensor.storage.version === untracked && !isInferenceModeEnabled()) {
    throw new AutogradError(
      'a tensor made in inferenceMode is being changed in place outside of it: change a clone()',
    ).during(operation);
  }
  if (!isGradEnabled()) return;
  if (tensor.autograd?.isLeaf && tensor.autograd.requiresGrad) {
    throw new AutogradError(
      'a leaf tensor that requires a gradient is being changed in place. Do it inside noGrad(() => ...), or on a clone()',
    ).during(operation);
  }
  const base = tensor.base;
  if (base === null || !(recorded || requiresGrad(base))) return;
  if (base.autograd?.isLeaf && base.autograd.requiresGrad) {
    throw new AutogradError(
      'a view of a leaf tensor that requires a gradient is being changed in place. Do it inside noGrad(() => ...)',
    ).during(operation);
  }
  if (tensor.viewOrigin === 'noGrad') {
    throw new AutogradError(
      'a view made inside noGrad is being changed in place outside of it: make the view outside',
    ).during(operation);
  }
  if (tensor.viewOrigin === 'multiple') {
    throw new AutogradError(
      'a view is being changed in place that came from a function returning several views (split, chunk, unbind). ' +
        'Such views can be read only: use narrow or select, or a clone()',
    ).during(operation);
  }
}

/**
 * Gives `tensor`, whose memory now holds the values of `value`, the history of `value`: the way every in-place operation ends.
 * The caller has written the memory and raised the version. `value` null: constants were written.
 */
export function replaceHistory(tensor: Tensor, value: Edge | null): void {
  const base = tensor.base ?? tensor;
  const before = edgeOf(base);
  if (before === null && value === null) return;
  if (tensor.base !== null) setEdge(base, before, new Edge(new SliceReplaced(before, value, base, tensor), 0));
  else setEdge(base, before, value ?? new Edge(new Overwritten(before, null), 0));
}

/** As `replaceHistory`, for values that don't come from the tensor's own: those it had get a gradient of zero. */
export function overwriteHistory(tensor: Tensor, value: Edge | null): void {
  const before = tensor.base === null ? edgeOf(tensor) : null;
  replaceHistory(tensor, before === null ? value : new Edge(new Overwritten(before, value), 0));
}

/** The tensor's gradient goes along `edge` from now on; what was to be kept of it is what arrives there. */
function setEdge(tensor: Tensor, before: Edge | null, edge: Edge): void {
  const state = (tensor.autograd ??= new AutogradState(true, null, false));
  state.requiresGrad = true;
  state.isLeaf = false;
  state.edge = edge;
  state.viewVersion = tensor.storage.version;
  const kept = before?.node.retained;
  if (!kept?.some((entry) => entry.tensor === tensor)) return;
  before!.node.retained = kept.filter((entry) => entry.tensor !== tensor);
  (edge.node.retained ??= []).push({ index: edge.index, tensor });
}

/** The values were overwritten: no gradient goes to the old ones. */
class Overwritten extends Node {
  readonly name = 'CopyBackward0';
  constructor(before: Edge | null, value: Edge | null) {
    super([before, value]);
  }
  backward([grad]: readonly Gradient[]): Gradient[] {
    return grad ? [this.edges[0] ? zerosLike(grad) : null, grad] : [null, null];
  }
}

/** Layout of a view within its base's memory. */
interface Layout {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

function layoutWithin(view: Tensor, base: Tensor): Layout {
  return { shape: view.shape, strides: view.strides, offset: view.offset - base.offset };
}

/** A tensor of zeros in which `layout`, given for `base`'s strides, finds its elements: [zeros, the part]. */
function zerosLikeBase(base: Layout, dtype: Tensor['dtype'], layout: Layout): [Tensor, Tensor] {
  if (!isDense(base.shape, base.strides)) {
    throw new AutogradError(
      'gradients through views of an expanded or overlapping tensor changed in place: use a clone()',
    );
  }
  const flat = allocate([base.shape.reduce((n, size) => n * size, 1)], dtype).zero_();
  return [flat.asStrided(base.shape, base.strides, 0), flat.asStrided(layout.shape, layout.strides, layout.offset)];
}

/** A view's history after its base changed: the gradient lands in its place among zeros. */
class ViewOfBase extends Node {
  readonly name = 'AsStridedBackward0';
  private readonly layout: Layout;
  private readonly base: Layout;
  constructor(view: Tensor, base: Tensor) {
    super([edgeOf(base)]);
    this.layout = layoutWithin(view, base);
    this.base = { shape: base.shape, strides: base.strides, offset: 0 };
  }
  backward([grad]: readonly Gradient[]): Gradient[] {
    if (!grad) return [null];
    const [whole, part] = zerosLikeBase(this.base, grad.dtype, this.layout);
    part.copy_(grad);
    return [whole];
  }
}

/** A base's history after a part of it was overwritten: the part's gradient goes to the new values, the rest to the old. */
class SliceReplaced extends Node {
  readonly name = 'CopySlices';
  private readonly layout: Layout;
  private readonly base: Layout;
  constructor(before: Edge | null, value: Edge | null, base: Tensor, part: Tensor) {
    super([before, value]);
    this.layout = layoutWithin(part, base);
    this.base = { shape: base.shape, strides: base.strides, offset: 0 };
  }
  backward([grad]: readonly Gradient[]): Gradient[] {
    if (!grad) return [null, null];
    const whole = inLayout(grad, this.base);
    const part = whole.asStrided(this.layout.shape, this.layout.strides, this.layout.offset);
    const gradValue = this.edges[1] ? part.clone() : null;
    part.zero_();
    return [this.edges[0] ? whole : null, gradValue];
  }
}

/** A copy of `tensor` with exactly these strides. */
function inLayout(tensor: Tensor, layout: Layout): Tensor {
  const flat = allocate([tensor.numel()], tensor.dtype);
  return flat.asStrided(layout.shape, layout.strides, 0).copy_(tensor);
}

/** Whether two tensors cover the same elements of the same memory. */
export function sameWindow(a: Tensor, b: Tensor): boolean {
  return (
    a.storage === b.storage && a.offset === b.offset && sameShape(a.shape, b.shape) && sameShape(a.strides, b.strides)
  );
}

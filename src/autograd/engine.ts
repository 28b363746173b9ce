// The backward engine: walks the graph from the results to the leaves, each node once, when all gradients for it are there,
// later operations first.
//
// Memory. Gradients under way belong to the engine: every storage made during the walk is logged, `Storage.inFlight` counts
// the places that still wait for it, and at zero it goes back to the pool at once. A tensor that user code saw (a hook, a
// Function, `retainGrad`, a captured gradient) is taken off the count (`keep`) and left to garbage collection.

import { backend } from '../backend/active.js';
import type { Storage } from '../backend/storage.js';
import { traced, tracer } from '../backend/trace.js';
import { AutogradError } from '../errors.js';
import { sameShape, show } from '../tensor/shape.js';
import { setAllocationLog, type Tensor } from '../tensor/tensor.js';
import { withoutAutocast } from './autocast.js';
import { AccumulateGrad } from './accumulate.js';
import { checkAnomaly } from './anomaly.js';
import { withGrad } from './mode.js';
import type { Gradient, Node } from './node.js';
import { keep } from './ownership.js';
import { ReadyQueue } from './ready-queue.js';
import type { Edge } from './state.js';

export interface WalkOptions {
  readonly retainGraph: boolean;
  readonly createGraph: boolean;
  /** Where gradients are caught and returned; undefined: they run through to the leaves. */
  readonly captures?: readonly Edge[] | undefined;
  /** With captures: whether leaves among them collect their gradient as well. */
  readonly accumulate?: boolean;
}

/** A node's place in one walk. */
class Task {
  /** How many edges still have to deliver. */
  pending = 0;
  readonly gradients: Gradient[] = [];
  /** With captures: the result numbers to catch and where they go. */
  captures: { index: number; position: number }[] | null = null;
  /** Whether the way to a capture leads through this node. */
  needed = true;

  constructor(readonly node: Node) {}
}

/** Sends `gradients` into `roots` and walks the graph; returns the captured gradients. */
export function walk(roots: readonly Edge[], gradients: readonly Tensor[], options: WalkOptions): Gradient[] {
  const log: Storage[] | null = options.createGraph ? null : [];
  const outerLog = setAllocationLog(log);
  try {
    return traced('backward', 'backward', () =>
      withoutAutocast(() => withGrad(options.createGraph, () => new Walk(log, options).run(roots, gradients))),
    );
  } finally {
    setAllocationLog(outerLog);
    for (const storage of log ?? []) storage.inFlight = -1;
    backend.stepEnded();
  }
}

class Walk {
  private readonly tasks = new Map<Node, Task>();
  private readonly ready = new ReadyQueue<Task>((task) => task.node.sequence);
  private readonly captured: Gradient[];

  constructor(
    private readonly log: Storage[] | null,
    private readonly options: WalkOptions,
  ) {
    this.captured = new Array<Gradient>(options.captures?.length ?? 0).fill(null);
  }

  run(roots: readonly Edge[], gradients: readonly Tensor[]): Gradient[] {
    this.discover(roots);
    if (this.options.captures) this.markNeeded(roots, this.options.captures);
    for (let i = 0; i < roots.length; i++) this.deliver(roots[i]!, gradients[i]!);
    for (const root of new Set(roots.map((edge) => edge.node))) {
      const task = this.tasks.get(root)!;
      if (task.pending === 0) this.ready.push(task);
    }
    for (let task = this.ready.pop(); task !== undefined; task = this.ready.pop()) this.execute(task);
    return this.captured;
  }

  /** Finds all nodes and counts the edges leading into each. */
  private discover(roots: readonly Edge[]): void {
    const stack: Node[] = [];
    const visit = (node: Node): Task => {
      let task = this.tasks.get(node);
      if (task === undefined) {
        task = new Task(node);
        this.tasks.set(node, task);
        stack.push(node);
      }
      return task;
    };
    for (const root of roots) visit(root.node);
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      for (const edge of node.edges) if (edge !== null) visit(edge.node).pending++;
    }
  }

  /** Notes what to catch and which nodes lead there: the others need not run. */
  private markNeeded(roots: readonly Edge[], captures: readonly Edge[]): void {
    for (const task of this.tasks.values()) task.needed = false;
    captures.forEach((edge, position) => {
      const task = this.tasks.get(edge.node);
      if (task) (task.captures ??= []).push({ index: edge.index, position });
    });
    // A node comes after all it leads to, so one pass in post-order settles it.
    const done = new Set<Node>();
    const stack = roots.map((edge) => edge.node);
    while (stack.length > 0) {
      const node = stack.at(-1)!;
      const task = this.tasks.get(node)!;
      const open = done.has(node) ? [] : node.edges.filter((edge) => edge !== null && !done.has(edge.node));
      if (open.length > 0) {
        for (const edge of open) stack.push(edge!.node);
        continue;
      }
      stack.pop();
      done.add(node);
      task.needed = node.edges.some((edge) => {
        const next = edge && this.tasks.get(edge.node)!;
        return next !== null && (next.needed || next.captures !== null);
      });
      if (task.captures && node instanceof AccumulateGrad) task.needed = this.options.accumulate ?? false;
    }
  }

  private deliver(edge: Edge, gradient: Tensor): void {
    const { gradients } = this.tasks.get(edge.node)!;
    while (gradients.length <= edge.index) gradients.push(null);
    const present = gradients[edge.index];
    gradients[edge.index] = present ? this.sum(present, gradient) : gradient;
    hold(gradients[edge.index]!);
    if (present) this.drop(present);
  }

  /** Two gradients for one place; the first one's memory is used again where nobody else waits for it. */
  private sum(present: Tensor, more: Tensor): Tensor {
    const own = present.storage.inFlight === 1 && this.log !== null;
    if (own && present.isContiguous() && present.storage !== more.storage && sameShape(present.shape, more.shape)) {
      return present.dtype === more.dtype ? present.add_(more) : present.add(more);
    }
    return present.add(more);
  }

  private execute(task: Task): void {
    const { node, gradients } = task;
    this.runHooks(node, gradients);
    if (task.captures) {
      for (const { index, position } of task.captures) {
        const gradient = gradients[index] ?? null;
        if (gradient) keep(gradient);
        this.captured[position] = gradient;
      }
    }
    if (task.needed && gradients.some((gradient) => gradient !== null)) this.runNode(node, gradients);
    else this.finishEdges(node, NOTHING);
    for (const gradient of gradients) if (gradient) this.drop(gradient);
    this.sweep();
  }

  private runNode(node: Node, gradients: readonly Gradient[]): void {
    let results: readonly Gradient[];
    if (node.isUserCode) {
      for (const gradient of gradients) if (gradient) keep(gradient);
      results = unlogged(() => traced(node.name, 'backward', () => node.backward(gradients)));
    } else if (tracer === null) {
      results = node.backward(gradients);
    } else {
      results = traced(node.name, 'backward', () => node.backward(gradients));
    }
    checkAnomaly(node, results);
    if (!this.options.retainGraph) node.release();
    this.finishEdges(node, results);
  }

  /** Hands each input's gradient on, and makes ready what now has all of its own. */
  private finishEdges(node: Node, results: readonly Gradient[]): void {
    const { edges } = node;
    for (let i = 0; i < edges.length; i++) {
      const edge = edges[i];
      if (!edge) continue;
      const result = results[i];
      if (result) this.deliver(edge, result);
      const next = this.tasks.get(edge.node)!;
      if (--next.pending === 0) this.ready.push(next);
    }
  }

  private runHooks(node: Node, gradients: Gradient[]): void {
    if (node.hooks !== null) {
      node.hooks.forEach((hooks, index) => {
        for (const hook of hooks ?? []) {
          const gradient = gradients[index];
          if (!gradient) continue;
          keep(gradient);
          const replacement = unlogged(() => hook(gradient));
          if (replacement) gradients[index] = checkReplacement(replacement, gradient);
        }
      });
    }
    for (const { index, tensor } of node.retained ?? []) {
      const gradient = gradients[index];
      if (!gradient || !tensor.autograd) continue;
      keep(gradient);
      tensor.autograd.grad = tensor.autograd.grad ? keep(tensor.autograd.grad.add(gradient)) : gradient;
    }
  }

  /** One place less waits for the gradient. */
  private drop(gradient: Tensor): void {
    const { storage } = gradient;
    if (storage.inFlight > 0 && --storage.inFlight === 0) backend.release(storage);
  }

  /** Gives back what the last node made for itself only. */
  private sweep(): void {
    const { log } = this;
    if (log === null) return;
    for (const storage of log) if (storage.inFlight === 0) backend.release(storage);
    log.length = 0;
  }
}

const NOTHING: readonly Gradient[] = [];

/** One place more waits for the gradient. */
function hold(gradient: Tensor): void {
  if (gradient.storage.inFlight >= 0) gradient.storage.inFlight++;
}

/** Runs a user's code, whose tensors are none of the engine's business. */
function unlogged<R>(fn: () => R): R {
  const log = setAllocationLog(null);
  try {
    return fn();
  } finally {
    setAllocationLog(log);
  }
}

function checkReplacement(replacement: Tensor, gradient: Tensor): Tensor {
  if (!sameShape(replacement.shape, gradient.shape)) {
    throw new AutogradError(
      `a hook returned a gradient of shape ${show(replacement.shape)}, expected ${show(gradient.shape)}`,
    );
  }
  return replacement;
}

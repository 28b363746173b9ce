// A node of the graph: one recorded operation. It knows where the gradients of its inputs go and how to compute them from
// the gradients of its results.

import type { Tensor } from '../tensor/tensor.js';
import type { Edge, TensorHook } from './state.js';

let nextSequence = 0;

/** A gradient, or null where none came or none is wanted. */
export type Gradient = Tensor | null;

/** A step of a recorded computation: knows how a gradient of its results becomes gradients of its inputs. */
export abstract class Node {
  /** Later operations have higher numbers and run earlier in a backward. */
  readonly sequence: number = nextSequence++;
  /** Per result: functions that see its gradient first. */
  hooks: (Set<TensorHook> | undefined)[] | null = null;
  /** Results that keep their gradient, with their place among the results. */
  retained: { readonly index: number; readonly tensor: Tensor }[] | null = null;
  /** Where the operation was called, when anomalies are being looked for. */
  calledAt: string | null = null;

  /** @param edges per input: where its gradient goes, null where it needs none */
  constructor(readonly edges: readonly (Edge | null)[]) {}

  /** As printed: `AddBackward0`. */
  abstract readonly name: string;

  /** Whether the code is a user's, who may keep hold of the tensors it sees. */
  get isUserCode(): boolean {
    return false;
  }

  /** The gradients of the inputs from those of the results. */
  abstract backward(gradients: readonly Gradient[]): readonly Gradient[];

  /** Lets go of what was saved; a second backward through it is an error if it saved anything. */
  release(): void {}
}

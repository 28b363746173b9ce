// Indexing, random numbers and optimiser steps of the native backend: what each writes to the message page.

import type { Backend, GeneratorState, StridedView } from '../backend.js';
import type { Addon } from './addon.js';
import { begin, handleOf, put, putDType, putFlag, putOperand, putShaped, putView, stateWords } from './message.js';
import { kernel, optimizerKinds, randomOps, scatterOps } from './operations.js';
import { handlesOf } from './reductions.js';

type Indexing = Pick<
  Backend,
  | 'gather'
  | 'scatter'
  | 'indexSelect'
  | 'indexAdd'
  | 'index'
  | 'indexPut'
  | 'countNonzero'
  | 'nonzero'
  | 'random'
  | 'bernoulliFrom'
  | 'optimizerStep'
>;

/** How many parameters one message carries at most. */
const PARAMETERS_PER_CALL = 100;

export function nativeIndexing(addon: Addon): Indexing {
  /** Makes a call that draws from a generator: its state travels on the page. */
  function runDrawing(code: number, state: GeneratorState, views: readonly StridedView[]): void {
    stateWords.set(state);
    addon.run(code, ...handlesOf(views));
    state.set(stateWords);
  }

  return {
    gather(output, input, dim, index) {
      begin();
      putView(output);
      putView(input);
      putView(index);
      put(dim);
      return addon.run(kernel.gather, handleOf(output), handleOf(input), handleOf(index))!;
    },

    scatter(reduce, output, dim, index, source) {
      begin();
      put(scatterOps[reduce]);
      putView(output);
      putView(index);
      put(dim);
      if (typeof source === 'number') {
        putFlag(false);
        putOperand(source, index);
        return addon.run(kernel.scatter, handleOf(output), handleOf(index))!;
      }
      putFlag(true);
      putShaped(source);
      return addon.run(kernel.scatter, handleOf(output), handleOf(index), handleOf(source))!;
    },

    indexSelect(output, input, dim, index) {
      begin();
      putView(output);
      putView(input);
      putView(index);
      put(dim);
      return addon.run(kernel.indexSelect, handleOf(output), handleOf(input), handleOf(index))!;
    },

    indexAdd(output, dim, index, source, alpha) {
      begin();
      put(alpha);
      putView(output);
      putView(index);
      putView(source);
      put(dim);
      return addon.run(kernel.indexAdd, handleOf(output), handleOf(index), handleOf(source))!;
    },

    index(output, input, indices) {
      begin();
      putView(output);
      putView(input);
      put(indices.length);
      for (const index of indices) putShaped(index);
      return addon.run(kernel.index, ...handlesOf([output, input, ...indices]))!;
    },

    indexPut(output, indices, source, accumulate) {
      begin();
      putFlag(accumulate);
      putView(output);
      put(indices.length);
      for (const index of indices) putShaped(index);
      putShaped(source);
      return addon.run(kernel.indexPut, ...handlesOf([output, ...indices, source]))!;
    },

    countNonzero(input) {
      begin();
      putView(input);
      return addon.run(kernel.countNonzero, handleOf(input))!;
    },

    nonzero(output, input) {
      begin();
      putView(output);
      putView(input);
      addon.run(kernel.nonzero, handleOf(output), handleOf(input));
    },

    random(op, output, state, a, b) {
      begin();
      put(randomOps[op]);
      put(a);
      put(b);
      putView(output);
      runDrawing(kernel.random, state, [output]);
    },

    bernoulliFrom(output, probabilities, state) {
      begin();
      putView(output);
      putView(probabilities);
      runDrawing(kernel.bernoulliFrom, state, [output, probabilities]);
    },

    optimizerStep(step) {
      const { parameters, gradients, state } = step;
      for (let start = 0; start < parameters.length; start += PARAMETERS_PER_CALL) {
        const end = Math.min(start + PARAMETERS_PER_CALL, parameters.length);
        const views: StridedView[] = [];
        for (const list of [parameters, gradients, ...state]) {
          for (let i = start; i < end; i++) views.push(list[i]!);
        }
        begin();
        put(optimizerKinds[step.kind]);
        put(end - start);
        put(state.length);
        put(step.scalars.length);
        for (const scalar of step.scalars) put(scalar);
        putDType(parameters[start]!.dtype);
        for (const view of views) putShaped(view);
        addon.runList(kernel.optimizerStep, ...handlesOf(views));
      }
    },
  };
}

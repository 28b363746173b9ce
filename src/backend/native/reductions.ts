// Reductions, scans and sorting of the native backend: what each writes to the message page.

import type { Backend, StridedView } from '../backend.js';
import type { Addon, Handle } from './addon.js';
import { begin, handleOf, put, putFlag, putOptional, putView } from './message.js';
import { kernel, reduceOps } from './operations.js';

type Reductions = Pick<
  Backend,
  'reduce' | 'variance' | 'logSumExp' | 'extremum' | 'cumulative' | 'cumulativeExtremum' | 'sort' | 'topk'
>;

/** The handles of those views that are there. */
export function handlesOf(views: readonly (StridedView | undefined)[]): Handle[] {
  const handles: Handle[] = [];
  for (const view of views) if (view !== undefined) handles.push(handleOf(view));
  return handles;
}

export function nativeReductions(addon: Addon): Reductions {
  /** Kernels of (values, indices, input, dim) with one flag. */
  function alongDim(
    code: number,
    flag: boolean,
    values: StridedView,
    indices: StridedView,
    input: StridedView,
    dim: number,
  ): void {
    begin();
    putFlag(flag);
    putView(values);
    putView(indices);
    putView(input);
    put(dim);
    addon.run(code, handleOf(values), handleOf(indices), handleOf(input));
  }

  return {
    reduce(op, output, input) {
      begin();
      put(reduceOps[op]);
      putView(output);
      putView(input);
      addon.run(kernel.reduce, handleOf(output), handleOf(input));
    },

    variance(output, mean, input, correction) {
      begin();
      put(correction);
      putView(output);
      putOptional(mean);
      putView(input);
      addon.run(kernel.variance, ...handlesOf([output, mean, input]));
    },

    logSumExp(output, input) {
      begin();
      putView(output);
      putView(input);
      addon.run(kernel.logSumExp, handleOf(output), handleOf(input));
    },

    extremum(op, values, indices, input, dim) {
      begin();
      putFlag(op === 'max');
      putOptional(values);
      putView(indices);
      putView(input);
      put(dim);
      addon.run(kernel.extremum, ...handlesOf([values, indices, input]));
    },

    cumulative(op, output, input, dim) {
      begin();
      putFlag(op === 'prod');
      putView(output);
      putView(input);
      put(dim);
      addon.run(kernel.cumulative, handleOf(output), handleOf(input));
    },

    cumulativeExtremum(op, values, indices, input, dim) {
      alongDim(kernel.cumulativeExtremum, op === 'max', values, indices, input, dim);
    },

    sort(values, indices, input, dim, descending) {
      alongDim(kernel.sort, descending, values, indices, input, dim);
    },

    topk(values, indices, input, dim, largest) {
      alongDim(kernel.topk, largest, values, indices, input, dim);
    },
  };
}

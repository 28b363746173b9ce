// The operations as functions. Importing this file also attaches them to tensors as methods.

import '../tensor/printing.js';
import './methods.js';

export * from './activation.js';
export * from './arrange.js';
export * from './combine.js';
export * from './compare-all.js';
export * from './convert.js';
export * from './diagonal.js';
export * from './distinct.js';
export { copy_, fill_, zero_ } from './in-place.js';
export * from './indexing.js';
export * from './matrix.js';
export * from './numerical.js';
export * from './order.js';
export * from './pointwise.js';
export * from './products.js';
export { bernoulli, dropout, multinomial } from './random.js';
export * from './reduction.js';
export { variance as var } from './reduction.js';
export * from './running.js';
export * from './softmax.js';
// The function `slice` makes a range for `index`; a part of a tensor is the method `x.slice(dim, start, end)`.
export { slice } from './indexing.js';
export * from './view.js';

// A tensor's text, held against PyTorch's.

import { tensor, type TensorData } from '../../src/tensor/create.js';
import { setPrintoptions, type PrintOptions } from '../../src/tensor/printing.js';
import type { DType } from '../../src/backend/dtype.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { decode } from './case.js';
import { waysToCall } from './library.js';
import { make } from './recipe.js';

export interface Printed {
  readonly text: string;
  readonly tensor?: unknown;
  readonly data?: unknown;
  readonly dtype?: DType;
  readonly operation?: readonly [name: string, ...args: unknown[]];
  readonly options?: PrintOptions;
}

const DEFAULTS = { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80, sciMode: undefined } as const;

/** dtypes have no prefix here, which may leave room for them on the last line. */
function normalized(text: string): string {
  return text
    .replace('dtype=torch.', 'dtype=')
    .replace(/,\s+dtype=/, ', dtype=')
    .replace(/,\s+(grad_fn|requires_grad)=/, ', $1=');
}

/** What differs from PyTorch's text, or undefined. */
export function printDifference({
  text,
  tensor: recipe,
  data,
  dtype,
  operation,
  options,
}: Printed): string | undefined {
  let value = (recipe ? decode(recipe, make) : tensor(decode(data, make) as TensorData, { dtype: dtype! })) as Tensor;
  if (operation) {
    const [name, ...args] = operation;
    value = waysToCall(name).method!(value, ...args) as Tensor;
  }
  if (options) setPrintoptions(options);
  try {
    const found = String(value);
    return normalized(found) === normalized(text) ? undefined : `prints\n${found}\nin PyTorch\n${text}`;
  } finally {
    setPrintoptions(DEFAULTS);
  }
}

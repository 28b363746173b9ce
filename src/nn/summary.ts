// `module.summary(...)`: a table of a model's modules with output shapes, parameters and multiply-adds.

import { withGrad } from '../autograd/mode.js';
import type { DType } from '../backend/dtype.js';
import { ValueError } from '../errors.js';
import { zeros } from '../tensor/create.js';
import { show, type Shape } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';
import type { Module } from './module.js';

/** Options of `summary`. */
export interface SummaryOptions {
  /** The dtype of the inputs, such as int64 for a model that begins with an embedding; one for all or one each. */
  dtype?: DType | readonly DType[];
}

/** What was seen of one module while the model ran. */
interface Seen {
  output: string;
  multiplyAdds: number;
}

interface Row {
  readonly cells: readonly string[];
}

/** The shapes in any output: a tensor's, those of a list, of a record's fields. */
function shapesOf(output: unknown): string {
  if (output instanceof Tensor) return show(output.shape);
  if (Array.isArray(output))
    return output
      .map(shapesOf)
      .filter((text) => text !== '')
      .join(', ');
  if (output !== null && typeof output === 'object') return shapesOf(Object.values(output));
  return '';
}

function inputsFor(inputShape: Shape | readonly Shape[], dtype: SummaryOptions['dtype'] = 'float32'): Tensor[] {
  const shapes = (Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as readonly Shape[];
  const dtypes = typeof dtype === 'string' ? shapes.map(() => dtype) : dtype;
  if (dtypes.length !== shapes.length) {
    throw new ValueError(`summary: expected ${shapes.length} dtypes, one for each input, got ${dtypes.length}`);
  }
  return shapes.map((shape, i) => zeros(shape, { dtype: dtypes[i]! }));
}

const grouped = (count: number): string => count.toLocaleString('en-US');

export function summarize(model: Module, inputShape: Shape | readonly Shape[], options: SummaryOptions = {}): string {
  const inputs = inputsFor(inputShape, options.dtype);
  const seen = observe(model, inputs);
  const counted = new Set<Tensor>();
  let total = 0;
  let trainable = 0;
  let multiplyAdds = 0;
  const rows: Row[] = [{ cells: ['Module', 'Output shape', 'Parameters', 'Multiply-adds'] }];
  for (const [path, module] of model.namedModules()) {
    let own = 0;
    for (const parameter of module.parameters({ recurse: false })) {
      if (counted.has(parameter)) continue;
      counted.add(parameter);
      own += parameter.numel();
      if (parameter.requiresGrad) trainable += parameter.numel();
    }
    total += own;
    const facts = seen.get(module);
    multiplyAdds += facts?.multiplyAdds ?? 0;
    const depth = path === '' ? 0 : path.split('.').length;
    const name = path === '' ? module.constructor.name : `${path.split('.').at(-1)!}: ${module.constructor.name}`;
    const count = (value: number): string => (value === 0 ? '-' : grouped(value));
    rows.push({
      cells: ['  '.repeat(depth) + name, facts?.output ?? '-', count(own), count(facts?.multiplyAdds ?? 0)],
    });
  }
  return [
    ...table(rows),
    `Parameters: ${grouped(total)}, of them trained: ${grouped(trainable)}`,
    `Multiply-adds: ${grouped(multiplyAdds)}`,
  ].join('\n');
}

/** Runs the model once and notes what comes out of each module. */
function observe(model: Module, inputs: readonly Tensor[]): Map<Module, Seen> {
  const seen = new Map<Module, Seen>();
  const modes = new Map<Module, boolean>();
  const handles = [];
  for (const module of model.modules()) {
    modes.set(module, module.training);
    handles.push(
      module.registerForwardHook((which, given, output) => {
        const before = seen.get(which)?.multiplyAdds ?? 0;
        seen.set(which, { output: shapesOf(output), multiplyAdds: before + which.multiplyAdds(given, output) });
      }),
    );
  }
  try {
    model.eval();
    withGrad(false, () => (model as unknown as (...inputs: readonly Tensor[]) => unknown)(...inputs));
  } finally {
    for (const handle of handles) handle.remove();
    for (const [module, mode] of modes) module.training = mode;
  }
  return seen;
}

/** Columns aligned: the first two to the left, numbers to the right. */
function table(rows: readonly Row[]): string[] {
  const widths = rows[0]!.cells.map((_, column) => Math.max(...rows.map((row) => row.cells[column]!.length)));
  const lines = rows.map((row) =>
    row.cells
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
  const rule = '-'.repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  return [lines[0]!, rule, ...lines.slice(1), rule];
}

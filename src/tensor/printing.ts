// Tensors as text, in PyTorch's format: 4 digits, one width for all elements, scientific notation where sizes differ much,
// large tensors summarised by their edges. Importing this file gives tensors their `toString`.
// https://pytorch.org/docs/stable/generated/torch.set_printoptions.html

import { dtypes } from '../backend/dtype.js';
import { ValueError } from '../errors.js';
import { getDefaultDtype } from './promotion.js';
import { Tensor, window } from './tensor.js';

/** Options of `setPrintoptions`. */
export interface PrintOptions {
  /** Digits behind the point. */
  precision?: number;
  /** How many elements a tensor may have to be printed whole. */
  threshold?: number;
  /** How many elements of each dim's ends are printed of a larger one. */
  edgeitems?: number;
  /** Characters in a line. */
  linewidth?: number;
  /** Scientific notation always or never; undefined: where sizes differ much. */
  sciMode?: boolean | undefined;
}

const settings: Required<Omit<PrintOptions, 'sciMode'>> & { sciMode: boolean | undefined } = {
  precision: 4,
  threshold: 1000,
  edgeitems: 3,
  linewidth: 80,
  sciMode: undefined,
};

/** Changes how tensors are printed. */
export function setPrintoptions(options: PrintOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (!(name in settings)) throw new ValueError(`setPrintoptions: unknown option '${name}'`);
    if (name !== 'sciMode' && !(typeof value === 'number' && value >= 0)) {
      throw new ValueError(`setPrintoptions: expected a number >= 0 for ${name}, got ${String(value)}`);
    }
  }
  Object.assign(settings, options);
}

type Element = number | bigint;

/** Writes the elements of one tensor, all equally wide. */
class Formatter {
  width = 1;
  private style: 'integer' | 'whole' | 'fixed' | 'scientific' | 'bool';

  constructor(elements: readonly Element[], dtype: Tensor['dtype']) {
    const { kind } = dtypes[dtype];
    this.style = kind === 'float' ? 'whole' : kind === 'bool' ? 'bool' : 'integer';
    if (kind === 'float') this.chooseStyle((elements as number[]).filter((x) => Number.isFinite(x) && x !== 0));
    else for (const element of elements) this.width = Math.max(this.width, this.bare(element).length);
  }

  private chooseStyle(values: readonly number[]): void {
    if (values.length === 0) return;
    const sizes = values.map(Math.abs);
    const largest = sizes.reduce((a, b) => Math.max(a, b));
    const smallest = sizes.reduce((a, b) => Math.min(a, b));
    const whole = values.every(Number.isInteger);
    const spread = largest / smallest > 1000 || largest > 1e8 || (!whole && smallest < 1e-4);
    this.style = (settings.sciMode ?? spread) ? 'scientific' : whole ? 'whole' : 'fixed';
    for (const value of values) this.width = Math.max(this.width, this.bare(value).length);
  }

  private bare(element: Element): string {
    if (this.style === 'bool') return element ? 'True' : 'False';
    if (typeof element === 'bigint' || this.style === 'integer') return String(element);
    if (Number.isNaN(element)) return 'nan';
    if (!Number.isFinite(element)) return element > 0 ? 'inf' : '-inf';
    if (this.style === 'scientific') return scientific(element, settings.precision);
    return this.style === 'whole' ? `${fixed(element, 0)}.` : fixed(element, settings.precision);
  }

  format(element: Element): string {
    return this.bare(element).padStart(this.width);
  }
}

/** Decimal digits rounded as C does it: exact halves to the even digit, where JavaScript rounds them up. */
function evenHalves(digits: number, write: (digits: number) => string): string {
  const text = write(digits);
  const [mantissa = '', exponent] = text.split('e');
  const tail = write(Math.min(digits + 60, 100))
    .split('e')[0]!
    .split('.')[1]!
    .slice(digits);
  if (!/^50*$/.test(tail) || !/[13579]$/.test(mantissa)) return text;
  const down = String(BigInt(mantissa.replace('.', '')) - 1n).padStart(digits + 1, '0');
  const rounded = digits === 0 ? down : `${down.slice(0, -digits)}.${down.slice(-digits)}`;
  return exponent === undefined ? rounded : `${rounded}e${exponent}`;
}

function sign(value: number): string {
  return value < 0 || Object.is(value, -0) ? '-' : '';
}

/** `digits` behind the point. */
function fixed(value: number, digits: number): string {
  const size = Math.abs(value);
  return sign(value) + evenHalves(digits, (count) => size.toFixed(count));
}

function scientific(value: number, digits: number): string {
  const size = Math.abs(value);
  const [mantissa = '', exponent = ''] = evenHalves(digits, (count) => size.toExponential(count)).split('e');
  return `${sign(value)}${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}

/** Positions of a dim that are printed; -1 stands for those left out. */
function shown(size: number, summarize: boolean): number[] {
  const { edgeitems } = settings;
  const all = Array.from({ length: size }, (_, i) => i);
  return summarize && size > 2 * edgeitems ? [...all.slice(0, edgeitems), -1, ...all.slice(size - edgeitems)] : all;
}

function part(tensor: Tensor, index: number): Tensor {
  return window(tensor, tensor.shape.slice(1), tensor.strides.slice(1), tensor.offset + index * tensor.strides[0]!);
}

/** The elements that will be printed, in order. */
function collect(tensor: Tensor, summarize: boolean): Element[] {
  if (!summarize || tensor.ndim === 0) return [...tensor.data()];
  return shown(tensor.shape[0]!, true).flatMap((i) => (i < 0 ? [] : collect(part(tensor, i), true)));
}

function layOut(tensor: Tensor, formatter: Formatter, indent: number, summarize: boolean, next: () => Element): string {
  if (tensor.ndim === 0) return formatter.format(next());
  const places = shown(tensor.shape[0]!, summarize);
  if (tensor.ndim === 1) {
    const perLine = Math.max(1, Math.floor((settings.linewidth - indent) / (formatter.width + 2)));
    const items = places.map((i) => (i < 0 ? ' ...' : formatter.format(next())));
    const lines: string[] = [];
    for (let i = 0; i < items.length; i += perLine) lines.push(items.slice(i, i + perLine).join(', '));
    return `[${lines.join(`,\n${' '.repeat(indent + 1)}`)}]`;
  }
  const parts = places.map((i) => (i < 0 ? '...' : layOut(part(tensor, i), formatter, indent + 1, summarize, next)));
  return `[${parts.join(`,${'\n'.repeat(tensor.ndim - 1)}${' '.repeat(indent + 1)}`)}]`;
}

function suffixes(tensor: Tensor, isEmpty: boolean): string[] {
  const { dtype } = tensor;
  const result: string[] = [];
  if (isEmpty && tensor.ndim !== 1) result.push(`size=(${tensor.shape.join(', ')}${tensor.ndim === 1 ? ',' : ''})`);
  const evident = dtype === getDefaultDtype() || (!isEmpty && (dtype === 'int64' || dtype === 'bool'));
  if (!evident) result.push(`dtype=${dtype}`);
  if (tensor.gradFn) result.push(`grad_fn=<${tensor.gradFn.name}>`);
  else if (tensor.requiresGrad) result.push('requires_grad=True');
  return result;
}

/** The tensor as PyTorch prints it (dtypes by their names here: `dtype=float64`). */
export function format(tensor: Tensor): string {
  const prefix = 'tensor(';
  const isEmpty = tensor.numel() === 0;
  let body = '[]';
  if (!isEmpty) {
    const summarize = tensor.numel() > settings.threshold;
    const plain = window(tensor, tensor.shape, tensor.strides, tensor.offset);
    const elements = collect(plain, summarize);
    let position = 0;
    body = layOut(plain, new Formatter(elements, tensor.dtype), prefix.length, summarize, () => elements[position++]!);
  }
  let text = prefix + body;
  let lineLength = text.length - text.lastIndexOf('\n') + 1;
  for (const suffix of suffixes(tensor, isEmpty)) {
    if (lineLength + suffix.length + 2 > settings.linewidth) {
      text += `,\n${' '.repeat(prefix.length)}${suffix}`;
      lineLength = prefix.length + suffix.length;
    } else {
      text += `, ${suffix}`;
      lineLength += suffix.length + 2;
    }
  }
  return `${text})`;
}

declare module './tensor.js' {
  interface Tensor {
    /** The tensor in PyTorch's print format. */
    toString(): string;
  }
}

Tensor.prototype.toString = function () {
  return format(this);
};
Object.defineProperty(Tensor.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: Tensor): string {
    return this.toString();
  },
});

// Values as Python writes them, so that a printed module reads as it does in PyTorch: `Conv2d(1, 8, kernel_size=(3, 3), bias=False)`.

import { stateName } from './names.js';

/** A number that is a float in PyTorch: 1 prints as `1.0`, 0.00001 as `1e-05`. */
export class PythonFloat {
  constructor(readonly value: number) {}

  toString(): string {
    const { value } = this;
    if (Number.isNaN(value)) return 'nan';
    if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
      return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
    }
    return Number.isInteger(value) ? `${value}.0` : String(value);
  }
}

export function asFloat(value: number): PythonFloat {
  return new PythonFloat(value);
}

/** A value in Python's words: True, None, (3, 3). */
export function pythonText(value: unknown): string {
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value === null || value === undefined) return 'None';
  if (Array.isArray(value)) {
    return value.length === 1 ? `(${pythonText(value[0])},)` : `(${value.map(pythonText).join(', ')})`;
  }
  if (typeof value === 'number' && !Number.isInteger(value)) return String(new PythonFloat(value));
  return value instanceof PythonFloat ? value.toString() : `${value as string | number}`;
}

/** `{ inFeatures: 2, bias: true }` as `in_features=2, bias=True`. */
export function describe(options: Readonly<Record<string, unknown>>): string {
  return Object.entries(options)
    .map(([name, value]) => `${stateName(name)}=${pythonText(value)}`)
    .join(', ');
}

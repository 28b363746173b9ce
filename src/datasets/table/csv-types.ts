// What the texts in a CSV file's columns stand for, as pandas takes them: numbers, truth values, or texts.

import { DatasetError, ValueError } from '../../errors.js';

/** What the fields of a column become. */
export type CsvType = 'number' | 'boolean' | 'string';

/** How the fields of a CSV file become values. Plain, so that it can travel. */
export interface CsvTyping {
  readonly types: readonly CsvType[];
  /** What stands for a value that is missing; in columns of texts only what was named. */
  readonly nulls: readonly string[];
  readonly nullsInTexts: boolean;
}

/** How many records are looked at to tell the types. */
export const typingRecords = 10_000;
/** And how many characters of them at the most. */
export const typingLength = 2 ** 26;

const plainNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const otherNumber = /^(nan|[+-]?inf(inity)?)$/i;
const truth = /^(true|false)$/i;

/** Whether a text is a number, and one that a number can hold: `007` and long keys are texts. */
function isNumber(text: string): boolean {
  if (otherNumber.test(text)) return true;
  if (!plainNumber.test(text) || /^[+-]?0\d/.test(text)) return false;
  return !/^[+-]?\d+$/.test(text) || Number.isSafeInteger(Number(text));
}

/**
 * Tells each column's type from the first records.
 * @param given types of columns by name, which come first
 * @throws ValueError for a type or a column that doesn't exist
 */
export function inferTyping(
  records: readonly (readonly string[])[],
  columns: readonly string[],
  given: Readonly<Record<string, CsvType>>,
  nulls: readonly string[] | undefined,
): CsvTyping {
  for (const [name, type] of Object.entries(given)) {
    if (!columns.includes(name)) {
      throw new ValueError(`fromCsv: types names '${name}', but the columns are ${columns.join(', ')}`);
    }
    if (type !== 'number' && type !== 'boolean' && type !== 'string') {
      throw new ValueError(`fromCsv: the type of '${name}' must be number, boolean or string, got '${String(type)}'`);
    }
  }
  const missing = new Set(nulls ?? ['']);
  const types = columns.map((name, i): CsvType => {
    if (Object.hasOwn(given, name)) return given[name]!;
    const texts = records.map((record) => record[i]!).filter((text) => !missing.has(text));
    if (texts.length === 0) return 'string';
    if (texts.every(isNumber)) return 'number';
    return texts.every((text) => truth.test(text)) ? 'boolean' : 'string';
  });
  return { types, nulls: [...missing], nullsInTexts: nulls !== undefined };
}

/** A field's value. @throws DatasetError when it is none of its column's type */
export function csvValue(
  text: string,
  column: number,
  { types, nulls, nullsInTexts }: CsvTyping,
  where: () => string,
): string | number | boolean | null {
  const type = types[column]!;
  if ((type !== 'string' || nullsInTexts) && nulls.includes(text)) return null;
  if (type === 'string') return text;
  if (type === 'number' && isNumber(text)) return toNumber(text);
  if (type === 'boolean' && truth.test(text)) return text.toLowerCase() === 'true';
  const shown = text.length > 40 ? `${text.slice(0, 40)}...` : text;
  throw new DatasetError(
    `${where()} is '${shown}', but its column is one of type ${type} by the types given or its first ${typingRecords} ` +
      `records: pass its type, { types: { NAME: 'string' } }, or say what stands for nothing, { nulls: ['', '${shown}'] }`,
  );
}

function toNumber(text: string): number {
  const lower = text.toLowerCase();
  if (lower === 'nan') return NaN;
  if (lower.includes('inf')) return lower.startsWith('-') ? -Infinity : Infinity;
  return Number(text);
}

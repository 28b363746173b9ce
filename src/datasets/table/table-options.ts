// What the functions that open tables have in common.

import path from 'node:path';
import { ValueError } from '../../errors.js';
import { LateLine } from '../../io/late-line.js';
import type { ProgressMode } from '../../io/progress.js';
import { isTransform, type TransformLike } from '../../transforms/transform.js';
import { namedMedia, type Features } from './media.js';
import type { RowSteps } from './row-steps.js';
import { TableStream } from './table-stream.js';
import { Table } from './table.js';
import type { Row, TableSource } from './table-source.js';

/** What tables of every format can be told. */
export interface TableOptions<T = Row> {
  /** The columns to read; default all. */
  readonly columns?: readonly string[] | undefined;
  /** Of a folder, the files of one split: `train`. */
  readonly split?: string | undefined;
  /** Columns that hold pictures (PNG, JPEG), or paths of such files; found by itself where the bytes are in the table. */
  readonly images?: readonly string[] | undefined;
  /** Columns that hold sounds (WAV), or paths of such files; found likewise. */
  readonly audio?: readonly string[] | undefined;
  /** What to make of a column's values: of decoded pictures, of `{ waveform, sampleRate }`, of texts and numbers. */
  readonly transforms?: Readonly<Record<string, TransformLike<never, unknown>>> | undefined;
  /** What to make of a row after that; default the row. */
  readonly transform?: TransformLike<Row, T> | undefined;
  /** Whether rows are read from the files as they are needed, not all into memory; default false. */
  readonly streaming?: boolean | undefined;
  /**
   * How to show on standard error how far the reading of a table as a whole is, once it takes longer than a second. Default
   * `auto`: a bar on a terminal, nothing elsewhere; `lines` is for logs.
   */
  readonly progress?: ProgressMode | undefined;
  /** Ends the reading. */
  readonly signal?: AbortSignal | undefined;
}

/** Opens a source as the options ask: as a whole or as a stream. */
export async function openTable<T>(
  source: TableSource,
  options: TableOptions<T>,
  features: Features,
  caller: string,
): Promise<Table<T> | TableStream<T>> {
  const { transforms = {}, transform, streaming = false, signal } = options;
  for (const [name, step] of Object.entries(transforms)) {
    if (source.columns !== undefined && !source.columns.includes(name)) {
      throw new ValueError(`${caller}: transforms names '${name}', but the columns are ${source.columns.join(', ')}`);
    }
    if (!isTransform(step))
      throw new ValueError(`${caller}: the transform of '${name}' is neither a function nor has forward()`);
  }
  const known = <V>(record: Readonly<Record<string, V>>): Record<string, V> =>
    Object.fromEntries(Object.entries(record).filter(([name]) => source.columns?.includes(name) ?? true));
  const steps: RowSteps<T> = {
    features: {
      media: { ...known(features.media), ...namedMedia(options, source.columns, caller) },
      classes: known(features.classes),
    },
    transforms,
    transform,
  };
  if (streaming) return new TableStream(source, steps);
  const line = new LateLine({
    label: `reading ${path.basename(source.files[0]!)}`,
    unit: 'rows',
    mode: options.progress,
  });
  try {
    return await Table.read(source, steps, signal, (rows) => line.update(rows));
  } finally {
    line.finish();
  }
}

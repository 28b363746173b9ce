// What a row of the benchmark is: a program that sets itself up once and is then run again and again.

export interface Program {
  /** One run. A promise is waited for. */
  readonly run: () => unknown;
  /** Whether what `run` returns is the seconds that count of it. */
  readonly timesItself?: true;
  /** How many of the row's unit one run does; 1 unless given. */
  readonly repeats?: number;
  /** Floating-point operations of one unit, as far as arithmetic bounds it. */
  readonly flops?: number;
  /** Bytes that one unit must move at least, for what memory bounds. */
  readonly bytes?: number;
}

/** Programs by the names of their rows. The same names stand in the Python file beside. */
export type Rows = Readonly<Record<string, () => Program | Promise<Program>>>;

// The errors a program can test for with `instanceof`. Each message states the operation, what was
// met (shapes, dtypes, values) and what would have been right; the classes only say which kind it is.

/** What all errors of this library are. `operation` names the operation that refused its input. */
export class FlambeauError extends Error {
  /** The operation's name, once known; it then stands in front of the message. */
  operation?: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }

  /** Puts the operation's name in front of the message, once: the innermost operation is the one to name. */
  during(operation: string): this {
    if (this.operation === undefined) {
      this.operation = operation;
      this.message = `${operation}: ${this.message}`;
    }
    return this;
  }
}

/** Shapes, dims or sizes that don't fit together. */
export class ShapeError extends FlambeauError {}
/** An element type that the operation can't take or produce. */
export class DTypeError extends FlambeauError {}
/** An index, dim or class number out of range. */
export class IndexError extends FlambeauError {}
/** A differentiation that can't be done: no graph, a freed graph, a saved tensor changed since. */
export class AutogradError extends FlambeauError {}
/** A DataLoader that was asked for something impossible, or whose worker failed. */
export class DataLoaderError extends FlambeauError {}
/** A data set that can't be fetched, trusted or read. */
export class DatasetError extends FlambeauError {}
/** A file that none of its addresses delivered: the network, a server, or what came was not what was published. */
export class DownloadError extends DatasetError {}
/** A weights file that can't be read, trusted or matched. */
export class SerializationError extends FlambeauError {}
/** An argument outside what the function accepts (a negative learning rate, an unknown option). */
export class ValueError extends FlambeauError {}

// Bytes that mean themselves (a file's content, an encoded picture), not a vector of numbers.

/** Bytes that collate to a list of `Uint8Array`s, whatever their lengths: see `bytes`. */
export class Bytes {
  static readonly moduleUrl = import.meta.url;

  constructor(readonly data: Uint8Array) {}
}

/** Marks an array's content as bytes: in a batch it stays an array of its own and is not stacked into a tensor. */
export function bytes(data: Uint8Array): Bytes {
  return new Bytes(data);
}

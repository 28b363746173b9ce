// A block of memory that belongs to a backend. Tensors that share memory share a Storage; nobody above
// this floor looks inside. When no tensor refers to it any more, garbage collection gives it back.

/** The version of a block made in inference mode, which stays what it is however often one is added. */
export const untracked = -Infinity;

/** A backend's block of memory. */
export class Storage {
  /**
   * Counts in-place changes to the block's content; what was saved for a backward remembers its value. `untracked` for a
   * block made in inference mode, where nobody counts.
   */
  version = 0;
  /** How many gradients under way in a running backward lie here; -1: the block isn't the engine's to give back. */
  inFlight = -1;

  /**
   * @param handle what the backend knows the block by
   * @param byteOffset where the storage begins inside that block (small storages share one)
   * @param byteLength its size in bytes
   */
  constructor(
    public handle: unknown,
    readonly byteOffset: number,
    readonly byteLength: number,
  ) {}
}

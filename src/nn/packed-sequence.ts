// Sequences of different lengths as recurrent layers run over them: padded to one length, or packed, where the elements of all
// sequences at one time step lie together and none are padding.

import { ShapeError, ValueError } from '../errors.js';
import { cat } from '../ops/combine.js';
import { fromTypedArray } from '../tensor/create.js';
import { show } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';
import { packingOrder } from './packing-order.js';
import { guarded } from '../tensor/guarded.js';
import { signatures } from './signatures.js';

/** Made by `packPaddedSequence` and `packSequence`; recurrent layers take and return it. */
export class PackedSequence {
  constructor(
    /** The elements, time step after time step: [sum of lengths, ...]. */
    readonly data: Tensor,
    /** How many sequences have an element at each time step; falling. */
    readonly batchSizes: readonly number[],
    /** The order by falling length that sequences were put into: sorted sequence i was given as sortedIndices[i]. */
    readonly sortedIndices: Tensor | null = null,
    /** The way back: sequence i as given is sorted sequence unsortedIndices[i]. */
    readonly unsortedIndices: Tensor | null = null,
  ) {}

  /** The same packing of other elements. */
  withData(data: Tensor): PackedSequence {
    return new PackedSequence(data, this.batchSizes, this.sortedIndices, this.unsortedIndices);
  }
}

/** Lengths as an int64 tensor or an array. */
export type SequenceLengths = Tensor | readonly number[];

/** Options of `packPaddedSequence`. */
export interface PackOptions {
  /** Whether batches come first: [N, T, ...] rather than [T, N, ...]. */
  batchFirst?: boolean;
  /** Whether the sequences are already in order of falling length; true unless given. */
  enforceSorted?: boolean;
}

function positions(list: readonly number[]): Tensor {
  return fromTypedArray(BigInt64Array.from(list, BigInt), [list.length]);
}

/**
 * Packs padded sequences [T, N, ...] (or [N, T, ...]) of the given lengths.
 * @throws ValueError where lengths aren't falling and `enforceSorted` isn't false
 * https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pack_padded_sequence.html
 */
export const packPaddedSequence = guarded(
  signatures.packPaddedSequence,
  (
    input: Tensor,
    lengths: SequenceLengths,
    { batchFirst = false, enforceSorted = true }: PackOptions = {},
  ): PackedSequence => {
    const name = 'packPaddedSequence';
    if (input.ndim < 2) throw new ShapeError(`expected 2 or more dims, got ${show(input.shape)}`).during(name);
    const steps = batchFirst ? input.transpose(0, 1) : input;
    const [longest, count] = steps.shape as [number, number];
    const given = lengths instanceof Tensor ? Array.from(lengths.data(), Number) : lengths;
    if (given.length !== count) {
      throw new ShapeError(`expected ${count} lengths for input ${show(input.shape)}, got ${given.length}`).during(
        name,
      );
    }
    for (const length of given) {
      if (!Number.isInteger(length) || length < 1 || length > longest) {
        throw new ValueError(`${name}: expected lengths from 1 to ${longest}, got ${length}`);
      }
    }
    if (enforceSorted && given.some((length, i) => i > 0 && length > given[i - 1]!)) {
      throw new ValueError(
        `${name}: lengths [${given.join(', ')}] are not falling: sort the batch, or pass { enforceSorted: false }`,
      );
    }
    const order = enforceSorted ? given.map((_, i) => i) : packingOrder(given);
    const ordered = enforceSorted ? steps : steps.indexSelect(1, positions(order));
    const lengthsInOrder = order.map((i) => given[i]!);
    const most = lengthsInOrder[0] ?? 0;
    const batchSizes = Array.from({ length: most }, (_, t) => lengthsInOrder.filter((length) => length > t).length);
    const data = cat(batchSizes.map((size, t) => ordered.select(0, t).narrow(0, 0, size)));
    if (enforceSorted) return new PackedSequence(data, batchSizes);
    const back = new Array<number>(count);
    order.forEach((from, to) => (back[from] = to));
    return new PackedSequence(data, batchSizes, positions(order), positions(back));
  },
);

/** Options of `padPackedSequence`. */
export interface UnpackOptions {
  /** Whether batches come first: [N, T, ...] rather than [T, N, ...]. */
  batchFirst?: boolean;
  /** What stands behind the end of a sequence. */
  paddingValue?: number;
  /** A longer time than the longest sequence to pad to. */
  totalLength?: number | undefined;
}

/** The padded form of packed sequences, in the order in which they were given, and their lengths (int64). */
export const padPackedSequence = guarded(
  signatures.padPackedSequence,
  (
    sequence: PackedSequence,
    { batchFirst = false, paddingValue = 0, totalLength }: UnpackOptions = {},
  ): [output: Tensor, lengths: Tensor] => {
    const { data, batchSizes, unsortedIndices } = sequence;
    const count = batchSizes[0] ?? 0;
    const longest = totalLength ?? batchSizes.length;
    if (longest < batchSizes.length) {
      throw new ValueError(
        `padPackedSequence: expected totalLength of at least ${batchSizes.length}, the longest sequence, got ${longest}`,
      );
    }
    // Where each place of [T, N] finds its element; places behind the end take the extra row of padding.
    const starts: number[] = [];
    let next = 0;
    for (const size of batchSizes) {
      starts.push(next);
      next += size;
    }
    const places: number[] = [];
    for (let t = 0; t < longest; t++) {
      for (let n = 0; n < count; n++) places.push(n < (batchSizes[t] ?? 0) ? starts[t]! + n : next);
    }
    const padding = data.newFull([1, ...data.shape.slice(1)], paddingValue);
    const rows = cat([data, padding]).indexSelect(0, positions(places));
    let output = rows.reshape([longest, count, ...data.shape.slice(1)]);
    const lengths = Array.from({ length: count }, (_, n) => batchSizes.filter((size) => size > n).length);
    let lengthsTensor = positions(lengths);
    if (unsortedIndices) {
      output = output.indexSelect(1, unsortedIndices);
      lengthsTensor = lengthsTensor.indexSelect(0, unsortedIndices);
    }
    return [batchFirst ? output.transpose(0, 1) : output, lengthsTensor];
  },
);

export interface PadOptions {
  /** Whether batches come first: [N, T, ...] rather than [T, N, ...]. */
  batchFirst?: boolean;
  /** What stands behind the end of a sequence. */
  paddingValue?: number;
}

/** Sequences [length, ...] of different lengths side by side in one tensor [T, N, ...] (or [N, T, ...]). */
export const padSequence = guarded(
  signatures.padSequence,
  (sequences: readonly Tensor[], { batchFirst = false, paddingValue = 0 }: PadOptions = {}): Tensor => {
    const [first] = sequences;
    if (!first) throw new ValueError('padSequence: expected one or more sequences');
    const rest = first.shape.slice(1);
    const longest = Math.max(...sequences.map((sequence) => sequence.shape[0] ?? 0));
    const rows = sequences.map((sequence, i) => {
      const same = sequence.ndim === first.ndim && sequence.shape.slice(1).every((size, d) => size === rest[d]);
      if (!same || sequence.ndim === 0) {
        throw new ShapeError(
          `expected sequences [length, ${rest.join(', ')}], sequence ${i} has shape ${show(sequence.shape)}`,
        ).during('padSequence');
      }
      const missing = longest - sequence.shape[0]!;
      const padded = missing === 0 ? sequence : cat([sequence, first.newFull([missing, ...rest], paddingValue)]);
      return padded.unsqueeze(0);
    });
    const batch = cat(rows);
    return batchFirst ? batch : batch.transpose(0, 1);
  },
);

/** Packs sequences [length, ...] of different lengths. */
export const packSequence = guarded(
  signatures.packSequence,
  (sequences: readonly Tensor[], { enforceSorted = true }: { enforceSorted?: boolean } = {}): PackedSequence => {
    const lengths = sequences.map((sequence) => sequence.shape[0] ?? 0);
    return packPaddedSequence(padSequence(sequences), lengths, { enforceSorted });
  },
);

/** The single sequences of a padded batch, without their padding. */
export const unpadSequence = guarded(
  signatures.unpadSequence,
  (padded: Tensor, lengths: SequenceLengths, { batchFirst = false }: { batchFirst?: boolean } = {}): Tensor[] => {
    const batch = batchFirst ? padded : padded.transpose(0, 1);
    const list = lengths instanceof Tensor ? Array.from(lengths.data(), Number) : lengths;
    return list.map((length, i) => batch.select(0, i).narrow(0, 0, length));
  },
);

/** The single sequences of a packing, in the order in which they were given. */
export const unpackSequence = guarded(signatures.unpackSequence, (sequence: PackedSequence): Tensor[] => {
  const [padded, lengths] = padPackedSequence(sequence, { batchFirst: true });
  return unpadSequence(padded, lengths, { batchFirst: true });
});

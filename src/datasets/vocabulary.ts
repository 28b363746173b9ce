// The tokens a model knows and their numbers.

import { IndexError, ValueError } from '../errors.js';
import { fromTypedArray } from '../tensor/create.js';
import { Tensor } from '../tensor/tensor.js';
import { checkTokenizer, tokensOf, type Tokenizer } from './tokenizer.js';

/** Options of `Vocabulary`. */
export interface VocabularyOptions {
  /** How texts become tokens; default `words`. */
  readonly tokenizer?: Tokenizer;
  /** Whether `<bos>` and `<eos>` stand around every encoded text; default false. */
  readonly boundaries?: boolean;
  /** The most tokens of an encoded text, its boundaries among them; the rest is cut off. */
  readonly maxLength?: number | undefined;
}

/** Options of `Vocabulary.build`. */
export interface VocabularyBuildOptions extends VocabularyOptions {
  /** How often a token must occur to be known; default 1. */
  readonly minCount?: number;
  /** The most tokens to know, the special ones among them: the most frequent are taken. */
  readonly size?: number | undefined;
}

/** The number that stands for filling up shorter texts of a batch. */
export const paddingIndex = 0;
/** The number of every token that is not known. */
export const unknownIndex = 1;

const padding = '<pad>';
const unknown = '<unk>';
const begin = '<bos>';
const end = '<eos>';

/** From tokens to numbers; made when first asked for, so that a worker makes its own and none has to travel. */
const numbersOf = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

/**
 * Tokens and their numbers; a transform from a text to an int64 tensor `[tokens]`. 0 is padding (`<pad>`), 1 any unknown
 * token (`<unk>`).
 *
 * ```ts
 * const vocabulary = Vocabulary.build(['the cat', 'the dog'], { minCount: 2 });
 * vocabulary.forward('the bird'); // tensor([2, 1])
 * ```
 */
export class Vocabulary {
  static readonly moduleUrl = import.meta.url;

  private readonly tokenizer: Tokenizer;
  private readonly boundaries: boolean;
  private readonly maxLength: number | undefined;

  /**
   * @param tokens the tokens by their numbers, as `build` or an earlier vocabulary's `tokens` gives them
   * @throws ValueError when they don't begin with the special ones, or one comes twice
   */
  constructor(
    readonly tokens: readonly string[],
    options: VocabularyOptions = {},
  ) {
    const { tokenizer = 'words', boundaries = false, maxLength } = options;
    checkTokenizer(tokenizer, 'Vocabulary');
    const special = specialTokens(boundaries);
    if (special.some((token, i) => tokens[i] !== token)) {
      throw new ValueError(`Vocabulary: the first tokens must be ${special.join(', ')}, as build makes them`);
    }
    if (new Set(tokens).size !== tokens.length) throw new ValueError('Vocabulary: a token comes twice');
    if (maxLength !== undefined && !(Number.isInteger(maxLength) && maxLength > (boundaries ? 2 : 0))) {
      throw new ValueError(`Vocabulary: maxLength must be a whole number with room for a token, got ${maxLength}`);
    }
    this.tokenizer = tokenizer;
    this.boundaries = boundaries;
    this.maxLength = maxLength;
  }

  /**
   * Learns the tokens of texts: the most frequent first, those as frequent in the order of their code units.
   * @throws ValueError for options that make no sense
   */
  static build(texts: Iterable<string>, options: VocabularyBuildOptions = {}): Vocabulary {
    const { minCount = 1, size = Infinity, tokenizer = 'words', boundaries = false } = options;
    checkTokenizer(tokenizer, 'Vocabulary.build');
    const special = specialTokens(boundaries);
    if (!(minCount >= 1)) throw new ValueError(`Vocabulary.build: minCount must be 1 or more, got ${minCount}`);
    if (!(size >= special.length)) {
      throw new ValueError(`Vocabulary.build: size must be ${special.length} or more, got ${size}`);
    }
    const counts = new Map<string, number>();
    for (const text of texts) {
      for (const token of tokensOf(text, tokenizer)) counts.set(token, (counts.get(token) ?? 0) + 1);
    }
    for (const token of special) counts.delete(token);
    const frequent = [...counts]
      .filter(([, count]) => count >= minCount)
      .sort(([a, countOfA], [b, countOfB]) => countOfB - countOfA || (a < b ? -1 : 1))
      .map(([token]) => token);
    return new Vocabulary([...special, ...frequent].slice(0, size), options);
  }

  /** How many tokens are known: `numEmbeddings` of an Embedding over them. */
  get size(): number {
    return this.tokens.length;
  }

  /** The number of a token; that of `<unk>` where it is not known. */
  indexOf(token: string): number {
    let numbers = numbersOf.get(this.tokens);
    if (numbers === undefined) {
      numbers = new Map(this.tokens.map((known, i) => [known, i]));
      numbersOf.set(this.tokens, numbers);
    }
    return numbers.get(token) ?? unknownIndex;
  }

  /** The numbers of a text's tokens: int64 `[tokens]`. */
  forward(text: string): Tensor {
    let tokens = tokensOf(text, this.tokenizer);
    if (this.maxLength !== undefined) tokens = tokens.slice(0, this.maxLength - (this.boundaries ? 2 : 0));
    if (this.boundaries) tokens = [begin, ...tokens, end];
    const numbers = BigInt64Array.from(tokens, (token) => BigInt(this.indexOf(token)));
    return fromTypedArray(numbers, [numbers.length]);
  }

  /** The tokens of numbers; padding is left out. @throws IndexError for a number without a token */
  decode(numbers: Tensor | Iterable<number>): string[] {
    const list = numbers instanceof Tensor ? Array.from(numbers.data(), Number) : [...numbers];
    return list
      .filter((number) => number !== paddingIndex)
      .map((number) => {
        const token = this.tokens[number];
        if (token !== undefined) return token;
        throw new IndexError(`Vocabulary: there is no token ${number}, only 0 to ${this.size - 1}`);
      });
  }
}

function specialTokens(boundaries: boolean): string[] {
  return boundaries ? [padding, unknown, begin, end] : [padding, unknown];
}

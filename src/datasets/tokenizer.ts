// From a text to its tokens: words and punctuation marks, characters, or what a function of one's own finds.

import { ValueError } from '../errors.js';
import { applyTransform, isTransform, type TransformLike } from '../transforms/transform.js';

/**
 * `words`: runs of letters and digits (with apostrophes inside) in lower case, and each other mark that is no space;
 * `characters`: every Unicode character, spaces too; or a function that gives the tokens of a text.
 */
export type Tokenizer = 'words' | 'characters' | TransformLike<string, readonly string[]>;

const words = /[\p{L}\p{M}\p{N}]+(?:['\u2019][\p{L}\p{M}\p{N}]+)*|[^\s\p{L}\p{M}\p{N}]/gu;

/** The tokens of a text in their order. */
export function tokensOf(text: string, tokenizer: Tokenizer): readonly string[] {
  if (tokenizer === 'words') return text.toLowerCase().match(words) ?? [];
  if (tokenizer === 'characters') return Array.from(text);
  return applyTransform(tokenizer, text);
}

/** @throws ValueError for what is none */
export function checkTokenizer(tokenizer: Tokenizer, where: string): void {
  if (tokenizer === 'words' || tokenizer === 'characters' || isTransform(tokenizer)) return;
  throw new ValueError(
    `${where}: tokenizer must be 'words', 'characters' or a function from a text to its tokens, got ${String(tokenizer)}`,
  );
}

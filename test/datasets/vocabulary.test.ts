import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Vocabulary } from 'flambeau/datasets';
import { IndexError, ValueError } from '../../src/errors.js';

const numbers = (vocabulary: Vocabulary, text: string): unknown => vocabulary.forward(text).toArray();

test('the most frequent tokens come first, those as frequent in alphabetical order', () => {
  const vocabulary = Vocabulary.build(['b a b', 'c a b', 'd']);
  assert.deepEqual(vocabulary.tokens, ['<pad>', '<unk>', 'b', 'a', 'c', 'd']);
  assert.equal(vocabulary.size, 6);
  assert.deepEqual(Vocabulary.build(['b a b', 'c a b', 'd'], { minCount: 2 }).tokens, ['<pad>', '<unk>', 'b', 'a']);
  assert.deepEqual(Vocabulary.build(['b a b', 'c a b', 'd'], { size: 3 }).tokens, ['<pad>', '<unk>', 'b']);
});

test('a text becomes an int64 tensor; what is not known is 1', () => {
  const vocabulary = Vocabulary.build(['the cat', 'the dog']);
  const encoded = vocabulary.forward('The bird, the dog');
  assert.equal(encoded.dtype, 'int64');
  assert.deepEqual(encoded.toArray(), [2, 1, 1, 2, 4]);
  assert.deepEqual(vocabulary.forward('').shape, [0]);
  assert.equal(vocabulary.indexOf('cat'), 3);
  assert.equal(vocabulary.indexOf('constructor'), 1, 'names of object properties are no tokens');
});

test('words keep their letters of all scripts and their apostrophes; marks stand alone', () => {
  const vocabulary = Vocabulary.build(["Don't stop: Füße, 3 naïve наука (x_y)!"]);
  assert.deepEqual(
    new Set(vocabulary.tokens.slice(2)),
    new Set(["don't", 'stop', ':', 'füße', ',', '3', 'naïve', 'наука', '(', 'x', '_', 'y', ')', '!']),
  );
});

test('characters, and a function of one’s own', () => {
  const characters = Vocabulary.build(['aba 🎈'], { tokenizer: 'characters' });
  assert.deepEqual(characters.tokens, ['<pad>', '<unk>', 'a', ' ', 'b', '🎈']);
  assert.deepEqual(numbers(characters, '🎈a'), [5, 2]);
  const lines = Vocabulary.build(['x y', 'x z'], { tokenizer: (text: string) => [text] });
  assert.deepEqual(numbers(lines, 'x z'), [3]);
});

test('boundaries and a longest length', () => {
  const vocabulary = Vocabulary.build(['a b c'], { boundaries: true, maxLength: 4 });
  assert.deepEqual(vocabulary.tokens.slice(0, 4), ['<pad>', '<unk>', '<bos>', '<eos>']);
  assert.deepEqual(numbers(vocabulary, 'a'), [2, 4, 3]);
  assert.deepEqual(numbers(vocabulary, 'a b c'), [2, 4, 5, 3]);
});

test('numbers back to tokens', () => {
  const vocabulary = Vocabulary.build(['the cat']);
  assert.deepEqual(vocabulary.decode(vocabulary.forward('the cat the bird')), ['the', 'cat', 'the', '<unk>']);
  assert.deepEqual(vocabulary.decode([3, 0, 0]), ['the']);
  assert.throws(() => vocabulary.decode([4]), IndexError);
});

test('a vocabulary made again from its tokens is the same; other lists are refused', () => {
  const vocabulary = Vocabulary.build(['the cat']);
  assert.deepEqual(numbers(new Vocabulary(vocabulary.tokens), 'the cat'), numbers(vocabulary, 'the cat'));
  assert.throws(() => new Vocabulary(['the', 'cat']), /first tokens must be <pad>, <unk>/);
  assert.throws(() => new Vocabulary(vocabulary.tokens, { boundaries: true }), ValueError);
  assert.throws(() => new Vocabulary(['<pad>', '<unk>', 'a', 'a']), /comes twice/);
});

test('options that make no sense are refused', () => {
  assert.throws(() => Vocabulary.build([], { minCount: 0 }), /minCount must be 1 or more/);
  assert.throws(() => Vocabulary.build([], { size: 1 }), /size must be 2 or more/);
  assert.throws(() => Vocabulary.build([], { tokenizer: 'letters' as 'words' }), /tokenizer must be/);
  assert.throws(() => Vocabulary.build([], { boundaries: true, maxLength: 2 }), /maxLength/);
});

test('it travels to a worker as plain fields', () => {
  const vocabulary = Vocabulary.build(['the cat']);
  assert.match(Vocabulary.moduleUrl, /vocabulary\.[jt]s$/);
  const rebuilt = Object.assign(Object.create(Vocabulary.prototype) as Vocabulary, structuredClone({ ...vocabulary }));
  assert.deepEqual(numbers(rebuilt, 'cat'), [2]);
});

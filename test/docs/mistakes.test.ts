// Every mistake of docs/mistakes.md is made; what is said to it are the words on the page, and they help.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { blocksOf, runProgram, writeProgram, type Block } from './markdown.js';

interface Mistake {
  readonly title: string;
  readonly code: Block;
  readonly answer: Block;
}

/** What a message must tell by the mistake's number: what was expected or is wrong, what came, what to do. */
const tells: Readonly<Record<number, readonly RegExp[]>> = {
  1: [/don't broadcast/, /\[2, 3\] and \[4\]/, /neither is 1/],
  2: [/expected 784/, /got input \[2, 1024\]/, /^ShapeError: body\.1/],
  3: [/one dtype/, /float32 and int64/, /to\(dtype\)/],
  4: [/from -2 to 1/, /dim 2/],
  5: [/zeros: expected shape to be an array/, /got 2/, /such as \[2, 3\]/],
  6: [/one element/, /\[2, 2\]/],
  7: [/'0'/, /Tensor/],
  8: [/'\+'/, /Tensor/],
  9: [/dispose/, /Tensor/],
  10: [/class numbers/, /0\.5 at \[0\]/, /shape of the input/],
  11: [/expected 0 to 2/, /target 3 at \[1\]/],
  13: [/\[4\]/, /\[4, 1\]/, /Give both one shape/],
  17: [/>= 0/, /-0\.1/, /lr/],
  18: [/expected lr, momentum/, /'momentun'/],
  19: [/empty/, /ModuleList/],
  20: [/second time/, /ExpBackward0/, /retainGraph: true/],
  21: [/second time/, /TanhBackward0/, /retainGraph: true/],
  22: [/one element/, /\[2\]/, /sum, mean/],
  23: [/doesn't require a gradient/, /noGrad/, /detached/],
  24: [/version 1, expected version 0/, /ExpBackward0/, /clone\(\)/],
  25: [/leaf/, /sub_/, /noGrad/],
  26: [/only float/, /int64/],
  27: [/null/, /retainGrad\(\)/],
  28: [/state dict/, /a promise/, /await load/],
  29: [/waited for/, /for await/],
  30: [/\[3\]/, /\[1\]\.text/, /resize, crop, pad/],
  31: [/\[0\]\.at/, /Point/, /collateFn/],
  32: [/Numbers/, /moduleUrl = import\.meta\.url/, /numWorkers: 0/],
  33: [/doesn't export 'Numbers'/, /numbers\.ts/, /add `export`/],
  34: [/function/, /collateFn/, /fromModule/],
  35: [/expected \[3, 2\]/, /got \[4, 2\]/, /weight/],
  36: [/wieght/, /Linear/],
  37: [/is JSON/, /weights\.json/, /safetensors/],
};

const [imports, ...rest] = blocksOf('docs/mistakes.md');
const modules = new Map<string, string>();
const mistakes: Mistake[] = [];
let code: Block | undefined;
for (const block of rest) {
  const file = /^\/\/ file: ([\w-]+\.ts)/.exec(block.text)?.[1];
  if (file !== undefined) modules.set(file, block.text);
  else if (block.kind.startsWith('ts')) code = block;
  else if (block.kind.startsWith('text')) mistakes.push({ title: block.heading, code: code!, answer: block });
}

const numberOf = ({ title }: Mistake): number => Number(/^\d+/.exec(title)![0]);

/** One program that makes all mistakes, and prints what came of each as a line of JSON. */
const program = `${imports!.text}
import { run } from './run.js';
${mistakes
  .filter(({ code: { kind } }) => kind === 'ts')
  .map((mistake) => `await run(${numberOf(mistake)}, async () => {\n${mistake.code.text}\n});`)
  .join('\n')}
void [autograd, data, load, nn, noGrad, ones, optim, randn, tensor, zeros, writeFile];
export type { Tensor };
`;

const runner = `import { format } from 'node:util';
export async function run(number: number, make: () => Promise<unknown>): Promise<void> {
  const outcome = { number, error: '', printed: '', warned: '' };
  const { log, warn } = console;
  console.log = (...values: unknown[]) => void (outcome.printed += format(...values) + '\\n');
  console.warn = (...values: unknown[]) => void (outcome.warned += format(...values) + '\\n');
  try {
    await make();
  } catch (error) {
    outcome.error = \`\${(error as Error).name}: \${(error as Error).message}\`;
  }
  Object.assign(console, { log, warn });
  console.log(JSON.stringify(outcome));
}
`;

interface Outcome {
  readonly number: number;
  readonly error: string;
  readonly printed: string;
  readonly warned: string;
}

const files = new Map([...modules, ['run.ts', runner], ['main.ts', program]]);
const refused = mistakes.filter(({ code: { kind } }) => kind === 'ts refused');
for (const mistake of refused) {
  files.set(`refused-${numberOf(mistake)}.ts`, `import { ones } from 'flambeau';\n${mistake.code.text}\n`);
}
let outcomes: ReadonlyMap<number, Outcome>;
let folder: string;

before(async () => {
  folder = writeProgram('mistakes', files);
  const printed = (await runProgram(folder)).replaceAll(`file://${folder}/`, 'file:///project/');
  const lines = printed.split('\n').filter((line) => line !== '');
  outcomes = new Map(lines.map((line) => JSON.parse(line) as Outcome).map((outcome) => [outcome.number, outcome]));
});

test('there are thirty mistakes and more, numbered', () => {
  assert.ok(mistakes.length >= 30);
  assert.deepEqual(
    mistakes.map(numberOf),
    mistakes.map((_, i) => i + 1),
  );
});

for (const mistake of mistakes) {
  const number = numberOf(mistake);
  const { kind, text } = mistake.answer;
  test(mistake.title, () => {
    for (const fact of tells[number] ?? []) assert.match(text, fact);
    if (kind !== 'text') assert.ok(number in tells, `what the message of mistake ${number} must tell`);
    if (mistake.code.kind === 'ts refused') return;
    const { error, printed, warned } = outcomes.get(number)!;
    if (kind === 'text error') assert.equal(error, text);
    else assert.equal(error, '');
    if (kind === 'text warning') assert.equal(warned.trimEnd(), text);
    if (kind === 'text') assert.equal(printed.trimEnd(), text);
  });
}

test('the compiler refuses what the page says it refuses, and nothing else', () => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)).config,
    ts.sys,
    root,
  );
  const names = [...files.keys()].map((file) => join(folder, file));
  const checked = ts.createProgram(names, { ...options, customConditions: [] });
  const found = ts.getPreEmitDiagnostics(checked).map(({ file, messageText }) => ({
    file: file?.fileName.slice(folder.length + 1),
    text: ts
      .flattenDiagnosticMessageText(messageText, '\n')
      .split('\n')[0]!
      .replaceAll(/import\("[^"]*"(?:, \{.*?\} \})?\)\./g, ''),
  }));
  assert.deepEqual(
    found.sort((a, b) => (a.file! < b.file! ? -1 : 1)),
    refused
      .map((mistake) => ({ file: `refused-${numberOf(mistake)}.ts`, text: mistake.answer.text }))
      .sort((a, b) => (a.file < b.file ? -1 : 1)),
  );
});

// Every program of README.md and docs/guide runs, prints what the page shows under it, and compiles under strict types.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { outputsOf, programOf, runProgram, writeProgram } from './markdown.js';
import { prepareFolder } from './example-data.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const chapters = readdirSync(join(root, 'docs', 'guide'))
  .filter((name) => name.endsWith('.md') && name !== 'README.md')
  .map((name) => name.replace(/\.md$/, ''));

const folders: string[] = [];

for (const chapter of chapters) {
  test(`docs/guide/${chapter}.md runs and prints what it shows`, async () => {
    const page = `docs/guide/${chapter}.md`;
    const { files, promises } = programOf(page);
    const folder = writeProgram(chapter, files);
    folders.push(folder);
    await prepareFolder(folder);
    const outputs = outputsOf(await runProgram(folder));
    assert.ok(promises.length > 0, `${page} shows no output`);
    for (const { mark, text, exact } of promises) {
      if (exact) assert.equal(outputs[mark], text.trimEnd(), `${page}: the output of program ${mark}`);
      else assert.equal(shapeOf(outputs[mark]!), shapeOf(text), `${page}: the form of program ${mark}'s output`);
    }
  });
}

test('the fifteen lines of README.md run', async () => {
  const { files } = programOf('README.md');
  // The letters that come with the package, for there is no network here; and one epoch says enough.
  const program = files
    .get('main.ts')!
    .replace('download: true', "variant: 'letters'")
    .replace('epoch < 5', 'epoch < 1');
  assert.match(program, /variant: 'letters'[\s\S]*epoch < 1/);
  assert.match(await runProgram(writeProgram('readme', new Map([['main.ts', program]]))), /end of block 1/);
});

/** A text without its numbers: what stays the same from run to run. */
function shapeOf(text: string): string {
  return text
    .trimEnd()
    .replace(/\d+(?:[.,]\d+)*/g, '#')
    .replace(/[ \t]+/g, ' ');
}

test('the programs of the guide compile under strict types', () => {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)).config,
    ts.sys,
    root,
  );
  const program = ts.createProgram(
    folders.map((folder) => join(folder, 'main.ts')),
    // A reader's program sees the published types.
    { ...options, customConditions: [], noUncheckedIndexedAccess: false, exactOptionalPropertyTypes: false },
  );
  const problems = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line : -1;
    return `${file?.fileName}: ${file?.text.split('\n')[line]}\n  ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
  assert.deepEqual(problems, []);
});

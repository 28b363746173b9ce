// The programs in a page of documentation, and how one is run: in a process of its own, as a reader would.
//
// The ```ts blocks of a page are one program, read from top to bottom. A block that begins with `// file: name.ts` is a
// module of its own beside it. A ```text block under a program shows what it prints; ```text like this, what it may print.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Block {
  /** The line of the page, from 1. */
  readonly line: number;
  /** What stands behind the fence: `ts`, `text`, `text like this`. */
  readonly kind: string;
  readonly text: string;
  /** The nearest heading above. */
  readonly heading: string;
}

/** The fenced blocks of a page, in order. */
export function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  let heading = '';
  let open: { readonly kind: string; readonly line: number; readonly lines: string[] } | undefined;
  readFileSync(join(root, page), 'utf8')
    .split('\n')
    .forEach((line, i) => {
      if (open === undefined) {
        if (line.startsWith('```')) open = { kind: line.slice(3).trim(), line: i + 2, lines: [] };
        else if (line.startsWith('#')) heading = line.replace(/^#+ /, '');
      } else if (line === '```') {
        blocks.push({ kind: open.kind, line: open.line, text: open.lines.join('\n'), heading });
        open = undefined;
      } else {
        open.lines.push(line);
      }
    });
  assert.equal(open, undefined, `${page}: a block is not closed`);
  return blocks;
}

/** A page's program: its files by name (`main.ts` is what runs) and the output it promises, block by block. */
export interface Program {
  readonly files: ReadonlyMap<string, string>;
  readonly promises: readonly { readonly mark: number; readonly text: string; readonly exact: boolean }[];
}

/** The line a program prints where a block of it ends. */
const mark = (number: number): string => `-- end of block ${number} --`;

export function programOf(page: string): Program {
  const main: string[] = [];
  const files = new Map<string, string>();
  const promises: { mark: number; text: string; exact: boolean }[] = [];
  let number = 0;
  for (const { kind, text } of blocksOf(page)) {
    const file = /^\/\/ file: ([\w-]+\.ts)$/m.exec(text.split('\n')[0]!)?.[1];
    if (kind === 'ts' && file !== undefined) files.set(file, text);
    else if (kind === 'ts') main.push(text, `console.log('${mark(++number)}');`);
    else if (kind === 'text') promises.push({ mark: number, text, exact: true });
    else if (kind === 'text like this') promises.push({ mark: number, text, exact: false });
  }
  files.set('main.ts', `${main.join('\n')}\nexport {};\n`);
  return { files, promises };
}

/** Writes a program into a folder of its own below `build/`, whose imports of `flambeau` lead to this package. */
export function writeProgram(name: string, files: ReadonlyMap<string, string>): string {
  const folder = join(root, 'build', 'documents', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of files) writeFileSync(join(folder, file), text);
  return folder;
}

/** Runs `main.ts` in the folder; what it printed. */
export function runProgram(folder: string): Promise<string> {
  const args = ['--conditions=flambeau-source', '--import', 'tsx', 'main.ts'];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: folder, encoding: 'utf8', timeout: 120_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`the program failed: ${error.message}\n${stdout}\n${stderr}`));
      else resolve(stdout);
    });
  });
}

/** What was printed while each block ran, the first block's at 1. */
export function outputsOf(printed: string): string[] {
  return ['', ...printed.split(/-- end of block \d+ --\n/).map((text) => text.trimEnd())];
}

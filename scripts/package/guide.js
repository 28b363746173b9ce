// Somebody who follows the guide: in an empty folder, every command and program of docs/guide/your-own-images.md as it stands
// there, on images that were drawn for the occasion. Two things differ: what is installed as `flambeau` is the packed package, and
// the kernels that an earlier check has compiled lie there when the command that compiles them is given.

import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../bootstrap.js';

const leastAccuracy = 0.8;

const blocksOf = (page, kind) =>
  [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, found]) => found === kind).map(([, , text]) => text);

/**
 * The problems met on the way.
 * @param folder an empty folder
 * @param tarball the packed package
 * @param kernels the folder of compiled kernels
 * @param output runs a command
 */
export function followGuide(folder, tarball, kernels, output) {
  const page = readFileSync(join(root, 'docs', 'guide', 'your-own-images.md'), 'utf8');
  const programs = blocksOf(page, 'ts');
  const commands = blocksOf(page, 'sh').flatMap((text) =>
    text
      .split('\n')
      .map((line) => line.replace(/#.*/, '').trim())
      .filter((line) => line !== ''),
  );
  if (programs.length === 0 || commands.at(-1) !== 'npx tsx train.ts') {
    return { problems: [`the page has ${programs.length} programs and the commands ${commands.join('; ')}`] };
  }
  const loader = pathToFileURL(join(root, 'node_modules', 'tsx', 'dist', 'loader.mjs')).href;
  const drawing = pathToFileURL(join(root, 'test', 'docs', 'example-data.ts')).href;
  const draw = `import { prepareFolder } from '${drawing}'; await prepareFolder(${JSON.stringify(folder)});`;
  output(process.execPath, ['--import', loader, '--input-type=module', '--eval', draw], { cwd: root });
  writeFileSync(join(folder, 'train.ts'), programs.join('\n'));

  let printed = '';
  for (const line of commands) {
    const [command, ...words] = line.split(' ');
    const installs = line.startsWith('npm install');
    const args = installs ? words.map((word) => (word === 'flambeau' ? tarball : word)) : words;
    if (installs) args.push('--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error');
    if (line === 'npx flambeau-build') {
      cpSync(kernels, join(folder, 'node_modules', 'flambeau', 'build'), { recursive: true });
    }
    printed = output(command, args, { cwd: folder }).stdout;
  }
  const [, right, total] = /(\d+) of (\d+) right/.exec(printed) ?? [];
  const problems = [];
  if (total === undefined) problems.push(`the program printed no accuracy: ${printed}`);
  else if (right / total < leastAccuracy) problems.push(`only ${right} of ${total} images are told right`);
  if (!existsSync(join(folder, 'model.safetensors'))) problems.push('no weights were saved');
  return {
    problems,
    notes: [`${commands.length} commands; ${right} of ${total} images told right, weights saved and loaded`],
  };
}

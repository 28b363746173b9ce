// Somebody who follows the guide: the program of docs/guide/your-own-images.md, in a project with nothing but the installed
// package and tsx, on a folder of images that were drawn for the occasion.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../bootstrap.js';

const leastAccuracy = 0.8;

/** The problems met on the way; `output` runs a command. */
export function followGuide(project, output) {
  const page = readFileSync(join(root, 'docs', 'guide', 'your-own-images.md'), 'utf8');
  const blocks = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code);
  if (blocks.length === 0) return { problems: ['the page has no program'] };
  writeFileSync(join(project, 'train.ts'), blocks.join('\n'));

  const loader = ['--import', pathToFileURL(join(root, 'node_modules', 'tsx', 'dist', 'loader.mjs')).href];
  const drawing = pathToFileURL(join(root, 'test', 'docs', 'example-data.ts')).href;
  const draw = `import { prepareFolder } from '${drawing}'; await prepareFolder(${JSON.stringify(project)});`;
  output(process.execPath, [...loader, '--input-type=module', '--eval', draw], { cwd: root });

  const { stdout } = output(process.execPath, [...loader, 'train.ts'], { cwd: project });
  const [, right, total] = /(\d+) of (\d+) right/.exec(stdout) ?? [];
  const problems = [];
  if (total === undefined) problems.push(`the program printed no accuracy: ${stdout}`);
  else if (right / total < leastAccuracy) problems.push(`only ${right} of ${total} images are told right`);
  if (!existsSync(join(project, 'model.safetensors'))) problems.push('no weights were saved');
  return { problems, notes: [`${right} of ${total} images told right, weights saved and loaded`] };
}

// Small programs about differentiation do here what they do in PyTorch, up to the line that is refused: accumulation, the
// life of a graph, higher derivatives, modes, changes in place, views, hooks.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entriesOf } from '../oracle/case.js';
import { programDifferences } from '../oracle/differences.js';
import { programDifference, type Program } from '../oracle/program.js';

for (const program of entriesOf<Program>('programs')) {
  const known = programDifferences[program.name];
  test(known === undefined ? program.name : `${program.name} (not as in PyTorch: ${known})`, () => {
    const finding = programDifference(program);
    if (known === undefined) assert.equal(finding, undefined, `${program.lines.join('\n')}\n${finding}`);
    else assert.notEqual(finding, undefined, 'the difference is gone');
  });
}

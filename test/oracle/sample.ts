// Takes a sample of the derived cases for `npm test`: of every operation, rule and outcome a few, evenly spread, and those that show
// a difference on purpose.
//
//   node --conditions=flambeau-source --import tsx test/oracle/sample.ts FOLDER

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { entriesOf, fixtures, type Case } from './case.js';
import { difference } from './compare.js';
import { explained } from './differences.js';

interface Derived extends Case {
  readonly rule: string;
}

/** Of each kind. */
const COUNT = 4;

const [folder = ''] = process.argv.slice(2);
const entries = entriesOf<Derived>('derived', folder);
const kinds = new Map<string, number[]>();
const taken = new Set<number>();
const shown = new Set<string>();
entries.forEach((entry, i) => {
  const outcome = entry.error === undefined ? (entry.gradError === undefined ? 'runs' : 'has no backward') : 'refused';
  const kind = `${entry.op} ${entry.rule} ${outcome}`;
  const members = kinds.get(kind);
  if (members) members.push(i);
  else kinds.set(kind, [i]);
  const finding = difference(entry, true);
  const known = finding === undefined ? undefined : explained(entry, finding);
  if (!known || shown.has(`${known.what} ${entry.op}`)) return;
  shown.add(`${known.what} ${entry.op}`);
  taken.add(i);
});
for (const members of kinds.values()) {
  const step = Math.max(members.length / COUNT, 1);
  for (let k = 0; k < members.length && k * step < members.length; k++) taken.add(members[Math.floor(k * step)]!);
}

/** Without PyTorch's words, and without what only the table needs. */
function compact({ rule: _rule, error, gradError, check: _check, ...entry }: Derived): object {
  return {
    ...entry,
    ...(error === undefined ? {} : { error: true }),
    ...(gradError === undefined ? {} : { gradError: true }),
  };
}

const sample = [...taken].sort((a, b) => a - b).map((i) => JSON.stringify(compact(entries[i]!)));
writeFileSync(join(fixtures, 'derived.jsonl.gz'), gzipSync(`${sample.join('\n')}\n`, { level: 9 }));
console.log(`${sample.length} of ${entries.length} derived cases kept`);

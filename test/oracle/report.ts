// Runs the table of operations against a folder of PyTorch's results and prints how many cases agree, and those that don't:
//   node --conditions=flambeau-source --import tsx test/oracle/report.ts FOLDER [OPERATION ...]

import { entriesOf } from './case.js';
import { difference } from './compare.js';
import { explained, programDifferences } from './differences.js';
import { printDifference, type Printed } from './print.js';
import { programDifference, type Program } from './program.js';
import { streamDifference, type Sequence } from './stream.js';

const [folder = '', ...names] = process.argv.slice(2);
interface Count {
  cases: number;
  onPurpose: number;
  readonly failures: string[];
}
const counts = new Map<string, Count>();
[...entriesOf('operations', folder), ...entriesOf('derived', folder)].forEach((entry, i) => {
  if (names.length > 0 && !names.includes(entry.op)) return;
  const count: Count = counts.get(entry.op) ?? { cases: 0, onPurpose: 0, failures: [] };
  counts.set(entry.op, count);
  count.cases++;
  const finding = difference(entry, i % 2 === 0);
  if (finding === undefined) return;
  if (explained(entry, finding)) count.onPurpose++;
  else {
    const through = entry.through ? ` through ${JSON.stringify(entry.through)}` : '';
    count.failures.push(`${entry.op}(${JSON.stringify(entry.args)})${through} ${finding}`);
  }
});

function countAll<T>(name: string, findings: (entry: T) => string | undefined): void {
  if (names.length > 0 && !names.includes(name)) return;
  const entries = entriesOf<T>(name, folder);
  const failures = entries.flatMap((entry) => {
    const finding = findings(entry);
    return finding === undefined ? [] : [`${JSON.stringify(entry)} ${finding}`];
  });
  counts.set(`(${name})`, { cases: entries.length, onPurpose: 0, failures });
}
countAll<Printed>('printing', printDifference);
countAll<Program>('programs', (program) =>
  program.name in programDifferences ? undefined : programDifference(program),
);
countAll<Sequence>('streams', streamDifference);

const total: Count = { cases: 0, onPurpose: 0, failures: [] };
console.log('operation                 cases  on purpose  failures');
for (const [name, { cases, onPurpose, failures }] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1))) {
  const columns = [
    name.padEnd(24),
    String(cases).padStart(6),
    String(onPurpose).padStart(11),
    String(failures.length).padStart(9),
  ];
  console.log(columns.join(' '));
  for (const failure of failures) console.log(`    ${failure}`);
  total.cases += cases;
  total.onPurpose += onPurpose;
  total.failures.push(...failures);
}
console.log(
  `${total.cases} cases of ${counts.size} operations: ${total.failures.length} failures, ${total.onPurpose} differences on purpose`,
);
process.exitCode = total.failures.length > 0 ? 1 : 0;

// A reporter for node's test runner: how many tests of each suite (of each file, for tests outside of suites) passed, and what is
// wrong with those that didn't.

import { basename } from 'node:path';

export default async function* counts(events) {
  const passed = new Map();
  const failed = new Map();
  /** Results of tests whose suite has not ended yet, by file. */
  const inSuite = new Map();
  const add = (map, key, count) => map.set(key, (map.get(key) ?? 0) + count);
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const good = type === 'test:pass';
    const isSuite = data.details?.type === 'suite';
    if (!good && !isSuite) yield `not as in PyTorch: ${data.name}: ${reason(data.details?.error)}\n`;
    const waiting = inSuite.get(data.file) ?? { passed: 0, failed: 0 };
    if (!isSuite && data.nesting > 0) {
      waiting[good ? 'passed' : 'failed']++;
      inSuite.set(data.file, waiting);
    } else if (isSuite && data.nesting === 0) {
      add(passed, data.name, waiting.passed);
      add(failed, data.name, waiting.failed);
      inSuite.delete(data.file);
    } else if (!isSuite) {
      add(good ? passed : failed, basename(data.file).replace('.test.ts', ''), 1);
    }
  }
  const names = [...new Set([...passed.keys(), ...failed.keys()])].sort();
  let [total, wrong] = [0, 0];
  yield 'layers, losses, optimisers, schedulers    agree  failures\n';
  for (const name of names) {
    const [right, bad] = [passed.get(name) ?? 0, failed.get(name) ?? 0];
    total += right + bad;
    wrong += bad;
    yield `${name.padEnd(40)} ${String(right).padStart(6)} ${String(bad).padStart(9)}\n`;
  }
  yield `${total} comparisons: ${wrong} failures\n`;
}

/** What an assertion said, in one line. */
function reason(error) {
  return String(error?.cause?.message ?? error?.message ?? error).split('\n')[0];
}

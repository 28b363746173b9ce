// The generated parts of docs/performance.md: what stands between `<!-- NAME -->` and `<!-- end of NAME -->` is written anew
// from the results, the text around it is by hand. The picture of growth is a file of its own.

import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { growthChart } from './chart.js';
import { sourceFolder } from './compiled.js';
import type { Results } from './results.js';
import { growthTable, markdown, peerTable, rowTable } from './tables.js';

const folder = join(dirname(sourceFolder), 'docs');

/** What the tables were measured on. */
function setting({ machine, software }: Results): string {
  if (!machine || !software) return 'Not measured yet.';
  const giga = (value: number): string => (value / 1e9).toFixed(0);
  const peaks =
    machine.flops && machine.bytes
      ? ` Its peak, measured beside the rows: ${giga(machine.flops[0])} GFLOPS on one thread, ${giga(machine.flops[1])} on two;` +
        ` memory ${giga(machine.bytes[0])} GB/s on one, ${giga(machine.bytes[1])} on two.`
      : '';
  return (
    `${machine.cpu}, ${machine.cores} cores.${peaks} flambeau: ${software.flambeau}, Node ${software.node}. ` +
    `PyTorch ${software.pytorch} with ${software.blas}.`
  );
}

/** The generated parts by name. */
export function parts(results: Results): Record<string, string> {
  const { rows, growth, peers, machine } = results;
  return {
    setting: setting(results),
    rows: markdown(rowTable(rows, machine)),
    'growth with batch': markdown(
      growthTable(
        growth.filter(({ width }) => width === 256),
        'batch',
      ),
    ),
    'growth with width': markdown(
      growthTable(
        growth.filter(({ batch }) => batch === 64),
        'width',
      ),
    ),
    peers: peers.length === 0 ? 'Not measured yet.' : markdown(peerTable(peers)),
  };
}

/** `text` with its generated parts replaced. */
export function withParts(text: string, generated: Readonly<Record<string, string>>): string {
  let result = text;
  for (const [name, part] of Object.entries(generated)) {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
    const from = result.indexOf(begin);
    const to = result.indexOf(end);
    if (from < 0 || to < from) throw new Error(`docs/performance.md lacks the markers of '${name}'`);
    result = `${result.slice(0, from + begin.length)}\n${part}\n${result.slice(to)}`;
  }
  return result;
}

export function writeReport(results: Results): void {
  const file = join(folder, 'performance.md');
  writeFileSync(file, withParts(readFileSync(file, 'utf8'), parts(results)));
  if (results.growth.length > 0) writeFileSync(join(folder, 'growth.svg'), growthChart(results.growth));
}

// The guests' side of measure.ts: the same lines in, the same answers out. A row that a library can't do is answered with why.

import { createInterface } from 'node:readline';

const WARM_SECONDS = 0.25;

/** @param rows by name: a function that makes `{ run, repeats? }`, or a text that says why there is none */
export async function serve(rows) {
  let program;
  const measured = async (seconds, least) => {
    await program.run();
    const samples = [];
    for (let total = 0; total < seconds || samples.length < least;) {
      const start = performance.now();
      const result = program.run();
      if (result instanceof Promise) await result;
      const sample = (performance.now() - start) / 1000;
      samples.push(sample);
      total += sample;
    }
    return samples.sort((a, b) => a - b);
  };
  const answer = async (line) => {
    const [command, ...words] = line.split(' ');
    const rest = words.join(' ');
    if (command === 'setup') {
      const make = rows[rest] ?? 'not written for this library';
      if (typeof make === 'string') return { missing: make };
      try {
        program = await make();
        await measured(WARM_SECONDS, 3);
      } catch (error) {
        return { missing: String(error).split('\n')[0] };
      }
      return { repeats: program.repeats ?? 1 };
    }
    if (command === 'round') {
      const samples = await measured(Number(rest), 5);
      return { seconds: samples[samples.length >> 1] / (program.repeats ?? 1) };
    }
    return { peak: process.resourceUsage().maxRSS * 1024 };
  };
  for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await answer(line)));
}

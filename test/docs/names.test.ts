// The flambeau names in docs/guide/from-pytorch.md are there.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as flambeau from 'flambeau';

const page = readFileSync(new URL('../../docs/guide/from-pytorch.md', import.meta.url), 'utf8');

const tensor = flambeau.tensor([[1]]);
const model = new flambeau.nn.Linear(1, 1);
const dataset = new flambeau.data.TensorDataset(tensor);

/** What a name in the tables begins with. */
const subjects: Readonly<Record<string, object>> = {
  x: tensor,
  a: tensor,
  model,
  dataset,
  loss: tensor,
  loader: new flambeau.data.DataLoader(dataset),
  // Of these an instance would write or draw.
  writer: flambeau.visual.SummaryWriter.prototype,
  bar: flambeau.visual.Progress.prototype,
  p: flambeau.profiler.Profile.prototype,
  optimizer: new flambeau.optim.SGD(model.parameters(), { lr: 1 }),
};

/** The names in the right column: `x.sum(1)` gives `x.sum`. */
const names = page
  .split('\n')
  .filter((line) => /^\| .* \| .* \|$/.test(line) && !line.startsWith('| PyTorch'))
  .flatMap((line) =>
    [
      ...line
        .split(' | ')
        .at(-1)!
        .matchAll(/`([^`]+)`/g),
    ].map(([, code]) => code!),
  )
  .map((code) => /^(?:new |await )?([a-zA-Z_]+(?:\.[a-zA-Z_]+)*)(?=\(|$)/.exec(code)?.[1])
  .filter((name): name is string => name !== undefined);

test('the tables name many things', () => assert.ok(names.length > 80, `${names.length}`));

for (const name of new Set(names)) {
  test(name, { skip: ['length', 'getItem', 'int'].includes(name) && 'a word beside a name' }, () => {
    const [first, ...rest] = name.split('.');
    let value: unknown = subjects[first!] ?? (flambeau as unknown as Record<string, unknown>)[first!];
    assert.notEqual(value, undefined, `${first} is not exported`);
    for (const part of rest) {
      assert.ok(part in Object(value), `${name}: there is no ${part}`);
      value = (value as Record<string, unknown>)[part];
    }
  });
}

// Models in bfloat16: they train, and dropout leaves out what it leaves out in float32 under the same seed.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { manualSeed, ones, randn, tensor, type Tensor } from 'flambeau';
import * as nn from 'flambeau/nn';
import * as optim from 'flambeau/optim';

const layers: readonly [name: string, make: () => nn.Module & ((x: Tensor) => Tensor)][] = [
  ['Dropout', () => new nn.Dropout(0.4)],
  ['Dropout2d', () => new nn.Dropout2d(0.4)],
  ['AlphaDropout', () => new nn.AlphaDropout(0.4)],
];
for (const [name, make] of layers) {
  test(`${name} draws the same mask in bfloat16`, () => {
    const layer = make();
    const dropped = (x: Tensor): Tensor => {
      manualSeed(5);
      return layer(x);
    };
    const half = dropped(ones([4, 6, 3, 3], { dtype: 'bfloat16' }));
    const single = dropped(ones([4, 6, 3, 3]));
    assert.equal(half.dtype, 'bfloat16');
    assert.ok(half.float().allclose(single, { rtol: 2 ** -7, atol: 2 ** -7 }));
  });
}

test('a transformer layer with dropout trains in bfloat16', () => {
  manualSeed(0);
  const encoder = new nn.TransformerEncoderLayer(16, 2, { dimFeedforward: 32, batchFirst: true });
  const output = new nn.Linear(16, 3);
  const model = new nn.ModuleList<nn.Module>([encoder, output]).bfloat16();
  const optimizer = new optim.AdamW(model.parameters(), { lr: 0.01 });
  const x = randn([8, 5, 16]).to('bfloat16');
  const targets = tensor([0n, 1n, 2n, 0n, 1n, 2n, 0n, 1n]);
  const losses = Array.from({ length: 30 }, () => {
    optimizer.zeroGrad();
    const loss = nn.functional.crossEntropy(output(encoder(x).mean(1)), targets);
    loss.backward();
    optimizer.step();
    return loss.item();
  });
  assert.ok([...model.parameters()].every(({ dtype }) => dtype === 'bfloat16'));
  assert.ok(losses.at(-1)! < 0.5 * losses[0]!, `${losses[0]} became ${losses.at(-1)}`);
});

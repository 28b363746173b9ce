// The loop that all runs go through: train.py has the same.

import { nn, type optim, type Tensor } from 'flambeau';

export const SEED = 7;

/** What one run consists of. A batch is a tuple: the model's inputs, then the targets. */
export interface Training<Inputs extends readonly unknown[]> {
  readonly loader: AsyncIterable<readonly [...Inputs, Tensor]>;
  readonly model: nn.Module & ((...inputs: Inputs) => Tensor);
  readonly criterion: (output: Tensor, targets: Tensor) => Tensor;
  readonly optimizer: optim.Optimizer;
  /** The norm that all gradients together are clipped to. */
  readonly clip?: number;
  readonly scheduler?: { step(): void };
}

/** The loss of each step. */
export async function trained<Inputs extends readonly unknown[]>(
  { loader, model, criterion, optimizer, clip, scheduler }: Training<Inputs>,
  steps: number,
): Promise<number[]> {
  const losses: number[] = [];
  for (;;) {
    for await (const batch of loader) {
      const inputs = batch.slice(0, -1) as unknown as Inputs;
      const targets = batch.at(-1) as Tensor;
      optimizer.zeroGrad();
      const loss = criterion(model(...inputs), targets);
      loss.backward();
      if (clip !== undefined) nn.utils.clipGradNorm_(model.parameters(), clip);
      optimizer.step();
      scheduler?.step();
      losses.push(loss.item());
      if (losses.length === steps) return losses;
    }
  }
}

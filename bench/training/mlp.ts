// A perceptron with two hidden layers tells points apart by which of four curved regions they lie in.

import { data, nn, optim, tensor, type Tensor } from 'flambeau';
import { Draws } from './draws.js';
import { trained } from './train.js';

const SAMPLES = 480;
const FEATURES = 16;

function points(): data.TensorDataset<readonly [Tensor, Tensor]> {
  const draws = new Draws(1);
  const rows: number[][] = [];
  const labels: bigint[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    const row = Array.from({ length: FEATURES }, () => draws.signed());
    rows.push(row);
    labels.push(BigInt(Number(row[0]! * row[1]! > 0) * 2 + Number(row[2]! + row[3]! > 0.5 * row[4]!)));
  }
  return new data.TensorDataset(tensor(rows), tensor(labels));
}

export function train(steps: number): Promise<number[]> {
  const model = new nn.Sequential(
    new nn.Linear(FEATURES, 64),
    new nn.ReLU(),
    new nn.Linear(64, 32),
    new nn.ReLU(),
    new nn.Linear(32, 4),
  );
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.05, momentum: 0.9, weightDecay: 1e-4 });
  const loader = new data.DataLoader(points(), { batchSize: 32, shuffle: true });
  return trained({ loader, model, criterion: new nn.CrossEntropyLoss(), optimizer }, steps);
}

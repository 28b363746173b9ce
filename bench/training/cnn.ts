// A convolutional network with batch norm and dropout tells four kinds of pictures apart; the last batch is short.

import { data, nn, optim, tensor, type Tensor } from 'flambeau';
import { pictures } from './pictures.js';
import { trained } from './train.js';

class PictureCNN extends nn.Module {
  features = new nn.Sequential(
    new nn.Conv2d(1, 8, 3, { padding: 1 }),
    new nn.BatchNorm2d(8),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(8, 16, 3, { padding: 1 }),
    new nn.BatchNorm2d(16),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
  );
  classifier = new nn.Sequential(
    new nn.Flatten(),
    new nn.Linear(16 * 3 * 3, 32),
    new nn.ReLU(),
    new nn.Dropout(0.5),
    new nn.Linear(32, 4),
  );

  override forward(images: Tensor): Tensor {
    return this.classifier(this.features(images));
  }
}

export function train(steps: number): Promise<number[]> {
  const model = new PictureCNN();
  const optimizer = new optim.Adam(model.parameters(), { lr: 2e-3 });
  const { images, kinds } = pictures(250);
  const dataset = new data.TensorDataset(tensor(images), tensor(kinds));
  const loader = new data.DataLoader(dataset, { batchSize: 32, shuffle: true });
  return trained({ loader, model, criterion: new nn.CrossEntropyLoss(), optimizer }, steps);
}

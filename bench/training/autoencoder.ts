// A convolutional autoencoder squeezes pictures into 72 numbers and draws them again.

import { data, nn, optim, tensor, type Tensor } from 'flambeau';
import { pictures } from './pictures.js';
import { trained } from './train.js';

class Autoencoder extends nn.Module {
  encoder = new nn.Sequential(
    new nn.Conv2d(1, 16, 3, { stride: 2, padding: 1 }),
    new nn.LeakyReLU(0.1),
    new nn.Conv2d(16, 8, 3, { stride: 2, padding: 1 }),
    new nn.Tanh(),
  );
  decoder = new nn.Sequential(
    new nn.ConvTranspose2d(8, 16, 3, { stride: 2, padding: 1, outputPadding: 1 }),
    new nn.LeakyReLU(0.1),
    new nn.ConvTranspose2d(16, 1, 4, { stride: 2, padding: 1 }),
  );

  override forward(images: Tensor): Tensor {
    return this.decoder(this.encoder(images));
  }
}

export function train(steps: number): Promise<number[]> {
  const model = new Autoencoder();
  const optimizer = new optim.RAdam(model.parameters(), { lr: 5e-3 });
  const images = tensor(pictures(256).images);
  const loader = new data.DataLoader(new data.TensorDataset(images, images), { batchSize: 32, shuffle: true });
  return trained({ loader, model, criterion: new nn.MSELoss(), optimizer }, steps);
}

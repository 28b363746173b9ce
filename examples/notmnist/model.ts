// The two models to choose from: images [N, 1, 28, 28] in, logits [N, 10] out.

import { nn, type Tensor } from 'flambeau';

/** Two convolutions with batch norm, then two linear layers. */
export class LetterCNN extends nn.Module {
  features = new nn.Sequential(
    new nn.Conv2d(1, 32, 3, { padding: 1 }),
    new nn.BatchNorm2d(32),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(32, 64, 3, { padding: 1 }),
    new nn.BatchNorm2d(64),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
  );
  classifier = new nn.Sequential(
    new nn.Flatten(),
    new nn.Linear(64 * 7 * 7, 128),
    new nn.ReLU(),
    new nn.Dropout(0.5),
    new nn.Linear(128, 10),
  );

  override forward(images: Tensor): Tensor {
    return this.classifier(this.features(images));
  }
}

/** Linear layers only. */
export class LetterMLP extends nn.Module {
  layers = new nn.Sequential(
    new nn.Flatten(),
    new nn.Linear(784, 512),
    new nn.ReLU(),
    new nn.Dropout(0.2),
    new nn.Linear(512, 256),
    new nn.ReLU(),
    new nn.Linear(256, 10),
  );

  override forward(images: Tensor): Tensor {
    return this.layers(images);
  }
}

// Transforms of samples: `flambeau/transforms`.

export { Compose } from './compose.js';
export { Lambda } from './lambda.js';
export { Normalize } from './normalize.js';
export { ToTensor } from './to-tensor.js';
export { applyTransform, type Picture, type Transform, type TransformLike } from './transform.js';
export type { Image } from '../io/image.js';

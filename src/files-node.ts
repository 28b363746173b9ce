// The parts of the root that read and write files or fetch from the network, as Node has them. In a browser
// `files-browser.ts` stands in for this file.

export * as datasets from './datasets/index.js';
export * as io from './io/index.js';
export * as visual from './visual/index.js';
export { load, loadCheckpoint, save, saveCheckpoint } from './io/index.js';

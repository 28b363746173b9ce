import type { Results } from './results.js';
export function writeReport(_results: Results): void {}

// In place of `files-node.ts` where there is no Node. Every name is there, so that a program's imports resolve; using one
// that needs files says so.

import { FlambeauError } from './errors.js';

function refuse(name: string): never {
  throw new FlambeauError(`${name} reads or writes files, which needs Node: it is not there in a browser`);
}

/** A namespace whose members say, when they are read, that they need Node. */
function absent(namespace: string): object {
  return new Proxy(Object.freeze({}), {
    get: (_target, name) => (typeof name === 'symbol' ? undefined : refuse(`${namespace}.${name}`)),
  });
}

export const datasets = /* @__PURE__ */ absent('datasets');
export const io = /* @__PURE__ */ absent('io');
export const visual = /* @__PURE__ */ absent('visual');

export function load(): never {
  return refuse('load');
}

export function save(): never {
  return refuse('save');
}

export function loadCheckpoint(): never {
  return refuse('loadCheckpoint');
}

export function saveCheckpoint(): never {
  return refuse('saveCheckpoint');
}

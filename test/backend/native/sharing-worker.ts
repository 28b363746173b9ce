// The other thread of memory.test.ts: adopts or makes a block, as its one message says.

import { parentPort } from 'node:worker_threads';

import type { StridedView } from '../../../src/backend/backend.js';
import { loadNativeBackend } from '../../../src/backend/platform/node.js';
import type { Storage } from '../../../src/backend/storage.js';

const backend = loadNativeBackend()!;

interface Message {
  readonly token?: unknown;
  readonly length?: number;
  readonly make?: number;
  readonly value?: number;
  readonly threads?: boolean;
}

function vector(storage: Storage, length: number): StridedView {
  return { storage, dtype: 'float32', shape: [length], strides: [1], offset: 0 };
}

parentPort!.once('message', ({ token, length, make, value, threads }: Message) => {
  if (threads) {
    const before = backend.getNumThreads();
    backend.setNumThreads(2);
    parentPort!.postMessage({ before, after: backend.getNumThreads() });
  } else if (make !== undefined) {
    const view = vector(backend.allocate(4 * make), make);
    backend.fill(view, value!);
    parentPort!.postMessage({ token: backend.share(view.storage), length: make });
  } else {
    const view = vector(backend.adopt(token), length!);
    const sum = vector(backend.allocate(4), 1);
    backend.reduce('sum', sum, view);
    backend.binary('add', view, view, 1);
    parentPort!.postMessage({ sum: backend.readScalar(sum) });
  }
});

// Data sets that the soak's workers read: fresh memory for each sample, collected when the main thread asks for it.

import v8 from 'node:v8';
import vm from 'node:vm';
import { full } from 'flambeau';
import { Dataset, getWorkerInfo, IterableDataset } from 'flambeau/data';

const elements = 5000;
let collect;

/** Sample i: a tensor of i. */
function sample(index, wish) {
  if (Atomics.load(wish, 0) === 1) {
    v8.setFlagsFromString('--expose-gc');
    collect ??= vm.runInNewContext('gc');
    collect();
  }
  return full([elements], index);
}

/** Large samples by index. While `collecting` is set, workers collect their garbage before each, so that what is kept is seen. */
export class Large extends Dataset {
  static moduleUrl = import.meta.url;

  constructor(length, { failing = -1 } = {}) {
    super();
    this.length = length;
    this.failing = failing;
    this.wish = new Int32Array(new SharedArrayBuffer(4));
  }

  set collecting(on) {
    Atomics.store(this.wish, 0, Number(on));
  }

  getItem(index) {
    if (index === this.failing) throw new RangeError(`sample ${index} is torn`);
    return sample(index, this.wish);
  }
}

/** The same as a stream, its samples shared out among the workers. */
export class LargeStream extends IterableDataset {
  static moduleUrl = import.meta.url;

  constructor(length) {
    super();
    this.length = length;
    this.wish = new Int32Array(new SharedArrayBuffer(4));
  }

  set collecting(on) {
    Atomics.store(this.wish, 0, Number(on));
  }

  async *[Symbol.asyncIterator]() {
    const { id, numWorkers } = getWorkerInfo();
    for (let i = id; i < this.length; i += numWorkers) yield sample(i, this.wish);
  }
}

// Where a worker thread begins. The file is found by its name, beside `threads-node`.

import { parentPort, workerData } from 'node:worker_threads';
import { enterWorker } from '../worker-info.js';
import type { Commission, Order, Report } from './messages.js';
import { WorkerLoop } from './worker-loop.js';

enterWorker();
const port = parentPort!;
const loop = new WorkerLoop(
  workerData as Commission,
  (report: Report) => port.postMessage(report),
  () => process.exit(0),
);
port.on('message', (order: Order) => loop.receive(order));

// The main example's command line.

import { parseArgs } from 'node:util';

export interface Options {
  readonly archive: string | undefined;
  readonly variant: 'small' | 'large';
  readonly epochs: number | undefined;
  readonly batchSize: number;
  readonly lr: number;
  readonly seed: number;
  readonly workers: number;
  readonly model: 'mlp' | 'cnn';
  readonly root: string;
  readonly out: string;
}

const HELP = `Trains a classifier of the letters A to J on notMNIST.

  npm start -- [options]

  --archive FILE     a notMNIST archive on disk instead of downloading one
  --variant NAME     small (19,000 letters, the default) or large (529,000)
  --model NAME       cnn (the default) or mlp
  --epochs N         passes over the training letters (5; 1 on the slow backend)
  --batch-size N     letters per step (128)
  --lr X             learning rate (0.001)
  --seed N           seed of weights, order and dropout (0)
  --workers N        worker threads that load batches (2)
  --root FOLDER      where data sets are kept (data)
  --out FOLDER       where the results go (runs/notmnist)
  --help             this text

Without --archive the original archive is downloaded; where it can't be reached
within seconds, the letters that come with the package are used instead.`;

/** A mistake on the command line: its message is all the user needs. */
export class UsageError extends Error {}

function number(name: string, text: string, { whole = true, least = 0 } = {}): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || (whole && !Number.isInteger(value)) || value < least) {
    throw new UsageError(`--${name}: expected a ${whole ? 'whole ' : ''}number of ${least} or more, got '${text}'`);
  }
  return value;
}

function oneOf<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) throw new UsageError(`--${name}: expected ${choices.join(' or ')}, got '${text}'`);
  return choice;
}

/** The options, or undefined when only help was asked for (and printed). */
export function readOptions(args: readonly string[]): Options | undefined {
  const text = { type: 'string' } as const;
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        archive: text,
        variant: { ...text, default: 'small' },
        model: { ...text, default: 'cnn' },
        epochs: text,
        'batch-size': { ...text, default: '128' },
        lr: { ...text, default: '0.001' },
        seed: { ...text, default: '0' },
        workers: { ...text, default: '2' },
        root: { ...text, default: 'data' },
        out: { ...text, default: 'runs/notmnist' },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  if (values.help) {
    console.log(HELP);
    return undefined;
  }
  return {
    archive: values.archive,
    variant: oneOf('variant', values.variant, ['small', 'large']),
    model: oneOf('model', values.model, ['cnn', 'mlp']),
    epochs: values.epochs === undefined ? undefined : number('epochs', values.epochs, { least: 1 }),
    batchSize: number('batch-size', values['batch-size'], { least: 1 }),
    lr: number('lr', values.lr, { whole: false }),
    seed: number('seed', values.seed),
    workers: number('workers', values.workers),
    root: values.root,
    out: values.out,
  };
}

// A loader's place in its epoch as a plain object that JSON can hold, and back. What the place consists of is `epoch.ts`.

import { DataLoaderError } from '../errors.js';
import { Generator } from '../tensor/generator.js';
import type { EpochState } from './epoch.js';

/** What a state must agree in with the loader that takes it up. */
export interface LoaderShape {
  /** Samples of the data set; null where it doesn't say. */
  readonly samples: number | null;
  readonly batchSize: number | null;
  readonly dropLast: boolean;
  readonly order: 'sequential' | 'shuffle' | 'sampler' | 'batchSampler' | 'stream';
}

interface SavedWorker {
  readonly given: number;
  readonly start: string | null;
  readonly now: string | null;
}

interface SavedEpoch {
  readonly generators: readonly string[];
  readonly samplers: readonly unknown[];
  readonly baseSeed: string;
  readonly drewSeed: boolean;
  readonly drawn: number;
  readonly open: readonly number[];
  readonly given: number;
  readonly workers: readonly SavedWorker[];
  readonly turn: number;
}

/** What `stateDict` returns: keep it as it is, in JSON if you like. */
export interface LoaderState extends LoaderShape {
  readonly version: 1;
  readonly generators: readonly string[];
  /** The epoch that was under way; null between epochs. */
  readonly epoch: SavedEpoch | null;
}

/** The parts of a state in the form they are used in. */
export interface LoaderPlace {
  readonly generators: readonly Uint32Array[];
  readonly epoch: EpochState | undefined;
}

export function dumpState(shape: LoaderShape, { generators, epoch }: LoaderPlace): LoaderState {
  return {
    version: 1,
    ...shape,
    generators: generators.map(dump),
    epoch:
      epoch === undefined
        ? null
        : {
            ...epoch,
            generators: epoch.generators.map(dump),
            baseSeed: String(epoch.baseSeed),
            workers: epoch.workers.map(({ given, start, now }) => ({
              given,
              start: start === undefined ? null : dump(start),
              now: now === undefined ? null : dump(now),
            })),
          },
  };
}

/** @throws DataLoaderError when the state is none, or is that of another loader */
export function parseState(shape: LoaderShape, state: LoaderState, numWorkers: number): LoaderPlace {
  if (typeof state !== 'object' || state === null || state.version !== 1 || !Array.isArray(state.generators)) {
    throw refused('expected what stateDict() returned');
  }
  for (const name of ['samples', 'batchSize', 'dropLast', 'order'] as const) {
    if (state[name] !== shape[name]) {
      throw refused(`the state is of a loader whose ${name} is ${state[name]}, this one's is ${shape[name]}`);
    }
  }
  const { epoch } = state;
  const sameWorkers = epoch?.workers.length === numWorkers;
  if (epoch !== null && shape.order === 'stream' && !sameWorkers) {
    throw refused(
      `the epoch of an iterable data set goes on with as many workers as it began with: ${epoch.workers.length}, ` +
        `this loader has ${numWorkers}`,
    );
  }
  try {
    return {
      generators: state.generators.map(parse),
      epoch:
        epoch === null
          ? undefined
          : {
              ...epoch,
              generators: epoch.generators.map(parse),
              baseSeed: BigInt(epoch.baseSeed),
              // With other workers the order of batches is the same; what they draw themselves can't be.
              turn: sameWorkers ? epoch.turn : 0,
              workers: sameWorkers
                ? epoch.workers.map(({ given, start, now }) => ({
                    given,
                    start: start === null ? undefined : parse(start),
                    now: now === null ? undefined : parse(now),
                  }))
                : [],
            },
    };
  } catch (error) {
    throw refused('the state is damaged', { cause: error });
  }
}

/** A generator's state in base64, low bytes first. */
function dump(state: Uint32Array): string {
  const bytes = new DataView(new ArrayBuffer(state.length * 4));
  state.forEach((word, i) => bytes.setUint32(i * 4, word, true));
  return btoa(String.fromCharCode(...new Uint8Array(bytes.buffer)));
}

function parse(text: string): Uint32Array {
  const bytes = new DataView(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer);
  const state = Uint32Array.from({ length: bytes.byteLength / 4 }, (_, i) => bytes.getUint32(i * 4, true));
  return new Generator().setState(state).getState();
}

function refused(problem: string, options?: ErrorOptions): DataLoaderError {
  return new DataLoaderError(`loadStateDict: ${problem}`, options);
}

// One pass over the data: its seed, its tasks in order, and how far it has come, so that it can be taken up elsewhere.

import { DataLoaderError } from '../errors.js';
import { Generator, defaultGenerator } from '../tensor/generator.js';
import type { Task } from './fetcher.js';
import type { Sampler } from './samplers/sampler.js';
import { drawSeed } from './seed.js';

/** What an epoch reads: tasks from a sampler or batch sampler; or of a stream the same task again and again. */
export interface EpochSource {
  readonly tasks: Iterable<Task>;
  /** The loader's generator; the default one where there is none. */
  readonly generator: Generator | undefined;
  /** The samplers that the tasks come from, outermost first. */
  readonly samplers: readonly (Sampler<unknown> | Iterable<unknown>)[];
}

/** How far a worker has come in an epoch. */
export interface WorkerProgress {
  /** How many of its batches were given. */
  given: number;
  /** Its default generator when the epoch began, and when the last batch that was given had been loaded, where known. */
  start?: Uint32Array | undefined;
  now?: Uint32Array | undefined;
}

/** An epoch's place: what it began from and how far it came. */
export interface EpochState {
  /** The states of the generators at its beginning, in the order of `generatorsOf`. */
  readonly generators: readonly Uint32Array[];
  /** The states of the samplers that have one, at its beginning. */
  readonly samplers: readonly unknown[];
  readonly baseSeed: bigint;
  /** Whether the base seed was drawn at its beginning; living workers keep theirs. */
  readonly drewSeed: boolean;
  /** How many tasks were taken from the sampler, and the numbers of those whose batches weren't given yet. */
  readonly drawn: number;
  readonly open: readonly number[];
  readonly given: number;
  readonly workers: readonly WorkerProgress[];
  /** The worker whose turn it was to give. */
  readonly turn: number;
}

/**
 * The generators an epoch may draw from, each once: the loader's, the samplers', and always the default one, from which a
 * data set that is read without workers draws.
 */
export function generatorsOf(source: EpochSource): readonly Generator[] {
  const generators = new Set([source.generator ?? defaultGenerator, defaultGenerator]);
  for (const sampler of source.samplers) {
    if ('generator' in sampler && sampler.generator instanceof Generator) generators.add(sampler.generator);
  }
  return [...generators];
}

type StatefulSampler = Required<Pick<Sampler<unknown>, 'stateDict' | 'loadStateDict'>>;

function statefulSamplers(source: EpochSource): readonly StatefulSampler[] {
  return source.samplers.filter(
    (sampler): sampler is StatefulSampler & Iterable<unknown> =>
      'stateDict' in sampler &&
      typeof sampler.stateDict === 'function' &&
      'loadStateDict' in sampler &&
      typeof sampler.loadStateDict === 'function',
  );
}

/** Where an epoch begins: anew, with the base seed of workers that live on, or in the middle of one that was left. */
export interface EpochBeginning {
  readonly baseSeed?: bigint | undefined;
  readonly resumed?: { readonly epoch: EpochState; readonly generators: readonly Uint32Array[] } | undefined;
}

export class Epoch {
  readonly baseSeed: bigint;
  readonly workers: WorkerProgress[];
  turn: number;
  given: number;
  finished = false;

  private readonly tasks: Iterator<Task>;
  private readonly start: Pick<EpochState, 'generators' | 'samplers' | 'drewSeed'>;
  private readonly generatorsAfter: readonly Uint32Array[] | undefined;
  /** Tasks drawn before the epoch was left, to be given first. */
  private readonly leftOver: { number: number; task: Task }[] = [];
  private readonly open = new Set<number>();
  private drawn = 0;

  constructor(
    private readonly source: EpochSource,
    numWorkers: number,
    { baseSeed, resumed }: EpochBeginning = {},
  ) {
    const { generator } = source;
    const generators = generatorsOf(source);
    const samplers = statefulSamplers(source);
    const from = resumed?.epoch;
    if (from !== undefined) {
      generators.forEach((generator, i) => generator.setState(from.generators[i]!));
      samplers.forEach((sampler, i) => sampler.loadStateDict(from.samplers[i]));
    }
    this.start = {
      generators: generators.map((generator) => generator.getState()),
      samplers: samplers.map((sampler) => sampler.stateDict()),
      drewSeed: from?.drewSeed ?? baseSeed === undefined,
    };
    this.baseSeed = this.start.drewSeed ? drawSeed(generator) : (from?.baseSeed ?? baseSeed!);
    this.tasks = source.tasks[Symbol.iterator]();
    this.given = from?.given ?? 0;
    this.workers = Array.from({ length: numWorkers }, (_, id) => ({ ...(from?.workers[id] ?? { given: 0 }) }));
    this.turn = from?.turn ?? 0;
    this.generatorsAfter = resumed?.generators;
    if (from !== undefined) this.replay(from);
  }

  /** The next task to load; undefined when there are no more. */
  next(): { readonly number: number; readonly task: Task } | undefined {
    return this.leftOver.shift() ?? this.draw();
  }

  /** Notes that the batch of a task was given, by a worker if there are any. */
  noteGiven(number: number, worker?: number): void {
    this.open.delete(number);
    this.given++;
    if (worker === undefined) return;
    this.workers[worker]!.given++;
    this.turn = (worker + 1) % this.workers.length;
  }

  /** Sets the generators to where they were when the epoch was left, once all that is replayed has been. */
  restoreGenerators(): void {
    const { generatorsAfter } = this;
    if (generatorsAfter === undefined) return;
    generatorsOf(this.source).forEach((generator, i) => generator.setState(generatorsAfter[i]!));
  }

  state(): EpochState {
    return {
      ...this.start,
      baseSeed: this.baseSeed,
      drawn: this.drawn,
      open: [...this.open],
      given: this.given,
      workers: this.workers.map((worker) => ({ ...worker })),
      turn: this.turn,
    };
  }

  /** Draws again what had been drawn, keeping what wasn't given. */
  private replay(from: EpochState): void {
    const open = new Set(from.open);
    while (this.drawn < from.drawn) {
      const task = this.draw();
      if (task === undefined) {
        throw new DataLoaderError(
          `the epoch can't be resumed: ${from.drawn} batches had been drawn from the sampler, which now ends after ` +
            `${this.drawn}; has the data set or the sampler changed?`,
        );
      }
      if (open.has(task.number)) this.leftOver.push(task);
      else this.open.delete(task.number);
    }
    this.restoreGenerators();
  }

  private draw(): { number: number; task: Task } | undefined {
    const next = this.tasks.next();
    if (next.done) return undefined;
    const number = this.drawn++;
    this.open.add(number);
    return { number, task: next.value };
  }
}

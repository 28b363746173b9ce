// One transform after the other.

import { CALL, Callable } from '../callable.js';
import { ValueError } from '../errors.js';
import { applyTransform, isTransform, type Picture, type Transform, type TransformLike } from './transform.js';

/** A step whose result is of the same kind as what it was given (a crop of an image is an image). */
interface KeepsKind {
  readonly keepsKind: true;
}

type Step = TransformLike<never, unknown>;

type InputOf<S> = S extends KeepsKind
  ? Picture
  : S extends Transform<infer In, unknown>
    ? In
    : S extends (input: infer In) => unknown
      ? In
      : never;

type OutputOf<S, In> = S extends KeepsKind
  ? In
  : S extends Transform<never, infer Out>
    ? Out
    : S extends (input: never) => infer Out
      ? Out
      : never;

/** What the first step takes. */
export type ComposeInput<Steps extends readonly Step[]> = Steps extends readonly [infer First, ...unknown[]]
  ? InputOf<First>
  : unknown;

/** What comes out at the end when `In` goes in. */
export type ComposeOutput<Steps extends readonly Step[], In> = Steps extends readonly [
  infer First,
  ...infer Rest extends readonly Step[],
]
  ? ComposeOutput<Rest, OutputOf<First, In>>
  : In;

/**
 * Applies transforms in turn.
 * https://pytorch.org/vision/0.14/generated/torchvision.transforms.Compose.html
 *
 * ```ts
 * const transform = new Compose([new ToTensor(), new Normalize([0.5], [0.5])]);
 * ```
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- gives instances their call signature
export class Compose<const Steps extends readonly Step[]> extends Callable {
  static readonly moduleUrl = import.meta.url;
  readonly transforms: Steps;

  /** @throws ValueError for a step that is neither a function nor has a `forward` */
  constructor(transforms: Steps) {
    super();
    transforms.forEach((step: unknown, i) => {
      if (isTransform(step)) return;
      throw new ValueError(`Compose: step ${i} is neither a function nor an object with forward(), got ${typeof step}`);
    });
    this.transforms = transforms;
  }

  forward<In extends ComposeInput<Steps>>(input: In): ComposeOutput<Steps, In> {
    let value: unknown = input;
    for (const step of this.transforms) value = applyTransform(step as TransformLike<unknown, unknown>, value);
    return value as ComposeOutput<Steps, In>;
  }

  /** @internal */
  override [CALL]([input]: [ComposeInput<Steps>]): unknown {
    return this.forward(input);
  }
}

export interface Compose<Steps extends readonly Step[]> {
  <In extends ComposeInput<Steps>>(input: In): ComposeOutput<Steps, In>;
}

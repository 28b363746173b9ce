// What a run tells: accuracy on the test letters, in all and per letter, on the screen and as report.json.

/** Counts of one letter among the test letters. */
interface Count {
  right: number;
  total: number;
}

export class Tally {
  private readonly counts: Map<string, Count>;

  constructor(classes: readonly string[]) {
    this.counts = new Map(classes.map((letter) => [letter, { right: 0, total: 0 }]));
  }

  add(actual: string, predicted: string): void {
    const count = this.counts.get(actual)!;
    count.total++;
    if (actual === predicted) count.right++;
  }

  get accuracy(): number {
    let [right, total] = [0, 0];
    for (const count of this.counts.values()) {
      right += count.right;
      total += count.total;
    }
    return total === 0 ? 0 : right / total;
  }

  /** Accuracy by letter. */
  perClass(): Record<string, number> {
    return Object.fromEntries(
      [...this.counts].map(([letter, { right, total }]) => [letter, total === 0 ? 0 : right / total]),
    );
  }

  /** A line per letter: how many there were, how many were right, a bar. */
  table(): string {
    const lines = [...this.counts].map(([letter, { right, total }]) => {
      const share = total === 0 ? 0 : right / total;
      return `  ${letter}  ${String(right).padStart(5)} of ${String(total).padEnd(5)} ${(share * 100).toFixed(1).padStart(5)} %  ${'#'.repeat(Math.round(share * 30))}`;
    });
    return ['  letter  right', ...lines].join('\n');
  }
}

/** What stands in report.json. */
export interface Report {
  readonly dataset: string;
  readonly trainSize: number;
  readonly testSize: number;
  readonly epochs: number;
  readonly testAccuracy: number;
  /** Training alone. */
  readonly seconds: number;
  readonly perClass: Record<string, number>;
}

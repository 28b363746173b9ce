// How long to wait before a failed request is tried again.

import { setTimeout as sleep } from 'node:timers/promises';

export interface BackOff {
  /** Milliseconds before the first retry; each further one waits twice as long. */
  readonly initial: number;
  /** The longest wait in milliseconds. */
  readonly longest: number;
}

/**
 * The wait in milliseconds before retry number `attempt` (0 is the first): doubled each time, half of it at random, so
 * that many clients cut off at once don't come back at once.
 */
export function backOffDelay(attempt: number, { initial, longest }: BackOff): number {
  const full = Math.min(longest, initial * 2 ** attempt);
  return full / 2 + (full / 2) * Math.random();
}

/** The milliseconds a `Retry-After` header asks for (seconds or a date); undefined when it says nothing usable. */
export function retryAfter(header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Waits; an abort ends the wait by throwing the signal's reason. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal && { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

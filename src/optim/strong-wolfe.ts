// A line search for a step length that satisfies the strong Wolfe conditions: first a bracket around such lengths is found
// by going further and further, then it is narrowed by cubic interpolation. Nocedal & Wright, "Numerical Optimization"
// (2006), algorithms 3.5 and 3.6, with the safeguards and constants of PyTorch's LBFGS.

import type { Tensor } from '../tensor/tensor.js';

/** A point on the line: the step length, and the loss, gradient and slope (along the line) there. */
export interface LinePoint {
  readonly step: number;
  readonly loss: number;
  readonly gradient: Tensor;
  readonly slope: number;
}

export interface LineSearchResult {
  readonly point: LinePoint;
  /** How often the loss was computed. */
  readonly evaluations: number;
}

/** The slope has to fall to this part of the first one, the loss by this part of what the slope promises. */
const sufficientDecrease = 1e-4;
const curvature = 0.9;
const smallestBracket = 1e-9;
const mostEvaluations = 25;

/** The minimum, within bounds, of the cubic through two points with the slopes there. */
function cubicMinimum(a: LinePoint, b: LinePoint, low: number, high: number): number {
  const d1 = a.slope + b.slope - (3 * (a.loss - b.loss)) / (a.step - b.step);
  const square = d1 ** 2 - a.slope * b.slope;
  if (!(square >= 0)) return (low + high) / 2;
  const d2 = Math.sqrt(square);
  const [left, right] = a.step <= b.step ? [a, b] : [b, a];
  const minimum =
    right.step - (right.step - left.step) * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2));
  return Math.min(Math.max(minimum, low), high);
}

/**
 * Searches along a direction from `start` (step 0).
 * @param evaluate computes the point at a step length
 * @param firstStep the length to try first
 * @param directionSize the direction's largest component
 */
export function strongWolfe(
  evaluate: (step: number) => LinePoint,
  start: LinePoint,
  firstStep: number,
  directionSize: number,
): LineSearchResult {
  const tooHigh = (point: LinePoint): boolean =>
    point.loss > start.loss + sufficientDecrease * point.step * start.slope;
  const flat = (point: LinePoint): boolean => Math.abs(point.slope) <= -curvature * start.slope;

  let previous = start;
  let point = evaluate(firstStep);
  let rounds = 0;
  let bracket: [LinePoint, LinePoint] | undefined;
  for (; rounds < mostEvaluations; rounds++) {
    if (tooHigh(point) || (rounds > 1 && point.loss >= previous.loss)) {
      bracket = [previous, point];
      break;
    }
    if (flat(point)) return { point, evaluations: rounds + 1 };
    if (point.slope >= 0) {
      bracket = [previous, point];
      break;
    }
    const next = cubicMinimum(previous, point, point.step + 0.01 * (point.step - previous.step), point.step * 10);
    previous = point;
    point = evaluate(next);
  }
  let evaluations = rounds + 1;
  bracket ??= [start, point];

  const lower = (points: readonly [LinePoint, LinePoint]): 0 | 1 => (points[0].loss <= points[1].loss ? 0 : 1);
  let lowAt = lower(bracket);
  let stalled = false;
  for (; rounds < mostEvaluations; rounds++) {
    const left = Math.min(bracket[0].step, bracket[1].step);
    const right = Math.max(bracket[0].step, bracket[1].step);
    if ((right - left) * directionSize < smallestBracket) break;
    let step = cubicMinimum(bracket[0], bracket[1], left, right);
    // A minimum at the bracket's edge is no progress: the second time, or on the edge itself, try a tenth inside.
    const margin = 0.1 * (right - left);
    if (Math.min(right - step, step - left) < margin) {
      if (stalled || step >= right || step <= left) {
        step = Math.abs(step - right) < Math.abs(step - left) ? right - margin : left + margin;
        stalled = false;
      } else {
        stalled = true;
      }
    } else {
      stalled = false;
    }
    point = evaluate(step);
    evaluations++;
    const low = bracket[lowAt];
    const highAt = lowAt === 0 ? 1 : 0;
    if (tooHigh(point) || point.loss >= low.loss) {
      bracket[highAt] = point;
      lowAt = lower(bracket);
      continue;
    }
    bracket[lowAt] = point;
    if (flat(point)) break;
    if (point.slope * (bracket[highAt].step - low.step) >= 0) bracket[highAt] = low;
  }
  return { point: bracket[lowAt], evaluations };
}

// The order in which packed sequences lie. Equal lengths may lie in any order, but dropout's numbers fall by place, so that a
// training follows PyTorch's only where this order is PyTorch's too: that of C++'s std::sort, which is an introsort.
// Musser, "Introspective sorting and selection algorithms", Software: Practice and Experience 27 (1997).

/** Stretches up to this length are left to the insertion sort at the end. */
const SHORT = 16;

/**
 * The numbers of the sequences from the longest to the shortest. (std::sort turns to a heap sort where partitions stay lopsided
 * to a depth of 2 log2 n, which lengths would have to be made for; this goes on partitioning.)
 */
export function packingOrder(lengths: readonly number[]): number[] {
  const order = lengths.map((_, i) => i);
  const before = (a: number, b: number): boolean => lengths[a]! > lengths[b]!;
  const swap = (i: number, j: number): void => {
    [order[i], order[j]] = [order[j]!, order[i]!];
  };
  const pending: [first: number, last: number][] = [[0, order.length]];
  for (let stretch = pending.pop(); stretch; stretch = pending.pop()) {
    const [first, last] = stretch;
    if (last - first <= SHORT) continue;
    const cut = partition(order, first, last, before, swap);
    pending.push([first, cut], [cut, last]);
  }
  insertionSort(order, before);
  return order;
}

type Before = (a: number, b: number) => boolean;
type Swap = (i: number, j: number) => void;

/** Puts the median of three to the front, then what belongs before it to the left; returns where the right part begins. */
function partition(order: readonly number[], first: number, last: number, before: Before, swap: Swap): number {
  const candidates = [first + 1, first + Math.floor((last - first) / 2), last - 1] as const;
  swap(first, median(order, candidates, before));
  const pivot = order[first]!;
  let left = first + 1;
  let right = last;
  for (;;) {
    while (before(order[left]!, pivot)) left++;
    right--;
    while (before(pivot, order[right]!)) right--;
    if (left >= right) return left;
    swap(left, right);
    left++;
  }
}

/** The place of the middle one of three; of equal ones that which std::sort takes. */
function median(order: readonly number[], [a, b, c]: readonly [number, number, number], before: Before): number {
  const less = (i: number, j: number): boolean => before(order[i]!, order[j]!);
  if (less(a, b)) return less(b, c) ? b : less(a, c) ? c : a;
  return less(a, c) ? a : less(b, c) ? c : b;
}

function insertionSort(order: number[], before: Before): void {
  for (let i = 1; i < order.length; i++) {
    const moved = order[i]!;
    let place = i;
    for (; place > 0 && before(moved, order[place - 1]!); place--) order[place] = order[place - 1]!;
    order[place] = moved;
  }
}

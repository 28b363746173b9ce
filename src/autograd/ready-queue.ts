// A queue that hands out the item with the highest priority first: a binary heap.

export class ReadyQueue<T> {
  private readonly items: T[] = [];

  constructor(private readonly priority: (item: T) => number) {}

  push(item: T): void {
    const { items, priority } = this;
    let place = items.push(item) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (priority(items[parent]!) >= priority(item)) break;
      items[place] = items[parent]!;
      place = parent;
    }
    items[place] = item;
  }

  pop(): T | undefined {
    const { items, priority } = this;
    const first = items[0];
    const last = items.pop();
    if (items.length === 0 || last === undefined) return first;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && priority(items[child + 1]!) > priority(items[child]!)) child++;
      if (priority(items[child]!) <= priority(last)) break;
      items[place] = items[child]!;
      place = child;
    }
    items[place] = last;
    return first;
  }
}

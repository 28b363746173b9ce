// The filters of PNG rows (PNG specification, section 9): each row begins with the number of its filter, which says what of
// the bytes to the left and above was subtracted. Beyond the left and upper edge everything counts as zero.

/**
 * Undoes the filters.
 * @param filtered rows of `1 + stride` bytes
 * @param stride bytes of a row without its filter's number
 * @param step bytes of a pixel
 * @returns the rows without the filters' numbers
 * @throws Error for a filter that doesn't exist
 */
export function unfilterRows(filtered: Uint8Array, stride: number, height: number, step: number): Uint8Array {
  const rows = new Uint8Array(stride * height);
  for (let row = 0; row < height; row++) {
    const from = row * (stride + 1) + 1;
    const to = row * stride;
    const filter = filtered[from - 1]!;
    // With nothing above, what looks up finds zeros: then it is another filter, or none.
    switch (row > 0 ? filter : filter === 2 ? 0 : filter === 4 ? 1 : filter) {
      case 0:
        for (let i = 0; i < stride; i++) rows[to + i] = filtered[from + i]!;
        break;
      case 1:
        addLeft(filtered, from, rows, to, stride, step);
        break;
      case 2:
        for (let i = 0; i < stride; i++) rows[to + i] = filtered[from + i]! + rows[to + i - stride]!;
        break;
      case 3:
        addAverage(filtered, from, rows, to, stride, step);
        break;
      case 4:
        addPaeth(filtered, from, rows, to, stride, step);
        break;
      default:
        throw new Error(`it uses a row filter that does not exist (${filter})`);
    }
  }
  return rows;
}

type Undo = (filtered: Uint8Array, from: number, rows: Uint8Array, to: number, stride: number, step: number) => void;

// Channel by channel, so that what was just computed stays at hand.

const addLeft: Undo = (filtered, from, rows, to, stride, step) => {
  for (let channel = 0; channel < step; channel++) {
    let left = 0;
    for (let i = channel; i < stride; i += step) {
      left = (filtered[from + i]! + left) & 255;
      rows[to + i] = left;
    }
  }
};

const addAverage: Undo = (filtered, from, rows, to, stride, step) => {
  const above = to - stride;
  for (let channel = 0; channel < step; channel++) {
    let left = 0;
    for (let i = channel; i < stride; i += step) {
      const up = above >= 0 ? rows[above + i]! : 0;
      left = (filtered[from + i]! + ((left + up) >> 1)) & 255;
      rows[to + i] = left;
    }
  }
};

/** Below the first row. */
const addPaeth: Undo = (filtered, from, rows, to, stride, step) => {
  const above = to - stride;
  for (let channel = 0; channel < step; channel++) {
    let left = 0;
    let corner = 0;
    for (let i = channel; i < stride; i += step) {
      const up = rows[above + i]!;
      left = (filtered[from + i]! + paeth(left, up, corner)) & 255;
      rows[to + i] = left;
      corner = up;
    }
  }
};

/** Of the three neighbours, the one nearest to left + up - corner; ties go to the left, then up. */
function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
}

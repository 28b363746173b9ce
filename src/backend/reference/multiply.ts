// The matrix product that matmul and the convolutions share: float64 throughout, blocked, both factors packed into
// panels of four rows and four columns so that the inner loop keeps sixteen sums in registers.

/** A matrix inside an array: element (row, column) lies at offset + row * rowStride + column * columnStride. */
export interface Matrix {
  readonly elements: Float64Array;
  readonly offset: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** A contiguous matrix that begins at `offset`. */
export function rowMajor(elements: Float64Array, columns: number, offset = 0): Matrix {
  return { elements, offset, rowStride: columns, columnStride: 1 };
}

export function transposed(matrix: Matrix): Matrix {
  return { ...matrix, rowStride: matrix.columnStride, columnStride: matrix.rowStride };
}

// The inner loop's panels, 4 x 256 float64 each, stay in the first cache.
const blockDepth = 256;

let leftPanels: Float64Array = new Float64Array(0);
let rightPanels: Float64Array = new Float64Array(0);

function atLeast(array: Float64Array, length: number): Float64Array {
  return array.length >= length ? array : new Float64Array(length);
}

/** Rows in panels of four: [panel][depth][4], missing rows zero. */
function pack(panels: Float64Array, matrix: Matrix, rows: number, from: number, depth: number): void {
  const { elements, rowStride, columnStride } = matrix;
  for (let row = 0; row < Math.ceil(rows / 4) * 4; row++) {
    let target = Math.floor(row / 4) * 4 * depth + (row % 4);
    if (row < rows) {
      let source = matrix.offset + row * rowStride + from * columnStride;
      for (let k = 0; k < depth; k++, target += 4, source += columnStride) panels[target] = elements[source]!;
    } else {
      for (let k = 0; k < depth; k++, target += 4) panels[target] = 0;
    }
  }
}

const tile = new Float64Array(16);

/** tile [4, 4] = left panel [depth, 4]ᵀ @ right panel [depth, 4] */
function multiplyPanels(left: Float64Array, p: number, right: Float64Array, q: number, depth: number): void {
  // prettier-ignore
  let s00 = 0, s01 = 0, s02 = 0, s03 = 0, s10 = 0, s11 = 0, s12 = 0, s13 = 0,
    s20 = 0, s21 = 0, s22 = 0, s23 = 0, s30 = 0, s31 = 0, s32 = 0, s33 = 0;
  for (const end = p + 4 * depth; p < end; p += 4, q += 4) {
    // prettier-ignore
    const l0 = left[p]!, l1 = left[p + 1]!, l2 = left[p + 2]!, l3 = left[p + 3]!;
    // prettier-ignore
    const r0 = right[q]!, r1 = right[q + 1]!, r2 = right[q + 2]!, r3 = right[q + 3]!;
    s00 += l0 * r0;
    s01 += l0 * r1;
    s02 += l0 * r2;
    s03 += l0 * r3;
    s10 += l1 * r0;
    s11 += l1 * r1;
    s12 += l1 * r2;
    s13 += l1 * r3;
    s20 += l2 * r0;
    s21 += l2 * r1;
    s22 += l2 * r2;
    s23 += l2 * r3;
    s30 += l3 * r0;
    s31 += l3 * r1;
    s32 += l3 * r2;
    s33 += l3 * r3;
  }
  tile[0] = s00;
  tile[1] = s01;
  tile[2] = s02;
  tile[3] = s03;
  tile[4] = s10;
  tile[5] = s11;
  tile[6] = s12;
  tile[7] = s13;
  tile[8] = s20;
  tile[9] = s21;
  tile[10] = s22;
  tile[11] = s23;
  tile[12] = s30;
  tile[13] = s31;
  tile[14] = s32;
  tile[15] = s33;
}

/** result [rows, columns], contiguous from `offset` on, += left [rows, depth] @ right [depth, columns]. */
export function multiplyAdd(
  result: Float64Array,
  offset: number,
  left: Matrix,
  right: Matrix,
  rows: number,
  columns: number,
  depth: number,
): void {
  for (let from = 0; from < depth; from += blockDepth) {
    const blocked = Math.min(blockDepth, depth - from);
    leftPanels = atLeast(leftPanels, (rows + 3) * blocked);
    rightPanels = atLeast(rightPanels, (columns + 3) * blocked);
    pack(leftPanels, left, rows, from, blocked);
    pack(rightPanels, transposed(right), columns, from, blocked);
    for (let column = 0; column < columns; column += 4) {
      const width = Math.min(4, columns - column);
      for (let row = 0; row < rows; row += 4) {
        multiplyPanels(leftPanels, row * blocked, rightPanels, column * blocked, blocked);
        const height = Math.min(4, rows - row);
        for (let i = 0; i < height; i++) {
          const target = offset + (row + i) * columns + column;
          for (let j = 0; j < width; j++) result[target + j]! += tile[4 * i + j]!;
        }
      }
    }
  }
}

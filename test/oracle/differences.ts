// Where this library differs from PyTorch 1.13 on purpose, and why. Each entry names the cases of the table that show it; one
// that no case shows is out of date, and the test says so. docs/COMPATIBILITY.md lists them.

import type { Case } from './case.js';

export interface Difference {
  /** What is different, as a sentence. */
  readonly what: string;
  readonly why: string;
  readonly operations: readonly string[];
  /** A part of the case's arguments as JSON. */
  readonly args?: RegExp;
  /** How the comparison puts it. */
  readonly finding: RegExp;
}

const ACCEPTED = /^is accepted/;
const BACKWARD = /^has a backward/;
const VALUE = /^(result|gradient) \d+ element \d+ is/;

export const differences: readonly Difference[] = [
  {
    what: 'Index tensors may be of any signed integer dtype.',
    why: 'PyTorch asks for int64 in some places and takes int32 in others. uint8 is refused everywhere: it used to mean a mask.',
    operations: ['index', 'indexPut_', 'gather', 'scatter', 'scatter_', 'take'],
    args: /\|int32\|below/,
    finding: ACCEPTED,
  },
  {
    what: "`'...'` may appear only once in an index.",
    why: 'What two of them mean is ambiguous; PyTorch takes the second for a full slice.',
    operations: ['index', 'indexPut_'],
    args: /"\.\.\.","\.\.\."/,
    finding: /^is refused/,
  },
  {
    what: '`scatter` and `scatterAdd` with a source larger than the index have a gradient.',
    why: 'PyTorch computes the result and refuses its backward; the gradient is that of the part that was used, zero elsewhere.',
    operations: ['scatter', 'scatter_', 'scatterAdd', 'scatterAdd_'],
    finding: BACKWARD,
  },
  {
    what: 'The gradient of `maskedSelect` is right for inputs that are not contiguous.',
    why: 'PyTorch 1.13 hands the gradients out in the order of memory instead of the order of elements.',
    operations: ['maskedSelect'],
    args: /\|T\|g/,
    finding: VALUE,
  },
  {
    what: 'The gradient of `trace` is right for matrices with more rows than columns.',
    why: 'PyTorch 1.13 goes on past the end of the diagonal.',
    operations: ['trace'],
    args: /4,2/,
    finding: VALUE,
  },
  {
    what: 'A 0-d tensor has only the dims 0 and -1 in `cummax` and `cummin`.',
    why: 'PyTorch 1.13 takes any dim there, and only there.',
    operations: ['cummax', 'cummin'],
    finding: /^is refused/,
  },
  {
    what: '`floorDivide`, `aminmax` and the in-place `asinh_`, `acosh_`, `atanh_` have gradients.',
    why: 'PyTorch 1.13 has none for them. That of `floorDivide` is zero, as that of `div` with `roundingMode: "floor"`.',
    operations: ['floorDivide', 'floorDivide_', 'aminmax', 'asinh_', 'acosh_', 'atanh_'],
    finding: BACKWARD,
  },
  {
    what: 'Operations on two tensors take a number as their second operand wherever that makes sense.',
    why: 'PyTorch asks for a tensor in `maximum`, `minimum`, `atan2`, `logicalAnd` and their like.',
    operations: [
      'maximum',
      'minimum',
      'atan2',
      'hypot',
      'fmax',
      'fmin',
      'logaddexp',
      'logicalAnd',
      'logicalOr',
      'logicalXor',
    ],
    args: /(true|300)\]$/,
    finding: ACCEPTED,
  },
  {
    what: 'A number outside of a dtype compares as the number it is.',
    why: 'PyTorch wraps it first, so that every uint8 is below -1.',
    operations: ['lt', 'le', 'gt', 'ge'],
    args: /\|uint8\|normal.*,-1\]/,
    finding: VALUE,
  },
  {
    what: 'Comparisons and logical operations written in place leave a tensor with a gradient of zero, whatever is compared.',
    why: 'PyTorch lets the gradient pass through unchanged (logical ones), or asks for one where the other operand does.',
    operations: [
      ...['eq_', 'ne_', 'lt_', 'le_', 'gt_', 'ge_'],
      ...['logicalAnd_', 'logicalOr_', 'logicalXor_', 'logicalNot_'],
    ],
    finding: /gradient/,
  },
  {
    what: 'Bounds of `clamp` outside of an integer dtype are taken as its ends.',
    why: 'PyTorch wraps them: clamping a uint8 tensor to at least -1 makes everything 255.',
    operations: ['clamp', 'clamp_'],
    args: /uint8/,
    finding: VALUE,
  },
  {
    what: 'A NaN bound of `clamp` makes everything NaN.',
    why: "So do PyTorch's versions from 2.0 on; 1.13 ignores a NaN minimum.",
    operations: ['clamp', 'clamp_'],
    args: /NaN/,
    finding: VALUE,
  },
  {
    what: '`addcmul` of integers refuses a `value` that is not whole.',
    why: 'PyTorch cuts the fraction off, unlike `alpha` in `add`, where it refuses it too.',
    operations: ['addcmul', 'addcmul_'],
    args: /"value":-0.5/,
    finding: /^is refused/,
  },
  {
    what: '`addcmul_` and `addcdiv_` of a float32 tensor take float64 operands.',
    why: 'PyTorch 1.13 stops at an internal assertion.',
    operations: ['addcmul_', 'addcdiv_'],
    args: /float64/,
    finding: ACCEPTED,
  },
  {
    what: 'The variance of a single element has a gradient of NaN, as it is itself NaN.',
    why: 'PyTorch gives an infinity, or refuses the backward for a shape it made itself.',
    operations: ['var', 'std'],
    finding: /^(has a backward|gradient 0 element 0 is NaN)/,
  },
  {
    what: '`logsumexp` over an empty list of dims reduces all, as other reductions do.',
    why: 'PyTorch 1.13 fails.',
    operations: ['logsumexp'],
    args: /,\[\]\]$/,
    finding: ACCEPTED,
  },
  {
    what: '`isclose` with `equalNan` broadcasts.',
    why: 'PyTorch 1.13 writes into a tensor of the first shape and fails.',
    operations: ['isclose'],
    args: /equalNan/,
    finding: ACCEPTED,
  },
  {
    what: '`baddbmm` refuses operands of different dtypes.',
    why: 'PyTorch 1.13 ignores the dtype of the first.',
    operations: ['baddbmm'],
    args: /float64/,
    finding: /^is refused/,
  },
  {
    what: 'Values near the ends of a dtype are as exact as elsewhere.',
    why:
      "PyTorch's vectorised `log1p`, `sinh`, `cosh`, `hardswish`, `pow`, `fmod`, `remainder` and floor division overflow or " +
      'give NaN where an intermediate result does, and `std` overflows in other places.',
    operations: ['log1p', 'sinh', 'cosh', 'hardswish', 'pow', 'fmod', 'remainder', 'floorDivide', 'div', 'std'],
    args: /\|special\|/,
    finding: VALUE,
  },
  {
    what: '`softsign` has the gradient 0 at infinity, and takes integers as floats.',
    why: 'PyTorch composes it of other operations: infinity divided by infinity, and absolute values that overflow int8.',
    operations: ['softsign'],
    finding: /^(result 0 element 5|gradient 0 element 2|is accepted)/,
  },
  {
    what: 'The gradient of `digamma` in float64 has 12 digits.',
    why: "PyTorch's has 9: it leaves the recurrence for the asymptotic series earlier.",
    operations: ['digamma'],
    args: /float64/,
    finding: /^gradient/,
  },
  {
    what: 'The gradient of `hardsigmoid` in float64 has 16 digits.',
    why: 'PyTorch multiplies with a sixth in float32.',
    operations: ['hardsigmoid'],
    args: /float64/,
    finding: VALUE,
  },
];

/** The difference that explains a finding, if one does. */
export function explained(entry: Case, finding: string): Difference | undefined {
  const args = JSON.stringify(entry.args);
  return differences.find(
    (difference) =>
      difference.operations.includes(entry.op) &&
      (difference.args?.test(args) ?? true) &&
      difference.finding.test(finding),
  );
}

/** Programs that end otherwise on purpose. */
export const programDifferences: Readonly<Record<string, string>> = {
  'a graph that saved nothing can be used again':
    'PyTorch lets go of a factor that is a number as of a tensor; here only what saved a tensor refuses a second backward.',
  'retain_grad accumulates': 'The same: nothing was saved but a number.',
  'two views are changed one after the other':
    'PyTorch refuses operands that overlap the memory written; here they are read before it is written.',
  'a hook and retain_grad':
    "What `retainGrad` keeps is the gradient after all hooks, as in PyTorch's versions from 2.0 on.",
  'a hook with a captured gradient':
    "`autograd.grad` gives the gradient after the tensor's hooks, as PyTorch's versions from 2.0 on do.",
};

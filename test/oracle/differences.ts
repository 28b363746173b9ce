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
const REFUSED = /^is refused/;
const BACKWARD = /^has a backward/;
const VALUE = /^(result|gradient) \d+ element \d+ is/;
const GRADIENT = /^gradient \d+ element \d+ is/;
/** A value that is a number on both sides. */
const NUMBERS = /^(result|gradient) \d+ element \d+ is -?[\d.e+-]+, in PyTorch -?[\d.e+-]+$/;

/** Two tensors of different dtypes. */
const MIXED = /"T":"[\d,]*\|(\w+)\|.*"T":"[\d,]*\|(?!\1\|)/;
/** A tensor without elements. */
const EMPTY = /"T":"(\d+,)*0(,\d+)*\|/;
const EXPANDED = /\|E\|/;
const SPECIAL = /\|special\|/;

export const differences: readonly Difference[] = [
  {
    what: 'Index tensors may be of any signed integer dtype.',
    why: 'PyTorch asks for int64 in some places and takes int32 in others.',
    operations: [
      ...['index', 'indexPut_', 'indexSelect', 'gather', 'scatter', 'scatter_', 'scatterAdd', 'scatterAdd_', 'take'],
      ...['indexAdd', 'indexAdd_', 'indexCopy', 'indexCopy_', 'indexFill', 'indexFill_', 'takeAlongDim'],
    ],
    args: /\|(int32|int16|int8)\|(below:\d+|ties|special|ones)\|/,
    finding: ACCEPTED,
  },
  {
    what: 'Index tensors of any other dtype are refused, also where there is nothing to index.',
    why: 'PyTorch takes uint8 for masks, as it once did everywhere, and does not look at the dtype of an empty index.',
    operations: ['index', 'indexPut_', 'gather', 'scatter', 'scatter_'],
    finding: /^is refused.*expected an index of signed integers/,
  },
  {
    what: 'Masks are of dtype bool.',
    why: 'PyTorch still takes uint8 and warns; `maskedFill` and `maskedScatter` read the memory of any dtype as if it were a mask.',
    operations: ['where', 'maskedFill', 'maskedFill_', 'maskedScatter', 'maskedScatter_', 'maskedSelect'],
    finding: /^is refused.*expected a (mask|condition) of dtype bool/,
  },
  {
    what: 'An integer behind a mask of several dims indexes the dim after those of the mask.',
    why: 'PyTorch 1.13 counts the mask as one dim when it applies integers.',
    operations: ['index', 'indexPut_'],
    args: /\|bool\|ones\|.*\},0\]/,
    finding: ACCEPTED,
  },
  {
    what: 'Indices are checked also where the result has no elements.',
    why: 'PyTorch looks at them when it reads an element.',
    operations: ['index', 'indexPut_'],
    finding: /^is refused.*index \d+ at position \d+ is out of range/,
  },
  {
    what: 'The value that `indexPut_` writes at places given by tensors has the dtype of what is written to.',
    why: 'PyTorch asks for the same, but converts a 0-d value beside masks.',
    operations: ['indexPut_'],
    args: /\|bool\|/,
    finding: /^is refused.*expected a value of/,
  },
  {
    what: 'A value with further dims of size 1 in front may be accumulated by `indexPut_` as it may be written.',
    why: 'PyTorch leaves such dims out in an assignment only.',
    operations: ['indexPut_'],
    args: /"accumulate":true/,
    finding: ACCEPTED,
  },
  {
    what: 'The source of `indexAdd` has the shape that the index asks for.',
    why: 'So PyTorch documents it; 1.13 broadcasts some sources.',
    operations: ['indexAdd', 'indexAdd_'],
    finding: /^is refused.*expected a source of shape/,
  },
  {
    what: '`indexSelect` of a 0-d tensor takes one index.',
    why: 'PyTorch takes any number and gives a 0-d tensor.',
    operations: ['indexSelect'],
    finding: /^is refused.*expected one index for a 0-d tensor/,
  },
  {
    what: '`maskedScatter_` hands its source out in the order of elements.',
    why: 'PyTorch 1.13 goes in the order of memory where the tensor is not contiguous.',
    operations: ['maskedScatter_'],
    args: /\|T\|/,
    finding: VALUE,
  },
  {
    what: 'An expanded tensor can not be changed in place, by whatever operation.',
    why: 'PyTorch refuses it for most and, with a warning, writes the shared elements again and again for some.',
    operations: ['indexPut_', 'indexFill_', 'maskedFill_', 'tril_', 'triu_'],
    args: EXPANDED,
    finding: /^is refused.*several elements of the tensor/,
  },
  {
    what: 'An integer tensor never comes to require a gradient.',
    why: 'In PyTorch 1.13 one does when a float that requires one is written into it, or an internal assertion fails.',
    operations: ['fill_', 'indexPut_', 'indexFill_', 'maskedFill_', 'indexFill', 'maskedFill'],
    args: /\|(u?int\d+|bool)\|.*\|g\|/,
    finding: /^(result 0 doesn't require a gradient|is accepted)/,
  },
  {
    what: 'Arguments are checked also where there are no elements.',
    why: 'PyTorch returns before it looks at dims, dtypes, counts, weights or a division by zero.',
    operations: [
      ...['argmax', 'argmin', 'median', 'nanmedian', 'softmax', 'logSoftmax', 'tril', 'triu', 'repeat', 'tile'],
      ...['repeatInterleave', 'roll', 'cat', 'concat', 'bincount', 'div', 'floorDivide', 'fmod', 'remainder'],
    ],
    args: EMPTY,
    finding: REFUSED,
  },
  {
    what: 'Products of matrices refuse operands of different dtypes, and bool, whatever their shapes.',
    why: 'PyTorch 1.13 ignores the dtype of the summand of `addmv` and `baddbmm`, that of a bias for some shapes, and all where there is nothing to multiply.',
    operations: ['matmul', 'mm', 'bmm', 'linear', 'addmv', 'baddbmm'],
    finding: /^is refused.*(expected operands of one dtype|not defined for dtype bool)/,
  },
  {
    what: 'Integers refuse a factor that is not whole.',
    why: 'PyTorch cuts the fraction off in some operations, unlike `alpha` in `add`, where it refuses it too.',
    operations: [...['addcmul', 'addcmul_', 'addmm', 'addmv', 'addbmm', 'baddbmm', 'indexAdd', 'indexAdd_']],
    finding: /^is refused.*expected (a )?whole number/,
  },
  {
    what: 'A bias of `linear` with several dims is added to the result as it is.',
    why: 'PyTorch makes one matrix of the result first if the input has three dims.',
    operations: ['linear'],
    args: /\d+,\d+\|float32\|normal\|C\|g\|\d+"\}\]$/,
    finding: /^is (accepted|refused)/,
  },
  {
    what: 'Where dtypes meet there is a gradient.',
    why: 'PyTorch computes the result and refuses some backwards: those of `addr`, of bool in `atan2` and `logaddexp`, of integers in `addcdiv`.',
    operations: ['addr', 'addcdiv', 'addcdiv_', 'atan2', 'logaddexp'],
    args: MIXED,
    finding: BACKWARD,
  },
  {
    what: 'Where integers meet float64, gradients are float64 throughout.',
    why: 'PyTorch multiplies the integers in float32 first.',
    operations: ['addcmul', 'addcmul_', 'addcdiv', 'addcdiv_', 'pow'],
    args: /\|(u?int\d+|bool)\|.*\|float64\||\|float64\|.*\|(u?int\d+|bool)\|/,
    finding: NUMBERS,
  },
  {
    what: 'What bfloat16 gives is computed in float32 and rounded once.',
    why: 'PyTorch rounds between the steps, which shows where digits cancel: the quotient whose fraction `fmod` cuts off, sums of products, the poles of `digamma`.',
    operations: ['fmod_', 'digamma', 'einsum', 'linear'],
    args: /bfloat16/,
    finding: VALUE,
  },
  {
    what: 'Gradients of what meets many elements are summed in another order.',
    why: 'Where large terms cancel, the last digits of both are rounding.',
    operations: ['div', 'fmod', 'tensordot'],
    args: /"T":"5,13.*"T":"13\||"T":"3,4,2\|float32\|.*,0\]$/,
    finding: NUMBERS,
  },
  {
    what: 'At NaN, `elu` and `selu` have the gradient NaN, `hardtanh` and `relu6` 0.',
    why: 'In PyTorch 1.13 it depends on whether the loop is vectorised.',
    operations: ['elu', 'elu_', 'selu', 'hardtanh', 'relu6'],
    args: SPECIAL,
    finding: /^gradient \d+ element \d+ is (NaN|0), in PyTorch/,
  },
  {
    what: 'Bits shifted by more places than there are, or by fewer than none, are gone.',
    why: 'So it is in newer versions of PyTorch; 1.13 leaves it to the processor.',
    operations: ['bitwiseLeftShift', 'bitwiseRightShift'],
    args: /\|special\||,-\d+\]$/,
    finding: VALUE,
  },
  {
    what: 'The gradient of `var` of numbers of very different size is rounded otherwise.',
    why: 'With the largest float and its negative among them, what is left of the others depends on the order of the sum.',
    operations: ['var'],
    args: SPECIAL,
    finding: NUMBERS,
  },
  {
    what: 'A deviation that overflows is infinite, as its terms are.',
    why: 'PyTorch gives NaN or, where a term of it is infinite and another is not, 0.',
    operations: ['var', 'varMean', 'stdMean'],
    args: SPECIAL,
    finding: /^result \d+ element \d+ is Infinity, in PyTorch (NaN|0)$/,
  },
  {
    what: 'Gradients near infinity, NaN and the ends of a dtype are those of the formula for numbers.',
    why:
      'PyTorch treats zeros among the factors of `prod` and `cumprod` apart, whatever the other factors are; the squares in `atan2` ' +
      'and `hypot` overflow in one or the other; at 0 the gradient of `norm` is 0 also where the norm is not finite; `xlogy` ' +
      'adds infinities.',
    operations: ['prod', 'cumprod', 'atan2', 'hypot', 'norm', 'xlogy'],
    args: SPECIAL,
    finding: GRADIENT,
  },
  {
    what: 'NaN is the largest value for `unique`, and each NaN its own.',
    why: 'PyTorch 1.13 sorts NaN as any other number, which leaves no order.',
    operations: ['unique'],
    args: SPECIAL,
    finding: VALUE,
  },
  {
    what: 'Of equal elements `kthvalue`, `topk` and `mode` give the position that a stable order gives.',
    why: 'PyTorch says of none of them which it is.',
    operations: ['kthvalue', 'topk', 'mode'],
    finding: /^result 1 element/,
  },
  {
    what: '`kthvalue` and `topk` do not take bool, nor `topk` none of one element.',
    why: 'PyTorch takes a 0-d bool tensor, and gives one element where none was asked for.',
    operations: ['kthvalue', 'topk'],
    args: /"T":"\|/,
    finding: REFUSED,
  },
  {
    what: '`kron` and `takeAlongDim` take tensors that are not contiguous.',
    why: 'PyTorch 1.13 views them in another shape and fails.',
    operations: ['kron', 'takeAlongDim'],
    args: /\|[TSEOP]\|/,
    finding: ACCEPTED,
  },
  {
    what: '`aminmax` of a 0-d tensor gives 0-d tensors.',
    why: 'As `amin` and `amax` do; PyTorch 1.13 gives one dim with `keepdim`.',
    operations: ['aminmax'],
    args: /"T":"\|/,
    finding: /^result 0 has shape \[\], in PyTorch \[1\]/,
  },
  {
    what: '`bincount` of nothing with weights has the dtype that it has of something.',
    why: 'PyTorch gives int64.',
    operations: ['bincount'],
    args: EMPTY,
    finding: /^result 0 is float\d+, in PyTorch int64/,
  },
  {
    what: '`diag` of a diagonal outside of the matrix is empty, as `diagonal` is.',
    why: 'PyTorch 1.13 fails.',
    operations: ['diag'],
    finding: ACCEPTED,
  },
  {
    what: '`diff` refuses a negative `n`.',
    why: 'PyTorch gives the input back.',
    operations: ['diff'],
    finding: /^is refused.*expected n of 0 or more/,
  },
  {
    what: '`mT` asks for two dims.',
    why: 'PyTorch gives a 0-d tensor back and warns that it will not for long.',
    operations: ['mT'],
    args: /"T":"\|/,
    finding: REFUSED,
  },
  {
    what: 'Repeats of `repeatInterleave` may be of any integer dtype.',
    why: 'PyTorch has kernels for int32 and int64.',
    operations: ['repeatInterleave'],
    args: /\|u?int(8|16)\|(below:\d+|positive|normal)\|/,
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
    finding: /^gradient 0 element \d+ is 0, in PyTorch/,
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
    args: /(true|-?\d+)\]$/,
    finding: ACCEPTED,
  },
  {
    what: 'A number outside of a dtype compares as the number it is.',
    why: 'PyTorch wraps it first, so that every uint8 is below -1.',
    operations: ['lt', 'le', 'gt', 'ge'],
    args: /\|uint8\|.*,-\d+\]$/,
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
    what: '`addcmul_` and `addcdiv_` take operands of a wider dtype.',
    why: 'PyTorch 1.13 stops at an internal assertion.',
    operations: ['addcmul_', 'addcdiv_'],
    args: MIXED,
    finding: ACCEPTED,
  },
  {
    what: 'The variance of a single element has a gradient of NaN, as it is itself NaN.',
    why: 'PyTorch gives an infinity, or refuses the backward for a shape it made itself.',
    operations: ['var', 'std', 'varMean', 'stdMean'],
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
    what: '`isclose` and `allclose` with `equalNan` broadcast.',
    why: 'PyTorch 1.13 writes into a tensor of the first shape and fails.',
    operations: ['isclose', 'allclose'],
    args: /equalNan/,
    finding: ACCEPTED,
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
    finding:
      /^(result 0 element \d+ is [\d.]+, in PyTorch (-|Infinity)|gradient 0 element \d+ is 0, in PyTorch NaN|is accepted)/,
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

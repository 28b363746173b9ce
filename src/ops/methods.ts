// Operations as methods of tensors: `x.add(y)` is `add(x, y)`. Importing this file attaches them; their types are taken from the
// operations, so that a method and its function can't drift apart. An operation that is exported by its family but not declared
// here doesn't compile (`Undeclared`).

import { full, type CreateOptions } from '../tensor/create.js';
import { ShapeError } from '../errors.js';
import { show, type Shape } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';
import * as activation from './activation.js';
import * as arrange from './arrange.js';
import * as combine from './combine.js';
import * as compareAll from './compare-all.js';
import * as convert from './convert.js';
import * as diagonal from './diagonal.js';
import * as distinct from './distinct.js';
import type { TensorOrScalar } from './elementwise.js';
import './gradients.js';
import * as inPlace from './in-place.js';
import * as indexing from './indexing.js';
import * as matrix from './matrix.js';
import * as numerical from './numerical.js';
import * as order from './order.js';
import * as pointwise from './pointwise.js';
import * as products from './products.js';
import * as random from './random.js';
import * as reduction from './reduction.js';
import * as running from './running.js';
import * as softmax from './softmax.js';
import * as view from './view.js';

/** An operation as a method of its first parameter. */
type Method<F> = F extends (input: never, ...args: infer A) => infer R ? (...args: A) => R : never;

interface UniqueMethod {
  (options?: { returnInverse?: false; returnCounts?: false; dim?: number | undefined }): Tensor;
  (options: distinct.UniqueOptions & { returnInverse: true; returnCounts: true }): Required<distinct.UniqueValues>;
  (options: distinct.UniqueOptions & { returnInverse: true }): distinct.UniqueValues & { readonly inverse: Tensor };
  (options: distinct.UniqueOptions & { returnCounts: true }): distinct.UniqueValues & { readonly counts: Tensor };
}

declare module '../tensor/tensor.js' {
  interface Tensor {
    // arithmetic, functions of one element, comparisons, logic
    add: Method<typeof pointwise.add>;
    sub: Method<typeof pointwise.sub>;
    add_: Method<typeof pointwise.add_>;
    sub_: Method<typeof pointwise.sub_>;
    mul: Method<typeof pointwise.mul>;
    mul_: Method<typeof pointwise.mul_>;
    floorDivide: Method<typeof pointwise.floorDivide>;
    div: Method<typeof pointwise.div>;
    div_: Method<typeof pointwise.div_>;
    remainder: Method<typeof pointwise.remainder>;
    remainder_: Method<typeof pointwise.remainder_>;
    fmod: Method<typeof pointwise.fmod>;
    fmod_: Method<typeof pointwise.fmod_>;
    pow: Method<typeof pointwise.pow>;
    pow_: Method<typeof pointwise.pow_>;
    maximum: Method<typeof pointwise.maximum>;
    minimum: Method<typeof pointwise.minimum>;
    atan2: Method<typeof pointwise.atan2>;
    hypot: Method<typeof pointwise.hypot>;
    neg: Method<typeof pointwise.neg>;
    abs: Method<typeof pointwise.abs>;
    sign: Method<typeof pointwise.sign>;
    square: Method<typeof pointwise.square>;
    floor: Method<typeof pointwise.floor>;
    ceil: Method<typeof pointwise.ceil>;
    round: Method<typeof pointwise.round>;
    trunc: Method<typeof pointwise.trunc>;
    frac: Method<typeof pointwise.frac>;
    exp: Method<typeof pointwise.exp>;
    exp2: Method<typeof pointwise.exp2>;
    expm1: Method<typeof pointwise.expm1>;
    log: Method<typeof pointwise.log>;
    log1p: Method<typeof pointwise.log1p>;
    log2: Method<typeof pointwise.log2>;
    log10: Method<typeof pointwise.log10>;
    sqrt: Method<typeof pointwise.sqrt>;
    rsqrt: Method<typeof pointwise.rsqrt>;
    reciprocal: Method<typeof pointwise.reciprocal>;
    sin: Method<typeof pointwise.sin>;
    cos: Method<typeof pointwise.cos>;
    tan: Method<typeof pointwise.tan>;
    asin: Method<typeof pointwise.asin>;
    acos: Method<typeof pointwise.acos>;
    atan: Method<typeof pointwise.atan>;
    sinh: Method<typeof pointwise.sinh>;
    cosh: Method<typeof pointwise.cosh>;
    tanh: Method<typeof pointwise.tanh>;
    asinh: Method<typeof pointwise.asinh>;
    acosh: Method<typeof pointwise.acosh>;
    atanh: Method<typeof pointwise.atanh>;
    erf: Method<typeof pointwise.erf>;
    erfc: Method<typeof pointwise.erfc>;
    lgamma: Method<typeof pointwise.lgamma>;
    digamma: Method<typeof pointwise.digamma>;
    neg_: Method<typeof pointwise.neg_>;
    abs_: Method<typeof pointwise.abs_>;
    sign_: Method<typeof pointwise.sign_>;
    square_: Method<typeof pointwise.square_>;
    floor_: Method<typeof pointwise.floor_>;
    ceil_: Method<typeof pointwise.ceil_>;
    round_: Method<typeof pointwise.round_>;
    trunc_: Method<typeof pointwise.trunc_>;
    exp_: Method<typeof pointwise.exp_>;
    exp2_: Method<typeof pointwise.exp2_>;
    expm1_: Method<typeof pointwise.expm1_>;
    log_: Method<typeof pointwise.log_>;
    log1p_: Method<typeof pointwise.log1p_>;
    log2_: Method<typeof pointwise.log2_>;
    log10_: Method<typeof pointwise.log10_>;
    sqrt_: Method<typeof pointwise.sqrt_>;
    rsqrt_: Method<typeof pointwise.rsqrt_>;
    reciprocal_: Method<typeof pointwise.reciprocal_>;
    sin_: Method<typeof pointwise.sin_>;
    cos_: Method<typeof pointwise.cos_>;
    tan_: Method<typeof pointwise.tan_>;
    asin_: Method<typeof pointwise.asin_>;
    acos_: Method<typeof pointwise.acos_>;
    atan_: Method<typeof pointwise.atan_>;
    sinh_: Method<typeof pointwise.sinh_>;
    cosh_: Method<typeof pointwise.cosh_>;
    tanh_: Method<typeof pointwise.tanh_>;
    erf_: Method<typeof pointwise.erf_>;
    acosh_: Method<typeof pointwise.acosh_>;
    asinh_: Method<typeof pointwise.asinh_>;
    atanh_: Method<typeof pointwise.atanh_>;
    erfc_: Method<typeof pointwise.erfc_>;
    frac_: Method<typeof pointwise.frac_>;
    atan2_: Method<typeof pointwise.atan2_>;
    hypot_: Method<typeof pointwise.hypot_>;
    floorDivide_: Method<typeof pointwise.floorDivide_>;
    clamp: Method<typeof pointwise.clamp>;
    clampMin: Method<typeof pointwise.clampMin>;
    clampMin_: Method<typeof pointwise.clampMin_>;
    clampMax: Method<typeof pointwise.clampMax>;
    clampMax_: Method<typeof pointwise.clampMax_>;
    clamp_: Method<typeof pointwise.clamp_>;
    lerp: Method<typeof pointwise.lerp>;
    lerp_: Method<typeof pointwise.lerp_>;
    addcmul: Method<typeof pointwise.addcmul>;
    addcdiv: Method<typeof pointwise.addcdiv>;
    addcmul_: Method<typeof pointwise.addcmul_>;
    addcdiv_: Method<typeof pointwise.addcdiv_>;
    nanToNum: Method<typeof numerical.nanToNum>;
    nanToNum_: Method<typeof numerical.nanToNum_>;
    fmax: Method<typeof numerical.fmax>;
    fmin: Method<typeof numerical.fmin>;
    logaddexp: Method<typeof numerical.logaddexp>;
    xlogy: Method<typeof numerical.xlogy>;
    eq: Method<typeof pointwise.eq>;
    ne: Method<typeof pointwise.ne>;
    lt: Method<typeof pointwise.lt>;
    le: Method<typeof pointwise.le>;
    gt: Method<typeof pointwise.gt>;
    ge: Method<typeof pointwise.ge>;
    logicalAnd: Method<typeof pointwise.logicalAnd>;
    logicalOr: Method<typeof pointwise.logicalOr>;
    logicalXor: Method<typeof pointwise.logicalXor>;
    eq_: Method<typeof pointwise.eq_>;
    ne_: Method<typeof pointwise.ne_>;
    lt_: Method<typeof pointwise.lt_>;
    le_: Method<typeof pointwise.le_>;
    gt_: Method<typeof pointwise.gt_>;
    ge_: Method<typeof pointwise.ge_>;
    logicalAnd_: Method<typeof pointwise.logicalAnd_>;
    logicalOr_: Method<typeof pointwise.logicalOr_>;
    logicalXor_: Method<typeof pointwise.logicalXor_>;
    logicalNot_: Method<typeof pointwise.logicalNot_>;
    bitwiseAnd_: Method<typeof pointwise.bitwiseAnd_>;
    bitwiseOr_: Method<typeof pointwise.bitwiseOr_>;
    bitwiseXor_: Method<typeof pointwise.bitwiseXor_>;
    isnan: Method<typeof pointwise.isnan>;
    isinf: Method<typeof pointwise.isinf>;
    isfinite: Method<typeof pointwise.isfinite>;
    logicalNot: Method<typeof pointwise.logicalNot>;
    bitwiseAnd: Method<typeof pointwise.bitwiseAnd>;
    bitwiseOr: Method<typeof pointwise.bitwiseOr>;
    bitwiseXor: Method<typeof pointwise.bitwiseXor>;
    bitwiseLeftShift: Method<typeof pointwise.bitwiseLeftShift>;
    bitwiseRightShift: Method<typeof pointwise.bitwiseRightShift>;
    bitwiseNot: Method<typeof pointwise.bitwiseNot>;
    // activations
    sigmoid: Method<typeof activation.sigmoid>;
    sigmoid_: Method<typeof activation.sigmoid_>;
    logSigmoid: Method<typeof activation.logSigmoid>;
    relu: Method<typeof activation.relu>;
    relu_: Method<typeof activation.relu_>;
    leakyRelu: Method<typeof activation.leakyRelu>;
    leakyRelu_: Method<typeof activation.leakyRelu_>;
    elu: Method<typeof activation.elu>;
    elu_: Method<typeof activation.elu_>;
    selu: Method<typeof activation.selu>;
    gelu: Method<typeof activation.gelu>;
    silu: Method<typeof activation.silu>;
    silu_: Method<typeof activation.silu_>;
    softplus: Method<typeof activation.softplus>;
    hardtanh: Method<typeof activation.hardtanh>;
    relu6: Method<typeof activation.relu6>;
    mish: Method<typeof activation.mish>;
    softsign: Method<typeof activation.softsign>;
    hardswish: Method<typeof activation.hardswish>;
    hardsigmoid: Method<typeof activation.hardsigmoid>;
    // shapes and views
    view: Method<typeof view.view>;
    reshape: Method<typeof view.reshape>;
    asStrided: Method<typeof view.asStrided>;
    permute: Method<typeof view.permute>;
    swapaxes: Method<typeof view.swapaxes>;
    swapdims: Method<typeof view.swapdims>;
    transpose: Method<typeof view.transpose>;
    t: Method<typeof view.t>;
    movedim: Method<typeof view.movedim>;
    squeeze: Method<typeof view.squeeze>;
    unsqueeze: Method<typeof view.unsqueeze>;
    flatten: Method<typeof view.flatten>;
    unflatten: Method<typeof view.unflatten>;
    ravel: Method<typeof view.ravel>;
    broadcastTo: Method<typeof view.broadcastTo>;
    expand: Method<typeof view.expand>;
    expandAs: Method<typeof view.expandAs>;
    viewAs: Method<typeof view.viewAs>;
    reshapeAs: Method<typeof view.reshapeAs>;
    sumToSize: Method<typeof view.sumToSize>;
    narrow: Method<typeof view.narrow>;
    select: Method<typeof view.select>;
    slice: Method<typeof view.slice>;
    diagonal: Method<typeof view.diagonal>;
    unfold: Method<typeof view.unfold>;
    split: Method<typeof view.split>;
    chunk: Method<typeof view.chunk>;
    unbind: Method<typeof view.unbind>;
    // repetition and rearrangement
    repeat: Method<typeof combine.repeat>;
    repeatInterleave: Method<typeof combine.repeatInterleave>;
    flip: Method<typeof combine.flip>;
    roll: Method<typeof combine.roll>;
    tril: Method<typeof combine.tril>;
    triu: Method<typeof combine.triu>;
    tile: Method<typeof combine.tile>;
    tril_: Method<typeof combine.tril_>;
    triu_: Method<typeof combine.triu_>;
    diag: Method<typeof diagonal.diag>;
    diagEmbed: Method<typeof diagonal.diagEmbed>;
    trace: Method<typeof diagonal.trace>;
    fillDiagonal_: Method<typeof diagonal.fillDiagonal_>;
    fliplr: Method<typeof arrange.fliplr>;
    flipud: Method<typeof arrange.flipud>;
    rot90: Method<typeof arrange.rot90>;
    // conversion and copies
    to: Method<typeof convert.to>;
    float: Method<typeof convert.float>;
    double: Method<typeof convert.double>;
    bfloat16: Method<typeof convert.bfloat16>;
    long: Method<typeof convert.long>;
    int: Method<typeof convert.int>;
    short: Method<typeof convert.short>;
    char: Method<typeof convert.char>;
    byte: Method<typeof convert.byte>;
    bool: Method<typeof convert.bool>;
    typeAs: Method<typeof convert.typeAs>;
    clone: Method<typeof convert.clone>;
    contiguous: Method<typeof convert.contiguous>;
    detach: Method<typeof convert.detach>;
    alias: Method<typeof convert.alias>;
    detach_: Method<typeof convert.detach_>;
    // indexing and order
    indexSelect: Method<typeof indexing.indexSelect>;
    indexAdd: Method<typeof indexing.indexAdd>;
    indexAdd_: Method<typeof indexing.indexAdd_>;
    indexCopy: Method<typeof indexing.indexCopy>;
    indexCopy_: Method<typeof indexing.indexCopy_>;
    indexFill: Method<typeof indexing.indexFill>;
    indexFill_: Method<typeof indexing.indexFill_>;
    gather: Method<typeof indexing.gather>;
    scatter: Method<typeof indexing.scatter>;
    scatter_: Method<typeof indexing.scatter_>;
    scatterAdd: Method<typeof indexing.scatterAdd>;
    scatterAdd_: Method<typeof indexing.scatterAdd_>;
    take: Method<typeof indexing.take>;
    nonzero: Method<typeof indexing.nonzero>;
    maskedSelect: Method<typeof indexing.maskedSelect>;
    maskedFill: Method<typeof indexing.maskedFill>;
    maskedFill_: Method<typeof indexing.maskedFill_>;
    maskedScatter: Method<typeof indexing.maskedScatter>;
    maskedScatter_: Method<typeof indexing.maskedScatter_>;
    takeAlongDim: Method<typeof indexing.takeAlongDim>;
    argwhere: Method<typeof indexing.argwhere>;
    indexPut_: Method<typeof indexing.indexPut_>;
    sort: Method<typeof order.sort>;
    argsort: Method<typeof order.argsort>;
    topk: Method<typeof order.topk>;
    kthvalue: Method<typeof order.kthvalue>;
    mode: Method<typeof order.mode>;
    bincount: Method<typeof distinct.bincount>;
    // matrix products
    matmul: Method<typeof matrix.matmul>;
    mm: Method<typeof matrix.mm>;
    bmm: Method<typeof matrix.bmm>;
    mv: Method<typeof matrix.mv>;
    dot: Method<typeof matrix.dot>;
    outer: Method<typeof matrix.outer>;
    addmm: Method<typeof matrix.addmm>;
    baddbmm: Method<typeof matrix.baddbmm>;
    addmv: Method<typeof products.addmv>;
    addbmm: Method<typeof products.addbmm>;
    addr: Method<typeof products.addr>;
    vdot: Method<typeof products.vdot>;
    inner: Method<typeof products.inner>;
    tensordot: Method<typeof products.tensordot>;
    kron: Method<typeof products.kron>;
    cross: Method<typeof products.cross>;
    // random numbers
    uniform_: Method<typeof random.uniform_>;
    normal_: Method<typeof random.normal_>;
    exponential_: Method<typeof random.exponential_>;
    random_: Method<typeof random.random_>;
    bernoulli_: Method<typeof random.bernoulli_>;
    bernoulli: Method<typeof random.bernoulli>;
    multinomial: Method<typeof random.multinomial>;
    // reductions
    sum: Method<typeof reduction.sum>;
    mean: Method<typeof reduction.mean>;
    prod: Method<typeof reduction.prod>;
    std: Method<typeof reduction.std>;
    amax: Method<typeof reduction.amax>;
    amin: Method<typeof reduction.amin>;
    argmax: Method<typeof reduction.argmax>;
    argmin: Method<typeof reduction.argmin>;
    any: Method<typeof reduction.any>;
    all: Method<typeof reduction.all>;
    norm: Method<typeof reduction.norm>;
    logsumexp: Method<typeof reduction.logsumexp>;
    cumsum: Method<typeof running.cumsum>;
    cumprod: Method<typeof running.cumprod>;
    cummax: Method<typeof running.cummax>;
    cummin: Method<typeof running.cummin>;
    diff: Method<typeof running.diff>;
    nansum: Method<typeof reduction.nansum>;
    nanmean: Method<typeof reduction.nanmean>;
    countNonzero: Method<typeof reduction.countNonzero>;
    varMean: Method<typeof reduction.varMean>;
    stdMean: Method<typeof reduction.stdMean>;
    aminmax: Method<typeof reduction.aminmax>;
    // softmax
    softmax: Method<typeof softmax.softmax>;
    logSoftmax: Method<typeof softmax.logSoftmax>;
    // whole tensors compared
    equal: Method<typeof compareAll.equal>;
    isclose: Method<typeof compareAll.isclose>;
    allclose: Method<typeof compareAll.allclose>;
    // in place
    copy_: Method<typeof inPlace.copy_>;
    fill_: Method<typeof inPlace.fill_>;
    zero_: Method<typeof inPlace.zero_>;

    // those whose method differs from the function
    max(): Tensor;
    max(other: Tensor): Tensor;
    max(dim: number, options?: reduction.KeepdimOptions): reduction.ValuesAndIndices;
    min(): Tensor;
    min(other: Tensor): Tensor;
    min(dim: number, options?: reduction.KeepdimOptions): reduction.ValuesAndIndices;
    /** The median of all elements, or along a dim with its position: see `median`. */
    median(): Tensor;
    median(dim: number, options?: reduction.KeepdimOptions): reduction.ValuesAndIndices;
    nanmedian(): Tensor;
    nanmedian(dim: number, options?: reduction.KeepdimOptions): reduction.ValuesAndIndices;
    /** The distinct values: see `unique`. */
    unique: UniqueMethod;
    uniqueConsecutive: UniqueMethod;
    /** The variance over `dims`, by default with n - 1. */
    var: Method<typeof reduction.variance>;
    /** Python's `x[...]`: see `index`. */
    index(...specs: indexing.IndexSpec[]): Tensor;
    /** This tensor where `condition` holds, `other` elsewhere. */
    where(condition: Tensor, other: TensorOrScalar): Tensor;
    /** A tensor of this one's dtype. */
    newFull(shape: Shape, value: number | bigint | boolean, options?: CreateOptions): Tensor;
    newZeros(shape: Shape, options?: CreateOptions): Tensor;
    newOnes(shape: Shape, options?: CreateOptions): Tensor;
    /** The dims in reverse order. */
    readonly T: Tensor;
    /** The last two dims exchanged. */
    readonly mT: Tensor;
    /** Iterates over the first dim. */
    [Symbol.iterator](): IterableIterator<Tensor>;
  }
}

const { where, ...pointwiseMethods } = pointwise;
const { cat: _cat, concat: _concat, stack: _stack, ...combineMethods } = combine;
const { fliplr, flipud, rot90 } = arrange;
const { slice: _range, Slice: _Slice, index, ...indexingMethods } = indexing;
const { einsum: _einsum, linear: _linear, ...matrixMethods } = matrix;
const { dropout: _dropout, ...randomMethods } = random;
const { variance, ...reductionMethods } = reduction;
const { copy_, fill_, zero_ } = inPlace;

const methods = {
  ...pointwiseMethods,
  ...numerical,
  ...activation,
  ...view,
  ...combineMethods,
  ...{ fliplr, flipud, rot90 },
  ...convert,
  ...diagonal,
  ...distinct,
  ...indexingMethods,
  ...order,
  ...matrixMethods,
  ...products,
  ...randomMethods,
  ...reductionMethods,
  ...running,
  ...softmax,
  ...compareAll,
  ...{ copy_, fill_, zero_ },
  var: variance,
};

/** Operations that are attached but not declared above: none. */
type Undeclared = Exclude<keyof typeof methods, keyof Tensor>;
const undeclared: [Undeclared] extends [never] ? true : Undeclared = true;
void undeclared;

type Operation = (input: Tensor, ...args: unknown[]) => unknown;

/** Fixed parameters: forwarding a rest parameter would cost more than many an operation. */
function asMethod(operation: Operation) {
  return function (this: Tensor, a: unknown, b: unknown, c: unknown, d: unknown, e: unknown): unknown {
    return operation(this, a, b, c, d, e);
  };
}

for (const [name, operation] of Object.entries(methods)) {
  const value = asMethod(operation as Operation);
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true });
}

Tensor.prototype.index = function (...specs) {
  return index(this, ...specs);
};
Tensor.prototype.where = function (condition, other) {
  return where(condition, this, other);
};
Tensor.prototype.newFull = function (shape, value, options) {
  return full(shape, value, { dtype: this.dtype, ...options });
};
Tensor.prototype.newZeros = function (shape, options) {
  return this.newFull(shape, 0, options);
};
Tensor.prototype.newOnes = function (shape, options) {
  return this.newFull(shape, 1, options);
};
Object.defineProperties(Tensor.prototype, {
  T: {
    get(this: Tensor): Tensor {
      return this.permute(this.shape.map((_, d) => this.ndim - 1 - d));
    },
  },
  mT: {
    get(this: Tensor): Tensor {
      if (this.ndim < 2) throw new ShapeError(`expected at least 2 dims, got shape ${show(this.shape)}`).during('mT');
      return this.transpose(-1, -2);
    },
  },
});
Tensor.prototype[Symbol.iterator] = function () {
  return view.unbind(this, 0).values();
};

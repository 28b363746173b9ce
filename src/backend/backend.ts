// What a backend can do: own memory and run kernels. A kernel sees storages, sizes and strides, nothing of
// tensors or gradients. Operations validate and promote before they call; a kernel may rely on that and checks
// only what lies in the data itself (indices). Everything above this floor reaches memory through here alone,
// so that a call could as well be queued, recorded or sent to a device; only `read`s wait.
//
// Conventions of all kernels
// - Results are written into views allocated by the caller; any strides, no overlap with inputs unless stated
//   (elementwise kernels may write exactly onto an input: same storage, offset and strides).
// - Inputs of elementwise kernels broadcast to the result's shape: aligned at the last dim, size 1 repeats.
// - Unless a kernel says otherwise, its inputs and its result have one dtype.
// - "bad index" results: -1, or the flat position (in the index view's own order) of the first index out of range.

import type { DType, TypedArray } from './dtype.js';
import type { Storage } from './storage.js';

/** A strided window on a storage. `offset` and `strides` count elements. Every tensor is one. */
export interface StridedView {
  readonly storage: Storage;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

/** One operand of an elementwise kernel: a view, or a number of the other operand's dtype. */
export type Operand = StridedView | number;

/** Result dtype = input dtype; the transcendental ones take floats only. `a` and `b` are the parameters. */
export type UnaryOp =
  | 'neg'
  | 'abs'
  | 'sign'
  | 'square'
  | 'bitwiseNot'
  | 'floor'
  | 'ceil'
  | 'round'
  | 'trunc' // round: half to even
  | 'exp'
  | 'exp2'
  | 'expm1'
  | 'log'
  | 'log1p'
  | 'log2'
  | 'log10'
  | 'sqrt'
  | 'rsqrt'
  | 'reciprocal'
  | 'sin'
  | 'cos'
  | 'tan'
  | 'asin'
  | 'acos'
  | 'atan'
  | 'sinh'
  | 'cosh'
  | 'tanh'
  | 'asinh'
  | 'acosh'
  | 'atanh'
  | 'erf'
  | 'erfc'
  | 'lgamma'
  | 'digamma'
  | 'sigmoid'
  | 'logSigmoid'
  | 'relu'
  | 'silu'
  | 'mish'
  | 'softsign'
  | 'hardswish'
  | 'hardsigmoid'
  | 'gelu' // exact, with erf
  | 'geluTanh'
  | 'leakyRelu' // a: negative slope
  | 'elu' // a: alpha, b: scale; for x <= 0: b * a * expm1(x), else b * x
  | 'softplus' // a: beta, b: threshold
  | 'clamp'; // a: lowest, b: highest (±Infinity for none); NaN stays; integers too

/** Result dtype bool. */
export type PredicateOp = 'isnan' | 'isinf' | 'isfinite' | 'logicalNot';

/** Result dtype = input dtype. Integer division by zero gives 0 here; operations refuse it first. */
export type BinaryOp =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div' // div of integers truncates
  | 'floorDiv'
  | 'truncDiv' // both defined for floats and integers, results of the same dtype
  | 'remainder' // sign of the divisor
  | 'fmod' // sign of the dividend
  | 'pow'
  | 'atan2'
  | 'hypot'
  | 'maximum'
  | 'minimum' // NaN if either is NaN
  | 'addMultiple' // of floats, a: factor; left + a * right
  | 'bitwiseAnd'
  | 'bitwiseOr'
  | 'bitwiseXor'
  | 'leftShift'
  | 'rightShift'
  // Gradients in one pass: first operand the gradient of the result, second what the name says.
  | 'sigmoidBackward' // (grad, result): grad * r * (1 - r)
  | 'tanhBackward' // (grad, result): grad * (1 - r²)
  | 'reluBackward' // (grad, input or result): 0 where it is <= 0, else grad (NaN lets it pass)
  | 'leakyReluBackward' // (grad, input), a: negative slope
  | 'geluBackward'
  | 'geluTanhBackward'
  | 'siluBackward' // (grad, input)
  | 'eluBackward' // (grad, input), a: alpha, b: scale
  | 'softplusBackward' // (grad, input), a: beta, b: threshold
  | 'clampBackward'; // (grad, input), a: lowest, b: highest; bounds included pass

/** Result dtype bool; both inputs of one dtype. NaN compares false, but for `ne`. */
export type CompareOp = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge' | 'logicalAnd' | 'logicalOr' | 'logicalXor';

/** `max` and `min` of anything with a NaN is NaN. `any` and `all` write bool; `sumOfSquares` needs floats. */
export type ReduceOp = 'sum' | 'mean' | 'prod' | 'max' | 'min' | 'any' | 'all' | 'sumOfSquares' | 'sumOfAbs';

export type RandomOp =
  | 'uniform' // a: from, b: to
  | 'normal' // a: mean, b: standard deviation
  | 'bernoulli' // a: probability; 0 and 1 in the result's dtype
  | 'exponential' // a: rate
  | 'randint' // a: from, b: to, exclusive
  | 'randperm'; // result: int64 [n]

/**
 * The state of an MT19937 generator, 628 words: the 624 of the twister, the index of the next one to hand out (624: the
 * twister must turn first), 1 or 0 for a cached normal number, and that number's float64 bits, low word first.
 */
export type GeneratorState = Uint32Array;

/** A window sliding over the spatial dims (one to three), as many entries as there are of those. */
export interface Window {
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
}

export interface ConvolutionGeometry extends Window {
  readonly groups: number;
}

export interface PoolGeometry extends Window {
  readonly kernel: readonly number[];
}

/** What rides along in a matrix product's or convolution's last pass over its result. */
export type Activation = 'none' | 'relu';

/** One step of an optimiser over many parameters of one dtype; views of equal length lists belong together. */
export interface OptimizerStep {
  readonly kind: 'sgd' | 'adam' | 'adamw';
  readonly parameters: readonly StridedView[];
  readonly gradients: readonly StridedView[];
  /** sgd: [momentum buffers] or []; adam: [first moments, second moments] and, with amsgrad, [largest second moments]. */
  readonly state: readonly (readonly StridedView[])[];
  /** In the order in which `optim/sgd.ts` and `optim/adam.ts` state them. */
  readonly scalars: readonly number[];
}

export interface Backend {
  /** 'native' or 'reference'. */
  readonly name: string;
  /**
   * Whether `matmul` takes bfloat16 operands, without alpha, beta and activation. Of other kernels only `copy` does, to and from
   * float32; everything else is left to the face of bfloat16.ts.
   */
  readonly multipliesBfloat16: boolean;
  /** What it runs on, for a person: 'native avx512, 2 threads'. */
  describe(): string;
  getNumThreads(): number;
  setNumThreads(count: number): void;

  // ---- memory

  /** A new block, its content undefined. */
  allocate(byteLength: number): Storage;
  /**
   * The bytes of a file open for reading as a block, mapped, not read, and not to be written to. It stays when the file is closed
   * or deleted. Undefined where that can't be had: a backend or file system without it, a file of fewer bytes.
   */
  mapFile(descriptor: number, byteLength: number): Storage | undefined;
  /** Gives a block back at once; using it afterwards is an error. Only for who knows that nobody else holds it. */
  release(storage: Storage): void;
  /**
   * The end of a training step, or of loading a batch: what was made on the way has just become garbage, a good moment to
   * collect it where there are so many bytes (the backend's own measure unless given).
   */
  stepEnded(worthwhile?: number): void;
  /** Copies a typed array in, from the storage's element `offset` on. */
  write(storage: Storage, offset: number, source: TypedArray): void;
  /** Copies a view out, in row-major order; `target` has the view's element count and dtype. */
  read(view: StridedView, target: TypedArray): void;
  /** The single element of a view as a number (int64 beyond 2^53 rounds). */
  readScalar(view: StridedView): number;
  /** A token by which another thread of this process can `adopt` the same memory. It counts as a reference until adopted once. */
  share(storage: Storage): unknown;
  adopt(token: unknown): Storage;
  /** Bytes in use by living storages, and the most there were since the start or the last reset. */
  memory(): { readonly allocated: number; readonly peak: number; readonly reserved: number };
  resetPeakMemory(): void;

  // ---- elementwise

  fill(output: StridedView, value: number | bigint): void;
  /** start + i * step in row-major order, computed in float64 (in int64 for integers). */
  arange(output: StridedView, start: number, step: number): void;
  /** Copies with conversion between any two dtypes (float to integer truncates, to bool: not zero). */
  copy(output: StridedView, input: StridedView): void;
  /** The inputs' elements one after another. All are contiguous and of the output's dtype; together they are as many. */
  concatenate(output: StridedView, inputs: readonly StridedView[]): void;
  unary(op: UnaryOp, output: StridedView, input: StridedView, a?: number, b?: number): void;
  predicate(op: PredicateOp, output: StridedView, input: StridedView): void;
  /** A power by the numbers 0.5 and -0.5, not by tensors, is the square root or its reciprocal: NaN of -Infinity. */
  binary(op: BinaryOp, output: StridedView, left: Operand, right: Operand, a?: number, b?: number): void;
  compare(op: CompareOp, output: StridedView, left: Operand, right: Operand): void;
  /** `condition` is bool; a number operand takes the result's dtype. */
  where(output: StridedView, condition: StridedView, left: Operand, right: Operand): void;
  /** result = input + scale * left * right (mode 'mul') or input + scale * left / right (mode 'div'). */
  addScaled(
    mode: 'mul' | 'div',
    output: StridedView,
    input: StridedView,
    left: StridedView,
    right: StridedView,
    scale: number,
  ): void;
  /** result = start + weight * (end - start), PyTorch's two-sided form for weight >= 0.5. */
  lerp(output: StridedView, start: StridedView, end: StridedView, weight: Operand): void;

  // ---- reductions; `output` has the input's rank, with size 1 in the dims that are reduced

  /** Sums of bool and integers are int64: `input` may have another dtype than `output` then. Pairwise for floats. */
  reduce(op: ReduceOp, output: StridedView, input: StridedView): void;
  /** Two-pass variance over the reduced dims with `correction` (1: unbiased) and, where given, the mean. Floats. */
  variance(output: StridedView, mean: StridedView | undefined, input: StridedView, correction: number): void;
  /** log(sum(exp(x))) over the reduced dims, stable. Floats. */
  logSumExp(output: StridedView, input: StridedView): void;
  /** The largest or smallest along `dim` and where it first stands (int64); NaN wins. `values` may be undefined. */
  extremum(
    op: 'max' | 'min',
    values: StridedView | undefined,
    indices: StridedView,
    input: StridedView,
    dim: number,
  ): void;
  cumulative(op: 'sum' | 'prod', output: StridedView, input: StridedView, dim: number): void;
  /** Running extremum and its position (the last of equals, as PyTorch). */
  cumulativeExtremum(
    op: 'max' | 'min',
    values: StridedView,
    indices: StridedView,
    input: StridedView,
    dim: number,
  ): void;
  /** Stable; NaN counts as the largest. `indices` is int64. */
  sort(values: StridedView, indices: StridedView, input: StridedView, dim: number, descending: boolean): void;
  /** The `k` largest or smallest along `dim`, in order, where k = values.shape[dim]. */
  topk(values: StridedView, indices: StridedView, input: StridedView, dim: number, largest: boolean): void;

  // ---- matrices and convolutions

  /**
   * output [..., M, N] = alpha * left [..., M, K] @ right [..., K, N] + beta * output (beta 0: not read) + bias [N],
   * then the activation. Batch dims broadcast to the output's. Any strides (transposes cost no copy).
   */
  matmul(
    output: StridedView,
    left: StridedView,
    right: StridedView,
    options?: {
      readonly bias?: StridedView | undefined;
      readonly activation?: Activation;
      readonly alpha?: number;
      readonly beta?: number;
    },
  ): void;
  /** output [N, O, ...S'], input [N, C, ...S], weight [O, C / groups, ...K], bias [O]. Cross-correlation. */
  convolution(
    output: StridedView,
    input: StridedView,
    weight: StridedView,
    bias: StridedView | undefined,
    geometry: ConvolutionGeometry,
    activation?: Activation,
  ): void;
  /** The gradient with respect to the input, which is also the transposed convolution. */
  convolutionBackwardInput(
    gradInput: StridedView,
    gradOutput: StridedView,
    weight: StridedView,
    geometry: ConvolutionGeometry,
  ): void;
  /** The gradients with respect to the weight and, where asked for, the bias. */
  convolutionBackwardWeight(
    gradWeight: StridedView,
    gradBias: StridedView | undefined,
    gradOutput: StridedView,
    input: StridedView,
    geometry: ConvolutionGeometry,
  ): void;

  // ---- pooling over the last one to three dims of [N, C, ...S]

  /** `indices` (int64): the position of the maximum within its plane, row-major over the spatial dims. */
  maxPool(output: StridedView, indices: StridedView, input: StridedView, geometry: PoolGeometry): void;
  maxPoolBackward(gradInput: StridedView, gradOutput: StridedView, indices: StridedView): void;
  averagePool(output: StridedView, input: StridedView, geometry: PoolGeometry, countPadding: boolean): void;
  averagePoolBackward(
    gradInput: StridedView,
    gradOutput: StridedView,
    geometry: PoolGeometry,
    countPadding: boolean,
  ): void;
  /** Windows from floor(i * in / out) to ceil((i + 1) * in / out). */
  adaptiveAveragePool(output: StridedView, input: StridedView): void;
  adaptiveAveragePoolBackward(gradInput: StridedView, gradOutput: StridedView): void;
  adaptiveMaxPool(output: StridedView, indices: StridedView, input: StridedView): void;

  // ---- normalisation; statistics in the input's dtype

  /**
   * Batch norm of [N, C, ...S] with the batch's own statistics, which are written to `mean` and `rstd` [C]
   * (rstd = 1 / sqrt(biased variance + eps)) and, where given, blended into the running ones
   * (running = (1 - momentum) * running + momentum * batch, the variance unbiased).
   */
  batchNorm(
    output: StridedView,
    mean: StridedView,
    rstd: StridedView,
    input: StridedView,
    weight: StridedView | undefined,
    bias: StridedView | undefined,
    running: { readonly mean: StridedView; readonly variance: StridedView; readonly momentum: number } | undefined,
    eps: number,
  ): void;
  /** With given statistics: (x - mean) * rstd * weight + bias, per channel. */
  batchNormWith(
    output: StridedView,
    input: StridedView,
    mean: StridedView,
    rstd: StridedView,
    weight: StridedView | undefined,
    bias: StridedView | undefined,
  ): void;
  /** `batchStatistics`: whether mean and rstd came from this input (training) or were constants. gradInput may be gradOutput. */
  batchNormBackward(
    gradInput: StridedView | undefined,
    gradWeight: StridedView | undefined,
    gradBias: StridedView | undefined,
    gradOutput: StridedView,
    input: StridedView,
    mean: StridedView,
    rstd: StridedView,
    weight: StridedView | undefined,
    batchStatistics: boolean,
  ): void;
  /** Over the last dims: input [R, D] with mean and rstd [R], weight and bias [D]. Contiguous rows. */
  layerNorm(
    output: StridedView,
    mean: StridedView,
    rstd: StridedView,
    input: StridedView,
    weight: StridedView | undefined,
    bias: StridedView | undefined,
    eps: number,
  ): void;
  /** gradInput may be gradOutput. */
  layerNormBackward(
    gradInput: StridedView | undefined,
    gradWeight: StridedView | undefined,
    gradBias: StridedView | undefined,
    gradOutput: StridedView,
    input: StridedView,
    mean: StridedView,
    rstd: StridedView,
    weight: StridedView | undefined,
  ): void;

  // ---- softmax, cross entropy, attention

  softmax(output: StridedView, input: StridedView, dim: number, log: boolean): void;
  /** From the result: softmax: y * (g - sum(g * y)); log-softmax: g - exp(y) * sum(g). */
  softmaxBackward(
    gradInput: StridedView,
    gradOutput: StridedView,
    output: StridedView,
    dim: number,
    log: boolean,
  ): void;
  /**
   * Cross entropy of logits [N, C] with class indices `targets` int64 [N]: writes per-row losses [N] and the log-sum-exp
   * of each row [N]. loss = weight[t] * ((1 - s) * (lse - x[t])) + s / C * sum_c weight[c] * (lse - x[c]); 0 for rows whose
   * target is `ignoreIndex`. Returns how many rows have another; -1 - p if the target at place p is the first out of range.
   */
  crossEntropy(
    losses: StridedView,
    logSumExp: StridedView,
    logits: StridedView,
    targets: StridedView,
    weight: StridedView | undefined,
    ignoreIndex: number,
    labelSmoothing: number,
  ): number;
  /** gradLogits [N, C] from the gradient of each row's loss, gradLosses [N] (may be expanded). */
  crossEntropyBackward(
    gradLogits: StridedView,
    gradLosses: StridedView,
    logSumExp: StridedView,
    logits: StridedView,
    targets: StridedView,
    weight: StridedView | undefined,
    ignoreIndex: number,
    labelSmoothing: number,
  ): void;
  /**
   * softmax(q @ kᵀ * scale + mask) @ v over [B, H, L, E], without the full score matrix. `mask` (floats) broadcasts to
   * [B, H, L, S] or is undefined; `logSumExp` [B, H, L] is kept for the backward.
   */
  attention(
    output: StridedView,
    logSumExp: StridedView,
    query: StridedView,
    key: StridedView,
    value: StridedView,
    mask: StridedView | undefined,
    scale: number,
    causal: boolean,
  ): void;
  attentionBackward(
    gradQuery: StridedView,
    gradKey: StridedView,
    gradValue: StridedView,
    gradOutput: StridedView,
    output: StridedView,
    logSumExp: StridedView,
    query: StridedView,
    key: StridedView,
    value: StridedView,
    mask: StridedView | undefined,
    scale: number,
    causal: boolean,
  ): void;

  // ---- indexing; index views are int64

  /** output[i][j][k] = input[i][index[i][j][k]][k] along `dim`. Negative indices are out of range. Returns a bad index. */
  gather(output: StridedView, input: StridedView, dim: number, index: StridedView): number;
  /** output[i][index[i][j][k]][k] (reduce)= source[i][j][k]; `output` holds its content already. Returns a bad index. */
  scatter(
    reduce: 'set' | 'add' | 'multiply' | 'max' | 'min',
    output: StridedView,
    dim: number,
    index: StridedView,
    source: Operand,
  ): number;
  /** Slices of `input` along `dim` at `index` [K]: embedding lookups and indexSelect. Returns a bad index. */
  indexSelect(output: StridedView, input: StridedView, dim: number, index: StridedView): number;
  /** output's slices at `index` [K] += alpha * source's. Returns a bad index. */
  indexAdd(output: StridedView, dim: number, index: StridedView, source: StridedView, alpha: number): number;
  /**
   * Advanced indexing over the first `indices.length` dims of `input`; the indices have one common shape, negative ones
   * count from the end: output [...common, ...rest]. Returns a bad index: position * indices.length + which of them.
   */
  index(output: StridedView, input: StridedView, indices: readonly StridedView[]): number;
  /** The reverse: writes `source` (broadcast to [...common, ...rest]) to those places, or adds it. Returns a bad index. */
  indexPut(output: StridedView, indices: readonly StridedView[], source: StridedView, accumulate: boolean): number;
  /** How many elements are not zero. */
  countNonzero(input: StridedView): number;
  /** Their coordinates, int64 [count, ndim], in row-major order. */
  nonzero(output: StridedView, input: StridedView): void;

  // ---- random numbers, consumed from the state exactly as PyTorch's CPU generator is

  random(op: RandomOp, output: StridedView, state: GeneratorState, a: number, b: number): void;
  /** Probabilities in a view (float32 or float64): one draw each; 0 and 1 in the result's dtype. */
  bernoulliFrom(output: StridedView, probabilities: StridedView, state: GeneratorState): void;

  // ---- optimisers

  optimizerStep(step: OptimizerStep): void;
}

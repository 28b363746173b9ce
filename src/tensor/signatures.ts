// What the functions here may be called with. Written by `npm run signatures` from their types; see tensor/guarded.ts.

export const signatures = {
  arange:
    'arange(start: number, end?: number|{dtype?: string, requiresGrad?: boolean}, step?: number|{dtype?: string, requiresGrad?: boolean}, options?: {dtype?: string, requiresGrad?: boolean})',
  empty: 'empty(shape: array, options?: {dtype?: string, requiresGrad?: boolean})',
  emptyLike: 'emptyLike(like: Tensor, options?: {dtype?: string, requiresGrad?: boolean})',
  eye: 'eye(n: number, m?: number, options?: {dtype?: string, requiresGrad?: boolean})',
  fromTypedArray: 'fromTypedArray(array: object, shape: array, options?: {dtype?: string, requiresGrad?: boolean})',
  full: 'full(shape: array, value: bigint|boolean|number, options?: {dtype?: string, requiresGrad?: boolean})',
  fullLike: 'fullLike(like: Tensor, value: bigint|boolean|number, options?: {dtype?: string, requiresGrad?: boolean})',
  linspace: 'linspace(start: number, end: number, steps: number, options?: {dtype?: string, requiresGrad?: boolean})',
  logspace:
    'logspace(start: number, end: number, steps: number, base?: number, options?: {dtype?: string, requiresGrad?: boolean})',
  normal:
    'normal(mean: number, std: number, shape: array, options?: {dtype?: string, generator?: object, requiresGrad?: boolean})',
  ones: 'ones(shape: array, options?: {dtype?: string, requiresGrad?: boolean})',
  onesLike: 'onesLike(like: Tensor, options?: {dtype?: string, requiresGrad?: boolean})',
  rand: 'rand(shape: array, options?: {dtype?: string, generator?: object, requiresGrad?: boolean})',
  randLike: 'randLike(like: Tensor, options?: {dtype?: string, generator?: object, requiresGrad?: boolean})',
  randint:
    'randint(low: number, high: array|number, shape?: array|{dtype?: string, generator?: object, requiresGrad?: boolean}, options?: {dtype?: string, generator?: object, requiresGrad?: boolean})',
  randn: 'randn(shape: array, options?: {dtype?: string, generator?: object, requiresGrad?: boolean})',
  randnLike: 'randnLike(like: Tensor, options?: {dtype?: string, generator?: object, requiresGrad?: boolean})',
  randperm: 'randperm(n: number, options?: {dtype?: string, generator?: object, requiresGrad?: boolean})',
  tensor: 'tensor(data: Tensor|array|bigint|boolean|number|object, options?: {dtype?: string, requiresGrad?: boolean})',
  zeros: 'zeros(shape: array, options?: {dtype?: string, requiresGrad?: boolean})',
  zerosLike: 'zerosLike(like: Tensor, options?: {dtype?: string, requiresGrad?: boolean})',
} as const;

# The addon: one static library of kernels per instruction set from the same sources, and the module that picks one
# when it is loaded. The libraries are linked from the oldest instruction set to the newest: where the linker meets the
# same inline function several times it keeps the first, which must run on every machine.
{
  'variables': {
    'kernel_sources': [
      'native/kernels/attention.cpp',
      'native/kernels/attention_backward.cpp',
      'native/kernels/batch_norm.cpp',
      'native/kernels/binary.cpp',
      'native/kernels/copy.cpp',
      'native/kernels/patch.cpp',
      'native/kernels/correlation_pixels.cpp',
      'native/kernels/correlation_channels.cpp',
      'native/kernels/convolution_weight_tiles.cpp',
      'native/kernels/convolution_weight_dots.cpp',
      'native/kernels/convolution.cpp',
      'native/kernels/dot.cpp',
      'native/kernels/elementwise.cpp',
      'native/kernels/layer_norm.cpp',
      'native/kernels/matmul.cpp',
      'native/kernels/normalization.cpp',
      'native/kernels/pooling.cpp',
      'native/kernels/product.cpp',
      'native/kernels/softmax.cpp',
      'native/kernels/optimizer.cpp',
      'native/kernels/packing.cpp',
      'native/kernels/random.cpp',
      'native/kernels/reduction.cpp',
      'native/kernels/table.cpp',
      'native/kernels/tile.cpp',
      'native/kernels/unary.cpp',
    ],
    # Floating point as written: NaN, infinities and subnormal numbers are right, nothing is fused but where it says so.
    'flags': [
      '-std=c++17',
      '-fvisibility=hidden',
      '-ffp-contract=off',
      '-fno-math-errno',
      '-fno-trapping-math',
      '-fwrapv',
      '-fno-exceptions',
      '-fno-rtti',
      '-Wall',
      '-Wextra',
    ],
    'kernel_flags': ['<@(flags)', '-O3', '-Wno-uninitialized', '-Wno-maybe-uninitialized', '-Wno-psabi'],
    'avx2_flags': ['-mavx2', '-mfma', '-mbmi', '-mbmi2', '-mpopcnt'],
    'avx512_flags': ['-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl', '-mprefer-vector-width=512'],
  },
  'target_defaults': {
    'default_configuration': 'Release',
    'cflags!': ['-g', '-fno-omit-frame-pointer'],
    'cflags_cc!': ['-std=gnu++17', '-std=gnu++20'],
    'xcode_settings': {
      'MACOSX_DEPLOYMENT_TARGET': '11.0',
      'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
    },
  },
  'targets': [
    {
      'target_name': 'flambeau',
      'sources': [
        'native/binding.cpp',
        'native/instruction_set.cpp',
        'native/memory.cpp',
        'native/run.cpp',
        'native/calls/elementwise.cpp',
        'native/calls/indexing.cpp',
        'native/calls/layer.cpp',
        'native/calls/reduction.cpp',
        'native/threads.cpp',
        'native/plain/along.cpp',
        'native/plain/fill.cpp',
        'native/plain/indexing.cpp',
        'native/plain/integers.cpp',
        'native/plain/random.cpp',
        'native/plain/reduce.cpp',
        'native/plain/sort.cpp',
        'native/plain/special.cpp',
        'native/plain/transpose.cpp',
        'native/plain/walk.cpp',
      ],
      'defines': [
        # So that finalizers run during garbage collection, not when the event loop turns.
        'NAPI_EXPERIMENTAL',
        'NODE_API_EXPERIMENTAL_NOGC_ENV_OPT_OUT',
        'NODE_API_EXPERIMENTAL_BASIC_ENV_OPT_OUT',
      ],
      'cflags_cc': ['<@(flags)', '-O2', '-ftree-vectorize'],
      'xcode_settings': { 'OTHER_CPLUSPLUSFLAGS': ['<@(flags)', '-O2'] },
      'conditions': [
        # All symbols are looked up when the addon is loaded: one that is missing is an error then, not a crash later.
        ['OS=="linux"', { 'libraries': ['-pthread'], 'ldflags': ['-Wl,-z,now'] }],
        ['target_arch=="x64"', { 'dependencies': ['kernels_baseline', 'kernels_avx2', 'kernels_avx512'] }],
        ['target_arch=="arm64"', { 'dependencies': ['kernels_neon'] }],
      ],
    },
  ],
  'conditions': [
    [
      'target_arch=="x64"',
      {
        'targets': [
          {
            'target_name': 'kernels_baseline',
            'type': 'static_library',
            'sources': ['<@(kernel_sources)'],
            'defines': ['FLAMBEAU_ISA=baseline'],
            'cflags_cc': ['<@(kernel_flags)', '-msse4.2', '-mpopcnt'],
            'xcode_settings': { 'OTHER_CPLUSPLUSFLAGS': ['<@(kernel_flags)', '-msse4.2', '-mpopcnt'] },
          },
          {
            'target_name': 'kernels_avx2',
            'type': 'static_library',
            'sources': ['<@(kernel_sources)'],
            'defines': ['FLAMBEAU_ISA=avx2'],
            'cflags_cc': ['<@(kernel_flags)', '<@(avx2_flags)'],
            'xcode_settings': { 'OTHER_CPLUSPLUSFLAGS': ['<@(kernel_flags)', '<@(avx2_flags)'] },
          },
          {
            'target_name': 'kernels_avx512',
            'type': 'static_library',
            'sources': ['<@(kernel_sources)'],
            'defines': ['FLAMBEAU_ISA=avx512'],
            'cflags_cc': ['<@(kernel_flags)', '<@(avx2_flags)', '<@(avx512_flags)'],
            'xcode_settings': { 'OTHER_CPLUSPLUSFLAGS': ['<@(kernel_flags)', '<@(avx2_flags)', '<@(avx512_flags)'] },
          },
        ],
      },
    ],
    [
      'target_arch=="arm64"',
      {
        'targets': [
          {
            'target_name': 'kernels_neon',
            'type': 'static_library',
            'sources': ['<@(kernel_sources)'],
            'defines': ['FLAMBEAU_ISA=neon'],
            'cflags_cc': ['<@(kernel_flags)'],
            'xcode_settings': { 'OTHER_CPLUSPLUSFLAGS': ['<@(kernel_flags)'] },
          },
        ],
      },
    ],
  ],
}

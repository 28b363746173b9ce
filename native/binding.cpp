// The addon as JavaScript sees it: functions for memory, and `run`, which reads one kernel call from the message page and
// makes it. Context-aware: every thread that loads it has its own page; memory and thread pool belong to the process.
#include <dlfcn.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <node_api.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "handle.h"
#include "instruction_set.h"
#include "kernels/kernels.h"
#include "memory.h"
#include "message.h"
#include "run.h"
#include "threads.h"

namespace flambeau {
namespace {

struct Environment {
  double* page = nullptr;
  int64_t pageLength = 0;
  napi_ref pageReference = nullptr;
  bool accounting = false;  // whether the collector is told of memory it cannot see
};

size_t elementBytes(napi_typedarray_type type) {
  switch (type) {
    case napi_float64_array:
    case napi_bigint64_array:
    case napi_biguint64_array: return 8;
    case napi_float32_array:
    case napi_int32_array:
    case napi_uint32_array: return 4;
    case napi_int16_array:
    case napi_uint16_array: return 2;
    default: return 1;
  }
}

napi_value throwError(napi_env env, const char* message) {
  napi_throw_error(env, nullptr, message);
  return nullptr;
}

napi_value number(napi_env env, double value) {
  napi_value result = nullptr;
  napi_create_double(env, value, &result);
  return result;
}

double numberOf(napi_env env, napi_value value) {
  double result = 0;
  napi_get_value_double(env, value, &result);
  return result;
}

// Arguments of a call; what is missing is undefined.
template <size_t capacity>
struct Call {
  size_t count = capacity;
  napi_value arguments[capacity];
  Environment* environment = nullptr;
  Call(napi_env env, napi_callback_info info) {
    void* data = nullptr;
    napi_get_cb_info(env, info, &count, arguments, nullptr, &data);
    if (count > capacity) count = capacity;
    environment = static_cast<Environment*>(data);
  }
};

// ---- memory

void drop(napi_env env, Handle* handle) {
  if (handle->block == nullptr) return;
  releaseBlock(handle->block);
  handle->block = nullptr;
  int64_t total;
  if (handle->accounted != 0) napi_adjust_external_memory(env, -handle->accounted, &total);
  handle->accounted = 0;
}

// Runs during garbage collection, so it touches nothing of JavaScript.
void finalizeHandle(napi_env env, void* data, void*) {
  auto* handle = static_cast<Handle*>(data);
  drop(env, handle);
  delete handle;
}

napi_value externalOf(napi_env env, Block* block, bool accounting) {
  bool counts = accounting && block->sizeClass != kFileClass;
  auto* handle = new Handle{kHandleMagic, block, counts ? block->bytes : 0};
  napi_value result = nullptr;
  int64_t total;
  if (counts) napi_adjust_external_memory(env, handle->accounted, &total);
  if (napi_create_external(env, handle, finalizeHandle, nullptr, &result) != napi_ok) {
    finalizeHandle(env, handle, nullptr);
    return throwError(env, "an external could not be made");
  }
  return result;
}

// (bytes) -> handle
napi_value allocate(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  double bytes = numberOf(env, call.arguments[0]);
  if (!(bytes >= 0)) return throwError(env, "a block's size is a number of bytes >= 0");
  Block* block = bytes < 0x1p46 ? allocateBlock(static_cast<int64_t>(bytes)) : nullptr;
  if (block == nullptr) {
    char message[120];
    snprintf(message, sizeof message, "out of memory: the system has no %.0f bytes", bytes);
    return throwError(env, message);
  }
  return externalOf(env, block, call.environment->accounting);
}

// (file descriptor, bytes) -> handle, undefined when the file can't be mapped or has fewer bytes
napi_value mapOpenFile(napi_env env, napi_callback_info info) {
  Call<2> call(env, info);
  int32_t file = -1;
  napi_get_value_int32(env, call.arguments[0], &file);
  double bytes = numberOf(env, call.arguments[1]);
  Block* block = bytes >= 1 && bytes < 0x1p46 ? mapFile(file, static_cast<int64_t>(bytes)) : nullptr;
  return block == nullptr ? nullptr : externalOf(env, block, false);
}

// (handle)
napi_value release(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  Handle* handle = handleOf(env, call.arguments[0]);
  if (handle == nullptr) return throwError(env, "this is no storage of the native backend");
  drop(env, handle);
  return nullptr;
}

// (handle) -> token
napi_value share(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  const char* problem = nullptr;
  Block* block = blockOf(env, call.arguments[0], &problem);
  if (block == nullptr) return throwError(env, problem);
  return number(env, static_cast<double>(shareBlock(block)));
}

// (token) -> handle
napi_value adopt(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  Block* block = adoptBlock(static_cast<int64_t>(numberOf(env, call.arguments[0])));
  if (block == nullptr) {
    return throwError(env, "this token of shared memory is unknown: a token can be adopted once, in the process it is from");
  }
  return externalOf(env, block, call.environment->accounting);
}

// () -> page: [allocated, peak, reserved]
napi_value memory(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  MemoryCounters counters = memoryCounters();
  call.environment->page[0] = static_cast<double>(counters.allocated);
  call.environment->page[1] = static_cast<double>(counters.peak);
  call.environment->page[2] = static_cast<double>(counters.reserved);
  return nullptr;
}

// () -> bytes in living blocks
napi_value allocated(napi_env env, napi_callback_info) {
  return number(env, static_cast<double>(memoryCounters().allocated));
}

napi_value resetPeak(napi_env, napi_callback_info) {
  resetPeakMemory();
  return nullptr;
}

// From now on the collector is told of every block, so that it runs of its own accord.
napi_value accountForMemory(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  call.environment->accounting = true;
  return nullptr;
}

// (handle, byte offset, typed array): the array's bytes into the block
napi_value write(napi_env env, napi_callback_info info) {
  Call<3> call(env, info);
  const char* problem = nullptr;
  Block* block = blockOf(env, call.arguments[0], &problem);
  if (block == nullptr) return throwError(env, problem);
  if (block->sizeClass == kFileClass) return throwError(env, "a mapped file can't be written to");
  double offset = numberOf(env, call.arguments[1]);
  napi_typedarray_type type;
  size_t length;
  void* data;
  if (napi_get_typedarray_info(env, call.arguments[2], &type, &length, &data, nullptr, nullptr) != napi_ok) {
    return throwError(env, "expected a typed array");
  }
  size_t bytes = length * elementBytes(type);
  if (!(offset >= 0 && offset + static_cast<double>(bytes) <= static_cast<double>(block->bytes))) {
    return throwError(env, "the array doesn't fit into the memory it is written to");
  }
  if (bytes > 0) memcpy(block->data + static_cast<int64_t>(offset), data, bytes);
  return nullptr;
}

// ---- kernels

// (kernel, ...handles), the rest of the call on the page. Gives back what the kernel returns, if it returns a number.
template <size_t capacity>
napi_value run(napi_env env, napi_callback_info info) {
  Call<capacity> call(env, info);
  int32_t kernel = -1;
  napi_get_value_int32(env, call.arguments[0], &kernel);
  Environment& environment = *call.environment;
  Message message(environment.page, environment.pageLength, env, call.arguments + 1, call.count - 1);
  double result = 0;
  bool returns = runKernel(activeKernels(), kernel, message, result);
  if (message.failed()) return throwError(env, message.error());
  return returns ? number(env, result) : nullptr;
}

// (typed array, handle), a view on the page: its elements into the array, in row-major order
napi_value read(napi_env env, napi_callback_info info) {
  Call<2> call(env, info);
  Environment& environment = *call.environment;
  Message message(environment.page, environment.pageLength, env, call.arguments + 1, call.count - 1);
  View view;
  message.view(view);
  if (message.failed()) return throwError(env, message.error());
  napi_typedarray_type type;
  size_t length;
  void* data;
  if (napi_get_typedarray_info(env, call.arguments[0], &type, &length, &data, nullptr, nullptr) != napi_ok ||
      elementBytes(type) != static_cast<size_t>(bytesOf(view.dtype)) || length != static_cast<size_t>(view.numel())) {
    return throwError(env, "expected a typed array of the view's dtype and element count");
  }
  if (length == 0) return nullptr;
  View target = view;
  target.data = data;
  int64_t stride = 1;
  for (int d = view.ndim - 1; d >= 0; d--) {
    target.strides[d] = stride;
    stride *= view.shape[d];
  }
  activeKernels().elementwise.copy(target, view);
  return nullptr;
}

// (count) and () -> count
napi_value setThreads(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  setThreadCount(static_cast<int>(numberOf(env, call.arguments[0])));
  return nullptr;
}

napi_value threads(napi_env env, napi_callback_info) { return number(env, threadCount()); }

// (page): the Float64Array that messages are written to from now on
napi_value start(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  Environment& environment = *call.environment;
  napi_typedarray_type type;
  size_t length;
  void* data;
  if (napi_get_typedarray_info(env, call.arguments[0], &type, &length, &data, nullptr, nullptr) != napi_ok ||
      type != napi_float64_array || length < 64) {
    return throwError(env, "start expects a Float64Array of at least 64 numbers");
  }
  if (environment.pageReference != nullptr) napi_delete_reference(env, environment.pageReference);
  napi_create_reference(env, call.arguments[0], 1, &environment.pageReference);
  environment.page = static_cast<double*>(data);
  environment.pageLength = static_cast<int64_t>(length);
  return nullptr;
}

void finalizeEnvironment(napi_env, void* data, void*) { delete static_cast<Environment*>(data); }

// Pool threads run this code even when the last environment that loaded it is gone.
void stayLoaded() {
  Dl_info self;
  if (dladdr(reinterpret_cast<void*>(&stayLoaded), &self) != 0) dlopen(self.dli_fname, RTLD_NOW | RTLD_NODELETE);
}

}  // namespace
}  // namespace flambeau

NAPI_MODULE_INIT() {
  using namespace flambeau;
  stayLoaded();
#ifdef __GLIBC__
  // What a thread needed to parse the library, some megabytes in each worker, goes back to the system.
  malloc_trim(0);
#endif
  char problem[200];
  if (!chooseInstructionSet(problem, sizeof problem)) return throwError(env, problem);

  auto* environment = new Environment;
  // Until `start` gives it a page: one number, so that a call that comes too early fails instead of crashing.
  static double noPage[4];
  environment->page = noPage;
  napi_set_instance_data(env, environment, finalizeEnvironment, nullptr);

  struct {
    const char* name;
    napi_callback function;
  } functions[] = {
      {"start", start},         {"run", run<16>},       {"runList", run<512>},
      {"allocate", allocate},   {"release", release},   {"share", share},
      {"adopt", adopt},         {"memory", memory},     {"allocated", allocated},
      {"resetPeak", resetPeak}, {"write", write},       {"read", read},
      {"setThreads", setThreads}, {"threads", threads}, {"accountForMemory", accountForMemory},
      {"mapFile", mapOpenFile},
  };
  for (auto& f : functions) {
    napi_value function;
    napi_create_function(env, f.name, NAPI_AUTO_LENGTH, f.function, environment, &function);
    napi_set_named_property(env, exports, f.name, function);
  }
  napi_value value;
  napi_get_boolean(env, activeKernels().bfloat16.matmul != nullptr, &value);
  napi_set_named_property(env, exports, "multipliesBfloat16", value);
  napi_create_string_utf8(env, instructionSetName(), NAPI_AUTO_LENGTH, &value);
  napi_set_named_property(env, exports, "instructionSet", value);
  napi_create_string_utf8(env, supportedInstructionSets(), NAPI_AUTO_LENGTH, &value);
  napi_set_named_property(env, exports, "instructionSets", value);
  napi_create_string_utf8(env, operationNames(), NAPI_AUTO_LENGTH, &value);
  napi_set_named_property(env, exports, "operations", value);
  return exports;
}

// What an external of JavaScript points at: one reference to a block, until it is released or collected.
#pragma once
#include <node_api.h>

#include "memory.h"

namespace flambeau {

struct Handle {
  uint64_t magic;  // an external of somebody else's is told by it
  Block* block;    // null once released
  int64_t accounted;  // bytes the collector was told of
};
constexpr uint64_t kHandleMagic = 0x7561656d616c66ull;

// The handle behind a value, null if it is none.
inline Handle* handleOf(napi_env env, napi_value value) {
  void* data = nullptr;
  if (napi_get_value_external(env, value, &data) != napi_ok || data == nullptr) return nullptr;
  auto* handle = static_cast<Handle*>(data);
  return handle->magic == kHandleMagic ? handle : nullptr;
}

// The living block behind a value; null, with what is wrong, if there is none.
inline Block* blockOf(napi_env env, napi_value value, const char** problem) {
  Handle* handle = handleOf(env, value);
  if (handle == nullptr) {
    *problem = "this is no storage of the native backend";
  } else if (handle->block == nullptr) {
    *problem = "this memory was released: nothing may use it any more";
  } else {
    return handle->block;
  }
  return nullptr;
}

}  // namespace flambeau

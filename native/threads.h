// One pool of threads for the process. Work is cut by its size alone, never by the number of threads, so that a result
// does not depend on how many there are.
#pragma once
#include <cstdint>

namespace flambeau {

int threadCount();               // how many threads a call from this thread may use; 1 unless set
void setThreadCount(int count);  // for the calling thread (a worker thread computes on one)

using ChunkFunction = void (*)(const void* body, int64_t begin, int64_t end);
void runChunks(int64_t count, int64_t grain, ChunkFunction function, const void* body);

// Calls body(begin, end) for consecutive chunks of `grain` items of [0, count), on the pool's threads and the caller's,
// and returns when all are done. With one chunk, one thread, or when called from inside a chunk: on the caller alone.
template <typename Body>
void parallelFor(int64_t count, int64_t grain, const Body& body) {
  runChunks(
      count, grain, [](const void* b, int64_t begin, int64_t end) { (*static_cast<const Body*>(b))(begin, end); },
      &body);
}

// Scratch memory of the calling thread, 64-byte aligned, kept and grown for the next call; `slot` tells several apart.
constexpr int kScratchSlots = 16;
void* scratch(int slot, int64_t bytes);
template <typename T>
T* scratchOf(int slot, int64_t count) {
  return static_cast<T*>(scratch(slot, count * static_cast<int64_t>(sizeof(T))));
}

}  // namespace flambeau

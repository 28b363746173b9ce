// One pool of threads for the process. Work is cut by its size alone, never by the number of threads, so that a result
// does not depend on how many there are.
#pragma once
#include <cstdint>
#include <functional>

namespace flambeau {

int threadCount();               // how many threads a call from this thread may use
void setThreadCount(int count);  // for the calling thread (a worker thread computes on one)

// Calls body(begin, end) for consecutive chunks of `grain` items of [0, count), on the pool's threads and the caller's,
// and returns when all are done. With one chunk, one thread, or when called from inside a chunk: on the caller alone.
void parallelFor(int64_t count, int64_t grain, const std::function<void(int64_t, int64_t)>& body);

// Scratch memory of the calling thread, 64-byte aligned, kept and grown for the next call; `slot` tells several apart.
void* scratch(int slot, int64_t bytes);

}  // namespace flambeau

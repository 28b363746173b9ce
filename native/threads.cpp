// The pool. A call publishes one job; each participant first takes the chunks of its own share, front to back (the same
// thread meets the same part of an array again in the next call), then helps itself from the others'. Nobody waits for
// a thread that has not woken up yet: the caller does the chunks itself and closes the job.
#include "threads.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

namespace flambeau {
namespace {

constexpr int kMaxThreads = 256;
// How long an idle pool thread looks for work before it sleeps: longer than what lies between two kernels of one
// training step, for to be woken takes it as long as a small kernel, and short enough not to be noticed by whoever
// shares the machine. After the first part it lets others have the core whenever they ask for it.
constexpr auto kSpin = std::chrono::microseconds(40), kLinger = std::chrono::microseconds(400);

inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

struct alignas(64) Share {
  std::atomic<int64_t> next{0};
  int64_t end = 0;
};

struct Job {
  int64_t count = 0, grain = 1;
  ChunkFunction function = nullptr;
  const void* body = nullptr;
  int participants = 1;
  Share shares[kMaxThreads];
};

struct alignas(64) Worker {
  std::atomic<uint64_t> ticket{0};  // the number of the last job this worker was asked to join
  std::atomic<bool> asleep{false};
  std::mutex mutex;
  std::condition_variable wake;
};

struct Pool {
  std::mutex callers;  // one job at a time; a second caller computes alone
  int started = 0;
  uint64_t jobs = 0;
  Job job;
  alignas(64) std::atomic<uint64_t> open{0};  // the number of the job that may be joined, 0 when none
  alignas(64) std::atomic<int> inside{0};     // workers that may be looking at the job
  Worker workers[kMaxThreads];
};

// Never destroyed: pool threads outlive static destruction.
Pool& pool() {
  static Pool* instance = new Pool;
  return *instance;
}

thread_local int threadLimit = 1;
thread_local bool insideChunk = false;

void takeChunks(Job& job, int self) {
  insideChunk = true;
  for (int i = 0; i < job.participants; i++) {
    Share& share = job.shares[(self + i) % job.participants];
    for (;;) {
      int64_t chunk = share.next.fetch_add(1);
      if (chunk >= share.end) break;
      int64_t begin = chunk * job.grain;
      int64_t end = begin + job.grain < job.count ? begin + job.grain : job.count;
      job.function(job.body, begin, end);
    }
  }
  insideChunk = false;
}

void workerLoop(Pool& p, int self) {
  Worker& me = p.workers[self];
  uint64_t seen = 0;
  for (;;) {
    const auto start = std::chrono::steady_clock::now();
    for (int spins = 1; me.ticket.load() == seen; spins++) {
      pause();
      if (spins % 32 != 0) continue;
      const auto idle = std::chrono::steady_clock::now() - start;
      if (idle > kSpin) std::this_thread::yield();
      if (idle > kLinger) {
        std::unique_lock<std::mutex> lock(me.mutex);
        me.asleep.store(true);
        while (me.ticket.load() == seen) me.wake.wait(lock);
        me.asleep.store(false);
      }
    }
    seen = me.ticket.load();
    // The caller closes the job before it waits for `inside` to fall to 0, so whoever sees it open is waited for.
    p.inside.fetch_add(1);
    if (p.open.load() == seen) takeChunks(p.job, self + 1);
    p.inside.fetch_sub(1);
  }
}

void runAlone(int64_t count, int64_t grain, ChunkFunction function, const void* body) {
  for (int64_t begin = 0; begin < count; begin += grain) {
    function(body, begin, begin + grain < count ? begin + grain : count);
  }
}

struct Scratch {
  void* memory[kScratchSlots] = {};
  int64_t bytes[kScratchSlots] = {};
  ~Scratch() {
    for (void* m : memory) free(m);
  }
};

}  // namespace

int threadCount() { return threadLimit; }

void setThreadCount(int count) { threadLimit = count < 1 ? 1 : count > kMaxThreads ? kMaxThreads : count; }

void runChunks(int64_t count, int64_t grain, ChunkFunction function, const void* body) {
  if (count <= 0) return;
  if (grain < 1) grain = 1;
  int64_t chunks = (count + grain - 1) / grain;
  if (chunks == 1) return function(body, 0, count);
  if (threadLimit == 1 || insideChunk) return runAlone(count, grain, function, body);
  Pool& p = pool();
  std::unique_lock<std::mutex> lock(p.callers, std::try_to_lock);
  if (!lock.owns_lock()) return runAlone(count, grain, function, body);

  int participants = static_cast<int>(chunks < threadLimit ? chunks : threadLimit);
  while (p.started < participants - 1) {
    int index = p.started++;
    std::thread([&p, index] { workerLoop(p, index); }).detach();
  }
  Job& job = p.job;
  job.count = count;
  job.grain = grain;
  job.function = function;
  job.body = body;
  job.participants = participants;
  for (int i = 0; i < participants; i++) {
    job.shares[i].next.store(chunks * i / participants, std::memory_order_relaxed);
    job.shares[i].end = chunks * (i + 1) / participants;
  }
  uint64_t number = ++p.jobs;
  p.open.store(number);
  for (int i = 0; i < participants - 1; i++) {
    Worker& worker = p.workers[i];
    worker.ticket.store(number);
    if (worker.asleep.load()) {
      std::lock_guard<std::mutex> guard(worker.mutex);
      worker.wake.notify_one();
    }
  }
  takeChunks(job, 0);
  p.open.store(0);
  for (int spins = 1; p.inside.load() != 0; spins++) {
    pause();
    if (spins % 4096 == 0) std::this_thread::yield();  // a worker may have lost its core to somebody else
  }
}

void* scratch(int slot, int64_t bytes) {
  thread_local Scratch own;
  if (bytes > own.bytes[slot]) {
    free(own.memory[slot]);
    int64_t rounded = (bytes + bytes / 4 + 4095) / 4096 * 4096;
    own.memory[slot] = aligned_alloc(4096, static_cast<size_t>(rounded));
    if (own.memory[slot] == nullptr) {
      fprintf(stderr, "flambeau: out of memory: a kernel needs %lld bytes of scratch\n", static_cast<long long>(rounded));
      abort();
    }
    own.bytes[slot] = rounded;
  }
  return own.memory[slot];
}

}  // namespace flambeau

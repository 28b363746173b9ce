// The pool of blocks. Free blocks wait in lists by size class, the last one returned is handed out first (its pages
// are mapped and perhaps still cached). What may wait is bounded by what was lately in use at once, so that a training
// step finds all it needs warm and a program that has shrunk gives memory back; the oldest go first.
#include "memory.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <cstdlib>
#include <mutex>
#include <unordered_map>

namespace flambeau {
namespace {

// Eight size classes per power of two: at most an eighth of a block is unused.
constexpr int kSmallestShift = 9;
constexpr int kClasses = 8 * 40;
constexpr int64_t kMapFrom = int64_t(1) << 20;
constexpr int64_t kHugePage = int64_t(2) << 20;
constexpr int64_t kSlack = int64_t(64) << 20;

int classOf(int64_t bytes, int64_t* rounded) {
  int64_t units = (bytes + (int64_t(1) << kSmallestShift) / 8 - 1) >> (kSmallestShift - 3);  // eighths of the smallest
  if (units < 8) units = 8;
  int shift = 60 - __builtin_clzll(static_cast<unsigned long long>(units));  // units >> shift is 8 to 15
  int64_t steps = (units + (int64_t(1) << shift) - 1) >> shift;
  *rounded = (steps << shift) << (kSmallestShift - 3);
  return shift * 8 + static_cast<int>(steps) - 8;
}

struct Pool {
  std::mutex mutex;
  Block* newestOf[kClasses] = {};
  Block *oldest = nullptr, *newest = nullptr;
  MemoryCounters counters = {0, 0, 0};
  // The most that was in use at once in the current and in the previous window of allocation traffic.
  int64_t windowPeak = 0, previousPeak = 0, windowTraffic = 0;
  int64_t nextToken = 1;
  std::unordered_map<int64_t, Block*> tokens;
};

Pool& pool() {
  static Pool* instance = new Pool;
  return *instance;
}

char* takeFromSystem(int64_t bytes, bool* mapped) {
  *mapped = bytes >= kMapFrom;
  if (!*mapped) {
    return static_cast<char*>(aligned_alloc(bytes >= 4096 ? 4096 : 64, static_cast<size_t>((bytes + 4095) / 4096 * 4096)));
  }
  // Over-allocate to align to huge pages, then give the ends back.
  int64_t span = bytes + kHugePage;
  void* memory = mmap(nullptr, static_cast<size_t>(span), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  auto start = reinterpret_cast<uintptr_t>(memory);
  uintptr_t aligned = (start + kHugePage - 1) / kHugePage * kHugePage;
  uintptr_t end = aligned + static_cast<uintptr_t>((bytes + 4095) / 4096 * 4096);
  if (aligned > start) munmap(memory, aligned - start);
  if (start + span > end) munmap(reinterpret_cast<void*>(end), start + span - end);
#ifdef MADV_HUGEPAGE
  if (bytes >= kHugePage) madvise(reinterpret_cast<void*>(aligned), static_cast<size_t>(bytes), MADV_HUGEPAGE);
#endif
  return reinterpret_cast<char*>(aligned);
}

void giveToSystem(Block* block) {
  if (block->mapped) {
    munmap(block->data, static_cast<size_t>((block->bytes + 4095) / 4096 * 4096));
  } else {
    free(block->data);
  }
  delete block;
}

void unlink(Pool& p, Block* block) {
  (block->older ? block->older->newer : p.oldest) = block->newer;
  (block->newer ? block->newer->older : p.newest) = block->older;
  if (block->classOlder) block->classOlder->classNewer = block->classNewer;
  (block->classNewer ? block->classNewer->classOlder : p.newestOf[block->sizeClass]) = block->classOlder;
}

void link(Pool& p, Block* block) {
  block->older = p.newest;
  block->newer = nullptr;
  (p.newest ? p.newest->newer : p.oldest) = block;
  p.newest = block;
  block->classOlder = p.newestOf[block->sizeClass];
  block->classNewer = nullptr;
  if (block->classOlder) block->classOlder->classNewer = block;
  p.newestOf[block->sizeClass] = block;
}

// Returns a chain (over `older`) of blocks to give to the system once the lock is free.
Block* overLimit(Pool& p) {
  int64_t peak = p.windowPeak > p.previousPeak ? p.windowPeak : p.previousPeak;
  int64_t limit = peak + peak / 4 + kSlack;
  Block* chain = nullptr;
  while (p.counters.reserved > limit && p.oldest) {
    Block* block = p.oldest;
    unlink(p, block);
    p.counters.reserved -= block->bytes;
    block->older = chain;
    chain = block;
  }
  return chain;
}

void giveAll(Block* chain) {
  while (chain) {
    Block* next = chain->older;
    giveToSystem(chain);
    chain = next;
  }
}

void countIn(Pool& p, Block* block) {
  p.counters.allocated += block->bytes;
  if (p.counters.allocated > p.counters.peak) p.counters.peak = p.counters.allocated;
  if (p.counters.allocated > p.windowPeak) p.windowPeak = p.counters.allocated;
  p.windowTraffic += block->bytes;
  if (p.windowTraffic > 8 * p.windowPeak + 4 * kSlack) {
    p.windowTraffic = 0;
    p.previousPeak = p.windowPeak;
    p.windowPeak = p.counters.allocated;
  }
}

}  // namespace

Block* allocateBlock(int64_t bytes) {
  if (bytes > int64_t(1) << 46) return nullptr;
  int64_t rounded;
  int sizeClass = classOf(bytes, &rounded);
  Pool& p = pool();
  {
    std::lock_guard<std::mutex> lock(p.mutex);
    if (Block* block = p.newestOf[sizeClass]) {
      unlink(p, block);
      block->references.store(1, std::memory_order_relaxed);
      countIn(p, block);
      return block;
    }
  }
  bool mapped;
  char* data = takeFromSystem(rounded, &mapped);
  if (data == nullptr) {
    // What waits in the pool may be what is missing.
    Block* chain = nullptr;
    {
      std::lock_guard<std::mutex> lock(p.mutex);
      while (p.oldest) {
        Block* block = p.oldest;
        unlink(p, block);
        p.counters.reserved -= block->bytes;
        block->older = chain;
        chain = block;
      }
    }
    giveAll(chain);
    data = takeFromSystem(rounded, &mapped);
    if (data == nullptr) return nullptr;
  }
  Block* block = new Block{data, rounded, sizeClass, mapped, {1}, nullptr, nullptr, nullptr, nullptr};
  std::lock_guard<std::mutex> lock(p.mutex);
  p.counters.reserved += rounded;
  countIn(p, block);
  return block;
}

Block* mapFile(int file, int64_t bytes) {
  struct stat status;
  if (bytes <= 0 || fstat(file, &status) != 0 || status.st_size < bytes) return nullptr;
  void* data = mmap(nullptr, static_cast<size_t>(bytes), PROT_READ, MAP_SHARED, file, 0);
  if (data == MAP_FAILED) return nullptr;
  return new Block{static_cast<char*>(data), bytes, kFileClass, true, {1}, nullptr, nullptr, nullptr, nullptr};
}

void retainBlock(Block* block) { block->references.fetch_add(1, std::memory_order_relaxed); }

void releaseBlock(Block* block) {
  if (block->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (block->sizeClass == kFileClass) return giveToSystem(block);
  Pool& p = pool();
  Block* chain;
  {
    std::lock_guard<std::mutex> lock(p.mutex);
    p.counters.allocated -= block->bytes;
    link(p, block);
    chain = overLimit(p);
  }
  giveAll(chain);
}

int64_t shareBlock(Block* block) {
  retainBlock(block);
  Pool& p = pool();
  std::lock_guard<std::mutex> lock(p.mutex);
  int64_t token = p.nextToken++;
  p.tokens.emplace(token, block);
  return token;
}

Block* adoptBlock(int64_t token) {
  Pool& p = pool();
  std::lock_guard<std::mutex> lock(p.mutex);
  auto found = p.tokens.find(token);
  if (found == p.tokens.end()) return nullptr;
  Block* block = found->second;
  p.tokens.erase(found);
  return block;
}

MemoryCounters memoryCounters() {
  Pool& p = pool();
  std::lock_guard<std::mutex> lock(p.mutex);
  return p.counters;
}

void resetPeakMemory() {
  Pool& p = pool();
  std::lock_guard<std::mutex> lock(p.mutex);
  p.counters.peak = p.counters.allocated;
}

}  // namespace flambeau

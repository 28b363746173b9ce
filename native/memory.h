// Native memory: reference-counted blocks out of a pool that hands warm memory out again.
#pragma once
#include <atomic>
#include <cstdint>

namespace flambeau {

// A block is alive while somebody refers to it: the handles that JavaScript holds, and tokens on their way to another
// thread. Blocks are 64-byte aligned, from a page on page-aligned.
constexpr int kFileClass = -1;
struct Block {
  char* data;
  int64_t bytes;  // what was rounded up to
  int sizeClass;  // kFileClass: a mapped file
  bool mapped;
  std::atomic<int> references;
  // While it waits in the pool: its neighbours of the same size class, and by age.
  Block *classOlder, *classNewer, *older, *newer;
};

Block* allocateBlock(int64_t bytes);  // with one reference; null when the system has no more
// The first bytes of an open file as a block that may only be read, with one reference; null when the system can't map it. It is
// no part of the pool: its pages are the file's in the system's cache, and nothing counts them. The file may be deleted
// meanwhile, but who cuts it short ends the process that reads beyond its new end.
Block* mapFile(int file, int64_t bytes);
void retainBlock(Block* block);
void releaseBlock(Block* block);

// The life of a token: `shareBlock` gives out a number that counts as one reference; `adoptBlock` hands that reference
// over, once (null for a number unknown or adopted before). A number nobody adopts keeps its block: whoever finds that
// out, say because the receiving thread died, adopts it and drops the result.
int64_t shareBlock(Block* block);
Block* adoptBlock(int64_t token);

struct MemoryCounters {
  int64_t allocated;  // in blocks that are alive
  int64_t peak;
  int64_t reserved;  // what the system has given: alive or waiting in the pool
};
MemoryCounters memoryCounters();
void resetPeakMemory();

}  // namespace flambeau

#include "instruction_set.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>

namespace flambeau {
#if defined(__x86_64__)
namespace baseline {
Kernels makeTable();
}
namespace avx2 {
Kernels makeTable();
}
namespace avx512 {
Kernels makeTable();
Kernels makeAmxTable();
bool amxSupported();
}
#else
namespace neon {
Kernels makeTable();
}
#endif

namespace {

struct InstructionSet {
  const char* name;
  Kernels (*makeTable)();
  bool (*supported)();
};

// From the oldest to the newest.
const InstructionSet instructionSets[] = {
#if defined(__x86_64__)
    {"baseline", baseline::makeTable,
     [] { return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt"); }},
    {"avx2", avx2::makeTable,
     [] {
       return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
              __builtin_cpu_supports("bmi2");
     }},
    {"avx512", avx512::makeTable,
     [] {
       return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
              __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
     }},
    // The same kernels but for products of bfloat16.
    {"amx", avx512::makeAmxTable, avx512::amxSupported},
#else
    {"neon", neon::makeTable, [] { return true; }},
#endif
};

Kernels table;
const char* chosenName = nullptr;
char has[80] = "";
std::mutex choosing;

}  // namespace

bool chooseInstructionSet(char* problem, size_t problemLength) {
  std::lock_guard<std::mutex> lock(choosing);
  if (chosenName != nullptr) return true;
  const char* wanted = getenv("FLAMBEAU_CPU");
  if (wanted != nullptr && wanted[0] == 0) wanted = nullptr;
#if defined(__x86_64__)
  __builtin_cpu_init();
#endif
  const InstructionSet* chosen = nullptr;
  has[0] = 0;
  for (const InstructionSet& set : instructionSets) {
    if (!set.supported()) break;
    snprintf(has + strlen(has), sizeof has - strlen(has), "%s%s", has[0] ? "," : "", set.name);
    if (wanted == nullptr || strcmp(wanted, set.name) == 0) chosen = &set;
  }
  if (chosen == nullptr) {
    if (wanted != nullptr) {
      snprintf(problem, problemLength, "FLAMBEAU_CPU=%s: this machine has %s", wanted, has[0] ? has : "none of the known ones");
    } else {
      snprintf(problem, problemLength, "the native kernels need a processor with SSE 4.2");
    }
    return false;
  }
  table = chosen->makeTable();
  chosenName = chosen->name;
  return true;
}

const Kernels& activeKernels() { return table; }
const char* instructionSetName() { return chosenName; }
const char* supportedInstructionSets() { return has; }

}  // namespace flambeau

// Which of the compiled instruction sets is used: the newest that the machine has, or the one FLAMBEAU_CPU names.
#pragma once
#include <cstddef>

#include "kernels/kernels.h"

namespace flambeau {

// Once per process, before anything else here. False, with the reason, if the machine can't run what is asked for.
bool chooseInstructionSet(char* problem, size_t problemLength);
const Kernels& activeKernels();
const char* instructionSetName();
const char* supportedInstructionSets();  // names, oldest first, with commas between

}  // namespace flambeau

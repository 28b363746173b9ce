// One kernel call: reads its arguments from the message and makes it.
#pragma once
#include "kernels/kernels.h"
#include "message.h"

namespace flambeau {

// True if the kernel gives back a number, then in `result`. Where the message fails, nothing has been computed.
bool runKernel(const Kernels& kernels, int kernel, Message& message, double& result);

// All kernels and operations by name, in the order of their numbers: what the adapter compares its own lists with.
const char* operationNames();

}  // namespace flambeau

// Copies whose input steps by one in another dim than the output: tile by tile, so that both sides touch whole cache
// lines.
#pragma once
#include "../view.h"

namespace flambeau {

// Copies if it is such a copy (of one dtype), else does nothing and says so.
bool transpose(const View& out, const View& input);

}  // namespace flambeau

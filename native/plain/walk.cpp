#include "walk.h"

#include <cstring>

#include "../threads.h"
#include "transpose.h"

namespace flambeau {
namespace {

// Elements from which on a transposed input is worth a copy.
constexpr int64_t kTransposeFrom = 16384;
// Elements of a slab of a walk with transposed inputs: what is copied of them takes a part of the second-level cache.
constexpr int64_t kSlab = 32768;
// How often an element that stays the same along a piece is written to a buffer.
constexpr int64_t kRepeats = 256;

int64_t magnitude(int64_t n) { return n < 0 ? -n : n; }

template <typename T>
void gatherRun(T* to, const T* from, int64_t stride, int64_t n) {
  if (stride == 1) {
    memcpy(to, from, static_cast<size_t>(n) * sizeof(T));
  } else if (stride == 0) {
    T value = *from;
    for (int64_t i = 0; i < n; i++) to[i] = value;
  } else {
    for (int64_t i = 0; i < n; i++) to[i] = from[i * stride];
  }
}

void repeat(void* to, const void* from, int elementBytes, int64_t n) {
  switch (elementBytes) {
    case 1: return gatherRun(static_cast<uint8_t*>(to), static_cast<const uint8_t*>(from), 0, n);
    case 2: return gatherRun(static_cast<uint16_t*>(to), static_cast<const uint16_t*>(from), 0, n);
    case 4: return gatherRun(static_cast<uint32_t*>(to), static_cast<const uint32_t*>(from), 0, n);
    default: return gatherRun(static_cast<uint64_t*>(to), static_cast<const uint64_t*>(from), 0, n);
  }
}

template <typename T>
void scatterRun(T* to, const T* from, int64_t stride, int64_t n) {
  if (stride == 1) {
    memcpy(to, from, static_cast<size_t>(n) * sizeof(T));
  } else {
    for (int64_t i = 0; i < n; i++) to[i * stride] = from[i];
  }
}

// Calls run(data offset, buffer offset, length) for every run along the last dim.
template <typename Run>
void forRuns(const Loops& loops, int o, int64_t position, int64_t n, const Run& run) {
  const int64_t* strides = loops.strides[o];
  int last = loops.ndim - 1;
  if (last < 0) return run(0, 0, n);
  int64_t index[kMaxDims];
  int64_t offset = 0;
  for (int d = last; d >= 0; d--) {
    index[d] = position % loops.shape[d];
    position /= loops.shape[d];
    offset += index[d] * strides[d];
  }
  int64_t done = 0;
  for (;;) {
    int64_t length = loops.shape[last] - index[last];
    if (length > n - done) length = n - done;
    run(offset, done, length);
    done += length;
    if (done == n) return;
    offset -= index[last] * strides[last];
    index[last] = 0;
    for (int d = last - 1; d >= 0; d--) {
      offset += strides[d];
      if (++index[d] < loops.shape[d]) break;
      offset -= index[d] * strides[d];
      index[d] = 0;
    }
  }
}

template <typename T>
void gatherTyped(void* buffer, const void* data, const Loops& loops, int o, int64_t position, int64_t n) {
  int64_t stride = loops.ndim > 0 ? loops.strides[o][loops.ndim - 1] : 1;
  forRuns(loops, o, position, n, [&](int64_t offset, int64_t done, int64_t length) {
    gatherRun(static_cast<T*>(buffer) + done, static_cast<const T*>(data) + offset, stride, length);
  });
}

template <typename T>
void scatterTyped(void* data, const void* buffer, const Loops& loops, int o, int64_t position, int64_t n) {
  int64_t stride = loops.ndim > 0 ? loops.strides[o][loops.ndim - 1] : 1;
  forRuns(loops, o, position, n, [&](int64_t offset, int64_t done, int64_t length) {
    scatterRun(static_cast<T*>(data) + offset, static_cast<const T*>(buffer) + done, stride, length);
  });
}

struct Walk {
  int count;
  const View* const* views;
  const Loops& loops;
  PieceFunction function;
  const void* context;
  bool flat[kMaxOperands];  // needs no buffer, whatever the piece

  char* at(int o, int64_t offset) const {
    return static_cast<char*>(views[o]->data) + offset * bytesOf(views[o]->dtype);
  }

  // Pieces along the last dim, in which every stride is 1 or 0: only the zeros need a buffer, a short one, once per row.
  void rows(int64_t begin, int64_t end) const {
    alignas(64) char buffers[kMaxOperands][kRepeats * 8];
    int last = loops.ndim - 1;
    int64_t longest = loops.shape[last];
    for (int o = 1; o < count; o++) {
      if (loops.strides[o][last] == 0) longest = kRepeats;
    }
    for (int64_t position = begin; position < end;) {
      int64_t n = loops.shape[last] - position % loops.shape[last];
      if (n > end - position) n = end - position;
      char* pointers[kMaxOperands];
      for (int o = 0; o < count; o++) {
        if (loops.strides[o][last] == 0 && o > 0) {
          gatherElements(buffers[o], views[o]->data, bytesOf(views[o]->dtype), loops, o, position,
                         n < kRepeats ? n : kRepeats);
          pointers[o] = buffers[o];
        } else {
          pointers[o] = at(o, loops.offsetOf(o, position));
        }
      }
      for (int64_t done = 0; done < n;) {
        int64_t m = n - done < longest ? n - done : longest;
        function(context, pointers, m);
        done += m;
        for (int o = 0; o < count; o++) {
          if (pointers[o] != buffers[o]) pointers[o] += m * bytesOf(views[o]->dtype);
        }
      }
      position += n;
    }
  }

  // After how many elements operand `o` repeats: a row that is added to every row. 0 if it doesn't, or not soon.
  int64_t period(int o) const {
    int64_t elements = 1;
    int d = loops.ndim - 1;
    for (; d >= 0 && loops.strides[o][d] != 0; d--) elements *= loops.shape[d];
    for (; d >= 0; d--) {
      if (loops.strides[o][d] != 0) return 0;
    }
    return elements <= kPiece / 2 ? elements : 0;
  }

  // Pieces across rows: whatever isn't flat goes through a buffer.
  void pieces(int64_t begin, int64_t end) const {
    alignas(64) char buffers[kMaxOperands][kPiece * 8];
    // Where operands repeat, a piece is as long as several repetitions, and the buffer of the first will do for all.
    int64_t repeat = 0, longest = kPiece;
    for (int o = 1; o < count && repeat == 0; o++) repeat = flat[o] ? 0 : period(o);
    if (repeat > 0) longest = kPiece / repeat * repeat;
    bool kept[kMaxOperands];
    for (int o = 0; o < count; o++) kept[o] = repeat > 0 && o > 0 && !flat[o] && repeat == period(o);
    for (int64_t position = begin; position < end;) {
      int64_t n = end - position < longest ? end - position : longest;
      char* pointers[kMaxOperands];
      for (int o = 0; o < count; o++) {
        if (flat[o]) {
          pointers[o] = at(o, position);
          continue;
        }
        pointers[o] = buffers[o];
        if (o == 0 || (kept[o] && position > begin)) continue;
        gatherElements(buffers[o], views[o]->data, bytesOf(views[o]->dtype), loops, o, position, n);
      }
      function(context, pointers, n);
      if (!flat[0]) scatterElements(views[0]->data, buffers[0], bytesOf(views[0]->dtype), loops, 0, position, n);
      position += n;
    }
  }
};

}  // namespace

Loops::Loops(int count, const View* const* views, bool reorder) {
  int n = 0;
  numel = 1;
  const View& first = *views[0];
  int order[kMaxDims];
  for (int d = 0; d < first.ndim; d++) {
    numel *= first.shape[d];
    if (first.shape[d] != 1) order[n++] = d;
  }
  if (reorder) {
    // By insertion: outer to inner, larger steps of the result first; among equals (0) those of the next operand decide.
    for (int i = 1; i < n; i++) {
      int d = order[i];
      int j = i;
      for (; j > 0; j--) {
        int other = order[j - 1];
        bool before = false;
        for (int o = 0; o < count; o++) {
          int64_t mine = magnitude(views[o]->strides[d]), its = magnitude(views[o]->strides[other]);
          if (mine == its) continue;
          before = mine > its;
          break;
        }
        if (!before) break;
        order[j] = other;
      }
      order[j] = d;
    }
  }
  ndim = 0;
  for (int i = 0; i < n; i++) {
    int d = order[i];
    bool merge = ndim > 0;
    for (int o = 0; o < count && merge; o++) {
      merge = strides[o][ndim - 1] == views[o]->strides[d] * first.shape[d];
    }
    if (merge) {
      shape[ndim - 1] *= first.shape[d];
    } else {
      shape[ndim++] = first.shape[d];
    }
    for (int o = 0; o < count; o++) strides[o][ndim - 1] = views[o]->strides[d];
  }
}

int64_t Loops::offsetOf(int o, int64_t position) const {
  int64_t offset = 0;
  for (int d = ndim - 1; d >= 0; d--) {
    offset += position % shape[d] * strides[o][d];
    position /= shape[d];
  }
  return offset;
}

View Loops::view(int o, const View& of) const {
  View v = of;
  v.ndim = ndim;
  for (int d = 0; d < ndim; d++) {
    v.shape[d] = shape[d];
    v.strides[d] = strides[o][d];
  }
  return v;
}

bool Loops::contiguous(int o) const {
  int64_t expected = 1;
  for (int d = ndim - 1; d >= 0; d--) {
    if (strides[o][d] != expected) return false;
    expected *= shape[d];
  }
  return true;
}

void gatherElements(void* buffer, const void* data, int elementBytes, const Loops& loops, int o, int64_t position,
                    int64_t n) {
  switch (elementBytes) {
    case 1: return gatherTyped<uint8_t>(buffer, data, loops, o, position, n);
    case 2: return gatherTyped<uint16_t>(buffer, data, loops, o, position, n);
    case 4: return gatherTyped<uint32_t>(buffer, data, loops, o, position, n);
    default: return gatherTyped<uint64_t>(buffer, data, loops, o, position, n);
  }
}

void scatterElements(void* data, const void* buffer, int elementBytes, const Loops& loops, int o, int64_t position,
                     int64_t n) {
  switch (elementBytes) {
    case 1: return scatterTyped<uint8_t>(data, buffer, loops, o, position, n);
    case 2: return scatterTyped<uint16_t>(data, buffer, loops, o, position, n);
    case 4: return scatterTyped<uint32_t>(data, buffer, loops, o, position, n);
    default: return scatterTyped<uint64_t>(data, buffer, loops, o, position, n);
  }
}

namespace {

// Whether an operand steps far where the result, which is contiguous, goes from neighbour to neighbour.
bool stepsFar(const View& v) {
  for (int d = v.ndim - 1; d >= 0; d--) {
    if (v.shape[d] > 1) return magnitude(v.strides[d]) >= 16;
  }
  return false;
}

// The walk in slabs of the result, a few of its outermost rows each, so that what is copied on the way stays in the cache.
// False if there is only one.
bool walkSlabs(int count, const View* const* views, int64_t grain, PieceFunction function, const void* context) {
  const View& out = *views[0];
  int d = 0;
  while (d < out.ndim && out.shape[d] == 1) d++;
  if (d == out.ndim) return false;
  const int64_t rows = out.shape[d], perRow = out.numel() / rows;
  // Whole tiles of `transpose`, if a row isn't a slab already.
  const int64_t slab = perRow >= kSlab ? 1 : (kSlab / perRow + 31) / 32 * 32;
  if (rows <= slab) return false;
  auto slabs = [&](int64_t begin, int64_t end) {
    for (int64_t s = begin; s < end; s++) {
      View parts[kMaxOperands];
      const View* pointers[kMaxOperands];
      for (int o = 0; o < count; o++) {
        parts[o] = *views[o];
        parts[o].shape[d] = rows - s * slab < slab ? rows - s * slab : slab;
        parts[o].data = static_cast<char*>(views[o]->data) + s * slab * views[o]->strides[d] * bytesOf(views[o]->dtype);
        pointers[o] = &parts[o];
      }
      walk(count, pointers, grain, function, context);
    }
  };
  // Rows that are larger than a slab are cut, and shared out, themselves.
  if (slab == 1) {
    slabs(0, rows);
  } else {
    parallelFor((rows + slab - 1) / slab, 1, slabs);
  }
  return true;
}

// Where an input is transposed against the result, gathering it element by element would miss the cache each time: it is
// copied first, tile by tile. False if no input is.
bool walkTransposed(int count, const View* const* views, int64_t grain, PieceFunction function, const void* context) {
  bool far = false;
  for (int o = 1; o < count; o++) far |= stepsFar(*views[o]);
  if (!far) return false;
  if (views[0]->numel() > kSlab && walkSlabs(count, views, grain, function, context)) return true;
  View copies[kMaxOperands];
  const View* instead[kMaxOperands];
  bool any = false;
  for (int o = 0; o < count; o++) {
    instead[o] = views[o];
    if (o == 0) continue;
    View& copy = copies[o];
    copy = *views[o];
    if (!stepsFar(copy)) continue;
    int64_t step = 1;
    for (int d = copy.ndim - 1; d >= 0; d--) {
      copy.strides[d] = step;
      step *= copy.shape[d];
    }
    copy.data = scratch(8 + o, step * bytesOf(copy.dtype));
    if (!transpose(copy, *views[o])) continue;
    instead[o] = &copy;
    any = true;
  }
  if (any) walk(count, instead, grain, function, context);
  return any;
}

// What is most frequent, in one go: few elements, without gaps, a number among them perhaps. False if it is something else.
bool walkPlain(int count, const View* const* views, int64_t numel, PieceFunction function, const void* context) {
  char* pointers[kMaxOperands];
  int64_t steps[kMaxOperands];  // bytes from element to element
  bool repeats = false;
  for (int o = 0; o < count; o++) {
    pointers[o] = static_cast<char*>(views[o]->data);
    steps[o] = bytesOf(views[o]->dtype);
    if (views[o]->contiguous()) continue;
    if (o == 0 || !views[o]->repeated()) return false;
    steps[o] = 0;
    repeats = true;
  }
  if (!repeats) {
    function(context, pointers, numel);
    return true;
  }
  alignas(64) char buffers[kMaxOperands][kRepeats * 8];
  for (int o = 1; o < count; o++) {
    if (steps[o] != 0) continue;
    repeat(buffers[o], pointers[o], bytesOf(views[o]->dtype), numel < kRepeats ? numel : kRepeats);
    pointers[o] = buffers[o];
  }
  for (int64_t done = 0; done < numel; done += kRepeats) {
    function(context, pointers, numel - done < kRepeats ? numel - done : kRepeats);
    for (int o = 0; o < count; o++) pointers[o] += kRepeats * steps[o];
  }
  return true;
}

}  // namespace

void walk(int count, const View* const* views, int64_t grain, PieceFunction function, const void* context) {
  int64_t numel = views[0]->numel();
  if (numel > 0 && numel <= grain && walkPlain(count, views, numel, function, context)) return;
  Loops loops(count, views);
  if (loops.numel == 0) return;
  Walk w{count, views, loops, function, context, {}};
  bool allFlat = true;
  for (int o = 0; o < count; o++) allFlat &= w.flat[o] = loops.contiguous(o);
  if (allFlat || loops.ndim == 0) {
    if (loops.numel <= grain) {
      char* pointers[kMaxOperands];
      for (int o = 0; o < count; o++) pointers[o] = static_cast<char*>(views[o]->data);
      return function(context, pointers, loops.numel);
    }
    return parallelFor(loops.numel, grain, [&](int64_t begin, int64_t end) {
      char* pointers[kMaxOperands];
      for (int o = 0; o < count; o++) pointers[o] = w.at(o, begin);
      function(context, pointers, end - begin);
    });
  }
  if (count > 1 && loops.ndim > 1 && loops.numel >= kTransposeFrom && w.flat[0]) {
    // Dims in the loops' order, in which the result is contiguous.
    View ordered[kMaxOperands];
    const View* pointers[kMaxOperands];
    for (int o = 0; o < count; o++) {
      ordered[o] = loops.view(o, *views[o]);
      pointers[o] = &ordered[o];
    }
    if (walkTransposed(count, pointers, grain, function, context)) return;
  }
  // Long rows need no buffers but for what repeats within them.
  int last = loops.ndim - 1;
  bool rows = loops.shape[last] >= 64 && loops.strides[0][last] == 1;
  for (int o = 1; o < count; o++) rows &= loops.strides[o][last] == 1 || loops.strides[o][last] == 0;
  parallelFor(loops.numel, grain, [&](int64_t begin, int64_t end) { rows ? w.rows(begin, end) : w.pieces(begin, end); });
}

}  // namespace flambeau

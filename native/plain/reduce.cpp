#include "reduce.h"

#include <cstring>

#include "../threads.h"

namespace flambeau {
namespace {

constexpr int64_t kSegment = 65536;  // elements of one result after which a second thread may go on
constexpr int64_t kWidth = 1024;     // results that are reduced at once, by columns
constexpr int64_t kLeafRows = 32;    // rows that are added up without the cascade
constexpr int64_t kLongestRun = 2048;  // of what goes through a buffer
constexpr int kRanks = 48;
constexpr int kVectorBytes = 64;

int64_t magnitude(int64_t n) { return n < 0 ? -n : n; }

Loops keptLoops(const View& out, const View& input, const View& second) {
  View o = out, i = input, s = second;
  int n = 0;
  for (int d = 0; d < input.ndim; d++) {
    if (out.shape[d] != input.shape[d]) continue;
    o.shape[n] = input.shape[d];
    o.strides[n] = out.strides[d];
    i.strides[n] = input.strides[d];
    s.strides[n++] = second.strides[d];
  }
  o.ndim = n;
  const View* views[] = {&o, &i, &s};
  return Loops(3, views);
}

Loops reducedLoops(const View& out, const View& input) {
  View i = input;
  i.ndim = 0;
  for (int d = 0; d < input.ndim; d++) {
    if (out.shape[d] == input.shape[d]) continue;
    i.shape[i.ndim] = input.shape[d];
    i.strides[i.ndim++] = input.strides[d];
  }
  const View* views[] = {&i};
  return Loops(1, views);
}

}  // namespace

// Joins runs as they come, those of equal rank first: a binary counter.
struct Reduction::Cascade {
  alignas(64) char ranks[kRanks][kVectorBytes];
  const ReduceLoops& loops;
  int64_t lanes;
  uint64_t runs = 0;

  explicit Cascade(const ReduceLoops& l) : loops(l), lanes(l.vectorBytes / l.elementBytes) {}

  void add(const void* run) {
    int rank = 0;
    alignas(64) char carry[kVectorBytes];
    memcpy(carry, run, sizeof carry);
    for (uint64_t r = runs++; r & 1; r >>= 1) loops.join(carry, ranks[rank++], lanes);
    memcpy(ranks[rank], carry, sizeof carry);
  }

  void total(void* accumulator) const {
    bool first = true;
    for (int rank = 0; rank < kRanks; rank++) {
      if (!(runs >> rank & 1)) continue;
      if (first) {
        memcpy(accumulator, ranks[rank], kVectorBytes);
      } else {
        loops.join(accumulator, ranks[rank], lanes);
      }
      first = false;
    }
  }
};

// Where the rows of one piece of columns come from. `together` rows that lie one behind the other count as one.
struct Reduction::Piece {
  int64_t position, width;
  bool contiguous;
  int64_t together;
};

Reduction::Reduction(const ReduceLoops& loops, ConvertElements convert, const View& out, const View& input,
                     const View* second)
    : loops_(loops),
      convert_(convert),
      input_(input),
      kept_(keptLoops(out, input, second ? *second : out)),
      reduced_(reducedLoops(out, input)) {}

void Reduction::run(void* results, const void* shifts) const {
  if (kept_.numel == 0) return;
  if (reduced_.numel == 0) return loops_.fillIdentity(results, kept_.numel);
  auto* to = static_cast<char*>(results);
  auto* from = static_cast<const char*>(shifts);
  byColumns() ? columns(to, from) : rows(to, from);
}

const char* Reduction::at(int64_t offset) const {
  return static_cast<const char*>(input_.data) + offset * bytesOf(input_.dtype);
}

bool Reduction::byColumns() const {
  if (kept_.ndim == 0 || reduced_.ndim == 0 || kept_.numel < 4) return false;
  if (reduced_.numel < 32 && kept_.numel > 16) return true;
  int64_t keptStep = kept_.strides[1][kept_.ndim - 1], reducedStep = reduced_.strides[0][reduced_.ndim - 1];
  return magnitude(keptStep) < magnitude(reducedStep);
}

// Elements for the loops: where they lie, or converted or gathered into the buffer.
const void* Reduction::fetch(void* buffer, const char* base, const Loops& loops, int operand, int64_t position,
                             int64_t n, bool contiguous) const {
  int size = bytesOf(input_.dtype);
  if (contiguous) {
    const char* from = base + position * size;
    if (convert_ == nullptr) return from;
    convert_(input_.dtype, from, buffer, n);
    return buffer;
  }
  if (convert_ == nullptr) {
    gatherElements(buffer, base, size, loops, operand, position, n);
    return buffer;
  }
  alignas(64) char raw[kLongestRun * 8];
  gatherElements(raw, base, size, loops, operand, position, n);
  convert_(input_.dtype, raw, buffer, n);
  return buffer;
}

// ---- rows

void Reduction::reduceRow(int64_t result, int64_t begin, int64_t end, const void* shift, void* accumulator) const {
  const char* base = at(kept_.offsetOf(1, result));
  bool flat = reduced_.contiguous(0);
  if (flat && convert_ == nullptr && end - begin <= loops_.run) {
    return loops_.reduceRun(base + begin * loops_.elementBytes, end - begin, shift, accumulator);
  }
  Cascade cascade(loops_);
  int last = reduced_.ndim - 1;
  // Long contiguous runs need no buffer.
  bool runs = convert_ == nullptr && !flat && reduced_.strides[0][last] == 1 && reduced_.shape[last] >= 256;
  const bool inPlace = runs || (flat && convert_ == nullptr);
  const int64_t longest = inPlace || loops_.run < kLongestRun ? loops_.run : kLongestRun;
  alignas(64) char buffer[kLongestRun * 8];
  for (int64_t i = begin; i < end;) {
    int64_t n = end - i < longest ? end - i : longest;
    const void* x;
    if (runs) {
      int64_t rest = reduced_.shape[last] - i % reduced_.shape[last];
      if (n > rest) n = rest;
      x = base + reduced_.offsetOf(0, i) * loops_.elementBytes;
    } else {
      x = fetch(buffer, base, reduced_, 0, i, n, flat);
    }
    loops_.reduceRun(x, n, shift, accumulator);
    cascade.add(accumulator);
    i += n;
  }
  cascade.total(accumulator);
}

void Reduction::rows(char* results, const char* shifts) const {
  int64_t n = reduced_.numel, size = loops_.elementBytes;
  int64_t segments = (n + kSegment - 1) / kSegment;
  if (segments == 1) {
    int64_t grain = kSegment / 2 / n;
    parallelFor(kept_.numel, grain < 1 ? 1 : grain, [&](int64_t begin, int64_t end) {
      alignas(64) char accumulator[kVectorBytes];
      for (int64_t r = begin; r < end; r++) {
        reduceRow(r, 0, n, shifts ? shifts + r * size : nullptr, accumulator);
        loops_.fold(accumulator, results + r * size);
      }
    });
    return;
  }
  auto* parts = static_cast<char*>(scratch(0, kept_.numel * segments * kVectorBytes));
  parallelFor(kept_.numel * segments, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      int64_t r = i / segments, from = i % segments * kSegment;
      reduceRow(r, from, from + kSegment < n ? from + kSegment : n, shifts ? shifts + r * size : nullptr,
                parts + i * kVectorBytes);
    }
  });
  for (int64_t r = 0; r < kept_.numel; r++) {
    Cascade cascade(loops_);
    for (int64_t i = 0; i < segments; i++) cascade.add(parts + (r * segments + i) * kVectorBytes);
    alignas(64) char accumulator[kVectorBytes];
    cascade.total(accumulator);
    loops_.fold(accumulator, results + r * size);
  }
}

// ---- columns

// Rows [begin, end) of a piece into acc; halves go into accumulators of their own, at `spare` (one per level).
void Reduction::reduceRows(const Piece& piece, int64_t begin, int64_t end, char* acc, char* spare,
                           const char* shifts) const {
  if (end - begin > kLeafRows) {
    int64_t middle = begin + ((end - begin) / 2 + kLeafRows - 1) / kLeafRows * kLeafRows;
    reduceRows(piece, begin, middle, acc, spare, shifts);
    reduceRows(piece, middle, end, spare, spare + kWidth * loops_.elementBytes, shifts);
    loops_.join(acc, spare, piece.width);
    return;
  }
  const char* base = static_cast<const char*>(input_.data);
  int64_t size = bytesOf(input_.dtype);
  int64_t start = piece.contiguous ? kept_.offsetOf(1, piece.position) : 0;
  if (piece.contiguous && convert_ == nullptr && shifts == nullptr) {
    auto row = [&](int64_t r) { return base + (start + reduced_.offsetOf(0, r * piece.together)) * size; };
    loops_.joinRow(acc, row(begin), nullptr, piece.width, true);
    int64_t r = begin + 1;
    for (; r + 4 <= end; r += 4) {
      const void* four[] = {row(r), row(r + 1), row(r + 2), row(r + 3)};
      loops_.joinFourRows(acc, four, piece.width);
    }
    for (; r < end; r++) loops_.joinRow(acc, row(r), nullptr, piece.width, false);
    return;
  }
  alignas(64) char buffer[kWidth * 8];
  for (int64_t r = begin; r < end; r++) {
    const char* from = base + (start + reduced_.offsetOf(0, r * piece.together)) * size;
    const void* x = fetch(buffer, from, kept_, 1, piece.contiguous ? 0 : piece.position, piece.width, piece.contiguous);
    loops_.joinRow(acc, x, shifts, piece.width, r == begin);
  }
}

void Reduction::columns(char* results, const char* shifts) const {
  int64_t width = kept_.numel, n = reduced_.numel, size = loops_.elementBytes;
  int last = kept_.ndim - 1;
  bool flat = kept_.contiguous(1);
  // Few columns of a gapless matrix: several rows are read as one long row.
  int64_t together = 1;
  if (flat && shifts == nullptr && width <= kWidth / 4 && reduced_.ndim == 1 && reduced_.strides[0][0] == width) {
    together = kWidth / width < n ? kWidth / width : n;
  }
  int64_t groups = n / together, span = width * together;
  int64_t pieceWidth = span < kWidth ? span : kWidth;
  // Pieces that lie within one run of contiguous columns are read in place.
  bool runs = flat || (kept_.strides[1][last] == 1 && kept_.shape[last] >= 64);
  int64_t perRun = flat ? span : runs ? kept_.shape[last] : span;
  int64_t piecesPerRun = (perRun + pieceWidth - 1) / pieceWidth;
  int64_t pieces = span / perRun * piecesPerRun;
  int64_t segmentRows = kSegment / pieceWidth < kLeafRows ? kLeafRows : kSegment / pieceWidth;
  int64_t segments = (groups + segmentRows - 1) / segmentRows;
  char* parts = results;
  if (segments > 1 || together > 1) parts = static_cast<char*>(scratch(0, segments * span * size));
  int64_t itemElements = (segments > 1 ? segmentRows : groups) * pieceWidth;
  int64_t grain = kSegment / 2 / itemElements;
  parallelFor(pieces * segments, grain < 1 ? 1 : grain, [&](int64_t begin, int64_t end) {
    auto* spare = static_cast<char*>(scratch(1, kRanks * kWidth * size));
    for (int64_t item = begin; item < end; item++) {
      int64_t p = item % pieces, segment = item / pieces, within = p % piecesPerRun * pieceWidth;
      Piece piece;
      piece.contiguous = runs;
      piece.together = together;
      piece.position = p / piecesPerRun * perRun + within;
      piece.width = perRun - within < pieceWidth ? perRun - within : pieceWidth;
      int64_t from = segment * segmentRows, to = from + segmentRows < groups ? from + segmentRows : groups;
      reduceRows(piece, from, to, parts + (segment * span + piece.position) * size, spare,
                 shifts ? shifts + piece.position * size : nullptr);
    }
  });
  // Segments join in pairs, then the rows that were read together, then what was left over.
  for (int64_t step = 1; step < segments; step *= 2) {
    for (int64_t s = 0; s + step < segments; s += 2 * step) {
      loops_.join(parts + s * span * size, parts + (s + step) * span * size, span);
    }
  }
  if (parts == results) return;
  for (int64_t count = together; count > 1; count = (count + 1) / 2) {
    int64_t upper = (count + 1) / 2;
    for (int64_t k = upper; k < count; k++) {
      loops_.join(parts + (k - upper) * width * size, parts + k * width * size, width);
    }
  }
  memcpy(results, parts, static_cast<size_t>(width * size));
  if (groups * together < n) {
    auto* spare = static_cast<char*>(scratch(1, kRanks * kWidth * size));
    reduceRows(Piece{0, width, true, 1}, groups * together, n, parts, spare, nullptr);
    loops_.join(results, parts, width);
  }
}

}  // namespace flambeau

// Sorting along one dim: stable, NaN as the largest. Elements become unsigned keys in whose order the elements are;
// short lines are sorted by insertion, long ones digit by digit.
#include <algorithm>
#include <cstring>
#include <type_traits>

#include "../kernels/kernels.h"
#include "../threads.h"
#include "rows.h"

namespace flambeau {
namespace {

constexpr int64_t kInsertion = 48;
constexpr int64_t kFew = 24;

// Equal elements have equal keys: -0 and 0, all NaN.
uint32_t keyOf(float x) {
  if (x != x) return UINT32_MAX;
  x += 0.0f;  // -0 to 0
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}
uint64_t keyOf(double x) {
  if (x != x) return UINT64_MAX;
  x += 0.0;
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits & 0x8000000000000000u ? ~bits : bits | 0x8000000000000000u;
}
uint64_t keyOf(int64_t x) { return static_cast<uint64_t>(x) ^ 0x8000000000000000u; }
uint32_t keyOf(int32_t x) { return static_cast<uint32_t>(x) ^ 0x80000000u; }
uint32_t keyOf(uint8_t x) { return x; }
uint32_t keyOf(int16_t x) { return keyOf(static_cast<int32_t>(x)); }
uint32_t keyOf(int8_t x) { return keyOf(static_cast<int32_t>(x)); }

template <typename Key>
struct Entry {
  Key key;
  uint32_t position;
};

template <typename Key>
void insertionSort(Entry<Key>* entries, int64_t n) {
  for (int64_t i = 1; i < n; i++) {
    Entry<Key> entry = entries[i];
    int64_t j = i;
    for (; j > 0 && entries[j - 1].key > entry.key; j--) entries[j] = entries[j - 1];
    entries[j] = entry;
  }
}

// The first few in order, at the front: each entry is held against the last of those found so far.
template <typename Key>
void selectFew(Entry<Key>* entries, int64_t n, int64_t take) {
  insertionSort(entries, take);
  for (int64_t i = take; i < n; i++) {
    Entry<Key> entry = entries[i];
    if (entry.key >= entries[take - 1].key) continue;
    int64_t j = take - 1;
    for (; j > 0 && entries[j - 1].key > entry.key; j--) entries[j] = entries[j - 1];
    entries[j] = entry;
  }
}

// By bytes, from the lowest; those that all keys share are skipped. The result may end up in either array.
template <typename Key>
Entry<Key>* radixSort(Entry<Key>* entries, Entry<Key>* other, int64_t n) {
  constexpr int kDigits = sizeof(Key);
  auto* counts = static_cast<int64_t(*)[256]>(scratch(4, kDigits * 256 * 8));
  memset(counts, 0, kDigits * 256 * 8);
  for (int64_t i = 0; i < n; i++) {
    for (int digit = 0; digit < kDigits; digit++) counts[digit][entries[i].key >> (8 * digit) & 255]++;
  }
  for (int digit = 0; digit < kDigits; digit++) {
    int64_t* count = counts[digit];
    if (count[entries[0].key >> (8 * digit) & 255] == n) continue;
    int64_t sum = 0;
    for (int value = 0; value < 256; value++) {
      int64_t here = count[value];
      count[value] = sum;
      sum += here;
    }
    for (int64_t i = 0; i < n; i++) other[count[entries[i].key >> (8 * digit) & 255]++] = entries[i];
    std::swap(entries, other);
  }
  return entries;
}

// `take`: how many of the first in order are wanted.
template <typename T>
void sortTyped(const View& values, const View& indices, const View& input, int dim, bool descending, int64_t take) {
  using Key = decltype(keyOf(T()));
  View what = without(values, dim), where = without(indices, dim), from = without(input, dim);
  const View* views[] = {&what, &where, &from};
  Loops kept(3, views);
  int64_t length = input.shape[dim];
  if (length == 0 || take == 0) return;
  int64_t grain = 8192 / length;
  parallelFor(kept.numel, grain < 1 ? 1 : grain, [&](int64_t begin, int64_t end) {
    auto* entries = static_cast<Entry<Key>*>(scratch(5, 2 * length * static_cast<int64_t>(sizeof(Entry<Key>))));
    for (int64_t p = begin; p < end; p++) {
      const T* x = input.as<T>() + kept.offsetOf(2, p);
      Key flip = descending ? static_cast<Key>(-1) : 0;
      for (int64_t i = 0; i < length; i++) {
        entries[i] = {static_cast<Key>(keyOf(x[i * input.strides[dim]]) ^ flip), static_cast<uint32_t>(i)};
      }
      Entry<Key>* sorted = entries;
      if (length <= kInsertion) {
        insertionSort(entries, length);
      } else if (take <= kFew) {
        selectFew(entries, length, take);
      } else if (take <= length / 8) {
        auto before = [](const Entry<Key>& a, const Entry<Key>& b) {
          return a.key != b.key ? a.key < b.key : a.position < b.position;
        };
        std::nth_element(entries, entries + take - 1, entries + length, before);
        std::sort(entries, entries + take, before);
      } else {
        sorted = radixSort(entries, entries + length, length);
      }
      T* value = values.as<T>() + kept.offsetOf(0, p);
      int64_t* index = indices.as<int64_t>() + kept.offsetOf(1, p);
      for (int64_t i = 0; i < take; i++) {
        index[i * indices.strides[dim]] = sorted[i].position;
        value[i * values.strides[dim]] = x[sorted[i].position * input.strides[dim]];
      }
    }
  });
}

void sortAny(const View& values, const View& indices, const View& input, int dim, bool descending, int64_t take) {
  switch (input.dtype) {
    case DType::Float32: return sortTyped<float>(values, indices, input, dim, descending, take);
    case DType::Float64: return sortTyped<double>(values, indices, input, dim, descending, take);
    case DType::Int64: return sortTyped<int64_t>(values, indices, input, dim, descending, take);
    case DType::Int32: return sortTyped<int32_t>(values, indices, input, dim, descending, take);
    case DType::Int16: return sortTyped<int16_t>(values, indices, input, dim, descending, take);
    case DType::Int8: return sortTyped<int8_t>(values, indices, input, dim, descending, take);
    default: return sortTyped<uint8_t>(values, indices, input, dim, descending, take);
  }
}

void sort(const View& values, const View& indices, const View& input, int dim, bool descending) {
  sortAny(values, indices, input, dim, descending, input.shape[dim]);
}

void topk(const View& values, const View& indices, const View& input, int dim, bool largest) {
  int64_t k = values.shape[dim];
  sortAny(values, indices, input, dim, largest, k < input.shape[dim] ? k : input.shape[dim]);
}

}  // namespace

void fillSort(SortKernels& table) {
  table.sort = sort;
  table.topk = topk;
}

}  // namespace flambeau

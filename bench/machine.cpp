// What the machine itself can do, as the yardstick of the rows: multiply-adds of float32 in registers, and bytes moved to
// and from memory by a = b + s * c over arrays far larger than the caches. Prints, for one thread and for `threads`, the best of
// several tries. Compiled with -O3 -march=native by machine.ts when a run begins.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif
typedef float Vector __attribute__((vector_size(kLanes * 4)));

static double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Enough independent chains to hide the latency of each, all in registers.
static float multiplyAdds(int64_t rounds) {
  constexpr int chains = 12;
  Vector sums[chains];
  Vector factor, term;
  for (int lane = 0; lane < kLanes; lane++) factor[lane] = 0.999f, term[lane] = 0.001f;
  for (int c = 0; c < chains; c++) sums[c] = term * static_cast<float>(c);
  for (int64_t i = 0; i < rounds; i++) {
#pragma GCC unroll 12
    for (int c = 0; c < chains; c++) sums[c] = sums[c] * factor + term;
  }
  float total = 0;
  for (int c = 0; c < chains; c++) total += sums[c][0];
  return total;
}

static void triad(float* a, const float* b, const float* c, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) a[i] = b[i] + 3.0f * c[i];
}

template <typename Body>
static double secondsOf(int threads, const Body& body) {
  double start = now();
  std::vector<std::thread> pool;
  for (int t = 1; t < threads; t++) pool.emplace_back([&, t] { body(t); });
  body(0);
  for (auto& thread : pool) thread.join();
  return now() - start;
}

int main(int argc, char** argv) {
  int all = argc > 1 ? atoi(argv[1]) : 2;
  const int64_t rounds = 20'000'000, count = 24'000'000;
  std::vector<float> a(count), b(count, 1.0f), c(count, 2.0f);
  volatile float kept = 0;
  printf("{");
  for (int threads : {1, all}) {
    double arithmetic = 1e9, memory = 1e9;
    for (int attempt = 0; attempt < 5; attempt++) {
      arithmetic = std::min(arithmetic, secondsOf(threads, [&](int) { kept = multiplyAdds(rounds); }));
      memory = std::min(memory, secondsOf(threads, [&](int t) {
        triad(a.data(), b.data(), c.data(), count * t / threads, count * (t + 1) / threads);
      }));
    }
    kept = a[count / 2];
    printf("%s\"flops%d\": %.6g, \"bytes%d\": %.6g", threads == 1 ? "" : ", ", threads == 1 ? 1 : 2,
           2.0 * 12 * kLanes * rounds * threads / arithmetic, threads == 1 ? 1 : 2, 12.0 * count / memory);
  }
  printf("}\n");
}

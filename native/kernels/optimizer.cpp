// Optimiser steps over many parameters in one call. Formulas and the order of the scalars are those of
// src/optim/sgd.ts and src/optim/adam.ts, which follow
// https://pytorch.org/docs/stable/generated/torch.optim.SGD.html and Adam.html, AdamW.html.
#include <cmath>

#include "../plain/walk.h"
#include "../threads.h"
#include "kernels.h"
#include "vector_math.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

constexpr int64_t kGrain = 32768;

// Arrays of one parameter, contiguous: itself, its gradient, and what is remembered of it.
template <typename T>
struct Arrays {
  T* parameter;
  const T* gradient;
  T* state[3];
};

// sgd: [lr, momentum, dampening, weightDecay, nesterov, maximize, firstStep]
template <typename V>
struct Sgd {
  using T = ElementOf<V>;
  V lr, momentum, fresh, weightDecay;
  bool hasMomentum, nesterov, maximize, firstStep, decays;

  Sgd(const double* s, int states)
      : lr(splat<V>(s[0])),
        momentum(splat<V>(s[1])),
        fresh(splat<V>(1 - s[2])),
        weightDecay(splat<V>(s[3])),
        hasMomentum(states > 0),
        nesterov(s[4] != 0),
        maximize(s[5] != 0),
        firstStep(s[6] != 0),
        decays(s[3] != 0) {}

  template <typename Load, typename Store>
  void apply(const Arrays<T>& a, Load at, Store put) const {
    V p = at(a.parameter), g = at(a.gradient);
    if (maximize) g = -g;
    if (decays) g = fma(weightDecay, p, g);
    if (hasMomentum) {
      V buffer = firstStep ? g : fma(fresh, g, momentum * at(a.state[0]));
      put(a.state[0], buffer);
      g = nesterov ? fma(momentum, buffer, g) : buffer;
    }
    put(a.parameter, fma(-lr, g, p));
  }
};

// adam, adamw: [lr, beta1, beta2, eps, weightDecay, step, maximize]
template <typename V, bool decoupled>
struct Adam {
  using T = ElementOf<V>;
  V beta1, beta2, fresh1, fresh2, eps, weightDecay, keep, stepSize, rootCorrection;
  bool amsgrad, maximize, decays;

  Adam(const double* s, int states)
      : beta1(splat<V>(s[1])),
        beta2(splat<V>(s[2])),
        fresh1(splat<V>(1 - s[1])),
        fresh2(splat<V>(1 - s[2])),
        eps(splat<V>(s[3])),
        weightDecay(splat<V>(s[4])),
        keep(splat<V>(1 - s[0] * s[4])),
        stepSize(splat<V>(s[0] / (1 - std::pow(s[1], s[5])))),
        rootCorrection(splat<V>(std::sqrt(1 - std::pow(s[2], s[5])))),
        amsgrad(states > 2),
        maximize(s[6] != 0),
        decays(s[4] != 0) {}

  template <typename Load, typename Store>
  void apply(const Arrays<T>& a, Load at, Store put) const {
    V p = at(a.parameter), g = at(a.gradient);
    if (maximize) g = -g;
    if (decays) {
      if (decoupled) {
        p = p * keep;
      } else {
        g = fma(weightDecay, p, g);
      }
    }
    V first = at(a.state[0]), second = at(a.state[1]);
    first = fma(fresh1, g, beta1 * first);
    second = fma(fresh2 * g, g, beta2 * second);
    put(a.state[0], first);
    put(a.state[1], second);
    V largest = second;
    if (amsgrad) {
      largest = maximum(at(a.state[2]), second);
      put(a.state[2], largest);
    }
    V denominator = sqrt(largest) / rootCorrection + eps;
    put(a.parameter, p - stepSize * first / denominator);
  }
};

template <typename V, typename Rule>
void update(const Rule& rule, Arrays<ElementOf<V>> a, int64_t n) {
  using T = ElementOf<V>;
  int64_t i = 0;
  for (; i + kLanes<V> <= n; i += kLanes<V>) {
    rule.apply(
        a, [i](const T* array) { return load<V>(array + i); }, [i](T* array, V v) { store<V>(array + i, v); });
  }
  if (i < n) {
    rule.apply(
        a, [i, n](const T* array) { return loadSome<V>(array + i, n - i); },
        [i, n](T* array, V v) { storeSome<V>(array + i, v, n - i); });
  }
}

// The views of one parameter, and how many elements were before it.
struct Group {
  const View* views[5];
  int64_t before, n;
  bool flat;
};

template <typename V, typename Rule>
void updateGroup(const Rule& rule, const Group& group, int states, int64_t begin, int64_t end) {
  using T = ElementOf<V>;
  if (group.flat) {
    Arrays<T> a{group.views[0]->as<T>() + begin, group.views[1]->as<T>() + begin, {}};
    for (int s = 0; s < states; s++) a.state[s] = group.views[2 + s]->as<T>() + begin;
    return update<V>(rule, a, end - begin);
  }
  // Whatever the strides: through buffers.
  alignas(64) T buffers[5][kPiece];
  int count = 2 + states;
  for (int64_t position = begin; position < end; position += kPiece) {
    int64_t n = end - position < kPiece ? end - position : kPiece;
    for (int v = 0; v < count; v++) {
      Loops loops(1, &group.views[v], false);
      gatherElements(buffers[v], group.views[v]->data, sizeof(T), loops, 0, position, n);
    }
    update<V>(rule, Arrays<T>{buffers[0], buffers[1], {buffers[2], buffers[3], buffers[4]}}, n);
    for (int v = 0; v < count; v++) {
      if (v == 1) continue;
      Loops loops(1, &group.views[v], false);
      scatterElements(group.views[v]->data, buffers[v], sizeof(T), loops, 0, position, n);
    }
  }
}

template <typename V, typename Rule>
void stepWith(const Rule& rule, int count, const View* parameters, const View* gradients, int states,
              const View* state) {
  auto* groups = static_cast<Group*>(scratch(0, count * static_cast<int64_t>(sizeof(Group))));
  int64_t total = 0;
  for (int i = 0; i < count; i++) {
    Group& group = groups[i];
    group.views[0] = &parameters[i];
    group.views[1] = &gradients[i];
    for (int s = 0; s < states; s++) group.views[2 + s] = &state[s * count + i];
    group.n = parameters[i].numel();
    group.before = total;
    group.flat = true;
    for (int v = 0; v < 2 + states; v++) group.flat &= group.views[v]->contiguous();
    total += group.n;
  }
  // All elements of all parameters as one row, so that small parameters share a chunk.
  parallelFor(total, kGrain, [&](int64_t begin, int64_t end) {
    int low = 0, high = count - 1;
    while (low < high) {
      int middle = (low + high + 1) / 2;
      groups[middle].before <= begin ? low = middle : high = middle - 1;
    }
    for (int i = low; i < count && groups[i].before < end; i++) {
      const Group& group = groups[i];
      int64_t from = begin > group.before ? begin - group.before : 0;
      int64_t to = end - group.before < group.n ? end - group.before : group.n;
      if (from < to) updateGroup<V>(rule, group, states, from, to);
    }
  });
}

template <typename V>
void stepTyped(OptimizerKind kind, int count, const View* parameters, const View* gradients, int states,
               const View* state, const double* scalars) {
  switch (kind) {
    case OptimizerKind::sgd:
      return stepWith<V>(Sgd<V>(scalars, states), count, parameters, gradients, states, state);
    case OptimizerKind::adam:
      return stepWith<V>(Adam<V, false>(scalars, states), count, parameters, gradients, states, state);
    case OptimizerKind::adamw:
      return stepWith<V>(Adam<V, true>(scalars, states), count, parameters, gradients, states, state);
  }
}

void step(OptimizerKind kind, int count, const View* parameters, const View* gradients, int states,
          const View* state, const double* scalars) {
  if (count == 0) return;
  parameters[0].dtype == DType::Float64
      ? stepTyped<F64>(kind, count, parameters, gradients, states, state, scalars)
      : stepTyped<F32>(kind, count, parameters, gradients, states, state, scalars);
}

}  // namespace

void fillOptimizer(OptimizerKernels& table) { table.step = step; }

}  // namespace flambeau::FLAMBEAU_ISA

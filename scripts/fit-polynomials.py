"""Prints the coefficients of native/kernels/vector_math.h: minimax polynomials by Remez exchange, in mpmath.

Each fit p approximates g(t) on [a, b] so that the largest |(p(t) - g(t)) * w(t)| is smallest; w turns it into the
relative error of the function in the end. Needs Python with mpmath.
"""

from mpmath import erfc, exp, expm1, fabs, log, lu_solve, matrix, mp, mpf, sqrt, atanh, sin, cos, tanh, erf, pi

mp.dps = 50


def remez(g, w, a, b, degree):
    a, b = mpf(a), mpf(b)
    n = degree + 2
    nodes = [(a + b) / 2 + (b - a) / 2 * mp.cos(mp.pi * (2 * i + 1) / (2 * n)) for i in range(n)][::-1]
    grid = [a + (b - a) * i / 2000 for i in range(2001)]
    targets = [g(t) for t in grid]
    weights = [w(t) for t in grid]
    for _ in range(12):
        system = matrix(n, n)
        right = matrix(n, 1)
        for i, t in enumerate(nodes):
            for j in range(degree + 1):
                system[i, j] = t**j
            system[i, degree + 1] = (-1) ** i / w(t)
            right[i] = g(t)
        solution = lu_solve(system, right)
        c = [solution[j] for j in range(degree + 1)]
        errors = [(mp.polyval(c[::-1], t) - y) * v for t, y, v in zip(grid, targets, weights)]
        # The largest error of each run of one sign.
        extremes = []
        for t, e in zip(grid, errors):
            if extremes and (e > 0) == (extremes[-1][1] > 0):
                if fabs(e) > fabs(extremes[-1][1]):
                    extremes[-1] = (t, e)
            else:
                extremes.append((t, e))
        while len(extremes) > n:
            extremes.pop(0 if fabs(extremes[0][1]) < fabs(extremes[-1][1]) else -1)
        if len(extremes) < n:
            break
        nodes = [t for t, _ in extremes]
    return c, max(fabs(e) for e in errors)


def show(name, fit, digits):
    coefficients, error = fit
    print(f"{name}: error 2^{mp.nstr(log(error, 2), 4)}")
    for c in coefficients:
        print(f"    {mp.nstr(c, digits)},")


def series(value, limit):
    """Away from 0 the formula itself, near 0 the limit: the fits' targets are quotients."""
    return lambda t: limit if fabs(t) < mpf(10) ** -15 else value(t)


one = lambda t: mpf(1)

# exp(r) = 1 + r + r^2 q(r)
show("exp", remez(series(lambda r: (expm1(r) - r) / r**2, mpf(1) / 2), lambda r: r**2 / exp(r), -0.3466, 0.3466, 4), 10)
# log(1 + f) = f - f^2 / 2 + f^3 p(f)
show("log", remez(series(lambda f: (log(1 + f) - f + f * f / 2) / f**3, mpf(1) / 3),
                  series(lambda f: f**3 / log(1 + f), mpf(0)), sqrt(mpf(1) / 2) - 1, sqrt(2) - 1, 8), 10)
# sin(r) = r + r^3 s(r^2), cos(r) = 1 - r^2 / 2 + r^4 c(r^2)
show("sin", remez(series(lambda z: (sin(sqrt(z)) - sqrt(z)) / sqrt(z) ** 3, mpf(-1) / 6),
                  lambda z: z * sqrt(z) / sin(sqrt(z)) if z > 0 else mpf(0), 0, (pi / 4) ** 2, 3), 10)
show("cos", remez(series(lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2, mpf(1) / 24), lambda z: z**2, 0, (pi / 4) ** 2, 2), 10)
# tanh(x) = x + x^3 t(x^2)
show("tanh", remez(series(lambda z: (tanh(sqrt(z)) - sqrt(z)) / sqrt(z) ** 3, mpf(-1) / 3),
                   lambda z: z * sqrt(z) / tanh(sqrt(z)) if z > 0 else mpf(0), 0, mpf("0.625") ** 2, 4), 10)
# erf(x) = x + x e(x^2) below 0.9
show("erf", remez(series(lambda z: erf(sqrt(z)) / sqrt(z) - 1, 2 / sqrt(pi) - 1),
                  lambda z: sqrt(z) / erf(sqrt(z)) if z > 0 else sqrt(pi) / 2, 0, mpf("0.9") ** 2, 6), 10)
# erf(x) = 1 - exp(q(x)) from there to 4
show("log erfc", remez(lambda x: log(erfc(x)), lambda x: erfc(x), mpf("0.9"), 4, 8), 10)
# In float64: log2(m) = s l(s^2) with s = (m - 1) / (m + 1), and 2^f
show("log2 (float64)", remez(series(lambda z: 2 * atanh(sqrt(z)) / sqrt(z) / log(2), 2 / log(2)), one,
                             0, ((sqrt(2) - 1) / (sqrt(2) + 1)) ** 2, 7), 19)
show("exp2 (float64)", remez(lambda f: mpf(2) ** f, lambda f: mpf(2) ** -f, -0.5, 0.5, 10), 19)

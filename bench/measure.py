"""PyTorch's side of measure.ts: the same lines in, the same answers out.

usage: OPENBLAS_NUM_THREADS=B python3 measure.py THREADS
"""
import json
import re
import resource
import sys
import time

import torch

from rows import elementwise, layers, loader, products, training

WARM_SECONDS = 0.25

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(0)

all_rows = {**products.rows, **elementwise.rows, **training.rows, **layers.rows, **loader.rows}


def program_of(name):
    point = re.fullmatch(r"growth (\d+) (\d+)", name)
    if point:
        return training.growing(int(point[1]), int(point[2])), 1
    program = all_rows[name]()
    return program if isinstance(program, tuple) else (program, 1)


def measured(run, seconds, least):
    run()
    samples, total = [], 0
    while total < seconds or len(samples) < least:
        start = time.perf_counter()
        own = run()
        passed = time.perf_counter() - start
        samples.append(own if isinstance(own, float) else passed)
        total += passed
    return sorted(samples)


run, repeats = None, 1
for line in sys.stdin:
    command, _, rest = line.strip().partition(" ")
    if command == "setup":
        run, repeats = program_of(rest)
        measured(run, WARM_SECONDS, 3)
        answer = {"repeats": repeats}
    elif command == "round":
        samples = measured(run, float(rest), 5)
        answer = {"seconds": samples[len(samples) // 2] / repeats}
    else:
        answer = {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}
    print(json.dumps(answer), flush=True)

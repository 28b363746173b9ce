"""Writes what PyTorch's layers, losses, functions and initialisers do: python3 scripts/oracle/nn [folder].

Without a folder the fixtures of the tests are written, test/nn/fixtures.
"""

import json
import sys
from pathlib import Path

import cases
from defaults import defaults
from run import run_function, run_init, run_initialiser, run_layer

FIXTURES = Path(__file__).resolve().parents[3] / "test" / "nn" / "fixtures"
TARGET = Path(sys.argv[1]) if len(sys.argv) > 1 else FIXTURES


def write(name, results):
    lines = ",\n".join(json.dumps(result, separators=(",", ":")) for result in results)
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / f"{name}.json").write_text(f"[\n{lines}\n]\n")
    print(name, len(results))


for name in ("LINEAR", "CONVOLUTION", "POOLING", "NORMALIZATION", "ACTIVATION", "DROPOUT", "SPARSE", "PADDING", "VISION",
             "RECURRENT", "ATTENTION", "LOSSES", "CTC"):
    write(name.lower(), [run_layer(case) for case in getattr(cases, name)])
write("functions", [run_function(case) for case in cases.FUNCTIONS])
write("init", [run_init(case) for case in cases.INIT])
write("initialisers", [run_initialiser(case) for case in cases.INITIALISERS])
write("defaults", defaults())

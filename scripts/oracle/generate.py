"""Runs the table of operations in PyTorch and writes what came out: operations.jsonl in the folder that is given.

    python3 scripts/oracle/generate.py FOLDER [only these operations ...]
"""

import json
import pathlib
import sys

import torch

import indexing  # noqa: F401  the tables register their operations when they are imported
import matrices  # noqa: F401
import pointwise  # noqa: F401
import reductions  # noqa: F401
import shapes  # noqa: F401
from table import all_cases


def main(folder, names):
    torch.set_num_threads(1)
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "operations.jsonl").open("w") as file:
        for case in all_cases():
            if not names or case.operation.name in names:
                file.write(json.dumps(case.run(), separators=(",", ":"), allow_nan=False) + "\n")


main(sys.argv[1], sys.argv[2:])

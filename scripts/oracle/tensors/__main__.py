"""Runs the table of operations in PyTorch and writes what came out.

    python3 scripts/oracle/tensors FOLDER [--fixtures] [only these operations ...]

FOLDER/operations.jsonl has PyTorch's own words for what it refuses; with --fixtures it is compressed and has not.
"""

import gzip
import json
import pathlib
import sys

import torch

import indexing  # noqa: F401  the tables register their operations when they are imported
import matrices  # noqa: F401
import pointwise  # noqa: F401
import printing
import programs
import reductions  # noqa: F401
import shapes  # noqa: F401
import streams
from table import all_cases


def lines(entries):
    return "".join(json.dumps(entry, separators=(",", ":"), allow_nan=False) + "\n" for entry in entries)


def write(folder, name, entries, fixtures):
    """A file of JSON lines; as a fixture compressed, the same bytes whenever the content is."""
    folder.mkdir(parents=True, exist_ok=True)
    if fixtures:
        (folder / f"{name}.jsonl.gz").write_bytes(gzip.compress(lines(entries).encode(), 9, mtime=0))
    else:
        (folder / f"{name}.jsonl").write_text(lines(entries))


def without_words(entry):
    return {key: True if key in ("error", "gradError") else value for key, value in entry.items() if key != "words"}


def main(folder, *options):
    torch.set_num_threads(1)
    fixtures = "--fixtures" in options
    names = [option for option in options if option != "--fixtures"]
    operations = [case.run() for case in all_cases() if not names or case.operation.name in names]
    write(pathlib.Path(folder), "operations", map(without_words, operations) if fixtures else operations, fixtures)
    write(pathlib.Path(folder), "programs", map(without_words, programs.results()), fixtures)
    write(pathlib.Path(folder), "printing", printing.results(), fixtures)
    write(pathlib.Path(folder), "streams", streams.results(), fixtures)


main(*sys.argv[1:])

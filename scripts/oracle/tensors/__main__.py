"""Runs the table of operations in PyTorch and writes what came out.

    python3 scripts/oracle/tensors FOLDER [--fixtures] [only these operations ...]

FOLDER/operations.jsonl has PyTorch's own words for what it refuses; with --fixtures it is compressed and has not.
FOLDER/derived.jsonl, with the variants of derived.py, is written without --fixtures: a sample of it is kept (test/oracle/sample.ts).
"""

import concurrent.futures
import gzip
import json
import multiprocessing
import pathlib
import sys

import torch

import derived
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


def outcome(number):
    """A line of derived.jsonl. What PyTorch 1.13 has no kernel for in bfloat16 says nothing."""
    rule, case = VARIANTS[number]
    entry = case.run()
    if "not implemented for 'BFloat16'" in entry.get("error", "") + entry.get("gradError", ""):
        return ""
    return lines([{"rule": rule, **entry}])


VARIANTS = []


def write_derived(folder, names):
    VARIANTS.extend(entry for entry in derived.variants(all_cases()) if not names or entry[1].operation.name in names)
    # An executor fails when a worker dies; a pool would wait.
    workers = concurrent.futures.ProcessPoolExecutor(mp_context=multiprocessing.get_context("fork"))
    with workers, (folder / "derived.jsonl").open("w") as file:
        for line in workers.map(outcome, range(len(VARIANTS)), chunksize=200):
            file.write(line)


def main(folder, *options):
    torch.set_num_threads(1)
    fixtures = "--fixtures" in options
    names = [option for option in options if option != "--fixtures"]
    operations = [case.run() for case in all_cases() if not names or case.operation.name in names]
    write(pathlib.Path(folder), "operations", map(without_words, operations) if fixtures else operations, fixtures)
    if not fixtures:
        write_derived(pathlib.Path(folder), names)
    write(pathlib.Path(folder), "programs", map(without_words, programs.results()), fixtures)
    write(pathlib.Path(folder), "printing", printing.results(), fixtures)
    write(pathlib.Path(folder), "streams", streams.results(), fixtures)


main(*sys.argv[1:])

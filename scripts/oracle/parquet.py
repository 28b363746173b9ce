"""Writes test/io/pyarrow.json: small Parquet files of several kinds as pyarrow writes them. What is in them is said in the
test, by the same formulas.

Run with a Python that has pyarrow:  python3 scripts/oracle/parquet.py
"""

import base64
import datetime
import io
import json
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 12
NOTE = {"info": {"features": {"label": {"_type": "ClassLabel", "names": ["no", "yes"]}, "photo": {"_type": "Image"}}}}


def table():
    columns = {
        "label": pa.array([i % 2 for i in range(ROWS)], pa.int64()),
        "text": pa.array([None if i % 5 == 4 else f"text {i} é" for i in range(ROWS)]),
        "float": pa.array([i / 4 for i in range(ROWS)], pa.float32()),
        "small": pa.array([i - 3 for i in range(ROWS)], pa.int8()),
        "flag": pa.array([None if i == 1 else i % 3 == 0 for i in range(ROWS)]),
        "time": pa.array([datetime.datetime(2024, 1, 1, 0, 0, i) for i in range(ROWS)], pa.timestamp("us")),
        "floats": pa.array([[i / 2, i + 1] for i in range(ROWS)], pa.list_(pa.float32())),
        "ids": pa.array([None if i == 2 else list(range(i % 4)) for i in range(ROWS)], pa.list_(pa.int64())),
        "pairs": pa.array([[{"a": i, "b": str(i)}] for i in range(ROWS)]),
        "photo": pa.array([{"bytes": bytes([i, i + 1]), "path": f"{i}.png"} for i in range(ROWS)],
                          pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
    }
    return pa.table(columns).replace_schema_metadata({"huggingface": json.dumps(NOTE)})


KINDS = {
    **{codec: {"compression": codec} for codec in ("none", "snappy", "gzip", "brotli", "zstd", "lz4")},
    "checksums": {"compression": "none", "write_page_checksum": True, "use_dictionary": False},
    "second version": {"compression": "snappy", "data_page_version": "2.0", "version": "2.6"},
    "delta": {"compression": "none", "use_dictionary": False, "column_encoding": {
        "label": "DELTA_BINARY_PACKED", "text": "DELTA_BYTE_ARRAY", "float": "BYTE_STREAM_SPLIT"}},
}


def write(options):
    file = io.BytesIO()
    pq.write_table(table(), file, row_group_size=5, **options)
    return base64.b64encode(file.getvalue()).decode()


files = {name: write(options) for name, options in KINDS.items()}
target = pathlib.Path(__file__).resolve().parents[2] / "test" / "io" / "pyarrow.json"
target.write_text(json.dumps({"pyarrow": pa.__version__, "files": files}, indent=1) + "\n")

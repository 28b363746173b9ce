"""Event files of TensorBoard, held against PyTorch's own writer and Google's protocol buffers.

    python3 scripts/oracle/tensorboard.py              writes test/visual/events.json: events as PyTorch makes them
    python3 scripts/oracle/tensorboard.py FILE ...     reads event files of flambeau's and says what is in them

Needs python3-torch and python3-protobuf of the system's packages. TensorBoard itself is not among these, so the messages are
declared here by its published .proto files (tensorboard/compat/proto), as far as they are used.
"""

import importlib.abc
import importlib.machinery
import json
import pathlib
import struct
import sys
import types
from unittest.mock import MagicMock

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

DOUBLE, FLOAT, INT64, INT32, BOOL, STRING, MESSAGE, BYTES, ENUM = 1, 2, 3, 5, 8, 9, 11, 12, 14

# Message: its fields as name -> (number, type, repeated, message or enum).
MESSAGES = {
    "TensorShapeProto.Dim": {"size": (1, INT64), "name": (2, STRING)},
    "TensorShapeProto": {"dim": (2, MESSAGE, True, "TensorShapeProto.Dim"), "unknown_rank": (3, BOOL)},
    "TensorProto": {"dtype": (1, ENUM, False, "DataType"), "tensor_shape": (2, MESSAGE, False, "TensorShapeProto"),
                    "float_val": (5, FLOAT, True), "double_val": (6, DOUBLE, True), "string_val": (8, BYTES, True)},
    "SummaryMetadata.PluginData": {"plugin_name": (1, STRING), "content": (2, BYTES)},
    "SummaryMetadata": {"plugin_data": (1, MESSAGE, False, "SummaryMetadata.PluginData"), "display_name": (2, STRING),
                        "summary_description": (3, STRING)},
    "HistogramProto": {"min": (1, DOUBLE), "max": (2, DOUBLE), "num": (3, DOUBLE), "sum": (4, DOUBLE),
                       "sum_squares": (5, DOUBLE), "bucket_limit": (6, DOUBLE, True), "bucket": (7, DOUBLE, True)},
    "Summary.Image": {"height": (1, INT32), "width": (2, INT32), "colorspace": (3, INT32),
                      "encoded_image_string": (4, BYTES)},
    "Summary.Value": {"tag": (1, STRING), "simple_value": (2, FLOAT), "image": (4, MESSAGE, False, "Summary.Image"),
                      "histo": (5, MESSAGE, False, "HistogramProto"), "tensor": (8, MESSAGE, False, "TensorProto"),
                      "metadata": (9, MESSAGE, False, "SummaryMetadata")},
    "Summary": {"value": (1, MESSAGE, True, "Summary.Value")},
    "SessionLog": {"status": (1, ENUM, False, "SessionStatus")},
    "Event": {"wall_time": (1, DOUBLE), "step": (2, INT64), "file_version": (3, STRING),
              "summary": (5, MESSAGE, False, "Summary"), "session_log": (7, MESSAGE, False, "SessionLog")},
    "TextPluginData": {"version": (1, INT32)},
}
ENUMS = {"DataType": ["DT_INVALID", "DT_FLOAT", "DT_DOUBLE", "DT_INT32", "DT_UINT8", "DT_INT16", "DT_INT8", "DT_STRING"],
         "SessionStatus": ["STATUS_UNSPECIFIED", "START", "STOP", "CHECKPOINT"]}


def declare():
    """The message classes by their names."""
    file = descriptor_pb2.FileDescriptorProto(name="events.proto", package="tb", syntax="proto3")
    for name, values in ENUMS.items():
        enum = file.enum_type.add(name=name)
        for number, value in enumerate(values):
            enum.value.add(name=value, number=number)
    made = {}
    for name, fields in sorted(MESSAGES.items(), key=lambda item: item[0].count(".")):
        outer, _, inner = name.rpartition(".")
        message = made[outer].nested_type.add(name=inner) if outer else file.message_type.add(name=name)
        made[name] = message
        for field, (number, kind, *more) in fields.items():
            label = 3 if more and more[0] else 1
            packed = label == 3 and kind in (DOUBLE, FLOAT)
            type_name = f".tb.{more[1]}" if len(more) > 1 else None
            added = message.field.add(name=field, number=number, type=kind, label=label, type_name=type_name)
            if packed:
                added.options.packed = True
            if name == "Summary.Value" and field not in ("tag", "metadata"):
                # One of these is there, and is written even where it is zero.
                added.oneof_index = 0
        if name == "Summary.Value":
            message.oneof_decl.add(name="value")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    classes = {name: factory.GetPrototype(pool.FindMessageTypeByName(f"tb.{name}")) for name in MESSAGES}
    for name, message in classes.items():
        outer, _, inner = name.rpartition(".")
        if outer:
            setattr(classes[outer], inner, message)
    return classes


CLASSES = declare()


class Stand(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands in for the modules of TensorBoard that PyTorch's writer imports."""

    def find_spec(self, fullname, path, target=None):
        if fullname.split(".")[0] in ("tensorboard", "six"):
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec):
        module = types.ModuleType(spec.name)
        module.__path__ = []
        module.__getattr__ = lambda name: CLASSES.get(name) or (range if name == "range" else MagicMock())
        if spec.name == "tensorboard":
            module.__version__ = "2.11.0"
        return module

    def exec_module(self, module):
        pass


def make_events():
    sys.meta_path.insert(0, Stand())
    import numpy as np
    import torch
    from torch.utils.tensorboard import summary, writer

    # PyTorch 1.13 asks for the result's type in a way that NumPy 1.24 no longer takes.
    greater, np.greater = np.greater, lambda a, b, dtype=None: greater(a, b)
    edges = writer.SummaryWriter.__new__(writer.SummaryWriter)
    edges._get_file_writer = lambda: None
    edges.purge_step = None
    writer.SummaryWriter.__init__(edges, "unused")
    values = torch.tensor([0.0, 1.5, -2.25, 3e-13, 1e-3, 1e-3, 700.0, -0.5], dtype=torch.float64)
    pixels = (torch.arange(2 * 3 * 3) * 14).reshape(3, 2, 3).to(torch.uint8)
    made = {
        "scalar": summary.scalar("loss/train", 0.1),
        "zero": summary.scalar("zero", 0.0),
        "not a number": summary.scalar("nan", float("nan")),
        "histogram": summary.histogram("weights", values, edges.default_bins),
        "histogram of own bins": summary.histogram("weights", values, [-3, -1, 0, 1, 2]),
        "text": summary.text("notes", "**é** and more"),
        "image": summary.image("photo", pixels, dataformats="CHW"),
    }
    events = {name: CLASSES["Event"](wall_time=1700000000.25, step=7, summary=value) for name, value in made.items()}
    events["version"] = CLASSES["Event"](wall_time=1700000000.25, file_version="brain.Event:2")
    events["start"] = CLASSES["Event"](wall_time=1700000000.25, step=40, session_log=CLASSES["SessionLog"](status=1))
    events["before zero"] = CLASSES["Event"](wall_time=1700000000.25, step=-3, summary=made["scalar"])
    hexes = {name: event.SerializeToString().hex() for name, event in events.items()}
    target = pathlib.Path(__file__).resolve().parents[2] / "test" / "visual" / "events.json"
    target.write_text(json.dumps({"torch": torch.__version__, "numpy": np.__version__, "events": hexes}, indent=1) + "\n")


def masked_crc32c(data):
    """Bit by bit, from the polynomial's definition."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def check(path):
    content = pathlib.Path(path).read_bytes()
    offset = 0
    while offset < len(content):
        length, crc = struct.unpack_from("<QI", content, offset)
        assert crc == masked_crc32c(content[offset:offset + 8]), f"{path}: checksum of a length at {offset}"
        data = content[offset + 12:offset + 12 + length]
        assert struct.unpack_from("<I", content, offset + 12 + length)[0] == masked_crc32c(data), f"{path}: data at {offset}"
        event = CLASSES["Event"].FromString(data)
        assert not event.UnknownFields() and event.wall_time > 1.6e9
        assert all(value.WhichOneof("value") for value in event.summary.value), f"{path}: a value is of no known kind"
        print(" ".join(str(event).split())[:300])
        offset += 16 + length


if __name__ == "__main__":
    for name in sys.argv[1:]:
        check(name)
    if len(sys.argv) == 1:
        make_events()

"""Weights that travel between PyTorch and the library in safetensors files, which are written and read by hand here.

    weights.py write FOLDER    a model of several kinds of layers: weights.safetensors, and in weights.json what it answers
    weights.py check FOLDER    reads returned.safetensors, which the library wrote, into the same model and compares
"""

import json
import struct
import sys
from pathlib import Path

import torch
import torch.nn as nn

from recipe import described, make, weight

NAMES = {torch.float32: "F32", torch.float64: "F64", torch.int64: "I64"}
TYPES = {name: dtype for dtype, name in NAMES.items()}


class Model(nn.Module):
    """Images [N, 2, 8, 8] to logits [N, 3]."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(2, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2))
        self.encoder = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(6, 2, dim_feedforward=8, batch_first=True), 2, norm=nn.LayerNorm(6))
        self.lstm = nn.LSTM(6, 5, batch_first=True, bidirectional=True)
        self.output = nn.Linear(10, 3)

    def forward(self, images):
        steps = self.features(images).flatten(2).transpose(1, 2)
        return self.output(self.lstm(self.encoder(steps))[0][:, -1])


def numbered():
    """The model in evaluation mode with weights by recipe."""
    model = Model().eval()
    with torch.no_grad():
        for index, (name, entry) in enumerate(model.state_dict().items()):
            entry.copy_(weight(name, entry, index))
    return model


def write_safetensors(tensors, path):
    header, chunks, offset = {}, [], 0
    for name, tensor in tensors.items():
        data = tensor.contiguous().numpy().tobytes()
        header[name] = {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [offset, offset + len(data)]}
        chunks.append(data)
        offset += len(data)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(chunks))


def read_safetensors(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        dtype = TYPES[entry["dtype"]]
        flat = torch.frombuffer(bytearray(data[begin:end]), dtype=dtype) if end > begin else torch.empty(0, dtype=dtype)
        tensors[name] = flat.reshape(entry["shape"])
    return tensors


def images():
    return make({"shape": [4, 2, 8, 8]}, 1, torch.float32)


def write(folder):
    model = numbered()
    write_safetensors(model.state_dict(), folder / "weights.safetensors")
    with torch.no_grad():
        (folder / "weights.json").write_text(json.dumps([described(model(images()))]) + "\n")
    print("weights", len(model.state_dict()))


def check(folder):
    expected = numbered()
    returned = Model().eval()
    returned.load_state_dict(read_safetensors(folder / "returned.safetensors"), strict=True)
    for (name, theirs), ours in zip(returned.state_dict().items(), expected.state_dict().values()):
        assert theirs.dtype == ours.dtype and torch.equal(theirs, ours), f"{name} came back changed"
    assert torch.equal(returned(images()), expected(images())), "the model answers differently"
    print(f"weights: {len(returned.state_dict())} tensors written by the library are what PyTorch had written, bit by bit")


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    {"write": write, "check": check}[sys.argv[1]](Path(sys.argv[2]))

"""Writes test/io/pillow-jpeg.json: small JPEG files of every usual kind and the pixels Pillow reads from them.

Run with a Python that has Pillow and NumPy:  python3 scripts/oracle/jpeg.py
"""

import base64
import io
import json
import pathlib

import numpy as np
from PIL import Image


def picture(height, width, mode):
    channels = {"L": 1, "RGB": 3, "CMYK": 4}[mode]
    coarse = np.random.RandomState(height * width).randint(0, 256, (3, 4, channels), dtype=np.uint8)
    image = Image.fromarray(coarse if channels > 1 else coarse[:, :, 0], mode)
    return image.resize((width, height), Image.Resampling.BICUBIC)


CASES = {
    "4:2:0": (picture(17, 23, "RGB"), {"subsampling": 2}),
    "4:2:2": (picture(17, 23, "RGB"), {"subsampling": 1}),
    "4:4:4": (picture(9, 8, "RGB"), {"subsampling": 0}),
    "grey": (picture(10, 7, "L"), {}),
    "progressive": (picture(18, 20, "RGB"), {"progressive": True}),
    "one pixel": (picture(1, 1, "RGB"), {}),
    "low quality": (picture(16, 16, "RGB"), {"quality": 10}),
    "CMYK": (picture(8, 8, "CMYK"), {}),
}


def encode(data):
    return base64.b64encode(data).decode()


def describe(image, options):
    file = io.BytesIO()
    image.save(file, "JPEG", **{"quality": 90, "optimize": True, **options})
    array = np.asarray(Image.open(file))
    channels = 1 if array.ndim == 2 else array.shape[2]
    return {"width": image.width, "height": image.height, "channels": channels, "file": encode(file.getvalue()),
            "data": encode(np.ascontiguousarray(array).tobytes())}


cases = {name: describe(image, options) for name, (image, options) in CASES.items()}
target = pathlib.Path(__file__).resolve().parents[2] / "test" / "io" / "pillow-jpeg.json"
target.write_text(json.dumps({"pillow": Image.__version__, "cases": cases}, indent=1) + "\n")

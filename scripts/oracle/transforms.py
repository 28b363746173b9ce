"""Writes test/transforms/torchvision.json: what torchvision's transforms make of a few small pictures.

Run with a Python that has torch, torchvision 0.14 and Pillow:  python3 scripts/oracle/transforms.py
"""

import base64
import json
import pathlib

import numpy as np
import torch
from PIL import Image
from torchvision import transforms as T
from torchvision.transforms import InterpolationMode as Mode

MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
INTERPOLATIONS = {"nearest": Mode.NEAREST, "bilinear": Mode.BILINEAR, "bicubic": Mode.BICUBIC}
# Pillow's alone.
IMAGE_INTERPOLATIONS = {"box": Mode.BOX, "hamming": Mode.HAMMING, "lanczos": Mode.LANCZOS}


def encode(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def picture(height, width, channels, seed):
    pixels = np.random.RandomState(seed).randint(0, 256, (height, width, channels), dtype=np.uint8)
    return Image.fromarray(pixels if channels > 1 else pixels[:, :, 0], MODES[channels])


def describe(result):
    if isinstance(result, torch.Tensor):
        dtype = str(result.dtype).removeprefix("torch.")
        return {"dtype": dtype, "shape": list(result.shape), "data": encode(result.numpy())}
    array = np.asarray(result)
    channels = 1 if array.ndim == 2 else array.shape[2]
    return {"width": result.width, "height": result.height, "channels": channels, "data": encode(array)}


PICTURES = {
    "grey": picture(7, 5, 1, 0),
    "colour": picture(6, 9, 3, 1),
    "alpha": picture(5, 4, 4, 2),
    "greyAlpha": picture(4, 6, 2, 3),
    "letter": picture(28, 28, 1, 4),
}

# Name and arguments as in the TypeScript class, then the same transform here.
CASES = [
    ("CenterCrop", [3], T.CenterCrop(3)),
    ("CenterCrop", [[2, 5]], T.CenterCrop((2, 5))),
    ("CenterCrop", [[10, 4]], T.CenterCrop((10, 4))),
    ("CenterCrop", [11], T.CenterCrop(11)),
    ("Pad", [2], T.Pad(2)),
    ("Pad", [[1, 3]], T.Pad((1, 3))),
    ("Pad", [[0, 1, 2, 3], {"fill": 7}], T.Pad((0, 1, 2, 3), fill=7)),
    *[("Pad", [[1, 2, 3, 2], {"paddingMode": mode}], T.Pad((1, 2, 3, 2), padding_mode=mode)) for mode in
      ("edge", "reflect", "symmetric")],
    ("Grayscale", [], T.Grayscale()),
    ("Grayscale", [{"numOutputChannels": 3}], T.Grayscale(3)),
    ("Grayscale", [3], T.Grayscale(3)),
    *[("Resize", [size, {"interpolation": name}], T.Resize(size, mode)) for name, mode in INTERPOLATIONS.items()
      for size in (3, 13, [4, 11], [9, 2])],
    ("Resize", [4, {"maxSize": 5}], T.Resize(4, max_size=5)),
    *[("Resize", [[3, 4], {"interpolation": name, "antialias": True}], T.Resize((3, 4), mode, antialias=True))
      for name, mode in INTERPOLATIONS.items() if name != "nearest"],
    *[("Resize", [size, {"interpolation": name}], T.Resize(size, mode)) for name, mode in IMAGE_INTERPOLATIONS.items()
      for size in (3, [9, 4])],
]
def turn(transform, degrees, options):
    """A turning transform and its TypeScript options in one."""
    names = {"fill": "fill", "center": "center", "expand": "expand", "translate": "translate", "scale": "scale",
             "shear": "shear"}
    arguments = {names[key]: value for key, value in options.items() if key != "interpolation"}
    if "interpolation" in options:
        arguments["interpolation"] = INTERPOLATIONS[options["interpolation"]]
    build = {"RandomRotation": T.RandomRotation, "RandomAffine": T.RandomAffine}[transform]
    return (transform, [degrees, options] if options else [degrees], build(degrees, **arguments))


ROTATIONS = [
    (30, {}),
    ([80, 100], {"expand": True}),
    *[([angle, angle], {"expand": expand}) for angle in (0, 90, 180, 270) for expand in (False, True)],
    (180, {"interpolation": "bilinear"}),
    (180, {"interpolation": "bilinear", "expand": True, "fill": 9}),
    (180, {"interpolation": "bicubic", "expand": True}),
    (60, {"center": [1, 2], "fill": 200}),
    (60, {"center": [0, 0], "interpolation": "bilinear", "expand": True}),
]
AFFINES = [
    (0, {}),
    (45, {}),
    (0, {"translate": [0.5, 0.3]}),
    (0, {"scale": [0.5, 2]}),
    (0, {"shear": 40}),
    ([-20, 70], {"translate": [0.2, 0.1], "scale": [0.7, 1.3], "shear": [-10, 10, -30, 5], "fill": 50}),
    (90, {"scale": [0.7, 1.3], "shear": [5, 30], "interpolation": "bilinear", "fill": 3.7}),
    (90, {"translate": [0.2, 0.2], "interpolation": "bicubic"}),
    (40, {"center": [2, 1], "interpolation": "bilinear"}),
]
JITTERS = [
    {"brightness": 0.8},
    {"brightness": [1.2, 3]},
    {"contrast": 0.9},
    {"contrast": [1.5, 4]},
    {"saturation": 1.5},
    {"hue": 0.5},
    {"hue": [-0.2, -0.1]},
    {"brightness": 0.4, "contrast": 0.4, "saturation": 0.4, "hue": 0.1},
    {"brightness": [1, 1], "saturation": [0, 0.5]},
]
RANDOM = [
    ("RandomCrop", [[3, 3]], T.RandomCrop((3, 3))),
    ("RandomCrop", [4, {"padding": 2}], T.RandomCrop(4, padding=2)),
    ("RandomCrop", [8, {"padIfNeeded": True, "paddingMode": "edge"}],
     T.RandomCrop(8, pad_if_needed=True, padding_mode="edge")),
    *[("RandomCrop", [[5, 3], {"padding": [1, 2, 2, 3], "paddingMode": mode}],
       T.RandomCrop((5, 3), padding=(1, 2, 2, 3), padding_mode=mode)) for mode in ("edge", "reflect", "symmetric")],
    ("RandomCrop", [[9, 2], {"padding": [1, 2], "fill": 7, "padIfNeeded": True}],
     T.RandomCrop((9, 2), padding=(1, 2), fill=7, pad_if_needed=True)),
    ("RandomHorizontalFlip", [], T.RandomHorizontalFlip()),
    ("RandomHorizontalFlip", [{"p": 0.9}], T.RandomHorizontalFlip(0.9)),
    ("RandomHorizontalFlip", [0.9], T.RandomHorizontalFlip(0.9)),
    ("RandomVerticalFlip", [], T.RandomVerticalFlip()),
    ("RandomResizedCrop", [4], T.RandomResizedCrop(4)),
    ("RandomResizedCrop", [[3, 5], {"scale": [0.5, 1], "ratio": [0.5, 2], "interpolation": "nearest"}],
     T.RandomResizedCrop((3, 5), (0.5, 1), (0.5, 2), Mode.NEAREST)),
    ("RandomResizedCrop", [4, {"scale": [0.9, 1], "ratio": [3, 4]}], T.RandomResizedCrop(4, (0.9, 1), (3, 4))),
    ("RandomResizedCrop", [4, {"scale": [0.9, 1], "ratio": [0.2, 0.3]}], T.RandomResizedCrop(4, (0.9, 1), (0.2, 0.3))),
    ("ColorJitter", [0.4, 0.3, 0.2, 0.1], T.ColorJitter(0.4, 0.3, 0.2, 0.1)),
    *[turn("RandomRotation", *case) for case in ROTATIONS],
    *[turn("RandomAffine", *case) for case in AFFINES],
    *[("ColorJitter", [options], T.ColorJitter(**options)) for options in JITTERS],
]


def takes(name, arguments, channels, kind):
    """Whether torchvision defines a result: not for transparency in colour jitter, nor bicubic turns of tensors."""
    text = json.dumps(arguments)
    if name == "ColorJitter":
        return channels in (1, 3) or (kind == "image" and channels == 4 and arguments[0] and "hue" not in text and len(arguments) == 1)
    return kind == "image" or "bicubic" not in text


def suits(name, channels, kind):
    if name == "Grayscale":
        # Of a picture with alpha Pillow makes grey too; a tensor must have three channels.
        return kind == "image" or channels == 3
    return True


def fill_suits(arguments, channels):
    return channels in (1, 3) or not (arguments and isinstance(arguments[-1], dict) and "fill" in arguments[-1])


def run():
    results = []
    for label, image in PICTURES.items():
        tensor = T.ToTensor()(image)
        channels = tensor.shape[0]
        results.append(
            {"transform": "ToTensor", "args": [], "input": label, "kind": "image", "output": describe(tensor)})
        if label == "letter":
            continue
        mean, std = [0.5, 0.25, 0.1, 0.3][:channels], [0.5, 0.3, 0.7, 0.9][:channels]
        for arguments in ([mean, std], [[0.5], [0.25]]):
            output = describe(T.Normalize(*arguments)(tensor))
            results.append(
                {"transform": "Normalize", "args": arguments, "input": label, "kind": "tensor", "output": output})
        for kind, value in (("image", image), ("tensor", tensor), ("bytes", T.PILToTensor()(image))):
            for name, arguments, transform in CASES:
                if not suits(name, channels, kind) or not fill_suits(arguments, channels):
                    continue
                # Antialiasing is what Pillow does anyway; uint8 tensors are resized through floats.
                if kind == "bytes" and (name not in ("Resize", "Grayscale") or label not in ("grey", "colour")):
                    continue
                if kind == "tensor" and label in ("alpha", "greyAlpha"):
                    continue
                if kind == "image" and "antialias" in json.dumps(arguments):
                    continue
                if kind != "image" and any(f'"{mode}"' in json.dumps(arguments) for mode in IMAGE_INTERPOLATIONS):
                    continue
                output = describe(transform(value))
                results.append(
                    {"transform": name, "args": arguments, "input": label, "kind": kind, "output": output})
        for name, arguments, transform in RANDOM:
            if name == "RandomCrop" and not fill_suits(arguments, channels):
                continue
            if label in ("alpha", "greyAlpha") and name in ("RandomRotation", "RandomAffine") and "fill" in json.dumps(
                    arguments) and channels == 2:
                continue
            for seed in range(2 if name in ("RandomRotation", "RandomAffine") else 3):
                torch.manual_seed(seed)
                outputs = [describe(transform(value)) if takes(name, arguments, channels, kind) else None
                           for kind, value in (("image", image), ("tensor", tensor), ("bytes", T.PILToTensor()(image)))]
                results.append(
                    {"transform": name, "args": arguments, "input": label, "seed": seed, "outputs": outputs})
    pictures = {label: describe(image) for label, image in PICTURES.items()}
    return {"torchvision": "0.14.1", "pillow": Image.__version__, "pictures": pictures, "loaded": loaded(), "cases": results}


class Copies(torch.utils.data.Dataset):
    """The same picture many times, each time transformed."""

    def __init__(self, image, transform):
        self.image, self.transform = image, transform

    def __len__(self):
        return 10

    def __getitem__(self, index):
        return self.transform(self.image), index


def loaded():
    """What two workers make of a picture under a seed: which random numbers a sample gets is the workers' seeds' affair."""
    transform = T.Compose([T.RandomCrop(6, padding=2), T.RandomHorizontalFlip(), T.RandomRotation(90),
                           T.ColorJitter(brightness=0.5), T.PILToTensor()])
    torch.manual_seed(7)
    loader = torch.utils.data.DataLoader(Copies(PICTURES["grey"], transform), 3, shuffle=True, num_workers=2)
    return [[{"indices": indices.tolist(), "images": describe(images)} for images, indices in loader] for _ in range(2)]


target = pathlib.Path(__file__).resolve().parents[2] / "test" / "transforms" / "torchvision.json"
document = run()
lines = [json.dumps(case, separators=(",", ":")) for case in document.pop("cases")]
head = json.dumps(document, separators=(",", ":"))[:-1]
target.write_text(head + ',"cases":[\n' + ",\n".join(lines) + "\n]}\n")

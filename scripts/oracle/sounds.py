"""Writes test/transforms/torchaudio.json, what torchaudio's transforms make of a few sounds, and test/io/torchaudio-wav.json,
WAV files of every kind that torchaudio writes and the samples it reads from them.

Run with a Python that has torch and torchaudio 0.13:  python3 scripts/oracle/sounds.py
"""

import base64
import io
import json
import pathlib

import numpy as np
import torch
import torchaudio
from torchaudio import transforms as T

TESTS = pathlib.Path(__file__).resolve().parents[2] / "test"
WINDOWS = {"hann": torch.hann_window, "hamming": torch.hamming_window, "blackman": torch.blackman_window,
           "ones": torch.ones}


def encode(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def describe(tensor):
    tensor = torch.view_as_real(tensor) if tensor.is_complex() else tensor
    return {"shape": list(tensor.shape), "data": encode(tensor.numpy())}


def sound(channels, length, seed):
    random = np.random.RandomState(seed)
    time = np.arange(length) / 16000
    tones = sum(np.sin(2 * np.pi * random.uniform(80, 6000, (channels, 1)) * time) for _ in range(3)) / 4
    return torch.from_numpy((tones + random.normal(0, 0.02, (channels, length))).astype(np.float32))


SOUNDS = {"mono": sound(1, 700, 0), "stereo": sound(2, 331, 1), "flat": sound(1, 260, 2)[0]}


def snake(options):
    names = {"nFft": "n_fft", "winLength": "win_length", "hopLength": "hop_length", "padMode": "pad_mode",
             "sampleRate": "sample_rate", "nMels": "n_mels", "fMin": "f_min", "fMax": "f_max", "melScale": "mel_scale",
             "resamplingMethod": "resampling_method", "lowpassFilterWidth": "lowpass_filter_width"}
    values = {"frameLength": "frame_length"}
    renamed = {names.get(key, key): values.get(value, value) if isinstance(value, str) else value
               for key, value in options.items()}
    if "window" in renamed:
        renamed["window_fn"] = WINDOWS[renamed.pop("window")]
    return renamed


SPECTROGRAM = [
    {"nFft": 64},
    {"nFft": 50, "hopLength": 17},
    {"nFft": 33, "hopLength": 16, "power": 1},
    {"nFft": 64, "winLength": 40, "hopLength": 40, "power": 3},
    {"nFft": 64, "winLength": 41, "window": "hamming", "power": None},
    {"nFft": 64, "window": "blackman", "normalized": True, "hopLength": 60},
    {"nFft": 64, "window": "ones", "normalized": "frameLength", "hopLength": 60},
    {"nFft": 64, "center": False, "pad": 7},
    *[{"nFft": 64, "hopLength": 50, "padMode": mode} for mode in ("constant", "replicate", "circular")],
    {"nFft": 32, "hopLength": 50, "onesided": False},
]
MEL = [
    {"nFft": 128, "nMels": 20, "hopLength": 100},
    {"nFft": 128, "nMels": 16, "hopLength": 100, "melScale": "slaney", "norm": "slaney"},
    {"nFft": 128, "nMels": 10, "hopLength": 100, "sampleRate": 8000, "fMin": 100, "fMax": 3000, "power": 1},
]
RESAMPLE = [
    [16000, 8000], [8000, 16000], [44100, 16000], [16000, 22050], [3, 7, {"lowpassFilterWidth": 16, "rolloff": 0.9}],
    [16000, 12000, {"resamplingMethod": "kaiser_window"}],
    [16000, 12000, {"resamplingMethod": "kaiser_window", "beta": 8.5, "lowpassFilterWidth": 10}], [16000, 16000],
]


def cases():
    for label, wave in SOUNDS.items():
        for name, options_list in (("Spectrogram", SPECTROGRAM), ("MelSpectrogram", MEL)):
            for options in options_list:
                yield name, [options], label, getattr(T, name)(**snake(options))(wave)
        for rates in RESAMPLE:
            options = rates[2] if len(rates) > 2 else {}
            yield "Resample", rates, label, T.Resample(rates[0], rates[1], **snake(options))(wave)


def write_transforms():
    lines = [json.dumps({"transform": name, "args": arguments, "input": label, "output": describe(output)},
                        separators=(",", ":")) for name, arguments, label, output in cases()]
    head = json.dumps({"torchaudio": "0.13.1", "sounds": {label: describe(wave) for label, wave in SOUNDS.items()}},
                      separators=(",", ":"))[:-1]
    (TESTS / "transforms" / "torchaudio.json").write_text(head + ',"cases":[\n' + ",\n".join(lines) + "\n]}\n")


ENCODINGS = [("PCM_U", 8), ("PCM_S", 16), ("PCM_S", 24), ("PCM_S", 32), ("PCM_F", 32), ("PCM_F", 64)]


def write_files():
    files = []
    for encoding, bits in ENCODINGS:
        for channels in (1, 2):
            wave = sound(channels, 13, bits + channels) * 1.4
            file = io.BytesIO()
            torchaudio.save(file, wave, 22050, format="wav", encoding=encoding, bits_per_sample=bits)
            file.seek(0)
            read, rate = torchaudio.load(file)
            files.append({"encoding": encoding, "bits": bits, "channels": channels, "sampleRate": rate,
                          "file": encode(np.frombuffer(file.getvalue(), np.uint8)), "data": encode(read.numpy())})
    (TESTS / "io" / "torchaudio-wav.json").write_text(
        json.dumps({"torchaudio": "0.13.1", "files": files}, indent=1) + "\n")


write_transforms()
write_files()

"""The safetensors format with json and numpy alone; Debian has no python3-safetensors."""

import json
import struct

import numpy as np

TYPES = {"F32": "<f4", "F64": "<f8", "I64": "<i8", "U8": "u1"}


def read(path):
    """Returns the tensors by name, as numpy arrays, and the metadata."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        tensors[name] = np.frombuffer(data[start:end], TYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors, metadata


def write(path, tensors):
    """Writes numpy arrays by name, without metadata."""
    header, data = {}, b""
    for name, value in tensors.items():
        kind = next(kind for kind, code in TYPES.items() if np.dtype(code) == value.dtype)
        header[name] = {
            "dtype": kind,
            "shape": list(value.shape),
            "data_offsets": [len(data), len(data) + value.nbytes],
        }
        data += value.tobytes()
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<q", len(text)) + text + data)

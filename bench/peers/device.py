"""What the workers of the benchmark on a GPU share: the assignment, the text and the clock. DeviceWorker.cs is their twin."""

import json
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "pytorch"))
import tensors  # noqa: E402

WARM_UP, BLOCK, LEAST = 8, 5, 3


def assignment():
    return json.loads(sys.argv[1])


def answer(value):
    print(json.dumps(value), flush=True)


def weights(work):
    """The weights of every run by name; None draws them."""
    if not work.get("checkpoint"):
        return None
    stored = tensors.read(work["checkpoint"])[0]
    return {name: value for name, value in stored.items() if not name.startswith("state.")}


def windows(work, values):
    """The text's windows for ever: words and the words that follow them, [T, B] each; true begins the text anew."""
    tokens, columns, steps = tensors.read(work["tokens"])[0]["tokens"], values["batch"], values["window"]
    length = len(tokens) // columns
    text = np.ascontiguousarray(tokens[: length * columns].reshape(columns, length).T)  # [L, B]
    while True:
        for at in range(0, length - steps, steps):
            yield text[at : at + steps], text[at + 1 : at + 1 + steps], at == 0


def measure(work, step, wait):
    """Takes steps: step() starts one and returns its loss, wait(loss) waits until it is done and returns it as a number.

    Nobody waits for a step by itself, as the guides advise: a block of some steps is timed as a whole.
    """
    if work["checkedSteps"]:
        return {"seconds": [], "losses": [wait(step()) for _ in range(work["checkedSteps"])]}
    for _ in range(WARM_UP):
        wait(step())
    seconds, began = [], time.perf_counter()
    while len(seconds) < LEAST or time.perf_counter() - began < work["seconds"]:
        started = time.perf_counter()
        for _ in range(BLOCK):
            loss = step()
        wait(loss)
        seconds.append((time.perf_counter() - started) / BLOCK)
    return {"seconds": seconds, "losses": []}

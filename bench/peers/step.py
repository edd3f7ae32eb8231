"""The benchmark's step in PyTorch, as one writes it, with PyTorch's own settings: step.py ASSIGNMENT, a JSON object (Worker.cs).

It is driven line by line like the other workers: `run 5` on standard input makes five steps, whose seconds go to standard
output; the end of the input ends it. With checkedSteps it prints the losses of so many steps instead, and ends.
"""

import ctypes
import itertools
import json
import signal
import sys
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn.functional import cross_entropy

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "pytorch"))
import tensors  # noqa: E402
from tied import TiedModel, detached  # noqa: E402


def loss_of(logits, targets):
    return cross_entropy(logits.view(-1, logits.shape[-1]), targets.reshape(-1))


def in_columns(tokens, columns):
    length = len(tokens) // columns
    return tokens[: length * columns].view(columns, length).t().contiguous()  # [L, B]


class Steps:
    def __init__(self, values, tokens, checkpoint):
        self.values, self.state = values, None
        self.model = TiedModel(**values)
        if checkpoint:
            stored = tensors.read(checkpoint)[0]
            self.model.load_state_dict({name: torch.from_numpy(stored[name].copy()) for name in self.model.state_dict()})
        self.optimizer = torch.optim.SGD(self.model.parameters(), values["learningRate"], weight_decay=values["weightDecay"])
        self.text = in_columns(tokens, values["batch"])
        self.model.train(values["mode"] == "train")
        self.gradients_in_evaluation = not self.is_right_without_gradients()

    def is_right_without_gradients(self):
        """Some versions evaluate an LSTM on AVX-512 by a kernel whose results are wrong (pytorch/pytorch issue 173922)."""
        with torch.no_grad():
            words = self.model.embedding(self.text[: self.values["window"]])
        self.model.rnn.eval()
        results = []
        for gradients in (False, True):
            with torch.set_grad_enabled(gradients):
                results.append(self.model.rnn(words)[0].detach())
        self.model.rnn.train(self.model.training)
        return torch.allclose(*results, rtol=1e-4, atol=1e-5)

    def windows(self, text=None):
        text, steps = self.text if text is None else text, self.values["window"]
        for at in range(0, len(text) - steps, steps):
            yield text[at : at + steps], text[at + 1 : at + 1 + steps]

    def train(self, inputs, targets):
        raw, dropped, logits, state = self.model(inputs, self.state)
        self.state = detached(state)
        loss = loss_of(logits, targets)
        objective = loss
        if self.values["alpha"]:
            objective = objective + self.values["alpha"] * dropped.pow(2).mean()
        if self.values["beta"]:
            objective = objective + self.values["beta"] * (raw[1:] - raw[:-1]).pow(2).mean()
        self.optimizer.zero_grad()
        objective.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.values["clip"])
        self.optimizer.step()
        return loss.item()

    def evaluate(self, inputs, targets):
        with torch.set_grad_enabled(self.gradients_in_evaluation):
            _, _, logits, state = self.model(inputs, self.state)
            self.state = detached(state)
            return loss_of(logits, targets).item()


    def train_row(self, row, tokens):
        """A row of a table: epochs with validation, then the test split; a part is so many windows."""
        evaluated = in_columns(tokens, row["evaluationBatch"])
        for part in ["train", "valid"] * row["epochs"] + ["test"]:
            self.state, training = None, part == "train"
            self.model.train(training)
            losses = [(self.train if training else self.evaluate)(*window)
                      for window in itertools.islice(self.windows(None if training else evaluated), row[part])]
        answer({"training": [], "evaluation": sum(losses) / len(losses)})


def answer(value):
    print(json.dumps(value), flush=True)


def blas():
    """The library that multiplies matrices, and the processor that OpenBLAS takes this one for."""
    libraries = {Path(line.split()[-1]) for line in open("/proc/self/maps") if ".so" in line}
    found = sorted((p.name, p) for p in libraries if "openblas" in p.name or "mkl" in p.name or p.name.startswith("libblas"))
    if not found:
        return "unknown"
    name, path = found[-1]
    try:
        core = ctypes.CDLL(str(path)).openblas_get_corename
        core.restype = ctypes.c_char_p
        return f"{name} for {core().decode()}"
    except (AttributeError, OSError):
        return name


def check(steps, count):
    losses = [steps.train(*window) for window, _ in zip(steps.windows(), range(count))]
    steps.state = None
    steps.model.eval()
    evaluated = [steps.evaluate(*window) for window in steps.windows()]
    answer({"training": losses, "evaluation": sum(evaluated) / len(evaluated)})


def endless(steps):
    step = steps.train if steps.values["mode"] == "train" else steps.evaluate
    while True:
        for window in steps.windows():
            yield step(*window)


def serve(steps, clock):
    work = endless(steps)
    for line in sys.stdin:
        seconds = []
        for _ in range(int(line.split()[1])):
            started = clock()
            next(work)
            seconds.append(clock() - started)
        answer({"seconds": seconds})


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the benchmark ends it
    work = json.loads(sys.argv[1])
    torch.set_num_threads(work["threads"])
    tokens = torch.from_numpy(tensors.read(work["tokens"])[0]["tokens"].copy())
    steps = Steps(work["configuration"], tokens, work.get("checkpoint"))
    if work["checkedSteps"]:
        check(steps, work["checkedSteps"])
        return
    if row := work.get("row"):
        steps.train_row(row, tokens)
        return
    about = {"pytorch": torch.__version__, "blas": blas()}
    if steps.values["mode"] == "evaluate" and steps.gradients_in_evaluation:
        about["remark"] = "evaluates with gradients enabled, since its results without them are wrong at this H on this processor"
    answer(about)
    serve(steps, time.process_time if work["processorTime"] else time.perf_counter)


main()

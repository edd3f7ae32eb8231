"""One training step in PyTorch: one_step.py CHECKPOINT WINDOW RESULT [CHECKPOINT WINDOW RESULT]...

Reads a checkpoint (weights, carried state, hyper-parameters) and a window (inputs and targets, [T, B]), and writes the loss
and its parts, every gradient after clipping, every weight after the step and the state after the window.
"""

import json
import sys

import torch
from torch.nn.functional import cross_entropy

import tensors
from model import TiedModel, split


def step(checkpoint, window, result):
    stored, metadata = tensors.read(checkpoint)
    header = json.loads(metadata["artar"])
    values, rate = header["hyperParameters"], header["position"]["learningRate"]
    weights, state = split(stored)
    tokens, _ = tensors.read(window)

    model = TiedModel(values["cell"], weights)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate, weight_decay=values["weightDecay"])
    h, logits, state = model(torch.from_numpy(tokens["inputs"].copy()), state)
    loss = cross_entropy(logits.reshape(-1, logits.shape[-1]), torch.from_numpy(tokens["targets"].copy()).reshape(-1))
    ar = (h ** 2).mean()
    tar = ((h[1:] - h[:-1]) ** 2).mean() if h.shape[0] > 1 else torch.zeros(())
    coefficients = values["regularization"]
    (loss + coefficients.get("alpha", 0) * ar + coefficients.get("beta", 0) * tar).backward()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), values["clip"])
    gradients = {"gradient." + name: p.grad.numpy().copy() for name, p in model.named_parameters()}
    optimizer.step()

    parts = {"loss": loss, "AR": ar, "TAR": tar, "norm": norm}
    state = {"state.hidden": state} if torch.is_tensor(state) else dict(zip(["state.hidden", "state.memory"], state))
    after = {name: p.detach() for name, p in model.named_parameters()}
    plain = {name: value.detach().numpy().copy() for name, value in {**parts, **state, **after}.items()}
    tensors.write(result, {**plain, **gradients})


torch.set_num_threads(1)
for i in range(1, len(sys.argv), 3):
    step(*sys.argv[i : i + 3])

"""Cross-entropy of stored models in PyTorch, in nats per predicted token, a line each: loss.py TOKENS COLUMNS CHECKPOINT..."""

import json
import sys

import torch
from torch.nn.functional import cross_entropy

import tensors
from model import TiedModel, split

torch.set_num_threads(1)
tokens, columns, *checkpoints = sys.argv[1:]
text = torch.from_numpy(tensors.read(tokens)[0]["tokens"].copy())
length = len(text) // int(columns)
text = text[: length * int(columns)].reshape(int(columns), length).T  # [L, B]
for checkpoint in checkpoints:
    stored, metadata = tensors.read(checkpoint)
    model = TiedModel(json.loads(metadata["artar"])["hyperParameters"]["cell"], split(stored)[0]).double()
    with torch.no_grad():
        _, logits, _ = model(text[:-1], None)
        print(repr(cross_entropy(logits.reshape(-1, logits.shape[-1]), text[1:].reshape(-1)).item()))

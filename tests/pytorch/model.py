"""The tied language model in PyTorch, with the weights of a checkpoint and without dropout."""

import torch
from torch import nn


class TiedModel(nn.Module):
    def __init__(self, cell, weights):
        super().__init__()
        vocabulary, hidden = weights["embedding.weight"].shape
        layers = sum(name.startswith("rnn.weight_ih_l") for name in weights)
        self.embedding = nn.Embedding(vocabulary, hidden)
        self.rnn = {"lstm": nn.LSTM, "gru": nn.GRU, "tanh": nn.RNN}[cell](hidden, hidden, layers)
        self.decoder_bias = nn.Parameter(torch.zeros(vocabulary))
        # strict: every weight of the checkpoint has its place here, and none is missing.
        self.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in weights.items()}, strict=True)

    def forward(self, tokens, state):
        """tokens [T, B] -> output of the last layer [T, B, H], logits [T, B, V], state after the window."""
        output, state = self.rnn(self.embedding(tokens), state)
        return output, output @ self.embedding.weight.T + self.decoder_bias, state


def split(tensors):
    """A checkpoint's tensors as (weights, state): the state is h, or (h, c) for an LSTM."""
    weights = {name: value for name, value in tensors.items() if not name.startswith("state.")}
    hidden = torch.from_numpy(tensors["state.hidden"].copy())
    if "state.memory" not in tensors:
        return weights, hidden
    return weights, (hidden, torch.from_numpy(tensors["state.memory"].copy()))

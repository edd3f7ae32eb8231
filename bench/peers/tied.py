"""The tied language model as one writes it in PyTorch, for all peers."""

import torch
from torch import nn
from torch.nn.functional import dropout, linear


class TiedModel(nn.Module):
    def __init__(self, cell, vocabulary, hidden, layers, dropout, **_):
        super().__init__()
        self.dropout = dropout
        self.embedding = nn.Embedding(vocabulary, hidden)
        nn.init.uniform_(self.embedding.weight, -0.1, 0.1)
        kind = {"lstm": nn.LSTM, "gru": nn.GRU, "tanh": nn.RNN}[cell]
        self.rnn = kind(hidden, hidden, layers, dropout=dropout if layers > 1 else 0)
        self.decoder_bias = nn.Parameter(torch.zeros(vocabulary))

    def forward(self, tokens, state):
        """tokens [T, B] -> output of the last layer [T, B, H], the same after dropout, logits [T, B, V], the next state."""
        words = dropout(self.embedding(tokens), self.dropout, self.training)
        raw, state = self.rnn(words, state)
        dropped = dropout(raw, self.dropout, self.training)
        return raw, dropped, linear(dropped, self.embedding.weight, self.decoder_bias), state


def detached(state):
    return state.detach() if torch.is_tensor(state) else tuple(s.detach() for s in state)

"""The stack's twin in JAX: one run's step as one writes it, and vmap over the runs. device_jax.py ASSIGNMENT (DeviceCase.cs)."""

import math
import os
from functools import partial

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

import jax
import jax.numpy as jnp

import device

GATES = {"lstm": 4, "gru": 3}


def new_weights(key, cell, vocabulary, hidden, layers):
    bound, shape = 1 / math.sqrt(hidden), (GATES[cell] * hidden, hidden)
    keys = iter(jax.random.split(key, 1 + 4 * layers))
    weights = {
        "embedding.weight": jax.random.uniform(next(keys), (vocabulary, hidden), minval=-0.1, maxval=0.1),
        "decoder_bias": jnp.zeros(vocabulary),
    }
    for layer in range(layers):
        for name, size in ("weight_ih", shape), ("weight_hh", shape), ("bias_ih", shape[:1]), ("bias_hh", shape[:1]):
            weights[f"rnn.{name}_l{layer}"] = jax.random.uniform(next(keys), size, minval=-bound, maxval=bound)
    return weights


def lstm(state, sums):
    """state (h, c), [B, H] each; sums [B, 4H] -> the next state."""
    i, f, g, o = jnp.split(sums, 4, axis=-1)
    c = jax.nn.sigmoid(f) * state[1] + jax.nn.sigmoid(i) * jnp.tanh(g)
    return jax.nn.sigmoid(o) * jnp.tanh(c), c


def gru(state, x, s):
    """state (h, c), of which h counts, [B, H]; x and s [B, 3H], what input and state add to the sums -> the next state."""
    (xr, xz, xn), (sr, sz, sn) = jnp.split(x, 3, axis=-1), jnp.split(s, 3, axis=-1)
    z = jax.nn.sigmoid(xz + sz)
    n = jnp.tanh(xn + jax.nn.sigmoid(xr + sr) * sn)
    return (1 - z) * n + z * state[0], state[1]


def recur(cell, weights, layer, x, state):
    """x [T, B, H], state (h, c) of this layer -> output [T, B, H], the state after the window."""
    w = lambda name: weights[f"rnn.{name}_l{layer}"]  # noqa: E731
    sums = x @ w("weight_ih").T + w("bias_ih")  # [T, B, G*H]

    def step(state, sums):
        of_state = state[0] @ w("weight_hh").T + w("bias_hh")
        state = lstm(state, sums + of_state) if cell == "lstm" else gru(state, sums, of_state)
        return state, state[0]

    state, output = jax.lax.scan(step, state, sums)
    return output, state


def dropped_out(key, x, p):
    return jnp.where(jax.random.bernoulli(key, 1 - p, x.shape), x / (1 - p), 0) if p else x


def objective(weights, state, key, inputs, targets, *, cell, layers, dropout, alpha, beta):
    """One run: inputs and targets [T, B], state (h, c) of [layers, B, H] -> the objective; the loss and the next state."""
    keys = jax.random.split(key, layers + 1)
    x = dropped_out(keys[0], weights["embedding.weight"][inputs], dropout)  # [T, B, H]
    after = []
    for layer in range(layers):
        raw, last = recur(cell, weights, layer, x, (state[0][layer], state[1][layer]))
        after.append(last)
        x = dropped_out(keys[layer + 1], raw, dropout)
    logits = x @ weights["embedding.weight"].T + weights["decoder_bias"]  # [T, B, V]
    chosen = jnp.take_along_axis(logits, targets[..., None], axis=-1)[..., 0]
    loss = (jax.nn.logsumexp(logits, axis=-1) - chosen).mean()
    penalty = alpha * jnp.square(x).mean() + beta * jnp.square(raw[1:] - raw[:-1]).mean()
    return loss + penalty, (loss, tuple(jnp.stack(part) for part in zip(*after)))


def train_step(weights, state, key, inputs, targets, rate, clip, decay, **values):
    """One run's step: the loss, the new weights, the state after the window."""
    (_, (loss, state)), gradient = jax.value_and_grad(objective, has_aux=True)(weights, state, key, inputs, targets, **values)
    norm = jnp.sqrt(sum(jnp.square(g).sum() for g in gradient.values()))
    scale = jnp.minimum(1, clip / (norm + 1e-6))
    weights = {name: w - rate * (scale * gradient[name] + decay * w) for name, w in weights.items()}
    return loss, weights, jax.lax.stop_gradient(state)


class Steps:
    def __init__(self, work, values, runs):
        self.windows, self.runs, self.number = device.windows(work, values), runs, 0
        self.keys = jax.random.split(jax.random.key(1), runs)
        start, shape = device.weights(work), (values["cell"], values["vocabulary"], values["hidden"], values["layers"])
        self.weights = (
            {name: jnp.repeat(jnp.asarray(value)[None], runs, 0) for name, value in start.items()}
            if start
            else jax.vmap(lambda key: new_weights(key, *shape))(self.keys)
        )
        self.zeros = (jnp.zeros((runs, values["layers"], values["batch"], values["hidden"])),) * 2
        one = partial(
            train_step,
            **{name: values[name] for name in ("cell", "layers", "dropout", "alpha", "beta")},
        )
        # The runs share the text; weights, state, keys and numbers are each one's own.
        stacked = jax.vmap(one, in_axes=(0, 0, 0, None, None, 0, 0, 0))

        def step(weights, state, keys, number, *others):
            return stacked(weights, state, jax.vmap(jax.random.fold_in, (0, None))(keys, number), *others)

        self.step = jax.jit(step, donate_argnums=(0,))
        self.numbers = [jnp.full(runs, values[name]) for name in ("learningRate", "clip", "weightDecay")]

    def __call__(self):
        inputs, targets, first = next(self.windows)
        if first:
            self.state = self.zeros
        loss, self.weights, self.state = self.step(self.weights, self.state, self.keys, self.number, inputs, targets, *self.numbers)
        self.number += 1
        return loss[-1]


def main():
    work = device.assignment()
    jax.config.update("jax_platforms", work["device"])
    jax.config.update("jax_default_matmul_precision", "tensorfloat32" if work["tf32"] else "float32")
    device.answer({"about": {"jax": jax.__version__}})
    for case in work["cases"]:
        device.answer(device.measure(work, Steps(work, case["configuration"], case["runs"]), float))


main()

#!/usr/bin/env python3
"""What `cargo bench -p host-sim` measures, in JAX compiled by XLA for one thread of this processor.

    python3 -m venv /tmp/jax && /tmp/jax/bin/pip install jax
    taskset -c 0 /tmp/jax/bin/python host-sim/benches/xla.py

Mixers of the same shapes, clipping to norm 1 and Adam, on random samples; all steps of a run are one compiled loop. Prints training
samples per second: the median of five runs, with the slowest and the fastest.
"""

import os

os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

from functools import partial
from statistics import median
from time import perf_counter
from typing import NamedTuple

import jax
import jax.numpy as jnp


class Shape(NamedTuple):
    tokens: int
    inputs: int
    channels: int
    blocks: int
    token_hidden: int
    channel_hidden: int
    outputs: int


NETWORKS = {
    "flow-16x2": (Shape(14, 3, 16, 2, 14, 24, 1), 2697),
    "watch-12x1": (Shape(16, 6, 12, 1, 16, 24, 7), 1403),
}
# Samples per step, and steps per run.
RUNS = [(32, 300), (1, 2000)]


def linear(key, fan_in, fan_out):
    bound = fan_in**-0.5
    return jax.random.uniform(key, (fan_out, fan_in), minval=-bound, maxval=bound), jnp.zeros(fan_out)


def parameters(key, shape):
    keys = iter(jax.random.split(key, 2 + 4 * shape.blocks))
    norm = lambda: (jnp.ones(shape.channels), jnp.zeros(shape.channels))
    two_layers = lambda width, hidden: (linear(next(keys), width, hidden), linear(next(keys), hidden, width))
    block = lambda: {
        "token_norm": norm(),
        "token_mixing": two_layers(shape.tokens, shape.token_hidden),
        "channel_norm": norm(),
        "channel_mixing": two_layers(shape.channels, shape.channel_hidden),
    }
    return {
        "embedding": linear(next(keys), shape.inputs, shape.channels),
        "blocks": [block() for _ in range(shape.blocks)],
        "norm": norm(),
        "head": linear(next(keys), shape.channels, shape.outputs),
    }


def layer_norm(x, scale, shift):
    x = x - jnp.mean(x, axis=-1, keepdims=True)
    return x * jax.lax.rsqrt(jnp.mean(x * x, axis=-1, keepdims=True) + 1e-5) * scale + shift


def gelu(x):
    # Not jax.nn.gelu: it goes by erfc, for which XLA takes much longer.
    return 0.5 * x * (1 + jax.lax.erf(x * 0.5**0.5))


def perceptron(x, layers):
    (weight, bias), (weight_out, bias_out) = layers
    return gelu(x @ weight.T + bias) @ weight_out.T + bias_out


def logits(network, x):
    weight, bias = network["embedding"]
    x = x @ weight.T + bias
    for block in network["blocks"]:
        columns = layer_norm(x, *block["token_norm"]).swapaxes(-1, -2)
        x = x + perceptron(columns, block["token_mixing"]).swapaxes(-1, -2)
        x = x + perceptron(layer_norm(x, *block["channel_norm"]), block["channel_mixing"])
    weight, bias = network["head"]
    return jnp.mean(layer_norm(x, *network["norm"]), axis=-2) @ weight.T + bias


def loss(network, x, classes):
    z = logits(network, x)
    if z.shape[-1] == 1:
        return jnp.mean(jax.nn.softplus(z[:, 0]) - z[:, 0] * classes)
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), classes[:, None], axis=-1))


def adam(state, gradient, rate=5e-3, decays=(0.9, 0.999), eps=1e-8):
    network, first, second, step = state
    norm = jnp.sqrt(sum(jnp.vdot(g, g) for g in jax.tree.leaves(gradient)))
    gradient = jax.tree.map(lambda g: g * jnp.minimum(1.0, 1.0 / (norm + 1e-6)), gradient)
    step = step + 1
    first = jax.tree.map(lambda m, g: decays[0] * m + (1 - decays[0]) * g, first, gradient)
    second = jax.tree.map(lambda v, g: decays[1] * v + (1 - decays[1]) * g * g, second, gradient)
    corrections = [1 - decay**step for decay in decays]
    update = lambda w, m, v: w - rate * (m / corrections[0]) / (jnp.sqrt(v / corrections[1]) + eps)
    return jax.tree.map(update, network, first, second), first, second, step


@partial(jax.jit, donate_argnums=0)
def train(state, samples, classes):
    step = lambda state, batch: (adam(state, jax.grad(loss)(state[0], *batch)), None)
    return jax.lax.scan(step, state, (samples, classes))[0]


def samples_per_second(shape, batch, steps):
    keys = jax.random.split(jax.random.key(0), 3)
    samples = jax.random.normal(keys[0], (steps, batch, shape.tokens, shape.inputs))
    classes = jax.random.randint(keys[1], (steps, batch), 0, max(shape.outputs, 2))

    def start():
        network = parameters(keys[2], shape)
        zeros = lambda: jax.tree.map(jnp.zeros_like, network)
        return jax.block_until_ready((network, zeros(), zeros(), jnp.float32(0)))

    def run():
        state = start()
        begin = perf_counter()
        jax.block_until_ready(train(state, samples, classes))
        return steps * batch / (perf_counter() - begin)

    run()
    return sorted(run() for _ in range(5))


for name, (shape, count) in NETWORKS.items():
    assert sum(p.size for p in jax.tree.leaves(parameters(jax.random.key(0), shape))) == count, name
    for batch, steps in RUNS:
        rates = samples_per_second(shape, batch, steps)
        print(f"{name}, batch {batch}: {median(rates):,.0f} samples per second ({rates[0]:,.0f} to {rates[-1]:,.0f})", flush=True)

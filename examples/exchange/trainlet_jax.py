"""A network of trainlet as a function of JAX, made from a file that `host-sim export --to safetensors` wrote.

    pip install jax safetensors
    python trainlet_jax.py for-jax.safetensors

`network, parameters = load(path)` gives a pure function `network(parameters, inputs)`, ready for `jax.jit`, `jax.grad` and `jax.vmap`,
and its parameters, a dictionary by their names. It computes what the device does in evaluation; dropout and stochastic depth are not part
of it. `safetensors.numpy.save_file(parameters, "learnt.safetensors")` (of arrays of numpy) is a file for `host-sim train --init`.
"""

import functools
import json
import math
import sys

import jax
import jax.numpy as jnp
from safetensors import safe_open

# Sums in 32 bits on a graphics processor too.
jax.config.update("jax_default_matmul_precision", "highest")

Parameters = dict[str, jax.Array]


def load(path: str):
    """The network of a file, and its parameters."""
    with safe_open(path, "np") as file:
        metadata = file.metadata() or {}
        if "graph" not in metadata:
            raise ValueError(f"{path} does not say what its network computes; write it with `host-sim export --to safetensors`")
        parameters = {name: jnp.asarray(file.get_tensor(name)) for name in file.keys()}
    return functools.partial(apply, json.loads(metadata["graph"])), parameters


def apply(graph: object, parameters: Parameters, inputs: jax.Array) -> jax.Array:
    """From samples as the network takes them, `[batch, inputs]`, to its outputs, `[batch, outputs]`: logits or standardised values."""
    return part(graph, parameters, "", inputs[:, None]).reshape(len(inputs), -1)


def probabilities(logits: jax.Array) -> jax.Array:
    """Of each class; a single logit is that of class 1 of two."""
    return jax.nn.softmax(logits, 1) if logits.shape[1] > 1 else jax.nn.sigmoid(jnp.concatenate([-logits, logits], 1))


def part(graph: object, parameters: Parameters, path: str, x: jax.Array) -> jax.Array:
    """A part of the graph (see `trainlet::nn::graph::Graph`) on `[batch, tokens, channels]`; names of parameters begin with `path`."""
    kind, argument = (graph, None) if isinstance(graph, str) else next(iter(graph.items()))
    if kind == "sequence":
        for inner in argument:
            x = part(inner, parameters, path, x)
        return x
    if kind == "list":
        for number, element in enumerate(elements(argument)):
            x = part(element, parameters, f"{path}{number}.", x)
        return x
    if kind == "named":
        return part(argument[1], parameters, f"{path}{argument[0]}.", x)
    if kind == "residual":
        return x + part(argument, parameters, path, x)
    if kind == "coupled":
        left, right = jnp.split(x, 2, 2)
        left = left + part(argument[0], parameters, path, right)
        return jnp.concatenate([left, right + part(argument[1], parameters, path, left)], 2)
    if kind == "concatenation":
        return jnp.concatenate([part(inner, parameters, path, x) for inner in argument], 2)
    return LAYERS[kind](lambda leaf: parameters[path + leaf], x, argument)


def elements(of: list) -> list:
    """The elements of a list, those of its parts in their place."""
    flat = []
    for element in of:
        flat += elements(element["part"]) if isinstance(element, dict) and "part" in element else [element]
    return flat


def reshape(_, x: jax.Array, shape: dict) -> jax.Array:
    flat, (tokens, channels) = x.reshape(len(x), -1), (shape["tokens"], shape["channels"])
    return jnp.pad(flat, ((0, 0), (0, tokens * channels - flat.shape[1]))).reshape(-1, tokens, channels)


def linear(leaf, x: jax.Array, _) -> jax.Array:
    return x @ leaf("weight").T + leaf("bias")


def token_linear(leaf, x: jax.Array, _) -> jax.Array:
    return leaf("weight") @ x + leaf("bias")[:, None]


def conv(leaf, x: jax.Array, options: dict) -> jax.Array:
    """The kernel is `[out][tap][in]`, with `(taps - 1) // 2` zeros before the stream."""
    weight = leaf("weight")
    return convolution(x, weight, options["stride"], x.shape[2] // weight.shape[2], "OWI") + leaf("bias")


def depthwise_conv(leaf, x: jax.Array, _) -> jax.Array:
    """The kernel is `[tap][channel]`."""
    return convolution(x, leaf("weight")[:, None], 1, x.shape[2], "WIO") + leaf("bias")


def convolution(x: jax.Array, kernel: jax.Array, stride: int, groups: int, axes: str) -> jax.Array:
    taps = kernel.shape[axes.index("W")]
    before = (taps - 1) // 2
    return jax.lax.conv_general_dilated(
        x, kernel, (stride,), [(before, taps - 1 - before)], dimension_numbers=("NWC", axes, "NWC"), feature_group_count=groups
    )


def layer_norm(leaf, x: jax.Array, _) -> jax.Array:
    centred = x - x.mean(2, keepdims=True)
    return centred * jax.lax.rsqrt(jnp.square(centred).mean(2, keepdims=True) + 1e-5) * leaf("weight") + leaf("bias")


def lambda_layer(leaf, x: jax.Array, _) -> jax.Array:
    """Bello 2021, arXiv 2102.08602; the formula stands at `trainlet::nn::layer::Lambda`."""
    position, (batch, tokens, _) = leaf("position"), x.shape
    intra, taps, depth = position.shape
    query = (x @ leaf("query").T).reshape(batch, tokens, -1, depth)
    key = jax.nn.softmax((x @ leaf("key").T).reshape(batch, tokens, intra, depth), 1)
    value = (x @ leaf("value").T).reshape(batch, tokens, intra, -1)
    tap = jnp.arange(tokens)[None] - jnp.arange(tokens)[:, None] + taps // 2
    rows = jnp.pad(position, ((0, 0), (0, 1), (0, 0)))
    near = rows[:, jnp.where((tap >= 0) & (tap < taps), tap, taps)]
    content = jnp.einsum("bmuk,bmuv->bkv", key, value)
    lambdas = content[:, None] + jnp.einsum("unmk,bmuv->bnkv", near, value)
    return jnp.einsum("bnhk,bnkv->bnhv", query, lambdas).reshape(batch, tokens, -1)


def piecewise_linear(leaf, x: jax.Array, _) -> jax.Array:
    """How far each number has passed through each bin between -√3 and √3, times how much each function rises there."""
    bins, reach = leaf("weight").shape[1], math.sqrt(3)
    number = jnp.arange(bins)
    heights = (x + reach) * (bins / (2 * reach)) - number
    heights = jnp.where(number > 0, jnp.maximum(heights, 0), heights)
    heights = jnp.where(number < bins - 1, jnp.minimum(heights, 1), heights)
    return jnp.einsum("nlb,lbe->nle", heights, leaf("weight")) + leaf("bias")


def max_of_three(_, x: jax.Array, __) -> jax.Array:
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 3, 1), (1, 1, 1), "SAME")


def statistics(_, x: jax.Array, __) -> jax.Array:
    """Mean, deviation, least, greatest, mean absolute difference of neighbours, rise; a token for each channel."""
    tokens = x.shape[1]
    mean = x.mean(1, keepdims=True)
    place = jnp.arange(tokens)[:, None] + 0.5 - 0.5 * tokens
    rise = 12 / (tokens * (tokens + 1)) * (place * (x - mean)).sum(1)
    steps = jnp.abs(jnp.diff(x, axis=1)).sum(1) / max(tokens - 1, 1)
    deviation = jnp.sqrt(jnp.square(x - mean).mean(1))
    return jnp.stack([mean[:, 0], deviation, x.min(1), x.max(1), steps, rise], 2)


LAYERS = {
    "reshape": reshape,
    "linear": linear,
    "token_linear": token_linear,
    "conv": conv,
    "depthwise_conv": depthwise_conv,
    "layer_norm": layer_norm,
    "lambda": lambda_layer,
    "piecewise_linear": piecewise_linear,
    "scale": lambda leaf, x, name: x * leaf(name),
    "offset": lambda leaf, x, name: x + leaf(name),
    "gelu": lambda _, x, __: jax.nn.gelu(x, approximate=False),
    "tanh": lambda _, x, __: jnp.tanh(x),
    "relu": lambda _, x, __: jax.nn.relu(x),
    "max_of_three": max_of_three,
    "statistics": statistics,
    "mean": lambda _, x, __: x.mean(1, keepdims=True),
}


if __name__ == "__main__":
    for name, value in load(sys.argv[1])[1].items():
        print(name, value.shape)

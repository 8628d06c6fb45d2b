"""A network of trainlet as a module of PyTorch, made from a file that `host-sim export --to safetensors` wrote.

    pip install torch safetensors
    python trainlet_torch.py for-pytorch.safetensors

The module has the parameters of the file by their names, so that `load_state_dict` and `state_dict` go both ways:
`safetensors.torch.save_file(network.state_dict(), "learnt.safetensors")` is a file for `host-sim train --init`. It computes what the
device does in evaluation; dropout and stochastic depth are not part of it.
"""

import json
import math
import sys

import torch
from safetensors import safe_open
from torch.nn import functional as F


class Network(torch.nn.Module):
    """From samples as the network takes them, `[batch, inputs]`, to its outputs, `[batch, outputs]`: logits or standardised values."""

    def __init__(self, graph: object, parameters: dict[str, torch.Tensor]) -> None:
        super().__init__()
        self.graph = graph
        for name, value in parameters.items():
            *path, leaf = name.split(".")
            module = self
            for step in path:
                if not hasattr(module, step):
                    module.add_module(step, torch.nn.Module())
                module = getattr(module, step)
            module.register_parameter(leaf, torch.nn.Parameter(value))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return part(self.graph, self, inputs[:, None]).flatten(1)


def load(path: str) -> Network:
    """The network of a file."""
    with safe_open(path, "np") as file:
        metadata = file.metadata() or {}
        if "graph" not in metadata:
            raise ValueError(f"{path} does not say what its network computes; write it with `host-sim export --to safetensors`")
        parameters = {name: torch.from_numpy(file.get_tensor(name)) for name in file.keys()}
    return Network(json.loads(metadata["graph"]), parameters)


def probabilities(logits: torch.Tensor) -> torch.Tensor:
    """Of each class; a single logit is that of class 1 of two."""
    return torch.softmax(logits, 1) if logits.shape[1] > 1 else torch.sigmoid(torch.cat([-logits, logits], 1))


def part(graph: object, at: torch.nn.Module, x: torch.Tensor) -> torch.Tensor:
    """A part of the graph (see `trainlet::nn::graph::Graph`) on `[batch, tokens, channels]`, with the parameters of the module `at`."""
    kind, argument = (graph, None) if isinstance(graph, str) else next(iter(graph.items()))
    if kind == "sequence":
        for inner in argument:
            x = part(inner, at, x)
        return x
    if kind == "list":
        for number, element in enumerate(elements(argument)):
            x = part(element, inside(at, str(number)), x)
        return x
    if kind == "named":
        return part(argument[1], inside(at, argument[0]), x)
    if kind == "residual":
        return x + part(argument, at, x)
    if kind == "coupled":
        left, right = x.chunk(2, 2)
        left = left + part(argument[0], at, right)
        return torch.cat([left, right + part(argument[1], at, left)], 2)
    if kind == "concatenation":
        return torch.cat([part(inner, at, x) for inner in argument], 2)
    return LAYERS[kind](at, x, argument)


def inside(at: torch.nn.Module, name: str) -> torch.nn.Module:
    """A module by its name; parts without parameters have none."""
    for step in name.split("."):
        at = getattr(at, step, at)
    return at


def elements(of: list) -> list:
    """The elements of a list, those of its parts in their place."""
    flat = []
    for element in of:
        flat += elements(element["part"]) if isinstance(element, dict) and "part" in element else [element]
    return flat


def reshape(_, x: torch.Tensor, shape: dict) -> torch.Tensor:
    flat, length = x.flatten(1), shape["tokens"] * shape["channels"]
    return F.pad(flat, (0, length - flat.shape[1])).unflatten(1, (shape["tokens"], shape["channels"]))


def token_linear(at, x: torch.Tensor, _) -> torch.Tensor:
    return at.weight @ x + at.bias[:, None]


def conv(at, x: torch.Tensor, options: dict) -> torch.Tensor:
    """The kernel is `[out][tap][in]`, with `(taps - 1) // 2` zeros before the stream."""
    taps, groups = at.weight.shape[1], x.shape[2] // at.weight.shape[2]
    padded = F.pad(x, (0, 0, (taps - 1) // 2, taps - 1 - (taps - 1) // 2))
    y = F.conv1d(padded.transpose(1, 2), at.weight.transpose(1, 2), at.bias, options["stride"], groups=groups)
    return y.transpose(1, 2)


def depthwise_conv(at, x: torch.Tensor, _) -> torch.Tensor:
    """The kernel is `[tap][channel]`."""
    taps, channels = at.weight.shape
    return F.conv1d(x.transpose(1, 2), at.weight.T[:, None], at.bias, padding=taps // 2, groups=channels).transpose(1, 2)


def lambda_layer(at, x: torch.Tensor, _) -> torch.Tensor:
    """Bello 2021, arXiv 2102.08602; the formula stands at `trainlet::nn::layer::Lambda`."""
    (intra, taps, depth), tokens = at.position.shape, x.shape[1]
    query = (x @ at.query.T).unflatten(2, (-1, depth))
    key = (x @ at.key.T).unflatten(2, (intra, depth)).softmax(1)
    value = (x @ at.value.T).unflatten(2, (intra, -1))
    tap = torch.arange(tokens)[None] - torch.arange(tokens)[:, None] + taps // 2
    rows = F.pad(at.position, (0, 0, 0, 1))
    near = rows[:, torch.where((tap >= 0) & (tap < taps), tap, torch.tensor(taps))]
    content = torch.einsum("bmuk,bmuv->bkv", key, value)
    lambdas = content[:, None] + torch.einsum("unmk,bmuv->bnkv", near, value)
    return torch.einsum("bnhk,bnkv->bnhv", query, lambdas).flatten(2)


def piecewise_linear(at, x: torch.Tensor, _) -> torch.Tensor:
    """How far each number has passed through each bin between -√3 and √3, times how much each function rises there."""
    bins, reach = at.weight.shape[1], math.sqrt(3)
    number = torch.arange(bins)
    heights = (x + reach) * (bins / (2 * reach)) - number
    heights = torch.where(number > 0, heights.clamp(min=0), heights)
    heights = torch.where(number < bins - 1, heights.clamp(max=1), heights)
    return torch.einsum("nlb,lbe->nle", heights, at.weight) + at.bias


def max_of_three(_, x: torch.Tensor, __) -> torch.Tensor:
    return F.max_pool1d(x.transpose(1, 2), 3, 1, 1).transpose(1, 2)


def statistics(_, x: torch.Tensor, __) -> torch.Tensor:
    """Mean, deviation, least, greatest, mean absolute difference of neighbours, rise; a token for each channel."""
    tokens = x.shape[1]
    mean = x.mean(1, keepdim=True)
    place = torch.arange(tokens)[:, None] + 0.5 - 0.5 * tokens
    rise = 12 / (tokens * (tokens + 1)) * (place * (x - mean)).sum(1)
    steps = x.diff(dim=1).abs().sum(1) / max(tokens - 1, 1)
    deviation = (x - mean).square().mean(1).sqrt()
    return torch.stack([mean[:, 0], deviation, x.amin(1), x.amax(1), steps, rise], 2)


LAYERS = {
    "reshape": reshape,
    "linear": lambda at, x, _: F.linear(x, at.weight, at.bias),
    "token_linear": token_linear,
    "conv": conv,
    "depthwise_conv": depthwise_conv,
    "layer_norm": lambda at, x, _: F.layer_norm(x, at.weight.shape, at.weight, at.bias),
    "lambda": lambda_layer,
    "piecewise_linear": piecewise_linear,
    "scale": lambda at, x, leaf: x * getattr(at, leaf),
    "offset": lambda at, x, leaf: x + getattr(at, leaf),
    "gelu": lambda _, x, __: F.gelu(x),
    "tanh": lambda _, x, __: torch.tanh(x),
    "relu": lambda _, x, __: torch.relu(x),
    "max_of_three": max_of_three,
    "statistics": statistics,
    "mean": lambda _, x, __: x.mean(1, keepdim=True),
}


if __name__ == "__main__":
    print(load(sys.argv[1]))

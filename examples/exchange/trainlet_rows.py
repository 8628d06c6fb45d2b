"""From raw rows to the inputs of a network, as the file that `host-sim export --to safetensors` wrote says. It needs numpy alone.

    inputs = Rows("for-pytorch.safetensors")([{"duration": 0.12, "protocol": "tcp"}, ...])

A cell is a number, or a text of a column of texts; yes and no are 1 and 0, dates are seconds since 1970, and a missing value is `None`.
Of the watch recordings a sample is an array of frames, in g and rad/s.
"""

import json
import math

import numpy


class Rows:
    """What training learnt about its data."""

    def __init__(self, path: str) -> None:
        with open(path, "rb") as file:
            metadata = json.loads(file.read(int.from_bytes(file.read(8), "little")))["__metadata__"]
        if "transform" not in metadata:
            raise ValueError(f"{path} does not say how a row becomes inputs: its weights are another program's")
        self.transform = json.loads(metadata["transform"])

    def __call__(self, rows: list) -> numpy.ndarray:
        """The inputs of samples, `[batch, inputs]`, from a row each; with windows, from a list of rows each."""
        if "watch" in self.transform:
            frames, scaler = numpy.asarray(rows, numpy.float32), self.transform["watch"]
            return ((frames - numpy.float32(scaler["mean"])) / numpy.float32(scaler["std"])).reshape(len(frames), -1)
        windows = rows if "windowing" in self.transform["table"] else [[row] for row in rows]
        samples = [[self.number(feature, row) for row in window for feature in self.features] for window in windows]
        return numpy.array(samples, numpy.float32)

    @property
    def features(self) -> list[dict]:
        return self.transform["table"]["features"]

    def number(self, feature: dict, row: dict) -> float:
        """One input."""
        cell = row[feature["column"]]
        if cell is None and not isinstance(text_of(feature["encoding"]), dict):
            if self.transform["table"].get("missing") != "mean":
                raise ValueError(f"a value of {feature['column']} is missing, and training had no policy for that")
            return 0.0
        number = numpy.float32(encoded(feature["encoding"], cell))
        if feature.get("quantiles"):
            number = among_quantiles(number, feature["quantiles"])
        return float((number - numpy.float32(feature["mean"])) / numpy.float32(feature["std"])) if feature["std"] > 0 else 0.0


def text_of(encoding: str | dict) -> dict | None:
    """What is known about texts, if these are meant."""
    kind = next(iter(encoding)) if isinstance(encoding, dict) else encoding
    return encoding[kind] if kind in ("code", "category", "distinct", "one_hot") else None


def encoded(encoding: str | dict, cell: float | str) -> float:
    """The number of a cell, before it is standardised."""
    if encoding == "plain":
        return cell
    if encoding == "signed_log":
        return math.copysign(math.log1p(abs(cell)), cell)
    ((kind, known),) = encoding.items()
    if kind == "centred":
        return (cell - known["centre"]) / known["scale"]
    if kind == "code":
        return known["numbers"].get(cell, len(known["numbers"]))
    if kind == "category":
        return math.log(known["counts"].get(cell, 0.5) / known["rows"])
    if kind == "distinct":
        return known["codes"].get(cell, known["unknown"])
    if kind == "one_hot":
        return float(cell == known["value"])
    raise ValueError(f"cells of the kind `{kind}` are not known here")


def among_quantiles(number: float, edges: list[float]) -> float:
    """Its place among quantiles, from -√3 to √3; several equal ones have the middle of their places."""
    edges = numpy.float32(edges)
    below, up_to = numpy.searchsorted(edges, number), numpy.searchsorted(edges, number, "right")
    place = (below + up_to - 1) / 2 if up_to > below else numpy.interp(number, edges, numpy.arange(len(edges)))
    return (place / (len(edges) - 1) * 2 - 1) * math.sqrt(3)

"""The modules of PyTorch and JAX compute what host-sim predicts, for ten networks of random weights, and rows of all kinds.

    pip install torch jax safetensors
    python examples/exchange/test_modules.py --host-sim target/debug/host-sim

One of the two that cannot be imported is skipped, with a message; with CI=true that is a failure. `--only` names the one that is meant.
"""

import argparse
import importlib
import os
import pathlib
import sys
import tempfile

import cases
import numpy
from trainlet_rows import Rows

# A network for each kind of part.
TRIED = ["watch-12x1", "watch-24x4r", "watch-convnext", "watch-resnext", "watch-pyramid", "alter-10", "watch-lambda"]
TRIED += ["watch-inception", "flow-3x14", "flow-pieces"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host-sim", default="host-sim", help="the program, or one of your own with its commands")
    parser.add_argument("--only", choices=["torch", "jax"])
    options = parser.parse_args()
    modules = {name: module(name) for name in ("torch", "jax") if options.only in (None, name)}
    there = {name: found for name, found in modules.items() if found}
    if not there or (len(there) < len(modules) and os.environ.get("CI") == "true"):
        return 1
    with tempfile.TemporaryDirectory() as folder:
        make = cases.Maker(str(pathlib.Path(options.host_sim).resolve()), pathlib.Path(folder))
        tried = chosen(make)
        for case in tried:
            file = case.weights.with_name(f"exported-{case.name}.safetensors")
            make.run("export", "--weights", str(case.weights), "--to", "safetensors", "--output", str(file))
            inputs = Rows(file)(rows(case))
            differences = (cases.compare(case, run(found, file, inputs)) for found in there.values())
            print(f"{case.name:26}", *(f"{name} {difference:.1e}" for name, difference in zip(there, differences)), flush=True)
    print(f"{len(tried) * len(there)} passed, 0 failed, {len(modules) - len(there)} skipped")
    return 0


def module(name: str):
    """One of the two files, if its library is there."""
    try:
        return importlib.import_module(f"trainlet_{name}")
    except ImportError as error:
        print(f"skipped: {name} is not there ({error})", file=sys.stderr)
        return None


def chosen(make: cases.Maker) -> list[cases.Case]:
    """Networks of the list, or all of a list of one's own."""
    networks = {network["network"]: network for network in make.networks()}
    if TRIED[0] not in networks:
        return [make.plain(network) for network in networks.values()]
    plain = [make.plain(networks[name], seed) for seed, name in enumerate(TRIED)]
    return [*plain, make.mixed([]), make.mixed(["--one-hot"]), make.mixed(["--scaling", "quantile"])]


def rows(case: cases.Case) -> list[dict]:
    """The cells of a table as a program has them."""

    def cell(text: str):
        words = {"": None, "yes": 1.0, "no": 0.0}
        try:
            return words[text] if text in words else float(text)
        except ValueError:
            return text

    return [{column: cell(text) for column, text in zip(case.columns, row)} for row in case.rows]


def run(found, file: pathlib.Path, inputs: numpy.ndarray) -> list[list[float]]:
    """What a network of the module says."""
    if found.__name__ == "trainlet_torch":
        network = found.load(file)
        state = network.state_dict()
        assert sorted(state) == sorted(found.safe_open(file, "np").keys()), "names are those of the file"
        outputs = network(found.torch.from_numpy(inputs)).detach()
    else:
        network, parameters = found.load(file)
        outputs = found.jax.jit(network)(parameters, inputs)
    measures = [feature for feature in Rows(file).transform["table"]["label"].get("values", [])]
    if not measures:
        return numpy.asarray(found.probabilities(outputs)).tolist()
    outputs = numpy.asarray(outputs, float)
    return [[value(measure, output) for measure, output in zip(measures, row)] for row in outputs]


def value(measure: dict, output: float) -> float:
    """A predicted value in its unit."""
    number = measure["mean"] + measure["std"] * output
    encoding = measure["encoding"]
    return number if encoding == "plain" else encoding["centred"]["centre"] + encoding["centred"]["scale"] * number


if __name__ == "__main__":
    sys.exit(main())

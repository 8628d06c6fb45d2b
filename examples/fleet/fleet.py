"""Federated learning among ten people, with Flower: what the devices learn is averaged, their recordings stay where they are.

    pip install 'flwr[simulation]' safetensors
    python examples/fleet/fleet.py

README.md beside this file has the figures. Strategies, rounds and messages are Flower's; client.py is what runs on each device.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import time
import zlib

os.environ.setdefault("FLWR_TELEMETRY_ENABLED", "0")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
# Where workers find client.py.
os.environ["PYTHONPATH"] = os.pathsep.join([str(pathlib.Path(__file__).parent), os.environ.get("PYTHONPATH", "")])

import client
import numpy
from flwr.app import ArrayRecord, ConfigRecord, Context, MetricRecord
from flwr.serverapp import Grid, ServerApp
from flwr.serverapp.strategy import FedAvg, FedProx
from flwr.simulation import run_simulation


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=10, help="devices, one per person")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=2, help="over a device's own samples, per round")
    parser.add_argument("--labels", type=float, default=0.1, metavar="SHARE", help="of its samples that a device learns from")
    parser.add_argument("--proximal", type=float, default=0.0, metavar="MU", help="FedProx instead of FedAvg")
    parser.add_argument("--delta-clip", metavar="NORM", help="largest norm of what a device gives away in a round")
    parser.add_argument("--delta-noise", metavar="SHARE", help="noise on it")
    parser.add_argument("--network", default="watch-12x1")
    parser.add_argument("--host-sim", default="host-sim", help="the program")
    parser.add_argument("--device", default="train", help="the command of a device, such as 'board --qemu stm32f405 --restart'")
    parser.add_argument("--cores", type=int, default=os.cpu_count(), help="devices that train at a time")
    parser.add_argument("--kill", type=int, default=0, metavar="PERSON", help="kill this device in every round, and let it go on")
    parser.add_argument("--save", metavar="FILE.safetensors", help="write the weights of all")
    parser.add_argument("--alone", action="store_true", help="no exchange: every device learns for as many epochs by itself")
    options = parser.parse_args()
    if options.alone:
        return alone(options)
    server = ServerApp()
    server.main()(lambda grid, context: serve(options, grid, context))
    resources = {"init_args": {"num_cpus": options.cores}, "client_resources": {"num_cpus": 1, "num_gpus": 0.0}}
    run_simulation(server, client.app, options.people, backend_config=resources)
    return 0


# What a device says to host-sim, in a round and alone.
TRAINING = ["--batch", "16", "--schedule", "constant", "--warmup", "0", "--lr", "5e-3"]


def labels(options: argparse.Namespace) -> list[str]:
    """How many of its samples a device learns from, if not all."""
    return ["--labels", str(options.labels)] if options.labels < 1.0 else []


def serve(options: argparse.Namespace, grid: Grid, context: Context) -> None:
    """What the server does."""
    config = {"network": options.network, "host-sim": options.host_sim, "device": options.device.split(), "kill": options.kill}
    config["options"] = [*TRAINING, *labels(options), "--epochs", str(options.epochs)]
    for name in ("delta_clip", "delta_noise"):
        value = getattr(options, name)
        config["options"] += [f"--{name.replace('_', '-')}", value] if value else []
    all_of_them = {name: options.people for name in ("min_train_nodes", "min_evaluate_nodes", "min_available_nodes")}
    none = ArrayRecord({client.MEAN: client.Array(numpy.zeros(6))})
    first = Begin(fraction_evaluate=0.0, **all_of_them)
    beginning = first.start(grid, none, num_rounds=1, train_config=ConfigRecord(dict(config)))
    strategy = Prox(proximal_mu=options.proximal, **all_of_them) if options.proximal else Average(**all_of_them)
    started = time.monotonic()
    rounds = {"num_rounds": options.rounds, "train_config": ConfigRecord(config), "evaluate_config": ConfigRecord(dict(config))}
    result = strategy.start(grid, beginning.arrays, **rounds)
    report(options, result, (time.monotonic() - started) / options.rounds)


class InOrder:
    """Flower adds weights up as they arrive. By the number of the person, the sum has the same bits in every run."""

    def aggregate_train(self, server_round, replies):
        number = lambda reply: reply.content["metrics"]["person"] if reply.has_content() else 0
        return super().aggregate_train(server_round, sorted(replies, key=number))


class Average(InOrder, FedAvg):
    """FedAvg."""


class Prox(InOrder, FedProx):
    """FedProx."""


class Begin(Average):
    """A single round of FedAvg in which devices agree on the scale of their samples."""

    def _construct_messages(self, record, node_ids, message_type):
        return super()._construct_messages(record, node_ids, f"{message_type}.begin")


def report(options: argparse.Namespace, result, seconds: float) -> None:
    """Prints the figures of a run."""
    weights = {name: array.numpy() for name, array in result.arrays.items() if name not in (client.MEAN, client.SQUARE)}
    if options.save:
        client.save(result.arrays, options.network, pathlib.Path(options.save))
    crc = zlib.crc32(b"".join(weights[name].tobytes() for name in sorted(weights)))
    of_all = result.evaluate_metrics_clientapp[options.rounds]["accuracy"]
    own = result.train_metrics_clientapp[options.rounds]["accuracy"]
    size = sum(value.nbytes for value in weights.values())
    print(f"accuracy of the weights of all, mean of {options.people} people: {of_all:.1f} %")
    print(f"accuracy after a device's own epochs: {own:.1f} %")
    print(f"bytes to and from each device per round: {size} of weights each way; {seconds:.2f} s per round")
    print(f"CRC-32 of the weights of all: {crc:08x}")


def alone(options: argparse.Namespace) -> int:
    """Prints the mean accuracy without an exchange, for each device's own scale."""
    found = []
    for person in range(1, options.people + 1):
        words = ["train", "--network", options.network, *TRAINING, *labels(options), "--epochs", options.rounds * options.epochs]
        words += ["--only-subjects", person, "--test-subjects", person, "--part", "early", "--seed", person]
        found.append(client.accuracy(client.run({"host-sim": options.host_sim}, words)))
    print(f"accuracy without an exchange, mean of {options.people} people: {numpy.mean(found):.1f} %")
    return 0


if __name__ == "__main__":
    sys.exit(main())

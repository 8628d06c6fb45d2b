"""Networks with random weights, rows of random data, and what host-sim predicts for them: what the tests compare with."""

import csv
import dataclasses
import json
import pathlib
import random
import subprocess


# Learning rate of the few steps that give every parameter a value of its own.
RATE = "5e-3"


@dataclasses.dataclass
class Case:
    """A network at work."""

    name: str
    network: str
    # The header of a table, and its rows as texts; other rows than those of the training.
    columns: list[str]
    rows: list[list[str]]
    # What host-sim predicts: the probability of each class, or values.
    predictions: list[list[float]]
    weights: pathlib.Path


@dataclasses.dataclass
class Maker:
    """Makes cases in a folder, by a host-sim."""

    host_sim: str
    folder: pathlib.Path

    def run(self, *words: str) -> str:
        """A command of host-sim in the folder."""
        return subprocess.run([self.host_sim, *words], cwd=self.folder, check=True, stdout=subprocess.PIPE, text=True).stdout

    def networks(self) -> list[dict]:
        """All networks of the list."""
        return json.loads(self.run("--quiet", "networks", "--json", "-"))

    def plain(self, network: dict, seed: int = 1) -> Case:
        """Numbers alone, as many as the network takes."""
        count, what = network["predicts"].split()
        columns = [f"c{column}" for column in range(network["inputs"])]
        draw = random.Random(f"{network['network']} {seed}")
        rows = [[f"{draw.gauss(0, 3):.6g}" for _ in columns] for _ in range(28)]
        # A deep network changes more with each step.
        rate = "1e-4" if network["parameters"] > 100_000 else RATE
        options, labels = ["--seed", str(seed), "--lr", rate], {"label": [f"k{row % int(count)}" for row in range(14)]}
        if what.startswith("value"):
            labels = {f"y{value}": [f"{draw.gauss(5, 3):.6g}" for _ in range(14)] for value in range(int(count))}
            options += [word for value in labels for word in ("--label", value)]
        return self.case(f"{network['network']}-{seed}", network["network"], columns, rows, labels, options)

    def case(self, name: str, network: str, columns: list[str], rows: list[list[str]], labels: dict[str, list[str]], options: list[str]) -> Case:
        """Trains a little, so that no parameter is as it was at the start, and predicts."""
        file = f"{name}.safetensors"
        self.write(f"{name}.csv", [*columns, *labels], [[*row, *label] for row, label in zip(rows, zip(*labels.values()))])
        new = rows[len(next(iter(labels.values()))) :]
        self.write(f"{name}-new.csv", columns, new)
        training = ["--steps", "3", "--batch", "3", "--schedule", "constant", "--warmup", "0", *options]
        self.run("--quiet", "train", "--network", network, "--data", f"{name}.csv", *training, "--save", file)
        predicted = self.run("predict", "--weights", file, "--data", f"{name}-new.csv").splitlines()
        first = 1 if predicted[0].startswith("predicted,") else 0
        predictions = [[float(cell) for cell in row[first:]] for row in list(csv.reader(predicted))[1:]]
        return Case(name, network, columns, new, predictions, self.folder / file)

    def write(self, name: str, columns: list[str], rows: list[list[str]]) -> None:
        """A table."""
        with open(self.folder / name, "w", newline="") as file:
            csv.writer(file).writerows([columns, *rows])

    def mixed(self, options: list[str]) -> Case:
        """A column of each kind that a graph has steps for, some cells of which are missing."""
        draw = random.Random(7)
        columns = ["constant", "time", "flag", "kind", "many", *(f"c{column}" for column in range(42))]
        rows = []
        for row in range(60):
            numbers = [f"{draw.gauss(0, 10 ** (column % 7 - 3)):.6g}" if draw.random() > 0.1 else "" for column in range(42)]
            numbers[5] = str(draw.choice([0, 0, 0, 4]))
            time = f"{1_700_000_000 + draw.randrange(1000)}"
            kind = draw.choice(["tcp", "udp", "icmp"]) if row < 50 else "unknown"
            rows.append(["3", time, draw.choice(["yes", "no"]), kind, f"t{draw.randrange(30)}", *numbers])
        inputs = ["--drop", ",".join(columns[-7 if "--one-hot" in options else -5 :])]
        labels = {"label": ["ab"[row % 2] for row in range(40)]}
        name = "-".join(["mixed", *(option.strip("-") for option in options)])
        return self.case(name, "flow-pieces", columns, rows, labels, ["--lr", RATE, "--missing", "mean", *inputs, *options])


def numbers(rows: list[list[str]], columns: list[str], wanted: list[dict]) -> list[list[float]]:
    """The cells of the columns that an ONNX graph or a module takes, as numbers."""

    def number(cell: str, column: dict) -> float:
        if "codes" in column:
            return column["codes"].get(cell, column["unknown"])
        words = {"": float("nan"), "yes": 1.0, "no": 0.0}
        return words[cell] if cell in words else float(cell)

    places = [(columns.index(column["column"]), column) for column in wanted]
    return [[number(row[place], column) for place, column in places] for row in rows]


def compare(case: Case, got: list[list[float]], tolerance: float = 1e-5) -> float:
    """The largest difference to what host-sim predicts, which must be small and of rows that are told apart."""
    assert len(got) == len(case.predictions), f"{case.name}: {len(got)} rows for {len(case.predictions)}"
    expected = case.predictions
    spread = max(max(column) - min(column) for column in zip(*expected))
    assert spread > 0.01, f"{case.name}: all rows look alike to the network"
    difference = max(abs(a - b) for ours, theirs in zip(expected, got, strict=True) for a, b in zip(ours, theirs, strict=True))
    assert difference <= tolerance, f"{case.name}: differs by {difference}"
    return difference

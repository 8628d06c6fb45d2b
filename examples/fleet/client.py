"""A client of Flower that trains with host-sim, on this computer or on a board: weights go in and out as safetensors files.

A client is one person: it learns from the first half of each of that person's recordings, and is tested on the second.
"""

import json
import pathlib
import re
import subprocess
import tempfile
import time

import numpy
from flwr.app import Array, ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from safetensors.numpy import load_file, save_file

app = ClientApp()

# What the samples are standardised by travels with the weights.
MEAN, SQUARE = "mean", "square"


@app.train("begin")
def begin(message: Message, context: Context) -> Message:
    """Makes one step from the weights of the seed, and gives mean and mean square of each axis with the weights."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        weights, record = host_sim(message, folder, ["train", *data(context), "--steps", 1])
        axes = preparation(folder / "learnt.safetensors")
    mean, deviation = (numpy.array(axes[name]) for name in ("mean", "std"))
    return reply(message, {**weights, MEAN: mean, SQUARE: mean**2 + deviation**2}, context, record)


@app.train()
def train(message: Message, context: Context) -> Message:
    """Goes on from the weights of all, on the samples of one."""
    config, arrays, started = message.content["config"], message.content["arrays"], time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        save(arrays, config["network"], folder / "all.safetensors")
        words = [*config["device"], *data(context), *config["options"], "--seed", person(context), "--init"]
        words += [folder / "all.safetensors", "--init-scaling"]
        if config.get("proximal-mu", 0.0) > 0.0:
            words += ["--proximal", config["proximal-mu"]]
        weights, record = host_sim(message, folder, words, kill=config["kill"] == person(context))
    axes = {name: arrays[name].numpy() for name in (MEAN, SQUARE)}
    return reply(message, {**weights, **axes}, context, record, time.monotonic() - started)


@app.evaluate()
def evaluate(message: Message, context: Context) -> Message:
    """Tests the weights of all on windows of one person that are never learnt from."""
    config = message.content["config"]
    with tempfile.TemporaryDirectory() as name:
        file = pathlib.Path(name, "all.safetensors")
        save(message.content["arrays"], config["network"], file)
        table = run(config, ["evaluate", "--weights", file, "--test-subjects", person(context), "--part", "late"])
    # Every person counts alike.
    metrics = MetricRecord({"num-examples": 1, "accuracy": accuracy(table)})
    return Message(RecordDict({"metrics": metrics}), reply_to=message)


def reply(message: Message, arrays: dict, context: Context, record: dict, seconds: float = 0.0) -> Message:
    """What a training gives: as many samples as it had are its weight in the mean."""
    arrays = ArrayRecord({name: Array(value) for name, value in sorted(arrays.items())})
    metrics = {"num-examples": record["training_samples"], "person": person(context), "seconds": seconds}
    metrics["accuracy"] = 100 * record["test"]["accuracy"]
    return Message(RecordDict({"arrays": arrays, "metrics": MetricRecord(metrics)}), reply_to=message)


def person(context: Context) -> int:
    """The person whose device this is, from 1."""
    return int(context.node_config["partition-id"]) + 1


def data(context: Context) -> list:
    """What this person's device learns from, and what it is tested on."""
    return ["--only-subjects", person(context), "--test-subjects", person(context), "--part", "early"]


def host_sim(message: Message, folder: pathlib.Path, words: list, kill: bool = False) -> tuple[dict, dict]:
    """The weights that a training gives, and its record."""
    config = message.content["config"]
    learnt, record = folder / "learnt.safetensors", folder / "record.json"
    words = [*words, "--network", config["network"], "--save", learnt, "--json", record]
    if kill:
        run_killed(config, words, folder / "run.ckpt")
    else:
        run(config, words)
    return load_file(learnt), json.loads(record.read_bytes())


def run(config: dict, words: list) -> str:
    """What a command of host-sim prints."""
    done = subprocess.run([config["host-sim"], *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"host-sim {' '.join(map(str, words))}: {done.stderr.strip()}")
    return done.stdout


def run_killed(config: dict, words: list, checkpoint: pathlib.Path) -> None:
    """The same training, killed after its first steps, as by a loss of power, and gone on with from its checkpoint."""
    words = [*words, "--checkpoint", checkpoint, "--every", 1]
    training = subprocess.Popen([config["host-sim"], *map(str, words)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not checkpoint.exists() and training.poll() is None:
        time.sleep(0.001)
    training.kill()
    training.wait()
    run(config, ["train", "--resume", checkpoint])


def accuracy(table: str) -> float:
    """In per cent, from what host-sim prints."""
    return float(re.search(r"^ accuracy +([0-9.]+) %", table, re.MULTILINE)[1])


def save(arrays: ArrayRecord, network: str, file: pathlib.Path) -> None:
    """Writes the weights of all as host-sim reads them, with what their samples are standardised by."""
    weights = {name: numpy.ascontiguousarray(array.numpy(), numpy.float32) for name, array in arrays.items()}
    mean, square = (arrays[name].numpy().astype(numpy.float64) for name in (MEAN, SQUARE))
    del weights[MEAN], weights[SQUARE]
    axes = {"mean": mean.tolist(), "std": numpy.sqrt(square - mean**2).tolist()}
    manifest = {"format": 1, "config": network, "preparation": {"watch": axes}}
    save_file(weights, file, {"trainlet": json.dumps(manifest)})


def preparation(file: pathlib.Path) -> dict:
    """What a file of host-sim says of the axes of the watch."""
    content = file.read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    return json.loads(header["__metadata__"]["trainlet"])["preparation"]["watch"]

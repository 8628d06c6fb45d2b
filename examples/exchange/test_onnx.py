"""ONNX Runtime computes from each exported network what host-sim predicts: all networks of the list, and columns of all kinds.

    pip install onnxruntime
    python examples/exchange/test_onnx.py --host-sim target/debug/host-sim
"""

import argparse
import json
import pathlib
import tempfile

import cases
import numpy
import onnxruntime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host-sim", default="host-sim", help="the program, or one of your own with its commands")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        make = cases.Maker(str(pathlib.Path(options.host_sim).resolve()), pathlib.Path(folder))
        networks = make.networks()
        tried = [make.plain(network) for network in networks]
        if any(network["network"] == "flow-pieces" for network in networks):
            tried += [make.mixed([]), make.mixed(["--one-hot"]), make.mixed(["--scaling", "quantile"])]
            print(f"{'watch':24} {watch(make):.1e}")
        for case in tried:
            print(f"{case.name:24} {check(make, case):.1e}")
    print(f"{len(tried)} passed, 0 failed")


def check(make: cases.Maker, case: cases.Case) -> float:
    """The largest difference of a probability."""
    session = exported(make, case.weights)
    columns = json.loads(session.get_modelmeta().custom_metadata_map["columns"])
    (rows,) = session.get_inputs()
    kind = numpy.float64 if rows.type == "tensor(double)" else numpy.float32
    values = numpy.array(cases.numbers(case.rows, case.columns, columns), dtype=kind)
    if [output.name for output in session.get_outputs()] == ["values"]:
        return cases.compare(case, session.run(None, {"rows": values})[0].tolist())
    logits, probabilities, chosen = session.run(["logits", "probabilities", "class"], {"rows": values})
    scores = logits if logits.shape[1] > 1 else numpy.hstack([-logits, logits])
    assert (chosen == scores.argmax(1)).all(), case.name
    return cases.compare(case, probabilities.tolist())


def watch(make: cases.Maker) -> float:
    """The recordings of the watch, whose windows the graph takes in g and rad/s; here some that host-sim has as a table."""
    make.run("--quiet", "train", "--epochs", "1", "--save", "watch.safetensors")
    session = exported(make, make.folder / "watch.safetensors")
    frames = numpy.random.default_rng(1).normal(size=(20, 16, 6)).astype(numpy.float32)
    logits = session.run(["logits"], {"rows": frames})[0]
    manifest = json.loads(session.get_modelmeta().custom_metadata_map["classes"])
    assert logits.shape == (20, len(manifest))
    return standardised(make, frames, logits)


def standardised(make: cases.Maker, frames: numpy.ndarray, logits: numpy.ndarray) -> float:
    """The same by the graph of the weights alone, which takes standardised frames."""
    import safetensors.numpy

    with open(make.folder / "watch.safetensors", "rb") as file:
        metadata = json.loads(file.read(int.from_bytes(file.read(8), "little")))["__metadata__"]
    scaler = json.loads(metadata["trainlet"])["preparation"]["watch"]
    bare = make.folder / "bare.safetensors"
    safetensors.numpy.save_file(safetensors.numpy.load_file(make.folder / "watch.safetensors"), bare)
    session = exported(make, bare, "--network", "watch-12x1")
    inputs = (frames - numpy.float32(scaler["mean"])) / numpy.float32(scaler["std"])
    bare_logits = session.run(["logits"], {"inputs": inputs.reshape(20, -1)})[0]
    difference = float(abs(bare_logits - logits).max())
    assert difference < 1e-5, difference
    return difference


def exported(make: cases.Maker, weights: pathlib.Path, *options: str) -> onnxruntime.InferenceSession:
    """A session of an exported network."""
    file = weights.with_suffix(".onnx")
    make.run("export", "--weights", str(weights), *options, "--to", "onnx", "--output", str(file))
    return onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])


if __name__ == "__main__":
    main()

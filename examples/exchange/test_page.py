"""The commands and the programs of docs/exchange.md run, one after the other, as far as their libraries are there.

    python examples/exchange/test_page.py --host-sim target/debug/host-sim
"""

import argparse
import importlib.util
import os
import pathlib
import random
import re
import shlex
import subprocess
import tempfile

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "exchange.md"
LIBRARIES = ("onnxruntime", "torch", "jax")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host-sim", default="host-sim", help="the program")
    host_sim = str(pathlib.Path(parser.parse_args().host_sim).resolve())
    blocks = re.findall(r"^```(sh|python)\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    there = [library for library in LIBRARIES if importlib.util.find_spec(library)]
    done = 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        table("train.csv")
        for kind, text in blocks:
            # A block that needs one of the libraries, or the files of such a block.
            needs = [library for library in LIBRARIES if f"import {library}\n" in text or library == "torch" and "learnt." in text]
            if not all(library in there for library in needs):
                continue
            done += 1
            if kind == "python":
                exec(compile(text, str(PAGE), "exec"), {})
                continue
            for line in text.splitlines():
                program, *words = shlex.split(line)
                assert program == "host-sim", line
                subprocess.run([host_sim, "--quiet", *words], check=True, stdout=subprocess.DEVNULL)
    print(f"{done} passed, 0 failed, {len(blocks) - done} skipped")


def table(name: str) -> None:
    """Rows for the network of the page."""
    draw = random.Random(1)
    lines = [",".join(["id", *(f"f{column}" for column in range(41)), "kind", "label"])]
    for row in range(64):
        numbers = [draw.gauss(0, 1) for _ in range(41)]
        label = "attack" if numbers[3] > 0 else "normal"
        lines.append(",".join([str(row), *(f"{number:.4f}" for number in numbers), draw.choice(["tcp", "udp"]), label]))
    pathlib.Path(name).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

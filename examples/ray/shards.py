"""Runs a `host-sim design` or `host-sim study` on the workers of a Ray cluster, and puts the parts together.

    pip install ray
    python examples/ray/shards.py --parts 2 -- design --data iris.csv --label species --json iris.json

Everything behind `--` is a command of host-sim. Each task makes one part of its runs (`--shard i/n`), and the result, which `--merge`
puts together here, is to the bit that of one machine. Without an address Ray starts workers on this computer; with one (`--address
auto`) host-sim and the data must be where each worker finds them: on a shared disk, or in the image that workers start from.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import ray


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", type=int, default=2, help="how many parts the runs are divided into")
    parser.add_argument("--cores", type=float, default=1, help="cores that a part takes")
    parser.add_argument("--host-sim", default="host-sim", help="the program, where workers find it")
    parser.add_argument("--address", help="of a cluster; without it workers run here")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="-- and the command of host-sim")
    options = parser.parse_args()
    command = [word for word in options.command if word != "--"]

    ray.init(address=options.address, num_cpus=None if options.address else options.parts * options.cores)
    make = ray.remote(num_cpus=options.cores)(make_part)
    shards = [f"{part}/{options.parts}" for part in range(1, options.parts + 1)]
    parts = ray.get([make.remote(options.host_sim, without_files(command), shard) for shard in shards])

    with tempfile.TemporaryDirectory() as folder:
        files = [pathlib.Path(folder, f"{number}.json") for number in range(len(parts))]
        for file, part in zip(files, parts):
            file.write_bytes(part)
        return subprocess.call([options.host_sim, *command, "--merge", *map(str, files)])


def make_part(host_sim: str, command: list[str], shard: str) -> bytes:
    """The part of the runs that a worker makes, as the bytes of its file."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "part.json")
        done = subprocess.run([host_sim, *command, "--shard", shard, "--json", file], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"part {shard}: {done.stderr.strip()}")
        return file.read_bytes()


def without_files(command: list[str]) -> list[str]:
    """The command without the files that only the whole result is written to."""
    kept, words = [], iter(command)
    for word in words:
        if word in ("--json", "--svg"):
            next(words, None)
        elif not word.startswith(("--json=", "--svg=")):
            kept.append(word)
    return kept


if __name__ == "__main__":
    sys.exit(main())

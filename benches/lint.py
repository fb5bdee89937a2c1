#!/usr/bin/env python3
"""Lints generated plan JSON of growing size against parsing the same bytes once, in one run.

    benches/lint.py [--sizes 100 1000 10000 100000] [--runs 5]

Bounds (two cores): 10,000 resources at most 3 times the parse and 1.5 times the file in memory; 100 resources 10 ms, 100,000 4 s.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import common

TEMPLATE = common.ROOT / "examples/templates/s3-object-reader.nhi.hcl"


def once(command, codes):
    """Wall seconds and peak resident MiB of one run, by the kernel's own account."""
    start = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        raise SystemExit(f"{command} ended with {process.returncode}:\n{errors.decode()}")
    return wall, usage.ru_maxrss / 1024


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 10000, 100000])
    arguments.add_argument("--runs", type=int, default=5)
    arguments = arguments.parse_args()
    folder = common.build()
    subprocess.run(["cargo", "build", "--release", "--quiet", "--package", "tests", "--bin", "floor"], cwd=common.ROOT, check=True)
    with tempfile.TemporaryDirectory(prefix="nhi-bench-") as scratch:
        scratch = pathlib.Path(scratch)
        empty = scratch / "empty"
        empty.mkdir()
        cold = [once([folder / "nhi-lint", "check", "--allow-empty", empty], {0})[0] for _ in range(4 * arguments.runs)]
        print(f"empty directory: median {1000 * statistics.median(cold):.1f} ms")
        for size in arguments.sizes:
            plan = scratch / f"{size}.json"
            with plan.open("w") as file:
                subprocess.run([sys.executable, common.ROOT / "benches/plan.py", str(size)], stdout=file, check=True)
            mib = plan.stat().st_size / 2**20
            lint = [folder / "nhi-lint", "check", plan, "--templates", TEMPLATE, "--format", "json"]
            pairs = [(once(lint, {0, 1}), once([folder / "floor", plan], {0})) for _ in range(arguments.runs)]
            wall = statistics.median(pair[0][0] for pair in pairs)
            floor = statistics.median(pair[1][0] for pair in pairs)
            ratio = statistics.median(pair[0][0] / pair[1][0] for pair in pairs)
            peak = statistics.median(pair[0][1] for pair in pairs)
            print(
                f"{size} resources, {mib:.1f} MiB: lint {1000 * wall:.1f} ms, parse {1000 * floor:.1f} ms, "
                f"ratio {ratio:.2f}; peak {peak:.0f} MiB = {peak / mib:.2f} x file",
                flush=True,
            )


if __name__ == "__main__":
    main()

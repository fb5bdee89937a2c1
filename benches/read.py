#!/usr/bin/env python3
"""Lints generated plan JSON, in UTF-8 and UTF-16, against one parse of the same bytes and `jq length`, in one run.

    benches/read.py [--sizes 10000 100000] [--runs 5]

Prints user and system seconds (the machine may be busy) and the peak of memory against the size of the file; the bound is 1.5.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

import common


def once(command, codes):
    """Seconds of processor time and peak resident bytes of one run, by the kernel's own account."""
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        raise SystemExit(f"{command} ended with {process.returncode}:\n{errors.decode()}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--sizes", type=int, nargs="+", default=[10000, 100000])
    arguments.add_argument("--runs", type=int, default=5)
    arguments = arguments.parse_args()
    folder = common.build()
    subprocess.run(["cargo", "build", "--release", "--quiet", "--package", "tests", "--bin", "floor"], cwd=common.ROOT, check=True)
    with tempfile.TemporaryDirectory(prefix="nhi-bench-") as scratch:
        scratch = pathlib.Path(scratch)
        for size in arguments.sizes:
            plan, wide = scratch / "plan.json", scratch / "wide.json"
            with plan.open("w") as file:
                subprocess.run([sys.executable, common.ROOT / "benches/plan.py", str(size)], stdout=file, check=True)
            wide.write_text(plan.read_text(), encoding="utf-16")
            lint = [folder / "nhi-lint", "check", "--format", "json"]
            commands = {
                "parse once": ([folder / "floor", plan], {0}),
                "nhi-lint": ([*lint, plan], {0, 1}),
                "nhi-lint, UTF-16": ([*lint, wide], {0, 1}),
            }
            if shutil.which("jq"):
                commands["jq length"] = (["jq", "length", plan], {0})
            runs = {name: [once(*command) for _ in range(arguments.runs)] for name, command in commands.items()}
            floor = statistics.median(seconds for seconds, _ in runs["parse once"])
            print(f"{size} resources, {plan.stat().st_size / 2**20:.1f} MiB")
            for name, found in runs.items():
                seconds = statistics.median(seconds for seconds, _ in found)
                bytes_ = wide.stat().st_size if "UTF-16" in name else plan.stat().st_size
                peak = statistics.median(peak for _, peak in found)
                print(
                    f"  {name}: {1000 * seconds:.0f} ms, {seconds / floor:.2f} x parse; peak {peak / 2**20:.0f} MiB = {peak / bytes_:.2f} x file",
                    flush=True,
                )
            wide.unlink()


if __name__ == "__main__":
    main()

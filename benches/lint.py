#!/usr/bin/env python3
"""Lints the same resources in every form that there is, at growing size, against parsing the same bytes once, in one run.

    benches/lint.py [--sizes 100 1000 10000 100000] [--forms json,wide,beside,file,one,many,state,discover] [--runs 5] [--binaries FOLDER]

`json` is plan JSON, `wide` the same in UTF-16, `beside` plan JSON with the configuration that it was made from, `file` a plan file,
`one` and `many` configuration in one file and in one for each ten resources, `state` a state file, `discover` the inventory of `json`.
Sizes are those of what is read: of a plan file, what it inflates to. `jq` stands beside the parse where it is installed.

Bounds (two cores): 10,000 resources of plan JSON at most 3 times the parse and 1.5 times the file in memory; 100 resources 10 ms, 100,000
4 s; an empty folder 5 ms; growth in proportion. A peak below that of this script itself (about 22 MiB) is reported as that: the kernel
counts what a process was before it became another program; so inputs are written by processes of their own. Seconds are of the processor, since other programs run too.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile

import common

TEMPLATE = common.ROOT / "examples/templates/s3-object-reader.nhi.hcl"
FORMS = ["json", "wide", "beside", "file", "one", "many", "state", "discover"]
# Resources that hold every form on disk at once; beyond it only what is said to be bound is measured.
EVERY_FORM = 10000


def measured(command, codes):
    """Seconds of processor time, wall seconds and peak resident MiB of one run, by the kernel's own account."""
    start = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        raise SystemExit(f"{command} ended with {process.returncode}:\n{errors.decode()}")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024


def once(command, codes):
    """Wall seconds and peak resident MiB of one run."""
    return measured(command, codes)[1:]


def written(form, size, scratch):
    """Writes an input once, and gives its path."""
    kind = {"wide": "json", "beside": "json", "discover": "json"}.get(form, form)
    path = scratch / f"{kind}-{size}"
    if kind == "json" and not path.exists():
        with path.open("w") as file:
            subprocess.run([sys.executable, common.ROOT / "benches/plan.py", str(size)], stdout=file, check=True)
    elif not path.exists():
        name = {"sources": "beside"}.get(kind, kind)
        subprocess.run([sys.executable, common.ROOT / "benches/forms.py", name, str(size), path], check=True)
    if form == "wide":
        wide = scratch / f"wide-{size}"
        code = "import pathlib, sys; pathlib.Path(sys.argv[2]).write_text(pathlib.Path(sys.argv[1]).read_text(), encoding='utf-16')"
        subprocess.run([sys.executable, "-c", code, path, wide], check=True)
        return wide
    return path


def arguments_of(form, size, path, scratch):
    """The command line for an input."""
    if form == "discover":
        return ["discover", path]
    beside = ["--config-dir", written("sources", size, scratch)] if form == "beside" else []
    return ["check", path, *beside, "--templates", TEMPLATE, "--format", "json"]


def mebibytes(path):
    """How much there is to read."""
    if path.is_dir():
        return sum(file.stat().st_size for file in path.iterdir()) / 2**20
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return sum(entry.file_size for entry in archive.infolist()) / 2**20
    return path.stat().st_size / 2**20


def row(*cells):
    """A line of the table."""
    print(f"{cells[0]:<10}" + "".join(f"{cell:>13}" for cell in cells[1:]), flush=True)


def compare(form, size, scratch, folder, runs):
    """Measures one form in pairs with one parse of the plan JSON of the same resources, and prints a line."""
    path, plan = written(form, size, scratch), written("json", size, scratch)
    lint = [folder / "nhi-lint", *arguments_of(form, size, path, scratch)]
    pairs = [(measured(lint, {0, 1}), measured([folder / "floor", plan], {0})) for _ in range(runs)]
    middle = lambda of: statistics.median(map(of, pairs))
    mib = mebibytes(path)
    peak = middle(lambda pair: pair[0][2])
    row(
        form,
        size,
        f"{mib:.1f} MiB",
        f"{1000 * middle(lambda pair: pair[0][0]):.1f} ms",
        f"{1000 * middle(lambda pair: pair[0][1]):.1f} ms",
        f"{middle(lambda pair: pair[0][0] / max(pair[1][0], 1e-4)):.2f}",
        f"{1e6 * middle(lambda pair: pair[0][0]) / size:.1f} us",
        f"{peak:.0f} MiB",
        f"{peak / mib:.2f}",
    )


def floors(size, scratch, folder, runs):
    """What it takes to parse the plan JSON and nothing else."""
    plan = written("json", size, scratch)
    programs = {"serde_json": [folder / "floor", plan]}
    if shutil.which("jq"):
        programs["jq"] = ["jq", "length", plan]
    for name, command in programs.items():
        found = [measured(command, {0}) for _ in range(runs)]
        seconds, wall, peak = (statistics.median(run[at] for run in found) for at in range(3))
        mib = mebibytes(plan)
        row(name, size, f"{mib:.1f} MiB", f"{1000 * seconds:.1f} ms", f"{1000 * wall:.1f} ms", "", f"{1e6 * seconds / size:.1f} us", f"{peak:.0f} MiB", f"{peak / mib:.2f}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 10000, 100000])
    arguments.add_argument("--forms", type=lambda text: text.split(","), default=FORMS)
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--binaries", type=pathlib.Path, help="where nhi-lint and floor are, if they are built")
    arguments = arguments.parse_args()
    folder = arguments.binaries or common.build()
    if not arguments.binaries:
        subprocess.run(["cargo", "build", "--release", "--quiet", "--package", "tests", "--bin", "floor"], cwd=common.ROOT, check=True)
    if not shutil.which("jq"):
        print("jq is not installed: NOT COMPARED with it", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="nhi-bench-") as scratch:
        scratch = pathlib.Path(scratch)
        empty = scratch / "empty"
        empty.mkdir()
        cold = [measured([folder / "nhi-lint", "check", "--allow-empty", empty], {0}) for _ in range(4 * arguments.runs)]
        print(f"empty folder: {1000 * statistics.median(run[1] for run in cold):.1f} ms wall, {statistics.median(run[2] for run in cold):.0f} MiB")
        row("form", "resources", "size", "processor", "wall", "x parse", "a resource", "peak", "x size")
        for size in arguments.sizes:
            floors(size, scratch, folder, arguments.runs)
            for form in arguments.forms:
                if size <= EVERY_FORM or form == "json":
                    compare(form, size, scratch, folder, arguments.runs)
            for path in scratch.iterdir():
                if path != empty:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()


if __name__ == "__main__":
    main()

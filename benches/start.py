#!/usr/bin/env python3
"""Times the provider from exec to its handshake line, and reads its memory after the schema was asked for.

    benches/start.py [--runs 40]

Bounds (two cores): 5 ms median; 12 MiB resident. Terraform's own client certificate is P-521, so one is made with openssl.
"""

import argparse
import os
import re
import signal
import statistics
import subprocess
import tempfile
import time

import common

COOKIE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"


def certificate() -> str:
    """A P-521 certificate such as Terraform makes for each run."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521", "-sha512", "-nodes"]
            + ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "1"]
            + ["-keyout", f"{folder}/key", "-out", f"{folder}/cert"],
            check=True,
            capture_output=True,
        )
        with open(f"{folder}/cert") as file:
            return file.read()


def handshake(binary, environment):
    """Milliseconds from exec to the line."""
    start = time.perf_counter()
    with subprocess.Popen(
        [binary], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    ) as process:
        line = process.stdout.readline()
        elapsed = 1000 * (time.perf_counter() - start)
        process.kill()
    if not line.startswith(b"1|6|unix|"):
        raise SystemExit(f"not a handshake line: {line!r}")
    return elapsed


def idle_memory(binary, environment, folder):
    """MiB resident of a provider that gave its schema to a real terraform."""
    (folder / "main.tf").write_text(
        'terraform {\n  required_providers {\n    nhi = {\n      source = "governed-nhi/nhi"\n    }\n  }\n}\n'
    )
    with subprocess.Popen([binary, "-debug"], env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            found = re.search(r"TF_REATTACH_PROVIDERS='(.*)'", line)
            if found:
                break
        attached = environment | {"TF_REATTACH_PROVIDERS": found.group(1)}
        common.timed(["terraform", "init", "-input=false"], folder, attached)
        common.timed(["terraform", "providers", "schema", "-json"], folder, attached)
        resident = common.memory(process.pid) / 1024
        process.send_signal(signal.SIGINT)
        process.wait(timeout=5)
    return resident


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--runs", type=int, default=40)
    arguments = arguments.parse_args()
    with common.bench() as (folder, environment, binary):
        plugin = environment | {
            "TF_PLUGIN_MAGIC_COOKIE": COOKIE,
            "PLUGIN_PROTOCOL_VERSIONS": "5,6",
            "PLUGIN_CLIENT_CERT": certificate(),
        }
        handshake(binary, plugin)
        times = sorted(handshake(binary, plugin) for _ in range(arguments.runs))
        print(f"start to handshake: median {statistics.median(times):.2f} ms, min {times[0]:.2f}, max {times[-1]:.2f}")
        print(f"resident after the schema: {idle_memory(binary, environment, folder):.1f} MiB")
        print(f"binary: {os.path.getsize(binary) / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Makes an inventory of N identities, looks at it with each data source, and prints what a look-up costs.

    benches/look.py [--count 5000] [--runs 3]

The ratio is the CPU of the provider for the whole inventory against that for a tenth of it: 10 where it grows with the number of
rows, 100 where it grows with its square. A run without a look-up is taken off both.
"""

import argparse
import shutil
import statistics

import common
from apply import HEAD, KINDS, REQUIRED, TEMPLATE, identities, request

LOOK_UPS = {
    "nothing": "",
    "inventory": 'data "nhi_inventory" "look" {}\noutput "look" { value = data.nhi_inventory.look.metrics.total }',
    "inventory, one": 'data "nhi_inventory" "look" { name_prefix = "agent-77" }\n'
    'output "look" { value = data.nhi_inventory.look.metrics.total }',
    "owner": 'data "nhi_owner" "look" { name = "payments" }\noutput "look" { value = data.nhi_owner.look.identities }',
    "audit trail": 'data "nhi_audit_trail" "look" {}\noutput "look" { value = length(data.nhi_audit_trail.look.events) }',
}


def terraform(folder, environment, *arguments):
    return common.timed(["terraform", *arguments, "-input=false", "-no-color"], folder, environment)


def inventory(folder, environment, address, count):
    """A folder with an inventory of that many identities."""
    folder.mkdir()
    (folder / "main.tf").write_text(HEAD % (REQUIRED, address, folder.name) + identities(KINDS, count))
    (folder / "reader.nhi.hcl").write_text(TEMPLATE)
    request(folder)
    terraform(folder, environment, "init")
    terraform(folder, environment, "apply", "-auto-approve")


def look(folder, environment, address, body, made):
    """CPU of the provider and its largest resident set, for one plan that only looks."""
    folder.mkdir()
    head = HEAD % (REQUIRED, address, folder.name)
    (folder / "main.tf").write_text(f'{head}\nprovider "nhi" {{\n  inventory = "sqlite:{made}/.nhi/inventory.db"\n}}\n{body}\n')
    terraform(folder, environment, "init")
    watch = common.Watch("terraform-provider-nhi")
    watch.start()
    wall, _ = terraform(folder, environment, "plan")
    cpu, peak = watch.stop()
    shutil.rmtree(folder)
    return wall, cpu, peak


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--count", type=int, default=5000)
    arguments.add_argument("--runs", type=int, default=3)
    arguments = arguments.parse_args()
    with common.bench() as (folder, environment, _), common.state_backend() as address:
        sizes = [arguments.count // 10, arguments.count]
        for size in sizes:
            inventory(folder / f"made-{size}", environment, address, size)
        floor = {}
        for name, body in LOOK_UPS.items():
            figures = []
            for size in sizes:
                runs = [
                    look(folder / "look", environment, address, body, folder / f"made-{size}")
                    for _ in range(arguments.runs)
                ]
                figures.append([statistics.median(column) for column in zip(*runs)])
            if name == "nothing":
                floor = [cpu for _, cpu, _ in figures]
            (_, small, _), (wall, large, peak) = figures
            taken = [max(cpu - none, 0.001) for cpu, none in zip((small, large), floor)]
            print(
                f"{name}: {sizes[1]} identities {wall:.2f} s, provider {large:.2f} s CPU, peak {peak:.1f} MiB; "
                f"ratio to {sizes[0]}: {taken[1] / taken[0]:.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()

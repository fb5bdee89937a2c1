#!/usr/bin/env python3
"""Lints generated folders of configuration of growing size: what a file costs must not depend on how many there are.

    benches/tree.py [--sizes 100 1000 10000] [--runs 5] [--write SIZE FOLDER]

A tree of N files: a root module of N/2 files, each with a role, its policy, a bucket, locals, a variable and an output, and N/2
modules in folders of their own, each called once; one file in a hundred is JSON, and one override file changes a hundredth
of the roles. Bounds (two cores): wall and memory grow in proportion; an empty folder takes 5 ms.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

import common
from lint import TEMPLATE, once

FILE = """\
locals {{
  name_{n} = "export-{n}"
  tags_{n} = merge(local.common, {{ "nhi:purpose" = "Nightly export number {n} of invoices to the ledger bucket" }})
}}

variable "suffix_{n}" {{
  type    = string
  default = "{n}"
}}

resource "aws_s3_bucket" "b{n}" {{
  bucket = "ledger-${{var.suffix_{n}}}"
}}

resource "aws_iam_role" "r{n}" {{
  name = local.name_{n}
  tags = local.tags_{n}
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Principal = {{ Service = "ec2.amazonaws.com" }}, Action = "sts:AssumeRole" }}]
  }})
}}

resource "aws_iam_role_policy" "p{n}" {{
  name = "export"
  role = aws_iam_role.r{n}.name
  # What the export reads.
  policy = <<-EOT
    {{
      "Version": "2012-10-17",
      "Statement": [{{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "${{aws_s3_bucket.b{n}.arn}}/*"}}]
    }}
  EOT
}}

output "arn_{n}" {{
  value = aws_iam_role.r{n}.arn
}}
"""

COMMON = """\
locals {
  common = {
    "nhi:owner"  = "payments"
    "nhi:expiry" = "2027-06-30"
  }
}
"""

MODULE = """\
variable "name" {{}}

resource "aws_iam_user" "u" {{
  name = var.name
  tags = {{ "nhi:owner" = "payments", "nhi:purpose" = "Robot number {n} of the invoice exports", "nhi:expiry" = "2027-06-30" }}
}}
"""


def write(files: int, folder: pathlib.Path) -> int:
    """Writes the tree; how many bytes it has."""
    root = files // 2
    texts = {"common.tf": COMMON}
    overrides, calls = [], []
    for n in range(root):
        if n % 100 == 99:
            texts[f"f{n}.tf.json"] = json.dumps({"resource": {"aws_iam_role": {f"r{n}": {"name": f"json-{n}", "tags": "${local.common}"}}}})
        else:
            texts[f"f{n}.tf"] = FILE.format(n=n)
        if n % 100 == 50:
            overrides.append(f'resource "aws_iam_role" "r{n}" {{\n  name = "changed-{n}"\n}}\n')
        calls.append(f'module "m{n}" {{\n  source = "./modules/m{n}"\n  name   = "robot-{n}"\n}}\n')
        texts[f"modules/m{n}/main.tf"] = MODULE.format(n=n)
    texts["modules.tf"] = "\n".join(calls)
    texts["all_override.tf"] = "\n".join(overrides)
    size = 0
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        size += len(text)
    return size


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 10000])
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--write", nargs=2, metavar=("SIZE", "FOLDER"))
    arguments = arguments.parse_args()
    if arguments.write:
        print(write(int(arguments.write[0]), pathlib.Path(arguments.write[1])), "bytes")
        return
    lint = common.build() / "nhi-lint"
    with tempfile.TemporaryDirectory(prefix="nhi-bench-") as scratch:
        scratch = pathlib.Path(scratch)
        empty = scratch / "empty"
        empty.mkdir()
        cold = [once([lint, "check", "--allow-empty", empty], {0})[0] for _ in range(4 * arguments.runs)]
        print(f"empty folder: median {1000 * statistics.median(cold):.1f} ms")
        for size in arguments.sizes:
            folder = scratch / str(size)
            mib = write(size, folder) / 2**20
            check = [lint, "check", folder, "--templates", TEMPLATE, "--format", "json"]
            runs = [once(check, {0, 1}) for _ in range(arguments.runs)]
            wall = statistics.median(run[0] for run in runs)
            peak = statistics.median(run[1] for run in runs)
            print(f"{size} files, {mib:.1f} MiB: {1000 * wall:.1f} ms = {1e6 * wall / size:.0f} us a file; peak {peak:.0f} MiB", flush=True)


if __name__ == "__main__":
    main()

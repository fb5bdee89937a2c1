#!/usr/bin/env python3
"""Applies N governed identities and N `terraform_data` in turn and prints the ratio of their wall times.

    benches/apply.py [--count 1000] [--pairs 3]

Bounds (two cores): 2.2 at 1,000, 1.5 at 5,000; the provider's own CPU 1.5 ms an identity.
"""

import argparse
import statistics

import common

TEMPLATE = """template "reader" {
  version     = "1.0.0"
  description = "Read one bucket"
  owner       = "platform"
  status      = "active"
  applies_to {
    kinds        = ["service_account"]
    environments = ["prod"]
  }
  parameter "bucket" {
    pattern = "[a-z0-9][a-z0-9.-]{2,62}"
  }
  require {
    max_lifetime = "365d"
  }
  aws {
    permissions = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = ["arn:aws:s3:::${param.bucket}/*"] }]
    })
  }
}
"""

IDENTITIES = """
provider "nhi" {
  templates = ["./reader.nhi.hcl"]
}
resource "nhi_owner" "payments" {
  name        = "payments"
  accountable = "ada@example.com"
  steward     = "grace@example.com"
}
resource "nhi_service_account" "many" {
  count       = %d
  name        = "export-${count.index}"
  owner       = nhi_owner.payments.name
  purpose     = "Nightly export of invoices to the ledger bucket"
  expiry      = "90d"
  template    = "reader@1.0.0"
  environment = "prod"
  parameters  = { bucket = "ledger-${count.index}" }
}
"""

FLOOR = """
resource "terraform_data" "many" {
  count = %d
  input = "export-${count.index}"
}
"""

HEAD = """terraform {
  %s
  backend "http" {
    address = "%s/%s"
  }
}
"""
PROVIDER = 'required_providers {\n    nhi = {\n      source = "governed-nhi/nhi"\n    }\n  }'


def apply(folder, environment, address, body, count, governed):
    """One project from nothing to applied; wall, CPU in all, CPU of the provider, its peak memory."""
    folder.mkdir()
    head = HEAD % (PROVIDER if governed else "", address, folder.name)
    (folder / "main.tf").write_text(head + body % count)
    (folder / "reader.nhi.hcl").write_text(TEMPLATE)
    common.timed(["terraform", "init", "-input=false"], folder, environment)
    watch = common.Watch("terraform-provider-nhi")
    watch.start()
    wall, cpu = common.timed(
        ["terraform", "apply", "-auto-approve", "-input=false", "-no-color"], folder, environment
    )
    own, peak = watch.stop()
    return wall, cpu, own, peak


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--count", type=int, default=1000)
    arguments.add_argument("--pairs", type=int, default=3)
    arguments = arguments.parse_args()
    ratios = []
    with common.bench() as (folder, environment, _), common.state_backend() as address:
        for pair in range(arguments.pairs):
            ours = apply(folder / f"ours-{pair}", environment, address, IDENTITIES, arguments.count, True)
            floor = apply(folder / f"floor-{pair}", environment, address, FLOOR, arguments.count, False)
            ratios.append(ours[0] / floor[0])
            print(
                f"{arguments.count} identities {ours[0]:.2f} s ({ours[1]:.2f} s CPU, provider {ours[2]:.2f} s = "
                f"{1000 * ours[2] / arguments.count:.2f} ms each, peak {ours[3]:.1f} MiB); "
                f"terraform_data {floor[0]:.2f} s ({floor[1]:.2f} s CPU); ratio {ratios[-1]:.2f}",
                flush=True,
            )
    print(f"median ratio {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()

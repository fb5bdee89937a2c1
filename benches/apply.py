#!/usr/bin/env python3
"""Applies, refreshes and destroys N governed identities of mixed kinds, and N `terraform_data` in turn, and prints ratios of wall time.

    benches/apply.py [--count 1000] [--pairs 3] [--kinds mixed|service_account] [--floor bare|content]

`bare` is a `terraform_data` with one short text; `content` one that holds what the state of an identity holds, since most of
such an apply is Terraform's own work on the size of the state. Bounds (two cores): against `bare` 2.2 at 1,000, 1.5 at 5,000;
the provider's own CPU 1.5 ms an identity, 32 MiB resident.
"""

import argparse
import json
import statistics
import subprocess

import common

KINDS = ["service_account", "workload_identity", "api_key", "deployment_token", "certificate", "agent"]

TEMPLATE = """template "reader" {
  version     = "1.0.0"
  description = "Read one bucket"
  owner       = "platform"
  status      = "active"
  applies_to {
    kinds        = [%s]
    environments = ["prod"]
  }
  parameter "bucket" {
    pattern = "[a-z0-9][a-z0-9.-]{2,62}"
  }
  require {
    max_lifetime      = "365d"
    static_credential = true
  }
  aws {
    permissions = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = ["arn:aws:s3:::${param.bucket}/*"] }]
    })
  }
}
""" % ", ".join(f'"{kind}"' for kind in KINDS)

PROVIDER = """
provider "nhi" {
  templates = ["./reader.nhi.hcl"]
  issuer {
    trust_domain = "example.com"
  }
}
resource "nhi_owner" "payments" {
  name        = "payments"
  accountable = "ada@example.com"
  steward     = "grace@example.com"
}
"""

# The reason lets the bench destroy without the observation time.
IDENTITIES = """
resource "nhi_%(kind)s" "many" {
  count              = %(count)d
  name               = "%(name)s-${count.index}"
  owner              = nhi_owner.payments.name
  purpose            = "Nightly export of invoices to the ledger bucket"
  expiry             = "20d"
  template           = "reader@1.0.0"
  environment        = "prod"
  parameters         = { bucket = "ledger-${count.index}" }
  break_glass_reason = "the bench ends"
%(own)s}
"""

OWN = {
    "certificate": '  csr_pem            = file("${path.module}/request.pem")\n',
    "agent": '  sponsor            = "joan.clarke@example.com"\n  tools              = ["orders.read"]\n',
}

FLOOR = """
resource "terraform_data" "many" {
  count = %d
  input = %s
}
"""

HEAD = """terraform {
  %s
  backend "http" {
    address = "%s/%s"
  }
}
"""
REQUIRED = 'required_providers {\n    nhi = {\n      source = "governed-nhi/nhi"\n    }\n  }'

QUIET = ["-input=false", "-no-color"]
PHASES = {
    "apply": ["terraform", "apply", "-auto-approve", *QUIET],
    "refresh": ["terraform", "plan", "-detailed-exitcode", *QUIET],
    "destroy": ["terraform", "destroy", "-auto-approve", *QUIET],
}


def identities(kinds, count):
    """One block a kind, with the same number of instances of each."""
    parts = [PROVIDER]
    for index, kind in enumerate(kinds):
        share = count // len(kinds) + (index < count % len(kinds))
        own = OWN.get(kind, "")
        parts.append(IDENTITIES % {"kind": kind, "name": kind.replace("_", "-"), "count": share, "own": own})
    return "".join(parts)


def request(folder):
    """A certificate signing request: its key is of no use to anybody."""
    subprocess.run(
        ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
         "/CN=bench", "-keyout", "/dev/null", "-out", "request.pem"],
        cwd=folder, check=True, capture_output=True,
    )


def phases(folder, environment, address, body, governed):
    """One project from nothing to nothing: of each phase wall, CPU in all, CPU of the provider, its peak memory."""
    folder.mkdir()
    (folder / "main.tf").write_text(HEAD % (REQUIRED if governed else "", address, folder.name) + body)
    (folder / "reader.nhi.hcl").write_text(TEMPLATE)
    request(folder)
    common.timed(["terraform", "init", "-input=false"], folder, environment)
    figures = {}
    for phase, command in PHASES.items():
        watch = common.Watch("terraform-provider-nhi")
        watch.start()
        wall, cpu = common.timed(command, folder, environment)
        figures[phase] = (wall, cpu, *watch.stop())
        if phase == "apply":
            state = json.loads(common.State.documents[f"/{folder.name}"])
    return figures, state


def content(state):
    """What one identity holds in the state, with a value of its own in each instance."""
    instances = [resource["instances"][0] for resource in state["resources"] if "name" in resource and resource["name"] == "many"]
    largest = max(instances, key=lambda instance: len(json.dumps(instance["attributes"])))
    attributes = {name: value for name, value in largest["attributes"].items() if value is not None}
    return json.dumps(attributes | {"name": "export-INDEX"}).replace("${", "$${").replace("INDEX", "${count.index}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--count", type=int, default=1000)
    arguments.add_argument("--pairs", type=int, default=3)
    arguments.add_argument("--kinds", choices=["mixed", *KINDS], default="mixed")
    arguments.add_argument("--floor", choices=["bare", "content"], default="bare")
    arguments = arguments.parse_args()
    kinds = KINDS if arguments.kinds == "mixed" else [arguments.kinds]
    count = arguments.count
    ratios = {phase: [] for phase in PHASES}
    with common.bench() as (folder, environment, _), common.state_backend() as address:
        for pair in range(arguments.pairs):
            ours, state = phases(folder / f"ours-{pair}", environment, address, identities(kinds, count), True)
            value = content(state) if arguments.floor == "content" else '"export-${count.index}"'
            floor, _ = phases(folder / f"floor-{pair}", environment, address, FLOOR % (count, value), False)
            for phase in PHASES:
                (wall, cpu, own, peak), (bare, bare_cpu, *_) = ours[phase], floor[phase]
                ratios[phase].append(wall / bare)
                print(
                    f"{phase} {count} {arguments.kinds}: {wall:.2f} s ({cpu:.2f} s CPU, provider {own:.2f} s = "
                    f"{1000 * own / count:.2f} ms each, peak {peak:.1f} MiB); "
                    f"terraform_data {bare:.2f} s ({bare_cpu:.2f} s CPU); ratio {wall / bare:.2f}",
                    flush=True,
                )
    for phase, found in ratios.items():
        print(f"{phase}: median ratio {statistics.median(found):.2f}")


if __name__ == "__main__":
    main()

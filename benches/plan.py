#!/usr/bin/env python3
"""Writes a plan JSON of N resources, about 2.6 kB each, in the shape that `terraform show -json` gives.

    benches/plan.py 10000 > plan.json

One resource in five is an identity, a policy, an attachment or a key; the rest are what surrounds them. The output is the same for
the same N.
"""

import json
import sys

PROVIDER = "registry.terraform.io/hashicorp/aws"
GOVERNED = {
    "nhi:owner": "payments",
    "nhi:purpose": "Nightly export of invoices to the ledger bucket",
    "nhi:expiry": "2027-06-30",
    "nhi:template": "s3-object-reader@1.2.0",
    "nhi:service": "billing",
    "nhi:environment": "prod",
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def permissions(index):
    bucket = f"arn:aws:s3:::ledger-{index}"
    # One role in fifty writes as well, so that there are findings.
    actions = ["s3:GetObject", "s3:ListBucket"] + (["s3:PutObject"] if index % 50 == 0 else [])
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": actions, "Resource": [bucket, f"{bucket}/*"]}],
    }


def dump(value):
    return json.dumps(value, separators=(",", ":"))


def role(index):
    return "aws_iam_role", {
        "assume_role_policy": dump(TRUST),
        "description": "Exports invoices",
        "force_detach_policies": False,
        "inline_policy": [],
        "max_session_duration": 3600,
        "name": f"export-{index}",
        "path": "/",
        "permissions_boundary": "arn:aws:iam::123456789012:policy/nhi-boundary",
        "tags": GOVERNED,
        "tags_all": GOVERNED,
    }, {"arn": True, "create_date": True, "id": True, "unique_id": True, "managed_policy_arns": True}


def policy(index):
    return "aws_iam_role_policy", {
        "name": "export",
        "policy": dump(permissions(index)),
        "role": f"export-{index}",
    }, {"id": True, "name_prefix": True}


def instance(index):
    ports = [
        {"cidr_blocks": [f"10.{index % 250}.{port}.0/24"], "description": "service", "from_port": 8000 + port,
         "to_port": 8000 + port, "protocol": "tcp", "self": False, "security_groups": [], "prefix_list_ids": []}
        for port in range(5)
    ]
    return "aws_security_group", {
        "description": "Ports of one service", "egress": ports[:1], "ingress": ports,
        "name": f"service-{index}", "name_prefix": "", "revoke_rules_on_delete": False,
        "tags": {"Name": f"service-{index}"}, "tags_all": {"Name": f"service-{index}"}, "timeouts": None,
    }, {"arn": True, "id": True, "owner_id": True, "vpc_id": True}


def resources(count):
    for index in range(count):
        kind, after, unknown = {0: role, 1: policy}.get(index % 10, instance)(index - index % 10 if index % 10 == 1 else index)
        yield index, kind, after, unknown


def main(count):
    out = sys.stdout
    out.write('{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{"root_module":{"resources":[')
    for index, kind, after, _ in resources(count):
        value = {"address": f"{kind}.r{index}", "mode": "managed", "type": kind, "name": f"r{index}",
                 "provider_name": PROVIDER, "schema_version": 0, "values": after, "sensitive_values": {}}
        out.write(("," if index else "") + dump(value))
    out.write(']}},"resource_changes":[')
    for index, kind, after, unknown in resources(count):
        change = {"address": f"{kind}.r{index}", "mode": "managed", "type": kind, "name": f"r{index}",
                  "provider_name": PROVIDER,
                  "change": {"actions": ["create"], "before": None, "after": after, "after_unknown": unknown,
                             "before_sensitive": False, "after_sensitive": {}}}
        out.write(("," if index else "") + dump(change))
    out.write('],"configuration":{"root_module":{"resources":[')
    for index, kind, after, _ in resources(count):
        expressions = {key: {"constant_value": value} for key, value in after.items() if isinstance(value, str)}
        out.write(("," if index else "") + dump(
            {"address": f"{kind}.r{index}", "mode": "managed", "type": kind, "name": f"r{index}",
             "provider_config_key": "aws", "expressions": expressions, "schema_version": 0}))
    out.write(']}},"timestamp":"2026-11-21T12:00:00Z","applyable":true,"complete":true,"errored":false}\n')


if __name__ == "__main__":
    main(int(sys.argv[1]))

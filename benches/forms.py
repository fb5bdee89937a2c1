#!/usr/bin/env python3
"""Writes the resources of `plan.py` in the other forms that the linter reads: configuration, plan file, state.

    benches/forms.py {one,many,beside,file,state} 10000 PATH

`one` is a folder with a single file of N resources, `many` the same with a file for each ten of them, `beside` the
configuration that the plan JSON tells of, which sets texts only, `file` a plan file with
`one` inside it as Terraform puts it there, `state` a state file of version 4. The output is the same for the same N.
"""

import json
import pathlib
import struct
import sys
import zipfile

from plan import PROVIDER, dump, resources

# cty's msgpack of an unknown value.
UNKNOWN = b"\xd4\x00\x00"


def blocks(count, kinds=object):
    """One block of configuration for each resource; policies are made of expressions, and refer to their role."""
    for index, kind, after, _ in resources(count):
        lines = [f'resource "{kind}" "r{index}" {{']
        for key, value in after.items():
            if key == "tags_all" or value in (None, []) or not isinstance(value, kinds):
                continue
            text = json.dumps(value)
            if key in ("policy", "assume_role_policy"):
                text = f"jsonencode({value})"
            elif key == "role":
                text = f"aws_iam_role.r{index - 1}.name"
            lines.append(f"  {key} = {text}")
        yield "\n".join(lines) + "\n}\n"


def configuration(count, folder, together, kinds=object):
    """Writes the configuration in files of so many blocks each."""
    folder.mkdir(parents=True, exist_ok=True)
    every = list(blocks(count, kinds))
    for start in range(0, count, together):
        (folder / f"f{start}.tf").write_text("\n".join(every[start : start + together]))


def packed(value):
    """msgpack as Terraform writes it."""
    if value is None:
        return b"\xc0"
    if value is UNKNOWN:
        return UNKNOWN
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return b"\xd2" + struct.pack(">i", value)
    if isinstance(value, str):
        text = value.encode()
        return b"\xdb" + struct.pack(">I", len(text)) + text
    if isinstance(value, list):
        return b"\xdd" + struct.pack(">I", len(value)) + b"".join(map(packed, value))
    pairs = (packed(key) + packed(field) for key, field in sorted(value.items()))
    return b"\xdf" + struct.pack(">I", len(value)) + b"".join(pairs)


def number(value):
    """A number of protobuf."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(tag, value):
    """A field of protobuf: a number, or bytes with their length."""
    if isinstance(value, int):
        return number(tag << 3) + number(value)
    return number(tag << 3 | 2) + number(len(value)) + value


def plan_file(count, path):
    """The zip that `terraform plan -out` writes; the numbers of fields are those of `planfile.proto`."""
    plan = [field(1, 3)]
    for index, kind, after, unknown in resources(count):
        after = after | {key: UNKNOWN for key in unknown}
        # Of what is created there is only a value after.
        change = field(1, 1) + field(2, field(1, packed(after)))
        provider = f'provider["{PROVIDER}"]'.encode()
        plan.append(field(3, field(8, provider) + field(9, change) + field(13, f"{kind}.r{index}".encode())))
    plan += [field(14, b"1.11.4"), field(21, b"2026-11-21T12:00:00Z"), field(25, 1), field(26, 1)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tfplan", b"".join(plan))
        archive.writestr("tfconfig/modules.json", '[{"Key":"","Dir":"."}]')
        archive.writestr("tfconfig/m-/main.tf", "\n".join(blocks(count)))


def state(count, path):
    """A state file as the providers would have left it."""
    with path.open("w") as out:
        out.write('{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"bench","outputs":{},"resources":[')
        for index, kind, after, unknown in resources(count):
            made = {"managed_policy_arns": [], "arn": f"arn:aws:iam::123456789012:role/export-{index}"}
            attributes = after | {key: made.get(key, f"{key}-{index}") for key in unknown}
            instance = {"schema_version": 0, "attributes": attributes, "sensitive_attributes": []}
            out.write(("," if index else "") + dump(
                {"mode": "managed", "type": kind, "name": f"r{index}", "provider": f'provider["{PROVIDER}"]', "instances": [instance]}))
        out.write("]}\n")


def write(form, count, path):
    """Writes one of the forms."""
    if form == "one":
        configuration(count, path, max(count, 1))
    elif form == "many":
        configuration(count, path, 10)
    elif form == "beside":
        configuration(count, path, max(count, 1), str)
    elif form == "file":
        plan_file(count, path)
    elif form == "state":
        state(count, path)
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3]))

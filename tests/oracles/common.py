"""What the oracles share: the engine as a process, the policies that it is asked about, and how results are told.

Standard library only. An oracle that is not installed stops the script that needs it, with the command that installs it.
"""

import json
import os
import pathlib
import random
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Engine:
    """`policy/examples/decide.rs`, one question at a time. `NHI_DECIDE` names a program that is built already."""

    def __init__(self):
        program = os.environ.get("NHI_DECIDE")
        if program is None:
            build = ["cargo", "build", "--quiet", "--locked", "--profile", "profiling", "-p", "policy"]
            subprocess.run([*build, "--example", "decide"], cwd=ROOT, check=True)
            target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
            program = str(target / "profiling" / "examples" / "decide")
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def _send(self, question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()

    def ask(self, question):
        self._send(question)
        return json.loads(self.process.stdout.readline())

    def managed(self):
        """Every managed policy of AWS: a list of (name, document)."""
        count = 1594
        self._send({"managed": True})
        lines = [json.loads(self.process.stdout.readline()) for _ in range(count)]
        return [(line["arn"].removeprefix("arn:aws:iam::aws:policy/"), json.loads(line["text"])) for line in lines]


def listed(value):
    return value if isinstance(value, list) else [value]


def statements(document):
    return listed(document["Statement"])


def patterns(document):
    """How many patterns a solver would have to look at."""
    total = 0
    for statement in statements(document):
        for name in ("Action", "NotAction", "Resource", "NotResource"):
            total += len(listed(statement.get(name, [])))
        for keys in statement.get("Condition", {}).values():
            total += sum(len(listed(values)) for values in keys.values())
    return total


def services(document):
    out = set()
    for statement in statements(document):
        for name in ("Action", "NotAction"):
            out |= {action.split(":")[0].lower() for action in listed(statement.get(name, []))}
    return out


# Keys with the values that policies and requests draw from. The values of a key are near each other on purpose.
KEYS = {
    "string": {
        "aws:PrincipalTag/team": ["a", "A", "ab", "b", "a*", ""],
        "s3:prefix": ["home/", "home/x", "h", "home/*"],
    },
    "number": {"s3:max-keys": ["5", "5.0", "-1", "10", "9.5", "100000000000000000001"]},
    "date": {
        "aws:TokenIssueTime": ["2025-01-01T00:00:00Z", "2025-01-01T00:00:00+05:00", "1735689600", "2026-06-01T12:00:00Z"],
        "aws:CurrentTime": ["2025-01-01T00:00:00Z", "2026-06-01T12:00:00Z"],
        "aws:EpochTime": ["1735689600"],
    },
    "bool": {"aws:MultiFactorAuthPresent": ["true", "false"], "aws:SecureTransport": ["true", "false"]},
    "ip": {"aws:SourceIp": ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "0.0.0.0/0", "2001:db8::/32", "2001:db8::1"]},
    "arn": {
        "aws:SourceArn": [
            "arn:aws:s3:::b", "arn:aws:s3:::*", "arn:aws:sns:*:111122223333:t", "arn:aws:sns:eu-west-1:*:t*",
            "arn:aws:sns:eu-west-1:111122223333:t",
        ]
    },
    "set": {"aws:TagKeys": ["a", "b", "ab", "a*"]},
}
OPERATORS = {
    "string": [
        "StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
    ],
    "number": [
        "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan",
        "NumericGreaterThanEquals",
    ],
    "date": [
        "DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals",
    ],
    "bool": ["Bool"],
    "ip": ["IpAddress", "NotIpAddress"],
    "arn": ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
    "set": ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase"],
}
ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:Get*", "s3:*", "s3:*Object", "s3:?etObject", "S3:getobject", "*", "iam:PassRole"]
RESOURCES = [
    "*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/a*", "arn:aws:s3:::b/a", "arn:aws:s3:::b/?*", "arn:aws:s3:::b", "arn:aws:s3:::b*",
    "arn:aws:s3:::*/a", "arn:aws:s3:::b/*a*b*", "arn:aws:s3:::b/*b*",
]


def some(rng, pool, most):
    return rng.sample(pool, rng.randint(1, min(most, len(pool))))


def synthetic_condition(rng):
    block = {}
    for _ in range(rng.choice([0, 0, 1, 1, 1, 2])):
        kind = rng.choice(list(KEYS))
        key = rng.choice(list(KEYS[kind]))
        if rng.random() < 0.15:
            block.setdefault("Null", {})[key] = rng.choice(["true", "false"])
            continue
        operator = rng.choice(OPERATORS[kind])
        if rng.random() < 0.3:
            operator += "IfExists"
        if kind == "set":
            operator = rng.choice(["ForAllValues:", "ForAnyValue:"]) + operator
        block.setdefault(operator, {})[key] = some(rng, KEYS[kind][key], 2)
    return block


def synthetic_statement(rng, effect):
    statement = {"Effect": effect}
    negated = rng.random() < 0.15
    statement["NotAction" if negated else "Action"] = some(rng, ACTIONS, 2)
    negated = rng.random() < 0.15
    statement["NotResource" if negated else "Resource"] = some(rng, RESOURCES, 3)
    condition = synthetic_condition(rng)
    if condition:
        statement["Condition"] = condition
    return statement


def synthetic(rng):
    effects = ["Allow"] + rng.choices(["Allow", "Allow", "Deny"], k=rng.randint(0, 2))
    return {"Version": "2012-10-17", "Statement": [synthetic_statement(rng, effect) for effect in effects]}


def mutated(rng, document):
    """A near relative: a statement or a pattern dropped, widened, narrowed, or conditioned."""
    copy = json.loads(json.dumps(document))
    copy["Statement"] = [dict(statement) for statement in statements(copy)]
    for _ in range(rng.randint(1, 2)):
        statement = rng.choice(copy["Statement"])
        names = [name for name in ("Action", "NotAction", "Resource", "NotResource") if name in statement]
        name = rng.choice(names)
        values = list(listed(statement[name]))
        place = rng.randrange(len(values))
        change = rng.randrange(7)
        if change == 0 and len(copy["Statement"]) > 1:
            copy["Statement"].remove(statement)
            continue
        if change == 1 and len(values) > 1:
            del values[place]
        elif change == 2 and ":" in values[place]:
            values[place] = values[place][: max(values[place].rindex(":") + 1, len(values[place]) - 2)] + "*"
        elif change == 3:
            whole = "arn:aws:s3:::x" if name.endswith("Resource") else "s3:x"
            values[place] = whole if values[place] == "*" else values[place].replace("*", "x", 1)
        elif change == 4:
            statement["Condition"] = synthetic_condition(rng)
        elif change == 5:
            statement["Effect"] = "Deny" if statement["Effect"] == "Allow" else "Allow"
        else:
            extra = synthetic_condition(rng)
            if extra and not set(extra) & set(statement.get("Condition", {})):
                statement["Condition"] = {**statement.get("Condition", {}), **extra}
        statement[name] = values
    return copy


def questions(rng, managed, kinds, limit):
    """Endless pairs (kind, question) of the kinds asked for, in turn."""
    small = [one for one in managed if patterns(one[1]) <= limit]
    by_service = {}
    for one in small:
        for service in services(one[1]):
            by_service.setdefault(service, []).append(one)
    shared = sorted(service for service, all_of in by_service.items() if len(all_of) > 1)
    while True:
        for kind in kinds:
            if kind == "managed":
                (_, inner), (_, outer) = rng.sample(by_service[rng.choice(shared)], 2)
                yield kind, {"inner": [inner], "outer": [outer]}
            elif kind == "mutated":
                document = rng.choice(small)[1]
                pair = [document, mutated(rng, document)]
                rng.shuffle(pair)
                yield kind, {"inner": pair[:1], "outer": pair[1:]}
            elif kind == "synthetic":
                inner = synthetic(rng)
                outer = mutated(rng, inner) if rng.random() < 0.5 else synthetic(rng)
                pair = [inner, outer]
                rng.shuffle(pair)
                yield kind, {"inner": pair[:1], "outer": pair[1:]}
            else:
                inner = [synthetic(rng) for _ in range(rng.randint(1, 2))]
                base = rng.choice([inner[0], synthetic(rng)])
                question = {"inner": inner, "outer": [mutated(rng, base)]}
                if rng.random() < 0.7:
                    question["boundary"] = mutated(rng, base)
                if rng.random() < 0.5:
                    question["scps"] = [[synthetic(rng)], [synthetic(rng), synthetic(rng)]][: rng.randint(1, 2)]
                if rng.random() < 0.3:
                    question["session"] = [mutated(rng, base)]
                yield kind, question


def table(title, rows):
    """`rows`: a dictionary of dictionaries of counts."""
    width = max([len(title), *map(len, rows)])
    print(f"{title.ljust(width)} | counts")
    for name, row in rows.items():
        print(f"{name.ljust(width)} | " + ", ".join(f"{column} {number}" for column, number in sorted(row.items())))


def count(rows, name, column):
    row = rows.setdefault(name, {})
    row[column] = row.get(column, 0) + 1


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] if values else 0.0


def refuse(why):
    """The oracle itself is broken: what it would say is worth nothing."""
    print(f"refused to run: {why}", file=sys.stderr)
    sys.exit(2)


def seeded(seed):
    return random.Random(seed)

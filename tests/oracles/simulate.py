"""The engine against iam-simulate, which evaluates one concrete request.

Two questions. Each counterexample that the engine gives is replayed: the inner policies must allow it, the outer ones must
not. And concrete requests, drawn at the edges of the policies' own patterns and values, must get the same answer from our
evaluator. Where iam-simulate is known to differ from AWS's documents the case is masked by name; each mask says why, and
only a case that differs is ever held against a mask.

    NHI_IAM_SIMULATE=<folder with node_modules> python3 simulate.py [--pairs 2000] [--requests 8] [--seed 1]
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

import canaries
import common

LETTERS = re.compile(r"[A-Za-z]")


class Simulator:
    def __init__(self):
        folder = os.environ.get("NHI_IAM_SIMULATE", ".")
        if not (pathlib.Path(folder) / "node_modules" / "@cloud-copilot" / "iam-simulate").is_dir():
            common.refuse("iam-simulate is missing: npm install @cloud-copilot/iam-simulate@0.1.173, and name the folder in NHI_IAM_SIMULATE")
        script = pathlib.Path(__file__).with_name("simulate.mjs")
        self.process = subprocess.Popen(["node", str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, side, request, checked=False):
        """`allowed`, `denied`, or the simulator's complaint."""
        context = {key: values[0] if len(values) == 1 and not multivalued(key) else values for key, values in request["context"].items()}
        question = {**side, "checked": checked, "request": {**request, "context": context}}
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            return json.dumps(answer["error"])
        return "allowed" if answer["result"] == "Allowed" else "denied"


def multivalued(key):
    return key.lower() in ("aws:tagkeys", "aws:calledvia", "sts:transitivetagkeys", "dynamodb:leadingkeys", "dynamodb:attributes")


def inner_side(question):
    side = {"identity": question["inner"]}
    if question.get("boundary"):
        side["boundary"] = question["boundary"]
    if question.get("scps"):
        side["scps"] = question["scps"]
    return side


# Each: name, why the simulator's answer is not AWS's, and a test of the policies' text and the request.
MASKS = [
    (
        "star colon star", "AWS takes the action `*:*` as `*`; the simulator matches nothing with it",
        lambda text, request: '"*:*"' in text,
    ),
    (
        "newline", "`*` takes in every character; the simulator's regular expression stops at a line end",
        lambda text, request: "\n" in json.dumps(request, ensure_ascii=False) or "\\n" in json.dumps(request),
    ),
    (
        "epoch", "dates may be seconds since 1970; the simulator takes them for milliseconds",
        lambda text, request: '"Date' in text and re.search(r'"\d{9,11}"', text + json.dumps(request)),
    ),
    (
        "number", "numbers are decimals of any length; the simulator has doubles, and reads `5abc` as 5",
        lambda text, request: '"Numeric' in text and re.search(r'"-?\d{16,}|\d[a-z]', text + json.dumps(request)),
    ),
    (
        "IPv6", "addresses are numbers; the simulator compares IPv6 addresses as text",
        lambda text, request: "IpAddress" in text and re.search(r'"[0-9a-f:]*::[0-9a-f:/]*"', text + json.dumps(request)),
    ),
    (
        "no ARN", "what a negated ARN operator says to a value that is no ARN is not documented",
        lambda text, request: "ArnNot" in text,
    ),
    (
        "ARN case", "names in ARNs have upper and lower case; the simulator ignores it in the segments 2 to 5",
        lambda text, request: any(
            part != part.lower() for part in request["resource"].split(":")[1:5]
        ) or re.search(r'"arn:[^"/]*[A-Z][^":]*:[^"]*"', text),
    ),
    (
        "short ARN", "an ARN with fewer than six segments is not documented; the simulator fills it up with `*`",
        lambda text, request: re.search(r'"arn(:[^":]*){0,4}"', text),
    ),
    (
        "colons", "whether `*` crosses a colon in the first five segments: AWS's documents contradict each other",
        lambda text, request: request["resource"].count(":") != 5 or re.search(r'"arn(:[^":]*){5}:[^"]*:', text),
    ),
    (
        "raw resource", "the simulator wants an ARN or `*` as a resource, in policies as well",
        lambda text, request: not all(
            one == "*" or one.startswith("arn:") for one in [request["resource"], *resources(json.loads(text))]
        ),
    ),
    (
        "all resources", "`*` and `?` in a request's resource: the simulator takes it for a question about many resources",
        lambda text, request: any(c in request["resource"] for c in "*?"),
    ),
    (
        "resource type", "the simulator matches wildcards before the first `/` or `:` of the sixth segment literally; AWS's own policies have them there",
        lambda text, request: any(re.match(r"arn(:[^:]*){4}:[^:/]*[*?][^:/]*[:/]", one) for one in resources(json.loads(text))),
    ),
    (
        "arn:", "the simulator does not look at the first segment of a value that an ARN operator compares",
        lambda text, request: any(
            not value.startswith("arn:") for values in request["context"].values() for value in values if value.count(":") > 4
        ),
    ),
    (
        "block of all addresses", "the simulator shifts by 32 bits, which JavaScript takes for none: `/0` holds one address",
        lambda text, request: '/0"' in text,
    ),
    (
        "key policy", "KMS asks the key's policy first, and the simulator's unchecked mode cannot be given one",
        lambda text, request: request["action"].lower().startswith("kms:"),
    ),
    (
        "caller identity", "nobody can be refused it",
        lambda text, request: request["action"].lower() == "sts:getcalleridentity",
    ),
]


def resources(value):
    """Every pattern of `Resource` and `NotResource`, wherever it stands."""
    if isinstance(value, list):
        return [one for part in value for one in resources(part)]
    if not isinstance(value, dict):
        return []
    own = [one for name in ("Resource", "NotResource") for one in common.listed(value.get(name, []))]
    return own + [one for part in value.values() for one in resources(part)]


def mask(documents, request):
    text = json.dumps(documents)
    for name, _, matches in MASKS:
        if matches(text, request):
            return name
    return None


def canary(engine, simulator):
    for question in canaries.OUTSIDE:
        verdict = engine.ask(question)
        if verdict.get("open") != "outside":
            continue
        request = verdict["counterexample"]
        found = simulator.ask(inner_side(question), request), simulator.ask({"identity": question["outer"]}, request)
        if found != ("allowed", "denied") and not mask(question, request):
            common.refuse(f"a canary's counterexample is {found}: {json.dumps([question, request])}")
    known = {"action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", "context": {}}
    for document, expected in [(canaries.document(canaries.one("s3:Get*")), "allowed"), (canaries.document(canaries.one("s3:Put*")), "denied")]:
        found = simulator.ask({"identity": [document]}, known)
        if found != expected:
            common.refuse(f"a canary is {found} and must be {expected}")


def filled(rng, pattern):
    """A string at the edge of a pattern: what it takes in at least, a little more, and its own text."""
    star = rng.choice(["", "", "x", "xy", "a", "/", "a/b"])
    out = pattern.replace("*", star).replace("?", rng.choice("aZ0"))
    edit = rng.randrange(6)
    if edit == 0:
        return out + rng.choice("ax/")
    if edit == 1:
        places = [found.start() for found in LETTERS.finditer(out)]
        if places:
            place = rng.choice(places[-6:])
            return out[:place] + rng.choice("qQ") + out[place + 1 :]
    return out


def near(rng, operator, value):
    """A value of a request near one of the policy."""
    value = str(value).lower() if isinstance(value, bool) else str(value)
    if operator == "Bool":
        return rng.choice(["true", "false"])
    if operator.startswith("Numeric"):
        return rng.choice([value, "0", "7", "9.75", "-3"])
    if operator.startswith("Date"):
        return rng.choice([value, "2024-12-31T23:59:59Z", "2026-11-22T00:00:00Z"])
    if "IpAddress" in operator:
        return rng.choice([value.split("/")[0], "10.1.2.3", "10.200.0.1", "192.0.2.7"])
    return filled(rng, value) or "x"


def requests(rng, documents):
    """One request near what the documents speak of."""
    statements = [statement for document in documents for statement in common.statements(document)]
    statement = rng.choice(statements)
    pick = lambda name: rng.choice(common.listed(statement.get(name) or statement.get("Not" + name)))
    action = pick("Action")
    action = rng.choice(["s3:GetObject", "iam:PassRole"]) if action in ("*", "*:*") else filled(rng, action).replace("/", "")
    resource = pick("Resource")
    resource = rng.choice(["arn:aws:s3:::b/a", "arn:aws:s3:::c", "*"]) if resource == "*" else filled(rng, resource)
    context = {}
    for other in statements:
        for operator, keys in other.get("Condition", {}).items():
            plain = operator.rpartition(":")[2].removesuffix("IfExists")
            for key, values in keys.items():
                if plain == "Null" or rng.random() < 0.25:
                    continue
                many = operator.startswith("For")
                count = rng.randint(1, 2) if many else 1
                context[key.lower()] = sorted({near(rng, plain, rng.choice(common.listed(values))) for _ in range(count)})
    return {"action": action, "resource": resource, "context": context}


def encodable(documents):
    """What both programs understand: identity policies, no variables, no session policy (the simulator's unchecked mode has none)."""
    text = json.dumps(documents)
    return "${" not in text and "Principal\"" not in text


def replay(simulator, question, verdict, rows, wrong, kind):
    request = verdict["counterexample"]
    if request["resource"] is None:
        return
    inner = simulator.ask(inner_side(question), request)
    outer = simulator.ask({"identity": question["outer"]}, request)
    if (inner, outer) == ("allowed", "denied"):
        common.count(rows, f"{kind}, replayed", "agree")
    elif masked := mask(question, request):
        common.count(rows, f"{kind}, replayed", f"masked: {masked}")
    else:
        common.count(rows, f"{kind}, replayed", "DISAGREE")
        wrong.append({"question": question, "request": request, "inner": inner, "outer": outer})
    checked = simulator.ask(inner_side(question), request, checked=True)
    common.count(rows, f"{kind}, as a legal request", "accepted" if checked in ("allowed", "denied") else "refused")
    return checked


def compare(engine, simulator, side, rng, rows, wrong, kind):
    documents = [*side["identity"], *([side["boundary"]] if "boundary" in side else []), *(d for level in side.get("scps", []) for d in level)]
    request = requests(rng, documents)
    question = {"documents": side["identity"], "request": request}
    for name in ("boundary", "scps"):
        if name in side:
            question[name] = side[name]
    ours = engine.ask(question)
    if "error" in ours or ours["access"] == "unclear":
        common.count(rows, f"{kind}, requests", "unclear")
        return
    theirs = simulator.ask(side, request)
    if theirs == ours["access"]:
        common.count(rows, f"{kind}, requests", f"agree, {theirs}")
    elif masked := mask(documents, request):
        common.count(rows, f"{kind}, requests", f"masked: {masked}")
    else:
        common.count(rows, f"{kind}, requests", "DISAGREE")
        wrong.append({"side": side, "request": request, "ours": ours["access"], "theirs": theirs})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument("--requests", type=int, default=8, help="concrete requests for each pair")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=int, default=200, help="the most patterns of a managed policy")
    parser.add_argument("--kinds", default="managed,mutated,synthetic,composed")
    options = parser.parse_args()
    engine, simulator = common.Engine(), Simulator()
    canary(engine, simulator)
    rng = common.seeded(options.seed)
    rows, wrong, refusals = {}, [], {}
    for kind, question in common.questions(rng, engine.managed(), options.kinds.split(","), options.limit):
        if options.pairs == 0:
            break
        options.pairs -= 1
        question.pop("session", None)
        verdict = engine.ask(question)
        if verdict.get("open") == "outside" and "${" not in json.dumps(question):
            checked = replay(simulator, question, verdict, rows, wrong, kind)
            if checked not in (None, "allowed", "denied"):
                refusals[checked] = refusals.get(checked, 0) + 1
        if encodable(question):
            side = inner_side(question)
            for _ in range(options.requests):
                compare(engine, simulator, side, rng, rows, wrong, kind)
    common.table("iam-simulate", dict(sorted(rows.items())))
    for why, number in sorted(refusals.items(), key=lambda one: -one[1])[:8]:
        print(f"refused {number}: {why[:160]}")
    for one in wrong:
        print(f"DISAGREE {json.dumps(one)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""Policies as formulas over strings, numbers and sets, for z3 and, through SMT-LIB text, for cvc5.

Written from AWS's documents, with none of the engine's code. The world: any action name and any resource string, keys that
are independent and optional but for those that AWS always sends. Where AWS's documents contradict each other one reading
is taken; a verdict of the engine has to hold in each. `Unencodable` says what stays outside of the encoding.
"""

import datetime
import fractions
import ipaddress
import re

import common

try:
    import z3
except ModuleNotFoundError:
    common.refuse("z3 is missing: pip install z3-solver==5.4.0")

# Sent with every signed request.
ALWAYS = {
    "aws:currenttime", "aws:epochtime", "aws:principalaccount", "aws:principalarn", "aws:principaltype",
    "aws:requestedregion", "aws:securetransport", "aws:userid",
}
# Several values; without a set operator AWS does not say what a condition on them means.
MULTIVALUED = {
    "aws:calledvia", "aws:principalorgpaths", "aws:principalservicenameslist", "aws:resourceorgpaths", "aws:sourceorgpaths",
    "aws:tagkeys", "aws:vpceorgpaths", "dynamodb:attributes", "dynamodb:leadingkeys", "sts:transitivetagkeys",
}
VARIABLE = re.compile(r"\$\{([^}]*)\}")
ANY = z3.AllChar(z3.ReSort(z3.StringSort()))
NO_COLON = z3.Diff(ANY, z3.Re(":"))


class Unencodable(Exception):
    pass


def any_of(*parts):
    """Other solvers refuse a disjunction of nothing."""
    return z3.Or(*parts) if parts else z3.BoolVal(False)


def all_of(*parts):
    return z3.And(*parts) if parts else z3.BoolVal(True)


def string(text):
    return z3.StringVal("".join(c if 32 <= ord(c) < 127 and c != "\\" else f"\\u{{{ord(c):x}}}" for c in text))


def regex(tokens, any_letter=ANY):
    """Tokens: one-letter strings, or the marks `*` and `?` as tuples."""
    parts, run = [], ""
    for token in [*tokens, None]:
        if isinstance(token, str):
            run += token
            continue
        if run:
            parts.append(z3.Re(string(run)))
            run = ""
        if token is not None:
            parts.append(z3.Star(any_letter) if token == ("*",) else any_letter)
    if not parts:
        return z3.Re(z3.StringVal(""))
    return z3.Concat(*parts) if len(parts) > 1 else parts[0]


def tokens(text):
    return [(c,) if c in "*?" else c for c in text]


def family(operator):
    if operator.startswith(("String", "Arn", "Binary")):
        return "string"
    if operator.startswith("Numeric"):
        return "number"
    if operator.startswith("Date"):
        return "date"
    if operator == "Bool":
        return "bool"
    return "ip"


def split_operator(operator):
    """(set operator, plain operator, whether it ends in IfExists)"""
    head, _, plain = operator.rpartition(":")
    exists = plain.endswith("IfExists")
    return head, plain.removesuffix("IfExists"), exists


def number(text):
    if not re.fullmatch(r"-?\d+(\.\d+)?", text):
        raise Unencodable(f"number {text!r}")
    return fractions.Fraction(text)


def moment(text):
    if re.fullmatch(r"-?\d+", text):
        return fractions.Fraction(text)
    try:
        value = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise Unencodable(f"date {text!r}") from error
    if value.tzinfo is None:
        raise Unencodable(f"date without a zone {text!r}")
    delta = value - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return fractions.Fraction(delta // datetime.timedelta(microseconds=1), 1_000_000)


class Key:
    """The values of one condition key. `elements`: (used, value) for a set; one for a plain key."""

    def __init__(self, world, name, kind, many):
        self.many = many
        # Two names of one moment, in two spellings.
        clock = name in ("aws:currenttime", "aws:epochtime")
        self.kind = "date" if clock else kind
        self.name = "aws:currenttime" if clock else name
        self.elements = []
        for index in range(many or 1):
            used = z3.Bool(f"{self.name}#{index}")
            self.elements.append((used, self.value(index)))
        self.present = any_of(*(used for used, _ in self.elements))
        if name in ALWAYS:
            world.append(self.present)

    def value(self, index):
        name = f"{self.name}={index}"
        if self.kind == "string":
            return z3.String(name)
        if self.kind in ("number", "date"):
            return z3.Real(name)
        if self.kind == "bool":
            return z3.Bool(name)
        return (z3.Bool(name + "v6"), z3.BitVec(name + "4", 32), z3.BitVec(name + "6", 128))

    def fixed(self, values):
        """The key has just these values."""
        if len(values) > len(self.elements):
            raise Unencodable("more values than the encoding has room for")
        out = []
        for index, (used, value) in enumerate(self.elements):
            if index >= len(values):
                out.append(z3.Not(used))
                continue
            out.append(used)
            out.append(self.equal(value, values[index]))
        return all_of(*out)

    def equal(self, value, text):
        if self.kind == "string":
            return value == string(text)
        if self.kind == "number":
            return value == z3.RealVal(str(number(text)))
        if self.kind == "date":
            return value == z3.RealVal(str(moment(text)))
        if self.kind == "bool":
            if text.lower() not in ("true", "false"):
                raise Unencodable(f"boolean {text!r}")
            return value == (text.lower() == "true")
        address = ipaddress.ip_address(text)
        six, v4, v6 = value
        return z3.And(six, v6 == int(address)) if address.version == 6 else z3.And(z3.Not(six), v4 == int(address))


class Encoding:
    """Both sides of one question, over one set of variables. `variables`: what each `${key}` stands for."""

    def __init__(self, question, variables=None, odd_arns=False):
        self.world = []
        self.action = z3.String("action")
        self.resource = z3.String("resource")
        self.variables = variables or {}
        self.odd_arns = odd_arns
        self.keys = self.find_keys(question)
        for name, value in self.variables.items():
            if name in self.keys:
                self.world.append(self.keys[name].fixed([value]))
        layers = [question["inner"], *([[question["boundary"]]] if question.get("boundary") else [])]
        layers += [question["session"]] if question.get("session") else []
        layers += [level for level in question.get("scps", []) if level]
        self.inner = all_of(*(self.allows(layer) for layer in layers))
        self.outer = self.allows(question["outer"])
        self.names = z3.InRe(
            self.action,
            z3.Concat(
                z3.Plus(z3.Union(z3.Range("a", "z"), z3.Range("0", "9"), z3.Re("-"))),
                z3.Re(":"),
                z3.Plus(z3.Union(z3.Range("a", "z"), z3.Range("0", "9"))),
            ),
        )

    def find_keys(self, question):
        found, sets, plain, used = {}, {}, set(), {}
        documents = [*question["inner"], *question["outer"], *question.get("session", [])]
        documents += [question["boundary"]] if question.get("boundary") else []
        documents += [document for level in question.get("scps", []) for document in level]
        for document in documents:
            for statement in common.statements(document):
                for operator, keys in statement.get("Condition", {}).items():
                    head, name, _ = split_operator(operator)
                    for key in map(str.lower, keys):
                        used.setdefault(key, set())
                        if name == "Null":
                            continue
                        used[key].add(family(name))
                        if head:
                            sets[key] = sets.get(key, 0) + 1
                        else:
                            plain.add(key)
        for key, kinds in used.items():
            if len(kinds) > 1:
                raise Unencodable(f"{key} has values of several types")
            if key in plain and (key in sets or key in MULTIVALUED):
                raise Unencodable(f"{key} has several values and no set operator")
            if sets.get(key, 0) > 4:
                raise Unencodable(f"{key} stands in more than four set conditions")
            found[key] = Key(self.world, key, next(iter(kinds), "string"), sets.get(key, 0))
        return found

    def allows(self, documents):
        allowed, denied = [], []
        for document in documents:
            variables = document.get("Version") == "2012-10-17"
            for statement in common.statements(document):
                (allowed if statement["Effect"] == "Allow" else denied).append(self.matches(statement, variables))
        return z3.And(any_of(*allowed), z3.Not(any_of(*denied)))

    def matches(self, statement, variables):
        if any(name in statement for name in ("Principal", "NotPrincipal")):
            raise Unencodable("principals")
        parts = []
        for name in ("Action", "NotAction"):
            if name in statement:
                hit = any_of(*(self.action_matches(one) for one in common.listed(statement[name])))
                parts.append(z3.Not(hit) if name.startswith("Not") else hit)
        for name in ("Resource", "NotResource"):
            if name in statement:
                hit = any_of(*(self.resource_matches(one, variables) for one in common.listed(statement[name])))
                parts.append(z3.Not(hit) if name.startswith("Not") else hit)
        for operator, keys in statement.get("Condition", {}).items():
            parts += [self.holds(operator, key, common.listed(values), variables) for key, values in keys.items()]
        return all_of(*parts)

    def action_matches(self, pattern):
        if pattern in ("*", "*:*"):
            return z3.BoolVal(True)
        service, _, _ = pattern.partition(":")
        if ":" not in pattern or any(c in service for c in "*?") or any(c.isspace() for c in pattern):
            raise Unencodable(f"action {pattern!r}")
        return z3.InRe(self.action, regex(tokens(pattern.lower())))

    def resource_matches(self, pattern, variables):
        if pattern == "*":
            return z3.BoolVal(True)
        return z3.InRe(self.resource, regex(self.filled(pattern, variables)))

    def filled(self, pattern, variables):
        """Tokens with each variable replaced by the letters of its value."""
        if not variables or "${" not in pattern:
            return tokens(pattern)
        out, at = [], 0
        for found in VARIABLE.finditer(pattern):
            out += tokens(pattern[at : found.start()])
            at = found.end()
            name = found.group(1).split(",")[0].strip().lower()
            if name in ("*", "?", "$"):
                out += list(name)
            elif "," in found.group(1) or name in MULTIVALUED or name not in self.variables:
                raise Unencodable(f"variable {found.group(0)}")
            else:
                out += list(self.variables[name])
        return out + tokens(pattern[at:])

    def holds(self, operator, name, values, variables):
        head, plain, exists = split_operator(operator)
        key = self.keys[name.lower()]
        values = [str(value).lower() if isinstance(value, bool) else str(value) for value in values]
        if plain == "Null":
            return any_of(*(z3.Not(key.present) if value == "true" else key.present for value in values))
        negated = "Not" in plain
        positive = plain.replace("Not", "")
        one = lambda value: any_of(*(self.compare(positive, negated, value, want, variables) for want in values))
        hits = [(used, z3.Not(one(value)) if negated else one(value)) for used, value in key.elements]
        if head == "ForAllValues":
            return all_of(*(z3.Implies(used, hit) for used, hit in hits))
        if head == "ForAnyValue":
            return any_of(*(z3.And(used, hit) for used, hit in hits))
        if head:
            raise Unencodable(operator)
        hit = hits[0][1]
        return z3.Or(z3.Not(key.present), hit) if exists or negated else z3.And(key.present, hit)

    def compare(self, operator, negated, value, want, variables):
        if operator == "StringEquals" or operator == "BinaryEquals":
            literal = [t if isinstance(t, str) else t[0] for t in self.filled(want, variables)]
            return value == string("".join(literal))
        if operator == "StringEqualsIgnoreCase":
            literal = [t if isinstance(t, str) else t[0] for t in self.filled(want, variables)]
            parts = [z3.Union(z3.Re(string(c.lower())), z3.Re(string(c.upper()))) if c.isalpha() else z3.Re(string(c)) for c in literal]
            return z3.InRe(value, z3.Concat(*parts) if len(parts) > 1 else parts[0]) if parts else value == z3.StringVal("")
        if operator == "StringLike":
            return z3.InRe(value, regex(self.filled(want, variables)))
        if operator in ("ArnEquals", "ArnLike"):
            return self.arn(value, self.filled(want, variables), negated)
        if operator.startswith(("Numeric", "Date")):
            limit = z3.RealVal(str((number if operator.startswith("Numeric") else moment)(want)))
            order = operator.removeprefix("Numeric").removeprefix("Date")
            return {
                "Equals": value == limit, "LessThan": value < limit, "LessThanEquals": value <= limit,
                "GreaterThan": value > limit, "GreaterThanEquals": value >= limit,
            }[order]
        if operator == "Bool":
            if want.lower() not in ("true", "false"):
                raise Unencodable(f"boolean {want!r}")
            return value == (want.lower() == "true")
        if operator in ("IpAddress",):
            return self.address(value, want)
        raise Unencodable(operator)

    def arn(self, value, pattern, negated):
        parts = [[]]
        for token in pattern:
            if token == ":" and len(parts) < 6:
                parts.append([])
            else:
                parts[-1].append(token)
        if len(parts) < 6:
            raise Unencodable("an ARN with fewer than six parts")
        out = []
        for index, part in enumerate(parts):
            out += [regex(part, ANY if index == 5 else NO_COLON)] + ([z3.Re(":")] if index < 5 else [])
        hit = z3.InRe(value, z3.Concat(*out))
        if not (negated and self.odd_arns):
            return hit
        # The other reading: what is no ARN fulfils no ARN operator, a negated one neither.
        segment = z3.Concat(z3.Star(NO_COLON), z3.Re(":"))
        well_formed = z3.InRe(value, z3.Concat(*[segment] * 5, z3.Star(ANY)))
        return z3.Or(hit, z3.Not(well_formed))

    def address(self, value, want):
        block = ipaddress.ip_network(want, strict=False)
        six, v4, v6 = value
        own, width = (v6, 128) if block.version == 6 else (v4, 32)
        free = width - block.prefixlen
        same = z3.BoolVal(True) if free == width else z3.LShR(own, free) == z3.LShR(z3.BitVecVal(int(block.network_address), width), free)
        return z3.And(six if block.version == 6 else z3.Not(six), same)

    def gap(self):
        """There is a request that inner allows and outer does not."""
        return [*self.world, self.names, self.inner, z3.Not(self.outer)]

    def request(self, example):
        """Likewise, and it is this one."""
        out = [*self.world, self.inner, z3.Not(self.outer)]
        out.append(self.action == string(example["action"].lower()))
        out.append(self.resource == string(example["resource"]))
        context = {name.lower(): values for name, values in example["context"].items()}
        clock = {"aws:currenttime", "aws:epochtime"}
        for name, key in self.keys.items():
            if context.get(name):
                out.append(key.fixed(context[name]))
            elif name not in ALWAYS and not (name in clock and clock & set(context)):
                out.append(z3.Not(key.present))
        return out


def variables_of(question):
    """The keys that stand as variables somewhere."""
    import json

    names = (found.split(",")[0].strip().lower() for found in VARIABLE.findall(json.dumps(question)))
    return sorted(name for name in set(names) if name not in ("*", "?", "$"))


def solve(constraints, milliseconds):
    """`sat`, `unsat` or `unknown`."""
    solver = z3.Solver()
    solver.set("timeout", milliseconds)
    solver.add(*constraints)
    return str(solver.check())


def smt2(constraints):
    """The same question as text, for other solvers."""
    solver = z3.Solver()
    solver.add(*constraints)
    return "(set-logic ALL)\n(set-option :strings-exp true)\n" + solver.to_smt2()

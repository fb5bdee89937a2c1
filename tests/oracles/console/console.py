"""Terraform's functions, computed by Terraform and by us: generated calls with edge arguments, held against each other.

    python3 tests/oracles/console/console.py --calls 4000 [--seed N] [--function NAME] [--show 40]

Ours has to be equal or unknown; what Terraform refuses has to be refused or unknown. `NHI_EVALUATE` names a built
`linter/examples/evaluate.rs`. Standard library only; terraform plans outputs, which needs no provider and no network.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]


def quote(text):
    out = ""
    for c in text:
        if c in '"\\':
            out += "\\" + c
        elif c in "\n\r\t":
            out += {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[c]
        elif ord(c) < 32 or ord(c) in (0x85, 0x2028, 0x2029, 0xFEFF):
            out += "\\u%04x" % ord(c)
        else:
            out += c
    return '"' + out.replace("${", "$${").replace("%{", "%%{") + '"'


STRINGS = [
    "", " ", "a", "b", "A", "ab", "abc", "hello world", "a,b,c", "a/b/c", "/a/b/", "../x", "./y//z/..", "~", "~/x", "é", "e\u0301",
    "ÀÉ", "ß", "straße", "日本", "😀", "👨‍👩‍👧", "a\nb", "a\r\nb\n", "\n", "  x  ", "\ttab\t", "1", "01", "-5", "1.5", "1e3", "1e400",
    "0x10", "true", "false", "TRUE", "0", "null", "arn:aws:iam::123456789012:role/x", "a.b.c", "a-b_c d", "<&>", "\u2028", "%s",
    "$1", "aXbXc", "xx", "foo bar-baz qux_quux", "İ", "ΑΣ", "ǆ", "\u0007", '"', "\\", "it's", "{}", "[]",
]
NUMBERS = [
    "0", "1", "2", "3", "-1", "-2", "10", "1.5", "-0.5", "0.1", "0.2", "1e3", "100000", "1000000", "12345678901234567890", "1e21",
    "1e-7", "1e40", "1e400", "0.1+0.2", "1/3", "-7.25", "255", "1024", "3.0", "123456789012345678901234567890.5", "2.5", "3.5", "0.00001",
]
REGEXES = [
    "a", "[a-c]+", "(a)(b)?", "(?P<x>a)(?P<y>.*)", "^.", ".$", "\\d+", "\\w+", "\\s", "[^a]", "a|b", "x*", "(?:a)(b)", "[[:alpha:]]+", "\\bfoo",
    "(", "[\\d.]+", "b*?", "(?i)A", "é", ".", "\\.", "[]a]", "[a[]", "\\pL", "(?s)a.b", "(?m)^b", "a{2}", "\\S+", "\\W", "$",
]
DATES = [
    "2018-01-02T03:04:05Z", "2020-02-29T23:59:59-08:00", "2018-01-02T12:04:05+00:00", "1999-12-31T00:00:00.123Z", "2018-13-01T00:00:00Z",
    "2018-01-02", "x", "2018-01-02T24:00:00Z", "2018-02-30T00:00:00Z", "2018-01-02 03:04:05Z", "2018-01-02T03:04:05", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
]
DURATIONS = ["1h", "-1h30m", "1.5s", "10m", "0", "", "1d", "100h", "1h1", ".5h", "1us", "8760h", "-0.5ms", "1e3s", "99999999h"]
FORMATS = [
    "YYYY-MM-DD", "DD MMM YYYY hh:mm ZZZ", "EEEE, DD-MMM-YY hh:mm:ss ZZZ", "EEE, DD MMM YYYY hh:mm:ss ZZZ", "HH:mmaa", "H AA h m s M D", "'it''s' Z", "ZZZZ ZZZZZ", "YYY", "'x", "X", "é YY",
]
CIDRS = [
    "10.0.0.0/8", "192.168.1.5/24", "0.0.0.0/0", "10.0.0.0/32", "fd00::/8", "2001:db8::1/64", "::/0", "10.0.0.0", "10.0.0.0/33", "300.0.0.0/8", "010.1.0.0/16", "fe80::1/128", "x", "172.16.0.0/12", "1.2.3/8",
]
VERBS = [
    "%s", "%d", "%v", "%q", "%t", "%#v", "%5s", "%-5s|", "%05d", "%+d", "% d", "%x", "%X", "%o", "%b", "%e", "%E", "%f", "%.2f", "%8.3f", "%g", "%G", "%.3g", "%.2s",
    "%[1]s", "%[2]v-%[1]v", "%%", "%s-%s", "%z", "%", "%05s", "%#x", "%010.2f", "%-8d|", "%.0f", "%.3d", "%+.1e", "x", "%s %d %v", "%5v", "%-5q|", "%5t",
]
YAMLS = [
    "a: 1", "- a\n- b\n", "a:\n  b: [1, {c: d}]\n", "'x'", '"\\u00e9\\n"', "|\n  x\n  y\n", ">-\n  x\n  y\n", "yes", "~", "017", "0x1f", "1.50", "1e3", "+1", "-.5", "2001-12-14", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43",
    "a: &x 1\nb: *x", "x: &x {p: 1}\ny:\n  <<: *x\n  q: 2\n", "a: 1\na: 2", "", "# c", "---\na: 1\n", "a: 1\n---\nb: 2\n", "!!str 1", "!!int '7'", "!x 1", "{a: 1, b: }", "[a, b", "a: b: c", "- - 1\n  - 2\n", "? a\n: b\n", "null: 1", "true: 1", "on: x", "a: 'it''s'", "\"a\": !!binary aGk=", "a: |+\n  x\n\n", "k: v # c", "k: 'v' # c", "a: @x", "a: `x", "- *y", "a: 1_000", "a: .5", "a: 1.", "a: -", "a:\tb", "...", "a: !!float 1", "!!bool yes", "!!null ''", "a: 12:30:45", "%YAML 1.1\n---\na", "é: ü", "a: \"x\n  y\"", "a: x\n  y", "!!timestamp 2001-01-01", "0b11", "0o17", "1__0", "-1", "a: []", "a: {}",
]
JSONS = ["{}", "[]", "1", "-0", "1.50", "1e2", "1E400", '"x"', '"\\u00e9\\ud83d\\ude00"', "null", "true", '{"a":1,"a":2}', '{"b":[1,{"c":null}]}', " 1 ", "1 2", "", "{", "01", "nul", '{"a":}', '"\\x"', "'a'", '[1,]', '"a\nb"', "123456789012345678901234567890", "0.1"]
CSVS = ["a,b\n1,2\n", "a\n", "", "a,a\n1,2", "a,b\n1", 'a\n"x""y"\n', 'a\nx"y', 'a\n"x"y', "a,b\r\n1,2\r\n", "\n\na\n\nb\n", 'a\n"l1\nl2"', "a,b\n,\n", " a , b\n1, 2", 'a\n"x', "é\nü", "a\r"]
BASE64S = ["aGVsbG8=", "YQ==", "YQ", "/w==", "", "!", "6QCsIA==", "w6k=", "YR==", "a Gk=", "aG\nk="]
CHARSETS = ["UTF-8", "utf-8", "UTF-16", "UTF-16LE", "UTF-16BE", "ISO-8859-1", "latin1", "windows-1252", "ASCII", "x", "Shift_JIS"]


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, items):
        return self.random.choice(items)

    def primitive(self):
        return self.pick([self.str, self.num, self.bool])()

    def str(self):
        return quote(self.pick(STRINGS))

    def num(self):
        return self.pick(NUMBERS) if self.random.random() < 0.9 else quote(self.pick(NUMBERS))

    def small(self):
        return self.pick(["0", "1", "2", "3", "4", "-1", "-2", "1.5", '"1"', "8", "16", "100"])

    def bool(self):
        return self.pick(["true", "false", '"true"', '"1"', '"x"'])

    def items(self, make, most=4):
        return [make() for _ in range(self.random.randint(0, most))]

    def list(self, make=None):
        make = make or self.pick([self.str, self.str, self.num, self.primitive, self.value])
        items = self.items(make)
        if self.random.random() < 0.1:
            items.insert(0, "null")
        text = "[" + ", ".join(items) + "]"
        return self.pick(["%s", "%s", "%s", "tolist(%s)", "toset(%s)"]) % text

    def strs(self):
        return self.list(self.str)

    def nums(self):
        return self.list(self.num)

    def bools(self):
        return self.list(self.bool)

    def lists(self):
        return self.list(self.strs)

    def map(self, make=None):
        make = make or self.pick([self.str, self.num, self.primitive, self.value])
        keys = self.random.sample(["a", "b", "c", '"d e"', '"é"', '"1"', '"A"'], self.random.randint(0, 4))
        text = "{" + ", ".join("%s = %s" % (key, make()) for key in keys) + "}"
        return self.pick(["%s", "%s", "tomap(%s)"]) % text

    def maplists(self):
        return self.map(self.strs)

    def key(self):
        return self.pick(['"a"', '"b"', '"c"', '"z"', '"1"', "1"])

    def value(self):
        kind = self.random.random()
        if kind < 0.5:
            return self.primitive()
        if kind < 0.6:
            return "null"
        return self.list(self.primitive) if kind < 0.8 else self.map(self.primitive)

    def deep(self):
        return self.pick([self.value, self.lists, self.maplists, lambda: self.map(self.map), lambda: self.list(self.map)])()

    def one_of(self, texts):
        return lambda: quote(self.pick(texts))

    def table(self):
        s, n, v = self.str, self.num, self.value
        many = lambda make, least=0: lambda: [make() for _ in range(self.random.randint(least, 3))]
        regex, date, cidr = self.one_of(REGEXES), self.one_of(DATES), self.one_of(CIDRS)
        return {
            "abs": [n], "alltrue": [self.bools], "anytrue": [self.bools], "base64decode": [self.one_of(BASE64S)],
            "base64encode": [s], "base64sha256": [s], "base64sha512": [s], "basename": [s], "ceil": [n], "chomp": [s],
            "chunklist": [self.list, self.small], "cidrhost": [cidr, self.pick([self.small, lambda: self.pick(["255", "256", "-256", "65536", "1e10"])])],
            "cidrnetmask": [cidr], "cidrsubnet": [cidr, self.small, self.small], "cidrsubnets": [cidr, many(self.small)],
            "coalesce": [many(v, 1)], "coalescelist": [many(self.list, 1)], "compact": [self.strs], "concat": [many(self.list, 1)],
            "contains": [self.list, self.primitive], "csvdecode": [self.one_of(CSVS)], "dirname": [s], "distinct": [self.list],
            "element": [self.list, self.small], "endswith": [s, s], "flatten": [self.lists], "floor": [n],
            "format": [self.one_of(VERBS), many(v, 0)], "formatdate": [self.one_of(FORMATS), date],
            "formatlist": [self.one_of(VERBS), many(self.pick([self.strs, v, self.nums]), 0)], "indent": [self.small, s], "index": [self.list, self.primitive],
            "join": [s, many(self.strs, 1)], "jsondecode": [self.one_of(JSONS)], "jsonencode": [self.deep], "keys": [self.map],
            "length": [self.pick([self.list, self.map, s])], "log": [self.pick([self.small, n]), self.small], "lookup": [self.map, self.key, many(self.primitive, 0)],
            "lower": [s], "matchkeys": [self.list, self.list, self.list], "max": [many(n, 1)], "md5": [s], "merge": [many(self.map, 0)], "min": [many(n, 1)],
            "one": [self.list], "parseint": [self.one_of(["ff", "FF", "12", "-7", "+7", "zz", "Zz", "1.5", "", "0x1", "99999999999999999999"]), lambda: self.pick(["10", "16", "2", "36", "62", "1", "63", "8"])],
            "pow": [self.small, self.pick([self.small, n])], "range": [many(self.small, 1)], "regex": [regex, s], "regexall": [regex, s],
            "replace": [s, self.pick([s, lambda: quote("/" + self.pick(REGEXES) + "/")]), self.one_of(["", "x", "$1", "${1}y", "$$", "$1x", "-$x"])],
            "reverse": [self.list], "setintersection": [many(self.strs, 1)], "setproduct": [many(self.strs, 1)], "setsubtract": [self.list, self.list],
            "setunion": [many(self.list, 1)], "sha1": [s], "sha256": [s], "sha512": [s], "signum": [n], "slice": [self.list, self.small, self.small],
            "sort": [self.strs], "split": [s, s], "startswith": [s, s], "strcontains": [s, s], "strrev": [s], "substr": [s, self.small, self.small],
            "sum": [self.nums], "textdecodebase64": [self.one_of(BASE64S), self.one_of(CHARSETS)], "textencodebase64": [s, self.one_of(CHARSETS)],
            "timeadd": [date, self.one_of(DURATIONS)], "timecmp": [date, date], "title": [s], "tobool": [v], "tolist": [self.list], "tomap": [self.map],
            "tonumber": [self.pick([n, s, v])], "toset": [self.list], "tostring": [v], "transpose": [self.maplists], "trim": [s, s], "trimprefix": [s, s],
            "trimspace": [s], "trimsuffix": [s, s], "upper": [s], "urlencode": [s], "uuidv5": [self.one_of(["dns", "url", "oid", "x500", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "x"]), s],
            "values": [self.map], "yamldecode": [self.one_of(YAMLS)], "yamlencode": [self.deep], "zipmap": [self.strs, self.list],
            "try": [many(lambda: self.call(None), 1)], "can": [lambda: self.call(None)], "pathexpand": [s], "nonsensitive": [v], "length ": [v],
        }

    def call(self, name):
        table = self.table()
        name = name or self.pick(sorted(table))
        arguments = []
        for make in table[name]:
            made = make()
            arguments.extend(made if isinstance(made, list) else [made])
        wrong = self.random.random()
        if wrong < 0.08 and arguments:
            arguments[self.random.randrange(len(arguments))] = self.pick([self.deep(), "null", self.primitive()])
        elif wrong < 0.10:
            arguments.append(self.primitive())
        elif wrong < 0.12 and arguments:
            arguments.pop()
        return "%s(%s)" % (name.strip(), ", ".join(arguments))

    def calls(self, count, function):
        names = [function] if function else sorted(self.table())
        return [self.call(names[index % len(names)]) for index in range(count)]


REFUSED = "refused"


def write(folder, calls):
    text = "".join('output "o%d" {\n  value = try(jsonencode([%s]), "%s")\n}\n' % (i, call, REFUSED) for i, call in enumerate(calls))
    (folder / "main.tf").write_text(text)


def of_terraform(folder, count):
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": str(folder / "rc"), "CHECKPOINT_DISABLE": "1"}
    (folder / "rc").write_text("")
    run = lambda *arguments: subprocess.run(["terraform", *arguments], cwd=folder, capture_output=True, text=True, env=environment)
    planned = run("plan", "-out=plan", "-input=false", "-no-color", "-lock=false")
    if planned.returncode:
        raise SystemExit("terraform plan failed:\n" + planned.stderr[-3000:])
    outputs = json.loads(run("show", "-json", "plan").stdout)["planned_values"]["outputs"]
    return [outputs["o%d" % index].get("value") for index in range(count)]


def of_ours(folder, count):
    program = os.environ.get("NHI_EVALUATE")
    if program is None:
        build = ["cargo", "build", "--quiet", "--locked", "--profile", "profiling", "-p", "nhi-lint", "--example", "evaluate"]
        subprocess.run(build, cwd=ROOT, check=True)
        target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
        program = str(target / "profiling" / "examples" / "evaluate")
    done = subprocess.run([program, str(folder)], capture_output=True, text=True, check=True)
    outputs = json.loads(done.stdout)["outputs"]
    return [outputs["o%d" % index] for index in range(count)]


def fits(pieces, text):
    """Whether the known pieces of ours stand in Terraform's, in order."""
    at = 0
    for index, piece in enumerate(pieces):
        if piece is None:
            continue
        if index == 0:
            found = 0 if text.startswith(piece) else -1
        elif index == len(pieces) - 1:
            found = len(text) - len(piece) if text.endswith(piece) else -1
        else:
            found = text.find(piece, at)
        if found < at:
            return False
        at = found + len(piece)
    return True


def verdict(theirs, ours):
    if theirs is None:
        return "theirs is unknown"
    if isinstance(ours, str):
        return "equal" if theirs == ours else "different"
    if "pieces" in ours and (theirs == REFUSED or not fits(ours["pieces"], theirs)):
        # A hole may still turn out to be an error.
        return "known in part" if theirs == REFUSED else "different"
    return "known in part" if "pieces" in ours else "unknown"


# What is wrong must be found wrong: theirs, ours.
LIES = [("[1]", "[2]"), ("[1]", '["1"]'), (REFUSED, "[1]"), ("[1]", REFUSED), ('["ab"]', {"pieces": ['["b', None]}), ("[]", {"pieces": [None, "x]"]})]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--function")
    parser.add_argument("--show", type=int, default=20)
    options = parser.parse_args()
    if shutil.which("terraform") is None:
        sys.exit("terraform is not installed")
    for lie in LIES:
        if verdict(*lie) != "different":
            print("refused to run: it takes %s and %s for the same" % lie, file=sys.stderr)
            sys.exit(2)
    calls = Generator(options.seed).calls(options.calls, options.function)
    counts = collections.Counter()
    open_by_name = collections.Counter()
    never = collections.Counter()
    shown = 0
    for start in range(0, len(calls), 1000):
        batch = calls[start : start + 1000]
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            write(folder, batch)
            results = zip(batch, of_terraform(folder, len(batch)), of_ours(folder, len(batch)))
            for call, theirs, ours in results:
                found = verdict(theirs, ours)
                counts[found] += 1
                if found == "theirs is unknown":
                    never[call.split("(")[0]] += 1
                if found in ("unknown", "known in part"):
                    open_by_name[call.split("(")[0]] += 1
                if found == "different" and shown < options.show:
                    shown += 1
                    print("different: %s\n  terraform: %s\n  ours:      %s" % (call, theirs, ours))
    print("console: seed %d: %s" % (options.seed, ", ".join("%d %s" % (counts[name], name) for name in sorted(counts))))
    print("  not known by function: %s" % ", ".join("%s %d" % pair for pair in open_by_name.most_common(16)))
    if never:
        print("  not known to terraform: %s" % ", ".join("%s %d" % pair for pair in never.most_common()))
    sys.exit(1 if counts["different"] else 0)


if __name__ == "__main__":
    main()

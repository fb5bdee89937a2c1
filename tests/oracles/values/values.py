"""Real plans against our evaluation of the same folders.

Each value must be equal, or unknown here where the reason is listed. What the plan does not know, and we say something
about, is what the folder is applied for: it must be what the value is then.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
from decimal import Decimal

from generate import module

ROOT = pathlib.Path(__file__).resolve().parents[3]
UNKNOWN = object()

# Why a value that Terraform knows may be unknown here, by what the origin says.
REASONS = [
    ("a place that the plan does not tell", re.compile(r"path\.cwd|terraform\.workspace")),
    ("a resource as a whole has attributes of many types", re.compile("a map of a resource's attributes")),
    ("its type hangs on a value that is not known here", re.compile("of the type of one that is not known")),
    ("how the elements of a set stand is not known here", re.compile(r"to?set\w*\(\)#")),
    ("an index or key into what is unknown", re.compile(r"…\[")),
    ("it derives from what is unknown, and Terraform's functions look no closer", re.compile(r"terraform_data\.\w+")),
]

# What Terraform refuses because it knows the types of values that are not known yet, and of nulls: here they have none.
TYPED = re.compile(r"terraform_data[^\n]* \? |\? [^\n]*terraform_data|to(map|list|set)\(")

# What is said of a value must be found wrong where it is wrong.
LIES = [
    ("of another type", "3", Decimal(3)), ("of another value", "a", "b"), ("shorter", [Decimal(1)], []),
    ("another key", {"a": None}, {"b": None}), ("a piece that is not in it", "abc", {"unknown": "x", "pieces": ["b", None]}),
    ("without a reason", "a", {"unknown": "nothing that is listed"}), ("null", None, Decimal(0)), ("not refused", "refused", True),
]

CANARIES = {
    "main.tf": """
output "sum"    { value = 1 + 2 }
output "set"    { value = { for k, v in toset(["b", "a"]) : k => v } }
output "string" { value = true ? 1 : "a" }
output "id"     { value = terraform_data.x.id }
output "can"    { value = can(terraform_data.x.id) }
resource "terraform_data" "x" {}
""",
}


def evaluator():
    if "NHI_EVALUATE" in os.environ:
        return os.environ["NHI_EVALUATE"]
    build = ["cargo", "build", "--quiet", "--locked", "--profile", "profiling", "-p", "nhi-lint", "--example", "evaluate"]
    subprocess.run(build, cwd=ROOT, check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return str(target / "profiling" / "examples" / "evaluate")


def merged(value, unknown):
    """A value with what is known after apply in its places."""
    if unknown is True:
        return UNKNOWN
    if isinstance(unknown, dict) and unknown:
        return {key: merged((value or {}).get(key), unknown.get(key)) for key in {**(value or {}), **unknown}}
    if isinstance(unknown, list) and unknown:
        value = value or []
        pairs = [(value[i] if i < len(value) else None, unknown[i] if i < len(unknown) else None) for i in range(max(len(value), len(unknown)))]
        return [merged(*pair) for pair in pairs]
    return value


def theirs(folder):
    settings = {**os.environ, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
    for command in (["init", "-input=false"], ["plan", "-input=false", "-out", "plan"]):
        done = subprocess.run(["terraform", *command, "-no-color"], cwd=folder, env=settings, capture_output=True, text=True)
        if done.returncode:
            return None, done.stderr
    shown = subprocess.run(["terraform", "show", "-json", "plan"], cwd=folder, env=settings, capture_output=True, text=True, check=True)
    plan = json.loads(shown.stdout, parse_float=Decimal, parse_int=Decimal)
    changes = plan.get("output_changes", {})
    values = {f"output.{name}": merged(one.get("after"), one.get("after_unknown")) for name, one in changes.items()}
    for change in plan.get("resource_changes", []):
        after = merged(change["change"].get("after"), change["change"].get("after_unknown"))
        values[change["address"]] = after.get("input") if isinstance(after, dict) else after
    return values, None


def applied(folder):
    """What the outputs and inputs are once everything is known; nothing where Terraform refuses some of it."""
    settings = {**os.environ, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
    command = ["terraform", "apply", "-input=false", "-no-color", "plan"]
    if subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True).returncode:
        return {}
    shown = subprocess.run(["terraform", "show", "-json"], cwd=folder, env=settings, capture_output=True, text=True, check=True)
    state = json.loads(shown.stdout, parse_float=Decimal, parse_int=Decimal)["values"]
    values = {f"output.{name}": one.get("value") for name, one in state.get("outputs", {}).items()}
    modules = [state["root_module"]]
    while modules:
        module = modules.pop()
        modules += module.get("child_modules", [])
        for resource in module.get("resources", []):
            values[resource["address"]] = resource["values"].get("input")
    return values


def is_unknown(value):
    return isinstance(value, dict) and "unknown" in value and set(value) <= {"unknown", "pieces"}


def has_unknown(value):
    if is_unknown(value):
        return True
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return any(map(has_unknown, parts))


class Comparison:
    def __init__(self):
        self.source = ""
        self.counts = collections.Counter()
        self.reasons = collections.Counter()
        self.different = []
        self.open = []

    def compare(self, place, their, our, steps=()):
        """`steps` lead from the value of `place` to what is looked at."""
        if their is UNKNOWN:
            if is_unknown(our) and "pieces" not in our:
                self.counts["unknown to both"] += 1
            else:
                self.open.append((place, steps, our))
        elif is_unknown(our):
            if not self.fits(our, their):
                return self.differ(place, their, our, steps)
            if their == "refused":
                # What is not known may still be refused.
                self.counts["refused there, unknown here"] += 1
                return
            reason = next((name for name, pattern in REASONS if pattern.search(our["unknown"])), None)
            if reason is None:
                self.counts["unknown here, no reason"] += 1
                self.different.append((place, their, our))
            else:
                self.counts["unknown here"] += 1
                self.reasons[reason] += 1
        elif isinstance(their, list) and isinstance(our, list) and len(their) == len(our):
            for index, pair in enumerate(zip(their, our)):
                self.compare(place, *pair, (*steps, index))
        elif isinstance(their, dict) and isinstance(our, dict) and their.keys() == our.keys():
            for key in their:
                self.compare(place, their[key], our[key], (*steps, key))
        elif type(their) is type(our) and their == our:
            self.counts["equal"] += 1
        elif their in ([], {}) and our in ([], {}):
            self.counts["equal"] += 1
        elif their == "refused" and TYPED.search(self.expression(place)):
            self.counts["refused there, for the type of what is unknown or null"] += 1
        else:
            self.differ(place, their, our, steps)

    def later(self, values):
        """What only we say something about, held against what it came to."""
        for place, steps, our in self.open:
            their = values.get(place)
            for step in steps:
                their = their[step]
            if not values:
                self.counts["known only here, and not to be applied"] += 1
            elif self.holds(our, their):
                self.counts["known only here, true after apply"] += 1
            else:
                self.differ(f"{place} after apply", their, our, steps)
        self.open.clear()

    def fits(self, our, their):
        """Whether a value of which we know pieces can be theirs."""
        pieces = our.get("pieces")
        shown = their if isinstance(their, str) else self.text(their)
        if pieces is None or shown is None:
            return True
        pattern = ".*".join("" if piece is None else re.escape(piece) for piece in self.holes(pieces))
        return re.fullmatch(pattern, shown, re.S) is not None

    def holds(self, our, their):
        if is_unknown(our):
            return self.fits(our, their)
        if isinstance(our, list) and isinstance(their, list):
            return len(our) == len(their) and all(map(self.holds, our, their))
        if isinstance(our, dict) and isinstance(their, dict):
            return our.keys() == their.keys() and all(self.holds(our[key], their[key]) for key in our)
        return type(our) is type(their) and our == their or our in ([], {}) and their in ([], {})

    def expression(self, place):
        """What an output says; of a module's output, all that its outputs say."""
        name = re.match(r"output\.(\w+)", place)
        found = name and re.search(rf'output "{name[1]}" {{\n(.*?)\n}}\n', self.source, re.S)
        if found and "module." in found[1]:
            return self.source
        return found[1] if found else ""

    def holes(self, pieces):
        """Pieces between holes: one before, between and after each."""
        out = [""]
        for piece in pieces:
            if piece is None:
                out.append("")
            else:
                out[-1] += piece
        return out

    def text(self, value):
        if isinstance(value, bool):
            return "true" if value else "false"
        return format(value, "f") if isinstance(value, Decimal) else None

    def differ(self, place, their, our, steps=()):
        self.counts["different"] += 1
        self.different.append((place + "".join(f"[{step!r}]" for step in steps), their, our))


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def run(program, files, keep, comparison):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="nhi-values-"))
    try:
        write(folder, files)
        comparison.source = "".join(files.values())
        values, refused = theirs(folder)
        if values is None:
            comparison.counts["refused as a whole"] += 1
            if keep:
                print(refused, file=sys.stderr)
            return
        done = subprocess.run([program, str(folder)], capture_output=True, text=True, check=True)
        ours = json.loads(done.stdout, parse_float=Decimal, parse_int=Decimal)
        for problem in ours["problems"]:
            comparison.differ("problem", None, problem)
        found = {f"output.{name}": value for name, value in ours["outputs"].items()}
        found |= {address: after.get("input") for address, after in ours["resources"].items()}
        for place in sorted(found.keys() - values.keys()):
            # An output that is null is no change.
            if place.startswith("output."):
                values[place] = None
        for place in sorted(values.keys() | found.keys()):
            if place not in found or place not in values:
                comparison.differ(place, "there" if place in values else "absent", "here" if place in found else "absent")
            else:
                comparison.compare(place, values[place], found[place])
        if comparison.open:
            comparison.later(applied(folder))
    finally:
        if keep:
            print(f"kept in {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--modules", type=int, default=20)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--show", type=int, default=20, help="how many differences to print")
    arguments.add_argument("--keep", action="store_true")
    options = arguments.parse_args()
    if not shutil.which("terraform"):
        print("SKIPPED: terraform is not installed", file=sys.stderr)
        return 1 if os.environ.get("NHI_TEST_REQUIRE_ALL") == "1" else 0
    program = evaluator()
    canaries = Comparison()
    run(program, CANARIES, False, canaries)
    lies = Comparison()
    for name, their, our in LIES:
        lies.compare(name, their, our)
        lies.open = [(name, (), our)] if name != "without a reason" else []
        lies.later({name: their})
    sung = ("equal", "known only here, true after apply")
    if canaries.counts["equal"] < 3 or canaries.different or not all(canaries.counts[name] for name in sung) or len(lies.different) != 2 * len(LIES) - 1:
        print(f"the canaries do not sing: {canaries.counts} {canaries.different} {lies.counts}", file=sys.stderr)
        return 2
    comparison = Comparison()
    for number in range(options.modules):
        mark = len(comparison.different)
        run(program, module(random.Random(f"{options.seed}.{number}")), options.keep, comparison)
        comparison.different[mark:] = [(f"{options.seed}.{number} {place}", *rest) for place, *rest in comparison.different[mark:]]
    for name, count in sorted(comparison.counts.items()):
        print(f"{count:8} {name}")
    for name, count in sorted(comparison.reasons.items()):
        print(f"{count:8}   {name}")
    for place, their, our in comparison.different[: options.show]:
        print(f"{place}\n  terraform {their!r}\n  nhi-lint  {our!r}")
    return 1 if comparison.different or comparison.counts["refused as a whole"] * 4 > options.modules else 0


if __name__ == "__main__":
    sys.exit(main())

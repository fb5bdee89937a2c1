"""Attribute paths of every resource type of a provider, from what the provider's publisher made of its schema:

- `terraform providers schema -json` of a provider in a filesystem mirror,
- the CDKTF bindings on npm (`@cdktf/provider-*`), which are generated from the same schema.

Each function gives {type: {path: flags}}; flags are `c` (computed only), `s` (sensitive), `w` (write-only).
"""

import json
import os
import re
import subprocess
import tarfile
import tempfile

DEPTH = 4


def of_terraform(mirror, source, version):
    """The schema of a provider as terraform itself prints it; None where terraform or the provider is missing."""
    with tempfile.TemporaryDirectory() as folder:
        name = source.rsplit("/", 1)[-1]
        with open(f"{folder}/main.tf", "w") as file:
            file.write(
                'terraform {\n  required_providers {\n    %s = {\n      source  = "%s"\n      version = "%s"\n    }\n  }\n}\n'
                % (name, source, version)
            )
        with open(f"{folder}/rc", "w") as file:
            file.write('provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' % mirror)
        environment = {**os.environ, "TF_CLI_CONFIG_FILE": f"{folder}/rc"}
        run = lambda *words: subprocess.run(words, cwd=folder, env=environment, capture_output=True)
        try:
            if run("terraform", "init", "-no-color").returncode:
                return None
            printed = run("terraform", "providers", "schema", "-json")
        except FileNotFoundError:
            return None
    if printed.returncode:
        return None
    schemas = json.loads(printed.stdout)["provider_schemas"]
    found = {}
    for provider in schemas.values():
        for kind, schema in provider["resource_schemas"].items():
            paths = {}
            block(schema["block"], "", paths)
            found[kind] = paths
    return found


def block(schema, prefix, paths, depth=0):
    for name, attribute in schema.get("attributes", {}).items():
        flags = ""
        if attribute.get("computed") and not attribute.get("optional"):
            flags += "c"
        if attribute.get("sensitive"):
            flags += "s"
        if attribute.get("write_only"):
            flags += "w"
        if attribute.get("required"):
            flags += "r"
        paths[prefix + name] = flags
        nested = attribute.get("nested_type")
        if nested and depth < DEPTH:
            block(nested, f"{prefix}{name}.", paths, depth + 1)
        objects(attribute.get("type"), f"{prefix}{name}.", flags, paths)
    for name, nested in schema.get("block_types", {}).items():
        paths[prefix + name] = ""
        if depth < DEPTH:
            block(nested["block"], f"{prefix}{name}.", paths, depth + 1)


def objects(kind, prefix, flags, paths):
    """Attributes of a `list(object({…}))`."""
    while isinstance(kind, list) and kind[0] != "object":
        kind = kind[1]
    if isinstance(kind, list):
        for name, inner in kind[1].items():
            paths[prefix + name] = flags
            objects(inner, f"{prefix}{name}.", flags, paths)


STRUCT = re.compile(r"^function (\w+)ToHclTerraform\(struct\) \{(.*?)^\}", re.M | re.S)
RESOURCE = re.compile(r"^    synthesizeHclAttributes\(\) \{(.*?)^    \}", re.M | re.S)
KEYS = re.compile(r"^ {8,12}(?:'|\")?([a-z0-9_]+)(?:'|\")?: \{\n\s+value: (.*)$", re.M)
CALL = re.compile(r"(\w+)ToHclTerraform")
COMPUTED = re.compile(r"this\.(?:get\w+Attribute|interpolationForAttribute)\('([a-z0-9_]+)'\)")
LISTS = re.compile(r"this\._(\w+) = new \w+\(this, \"([a-z0-9_]+)\"")
KIND = re.compile(r'\.tfResourceType = "([a-z0-9_]+)"')


def of_bindings(tarball):
    """The schema behind a package of CDKTF bindings. Data sources (`data-…`) and the provider itself are left out."""
    found = {}
    texts = {}
    with tarfile.open(tarball) as archive:
        for member in archive:
            if not member.isfile() or not member.name.endswith(".js"):
                continue
            parts = member.name.split("/")
            if len(parts) < 4 or parts[2].startswith("data-") or parts[2] == "provider":
                continue
            text = archive.extractfile(member).read().decode()
            texts.setdefault(parts[2], []).append(text)
    for files in texts.values():
        text = "\n".join(files)
        kind = KIND.search(text)
        if not kind:
            continue
        structs = {name: body for name, body in STRUCT.findall(text)}
        paths = {}
        resource = RESOURCE.search(text)
        inputs = set()
        if resource:
            walk(resource.group(1), "", structs, paths, 0)
            inputs = set(paths)
        last = text[text.rfind("extends cdktf.TerraformResource") :]
        for name in COMPUTED.findall(last):
            if name not in inputs:
                paths.setdefault(name, "c")
        for _, name in LISTS.findall(last):
            paths.setdefault(name, "c")
        found[kind.group(1)] = paths
    return found


def walk(body, prefix, structs, paths, depth):
    for name, value in KEYS.findall(body):
        paths[prefix + name] = "w" if name.endswith("_wo") else ""
        for call in CALL.findall(value):
            inner = structs.get(call)
            if inner is not None and depth < DEPTH:
                walk(inner, f"{prefix}{name}.", structs, paths, depth + 1)


BRIDGED = re.compile(r"__pulumiType = '([a-z0-9-]+):([^:']*):(\w+)'")
INPUTS = re.compile(r'resourceInputs\["(\w+)"\] = (undefined)?')


def of_bridge(tarball, prefix):
    """The schema behind a package of Pulumi bindings, which are made from a provider's schema with names in camel case,
    lists in the plural and blocks flattened. Gives every type name that a resource can have in Terraform; a path is
    known where `same` finds it."""
    found = {}
    with tarfile.open(tarball) as archive:
        for member in archive:
            if not member.isfile() or not member.name.endswith(".js") or "/types/" in member.name:
                continue
            text = archive.extractfile(member).read().decode()
            kind = BRIDGED.search(text)
            if not kind:
                continue
            module = kind.group(2).split("/")[0]
            name = snake(kind.group(3))
            paths = {}
            for attribute, output in INPUTS.findall(text):
                paths.setdefault(snake(attribute), "c" if output else "")
            for full in {f"{prefix}_{snake(module)}_{name}", f"{prefix}_{name}"}:
                if len(paths) >= len(found.get(full, {})):
                    found[full] = paths
    return found


def snake(name):
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name).lower().replace("-", "_")


def same(paths, attribute):
    """Whether an attribute of the table is one of a bridge's: only its first step can be compared."""
    first = attribute.split(".")[0]
    squeeze = lambda name: re.sub(r"(ies|y|es|s|e)$", "", name).replace("_", "")
    return any(squeeze(path) == squeeze(first) or path in (first + "s", first + "es") for path in paths)

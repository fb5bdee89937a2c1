#!/usr/bin/env python3
"""The two things of a release that neither cargo nor bash makes: archives whose bytes do not depend on when and where they are made, and
the bill of materials.

    scripts/package.py zip ARCHIVE NAME=FILE FILE...
    scripts/package.py sbom PACKAGE
"""

import datetime
import json
import os
import subprocess
import sys
import time
import tomllib
import zipfile

EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "315532800"))


def archive(path, entries):
    """Entries in the order of their names, with the time of the commit and fixed modes; the first is the program."""
    when = time.gmtime(max(EPOCH, 315532800))[:6]  # Zip archives begin in 1980.
    named = [entry.partition("=")[::2] if "=" in entry else (os.path.basename(entry), entry) for entry in entries]
    program = named[0][0]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for name, source in sorted(named):
            info = zipfile.ZipInfo(name, when)
            info.create_system = 3  # Unix: the mode counts.
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (0o100755 if name == program else 0o100644) << 16
            with open(source, "rb") as file:
                out.writestr(info, file.read())


def reachable(metadata, root):
    """What ends in the program: normal dependencies, neither those of tests nor those of build scripts."""
    edges = {
        node["id"]: sorted(
            {it["pkg"] for it in node["deps"] if any(kind["kind"] is None for kind in it["dep_kinds"])}
        )
        for node in metadata["resolve"]["nodes"]
    }
    found, open_ends = set(), [root]
    while open_ends:
        package = open_ends.pop()
        if package not in found:
            found.add(package)
            open_ends.extend(edges[package])
    return {package: edges[package] for package in found}


def component(package, checksums, kind):
    """A package as CycloneDX describes it; what is on no registry has no package URL."""
    key = f"{package['name']}@{package['version']}"
    out = {"type": kind, "bom-ref": key, "name": package["name"], "version": package["version"]}
    if package["description"]:
        out["description"] = " ".join(package["description"].split())
    if package["source"]:
        out["purl"] = f"pkg:cargo/{key}"
        if key in checksums:
            out["hashes"] = [{"alg": "SHA-256", "content": checksums[key]}]
    if package["license"]:
        out["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    if package["repository"]:
        out["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
    return out


def sbom(name):
    """A CycloneDX bill of materials on standard output."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    metadata = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    with open("Cargo.lock", "rb") as file:
        locked = tomllib.load(file)["package"]
    checksums = {f"{it['name']}@{it['version']}": it["checksum"] for it in locked if "checksum" in it}
    packages = {package["id"]: package for package in metadata["packages"]}
    root = next(it["id"] for it in metadata["packages"] if it["name"] == name and it["source"] is None)
    edges = reachable(metadata, root)
    reference = {key: f"{packages[key]['name']}@{packages[key]['version']}" for key in edges}
    components = [component(packages[key], checksums, "library") for key in edges if key != root]
    when = datetime.datetime.fromtimestamp(EPOCH, datetime.timezone.utc)
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": component(packages[root], checksums, "application"),
        },
        "components": sorted(components, key=lambda it: it["bom-ref"]),
        "dependencies": sorted(
            (
                {"ref": reference[key], "dependsOn": sorted(reference[it] for it in below)}
                for key, below in edges.items()
            ),
            key=lambda it: it["ref"],
        ),
    }
    json.dump(document, sys.stdout, indent=2)
    print()


def main():
    match sys.argv[1:]:
        case ["zip", path, *entries] if entries:
            archive(path, entries)
        case ["sbom", name]:
            sbom(name)
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main()

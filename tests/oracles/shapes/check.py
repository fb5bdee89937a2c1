#!/usr/bin/env python3
"""Has the AWS provider make resources on moto's server, and says which of their attributes the shapes got wrong.

    check.py --moto PROGRAM [--keep FILE]

PROGRAM is moto's `moto_server` (`pip install 'moto[server,all]==5.2.5'`); NHI_TEST_PROVIDER_MIRROR names a mirror with the
provider. What is planned in main.tf is applied; what moto cannot make is left out and counted. The arguments that a plan
knows go to `linter/src/shape/truth.rs` together with the attributes of the resource that was made.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
REGION, ACCOUNT = "eu-central-1", "123456789012"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(server):
    for _ in range(100):
        try:
            urllib.request.urlopen(server, timeout=5)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.3)
    sys.exit("moto's server does not answer")


def terraform(folder, environment, *arguments, may_fail=False):
    run = subprocess.run(["terraform", *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    if run.returncode and not may_fail:
        sys.exit(f"terraform {' '.join(arguments)}\n{run.stdout[-3000:]}{run.stderr[-3000:]}")
    return run


def resources(module):
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from resources(child)


def known(values, unknown):
    """The arguments that a plan knows."""
    return {name: value for name, value in values.items() if not unknown.get(name)}


def made(plan, state):
    """Each resource that is there, with what was known before and what is known now."""
    changes = {change["address"]: change["change"] for change in plan["resource_changes"]}
    prior = {it["address"]: it for it in resources(plan.get("prior_state", {}).get("values", {}).get("root_module", {}))}
    for resource in resources(state["values"]["root_module"]):
        address = resource["address"]
        if resource.get("tainted"):
            continue
        if address in changes:
            change = changes[address]
            planned = known(change["after"] or {}, change.get("after_unknown") or {})
            planned = {name: value for name, value in planned.items() if value is not None}
        elif address in prior:
            planned = {}
        else:
            continue
        yield {
            "address": address, "mode": resource["mode"], "type": resource["type"], "planned": planned,
            "actual": resource["values"],
        }


def apply(arguments, folder):
    server = f"http://127.0.0.1:{free_port()}"
    moto = subprocess.Popen(
        [arguments.moto, "-p", server.rsplit(":", 1)[1]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(server)
        shutil.copy(os.path.join(HERE, "main.tf"), folder)
        mirror = os.environ["NHI_TEST_PROVIDER_MIRROR"]
        settings = os.path.join(folder, "terraform.rc")
        with open(settings, "w") as file:
            file.write(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_", "HTTP"))}
        environment |= {"TF_CLI_CONFIG_FILE": settings, "TF_VAR_server": server, "CHECKPOINT_DISABLE": "1"}
        terraform(folder, environment, "init", "-input=false", "-no-color")
        terraform(folder, environment, "plan", "-input=false", "-no-color", "-out=tfplan")
        plan = json.loads(terraform(folder, environment, "show", "-json", "tfplan").stdout)
        # What a server of tests never brings into being must not be waited for.
        command = ["timeout", "--signal=INT", str(arguments.seconds), "terraform", "apply", "-input=false", "-no-color"]
        subprocess.run(
            [*command, "-parallelism=20", "tfplan"], cwd=folder, env=environment, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        state = json.loads(terraform(folder, environment, "show", "-json").stdout)
    finally:
        moto.terminate()
        moto.wait()
    return plan, state


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--moto", required=True)
    parser.add_argument("--keep", help="where the observations go; a temporary file otherwise")
    parser.add_argument("--seconds", type=int, default=240)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        plan, state = apply(arguments, folder)
        observed = list(made(plan, state))
        if len(observed) < 100:
            sys.exit(f"only {len(observed)} resources were made: nothing is shown by that")
        asked = len(plan["resource_changes"])
        print(f"moto made {len(observed)} of {asked} resources", flush=True)
        file = arguments.keep or os.path.join(folder, "observed.json")
        with open(file, "w") as out:
            json.dump({"region": REGION, "account": ACCOUNT, "resources": observed}, out)
        command = ["cargo", "test", "--quiet", "--locked", "-p", "nhi-lint", "--lib", "shapes_stand_for"]
        sys.exit(subprocess.run(command, env=os.environ | {"NHI_SHAPES": os.path.abspath(file)}).returncode)


main()

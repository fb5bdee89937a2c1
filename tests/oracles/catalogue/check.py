#!/usr/bin/env python3
"""The data of the catalogue against the providers' own schemas: every attribute that a row names exists, every write-only
argument is listed, every place for metadata is named; and every resource type whose name looks like an identity is in the
table, in a family, or declared harmless.

What it compares with is fetched by npm into the cache (or `--packages FOLDER`); the AWS provider itself from the mirror that
`NHI_TEST_PROVIDER_MIRROR` names (`/opt/tf-plugins` where that is not set). What cannot be had is skipped aloud; with
`NHI_TEST_REQUIRE_ALL=1` that is a failure.

    tests/oracles/catalogue/check.py            # says what differs; status 1 if anything does
    tests/oracles/catalogue/check.py --hits     # also lists every type that looks like an identity, with what knows it
"""

import argparse
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
import schemas

ROOT = os.path.join(os.path.dirname(__file__), "../../..")
DATA = os.path.join(ROOT, "linter/data")
MIRROR = os.environ.get("NHI_TEST_PROVIDER_MIRROR", "/opt/tf-plugins")

# Bindings that carry the whole schema.
EXACT = {
    "aws": "21.22.1", "azuread": "14.3.1", "azurerm": "14.23.1", "cloudflare": "13.9.1", "databricks": "15.16.1",
    "datadog": "12.15.2", "digitalocean": "13.14.1", "github": "15.3.1", "gitlab": "15.6.2", "google": "16.12.1",
    "google-beta": "16.12.1", "kubernetes": "12.1.1", "launchdarkly": "5.1.1", "mongodbatlas": "8.6.2",
    "newrelic": "13.12.2", "okta": "14.1.1", "pagerduty": "14.3.9", "postgresql": "12.1.1", "random": "12.0.1",
    "snowflake": "15.9.1", "tfe": "12.5.1", "tls": "11.0.1", "vault": "15.6.1",
}  # fmt: skip
# Bindings that carry the names of arguments: package, version, prefix of the types.
BRIDGED = [
    ("@pulumi/aiven", "6.51.0", "aiven"), ("@pulumi/alicloud", "3.108.0", "alicloud"),
    ("@pulumi/artifactory", "8.11.7", "artifactory"), ("@pulumi/auth0", "3.49.0", "auth0"),
    ("@pulumi/aws-native", "1.79.0", "awscc"), ("@pulumi/confluentcloud", "2.82.0", "confluent"),
    ("@pulumi/consul", "3.15.1", "consul"), ("@pulumi/fastly", "11.1.0", "fastly"),
    ("@pulumi/hcloud", "1.41.0", "hcloud"), ("@pulumi/kafka", "3.13.2", "kafka"),
    ("@pulumi/keycloak", "6.13.0", "keycloak"), ("@pulumi/linode", "5.1.1", "linode"),
    ("@pulumi/minio", "0.17.1", "minio"), ("@pulumi/mysql", "3.3.2", "mysql"), ("@pulumi/oci", "4.20.0", "oci"),
    ("@pulumi/rabbitmq", "3.3.8", "rabbitmq"), ("@pulumi/rancher2", "13.0.0", "rancher2"),
    ("@pulumi/tailscale", "0.29.1", "tailscale"), ("@pulumiverse/doppler", "0.9.0", "doppler"),
    ("@pulumiverse/grafana", "2.40.0", "grafana"), ("@pulumiverse/scaleway", "1.54.0", "scaleway"),
]  # fmt: skip

# Differences that are known, and why. The packages are older than the documentation that the table was compiled from.
NEWER = {
    "aws_iam_service_specific_credential credential_age_days": "since 6.x of the provider",
    "azurerm_cosmosdb_account local_authentication_enabled": "since 5.0 of the provider; `local_authentication_disabled` before",
    "azurerm_user_assigned_identity isolation_scope": "since 4.5x of the provider",
    "gitlab_project_share_group expires_at": "since 18.x of the provider",
    "google_alloydb_user password_wo": "since 7.x of the provider",
    "google_compute_ssl_certificate private_key_wo": "since 7.x of the provider",
    "google_iam_workforce_pool_provider plain_text_wo": "since 7.x of the provider",
    "google_sql_user database_roles": "since 7.x of the provider",
    "mongodbatlas_database_user password_wo": "since 2.x of the provider",
    "okta_app_oauth client_basic_secret_wo": "since 6.x of the provider",
    "okta_idp_oidc client_secret_wo": "since 6.x of the provider",
    "vault_azure_secret_backend_role metadata": "since 5.4 of the provider",
    "vault_ldap_secret_backend_static_role rotation_schedule": "since 5.4 of the provider",
    "vault_ldap_secret_backend_static_role rotation_window": "since 5.4 of the provider",
    "mysql_user password_wo": "not in the bindings",
    "minio_iam_service_account expiration": "not in the bindings",
    "kafka_acl resource_name": "`acl_resource_name` in the bindings",
    "alicloud_ram_role_attachment role_name": "`ram_role_name` in the bindings",
}
# Attributes that are called like metadata and are none, or that say something about another thing.
NO_METADATA = {
    "google_compute_instance tags": "network tags",
    "vault_rabbitmq_secret_backend_role tags": "privileges",
    "vault_azure_secret_backend_role description": "since 4.x, of the mount",
}


def rows(name):
    with open(os.path.join(DATA, name)) as file:
        return [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]


def fetched(package, version, folder):
    """The tarball of a package, from the folder or from npm."""
    flat = package.removeprefix("@").replace("/", "-")
    path = os.path.join(folder, f"{flat}-{version}.tgz")
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        try:
            subprocess.run(
                ["npm", "pack", "--silent", f"{package}@{version}"], cwd=folder, check=True, capture_output=True
            )
        except (FileNotFoundError, subprocess.CalledProcessError):
            return None
    return path if os.path.exists(path) else None


def matches(pattern, kind):
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), kind) is not None


def constants(name):
    """A table of words of `linter/src/catalogue/suspicion.rs`, so that the two cannot drift apart."""
    with open(os.path.join(ROOT, "linter/src/catalogue/suspicion.rs")) as file:
        text = file.read()
    body = re.search(r"const %s: &\[.*?\] =\s*&?\[(.*?)\];" % name, text, re.S).group(1)
    if "(" in body:
        return re.findall(r'\("([^"]+)",', body)
    return re.findall(r'"([^"]+)"', body)


def looks(kind, anywhere, at_the_end, keys):
    """What the name of a type gives away, as `of_name` of `suspicion.rs` sees it."""
    kind = re.sub(r"_v\d\w*$", "", kind)
    if "_" not in kind:
        return None
    name = kind.split("_", 1)[1]
    if "iam" in name.split("_"):
        return "iam"
    for word in anywhere:
        if word in name:
            return word
    for word in at_the_end:
        if name == word or name.endswith("_" + word):
            return word
    words = name.split("_")
    if len(words) > 1 and words[-1] in ("key", "keys") and words[-2] in keys:
        return "_".join(words[-2:])
    return None


class Check:
    def __init__(self):
        self.found = []
        self.known = set()
        self.compared = 0

    def differs(self, kind, attribute, text):
        key = f"{kind} {attribute}"
        if key in NEWER or key in NO_METADATA:
            self.known.add(key)
        else:
            self.found.append(f"{kind}: {text}")

    def row(self, row, schemas_of, has):
        self.compared += 1
        kind = row[0]
        for number, column in ((3, "name"), (4, "permissions"), (5, "expiry"), (7, "metadata"), (8, "write-only"), (9, "last-used")):
            for attribute in row[number].split(","):
                if attribute != "-" and not any(has(paths, attribute) for paths in schemas_of):
                    self.differs(kind, attribute, f"the schema has no `{attribute}` ({column})")
        if row[10].startswith("if "):
            attribute = row[10][3:].split("=")[0]
            if not any(has(paths, attribute) for paths in schemas_of):
                self.differs(kind, attribute, f"the schema has no `{attribute}` (stands)")

    def exact(self, row, schemas_of):
        self.row(row, schemas_of, lambda paths, attribute: attribute in paths)
        kind = row[0]
        write_only = {path for paths in schemas_of for path, flags in paths.items() if "w" in flags and "." not in path}
        for path in sorted(write_only - set(row[8].split(","))):
            self.differs(kind, path, f"`{path}` is write-only, and the row does not list it")
        for name in ("tags", "labels", "annotations", "description", "comment", "notes"):
            settable = any(name in paths and "c" not in paths[name] for paths in schemas_of)
            if settable and name not in row[7].split(","):
                self.differs(kind, name, f"`{name}` can hold metadata, and the row does not list it")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--packages", default=os.path.join(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")), "nhi-ci-tools/providers"))
    arguments.add_argument("--hits", action="store_true")
    given = arguments.parse_args()
    skipped = []
    exact = {}
    real = schemas.of_terraform(MIRROR, "hashicorp/aws", "5.100.0")
    if real is None:
        skipped.append("terraform or the mirror of hashicorp/aws 5.100.0 is missing")
    for kind, paths in (real or {}).items():
        exact.setdefault(kind, []).append(paths)
    for provider, version in EXACT.items():
        tarball = fetched(f"@cdktf/provider-{provider}", version, given.packages)
        if tarball is None:
            skipped.append(f"@cdktf/provider-{provider}@{version} cannot be had")
            continue
        for kind, paths in schemas.of_bindings(tarball).items():
            exact.setdefault(kind, []).append(paths)
    bridged = {}
    for package, version, prefix in BRIDGED:
        tarball = fetched(package, version, given.packages)
        if tarball is None:
            skipped.append(f"{package}@{version} cannot be had")
            continue
        bridged.update(schemas.of_bridge(tarball, prefix))

    check = Check()
    table = rows("identity_types.tsv")
    alone = []
    for row in table:
        if row[0] in exact:
            check.exact(row, exact[row[0]])
        elif row[0] in bridged:
            check.row(row, [bridged[row[0]]], schemas.same)
        else:
            alone.append(row[0])
    known = {row[0] for row in table}
    patterns = [row[0] for row in rows("identity_families.tsv")] + [row[0] for row in rows("harmless_types.tsv")]
    words = [constants(name) for name in ("ANYWHERE", "AT_THE_END", "KEYS")]
    suspicious = unknown = 0
    for kind in sorted(exact):
        word = looks(kind, *words)
        if word is None:
            continue
        suspicious += 1
        named = kind in known or (kind.startswith("kubernetes_") and f"{kind}_v1" in known)
        meant = [pattern for pattern in patterns if matches(pattern, kind)]
        if not named and not meant:
            unknown += 1
            check.found.append(f"{kind}: has `{word}` in its name, and nothing knows it")
        if given.hits:
            print(f"{kind}\t{word}\t{'table' if named else ', '.join(meant) or '?'}")
    for line in check.found:
        print(line)
    print(
        f"{check.compared} of {len(table)} rows compared with {len(exact)} types of exact schemas and {len(bridged)} names of bindings;"
        f" {len(check.known)} known differences; {suspicious} of the types look like an identity, {unknown} of them are unknown;"
        f" {len(alone)} rows have no schema here"
    )
    for text in skipped:
        print(f"SKIPPED: {text}", file=sys.stderr)
    if skipped and os.environ.get("NHI_TEST_REQUIRE_ALL") == "1":
        return 1
    return 1 if check.found else 0


if __name__ == "__main__":
    sys.exit(main())

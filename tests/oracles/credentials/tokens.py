#!/usr/bin/env python3
"""Has Terraform issue tokens, and two libraries of others check them: PyJWT here, jose in tokens.mjs.

    tokens.py --provider FOLDER --jose FOLDER

FOLDER with `terraform-provider-nhi` in it; a folder with `node_modules/jose` in it. Each way to keep a key issues tokens: the
embedded P-256 key, an Ed25519 key file, and the signing command of the guide. Every token is checked through the published key
set alone, with the right and a wrong audience, before and after its end, whole and altered, and with the key of another issuer.
After a change of keys the tokens of the old one still pass.
"""

import argparse
import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import jwt

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
AUDIENCE, ISSUER = "https://api.example.com", "https://identity.example.com"

MAIN = """
terraform {
  required_providers {
    nhi = { source = "governed-nhi/nhi" }
  }
}

provider "nhi" {
  templates = ["%(templates)s"]
  issuer {
    url          = "https://identity.example.com"
    %(trust)s
    %(key)s
  }
}

resource "nhi_owner" "payments" {
  name        = "payments"
  accountable = "ada@example.com"
  steward     = "grace@example.com"
}

resource "nhi_workload_identity" "viewer" {
  name        = "ledger-viewer"
  owner       = nhi_owner.payments.name
  purpose     = "Shows the ledger to the support desk"
  expiry      = "90d"
  template    = "s3-object-reader@1"
  service     = "billing"
  environment = "prod"
  parameters  = { bucket = "payments-ledger" }
  subject     = { kubernetes = { namespace = "support", service_account = "viewer" } }
}

resource "nhi_service_account" "export" {
  name        = "invoice-export"
  owner       = nhi_owner.payments.name
  purpose     = "Nightly export of invoices to the ledger bucket"
  expiry      = "90d"
  template    = "s3-object-reader@1"
  service     = "billing"
  environment = "prod"
  parameters  = { bucket = "payments-ledger" }
}

ephemeral "nhi_token" "svid" {
  identity = nhi_workload_identity.viewer.id
  audience = "https://api.example.com"
}

ephemeral "nhi_token" "access" {
  identity = nhi_service_account.export.id
  audience = "https://api.example.com"
  lifetime = "10m"
}

data "nhi_trust_bundle" "this" {
  depends_on = [nhi_workload_identity.viewer]
}

# Ephemeral values may go to a provisioner, and from there to whoever checks them.
resource "terraform_data" "out" {
  triggers_replace = "%(round)s"
  provisioner "local-exec" {
    command     = "umask 077; printf '%%s\\n%%s\\n' \\"$SVID\\" \\"$ACCESS\\" > tokens"
    environment = {
      SVID   = ephemeral.nhi_token.svid.token
      ACCESS = ephemeral.nhi_token.access.token
    }
  }
}

output "identities" {
  value = [for it in [nhi_workload_identity.viewer, nhi_service_account.export] : it.spiffe_id != null ? it.spiffe_id : it.id]
}

output "bundle" {
  value = data.nhi_trust_bundle.this
}
"""


def terraform(folder, environment, *arguments):
    run = subprocess.run(["terraform", *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"terraform {' '.join(arguments)}\n{run.stdout[-3000:]}{run.stderr[-3000:]}")
    return run.stdout


def issue(folder, environment, trust, key, round):
    templates = ROOT / "examples" / "templates"
    (folder / "main.tf").write_text(MAIN % {"templates": templates, "trust": trust, "key": key, "round": round})
    terraform(folder, environment, "apply", "-auto-approve", "-input=false", "-no-color")
    outputs = json.loads(terraform(folder, environment, "output", "-json"))
    # The bundle of an apply was read before the tokens were made; a plan-free refresh reads it again.
    terraform(folder, environment, "apply", "-refresh-only", "-auto-approve", "-input=false", "-no-color")
    bundle = json.loads(terraform(folder, environment, "output", "-json"))["bundle"]["value"]
    tokens = (folder / "tokens").read_text().split()
    return dict(zip(outputs["identities"]["value"], tokens)), bundle


def key_for(token, keys):
    found = [key for key in keys.keys if key.key_id == jwt.get_unverified_header(token)["kid"]]
    assert len(found) == 1, "one key of that id"
    return found[0]


def refused(error, token, keys, **options):
    options = {"audience": AUDIENCE, "issuer": ISSUER, "algorithms": ["ES256", "EdDSA"], **options}
    try:
        jwt.decode(token, key_for(token, keys), **options)
    except error:
        return
    sys.exit(f"PyJWT accepts what it should refuse with {error.__name__}")


def altered(token):
    header, claims, signature = token.split(".")
    decoded = json.loads(base64.urlsafe_b64decode(claims + "=="))
    claims = base64.urlsafe_b64encode(json.dumps({**decoded, "sub": "root"}).encode()).decode().rstrip("=")
    return f"{header}.{claims}.{signature}"


def check(subject, token, bundle):
    keys = jwt.PyJWKSet.from_json(bundle["jwks_json"])
    claims = jwt.decode(
        token, key_for(token, keys), algorithms=["ES256", "EdDSA"], audience=AUDIENCE, issuer=ISSUER,
        options={"require": ["iss", "sub", "aud", "iat", "nbf", "exp", "jti"]},
    )
    assert claims["sub"] == subject, claims
    header = jwt.get_unverified_header(token)
    assert header["typ"] == ("JWT" if subject.startswith("spiffe://") else "at+jwt"), header
    refused(jwt.InvalidAudienceError, token, keys, audience="https://other.example.com")
    refused(jwt.InvalidIssuerError, token, keys, issuer="https://other.example.com")
    # An hour later, as far as the end of the token is concerned.
    later = {"verify_iat": False, "verify_nbf": False}
    refused(jwt.ExpiredSignatureError, token, keys, leeway=-3600, options=later)
    refused(jwt.InvalidSignatureError, altered(token), keys)
    discovery = json.loads(bundle["openid_configuration_json"])
    assert discovery["issuer"] == bundle["issuer"] == ISSUER


def both(tokens, bundle):
    """Each token by both libraries; how many there were."""
    for subject, token in tokens.items():
        subject = subject.split("#")[0]
        check(subject, token, bundle)
        case = {"token": token, "jwks": bundle["jwks_json"], "audience": AUDIENCE, "issuer": ISSUER, "subject": subject,
                "altered": altered(token)}
        command = ["node", HERE / "tokens.mjs", JOSE]
        run = subprocess.run(command, input=json.dumps(case), text=True, capture_output=True)
        if run.returncode:
            sys.exit(f"jose: {run.stdout}{run.stderr}")
    return len(tokens)


def main():
    global JOSE
    parser = argparse.ArgumentParser()
    parser.add_argument("--provider", required=True)
    parser.add_argument("--jose", required=True)
    arguments = parser.parse_args()
    JOSE, checked = arguments.jose, 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        overrides = folder / "terraformrc"
        provider = pathlib.Path(arguments.provider).resolve()
        overrides.write_text(
            f'provider_installation {{\n  dev_overrides {{ "governed-nhi/nhi" = "{provider}" }}\n  direct {{}}\n}}\n'
        )
        signing = folder / "signing.pem"
        environment = {
            **os.environ, "TF_CLI_CONFIG_FILE": str(overrides), "CHECKPOINT_DISABLE": "1", "NHI_SIGNING_KEY": str(signing),
        }
        key = ["openssl", "genpkey", "-out"]
        subprocess.run([*key, folder / "ed.pem", "-algorithm", "ed25519"], check=True)
        subprocess.run([*key, signing, "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], check=True)
        (folder / "ed.pem").chmod(0o600)
        subprocess.run(["openssl", "pkey", "-in", signing, "-pubout", "-out", folder / "issuer.pub"], check=True)
        command = ROOT / "examples" / "issuer-signer" / "sign.sh"
        ways = [
            "",
            'key_file = "ed.pem"',
            f'signer {{\n command = ["{command}"]\n public_key = file("issuer.pub")\n }}',
        ]
        # Terraform needs no init for a provider that is overridden, and none for the one that it has built in.
        before = {}
        for round, way in enumerate(ways):
            tokens, bundle = issue(folder, environment, 'trust_domain = "example.com"', way, round)
            assert len({jwt.get_unverified_header(token)["kid"] for token in tokens.values()}) == 1
            # The tokens of the keys before are still good.
            checked += both(tokens, bundle) + both(before, bundle)
            before.update({f"{subject}#{round}": token for subject, token in tokens.items()})
        keys = json.loads(bundle["jwks_json"])["keys"]
        assert len(keys) == len(ways)
        first = next(iter(before.values()))
        kid = jwt.get_unverified_header(first)["kid"]
        assert keys[0]["kid"] != kid
        refused(jwt.InvalidSignatureError, first, jwt.PyJWKSet.from_dict({"keys": [{**keys[0], "kid": kid}]}))
        # Without a trust domain there are access tokens, which name an identity by its id.
        (folder / "plain").mkdir()
        tokens, bundle = issue(folder / "plain", environment, "", "", 0)
        assert all(subject.startswith("nhi-") for subject in tokens)
        checked += both(tokens, bundle)
    print(f"{checked} checks of tokens by PyJWT {jwt.__version__} and jose, under {len(ways)} keys")


main()

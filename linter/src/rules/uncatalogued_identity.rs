//! `uncatalogued-identity`: refuses a resource that looks like an identity and is of a type that nothing is known about.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::{self, Catalogue, Suspicion};
use crate::finding::{Hit, Severity};
use crate::identity::base;
use crate::model::{Mode, Resource};
use crate::rule::{Check, Context, Rule};

pub(super) static RULE: Rule = Rule {
    code: "CAT001",
    name: "uncatalogued-identity",
    // A guess from a name must not stop the first run with a new provider; who wants it to says so with `severity`.
    severity: Severity::Warning,
    refuses: "a resource that looks like an identity, and is of a type that the catalogue does not know",
    docs: r#"
## Why

The rules judge the resource types that the catalogue knows. A type that it does not know passes all of them, whatever it
makes. Names and attributes tell that a type makes identities, credentials, grants or trust; what a finding means is that
nobody has told where such a resource keeps its name, its end and its owner.

It is a warning, since it is a guess from words: a new provider must not stop a pipeline. Where everything has to be known,
set `severity = { CAT001 = "error" }`.

## Fails

```hcl main.tf
resource "acme_robot_token" "ci" {
  name  = "ci"
  scope = "write"
}
```

## Passes

```hcl main.tf
resource "acme_robot_arm" "welder" {
  name = "welder"
}
```

## How to fix

Say in `.nhi-lint.hcl` what the type is, and which of its attributes hold what:

```
catalogue "acme_robot_token" {
  kind     = "credential"
  name     = ["robot"]
  expiry   = ["expires_at"]
  metadata = ["labels"]
  instead  = "the OIDC token of the pipeline"
}
```

or that nobody can act through it:

```
harmless "acme_robot_token" {
  reason = "a toy currency of the office"
}
```
"#,
    references: &[
        "owasp-nhi:NHI1:2025",
        "nist-csf-2.0:ID.AM-08",
        "nist-800-53r5:CM-8(4)",
        "nist-800-53r5:IA-4(9)",
        "cis-8.1:5.5",
        "iso27001-2022:A.5.9",
        "soc2-2017:CC6.1",
        "csa-ccm-4.0:IAM-03",
    ],
    check: Check::Model(check),
};

/// One finding for each type, at its first resource: one line in the settings answers for all of them.
fn check(context: &Context<'_>) -> Vec<Hit> {
    let model = context.model;
    let used = catalogue::used(model);
    let hosts: BTreeSet<usize> =
        model.resources.iter().filter_map(|it| Some(it.within.as_ref()?.host)).collect();
    let mut settled: BTreeMap<&str, bool> = BTreeMap::new();
    let mut found: BTreeMap<&str, (usize, Suspicion, usize)> = BTreeMap::new();
    for (index, resource) in model.resources.iter().enumerate() {
        // What a text makes is judged as what it is, and so is the resource that holds the text.
        let is_text = resource.within.is_some() || hosts.contains(&index);
        if resource.mode != Mode::Managed || !resource.action.leaves_it() || is_text {
            continue;
        }
        let kind = resource.kind.as_str();
        if *settled.entry(kind).or_insert_with(|| model.catalogue.is_settled(kind)) {
            continue;
        }
        let Some(suspicion) = Catalogue::suspicion(resource).or_else(|| {
            let used = used.get(&base(&resource.address));
            used.filter(|_| Catalogue::is_unknown(kind)).cloned()
        }) else {
            continue;
        };
        // What calls any API is another thing each time.
        let group = if suspicion.alone { resource.address.as_str() } else { kind };
        found.entry(group).or_insert((index, suspicion, 0)).2 += 1;
    }
    found
        .into_values()
        .filter_map(|(index, suspicion, count)| {
            Some(hit(index, context.resource(index)?, suspicion, count))
        })
        .collect()
}

fn hit(index: usize, resource: &Resource, suspicion: Suspicion, count: usize) -> Hit {
    let Resource { address, kind, .. } = resource;
    let Suspicion { noun, sign, attribute, alone } = suspicion;
    let others = match count - 1 {
        0 => String::new(),
        1 => ", as does 1 other of its type".to_owned(),
        more => format!(", as do {more} others of its type"),
    };
    let class = noun.rsplit(' ').next().unwrap_or(noun);
    let (unknown, help) = if alone {
        let help = "make it with a resource type of its own, whose arguments the rules can read";
        ("which the rules cannot read".to_owned(), help.to_owned())
    } else {
        let help = format!(
            "say what it is in `.nhi-lint.hcl`: `catalogue \"{kind}\" {{ kind = \"{class}\" … }}`; or `harmless \"{kind}\" {{ reason = \"…\" }}` if nobody can act through it"
        );
        (format!("and the catalogue does not know `{kind}`"), help)
    };
    Hit {
        resource: index,
        path: attribute.unwrap_or_default(),
        message: format!("`{address}` looks like {noun}{others}: {sign}, {unknown}"),
        help,
        label: format!("may be {noun}"),
        ..Hit::default()
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::rules::{example, report, report_one};

    use super::RULE;

    #[test]
    fn what_a_person_sees() {
        insta::assert_snapshot!(report(&RULE, &example(&RULE, "Fails")), @r#"
        CAT001[uncatalogued-identity]

          ⚠ `acme_robot_token.ci` looks like a credential: its type has `token` in its
          │ name, and the catalogue does not know `acme_robot_token`
           ╭─[main.tf:1:1]
         1 │ resource "acme_robot_token" "ci" {
           · ────────────────┬───────────────
           ·                 ╰── may be a credential
         2 │   name  = "ci"
           ╰────
          help: say what it is in `.nhi-lint.hcl`: `catalogue "acme_robot_token" {
                kind = "credential" … }`; or `harmless "acme_robot_token" { reason =
                "…" }` if nobody can act through it
        "#);
    }

    #[test]
    fn one_of_a_type_is_enough() {
        let text = r#"
resource "acme_api_key" "a" {
  for_each = toset(["x", "y", "z"])
  name     = each.key
}
"#;
        insta::assert_snapshot!(report_one(&RULE, text), @r#"
        CAT001[uncatalogued-identity]

          ⚠ `acme_api_key.a["x"]` looks like a credential, as do 2 others of its
          │ type: its type has `api_key` in its name, and the catalogue does not know
          │ `acme_api_key`
           ╭─[main.tf:2:1]
         1 │ 
         2 │ resource "acme_api_key" "a" {
           · ─────────────┬─────────────
           ·              ╰── may be a credential
         3 │   for_each = toset(["x", "y", "z"])
           ╰────
          help: say what it is in `.nhi-lint.hcl`: `catalogue "acme_api_key" { kind
                = "credential" … }`; or `harmless "acme_api_key" { reason = "…" }` if
                nobody can act through it
        "#);
    }

    #[test]
    fn attributes_give_away_what_the_name_does_not() {
        let text = r#"
resource "acme_thing" "a" {
  client_secret = "x"
}

resource "acme_widget" "b" {
  rules = jsonencode({ Statement = [{ Action = "acme:*", Principal = "*" }] })
}

resource "acme_gadget" "c" {
  name = "c"
}

output "token" {
  value = acme_gadget.c.token
}

resource "acme_consumer" "d" {
  header = acme_gadget.c.token
}
"#;
        let found = report_one(&RULE, text);
        assert_eq!(found.matches("CAT001").count(), 3, "{found}");
        assert!(found.contains("it has `client_secret`"), "{found}");
        assert!(found.contains("its `rules` says who may do what"), "{found}");
        assert!(found.contains("something uses its `token`"), "{found}");
    }

    #[test]
    fn calls_of_any_api_are_told_apart() {
        let text = r#"
resource "azapi_resource" "grant" {
  type = "Microsoft.KeyVault/vaults/accessPolicies@2022-07-01"
}

resource "azapi_resource" "robot" {
  type = "Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31"
}

resource "azapi_resource" "network" {
  type = "Microsoft.Network/virtualNetworks@2023-01-31"
}

resource "restapi_object" "robot" {
  path = "/api/v2/service-accounts"
}
"#;
        let found = report_one(&RULE, text);
        assert_eq!(found.matches("CAT001").count(), 2, "{found}");
        assert!(found.contains("`azapi_resource.grant` looks like a grant"), "{found}");
        assert!(found.contains("`restapi_object.robot` looks like an identity"), "{found}");
    }

    #[test]
    fn what_is_known_or_harmless_is_left_alone() {
        let text = r#"
resource "aws_iam_role" "known" {
  name = "known"
}

resource "google_healthcare_dataset_iam_member" "family" {
  member = "serviceAccount:a@b"
}

resource "aws_ses_domain_identity" "harmless" {
  domain = "example.com"
}

resource "aws_s3_bucket" "other" {
  bucket = "b"
}

data "acme_token" "read" {}
"#;
        assert_eq!(report_one(&RULE, text), "");
    }
}

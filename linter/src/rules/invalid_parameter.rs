//! `invalid-parameter`: refuses a parameter that its template does not have, and a value that breaks the pattern.

use std::collections::BTreeSet;

use miette::Diagnostic as _;
use policy::template::ParameterError;

use crate::finding::{Hit, Severity};
use crate::judge::given;
use crate::rule::{Check, Context, Rule, Subject};
use crate::value::Value;

pub(super) static RULE: Rule = Rule {
    code: "TPL004",
    name: "invalid-parameter",
    severity: Severity::Error,
    refuses: "a parameter that its template does not have, that has no value, or whose value breaks the pattern",
    docs: r#"
## Why

Parameters are where one template becomes the ceiling of one identity. A value that the pattern refuses would make it the ceiling of
something that the platform team did not mean; a parameter that does not exist changes nothing, although it reads as if it did.

## Fails

```hcl templates.nhi.hcl
template "s3-object-reader" {
  version = "1.2.0"
  parameter "bucket" {
    pattern = "[a-z0-9][a-z0-9.-]{2,62}"
  }
  aws {
    permissions = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["arn:aws:s3:::${param.bucket}/*"]
      }]
    })
  }
}
```

```hcl main.tf
resource "nhi_workload_identity" "export" {
  name     = "invoice-export"
  owner    = "payments"
  purpose  = "Nightly export of invoices to the ledger bucket"
  expiry   = "2027-06-30"
  template = "s3-object-reader@1.2.0"
  parameters = {
    bucket = "Payments*"
  }
}
```

## Passes

```hcl templates.nhi.hcl
template "s3-object-reader" {
  version = "1.2.0"
  parameter "bucket" {
    pattern = "[a-z0-9][a-z0-9.-]{2,62}"
  }
  aws {
    permissions = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["arn:aws:s3:::${param.bucket}/*"]
      }]
    })
  }
}
```

```hcl main.tf
resource "nhi_workload_identity" "export" {
  name     = "invoice-export"
  owner    = "payments"
  purpose  = "Nightly export of invoices to the ledger bucket"
  expiry   = "2027-06-30"
  template = "s3-object-reader@1.2.0"
  parameters = {
    bucket = "payments-ledger"
  }
}
```

## How to fix

State one name that matches the pattern. Where an identity needs several, it needs several identities, or another template.
"#,
    references: &[
        "owasp-nhi:NHI5:2025",
        "nist-csf-2.0:PR.AA-05",
        "nist-800-53r5:AC-6",
        "iso27001-2022:A.5.15",
        "soc2-2017:CC6.3",
    ],
    check: Check::Subject(check),
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> Vec<Hit> {
    let governance = subject.governance;
    if !governance.is_own() || governance.parameters.is_null() {
        return Vec::new();
    }
    let Some(Ok(template)) = context.template(governance) else { return Vec::new() };
    let stated = &governance.parameters;
    let errors = template.bind(&given(stated)).err().unwrap_or_default();
    let open = unknown(stated);
    let mut hits = Vec::new();
    for error in errors {
        // What is stated and not known before apply is not missing.
        let missing = matches!(error, ParameterError::Missing { .. });
        if missing && (open.contains(error.name()) || matches!(stated, Value::Unknown(_))) {
            continue;
        }
        let path =
            if missing { "parameters".to_owned() } else { format!("parameters.{}", error.name()) };
        let label = if missing { "it is not among these" } else { "this value" };
        hits.push(Hit {
            resource: subject.resource,
            path,
            message: format!("`{}`: {error}", context.address(subject.resource)),
            help: error.help().map(|help| help.to_string()).unwrap_or_default(),
            label: label.to_owned(),
            template: Some(template.reference().to_string()),
            ..Hit::default()
        });
    }
    hits
}

/// The parameters whose values are stated and not known.
fn unknown(stated: &Value) -> BTreeSet<&str> {
    let Value::Object(fields) = stated else { return BTreeSet::new() };
    fields.iter().filter(|(_, value)| value.has_unknown()).map(|(name, _)| name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use crate::tests::rules::{example, report};

    use super::RULE;

    fn with_parameters(parameters: &str) -> String {
        let mut files = example(&RULE, "Fails");
        for (name, text) in &mut files {
            if name == "main.tf" {
                *text = text.replace("{\n    bucket = \"Payments*\"\n  }", parameters);
            }
        }
        report(&RULE, &files)
    }

    #[test]
    fn what_a_person_sees() {
        insta::assert_snapshot!(report(&RULE, &example(&RULE, "Fails")), @r#"
        TPL004[invalid-parameter]

          × `nhi_workload_identity.export`: `Payments*` does not match the pattern of
          │ parameter `bucket`
           ╭─[main.tf:8:14]
         7 │   parameters = {
         8 │     bucket = "Payments*"
           ·              ─────┬─────
           ·                   ╰── this value
         9 │   }
           ╰────
          help: the whole value has to match `[a-z0-9][a-z0-9.-]{2,62}`
        "#);
    }

    #[test]
    fn names_that_do_not_exist_and_values_that_are_missing() {
        let found = with_parameters("{ buckt = \"payments-ledger\" }");
        assert!(found.contains("did you mean `bucket`?"), "{found}");
        let found = with_parameters("{}");
        assert!(found.contains("has no value"), "{found}");
        assert_eq!(with_parameters("{ bucket = var.bucket }\n}\nvariable \"bucket\" {\n"), "");
    }
}

//! A ceiling as the files that the platforms' own command line tools take.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use policy::template::Template;
use serde_json::{Map, Value as Json, json};

use crate::attribute::Attribute;
use crate::ceiling::{Aws, Azure, Ceiling, Gcp, Github, Kubernetes, Vault};

/// Every file that there is something to say in, by name.
pub(crate) fn of(template: &Template, ceiling: &Ceiling) -> BTreeMap<String, String> {
    let Ceiling { aws, gcp, azure, kubernetes, vault, github } = ceiling;
    let files = [
        ("aws-permissions.json", aws.known().and_then(|aws| indented(&aws.permissions))),
        ("aws-trust.json", aws.known().and_then(|Aws { trust, .. }| indented(trust))),
        ("azure-role.json", azure.known().and_then(|azure| azure_role(template, azure))),
        ("gcp-role.yaml", gcp.known().and_then(|gcp| gcp_role(template, gcp))),
        ("github-permissions.yaml", github.known().and_then(github_permissions)),
        ("kubernetes-role.yaml", kubernetes.known().and_then(|it| kubernetes_role(template, it))),
        ("vault-policy.hcl", vault.known().and_then(vault_policy)),
    ];
    files.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?))).collect()
}

fn indented(document: &Attribute<String>) -> Option<String> {
    let json: Json = serde_json::from_str(document.as_str()?).ok()?;
    Some(format!("{json:#}\n"))
}

fn list(items: &Attribute<Vec<String>>) -> &[String] {
    items.known().map(Vec::as_slice).unwrap_or_default()
}

/// What a role says about itself.
fn described(template: &Template) -> String {
    let reference = template.reference();
    match &template.description {
        Some(description) => format!("{description} ({reference})"),
        None => reference.to_string(),
    }
}

/// A custom role; None where the template names ready-made roles only.
fn gcp_role(template: &Template, gcp: &Gcp) -> Option<String> {
    let permissions = list(&gcp.permissions);
    let role = json!({
        "title": template.name,
        "description": described(template),
        "stage": "GA",
        "includedPermissions": permissions,
    });
    (!permissions.is_empty()).then(|| yaml(&role))
}

fn azure_role(template: &Template, azure: &Azure) -> Option<String> {
    let (actions, data_actions) = (list(&azure.actions), list(&azure.data_actions));
    let role = json!({
        "Name": template.name,
        "IsCustom": true,
        "Description": described(template),
        "Actions": actions,
        "NotActions": list(&azure.not_actions),
        "DataActions": data_actions,
        "NotDataActions": list(&azure.not_data_actions),
        "AssignableScopes": list(&azure.scopes),
    });
    (!actions.is_empty() || !data_actions.is_empty()).then(|| format!("{role:#}\n"))
}

/// One role in each namespace.
fn kubernetes_role(template: &Template, kubernetes: &Kubernetes) -> Option<String> {
    let rules: Json = serde_json::from_str(kubernetes.rules.as_str()?).ok()?;
    if rules.as_array().is_none_or(Vec::is_empty) {
        return None;
    }
    let role = |namespace: &String| {
        yaml(&json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "Role",
            "metadata": { "name": template.name, "namespace": namespace },
            "rules": rules,
        }))
    };
    let manifests: Vec<String> = list(&kubernetes.namespaces).iter().map(role).collect();
    (!manifests.is_empty()).then(|| manifests.join("---\n"))
}

fn vault_policy(vault: &Vault) -> Option<String> {
    let policy: Json = serde_json::from_str(vault.policy.as_str()?).ok()?;
    let paths = policy.get("path")?.as_object()?;
    let rule = |(path, rule): (&String, &Json)| {
        let capabilities = rule.get("capabilities").and_then(Json::as_array)?;
        let capabilities: Vec<String> = capabilities.iter().map(Json::to_string).collect();
        let path = Json::from(path.as_str());
        Some(format!("path {path} {{\n  capabilities = [{}]\n}}\n", capabilities.join(", ")))
    };
    let rules: Vec<String> = paths.iter().filter_map(rule).collect();
    (!rules.is_empty()).then(|| rules.join("\n"))
}

fn github_permissions(github: &Github) -> Option<String> {
    let permissions = github.permissions.known().filter(|permissions| !permissions.is_empty())?;
    Some(yaml(&json!({ "permissions": permissions })))
}

/// A block of YAML. Strings are quoted as in JSON, so that no reader takes one for anything else.
fn yaml(json: &Json) -> String {
    let mut out = String::new();
    write_members(&mut out, json.as_object().unwrap_or(&Map::new()), 0);
    out
}

fn write_members(out: &mut String, members: &Map<String, Json>, depth: usize) {
    let mut first = true;
    for (name, value) in members {
        // The first member of an element of a list stands behind its dash.
        let indent = if std::mem::take(&mut first) && out.ends_with("- ") { 0 } else { depth };
        let _ = write!(out, "{:indent$}{name}:", "", indent = indent * 2);
        write_value(out, value, depth);
    }
}

fn write_items(out: &mut String, items: &[Json], depth: usize) {
    for item in items {
        let _ = write!(out, "{:indent$}- ", "", indent = depth * 2);
        if let Some(members) = item.as_object().filter(|members| !members.is_empty()) {
            write_members(out, members, depth + 1);
        } else {
            let _ = writeln!(out, "{item}");
        }
    }
}

fn write_value(out: &mut String, value: &Json, depth: usize) {
    if let Some(members) = value.as_object().filter(|members| !members.is_empty()) {
        out.push('\n');
        write_members(out, members, depth + 1);
    } else if let Some(items) = value.as_array().filter(|items| !items.is_empty()) {
        out.push('\n');
        write_items(out, items, depth + 1);
    } else {
        let _ = writeln!(out, " {value}");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use policy::template::Library;

    use super::*;
    use crate::ceiling::Rendering;

    fn documents(file: &str, parameters: &[(&str, &str)]) -> BTreeMap<String, String> {
        let path = format!("{}/../examples/templates/{file}", env!("CARGO_MANIFEST_DIR"));
        let source = std::fs::read_to_string(path).unwrap();
        let (library, errors) = Library::parse(&[(file, source)]);
        assert!(errors.is_empty(), "{errors:?}");
        let template = library.templates().next().unwrap();
        let given = parameters.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let bound = template.bind(&given.collect()).unwrap();
        let unknown = BTreeSet::new();
        of(template, &Rendering { template, bound: Some(&bound), unknown: &unknown }.ceiling())
    }

    #[test]
    fn each_platform() {
        let reader = documents(
            "s3-object-reader.nhi.hcl",
            &[
                ("bucket", "ledger"),
                ("namespace", "billing"),
                ("app", "billing"),
                ("repo", "example/ledger"),
            ],
        );
        insta::assert_snapshot!(reader["aws-trust.json"], @r#"
        {
          "Statement": [
            {
              "Action": "sts:AssumeRole",
              "Effect": "Allow",
              "Principal": {
                "Service": "ec2.amazonaws.com"
              }
            }
          ],
          "Version": "2012-10-17"
        }
        "#);
        insta::assert_snapshot!(reader["gcp-role.yaml"], @r#"
        description: "Read objects below one prefix of one bucket (s3-object-reader@1.2.0)"
        includedPermissions:
          - "storage.objects.get"
        stage: "GA"
        title: "s3-object-reader"
        "#);
        insta::assert_snapshot!(reader["kubernetes-role.yaml"], @r#"
        apiVersion: "rbac.authorization.k8s.io/v1"
        kind: "Role"
        metadata:
          name: "s3-object-reader"
          namespace: "billing"
        rules:
          - apiGroups:
              - ""
            resources:
              - "configmaps"
            verbs:
              - "get"
        "#);
        insta::assert_snapshot!(reader["vault-policy.hcl"], @r#"
        path "secret/data/billing/*" {
          capabilities = ["read"]
        }
        "#);
        insta::assert_snapshot!(reader["github-permissions.yaml"], @r#"
        permissions:
          contents: "read"
          id-token: "write"
        "#);
        // Lists that are all empty allow nothing, and there is no such role.
        assert_eq!(reader.get("azure-role.json"), None);
    }

    /// What is written is what the readers of policies read.
    #[test]
    fn documents_read_back() {
        use policy::text::Text;
        let reader = documents(
            "s3-object-reader.nhi.hcl",
            &[
                ("bucket", "ledger"),
                ("namespace", "billing"),
                ("app", "billing"),
                ("repo", "example/ledger"),
            ],
        );
        let hcl = policy::vault::Policy::parse(&Text::literal(reader["vault-policy.hcl"].as_str()));
        assert_eq!(hcl.unwrap().rules().len(), 1);
        assert!(
            policy::aws::Document::parse(&Text::literal(reader["aws-permissions.json"].as_str()))
                .is_ok()
        );
        let azure = documents(
            "azure-blob-reader.nhi.hcl",
            &[("subscription", "00000000-0000-0000-0000-000000000000"), ("group", "ledger")],
        );
        let role = policy::azure::Grant::parse(&Text::literal(azure["azure-role.json"].as_str()));
        assert!(!role.unwrap().is_empty());
    }
}

//! Identities on platforms other than AWS, and on several at once.

use super::*;
use crate::kubernetes::{Grant, Rule};

fn texts(list: &[&str]) -> Vec<Text> {
    list.iter().map(|it| Text::from(*it)).collect()
}

fn rule(namespace: &str, resources: &[&str], names: &[&str], verbs: &[&str]) -> Grant {
    Grant {
        namespace: (!namespace.is_empty()).then(|| namespace.into()),
        rule: Rule {
            api_groups: texts(&[""]),
            resources: texts(resources),
            resource_names: texts(names),
            verbs: texts(verbs),
            non_resource_urls: Vec::new(),
        },
        ..Grant::default()
    }
}

/// The answer, the values and the nearest miss. Which request shows it is for the tests of the platform.
#[track_caller]
fn fitted(template: &str, given: &[(&str, &str)], subject: &Subject<'_>) -> String {
    let (library, errors) = Library::parse(&[("x", template)]);
    assert!(errors.is_empty(), "{errors:?}");
    let given = given.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let template = library.templates().next().unwrap();
    let fit = fit(template, &given, subject);
    let nearest = match &fit {
        Fit::Outside(outside) => outside.nearest.as_ref(),
        Fit::Undecided(undecided) => undecided.nearest.as_ref(),
        Fit::Inside(_) | Fit::Unbindable(_) | Fit::Inapplicable(_) => None,
    };
    let nearest = nearest.map_or_else(String::new, |miss| format!(" | {miss}"));
    let answer = show(&fit);
    let part = if matches!(fit, Fit::Outside(_)) { answer.find("] ") } else { None };
    let answer = part.and_then(|end| answer.get(..=end)).unwrap_or(&answer);
    format!("{answer}{nearest}")
}

#[test]
fn on_kubernetes() {
    let on = |grants: &[Grant]| {
        fitted(WORKLOAD, &[], &Subject { kubernetes: Some(grants), ..Subject::default() })
    };
    let reads = rule("billing", &["configmaps"], &[], &["get", "list"]);
    let token = rule("billing", &["serviceaccounts/token"], &["export"], &["create"]);
    insta::assert_snapshot!(on(&[reads.clone(), token.clone()]), @"inside [namespace=billing service_account=export]");
    insta::assert_snapshot!(on(std::slice::from_ref(&reads)), @"inside [namespace=billing service_account=?]");
    insta::assert_snapshot!(on(&[reads.clone(), rule("orders", &["configmaps"], &[], &["get"])]), @"outside [namespace=billing service_account=?] | `namespace` would have to be both `billing` (rule 1) and `orders` (rule 2)");
    insta::assert_snapshot!(on(&[rule("", &["configmaps"], &[], &["get"])]), @"outside [namespace=? service_account=?] | no string of the identity stands where `namespace` does");
    insta::assert_snapshot!(on(&[rule("Billing", &["configmaps"], &[], &["get"])]), @"outside [namespace=? service_account=?] | `namespace` would have to be `Billing` (rule 1), which does not match its pattern `[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`");
    insta::assert_snapshot!(on(&[rule("billing", &["secrets"], &[], &["get"])]), @"outside [namespace=billing service_account=?]");
    insta::assert_snapshot!(on(&[]), @"inside [namespace=? service_account=?]");
    let reader = |given: &[(&str, &str)]| {
        fitted(
            READER,
            given,
            &Subject {
                kubernetes: Some(&[rule("a", &["configmaps"], &[], &["get"])]),
                ..Subject::default()
            },
        )
    };
    insta::assert_snapshot!(reader(&[("namespace", "a")]), @"inside [namespace=a]");
    insta::assert_snapshot!(reader(&[("namespace", "b")]), @"outside [namespace=b]");
    let unknown = Grant {
        namespace: Some(Text::hole("var.namespace", Shape::Word)),
        ..rule("a", &["configmaps"], &[], &["get"])
    };
    insta::assert_snapshot!(on(&[unknown]), @"undecided [namespace=<var.namespace> service_account=?] parameters: the value of `var.namespace` is not known before apply, and parameter `namespace` must match `[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`");
}

#[test]
fn the_platforms_agree_on_one_value() {
    let text = r#"
template "t" {
  version = "1.0.0"
  parameter "app" { pattern = "[a-z]+" }
  aws {
    permissions = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::${param.app}/*" }] })
  }
  kubernetes {
    namespaces = ["${param.app}"]
    rule {
      api_groups = [""]
      resources  = ["pods"]
      verbs      = ["get"]
    }
  }
}"#;
    let bucket = Policy::parse(&allow(r#""s3:GetObject""#, r#""arn:aws:s3:::billing/*""#)).unwrap();
    let with = |namespace: &str| {
        let aws = AwsSubject { permissions: &[&bucket], trust: None, boundary: Field::Absent };
        let pods = [rule(namespace, &["pods"], &[], &["get"])];
        fitted(
            text,
            &[],
            &Subject { aws: Some(aws), kubernetes: Some(&pods), ..Subject::default() },
        )
    };
    insta::assert_snapshot!(with("billing"), @"inside [app=billing]");
    insta::assert_snapshot!(with("orders"), @"outside [app=billing] | `app` would have to be both `billing` (statement 1) and `orders` (rule 1)");
}

#[test]
fn on_vault() {
    let on = |path: &str, capability: &str| {
        let policy = vault::Policy::from_rules(vec![vault::Rule {
            path: path.into(),
            capabilities: texts(&[capability]),
            ..vault::Rule::default()
        }]);
        fitted(READER, &[], &Subject { vault: Some(&[&policy]), ..Subject::default() })
    };
    insta::assert_snapshot!(on("secret/data/billing/*", "read"), @"inside [app=billing]");
    insta::assert_snapshot!(on("secret/data/billing/db", "read"), @"inside [app=billing]");
    insta::assert_snapshot!(on("secret/data/billing/*", "delete"), @"outside [app=billing]");
    insta::assert_snapshot!(on("secret/data/*", "read"), @"outside [app=?] | no string of the identity stands where `app` does");
    insta::assert_snapshot!(on("secret/data/+/db", "read"), @"outside [app=?] | `app` would have to be `+` (rule 1), which does not match its pattern `[a-z][a-z0-9-]{1,62}`");
}

#[test]
fn on_github() {
    let on = |repository: &str, levels: &[(&'static str, &'static str)]| {
        let grant = github::Grant {
            permissions: github::Permissions::levels(levels.iter().copied()),
            repositories: texts(&[repository]),
            span: None,
        };
        fitted(READER, &[], &Subject { github: Some(&[grant]), ..Subject::default() })
    };
    insta::assert_snapshot!(on("acme/ledger", &[("contents", "write")]), @"outside [repo=acme/ledger]");
    insta::assert_snapshot!(on("acme/*", &[("contents", "read")]), @"outside [repo=?] | `repo` would have to be `acme/*` (grant 1), which does not match its pattern `[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+`");
    insta::assert_snapshot!(on("acme/ledger", &[("contents", "read"), ("id-token", "write")]), @"inside [repo=acme/ledger]");
}

#[test]
fn on_gcp() {
    use crate::gcp::{Assigned, Grant, Roles};
    let on = |what: Assigned, resource: &str| {
        let grants = [Grant { what, resource: Some(resource.into()), condition: None }];
        let roles = Roles::default();
        fitted(
            READER,
            &[],
            &Subject {
                gcp: Some(GcpSubject { roles: &roles, grants: &grants }),
                ..Subject::default()
            },
        )
    };
    let viewer = || Assigned::Role("roles/storage.objectViewer".into());
    let bucket = "//storage.googleapis.com/projects/_/buckets/ledger";
    insta::assert_snapshot!(on(Assigned::Permissions(texts(&["storage.objects.delete"])), bucket), @"undecided [bucket=ledger] permissions: the permissions of the role `roles/storage.objectViewer` are not known: give them with `--gcp-roles FILE`");
    insta::assert_snapshot!(on(viewer(), "//storage.googleapis.com/projects/_/buckets/X"), @"undecided [bucket=?] permissions: the permissions of the role `roles/storage.objectViewer` are not known: give them with `--gcp-roles FILE` | `bucket` would have to be `X` (grant 1), which does not match its pattern `[a-z0-9][a-z0-9.-]{2,62}`");
    insta::assert_snapshot!(on(viewer(), bucket), @"inside [bucket=ledger]");
    insta::assert_snapshot!(on(Assigned::Permissions(texts(&["storage.objects.get"])), bucket), @"inside [bucket=ledger]");
}

#[test]
fn on_azure() {
    use crate::azure::{Assigned, Block, Definition, Grant, Roles};
    let text = r#"
template "t" {
  version = "1.0.0"
  parameter "group" { pattern = "[A-Za-z-]+" }
  azure {
    actions = ["Microsoft.Storage/storageAccounts/read"]
    scopes  = ["/subscriptions/1/resourceGroups/${param.group}"]
  }
}"#;
    let on = |action: &str, scope: &str| {
        let block = Block { actions: texts(&[action]), ..Block::default() };
        let what = Assigned::Definition(Definition::of(block));
        let grants = [Grant { what, scope: scope.into(), condition: None }];
        let roles = Roles::default();
        fitted(
            text,
            &[],
            &Subject {
                azure: Some(AzureSubject { roles: &roles, grants: &grants }),
                ..Subject::default()
            },
        )
    };
    insta::assert_snapshot!(on("microsoft.storage/storageaccounts/READ", "/subscriptions/1/resourcegroups/Data"), @"inside [group=Data]");
    insta::assert_snapshot!(on("Microsoft.Storage/storageAccounts/read", "/subscriptions/1/resourceGroups/data/providers/Microsoft.Storage/storageAccounts/x"), @"inside [group=data]");
    insta::assert_snapshot!(on("Microsoft.Storage/storageAccounts/write", "/subscriptions/1/resourceGroups/data"), @"outside [group=data]");
    insta::assert_snapshot!(on("Microsoft.Storage/storageAccounts/read", "/subscriptions/2"), @"outside [group=?] | no string of the identity stands where `group` does");
}

#[test]
fn what_a_template_does_not_say_is_not_allowed() {
    let nothing = "template \"t\" {\n  version = \"1.0.0\"\n}\n";
    let grants = [rule("a", &["pods"], &[], &["get"])];
    insta::assert_snapshot!(fitted(nothing, &[], &Subject { kubernetes: Some(&grants), ..Subject::default() }), @"outside []");
}

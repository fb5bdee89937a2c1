//! Bindings as one line: `a.b.get a.c.list @resource ?condition ; role=roles/x`.

use super::*;

/// `‹var.x›` is any string, `‹word.x›` one word.
pub(super) fn text(known: &str) -> Text {
    let mut out = Text::new();
    let mut rest = known;
    while let Some((before, after)) = rest.split_once('‹') {
        let (name, after) = after.split_once('›').unwrap();
        let shape = if name.starts_with("word.") { Shape::Word } else { Shape::Any };
        out.push_str(before);
        out.push(&Text::hole(name, shape));
        rest = after;
    }
    out.push_str(rest);
    out
}

pub(super) fn grants(side: &str) -> Vec<Grant> {
    let one = |grant: &str| {
        let (grant, condition) = match grant.split_once(" ?") {
            Some((before, condition)) => (before, Some(text(condition.trim()))),
            None => (grant, None),
        };
        let (what, resource) = grant.split_once('@').unwrap_or((grant, "projects/p"));
        let what = match what.trim().strip_prefix("role=") {
            Some(role) => Assigned::Role(text(role)),
            None => Assigned::Permissions(
                what.split_whitespace().filter(|word| *word != "{}").map(text).collect(),
            ),
        };
        let resource = Some(resource.trim()).filter(|it| !it.is_empty()).map(text);
        Grant { what, resource, condition }
    };
    side.split(" ; ").map(one).collect()
}

/// The roles that the tables speak of.
pub(super) fn export() -> Roles {
    Roles::parse(
        r#"[
        {"name": "roles/storage.objectViewer", "title": "…", "stage": "GA", "etag": "AA==",
         "includedPermissions": ["storage.objects.get", "storage.objects.list"]},
        {"name": "roles/storage.admin", "includedPermissions":
         ["storage.buckets.setIamPolicy", "storage.objects.delete", "storage.objects.get", "storage.objects.list"]},
        {"name": "roles/iam.tokens", "includedPermissions": ["iam.serviceAccounts.getAccessToken"]},
        {"name": "roles/both", "includedPermissions":
         ["storage.objects.get", "storage.objects.list", "iam.serviceAccounts.getAccessToken"]},
        {"name": "projects/p/roles/custom", "stage": "BETA", "includedPermissions": ["a.b.get"]},
        {"name": "projects/p/roles/off", "stage": "DISABLED", "includedPermissions": ["a.b.get"]},
        {"name": "projects/p/roles/gone", "deleted": true, "includedPermissions": ["a.b.get"]},
        {"name": "roles/bare", "title": "as `gcloud iam roles list` has it"}
        ]"#,
    )
    .unwrap()
}

pub(super) fn show(inner: &str, outer: &str) -> String {
    show_with(&export(), inner, outer)
}

pub(super) fn show_with(roles: &Roles, inner: &str, outer: &str) -> String {
    let comparison = contains(roles, &grants(outer), &grants(inner));
    assert_eq!(comparison.open, comparison.catalogue);
    match &comparison.open {
        Verdict::Inside => "inside".to_owned(),
        Verdict::Outside(found) => match &found.escalation {
            Some(escalation) => format!("outside: {found} ({escalation})"),
            None => format!("outside: {found}"),
        },
        Verdict::Undecided(why) => format!("undecided: {}", why.reason),
    }
}

pub(super) fn check(table: &[(&str, &str, &str)]) {
    for (inner, outer, expected) in table {
        assert_eq!(show(inner, outer), *expected, "{inner} in {outer}");
    }
}

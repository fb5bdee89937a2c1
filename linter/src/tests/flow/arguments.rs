//! What derives from a governed resource through one argument of a role.

use super::{GOVERNED, verdicts};

/// An argument of a role; what answers for the role; the same where a plan comes without its sources and less is known.
const ARGUMENTS: &[(&str, &str, &str)] = &[
    ("tags = nhi_workload_identity.x.tags", "by x", ""),
    ("tags = local.tags", "by x", "undecided"),
    ("tags = local.x.tags", "by x", "undecided"),
    ("tags = local.all", "by x", "undecided"),
    ("tags = local.mixed.a", "by x", "undecided"),
    ("tags = local.mixed.b", "no", ""),
    ("tags = local.mixed[\"b\"]", "no", ""),
    ("tags = local.both[1]", "no", ""),
    ("tags = local.both[0]", "by x", "undecided"),
    ("tags = element(local.both, 1)", "no", ""),
    ("tags = merge(nhi_workload_identity.x.tags, { Team = \"payments\" })", "by x", ""),
    ("tags = merge({ Team = \"payments\" }, nhi_workload_identity.x.tags)", "by x", ""),
    ("tags = merge({ Team = \"payments\" })", "no", ""),
    ("tags = { Team = \"payments\" }", "no", ""),
    ("tags = { \"nhi:owner\" = \"payments\" }", "own", ""),
    ("tags = { \"nhi:id\" = nhi_workload_identity.x.id }", "by x", ""),
    ("tags = { \"nhi:owner\" = nhi_workload_identity.x.owner, Team = \"x\" }", "by x", ""),
    ("tags = { (var.which) = \"payments\" }", "undecided", ""),
    ("tags = { \"nhi:owner\" = var.which }", "undecided", ""),
    ("tags = var.wide ? nhi_workload_identity.x.tags : {}", "undecided", "by x"),
    ("tags = var.wide ? {} : nhi_workload_identity.x.tags", "undecided", "by x"),
    ("tags = var.wide ? nhi_workload_identity.x.tags : nhi_workload_identity.x.tags", "by x", ""),
    (
        "tags = var.wide ? nhi_workload_identity.x.tags : merge(nhi_workload_identity.x.tags, { a = 1 })",
        "by x",
        "",
    ),
    (
        "tags = var.wide ? nhi_workload_identity.x.tags : nhi_workload_identity.y.tags",
        "undecided",
        "by x",
    ),
    ("tags = var.said ? nhi_workload_identity.x.tags : {}", "by x", ""),
    ("tags = var.said ? { Team = \"free\" } : nhi_workload_identity.x.tags", "no", ""),
    (
        "tags = var.said ? { \"nhi:owner\" = \"payments\" } : nhi_workload_identity.x.tags",
        "own",
        "",
    ),
    (
        "tags = merge(var.wide ? nhi_workload_identity.x.tags : {}, { Team = \"x\" })",
        "undecided",
        "by x",
    ),
    (
        "tags = merge(var.wide ? nhi_workload_identity.x.tags : {}, nhi_workload_identity.y.tags)",
        "by y",
        "by x",
    ),
    ("tags = nhi_workload_identity.x.owner == \"payments\" ? { Team = \"x\" } : {}", "no", ""),
    ("tags = nhi_workload_identity.x.id == \"x\" ? { Team = \"x\" } : {}", "undecided", "by x"),
    ("tags = try(nhi_workload_identity.x.tags, {})", "by x", ""),
    ("tags = try(nhi_workload_identity.x.tags.none, {})", "undecided", "by x"),
    ("tags = { Owner = coalesce(nhi_workload_identity.x.owner, \"free\") }", "by x", ""),
    ("tags = { Owner = coalesce(\"free\", nhi_workload_identity.x.owner) }", "no", ""),
    ("tags = { Owner = coalesce(var.which, nhi_workload_identity.x.owner) }", "undecided", "by x"),
    (
        "tags = { Owner = lookup({ a = nhi_workload_identity.x.owner, b = \"free\" }, \"a\", \"free\") }",
        "by x",
        "",
    ),
    (
        "tags = { Owner = lookup({ a = nhi_workload_identity.x.owner, b = \"free\" }, \"b\", \"free\") }",
        "no",
        "",
    ),
    (
        "tags = { Owner = lookup({ a = nhi_workload_identity.x.owner, b = \"free\" }, var.which, \"free\") }",
        "undecided",
        "by x",
    ),
    (
        "tags = { Owner = { a = nhi_workload_identity.x.owner, b = \"free\" }[var.which] }",
        "undecided",
        "by x",
    ),
    (
        "tags = { Owner = { a = nhi_workload_identity.x.owner, b = nhi_workload_identity.x.name }[var.which] }",
        "undecided",
        "by x",
    ),
    (
        "tags = { for k, v in { a = nhi_workload_identity.x.owner, b = \"free\" } : k => v if k == \"a\" }",
        "by x",
        "",
    ),
    (
        "tags = { for k, v in { a = nhi_workload_identity.x.owner, b = \"free\" } : k => v if k == \"b\" }",
        "no",
        "",
    ),
    (
        "tags = { for k, v in { a = nhi_workload_identity.x.owner, b = \"free\" } : k => v if var.wide }",
        "undecided",
        "by x",
    ),
    ("tags = { for k, v in nhi_workload_identity.x.tags : k => v }", "by x", ""),
    ("tags = { for k in keys(nhi_workload_identity.x.tags) : k => \"free\" }", "by x", ""),
    ("name = nhi_workload_identity.x.name", "by x", ""),
    ("name = nhi_workload_identity.x.principal_name", "by x", ""),
    ("name = format(\"%s-role\", nhi_workload_identity.x.name)", "by x", ""),
    ("name = \"robot-${nhi_workload_identity.x.name}\"", "by x", ""),
    ("name = replace(nhi_workload_identity.x.name, \"ex\", \"im\")", "by x", "no"),
    ("name = \"export\"", "no", ""),
    ("name = data.nhi_identity.old.name", "by old", ""),
    ("tags = data.nhi_identity.old.tags", "by old", ""),
    ("description = \"Exports. ${nhi_workload_identity.x.description}\"", "by x", ""),
    ("description = \"nhi:v1;own=payments;exp=2027-06-30\"", "own", ""),
    ("description = \"nhi:v1;own=${var.which};exp=2027-06-30\"", "own", "no"),
    ("description = \"the export\"", "no", ""),
    ("description = jsonencode({ owner = nhi_workload_identity.x.owner })", "by x", ""),
    ("depends_on = [nhi_workload_identity.x]", "no", ""),
    (
        "max_session_duration = nhi_workload_identity.x.owner == \"payments\" ? 3600 : 7200",
        "no",
        "",
    ),
    ("path = \"/${nhi_workload_identity.x.name}/\"", "by x", ""),
    ("permissions_boundary = nhi_workload_identity.x.aws.boundary", "by x", ""),
    ("for_each = { a = nhi_workload_identity.x.tags }\n  tags = each.value", "by x", "undecided"),
    ("for_each = toset([\"a\"])\n  tags = { Team = each.value }", "no", ""),
    (
        "count = 2\n  tags = count.index == 0 ? nhi_workload_identity.x.tags : {}",
        "by x, no",
        "by x, no",
    ),
];

#[test]
fn arguments() {
    let mut wrong = Vec::new();
    for (arguments, expected, alone) in ARGUMENTS {
        let role = format!(
            "resource \"aws_iam_role\" \"t\" {{\n  assume_role_policy = \"{{}}\"\n  {arguments}\n}}\n"
        );
        let alone = if alone.is_empty() { expected } else { alone };
        let found = verdicts(&[("main.tf", GOVERNED), ("more.tf", &role)]);
        if found != [*expected, *expected, *alone] {
            wrong.push(format!("{arguments}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

//! AWS: roles and users with their documents, attachments, boundaries, groups and trust.

use std::collections::{BTreeMap, BTreeSet};

use policy::text::{Part, Text};
use policy::verdict::Why;

use crate::model::Mode;
use crate::value::Value;

use super::{Builder, Content, Grant, Platform, TRUST, links};

const ROLE: &[&str] = &["aws_iam_role"];
const USER: &[&str] = &["aws_iam_user"];
const GROUP: &[&str] = &["aws_iam_group"];

/// The customer managed policies of the model.
#[derive(Default)]
struct Used {
    /// By ARN and by name.
    by_name: BTreeMap<String, Vec<usize>>,
    /// Those that something of the model uses.
    used: BTreeSet<usize>,
}

impl Used {
    fn new(builder: &Builder<'_>) -> Self {
        let mut policies = Self::default();
        for index in builder.links.of_kind("aws_iam_policy") {
            for name in ["arn", "name"] {
                if let Some(name) = builder.links.value(index, name).as_str() {
                    policies.by_name.entry(name.to_owned()).or_default().push(index);
                }
            }
        }
        policies
    }

    /// The policies that have an ARN: they say so, or path and name make it so.
    fn with_arn(&self, builder: &Builder<'_>, arn: &str) -> Vec<usize> {
        if let Some(said) = self.by_name.get(arn) {
            return said.clone();
        }
        let customer = arn.split(':').nth(4).is_some_and(|account| account != "aws");
        let Some((_, rest)) = arn.split_once(":policy").filter(|_| customer) else {
            return Vec::new();
        };
        let named = arn.rsplit('/').next().and_then(|name| self.by_name.get(name));
        let fits = |index: &usize| {
            let name = builder.links.value(*index, "name").as_str().unwrap_or_default();
            let path = builder.links.value(*index, "path").as_str().unwrap_or("/");
            rest == format!("{path}{name}")
        };
        named.into_iter().flatten().copied().filter(fits).collect()
    }
}

/// Permissions of groups, by the group's name or, if that is unknown, its origin.
type Groups = BTreeMap<String, Vec<Grant>>;

/// Fills in the permissions and trust of roles and users.
pub(super) fn extract(builder: &mut Builder<'_>) {
    let mut used = Used::new(builder);
    for role in builder.links.of_kind("aws_iam_role") {
        role_itself(builder, role, &mut used);
    }
    for user in builder.links.of_kind("aws_iam_user") {
        boundary(builder, user, &mut used);
    }
    for (kind, argument, targets) in
        [("aws_iam_role_policy", "role", ROLE), ("aws_iam_user_policy", "user", USER)]
    {
        for index in builder.links.of_kind(kind) {
            let grants: Vec<Grant> =
                document(builder, index, "policy", "policy").into_iter().collect();
            give(builder, index, argument, targets, grants);
        }
    }
    let attachments = [
        ("aws_iam_role_policy_attachment", "role", "policy_arn", ROLE),
        ("aws_iam_user_policy_attachment", "user", "policy_arn", USER),
        ("aws_iam_role_policy_attachments_exclusive", "role_name", "policy_arns", ROLE),
        ("aws_iam_user_policy_attachments_exclusive", "user_name", "policy_arns", USER),
        ("aws_iam_policy_attachment", "roles", "policy_arn", ROLE),
        ("aws_iam_policy_attachment", "users", "policy_arn", USER),
    ];
    for (kind, argument, policy, targets) in attachments {
        for index in builder.links.of_kind(kind) {
            let grants = policies(builder, index, policy, &mut used);
            give(builder, index, argument, targets, grants);
        }
    }
    let groups = groups(builder, &mut used);
    members(builder, &groups);
    loose(builder, &used);
}

fn role_itself(builder: &mut Builder<'_>, role: usize, used: &mut Used) {
    let trust = document(builder, role, TRUST, TRUST);
    let mut grants = Vec::new();
    for (number, block) in builder.links.value(role, "inline_policy").elements().iter().enumerate()
    {
        let path = format!("inline_policy[{number}].policy");
        grants.extend(grant(builder, role, "inline_policy", path, block.get("policy")));
    }
    grants.extend(policies(builder, role, "managed_policy_arns", used));
    boundary(builder, role, used);
    if let Some(identity) =
        builder.of_resource(role).and_then(|found| builder.graph.identities.get_mut(found))
    {
        identity.trusts.extend(trust);
        identity.grants.extend(grants);
    }
}

fn boundary(builder: &mut Builder<'_>, index: usize, used: &mut Used) {
    let value = builder.links.value(index, "permissions_boundary");
    // A state says with an empty text that there is none.
    let is_none = value.is_null() || value.as_str() == Some("");
    let Some(arn) = value.text().filter(|_| !is_none) else { return };
    let mut written = match arn.as_str() {
        Some(arn) => used.with_arn(builder, arn),
        None => Vec::new(),
    };
    for (policy, attribute) in builder.links.references(index, "permissions_boundary") {
        used.used.insert(policy);
        if attribute == "arn" && is_arn_of(builder, policy, &arn) && !written.contains(&policy) {
            written.push(policy);
        }
    }
    let ceiling = match written.as_slice() {
        [policy] => builder.links.value(*policy, "policy").text(),
        _ => None,
    };
    let grant =
        Grant { resource: index, path: "permissions_boundary".into(), content: Content::Arn(arn) };
    if let Some(identity) =
        builder.of_resource(index).and_then(|found| builder.graph.identities.get_mut(found))
    {
        identity.boundary = Some(grant);
        identity.ceiling = ceiling;
    }
}

/// Hands grants to every identity that an argument names.
pub(super) fn give(
    builder: &mut Builder<'_>,
    from: usize,
    argument: &str,
    kinds: &[&str],
    grants: Vec<Grant>,
) {
    if grants.is_empty() {
        return;
    }
    for value in builder.links.value(from, argument).elements() {
        for identity in builder.targets_or_elsewhere(from, argument, value, kinds, Platform::Aws) {
            builder.grant(identity, &grants);
        }
    }
}

/// The policy document in an argument.
fn document(builder: &Builder<'_>, index: usize, argument: &str, path: &str) -> Option<Grant> {
    grant(builder, index, argument, path.to_owned(), builder.links.value(index, argument))
}

/// The policy document that a value is.
pub(super) fn grant(
    builder: &Builder<'_>,
    resource: usize,
    argument: &str,
    path: String,
    value: &Value,
) -> Option<Grant> {
    let text = value.text()?;
    let content = match builder.rendered(resource, argument, &text) {
        Some(governed) => Content::Rendered { governed, text },
        None => Content::Document(text),
    };
    Some(Grant { resource, path, content })
}

/// The policies whose ARNs an argument holds: the model's own, or the ARN.
fn policies(builder: &Builder<'_>, index: usize, argument: &str, used: &mut Used) -> Vec<Grant> {
    let value = builder.links.value(index, argument);
    let mut grants = Vec::new();
    for (number, arn) in value.elements().iter().enumerate() {
        let listed = matches!(value, Value::List(_));
        let path = if listed { format!("{argument}[{number}]") } else { argument.to_owned() };
        grants.extend(policy(builder, index, argument, path, arn, used));
    }
    grants
}

fn policy(
    builder: &Builder<'_>,
    from: usize,
    argument: &str,
    path: String,
    arn: &Value,
    used: &mut Used,
) -> Vec<Grant> {
    let (candidates, certain) = match arn.as_str() {
        Some(arn) => (used.with_arn(builder, arn), true),
        None => referenced(builder, from, argument, arn),
    };
    let mut grants = Vec::new();
    for index in candidates {
        let Some(resource) = builder.links.resource(index) else { continue };
        if resource.kind != "aws_iam_policy" {
            continue;
        }
        if resource.mode == Mode::Data && resource.after.get("policy").has_unknown() {
            let named = resource.after.get("arn").text().filter(|text| !text.has_holes());
            grants.extend(named.map(|arn| Grant {
                resource: from,
                path: path.clone(),
                content: Content::Arn(arn),
            }));
            continue;
        }
        used.used.insert(index);
        grants.extend(document(builder, index, "policy", "policy"));
    }
    if grants.is_empty() || !certain {
        grants.extend(arn.text().map(|arn| Grant {
            resource: from,
            path,
            content: Content::Arn(arn),
        }));
    }
    grants
}

/// The resources that an unknown ARN comes from, and whether it can come from nothing else: `x ? a.arn : var.b` is a
/// reference to `a` too.
fn referenced(
    builder: &Builder<'_>,
    from: usize,
    argument: &str,
    arn: &Value,
) -> (Vec<usize>, bool) {
    let references = builder.links.references(from, argument);
    let text = arn.text().unwrap_or_default();
    let certain = references
        .iter()
        .any(|(index, attribute)| *attribute == "arn" && is_arn_of(builder, *index, &text));
    (references.into_iter().map(|(index, _)| index).collect(), certain)
}

/// Whether an unknown ARN is that of a policy: all of it is its `arn`, or it ends in its path and name.
fn is_arn_of(builder: &Builder<'_>, policy: usize, arn: &Text) -> bool {
    let Some(resource) = builder.links.resource(policy) else { return false };
    match arn.parts() {
        [Part::Hole(hole)] => {
            links::base(&hole.origin) == format!("{}.arn", links::base(&resource.address))
        }
        [Part::Literal(first), .., Part::Literal(last)] => {
            let name = resource.after.get("name").as_str();
            let path = resource.after.get("path").as_str().unwrap_or("/");
            first.starts_with("arn:")
                && name.is_some_and(|name| last.ends_with(&format!(":policy{path}{name}")))
        }
        _ => false,
    }
}

fn groups(builder: &mut Builder<'_>, used: &mut Used) -> Groups {
    let mut groups = Groups::new();
    for index in builder.links.of_kind("aws_iam_group_policy") {
        let grants = document(builder, index, "policy", "policy");
        for key in group_keys(builder, index, "group") {
            groups.entry(key).or_default().extend(grants.clone());
        }
    }
    let attachments =
        [("aws_iam_group_policy_attachment", "group"), ("aws_iam_policy_attachment", "groups")];
    for (kind, argument) in attachments {
        for index in builder.links.of_kind(kind) {
            let grants = policies(builder, index, "policy_arn", used);
            for key in group_keys(builder, index, argument) {
                groups.entry(key).or_default().extend(grants.clone());
            }
        }
    }
    groups
}

/// The groups that an argument names: by name, by place in the model where the name is unknown, or by what the name
/// comes from where the model has no such group.
fn group_keys(builder: &Builder<'_>, from: usize, argument: &str) -> Vec<String> {
    let mut keys = Vec::new();
    for value in builder.links.value(from, argument).elements() {
        if let Some(name) = value.as_str() {
            keys.push(name.to_owned());
            continue;
        }
        let known = keys.len();
        for (index, _) in builder.links.references(from, argument) {
            let Some(resource) = builder.links.resource(index) else { continue };
            if resource.mode == Mode::Managed && GROUP.contains(&resource.kind.as_str()) {
                let name = resource.after.get("name").as_str();
                keys.push(name.map_or_else(|| resource.address.clone(), str::to_owned));
            }
        }
        if keys.len() == known {
            keys.extend(value.text().map(|name| name.to_string()));
        }
    }
    keys
}

/// Whether the model makes a group, so that all of its permissions may be in the model.
fn makes_group(builder: &Builder<'_>, key: &str) -> bool {
    let is = |index: &usize| {
        builder.links.resource(*index).is_some_and(|group| {
            group.mode == Mode::Managed
                && (group.after.get("name").as_str() == Some(key) || group.address == key)
        })
    };
    GROUP.iter().any(|kind| builder.links.of_kind(kind).iter().any(is))
}

fn members(builder: &mut Builder<'_>, groups: &Groups) {
    let memberships = [
        ("aws_iam_user_group_membership", "user", "groups"),
        ("aws_iam_group_membership", "users", "group"),
    ];
    let mut joined = Vec::new();
    for (kind, users, group) in memberships {
        for index in builder.links.of_kind(kind) {
            for key in group_keys(builder, index, group) {
                let mut grants = groups.get(&key).cloned().unwrap_or_default();
                if !makes_group(builder, &key) {
                    let reason = format!(
                        "the permissions of the group `{key}` are not part of this configuration"
                    );
                    grants.push(Grant {
                        resource: index,
                        path: group.to_owned(),
                        content: Content::Unread(Why::construct(reason)),
                    });
                }
                joined.push(key);
                give(builder, index, users, USER, grants);
            }
        }
    }
    for (key, grants) in groups {
        if !joined.contains(key) {
            builder.graph.loose.extend(grants.clone());
        }
    }
}

fn loose(builder: &mut Builder<'_>, used: &Used) {
    for index in builder.links.of_kind("aws_iam_policy") {
        if !used.used.contains(&index) {
            builder.graph.loose.extend(document(builder, index, "policy", "policy"));
        }
    }
}

//! Google Cloud: role bindings of every `google_*_iam_*` family, joined with service accounts.

use std::collections::BTreeMap;

use policy::gcp;
use policy::text::{Part, Shape, Text};

use crate::model::Mode;
use crate::value::Value;

use super::{Builder, Content, Grant, Platform};

mod access;
mod resource;

const ACCOUNT: &[&str] = &["google_service_account"];

/// Roles that the model writes out.
const CUSTOM: &[&str] = &["google_project_iam_custom_role", "google_organization_iam_custom_role"];

/// Hands every role to the service accounts that it is bound to.
pub(super) fn extract(builder: &mut Builder<'_>) {
    access::extract(builder);
    let kinds: Vec<&str> =
        builder.links.kinds().filter(|kind| kind.starts_with("google_")).collect();
    for kind in kinds {
        let argument = match kind.rsplit_once("_iam_") {
            Some((_, "member")) => "member",
            Some((_, "binding")) => "members",
            Some((_, "policy")) => {
                for index in builder.links.of_kind(kind) {
                    policy(builder, index);
                }
                continue;
            }
            _ => continue,
        };
        for index in builder.links.of_kind(kind) {
            let Some(role) = builder.links.value(index, "role").text() else { continue };
            let condition = condition(builder.links.value(index, "condition"));
            let members = builder.links.value(index, argument);
            bind(builder, index, Bound { argument, path: "role", role, condition }, members);
        }
    }
}

/// A role of a binding, and where it is written.
struct Bound {
    /// The argument that names the members.
    argument: &'static str,
    /// The attribute that names the role.
    path: &'static str,
    role: Text,
    condition: Option<Text>,
}

fn bind(builder: &mut Builder<'_>, from: usize, bound: Bound, members: &Value) {
    let Bound { argument, path, role, condition } = bound;
    let resource = resource::full_name(&builder.links, from);
    let what = custom(builder, from, &role).unwrap_or(gcp::Assigned::Role(role));
    let content = Content::Google(gcp::Grant { what, resource, condition });
    let grant = Grant { resource: from, path: path.to_owned(), content };
    for member in members.elements() {
        let Some(member) = member.text().filter(|it| is_machine(it) || opens(builder, from, it))
        else {
            continue;
        };
        for identity in accounts(builder, from, argument, &member) {
            builder.grant(identity, std::slice::from_ref(&grant));
        }
    }
}

/// What a custom role of the model consists of. One that is switched off grants nothing.
fn custom(builder: &Builder<'_>, from: usize, role: &Text) -> Option<gcp::Assigned> {
    let is_custom = |index: &usize| {
        builder.links.resource(*index).is_some_and(|it| CUSTOM.contains(&it.kind.as_str()))
    };
    let mut found: Vec<usize> = if let Some(name) = role.as_str() {
        let (owner, id) = name.rsplit_once("/roles/")?;
        // A role of the same name in another project is another role.
        let is_named = |index: &usize| {
            let value = |name: &str| builder.links.value(*index, name);
            let elsewhere = [("project", "projects/"), ("org_id", "organizations/")];
            let elsewhere = elsewhere.into_iter().any(|(argument, prefix)| {
                value(argument).as_str().is_some_and(|own| {
                    owner.strip_prefix(prefix) != Some(own.strip_prefix(prefix).unwrap_or(own))
                })
            });
            value("role_id").as_str() == Some(id) && !elsewhere
        };
        let all = CUSTOM.iter().flat_map(|kind| builder.links.of_kind(kind));
        all.filter(is_named).collect()
    } else {
        let referenced = builder.links.references(from, "role").into_iter();
        referenced.map(|(index, _)| index).filter(is_custom).collect()
    };
    found.dedup();
    let [index] = found.as_slice() else { return None };
    let index = *index;
    let off = builder.links.value(index, "stage").as_str() == Some("DISABLED");
    let permissions = builder.links.value(index, "permissions").elements();
    let permissions = permissions.iter().filter(|_| !off).filter_map(Value::text).collect();
    Some(gcp::Assigned::Permissions(permissions))
}

/// The expression of a `condition` block.
fn condition(block: &Value) -> Option<Text> {
    block.elements().first().and_then(|block| block.get("expression").text())
}

/// A whole policy: `policy_data` is JSON, most often of a data source whose blocks say the same.
fn policy(builder: &mut Builder<'_>, from: usize) {
    if let Some(text) = builder.links.value(from, "policy_data").as_str()
        && let Ok(node) = policy::json::parse(&Text::literal(text))
        && let Some(bindings) = bindings(&node)
    {
        for (role, members, condition) in bindings {
            let bound = Bound { argument: "policy_data", path: "policy_data", role, condition };
            bind(builder, from, bound, &members);
        }
        return;
    }
    let Some(text) = builder.links.value(from, "policy_data").text() else { return };
    let mut read = false;
    for (data, _) in builder.links.references(from, "policy_data") {
        let Some(resource) = builder.links.resource(data) else { continue };
        // What went through a function is another policy.
        let whole = matches!(text.parts(), [Part::Hole(hole)]
            if *hole.origin == *format!("{}.policy_data", resource.address));
        if resource.mode != Mode::Data || resource.kind != "google_iam_policy" || !whole {
            continue;
        }
        read = true;
        for block in resource.after.get("binding").elements() {
            let Some(role) = block.get("role").text() else { continue };
            let condition = condition(block.get("condition"));
            let bound = Bound { argument: "policy_data", path: "policy_data", role, condition };
            bind(builder, from, bound, block.get("members"));
        }
    }
    if !read {
        unread(builder, from, &text);
    }
}

/// Role, members and condition of each binding of a policy that is written as the interface of Google documents it. None
/// where it is not: its reader does not care for the case of names, and which of two it takes is not sure.
fn bindings(policy: &policy::json::Node) -> Option<Vec<(Text, Value, Option<Text>)>> {
    use policy::json::Value as Json;
    let members = |node: &policy::json::Node, known: &[&str]| {
        let Json::Object(members) = &node.value else { return None };
        let member = |member: &policy::json::Member| {
            let name = member.name.as_str().filter(|name| known.contains(name))?;
            Some((name.to_owned(), member.value.clone()))
        };
        members.iter().map(member).collect::<Option<BTreeMap<_, _>>>()
    };
    let text = |node: &policy::json::Node| {
        if let Json::String(text) = &node.value { Some(text.clone()) } else { None }
    };
    let list = |node: &policy::json::Node| {
        if let Json::Array(items) = &node.value { Some(items.clone()) } else { None }
    };
    let all = members(policy, &["auditConfigs", "bindings", "etag", "version"])?;
    let mut found = Vec::new();
    for binding in all.get("bindings").map_or(Some(Vec::new()), list)? {
        let binding = members(&binding, &["condition", "members", "role"])?;
        let holders = binding.get("members").map_or(Some(Vec::new()), list)?;
        let holders: Option<Vec<Text>> = holders.iter().map(text).collect();
        let condition = match binding.get("condition") {
            None => None,
            Some(node) if matches!(node.value, Json::Null) => None,
            Some(node) => {
                let known = ["description", "expression", "location", "title"];
                Some(text(members(node, &known)?.get("expression")?)?)
            }
        };
        let holders = holders?.into_iter().map(Value::String).collect();
        found.push((text(binding.get("role")?)?, Value::List(holders), condition));
    }
    Some(found)
}

/// A policy that is not known, or no JSON: it may give any role to whom it refers to, or to anybody else.
fn unread(builder: &mut Builder<'_>, from: usize, text: &Text) {
    let address = builder.links.resource(from).map_or("", |resource| &resource.address);
    let role = match text.parts() {
        [Part::Hole(_)] => text.clone(),
        _ => Text::hole(format!("{address}.policy_data"), Shape::Any),
    };
    let name = format!("whoever `{address}` names");
    let resource = resource::full_name(&builder.links, from);
    let what = gcp::Assigned::Role(role);
    let content = Content::Google(gcp::Grant { what, resource, condition: None });
    let grant = Grant { resource: from, path: "policy_data".to_owned(), content };
    let references = builder.links.references(from, "policy_data").into_iter();
    let mut holders: Vec<usize> =
        references.filter_map(|(index, _)| builder.of_resource(index)).collect();
    holders.dedup();
    if holders.is_empty() {
        holders.push(builder.elsewhere(Platform::Google, &name, from));
    }
    for holder in holders {
        builder.grant(holder, std::slice::from_ref(&grant));
    }
}

/// The identities that a member stands for.
fn accounts(builder: &mut Builder<'_>, from: usize, argument: &str, member: &Text) -> Vec<usize> {
    let Some(known) = member.as_str() else {
        let value = Value::String(member.clone());
        return builder.targets_or_elsewhere(from, argument, &value, ACCOUNT, Platform::Google);
    };
    let email = known.strip_prefix("serviceAccount:").unwrap_or(known);
    let mut here = builder.named(email, ACCOUNT);
    if here.is_empty() {
        // Before it exists, only the part before the `@` is known of an account's address.
        let local = email.split_once('@').map(|(local, _)| local);
        here = local.map(|local| builder.named(local, ACCOUNT)).unwrap_or_default();
    }
    if here.is_empty() { vec![builder.elsewhere(Platform::Google, email, from)] } else { here }
}

/// Whether a member lets everybody become a service account. The public reads what is public; here it is who may use an
/// identity.
fn opens(builder: &Builder<'_>, from: usize, member: &Text) -> bool {
    let account = builder
        .links
        .resource(from)
        .is_some_and(|resource| resource.kind.starts_with("google_service_account_iam_"));
    account && matches!(member.as_str(), Some("allUsers" | "allAuthenticatedUsers"))
}

/// People, groups and the public are not machine identities.
fn is_machine(member: &Text) -> bool {
    let first = match member.parts().first() {
        Some(Part::Literal(text)) => text.as_str(),
        Some(Part::Hole(_)) => return true,
        None => return false,
    };
    ![
        "user:",
        "group:",
        "domain:",
        "deleted:",
        "projectOwner:",
        "projectEditor:",
        "projectViewer:",
        "allUsers",
        "allAuthenticatedUsers",
    ]
    .iter()
    .any(|people| first.starts_with(people))
}

//! Vault and `OpenBao`: roles of auth methods, entities and tokens, with the policies that they name.
//!
//! The policy `default`, which every token gets unless it says otherwise, is part of the installation: it counts only where the
//! model writes it.

use std::collections::{BTreeMap, BTreeSet};

use policy::text::{Part, Text};

use crate::model::Mode;
use crate::value::Value;

use super::{Builder, Content, Grant, Platform};

/// Policies by name.
type Policies = BTreeMap<String, Vec<usize>>;

/// Hands the policies to the roles, entities and tokens that name them.
pub(super) fn extract(builder: &mut Builder<'_>) {
    let known = policies(builder);
    let mut used = BTreeSet::new();
    let kinds: Vec<&str> =
        builder.links.kinds().filter(|kind| kind.starts_with("vault_")).collect();
    for kind in kinds {
        let argument = match kind {
            "vault_identity_entity" | "vault_token" => "policies",
            "vault_token_auth_backend_role" => "allowed_policies",
            "vault_agent_registration" => "ceiling_policies",
            "vault_identity_entity_policies"
            | "vault_identity_group"
            | "vault_identity_group_policies" => continue,
            _ => "token_policies",
        };
        for index in builder.links.of_kind(kind) {
            let mut grants = named(builder, index, argument, &known, &mut used);
            // Users and teams have the argument that roles had before; a token role may give whatever matches.
            for more in ["policies", "allowed_policies_glob"] {
                if more != argument {
                    grants.extend(named(builder, index, more, &known, &mut used));
                }
            }
            if grants.is_empty() {
                continue;
            }
            let identity = holder(builder, index, kind);
            builder.grant(identity, &grants);
        }
    }
    entity_policies(builder, &known, &mut used);
    groups(builder, &known, &mut used);
    for index in builder.links.of_kind("vault_policy") {
        if !used.contains(&index) {
            let grant = written(builder, index);
            builder.graph.loose.push(grant);
        }
    }
}

fn policies(builder: &Builder<'_>) -> Policies {
    let mut found = Policies::new();
    for index in builder.links.of_kind("vault_policy") {
        if let Some(name) = builder.links.value(index, "name").as_str() {
            found.entry(name.to_owned()).or_default().push(index);
        }
    }
    found
}

/// The identity that a resource is; where the catalogue has none, a token or login that only this model speaks of.
fn holder(builder: &mut Builder<'_>, index: usize, kind: &str) -> usize {
    if let Some(identity) = builder.of_resource(index) {
        return identity;
    }
    let names = ["role_name", "role", "name", "username", "display_name"];
    let name = names.into_iter().find_map(|name| builder.links.value(index, name).as_str());
    let address = builder.links.resource(index).map_or("", |resource| &resource.address);
    let backend =
        ["backend", "mount"].into_iter().find_map(|name| builder.links.value(index, name).as_str());
    let name = match (kind, name, backend) {
        ("vault_token", ..) | (_, None, _) => address.to_owned(),
        (_, Some(name), Some(backend)) => format!("auth/{backend}/role/{name}"),
        (_, Some(name), None) => format!("{address} ({name})"),
    };
    let governance = builder.governance(index);
    let identity = builder.elsewhere(Platform::Vault, &name, index);
    if let Some(found) = builder.graph.identities.get_mut(identity) {
        found.governance = governance;
    }
    identity
}

/// The policies that an argument lists.
fn named(
    builder: &Builder<'_>,
    index: usize,
    argument: &str,
    known: &Policies,
    used: &mut BTreeSet<usize>,
) -> Vec<Grant> {
    let value = builder.links.value(index, argument);
    let mut grants = Vec::new();
    for (number, element) in value.elements().iter().enumerate() {
        let Some(name) = element.text() else { continue };
        let here: Vec<usize> = match name.as_str() {
            Some(name) => known.get(name).cloned().unwrap_or_default(),
            None => referenced(builder, index, argument, &name),
        };
        if here.is_empty() {
            if name.as_str() == Some("default") {
                continue;
            }
            let listed = matches!(value, Value::List(_));
            let path = if listed { format!("{argument}[{number}]") } else { argument.to_owned() };
            let content = Content::Vault { name, text: None };
            grants.push(Grant { resource: index, path, content });
        } else {
            used.extend(&here);
            grants.extend(here.into_iter().map(|policy| written(builder, policy)));
        }
    }
    grants
}

/// The policies whose unknown name this is, as a whole.
fn referenced(builder: &Builder<'_>, from: usize, argument: &str, name: &Text) -> Vec<usize> {
    let [Part::Hole(hole)] = name.parts() else { return Vec::new() };
    let references = builder.links.references(from, argument);
    let policies = references.into_iter().filter(|(index, attribute)| {
        let Some(resource) = builder.links.resource(*index) else { return false };
        resource.kind == "vault_policy"
            && ["name", "id"].contains(attribute)
            && *hole.origin == format!("{}.{attribute}", resource.address)
    });
    policies.map(|(index, _)| index).collect()
}

/// A policy that the model writes.
fn written(builder: &Builder<'_>, index: usize) -> Grant {
    let name = builder.links.value(index, "name").text().unwrap_or_default();
    let text = document(builder, index).or_else(|| builder.links.value(index, "policy").text());
    let text = text.or_else(|| Some(Text::new()));
    Grant { resource: index, path: "policy".into(), content: Content::Vault { name, text } }
}

/// The policy that a `vault_policy_document` writes, of which the plan knows the blocks before it knows the text.
fn document(builder: &Builder<'_>, index: usize) -> Option<Text> {
    let text = builder.links.value(index, "policy").text()?;
    let [Part::Hole(hole)] = text.parts() else { return None };
    let references = builder.links.references(index, "policy");
    let (data, _) = references.into_iter().find(|(data, attribute)| {
        *attribute == "hcl"
            && builder.links.resource(*data).is_some_and(|resource| {
                resource.mode == Mode::Data
                    && resource.kind == "vault_policy_document"
                    && *hole.origin == format!("{}.hcl", resource.address)
            })
    })?;
    let mut out = Text::literal("{\"path\":[");
    for (number, rule) in builder.links.value(data, "rule").elements().iter().enumerate() {
        if number > 0 {
            out.push_str(",");
        }
        out.push_str("{");
        quoted(&rule.get("path").text()?, &mut out)?;
        out.push_str(":{");
        for (number, (name, value)) in arguments(rule).into_iter().enumerate() {
            if number > 0 {
                out.push_str(",");
            }
            out.push_str(&format!("\"{name}\":"));
            json(value, &mut out)?;
        }
        out.push_str("}}");
    }
    out.push_str("]}");
    Some(out)
}

/// The arguments of a rule that say something, under the names that a policy has for them.
fn arguments(rule: &Value) -> Vec<(&'static str, &Value)> {
    let names = [
        ("capabilities", "capabilities"),
        ("required_parameters", "required_parameters"),
        ("allowed_parameter", "allowed_parameters"),
        ("denied_parameter", "denied_parameters"),
        ("min_wrapping_ttl", "min_wrapping_ttl"),
        ("max_wrapping_ttl", "max_wrapping_ttl"),
    ];
    let said = names.into_iter().map(|(argument, name)| (name, rule.get(argument)));
    said.filter(|(_, value)| !value.elements().is_empty()).collect()
}

/// A value as JSON. None for one of which not even the form is known.
fn json(value: &Value, out: &mut Text) -> Option<()> {
    match value {
        Value::List(items)
            if items.iter().all(|item| item.get("key").text().is_some()) && !items.is_empty() =>
        {
            out.push_str("{");
            for (number, item) in items.iter().enumerate() {
                if number > 0 {
                    out.push_str(",");
                }
                quoted(&item.get("key").text()?, out)?;
                out.push_str(":");
                json(item.get("value"), out)?;
            }
            out.push_str("}");
        }
        Value::List(items) => {
            out.push_str("[");
            for (number, item) in items.iter().enumerate() {
                if number > 0 {
                    out.push_str(",");
                }
                json(item, out)?;
            }
            out.push_str("]");
        }
        Value::Null => out.push_str("[]"),
        Value::String(_) | Value::Bool(_) | Value::Number(_) => quoted(&value.text()?, out)?,
        Value::Unknown(hole) => out.push_escaped(hole),
        Value::Object(_) => return None,
    }
    Some(())
}

fn quoted(text: &Text, out: &mut Text) -> Option<()> {
    out.push_str("\"");
    for part in text.parts() {
        match part {
            Part::Literal(known) => {
                let quoted = serde_json::to_string(known).ok()?;
                out.push_str(quoted.strip_prefix('"')?.strip_suffix('"')?);
            }
            Part::Hole(hole) => out.push_escaped(hole),
        }
    }
    out.push_str("\"");
    Some(())
}

/// Policies that are attached to an entity by a resource of their own.
fn entity_policies(builder: &mut Builder<'_>, known: &Policies, used: &mut BTreeSet<usize>) {
    for index in builder.links.of_kind("vault_identity_entity_policies") {
        let grants = named(builder, index, "policies", known, used);
        give(builder, index, "entity_id", &grants);
    }
}

/// Members have the policies of their groups.
fn groups(builder: &mut Builder<'_>, known: &Policies, used: &mut BTreeSet<usize>) {
    let mut of_group: BTreeMap<usize, Vec<Grant>> = BTreeMap::new();
    for index in builder.links.of_kind("vault_identity_group") {
        let grants = named(builder, index, "policies", known, used);
        of_group.entry(index).or_default().extend(grants);
    }
    for index in builder.links.of_kind("vault_identity_group_policies") {
        let grants = named(builder, index, "policies", known, used);
        for (group, _) in builder.links.references(index, "group_id") {
            of_group.entry(group).or_default().extend(grants.clone());
        }
    }
    nest(builder, &mut of_group);
    for (group, grants) in &of_group {
        give(builder, *group, "member_entity_ids", grants);
    }
    for index in builder.links.of_kind("vault_identity_group_member_entity_ids") {
        for (group, _) in builder.links.references(index, "group_id") {
            let grants = of_group.get(&group).cloned().unwrap_or_default();
            give(builder, index, "member_entity_ids", &grants);
        }
    }
}

/// Groups that are members have the policies of the groups that they are in, however deep.
fn nest(builder: &Builder<'_>, of_group: &mut BTreeMap<usize, Vec<Grant>>) {
    let members = |group: usize| -> Vec<usize> {
        let references = builder.links.references(group, "member_group_ids");
        references.into_iter().map(|(index, _)| index).collect()
    };
    let own = of_group.clone();
    for (group, grants) in own {
        let mut open = members(group);
        let mut seen = BTreeSet::from([group]);
        while let Some(member) = open.pop() {
            if seen.insert(member) {
                of_group.entry(member).or_default().extend(grants.clone());
                open.extend(members(member));
            }
        }
    }
}

fn give(builder: &mut Builder<'_>, from: usize, argument: &str, grants: &[Grant]) {
    if grants.is_empty() {
        return;
    }
    for value in builder.links.value(from, argument).elements() {
        let entities = &["vault_identity_entity"];
        for identity in
            builder.targets_or_elsewhere(from, argument, value, entities, Platform::Vault)
        {
            builder.grant(identity, grants);
        }
    }
}

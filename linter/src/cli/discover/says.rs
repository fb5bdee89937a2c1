//! A piece of permission or trust in a line.

use policy::text::Text;
use policy::{azure, gcp, github};
use serde_json::Value as Json;

use crate::identity::{Content, plain};

/// What a grant says.
pub(super) fn content(content: &Content) -> String {
    match content {
        Content::Document(text) => document(text),
        Content::Arn(arn) => format!("policy `{arn}`"),
        Content::Google(grant) => {
            let what = match &grant.what {
                gcp::Assigned::Role(role) => format!("role `{role}`"),
                gcp::Assigned::Permissions(all) => list(all),
            };
            match &grant.resource {
                Some(place) => format!("{what} on `{place}`"),
                None => what,
            }
        }
        Content::Azure(grant) => {
            let what = match &grant.what {
                azure::Assigned::Role(role) => format!("role `{role}`"),
                azure::Assigned::Definition(_) => "a role of its own".to_owned(),
            };
            format!("{what} on `{}`", grant.scope)
        }
        Content::Directory { role, scope } => format!("directory role `{role}` on `{scope}`"),
        Content::Rules { rules, namespace } => {
            let rules: Vec<String> = rules
                .iter()
                .map(|rule| format!("{} on {}", list(&rule.verbs), list(&rule.resources)))
                .collect();
            format!("{}{}", rules.join(", "), within(namespace.as_ref()))
        }
        Content::KubernetesRole { role, namespace } => {
            format!("role `{role}`{}", within(namespace.as_ref()))
        }
        Content::Vault { name, .. } => format!("policy `{name}`"),
        Content::GitHub(grant) => {
            let levels = match &grant.permissions {
                github::Permissions::Unspecified => "the default permissions".to_owned(),
                github::Permissions::ReadAll => "read-all".to_owned(),
                github::Permissions::WriteAll => "write-all".to_owned(),
                github::Permissions::Levels(levels) => {
                    let said: Vec<String> =
                        levels.iter().map(|(scope, level)| format!("{scope}: {level}")).collect();
                    said.join(", ")
                }
                github::Permissions::Classic(scopes) => list(scopes),
            };
            format!("{levels} on {}", list(&grant.repositories))
        }
        Content::Unread(why) => plain(&why.reason),
        Content::Rendered { .. } => "what a governed resource renders".to_owned(),
    }
}

fn within(namespace: Option<&Text>) -> String {
    match namespace {
        Some(namespace) => format!(" in `{namespace}`"),
        None => " in the whole cluster".to_owned(),
    }
}

fn list(texts: &[Text]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| format!("`{text}`")).collect();
    if texts.is_empty() { "nothing".to_owned() } else { texts.join(", ") }
}

/// Actions, principals and resources of each statement of an AWS policy.
fn document(text: &Text) -> String {
    let shown = plain(&text.to_string());
    let Ok(document) = serde_json::from_str::<Json>(&shown) else {
        return if text.has_holes() {
            format!("a document with unknown parts: {}", origins(text))
        } else {
            "no policy document".to_owned()
        };
    };
    let statements = match document.get("Statement") {
        Some(Json::Array(statements)) => statements.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    let said: Vec<String> = statements.iter().map(statement).collect();
    if said.is_empty() { "nothing".to_owned() } else { said.join("; ") }
}

fn origins(text: &Text) -> String {
    let mut origins: Vec<String> =
        text.holes().map(|hole| format!("`{}`", plain(&hole.origin))).collect();
    origins.dedup();
    origins.join(", ")
}

fn statement(statement: &Json) -> String {
    let part = |name: &str| statement.get(name).map(flat);
    let negated = |name: &str| {
        part(name).or_else(|| part(&format!("Not{name}")).map(|said| format!("all but {said}")))
    };
    let mut out = String::new();
    if statement.get("Effect").and_then(Json::as_str) == Some("Deny") {
        out.push_str("not ");
    }
    out.push_str(&negated("Action").unwrap_or_else(|| "nothing".to_owned()));
    if let Some(principal) = negated("Principal") {
        out.push_str(" by ");
        out.push_str(&principal);
    }
    if let Some(resource) = negated("Resource") {
        out.push_str(" on ");
        out.push_str(&resource);
    }
    if statement.get("Condition").is_some_and(|condition| !condition.is_null()) {
        out.push_str(" under a condition");
    }
    out
}

/// Every string in a value.
fn flat(value: &Json) -> String {
    match value {
        Json::String(text) => format!("`{text}`"),
        Json::Array(items) => items.iter().map(flat).collect::<Vec<_>>().join(", "),
        Json::Object(fields) => fields.values().map(flat).collect::<Vec<_>>().join(", "),
        Json::Null | Json::Bool(_) | Json::Number(_) => value.to_string(),
    }
}

//! What a template allows an identity, in words: for people who decide and do not read policies every day.

use serde_json::Value;

use crate::attribute::Attribute;
use crate::ceiling::{Azure, Ceiling, Gcp, Github, Kubernetes};

/// What is allowed on each platform that there is anything allowed on, a sentence each.
pub(super) fn sentences(ceiling: &Ceiling) -> Vec<(&'static str, Vec<String>)> {
    let Ceiling { aws, gcp, azure, kubernetes, vault, github } = ceiling;
    let aws = aws.known().map(|aws| {
        let mut lines = statements(aws.permissions.as_str());
        lines.extend(trusts(aws.trust.as_str()));
        if let Some(boundary) = aws.boundary.as_str() {
            lines.push(format!("Never more than the permissions boundary `{boundary}` allows."));
        }
        lines
    });
    let platforms = [
        ("AWS", aws),
        ("Google Cloud", gcp.known().map(of_gcp)),
        ("Azure", azure.known().map(of_azure)),
        ("Kubernetes", kubernetes.known().map(of_kubernetes)),
        ("Vault", vault.known().map(|vault| of_vault(vault.policy.as_str()))),
        ("GitHub", github.known().map(of_github)),
    ];
    let platforms = platforms.into_iter().filter_map(|(name, lines)| Some((name, lines?)));
    platforms.filter(|(_, lines)| !lines.is_empty()).collect()
}

/// `a`, `b` and `c`.
fn list<T: AsRef<str>>(items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(|item| format!("`{}`", item.as_ref())).collect();
    match items.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn known(items: &Attribute<Vec<String>>) -> &[String] {
    items.known().map(Vec::as_slice).unwrap_or_default()
}

/// One or many, as policies of AWS have it.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => {
            items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        Some(Value::Object(entries)) => entries
            .iter()
            .flat_map(|(name, value)| {
                texts(Some(value)).into_iter().map(move |text| format!("{name}: {text}"))
            })
            .collect(),
        None | Some(Value::Null | Value::Bool(_) | Value::Number(_)) => Vec::new(),
    }
}

fn parts(policy: Option<&str>) -> Vec<Value> {
    let policy: Option<Value> = policy.and_then(|text| serde_json::from_str(text).ok());
    match policy.and_then(|mut policy| policy.get_mut("Statement").map(Value::take)) {
        Some(Value::Array(statements)) => statements,
        Some(one @ Value::Object(_)) => vec![one],
        _ => Vec::new(),
    }
}

fn condition(statement: &Value) -> &'static str {
    let conditional = statement.get("Condition").is_some_and(|it| !it.is_null());
    if conditional { ", under a condition" } else { "" }
}

fn statements(policy: Option<&str>) -> Vec<String> {
    let statements = parts(policy);
    let lines = statements.iter().map(|statement| {
        let denied = statement.get("Effect").and_then(Value::as_str) == Some("Deny");
        let may = if denied { "Must not" } else { "May" };
        let actions = match statement.get("NotAction") {
            None => list(&texts(statement.get("Action"))),
            all_but => format!("everything but {}", list(&texts(all_but))),
        };
        let resources = match statement.get("NotResource") {
            None => list(&texts(statement.get("Resource"))),
            all_but => format!("everything but {}", list(&texts(all_but))),
        };
        format!("{may} do {actions} on {resources}{}.", condition(statement))
    });
    lines.collect()
}

fn trusts(policy: Option<&str>) -> Vec<String> {
    let statements = parts(policy);
    let lines = statements.iter().map(|statement| {
        let who = list(&texts(statement.get("Principal")));
        let how = list(&texts(statement.get("Action")));
        format!("{who} may become it with {how}{}.", condition(statement))
    });
    lines.collect()
}

fn of_gcp(gcp: &Gcp) -> Vec<String> {
    let at = list(known(&gcp.resources));
    let mut lines = Vec::new();
    if !known(&gcp.roles).is_empty() {
        lines.push(format!("May hold the roles {} on {at}.", list(known(&gcp.roles))));
    }
    if !known(&gcp.permissions).is_empty() {
        lines.push(format!("May hold the permissions {} on {at}.", list(known(&gcp.permissions))));
    }
    lines
}

fn of_azure(azure: &Azure) -> Vec<String> {
    let at = list(known(&azure.scopes));
    let planes = [
        ("operations", &azure.actions, &azure.not_actions),
        ("data operations", &azure.data_actions, &azure.not_data_actions),
    ];
    let planes = planes.into_iter().filter(|(_, actions, _)| !known(actions).is_empty());
    let lines = planes.map(|(name, actions, but)| {
        let but = known(but);
        let but = if but.is_empty() { String::new() } else { format!(", but not {}", list(but)) };
        format!("May do the {name} {}{but} at {at}.", list(known(actions)))
    });
    lines.collect()
}

fn of_kubernetes(kubernetes: &Kubernetes) -> Vec<String> {
    let rules: Option<Vec<Value>> =
        kubernetes.rules.as_str().and_then(|rules| serde_json::from_str(rules).ok());
    let namespaces = list(known(&kubernetes.namespaces));
    let lines = rules.into_iter().flatten().map(|rule| {
        let field = |camel: &str, snake: &str| texts(rule.get(camel).or_else(|| rule.get(snake)));
        let verbs = list(&field("verbs", "verbs"));
        let resources = list(&field("resources", "resources"));
        let only = field("resourceNames", "resource_names");
        let named = if only.is_empty() { String::new() } else { format!(" named {}", list(&only)) };
        format!("May {verbs} {resources}{named} in namespace {namespaces}.")
    });
    lines.collect()
}

fn of_vault(policy: Option<&str>) -> Vec<String> {
    let policy: Option<Value> = policy.and_then(|text| serde_json::from_str(text).ok());
    let paths = policy.as_ref().and_then(|policy| policy.get("path")).and_then(Value::as_object);
    let lines = paths
        .into_iter()
        .flatten()
        .map(|(path, rule)| format!("May {} at `{path}`.", list(&texts(rule.get("capabilities")))));
    lines.collect()
}

fn of_github(github: &Github) -> Vec<String> {
    let repositories = list(known(&github.repositories));
    let permissions = github.permissions.known().into_iter().flatten();
    let lines = permissions
        .map(|(name, level)| format!("May have `{level}` on `{name}` in {repositories}."));
    lines.collect()
}

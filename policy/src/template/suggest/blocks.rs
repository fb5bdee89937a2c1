//! A ceiling as the blocks of a template.

use std::collections::BTreeSet;

use super::collect::{Collected, Rule, Statement};
use super::write::{Item, Value, attribute, one_or_many, quoted, string, strings};
use crate::text::{Part, Text};

/// The platform blocks, with a blank line before each.
pub(super) fn platforms(ceiling: &Collected) -> Vec<Item> {
    let blocks = [
        ("aws", aws(ceiling)),
        ("gcp", gcp(ceiling)),
        ("azure", azure(ceiling)),
        ("kubernetes", kubernetes(ceiling)),
        ("vault", vault(ceiling)),
        ("github", github(ceiling)),
    ];
    let there = blocks.into_iter().filter(|(_, body)| !body.is_empty());
    there.flat_map(|(name, body)| [Item::Blank, Item::Block(name.to_owned(), body)]).collect()
}

fn aws(ceiling: &Collected) -> Vec<Item> {
    let mut body = Vec::new();
    for (name, statements) in [("permissions", &ceiling.permissions), ("trust", &ceiling.trust)] {
        if statements.iter().any(|it| !it.denies) {
            body.push(attribute(name, policy(statements)));
        }
    }
    body.extend(ceiling.boundary.iter().map(|it| attribute("boundary", Value::String(it.clone()))));
    body
}

pub(super) fn policy(statements: &BTreeSet<Statement>) -> Value {
    // By what they do rather than by what they do it to.
    let mut sorted: Vec<&Statement> = statements.iter().collect();
    sorted.sort_by_key(|it| (it.denies, it.not_action, &it.actions));
    let statements = sorted.into_iter().map(|it| Value::Object(statement(it))).collect();
    Value::Json(vec![
        attribute("Version", string("2012-10-17")),
        attribute("Statement", Value::List(statements)),
    ])
}

fn statement(statement: &Statement) -> Vec<Item> {
    let named = |not: bool, name: &str| if not { format!("Not{name}") } else { name.to_owned() };
    let mut out = Vec::new();
    let resources = statement.resources.iter().flat_map(|(_, set)| set);
    out.extend(wildcards(statement.actions.iter().chain(resources)));
    out.push(attribute("Effect", string(if statement.denies { "Deny" } else { "Allow" })));
    if let Some((not, kinds)) = &statement.principals {
        let kinds = kinds.iter().map(|(kind, set)| attribute(&kind.to_string(), one_or_many(set)));
        out.push(attribute(&named(*not, "Principal"), Value::Object(kinds.collect())));
    }
    out.push(attribute(&named(statement.not_action, "Action"), one_or_many(&statement.actions)));
    if let Some((not, set)) = &statement.resources {
        out.push(attribute(&named(*not, "Resource"), one_or_many(set)));
    }
    let mut operators: Vec<(&str, Vec<Item>)> = Vec::new();
    for ((operator, key), values) in &statement.conditions {
        let item = Item::Attribute(key.clone(), one_or_many(values));
        match operators.last_mut() {
            Some((last, items)) if last == operator => items.push(item),
            _ => operators.push((operator, vec![item])),
        }
    }
    if !operators.is_empty() {
        let operators = operators
            .into_iter()
            .map(|(name, items)| attribute(name, Value::Object(items)))
            .collect();
        out.push(attribute("Condition", Value::Object(operators)));
    }
    out
}

/// Says which wildcards come from the identities, so that a reviewer asks whether they are needed.
fn wildcards<'a>(texts: impl Iterator<Item = &'a Text>) -> Option<Item> {
    let wild = |text: &&Text| {
        text.parts()
            .iter()
            .any(|part| matches!(part, Part::Literal(text) if text.contains(['*', '?'])))
    };
    let found: Vec<String> = texts.filter(wild).map(quoted).collect();
    (!found.is_empty()).then(|| {
        Item::Comment(format!(
            "wildcards of the identities, kept as they are: {}",
            found.join(", ")
        ))
    })
}

fn gcp(ceiling: &Collected) -> Vec<Item> {
    let of = |is_role: bool| -> BTreeSet<&Text> {
        let own = ceiling.gcp.iter().filter(|it| it.is_role == is_role);
        own.map(|it| &it.what).collect()
    };
    let resources: BTreeSet<&Text> =
        ceiling.gcp.iter().filter_map(|it| it.resource.as_ref()).collect();
    let lists = [("roles", of(true)), ("permissions", of(false)), ("resources", resources)];
    let there = lists.into_iter().filter(|(_, set)| !set.is_empty());
    there.map(|(name, set)| attribute(name, strings(set))).collect()
}

fn azure(ceiling: &Collected) -> Vec<Item> {
    let all = |of: fn(&super::collect::Assignment) -> &BTreeSet<Text>| -> BTreeSet<&Text> {
        ceiling.azure.iter().flat_map(of).collect()
    };
    let blocks: BTreeSet<_> = ceiling
        .azure
        .iter()
        .map(|it| (&it.actions, &it.not_actions, &it.data_actions, &it.not_data_actions))
        .collect();
    let mut lists = vec![("actions", all(|it| &it.actions))];
    // What one block takes away another may give: only of a single one can it be said for all.
    let single = blocks.len() == 1;
    if single {
        lists.push(("not_actions", all(|it| &it.not_actions)));
    }
    lists.push(("data_actions", all(|it| &it.data_actions)));
    if single {
        lists.push(("not_data_actions", all(|it| &it.not_data_actions)));
    }
    let scopes = ceiling.azure.iter().map(|it| &it.scope).filter(|it| **it != Text::new());
    lists.push(("scopes", scopes.collect()));
    let there = lists.into_iter().filter(|(_, set)| !set.is_empty());
    there.map(|(name, set)| attribute(name, strings(set))).collect()
}

fn kubernetes(ceiling: &Collected) -> Vec<Item> {
    if ceiling.kubernetes.is_empty() {
        return Vec::new();
    }
    let everywhere = Text::literal("*");
    let places: BTreeSet<Option<&Text>> =
        ceiling.kubernetes.iter().map(|it| it.namespace.as_ref()).collect();
    // The whole cluster takes in every namespace.
    let namespaces: BTreeSet<&Text> = if places.contains(&None) {
        BTreeSet::from([&everywhere])
    } else {
        places.into_iter().flatten().collect()
    };
    let mut body = vec![attribute("namespaces", strings(namespaces))];
    let rules: BTreeSet<Rule> =
        ceiling.kubernetes.iter().map(|it| Rule { namespace: None, ..it.clone() }).collect();
    for rule in &rules {
        let mut items = vec![
            attribute("api_groups", strings(&rule.api_groups)),
            attribute("resources", strings(&rule.resources)),
        ];
        if !rule.resource_names.is_empty() {
            items.push(attribute("resource_names", strings(&rule.resource_names)));
        }
        items.push(attribute("verbs", strings(&rule.verbs)));
        body.push(Item::Block("rule".to_owned(), items));
    }
    body
}

fn vault(ceiling: &Collected) -> Vec<Item> {
    let rules = ceiling.vault.iter().filter(|(_, capabilities)| !capabilities.is_empty());
    rules
        .map(|(path, capabilities)| {
            let items = vec![
                attribute("path", Value::String(path.clone())),
                attribute("capabilities", strings(capabilities)),
            ];
            Item::Block("rule".to_owned(), items)
        })
        .collect()
}

fn github(ceiling: &Collected) -> Vec<Item> {
    if ceiling.github.is_empty() {
        return Vec::new();
    }
    let levels = ceiling.github.iter().filter_map(|(scope, levels)| {
        Some(Item::Attribute(scope.clone(), Value::String(levels.first()?.clone())))
    });
    vec![
        attribute("permissions", Value::Object(levels.collect())),
        attribute("repositories", strings(&ceiling.repositories)),
    ]
}

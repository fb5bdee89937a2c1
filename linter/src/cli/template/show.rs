//! `nhi-lint template show`: what a template is for, and what comes of it.

use std::collections::BTreeMap;

use policy::template::expression::Interpolated;
use policy::template::{Spanned, Template};
use serde_json::{Map, Value as Json, json};

use crate::cli::args::{AnswerFormat, ShowArgs};
use crate::cli::{CLEAN, CommandError, World, settings};

/// Runs the command.
pub(super) fn run(args: &ShowArgs, world: &mut World<'_>) -> Result<u8, CommandError> {
    let library = settings::published(&args.templates, world)?;
    let template = settings::named(&library, &args.template)?;
    let given = settings::parameters(&args.parameters)?;
    let errors = template.check_given(&given);
    if !errors.is_empty() {
        return Err(settings::bad_parameters(&errors));
    }
    let shown = describe(template, &given);
    match args.format {
        AnswerFormat::Json => writeln!(world.output, "{shown}")?,
        AnswerFormat::Text => text(template, &given, world)?,
    }
    Ok(CLEAN)
}

fn describe(template: &Template, given: &BTreeMap<String, String>) -> Json {
    let parameters: Vec<Json> = template
        .parameters
        .values()
        .map(|parameter| {
            json!({
                "name": parameter.name,
                "pattern": parameter.pattern.as_ref().map(policy::template::model::Pattern::as_str),
                "default": parameter.default,
                "description": parameter.description,
                "value": given.get(&parameter.name),
            })
        })
        .collect();
    let kinds: Vec<String> = template.applies_to.kinds.iter().map(ToString::to_string).collect();
    json!({
        "version": 1,
        "template": template.reference().to_string(),
        "status": template.status.name(),
        "digest": template.digest,
        "description": template.description,
        "owner": template.owner,
        "replaces": template.replaces.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "applies_to": { "kinds": kinds, "environments": template.applies_to.environments },
        "require": require(template),
        "parameters": parameters,
        "platforms": platforms(template, &values(template, given)),
    })
}

fn require(template: &Template) -> Json {
    let require = &template.require;
    let mut out = Map::new();
    if !require.metadata.is_empty() {
        let names: Vec<&str> = require.metadata.iter().map(|fact| fact.name()).collect();
        out.insert("metadata".to_owned(), json!(names));
    }
    for (name, lifetime) in [
        ("max_lifetime", &require.max_lifetime),
        ("max_session", &require.max_session),
        ("rotate_every", &require.rotate_every),
        ("review_every", &require.review_every),
        ("observation", &require.observation),
    ] {
        if let Some(lifetime) = lifetime {
            out.insert(name.to_owned(), json!(lifetime.value.to_string()));
        }
    }
    if let Some(allowed) = require.static_credential {
        out.insert("static_credential".to_owned(), json!(allowed));
    }
    Json::Object(out)
}

/// What stands in the place of each parameter: its value, or the reference to it.
fn values(template: &Template, given: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let value = |name: &String| {
        let value = given.get(name).cloned().unwrap_or_else(|| format!("${{param.{name}}}"));
        (name.clone(), value)
    };
    template.parameters.keys().map(value).collect()
}

/// The blocks of the template with these values, by platform.
fn platforms(template: &Template, values: &BTreeMap<String, String>) -> Map<String, Json> {
    let one = |text: &Spanned<Interpolated>| json!(text.value.fill(values));
    let all = |texts: &[Spanned<Interpolated>]| Json::Array(texts.iter().map(one).collect());
    let mut out = Map::new();
    if let Some(aws) = &template.aws {
        let document = |document: &Option<_>| {
            document
                .as_ref()
                .and_then(|it: &Spanned<policy::template::expression::Value>| it.value.fill(values))
        };
        let mut block = Map::new();
        for (name, value) in
            [("permissions", document(&aws.permissions)), ("trust", document(&aws.trust))]
        {
            block.extend(value.map(|value| (name.to_owned(), value)));
        }
        block.extend(aws.boundary.as_ref().map(|it| ("boundary".to_owned(), one(it))));
        out.insert("aws".to_owned(), Json::Object(block));
    }
    if let Some(gcp) = &template.gcp {
        let block = json!({
            "roles": all(&gcp.roles), "permissions": all(&gcp.permissions), "resources": all(&gcp.resources),
        });
        out.insert("gcp".to_owned(), block);
    }
    if let Some(azure) = &template.azure {
        let block = json!({
            "actions": all(&azure.actions), "not_actions": all(&azure.not_actions),
            "data_actions": all(&azure.data_actions), "not_data_actions": all(&azure.not_data_actions),
            "scopes": all(&azure.scopes),
        });
        out.insert("azure".to_owned(), block);
    }
    if let Some(kubernetes) = &template.kubernetes {
        let rules: Vec<Json> = kubernetes
            .rules
            .iter()
            .map(|rule| {
                json!({
                    "api_groups": all(&rule.api_groups), "resources": all(&rule.resources),
                    "resource_names": all(&rule.resource_names), "verbs": all(&rule.verbs),
                })
            })
            .collect();
        let block = json!({ "namespaces": all(&kubernetes.namespaces), "rules": rules });
        out.insert("kubernetes".to_owned(), block);
    }
    if let Some(vault) = &template.vault {
        let rules: Vec<Json> = vault
            .rules
            .iter()
            .map(|rule| json!({ "path": one(&rule.path), "capabilities": all(&rule.capabilities) }))
            .collect();
        out.insert("vault".to_owned(), json!({ "rules": rules }));
    }
    if let Some(github) = &template.github {
        let permissions: Map<String, Json> =
            github.permissions.iter().map(|(name, level)| (name.clone(), one(level))).collect();
        let block =
            json!({ "permissions": permissions, "repositories": all(&github.repositories) });
        out.insert("github".to_owned(), block);
    }
    out
}

fn text(
    template: &Template,
    given: &BTreeMap<String, String>,
    world: &mut World<'_>,
) -> Result<(), CommandError> {
    let out = &mut world.output;
    writeln!(out, "{} ({})", template.reference(), template.status)?;
    writeln!(out, "{}", template.digest)?;
    if let Some(description) = &template.description {
        writeln!(out, "{description}")?;
    }
    if let Some(owner) = &template.owner {
        writeln!(out, "published by {owner}")?;
    }
    let kinds: Vec<String> = template.applies_to.kinds.iter().map(ToString::to_string).collect();
    for (name, words) in [("kinds", &kinds), ("environments", &template.applies_to.environments)] {
        if !words.is_empty() {
            writeln!(out, "{name}: {}", words.join(", "))?;
        }
    }
    if let Json::Object(require) = require(template) {
        for (name, value) in require {
            writeln!(out, "requires {name} = {value}")?;
        }
    }
    for parameter in template.parameters.values() {
        write!(out, "parameter {}", parameter.name)?;
        if let Some(pattern) = &parameter.pattern {
            write!(out, " matches {}", pattern.as_str())?;
        }
        if let Some(default) = &parameter.default {
            write!(out, ", default {default:?}")?;
        }
        if let Some(value) = given.get(&parameter.name) {
            write!(out, " = {value:?}")?;
        }
        match &parameter.description {
            Some(description) => writeln!(out, ": {description}")?,
            None => writeln!(out)?,
        }
    }
    for (name, block) in platforms(template, &values(template, given)) {
        writeln!(out, "\n{name} {block:#}")?;
    }
    Ok(())
}

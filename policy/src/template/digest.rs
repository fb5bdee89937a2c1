//! What makes two templates the same: `sha256:` and the hash of a canonical form.
//!
//! The canonical form is one line of JSON with the names of every object in alphabetical order and no blanks. It has what the template
//! means, not how it is written: white space, comments, the order of attributes, of blocks of different names and of object keys, and
//! the spelling of durations (`1h`, `60m`) do not matter; the order of lists and of `rule` blocks does. What is not said and what
//! is said to be empty are the same, but for whole platform blocks. `status` is left out: revoking a published version does not
//! make it another one. Parameters stand as `{"param":"name"}` between the literal parts of a string.

use serde_json::{Map, Value as Json, json};
use sha2::{Digest as _, Sha256};

use super::expression::{Interpolated, Piece, Value};
use super::model::{
    Aws, Azure, Gcp, GitHub, Kubernetes, KubernetesRule, Parameter, Pattern, Require, Spanned,
    Template, Vault, VaultRule,
};
use crate::governance::Lifetime;

type Text = Spanned<Interpolated>;

/// The digest of a template.
pub fn of(template: &Template) -> String {
    let hash = Sha256::digest(canonical(template).as_bytes());
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// The canonical form that is hashed.
pub fn canonical(template: &Template) -> String {
    let mut out = Map::new();
    out.insert("canonical_form".into(), 1.into());
    out.insert("name".into(), template.name.clone().into());
    out.insert("version".into(), template.version.to_string().into());
    out.insert("description".into(), json!(template.description.as_deref().unwrap_or_default()));
    out.insert("owner".into(), json!(template.owner.as_deref().unwrap_or_default()));
    out.insert("replaces".into(), template.replaces.iter().map(ToString::to_string).collect());
    out.insert(
        "applies_to".into(),
        json!({
            "kinds": template.applies_to.kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>(),
            "environments": template.applies_to.environments,
        }),
    );
    let parameters = template.parameters.iter().map(|(name, it)| (name.clone(), parameter(it)));
    out.insert("parameters".into(), Json::Object(parameters.collect()));
    out.insert("require".into(), require(&template.require));
    let platforms = [
        ("aws", template.aws.as_ref().map(aws)),
        ("gcp", template.gcp.as_ref().map(gcp)),
        ("azure", template.azure.as_ref().map(azure)),
        ("kubernetes", template.kubernetes.as_ref().map(kubernetes)),
        ("vault", template.vault.as_ref().map(vault)),
        ("github", template.github.as_ref().map(github)),
    ];
    for (name, platform) in platforms {
        out.insert(name.into(), platform.unwrap_or(Json::Null));
    }
    Json::Object(out).to_string()
}

fn parameter(parameter: &Parameter) -> Json {
    json!({
        "pattern": parameter.pattern.as_ref().map(Pattern::as_str),
        "default": parameter.default,
        "description": parameter.description.as_deref().unwrap_or_default(),
    })
}

fn require(require: &Require) -> Json {
    let seconds = |it: &Option<Spanned<Lifetime>>| it.as_ref().map(|it| it.value.as_seconds());
    let mut form = json!({
        "metadata": require.metadata.iter().map(|fact| fact.name()).collect::<Vec<_>>(),
        "max_lifetime": seconds(&require.max_lifetime),
        "max_session": seconds(&require.max_session),
        "rotate_every": seconds(&require.rotate_every),
        "review_every": seconds(&require.review_every),
        "static_credential": require.static_credential,
    });
    // Named only where it is stated: templates that were published before it could be keep their digest.
    if let (Some(observation), Json::Object(form)) = (seconds(&require.observation), &mut form) {
        form.insert("observation".to_owned(), observation.into());
    }
    form
}

fn aws(aws: &Aws) -> Json {
    let document = |it: &Option<Spanned<Value>>| it.as_ref().map(|it| value(&it.value));
    json!({
        "permissions": document(&aws.permissions),
        "trust": document(&aws.trust),
        "boundary": aws.boundary.as_ref().map(|it| string(&it.value)),
    })
}

fn gcp(gcp: &Gcp<Text>) -> Json {
    let Gcp { roles, permissions, resources } = gcp;
    json!({ "roles": list(roles), "permissions": list(permissions), "resources": list(resources) })
}

fn azure(azure: &Azure<Text>) -> Json {
    let Azure { actions, not_actions, data_actions, not_data_actions, scopes } = azure;
    json!({
        "actions": list(actions),
        "not_actions": list(not_actions),
        "data_actions": list(data_actions),
        "not_data_actions": list(not_data_actions),
        "scopes": list(scopes),
    })
}

fn kubernetes(kubernetes: &Kubernetes<Text>) -> Json {
    let rule = |rule: &KubernetesRule<Text>| {
        let KubernetesRule { api_groups, resources, resource_names, verbs } = rule;
        json!({
            "api_groups": list(api_groups),
            "resources": list(resources),
            "resource_names": list(resource_names),
            "verbs": list(verbs),
        })
    };
    json!({
        "namespaces": list(&kubernetes.namespaces),
        "rules": kubernetes.rules.iter().map(rule).collect::<Vec<_>>(),
    })
}

fn vault(vault: &Vault<Text>) -> Json {
    let rule = |rule: &VaultRule<Text>| {
        let VaultRule { path, capabilities } = rule;
        json!({ "path": string(&path.value), "capabilities": list(capabilities) })
    };
    json!({ "rules": vault.rules.iter().map(rule).collect::<Vec<_>>() })
}

fn github(github: &GitHub<Text>) -> Json {
    let GitHub { permissions, repositories } = github;
    let permissions = permissions.iter().map(|(name, level)| (name.clone(), string(&level.value)));
    json!({
        "permissions": Json::Object(permissions.collect()),
        "repositories": list(repositories),
    })
}

fn list(strings: &[Text]) -> Json {
    strings.iter().map(|it| string(&it.value)).collect()
}

/// A string without parameters is a JSON string; one with parameters is a list of its pieces, which no list of the
/// language can be taken for, because those stand in `{"list": …}`.
fn string(text: &Interpolated) -> Json {
    if let Some(text) = text.as_literal() {
        return text.into();
    }
    let pieces = text.pieces().iter().map(|piece| match piece {
        Piece::Literal(text) => Json::String(text.clone()),
        Piece::Parameter(name) => json!({ "param": name.value }),
    });
    pieces.collect()
}

/// A name with parameters begins with a character that no name of the language has.
fn name(name: &Interpolated) -> String {
    name.as_literal().map_or_else(|| format!("\u{1}{}", string(name)), str::to_owned)
}

fn value(it: &Value) -> Json {
    match it {
        Value::String(text) => string(text),
        Value::Number(number) => json!({ "number": number.to_string() }),
        Value::Bool(value) => (*value).into(),
        Value::List(items) => {
            json!({ "list": items.iter().map(|item| value(&item.value)).collect::<Vec<_>>() })
        }
        Value::Object(members) => {
            let members = members.iter().map(|it| (name(&it.name.value), value(&it.value.value)));
            json!({ "object": Json::Object(members.collect()) })
        }
        Value::Json(inner) => json!({ "json": value(&inner.value) }),
    }
}

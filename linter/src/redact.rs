//! Values that Terraform marks as sensitive stay out of findings, whichever rule speaks of them.

use std::collections::BTreeSet;

use policy::verdict::Counterexample;

use crate::finding::Hit;
use crate::model::{Model, Resource};
use crate::value::Value;

/// What stands where a sensitive value was.
const HIDDEN: &str = "(sensitive)";

/// A shorter text is part of too many words to be told apart from them.
const SHORTEST: usize = 3;

/// The sensitive texts of a model, the longest first.
#[derive(Debug, Default)]
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    /// Collects them.
    pub(crate) fn of(model: &Model) -> Self {
        let mut found = BTreeSet::new();
        for resource in model.resources.iter().filter(|resource| !resource.sensitive.is_empty()) {
            collect(&resource.after, "", &resource.sensitive, false, &mut found);
        }
        let mut texts: Vec<String> = found.into_iter().collect();
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        Self(texts)
    }

    /// A hit without anything sensitive: of a sensitive value only where it is, of everything else what is not.
    pub(crate) fn guard(&self, mut hit: Hit, resource: &Resource, rule: &str) -> Hit {
        if is_sensitive(&resource.sensitive, &hit.path) {
            hit.message = format!(
                "`{}.{}` breaks `{rule}`; the value is sensitive and not shown",
                resource.address, hit.path
            );
            hit.help = "compare the value with what the rule asks for where it may be seen".into();
            hit.label = "a sensitive value".into();
            hit.elements.clear();
            hit.counterexample = None;
        }
        for text in [&mut hit.message, &mut hit.help, &mut hit.label] {
            for secret in &self.0 {
                if text.contains(secret.as_str()) {
                    *text = text.replace(secret.as_str(), HIDDEN);
                }
            }
        }
        let shows = |example: &Counterexample| {
            let shown =
                [Some(&example.action), example.resource.as_ref(), example.principal.as_ref()];
            let context = example.context.values().flatten();
            let mut shown = shown.into_iter().flatten().chain(context);
            shown.any(|text| self.0.iter().any(|secret| text.contains(secret.as_str())))
        };
        hit.counterexample = hit.counterexample.filter(|example| !shows(example));
        hit
    }
}

/// Whether a place is sensitive, lies in something that is, or has something inside that is.
fn is_sensitive(marks: &BTreeSet<String>, path: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    // Findings spell a key as a person would, marks spell every key like an attribute.
    let path = path.replace("[\"", ".").replace("\"]", "");
    let path = path.as_str();
    !path.is_empty() && marks.iter().any(|mark| within(path, mark) || within(mark, path))
}

fn collect(
    value: &Value,
    path: &str,
    marks: &BTreeSet<String>,
    inside: bool,
    out: &mut BTreeSet<String>,
) {
    let inside = inside || marks.contains(path);
    match value {
        Value::String(text) if inside => {
            if let Some(text) = text.as_str().filter(|text| text.len() >= SHORTEST) {
                out.insert(text.to_owned());
            }
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &format!("{path}[{index}]"), marks, inside, out);
            }
        }
        Value::Object(fields) => {
            for (key, field) in fields {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                collect(field, &path, marks, inside, out);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Unknown(_) => {}
    }
}

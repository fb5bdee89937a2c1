//! Values that Terraform marks as sensitive stay out of findings, whichever rule speaks of them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use policy::text::Part;
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
        let mut found = model.secrets.clone();
        for resource in model.resources.iter().filter(|resource| !resource.sensitive.is_empty()) {
            texts(&resource.after, &resource.sensitive, &mut found);
            texts(&resource.before, &resource.sensitive, &mut found);
        }
        let mut texts: Vec<String> = found.into_iter().collect();
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        Self(texts)
    }

    /// A text without the sensitive ones in it.
    pub(crate) fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.0 {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), HIDDEN);
            }
        }
        text
    }

    /// What is written at a place of a resource, unless it is sensitive.
    pub(crate) fn shown(&self, resource: &Resource, path: &str, text: &str) -> String {
        if is_sensitive(&resource.sensitive, path) { HIDDEN.to_owned() } else { self.hide(text) }
    }

    /// A hit without anything sensitive: of a sensitive value only where it is, of everything else what is not.
    pub(crate) fn guard(&self, mut hit: Hit, resource: &Resource, rule: &str) -> Hit {
        if is_sensitive(&resource.sensitive, &hit.path) {
            // The keys within something sensitive are as secret as what they lead to.
            let outer =
                |mark: &&String| within(&hit.path, mark) && spelled(&hit.path) != spelled(mark);
            if let Some(mark) = resource.sensitive.iter().find(outer) {
                hit.path.clone_from(mark);
            }
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
            *text = self.hide(text);
        }
        let secret = |text: &String| self.0.iter().any(|secret| text.contains(secret.as_str()));
        hit.template = hit.template.filter(|template| !secret(template));
        let shows = |example: &Counterexample| {
            let shown =
                [Some(&example.action), example.resource.as_ref(), example.principal.as_ref()];
            let context = example.context.values().flatten();
            let mut shown = shown.into_iter().flatten().chain(context);
            shown.any(secret)
        };
        hit.counterexample = hit.counterexample.filter(|example| !shows(example));
        hit
    }
}

/// Whether a place is sensitive, lies in something that is, or has something inside that is.
fn is_sensitive(marks: &BTreeSet<String>, path: &str) -> bool {
    let marked = |mark: &String| within(path, mark) || within(mark, &spelled(path));
    !path.is_empty() && marks.iter().any(marked)
}

/// Whether a place is a marked one or lies in it. The mark of everything is the empty path.
fn within(path: &str, mark: &str) -> bool {
    let path = spelled(path);
    let mark = spelled(mark);
    mark.is_empty()
        || path
            .strip_prefix(mark.as_ref())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Findings spell a key as a person would, marks spell every key like an attribute.
fn spelled(path: &str) -> Cow<'_, str> {
    if path.contains("[\"") {
        path.replace("[\"", ".").replace("\"]", "").into()
    } else {
        path.into()
    }
}

/// Adds the texts within a value that lie at the marks.
pub(crate) fn texts(value: &Value, marks: &BTreeSet<String>, out: &mut BTreeSet<String>) {
    if !marks.is_empty() {
        collect(value, "", marks, false, out);
    }
}

fn collect(
    value: &Value,
    path: &str,
    marks: &BTreeSet<String>,
    inside: bool,
    out: &mut BTreeSet<String>,
) {
    let inside = inside || marks.contains(path);
    let mut add = |text: &str, shortest| {
        if inside && text.len() >= shortest {
            out.insert(text.to_owned());
        }
    };
    match value {
        Value::String(text) => {
            for part in text.parts() {
                if let Part::Literal(text) = part {
                    add(text, SHORTEST);
                }
            }
        }
        // Short numbers are too common to hide them wherever they turn up.
        Value::Number(number) => add(&number.to_string(), 2 * SHORTEST),
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
        Value::Null | Value::Bool(_) | Value::Unknown(_) => {}
    }
}

//! A model written down in a few lines of JSON, for tests of what stands above the model.
//!
//! `"aws_iam_role.r": { "name": "r", "policy": "${var.x}/*", "&role": ["aws_iam_role.r id"] }`: `${…}` is a hole, a key
//! that begins with `&` lists the references of an argument.

use std::collections::{BTreeMap, BTreeSet};

use policy::text::{Shape, Text};
use serde_json::Value as Json;

use crate::identity::expand;
use crate::model::{Action, Mode, Model, Reference, Resource};
use crate::value::Value;

/// The model.
pub(crate) fn model(sketch: &Json) -> Model {
    let resources =
        sketch.as_object().unwrap().iter().map(|(address, body)| resource(address, body)).collect();
    let mut model = Model { input: "sketch".into(), resources, ..Model::default() };
    expand(&mut model);
    model
}

fn resource(address: &str, body: &Json) -> Resource {
    let plain: String = address.split('[').next().unwrap().to_owned();
    let mut parts: Vec<&str> = plain.split('.').collect();
    let name = parts.pop().unwrap().to_owned();
    let kind = parts.pop().unwrap().to_owned();
    let mode = if parts.pop() == Some("data") { Mode::Data } else { Mode::Managed };
    let mut after = BTreeMap::new();
    let mut references = BTreeMap::new();
    for (key, entry) in body.as_object().unwrap() {
        if let Some(argument) = key.strip_prefix('&') {
            let all: BTreeSet<Reference> =
                entry.as_array().unwrap().iter().map(reference).collect();
            references.insert(argument.to_owned(), all);
        } else {
            after.insert(key.clone(), value(entry));
        }
    }
    Resource {
        address: address.to_owned(),
        module: String::new(),
        mode,
        kind,
        name,
        action: Action::Create,
        after: Value::Object(after),
        span: None,
        places: BTreeMap::new(),
        references,
        ..Resource::default()
    }
}

fn reference(text: &Json) -> Reference {
    let (address, attribute) = text.as_str().unwrap().split_once(' ').unwrap();
    Reference { address: address.to_owned(), attribute: attribute.to_owned() }
}

/// A value in which `${…}` is unknown.
pub(crate) fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => Value::Number(number.clone()),
        Json::String(text) => Value::String(holes(text)),
        Json::Array(items) => Value::List(items.iter().map(value).collect()),
        Json::Object(fields) => {
            Value::Object(fields.iter().map(|(key, field)| (key.clone(), value(field))).collect())
        }
    }
}

fn holes(text: &str) -> Text {
    let mut out = Text::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (origin, tail) = after.split_once('}').unwrap();
        out.push_str(before);
        out.push(&Text::hole(origin, Shape::Any));
        rest = tail;
    }
    out.push_str(rest);
    out
}

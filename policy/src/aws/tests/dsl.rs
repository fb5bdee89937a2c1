//! The notation of the table, as policy documents.

use serde_json::{Map, Value, json};

use crate::aws::{Composition, Document};
use crate::text::Text;

/// The documents of one side.
pub(super) fn documents(side: &str) -> Vec<Document> {
    side.split(" ++ ").map(|text| parsed(&json(text))).collect()
}

/// What the inner side is made of.
pub(super) struct Inner {
    policies: Vec<Document>,
    boundary: Vec<Document>,
    session: Vec<Document>,
    scps: Vec<Vec<Document>>,
}

/// The inner side, with what limits it.
pub(super) fn inner(side: &str) -> Inner {
    let mut layers = side.split(" && ");
    let policies = documents(layers.next().unwrap());
    let (boundary, session, scps) = (Vec::new(), Vec::new(), Vec::new());
    let mut out = Inner { policies, boundary, session, scps };
    for layer in layers {
        let (kind, text) = layer.split_once(' ').unwrap();
        match kind {
            "boundary" => out.boundary = documents(text),
            "session" => out.session = documents(text),
            "scp" => out.scps.push(documents(text)),
            _ => panic!("{kind} in {side}"),
        }
    }
    out
}

impl Inner {
    pub(super) fn composition(&self) -> Composition<'_> {
        Composition {
            policies: refs(&self.policies),
            boundary: self.boundary.first(),
            session: refs(&self.session),
            scps: self.scps.iter().map(|level| refs(level)).collect(),
        }
    }
}

pub(super) fn parsed(json: &Value) -> Document {
    Document::parse(&Text::from(json.to_string())).unwrap_or_else(|error| panic!("{json}: {error}"))
}

pub(super) fn refs(documents: &[Document]) -> Vec<&Document> {
    documents.iter().collect()
}

/// One document.
pub(super) fn json(text: &str) -> Value {
    let (version, text) = match text.strip_prefix("2008: ") {
        Some(text) => ("2008-10-17", text),
        None => ("2012-10-17", text),
    };
    let statements: Vec<Value> = match text {
        "{}" => Vec::new(),
        _ => text.split(" ; ").map(statement).collect(),
    };
    json!({ "Version": version, "Statement": statements })
}

fn statement(text: &str) -> Value {
    let mut out = Map::new();
    let mut words = text.split(' ').peekable();
    let effect = match words.next() {
        Some("A") => "Allow",
        Some("D") => "Deny",
        other => panic!("{other:?} in {text}"),
    };
    out.insert("Effect".into(), effect.into());
    let list = |words: &mut std::iter::Peekable<std::str::Split<'_, char>>, name: &str| {
        let negated = words.next_if_eq(&"not").is_some();
        let items: Vec<String> = words.next().unwrap().split(',').map(spelled).collect();
        let name = if negated { format!("Not{name}") } else { name.to_owned() };
        (name, items)
    };
    let (name, items) = list(&mut words, "Action");
    out.insert(name, items.into());
    let mut resource = Some("*".to_owned());
    while let Some(word) = words.next() {
        match word {
            "on" => {
                let (name, items) = list(&mut words, "Resource");
                out.insert(name, items.into());
                resource = None;
            }
            "by" => {
                let (name, items) = list(&mut words, "Principal");
                out.insert(name, principals(&items));
                resource = None;
            }
            "if" | "and" => {
                let operator = words.next().unwrap();
                let (key, values) = words.next().unwrap().split_once('=').unwrap();
                let ip = operator.ends_with("IpAddress") || operator.starts_with("Arn");
                let separator = if ip || values.contains('$') { '\u{1}' } else { '/' };
                let values: Vec<String> =
                    values.split(separator).map(|value| value.replace('|', "/")).collect();
                let block = out.entry("Condition").or_insert_with(|| json!({}));
                block[operator][key] = values.into();
            }
            _ => panic!("{word} in {text}"),
        }
    }
    if let Some(resource) = resource {
        out.insert("Resource".into(), resource.into());
    }
    out.into()
}

fn spelled(item: &str) -> String {
    item.replace('^', "arn:aws:s3:::").replace('~', " ").replace("\\n", "\n")
}

fn principals(items: &[String]) -> Value {
    if items == ["*"] {
        return "*".into();
    }
    let mut out = json!({});
    for item in items {
        let (kind, id) = item.split_once('=').unwrap();
        match out[kind].as_array_mut() {
            Some(list) => list.push(id.into()),
            None => out[kind] = json!([id]),
        }
    }
    out
}

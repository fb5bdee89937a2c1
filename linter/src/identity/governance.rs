//! Which record answers for an identity: its own metadata, or the `nhi_*` resource that it derives from.

use std::collections::BTreeMap;

use policy::governance::{Fact, Field, Keys, Record, description};
use policy::text::Text;

use crate::catalogue::{Catalogue, Entry};
use crate::evaluate::first_hole;
use crate::model::Resource;
use crate::value::Value;

use super::links::Links;
use super::nhi::Governed;
use super::text::map_of_pairs;

/// The record of an identity, and where its facts are written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Governance {
    /// The facts.
    pub(crate) record: Record,
    /// Parameters of the template that are stated: an object, or nothing.
    pub(crate) parameters: Value,
    /// Where the record comes from.
    pub(crate) source: Source,
    /// What was written on the resource before the plan; absent where there is none, or nothing was.
    pub(crate) before: Record,
    /// Where each fact is written: a resource and an attribute.
    places: BTreeMap<Fact, (usize, String)>,
}

/// Where a record comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Source {
    /// There is none.
    #[default]
    Nowhere,
    /// It is written on the resource itself.
    Own,
    /// The resource derives from a governed resource, which is judged by itself.
    Governed(usize),
    /// The credential's holder has it, and is judged by itself.
    Holder,
    /// Something is written, but what is not known before apply.
    Unknown,
}

impl Governance {
    /// Where a fact is written; the resource itself where it is not.
    pub(crate) fn place(&self, fact: Fact, resource: usize) -> (usize, String) {
        self.places.get(&fact).cloned().unwrap_or((resource, String::new()))
    }

    /// Whether this record is judged at this identity, and nowhere else.
    pub(crate) fn is_own(&self) -> bool {
        self.source == Source::Own
    }

    /// The same, with what was written on the resource before.
    #[must_use]
    pub(super) fn since(self, resource: &Resource, catalogue: &Catalogue, keys: &Keys) -> Self {
        let before = recorded(&resource.before, &resource.kind, catalogue, keys);
        Self { before, ..self }
    }

    /// The record of a governed resource itself.
    pub(super) fn of_governed(index: usize, resource: &Resource) -> Self {
        let mut governance = Self { source: Source::Own, ..Self::default() };
        for fact in Fact::ALL {
            let value = resource.after.get(fact.name());
            if fact == Fact::Id || value.is_null() {
                continue;
            }
            governance.state(fact, field(value), (index, fact.name().to_owned()));
        }
        governance.parameters = resource.after.get("parameters").clone();
        governance
    }

    /// The record of any provider's resource: what it derives from a governed resource, else what is written on it.
    pub(super) fn of_resource(
        index: usize,
        links: &Links<'_>,
        keys: &Keys,
        governed: &BTreeMap<usize, Governed>,
    ) -> Self {
        let Some(resource) = links.resource(index) else { return Self::default() };
        let entry = links.catalogue.find(&resource.kind);
        let flow = entry.map_or(Flow::Nothing, |entry| flow(index, entry, links, governed));
        if let Flow::From(found) = flow {
            return found.shared();
        }
        let mut governance = Self::default();
        let attributes = entry.into_iter().flat_map(Entry::metadata);
        // Mostly the same again: what the provider adds to every resource is merged in.
        let merged = MERGED.iter().filter(|(own, all)| {
            let value = resource.after.get(all);
            let has = |entry: &Entry| entry.metadata().any(|name| name == *own);
            !value.is_null() && value != resource.after.get(own) && entry.is_none_or(has)
        });
        for attribute in attributes.chain(merged.map(|(_, all)| *all)) {
            governance.read(index, &resource.after, attribute, keys);
        }
        let certain =
            Fact::ALL.into_iter().any(|fact| governance.record.get(fact).value().is_some());
        if let (Flow::Maybe(origin), false) = (flow, certain) {
            governance.record = governance.record.or(Record::unknown(&origin));
        }
        if governance.source == Source::Nowhere && !governance.record.is_absent() {
            governance.source = if certain { Source::Own } else { Source::Unknown };
        }
        governance
    }

    fn read(&mut self, index: usize, value: &Value, attribute: &str, keys: &Keys) {
        let (value, path) = dig(value, attribute);
        // `awscc` has tags as a list of keys and values.
        let is_pair = |item: &Value| matches!(item, Value::Object(_) | Value::Unknown(_));
        let is_pairs =
            matches!(value, Value::List(items) if is_bag(attribute) && items.iter().all(is_pair));
        let pairs = is_pairs.then(|| map_of_pairs(value));
        let value = pairs.as_ref().unwrap_or(value);
        let record = match &value {
            Value::Object(fields) => {
                let pairs: Vec<(Text, Text)> = fields
                    .iter()
                    .filter_map(|(key, value)| Some((Text::literal(key.as_str()), value.text()?)))
                    .collect();
                Record::from_pairs(pairs.iter().map(|(key, value)| (key, value)), keys)
            }
            // Providers merge their default tags into `tags_all`; while that is unknown it says nothing that `tags` does not.
            Value::Unknown(_) if MERGED.iter().any(|(_, all)| attribute == *all) => return,
            Value::String(text) if is_bag(attribute) && text.has_holes() => {
                Record::unknown(&origin(text))
            }
            // A list of tags, such as Entra's, holds texts.
            Value::String(_) | Value::List(_) => {
                value.elements().iter().filter_map(line).fold(Record::default(), Record::or)
            }
            Value::Unknown(hole) if is_bag(attribute) => Record::unknown(&hole.origin),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Unknown(_) => return,
        };
        let mut written: BTreeMap<Fact, &str> = BTreeMap::new();
        if let Value::Object(fields) = &value {
            for key in fields.keys() {
                if let Some((fact, _)) = keys.get(key) {
                    written.entry(fact).or_insert(key);
                }
            }
        }
        for fact in Fact::ALL {
            let field = record.get(fact);
            if !field.is_absent() {
                let path = written.get(&fact).map_or_else(|| path.clone(), |key| step(&path, key));
                self.state(fact, field.clone(), (index, path));
            }
        }
    }

    fn state(&mut self, fact: Fact, field: Field<String>, place: (usize, String)) {
        if self.record.get(fact).is_absent() && !field.is_absent() {
            self.places.insert(fact, place);
            self.record.set(fact, field);
        }
    }
}

/// The record that is written in the values of a resource of that type: what it was before a change.
fn recorded(values: &Value, kind: &str, catalogue: &Catalogue, keys: &Keys) -> Record {
    if values.is_null() {
        return Record::default();
    }
    let mut governance = Governance::default();
    if kind.starts_with("nhi_") {
        for fact in Fact::ALL.into_iter().filter(|fact| *fact != Fact::Id) {
            let value = values.get(fact.name());
            governance.state(fact, field(value), (0, String::new()));
        }
        return governance.record;
    }
    let entry = catalogue.find(kind);
    let merged = MERGED.iter().filter(|(own, all)| {
        let has = |entry: &Entry| entry.metadata().any(|name| name == *own);
        !values.get(all).is_null() && entry.is_some_and(has)
    });
    let attributes = entry.into_iter().flat_map(Entry::metadata);
    for attribute in attributes.chain(merged.map(|(_, all)| *all)) {
        governance.read(0, values, attribute, keys);
    }
    governance.record
}

/// The facts in a description. Those that hold an unknown part are unknown; the others stand.
fn line(value: &Value) -> Option<Record> {
    let Value::String(text) = value else { return None };
    let mut record = description::parse(&text.to_string())?;
    for fact in Fact::ALL {
        let said = record.get(fact).as_str().unwrap_or_default();
        let hole = text.holes().find(|hole| said.contains(&format!("<{}>", hole.origin)));
        if let Some(hole) = hole {
            record.set(fact, Field::Unknown(hole.origin.to_string()));
        }
    }
    Some(record)
}

/// Where the first unknown part of a text comes from.
fn origin(text: &Text) -> String {
    text.holes().next().map(|hole| hole.origin.to_string()).unwrap_or_default()
}

/// The path of a key inside a map, as [`Resource::places`](crate::model::Resource::places) spells it.
fn step(path: &str, key: &str) -> String {
    let plain = key
        .chars()
        .all(|character| character.is_alphanumeric() || character == '_' || character == '-');
    if plain { format!("{path}.{key}") } else { format!("{path}[\"{key}\"]") }
}

/// Whether all of an attribute is metadata, so that an unknown value may hold the record.
fn is_bag(attribute: &str) -> bool {
    ["tags", "labels", "annotations", "metadata.labels", "metadata.annotations", "metadata"]
        .contains(&attribute)
}

/// The value behind a dotted attribute, through the first element of blocks, and its full path.
pub(crate) fn dig<'a>(value: &'a Value, attribute: &str) -> (&'a Value, String) {
    const NULL: &Value = &Value::Null;
    let mut current = value;
    let mut path = String::new();
    for (depth, name) in attribute.split('.').enumerate() {
        if let (Value::List(items), true) = (current, depth > 0) {
            path.push_str("[0]");
            current = match items.first() {
                Some(first) => first,
                None => return (NULL, path),
            };
        }
        if depth > 0 {
            path.push('.');
        }
        path.push_str(name);
        if let Value::Unknown(_) = current {
            break;
        }
        current = current.get(name);
    }
    (current, path)
}

/// A value as a fact.
pub(super) fn field(value: &Value) -> Field<String> {
    match value.text() {
        Some(text) => Field::from(&text),
        None => Field::Absent,
    }
}

/// What providers make of an attribute and of their own defaults for it.
const MERGED: &[(&str, &str)] = &[("tags", "tags_all"), ("labels", "effective_labels")];

/// Whether one of the telling arguments of a resource derives from a governed resource.
enum Flow<'a> {
    /// None does.
    Nothing,
    /// One may, but that is not known before apply; where the value comes from.
    Maybe(String),
    /// One does.
    From(&'a Governed),
}

fn flow<'a>(
    index: usize,
    entry: &Entry,
    links: &Links<'_>,
    governed: &'a BTreeMap<usize, Governed>,
) -> Flow<'a> {
    let merged = MERGED.iter().filter(|(own, _)| entry.metadata().any(|name| name == *own));
    // Tags stay with the identity, so they win over what else derives from a governed resource.
    let metadata = entry.metadata().chain(merged.map(|(_, all)| *all));
    let arguments = metadata.chain(entry.names()).chain(entry.permissions());
    let mut found = Flow::Nothing;
    for argument in arguments {
        let top = argument.split('.').next().unwrap_or(argument);
        for (target, attribute, certain) in links.derivations(index, top) {
            let Some(target) = governed.get(&target) else { continue };
            if !links.is_borne_out(index, top, target.resource, attribute) {
                continue;
            }
            if certain {
                return Flow::From(target);
            }
            if let Flow::Nothing = found {
                let value = links.value(index, top);
                found = Flow::Maybe(first_hole(value).map_or_else(
                    || format!("{}.{attribute}", links.address(target.resource)),
                    |hole| hole.origin.to_string(),
                ));
            }
        }
    }
    found
}

//! YAML as Terraform's `yamldecode` reads it, with holes left in.
//!
//! The parser gives events; what a scalar means is decided here, because Terraform follows neither YAML 1.1 nor 1.2:
//! `yes` is a truth value, `0644` is the number 644, a date is a string in RFC 3339, and a quoted number stays a string.
//! Where its releases differ (`0x1f`, `1_000`), the value is unknown.

mod encode;
mod scalar;
#[cfg(test)]
mod tests;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use policy::text::{Hole, Part, Shape, Text};
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

pub(super) use encode::yamlencode;

use super::arguments::text;
use crate::value::Value;

/// Deeper documents are not read.
const MAX_DEPTH: usize = 200;

/// More nodes than a document can mean; aliases of aliases multiply.
const MAX_NODES: usize = 200_000;

/// Around the number of a hole, while its text is with the parser.
const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

/// One document as a value; None where it cannot be read, or where there is none or more than one.
///
/// A hole is taken to stay inside the scalar that it stands in; [`Text::raw_hole`] says whether one could do more. A node
/// with a tag of its own, such as `!Ref x`, is an object of one key, `!Ref`.
pub(crate) fn from_yaml(text: &Text) -> Option<Value> {
    single(text, Tags::Kept).ok()
}

/// Every document of a `---` stream, empty ones left out; None where the text cannot be read. Holes and tags are as in
/// [`from_yaml`]. A key that stands twice is refused: readers differ in which of the two they take.
pub(crate) fn documents(text: &Text) -> Option<Vec<Value>> {
    let mut documents = read(text, Tags::Kept).ok()?;
    documents.retain(|document| !document.is_null());
    Some(documents)
}

pub(super) fn yamldecode(arguments: &[Value]) -> Option<Value> {
    match decode(arguments) {
        Ok(value) => Some(value),
        Err(Refused::Wrong) => None,
        Err(Refused::Unclear) => Some(super::open("yamldecode", arguments)),
    }
}

/// Why a text has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    /// Terraform refuses it as well.
    Wrong,
    /// Terraform may well read it.
    Unclear,
}

fn decode(arguments: &[Value]) -> Result<Value, Refused> {
    let [value] = arguments else { return Err(Refused::Wrong) };
    let text = text(value).ok_or(Refused::Wrong)?;
    if text.raw_hole().is_some() {
        return Err(Refused::Unclear);
    }
    single(&text, Tags::Refused)
}

/// What becomes of tags that are not YAML's own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tags {
    Kept,
    /// As Terraform does.
    Refused,
}

fn single(text: &Text, tags: Tags) -> Result<Value, Refused> {
    let mut documents = read(text, tags)?;
    match (documents.pop(), documents.pop()) {
        (Some(only), None) => Ok(only),
        _ => Err(Refused::Wrong),
    }
}

fn read(text: &Text, tags: Tags) -> Result<Vec<Value>, Refused> {
    let (source, holes) = with_placeholders(text).ok_or(Refused::Unclear)?;
    // The parser that Terraform uses ends lines at these as well, and knows other directives.
    if source.contains(['\u{85}', '\u{2028}', '\u{2029}'])
        || source.contains("\n%")
        || source.starts_with('%')
    {
        return Err(Refused::Unclear);
    }
    let mut reader = Reader {
        tags,
        flow: source.contains(['[', '{']),
        holes: &holes,
        anchors: BTreeMap::new(),
        open: Vec::new(),
        nodes: 0,
    };
    let mut documents = Vec::new();
    let mut parser = Parser::new_from_str(&source);
    while let Some(event) = parser.next_event() {
        // What one parser refuses, the other may accept.
        let (event, _) = event.map_err(|_| Refused::Unclear)?;
        if let Some(document) = reader.take(event)? {
            documents.push(document);
        }
    }
    Ok(documents)
}

/// The text with a word in the place of each hole.
fn with_placeholders(text: &Text) -> Option<(String, Vec<Hole>)> {
    let mut source = String::new();
    let mut holes = Vec::new();
    for part in text.parts() {
        match part {
            Part::Literal(literal) if literal.contains([OPEN, CLOSE]) => return None,
            Part::Literal(literal) => source.push_str(literal),
            Part::Hole(hole) => {
                // A value that `yamlencode` has left open brings its own space, or begins on the next line.
                source.push_str(if source.ends_with("\":") { " " } else { "" });
                source.extend([OPEN.to_string(), holes.len().to_string(), CLOSE.to_string()]);
                holes.push(hole.clone());
            }
        }
    }
    Some((source, holes))
}

/// A sequence or mapping that has not ended.
struct Open {
    anchor: usize,
    tag: Option<String>,
    kind: Kind,
}

enum Kind {
    Sequence(Vec<Value>),
    /// The fields so far, the key of the next value, and which of the fields were merged in and not written here.
    Mapping(BTreeMap<String, Value>, Option<Key>, BTreeSet<String>),
    /// Something under a key that is not known, so that the whole is not.
    Opaque(Hole, usize),
}

/// A key whose value has not come yet.
enum Key {
    Name(String),
    Merge,
}

struct Reader<'a> {
    tags: Tags,
    /// There may be lists in brackets, in which a comma means something.
    flow: bool,
    holes: &'a [Hole],
    anchors: BTreeMap<usize, Value>,
    open: Vec<Open>,
    nodes: usize,
}

impl Reader<'_> {
    /// The value that an event completes, if it is a whole document.
    fn take(&mut self, event: Event<'_>) -> Result<Option<Value>, Refused> {
        match event {
            Event::Scalar(source, style, anchor, tag) => {
                if self.is_key_next() {
                    return self.key(&source, style, tag.as_deref()).map(|()| None);
                }
                let own = self.own_tag(tag.as_deref());
                let tag = tag.as_deref().filter(|_| own.is_none());
                let value = match self.scalar(&source, style, tag)? {
                    scalar::Scalar::Value(value) => value,
                    scalar::Scalar::Merge => "<<".into(),
                };
                self.complete(anchor, tagged(own, value))
            }
            Event::Alias(anchor) => {
                if self.is_key_next() {
                    return Err(Refused::Wrong);
                }
                let value = self.anchors.get(&anchor).cloned().ok_or(Refused::Wrong)?;
                self.nodes += count(&value);
                self.complete(0, value)
            }
            Event::SequenceStart(anchor, tag) => {
                self.start(anchor, tag.as_deref(), "seq", Kind::Sequence(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                let kind = Kind::Mapping(BTreeMap::new(), None, BTreeSet::new());
                self.start(anchor, tag.as_deref(), "map", kind)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(Open { anchor, tag, kind }) = self.open.pop() else {
                    return Err(Refused::Unclear);
                };
                let value = match kind {
                    Kind::Sequence(items) => Value::List(items),
                    Kind::Mapping(fields, ..) => Value::Object(fields),
                    Kind::Opaque(hole, _) => Value::Unknown(hole),
                };
                self.complete(anchor, tagged(tag, value))
            }
            Event::DocumentStart(_) => {
                self.anchors.clear();
                Ok(None)
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(None),
        }
    }

    /// The tag, where it is kept and not one of YAML's own.
    fn own_tag(&self, tag: Option<&Tag>) -> Option<String> {
        let name = scalar::tag_name(tag);
        let own = self.tags == Tags::Kept && name.starts_with('!');
        own.then_some(name)
    }

    fn is_key_next(&self) -> bool {
        match self.open.last() {
            Some(Open { kind: Kind::Mapping(_, None, _), .. }) => true,
            Some(Open { kind: Kind::Opaque(_, taken), .. }) => taken % 2 == 0,
            _ => false,
        }
    }

    fn start(
        &mut self,
        anchor: usize,
        tag: Option<&Tag>,
        wanted: &str,
        kind: Kind,
    ) -> Result<Option<Value>, Refused> {
        let fits =
            |name: String| name.is_empty() || name.strip_prefix(scalar::TAGS) == Some(wanted);
        let own = self.own_tag(tag);
        if self.is_key_next() || own.is_none() && !fits(scalar::tag_name(tag)) {
            return Err(Refused::Wrong);
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(Refused::Unclear);
        }
        self.open.push(Open { anchor, tag: own, kind });
        Ok(None)
    }

    fn key(&mut self, source: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<(), Refused> {
        let key = self.scalar(source, style, tag)?;
        let Some(open) = self.open.last_mut() else { return Err(Refused::Unclear) };
        let Kind::Mapping(_, next, _) = &mut open.kind else {
            if let Kind::Opaque(_, taken) = &mut open.kind {
                *taken += 1;
            }
            return Ok(());
        };
        match key {
            scalar::Scalar::Merge => *next = Some(Key::Merge),
            scalar::Scalar::Value(value) => {
                let name = value.text().ok_or(Refused::Wrong)?;
                if let Some(name) = name.as_str() {
                    *next = Some(Key::Name(name.to_owned()));
                } else {
                    // Under a name that is not known, no other is sure any more.
                    let origin =
                        super::opaque_origin(format!("{{{name} = …}}"), &(source, self.nodes));
                    let hole = Hole { origin: origin.into(), shape: Shape::Any };
                    open.kind = Kind::Opaque(hole, 1);
                }
            }
        }
        Ok(())
    }

    /// Puts a finished value where it belongs.
    fn complete(&mut self, anchor: usize, value: Value) -> Result<Option<Value>, Refused> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(Refused::Unclear);
        }
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        let Some(open) = self.open.last_mut() else { return Ok(Some(value)) };
        match &mut open.kind {
            Kind::Sequence(items) => items.push(value),
            Kind::Mapping(fields, key, merged) => match key.take() {
                Some(Key::Name(name)) => {
                    let was_merged = merged.remove(&name);
                    let twice = fields.insert(name, value).is_some() && !was_merged;
                    if twice && self.tags == Tags::Kept {
                        return Err(Refused::Wrong);
                    }
                }
                Some(Key::Merge) => match value {
                    // What is written in the mapping itself counts, wherever the merge stands; only Terraform differs.
                    Value::Object(more) if self.tags == Tags::Kept => {
                        for (name, value) in more {
                            if let Entry::Vacant(entry) = fields.entry(name) {
                                merged.insert(entry.key().clone());
                                entry.insert(value);
                            }
                        }
                    }
                    Value::Object(more) => fields.extend(more),
                    Value::Unknown(hole) => open.kind = Kind::Opaque(hole, 2),
                    _ => return Err(Refused::Wrong),
                },
                None => return Err(Refused::Unclear),
            },
            Kind::Opaque(_, taken) => *taken += 1,
        }
        Ok(None)
    }

    fn scalar(
        &self,
        source: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
    ) -> Result<scalar::Scalar, Refused> {
        let tag = scalar::tag_name(tag);
        let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
        if !source.contains(OPEN) {
            return scalar::resolve(&tag, source, quoted);
        }
        let text = self.restore(source)?;
        if self.tags == Tags::Refused && !self.stays_inside(&text, style) {
            return Err(Refused::Unclear);
        }
        Ok(scalar::resolve_open(&tag, &text, quoted))
    }

    /// Whether no hole can end the scalar that it stands in, or make something else of it. What an encoder has left open in
    /// the place of a value is a value, so holes of any shape do not count here.
    fn stays_inside(&self, text: &Text, style: ScalarStyle) -> bool {
        let shaped = |part: &Part| matches!(part, Part::Hole(hole) if hole.shape != Shape::Any);
        let words = text.holes().all(|hole| hole.shape == Shape::Word || hole.shape == Shape::Any);
        match style {
            ScalarStyle::DoubleQuoted => true,
            ScalarStyle::SingleQuoted => !text.parts().iter().any(shaped),
            ScalarStyle::Plain => {
                words
                    && !text.parts().first().is_some_and(shaped)
                    && (!self.flow || !text.parts().iter().any(shaped))
            }
            ScalarStyle::Literal | ScalarStyle::Folded => words,
        }
    }

    /// The holes back in their places.
    fn restore(&self, source: &str) -> Result<Text, Refused> {
        let mut text = Text::new();
        let mut pieces = source.split(OPEN);
        text.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let (number, after) = piece.split_once(CLOSE).ok_or(Refused::Unclear)?;
            let hole = number.parse().ok().and_then(|number: usize| self.holes.get(number));
            text.push(&Text::from(hole.cloned().ok_or(Refused::Unclear)?));
            text.push_str(after);
        }
        Ok(text)
    }
}

/// Whether a document holds nothing about which readers of YAML disagree: numbers as they are written, and times.
pub(super) fn is_plain(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Unknown(_) => true,
        Value::Number(number) => number.as_i64().is_some(),
        Value::String(text) => !text.as_str().is_some_and(|text| text.ends_with("T00:00:00Z")),
        Value::List(items) => items.iter().all(is_plain),
        Value::Object(fields) => fields.values().all(is_plain),
    }
}

fn tagged(tag: Option<String>, value: Value) -> Value {
    match tag {
        Some(tag) => Value::Object([(tag, value)].into()),
        None => value,
    }
}

fn count(value: &Value) -> usize {
    match value {
        Value::List(items) => 1 + items.iter().map(count).sum::<usize>(),
        Value::Object(fields) => 1 + fields.values().map(count).sum::<usize>(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Unknown(_) => 1,
    }
}

//! From the text of a policy to its rules.
//!
//! What Vault would refuse is a problem, and all problems are reported at once. An element that is not known becomes a
//! restriction: the inner side is read without it, the outer side counts as not granted.

use std::collections::BTreeMap;

use miette::SourceSpan;

use super::hcl::{self, Entry};
use super::{Note, Policy, PolicyError, Restriction, Rule, path};
use crate::json::{self, JsonError, Member, Node, Value};
use crate::problem::Problem;
use crate::text::{Hole, Text};
use crate::verdict::Why;

/// The capabilities of Vault 2.0 and `OpenBao` 2.4, as bits of a mask in this order.
pub(super) const CAPABILITIES: [&str; 11] = [
    "create",
    "read",
    "update",
    "patch",
    "delete",
    "list",
    "sudo",
    "subscribe",
    "recover",
    "scan",
    "deny",
];

/// Elements that narrow a rule.
const RESTRICTIONS: [&str; 11] = [
    "allowed_parameters",
    "denied_parameters",
    "required_parameters",
    "min_wrapping_ttl",
    "max_wrapping_ttl",
    "mfa_methods",
    "control_group",
    "subscribe_event_types",
    "list_scan_response_keys_filter_path",
    "pagination_limit",
    "expiration",
];

pub(super) fn policy(text: &Text) -> Result<Policy, PolicyError> {
    // A value inside of hand-written quotes can end them and say rules of its own.
    if let Some(hole) = text.raw_hole() {
        return Ok(Policy::unknown(unknown(&hole.origin)));
    }
    let json = text.parts().iter().find_map(|part| match part {
        crate::text::Part::Literal(known) => known.trim_start().chars().next(),
        crate::text::Part::Hole(_) => Some(' '),
    });
    let entries = if json == Some('{') {
        match json::parse(text) {
            Ok(node) => from_json(node),
            Err(JsonError::UnknownPart { origin, .. }) => {
                return Ok(Policy::unknown(unknown(&origin)));
            }
            Err(error) => Err(vec![error.into()]),
        }
    } else {
        hcl::parse(text).map_err(|problem| vec![problem])
    };
    let mut reader = Reader::default();
    let entries = entries.map_err(|problems| PolicyError { problems })?;
    for entry in entries {
        reader.entry(entry);
    }
    if !reader.problems.is_empty() {
        return Err(PolicyError { problems: reader.problems });
    }
    let Reader { rules, notes, unknown, .. } = reader;
    Ok(Policy { rules, notes, unknown, root: false })
}

pub(super) fn unknown(origin: &str) -> Why {
    let reason = format!("`{origin}` is not known before apply");
    Why { reason, unknown: vec![origin.to_owned()] }
}

/// `{"path": {"secret/*": {…}}}`, where a list of objects can stand for an object.
fn from_json(node: Node) -> Result<Vec<Entry>, Vec<Problem>> {
    let Value::Object(members) = node.value else {
        let message = format!("a policy is an object, not {}", node.kind());
        return Err(vec![Problem::element(message, node.span)]);
    };
    let mut entries = Vec::new();
    for Member { name, name_span, value } in members {
        if name.as_str() != Some("path") {
            entries.push(Entry { keys: vec![(name, name_span)], value });
            continue;
        }
        let blocks = match value.value {
            Value::Array(items) => items,
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_)
            | Value::Hole(_) => vec![value],
        };
        for block in blocks {
            let Value::Object(paths) = block.value else {
                entries.push(Entry { keys: vec![(name.clone(), name_span)], value: block });
                continue;
            };
            for path in paths {
                let keys = vec![(name.clone(), name_span), (path.name, path.name_span)];
                entries.push(Entry { keys, value: path.value });
            }
        }
    }
    Ok(entries)
}

#[derive(Default)]
struct Reader {
    rules: Vec<Rule>,
    notes: Vec<Note>,
    problems: Vec<Problem>,
    unknown: Option<Why>,
}

impl Reader {
    fn problem(&mut self, message: String, span: SourceSpan) {
        self.problems.push(Problem::element(message, span));
    }

    fn note(&mut self, message: String, span: SourceSpan) {
        self.notes.push(Note { message, span });
    }

    fn entry(&mut self, entry: Entry) {
        let span = entry.keys.first().map_or(entry.value.span, |(_, span)| *span);
        let names: Vec<Option<&str>> = entry.keys.iter().map(|(key, _)| key.as_str()).collect();
        match names.as_slice() {
            [Some("path"), _] => {}
            [Some("name")] => return,
            [Some("path")] => {
                let message = "a `path` block needs the path as its label".to_owned();
                return self.problem(message, span);
            }
            [Some(other), ..] => {
                let problem =
                    Problem::element(format!("`{other}` is no element of a policy"), span)
                        .with_help(
                            "a policy is made of blocks `path \"…\" { capabilities = [\"…\"] }`",
                        );
                return self.problems.push(problem);
            }
            [None, ..] | [] => {
                let origin = entry.keys.first().and_then(|(key, _)| key.holes().next().cloned());
                self.unknown = origin.map(|hole| unknown(&hole.origin)).or(self.unknown.take());
                return;
            }
        }
        let mut keys = entry.keys.into_iter().skip(1);
        if let Some((path, span)) = keys.next() {
            self.rule(path, span, &entry.value);
        }
    }

    fn rule(&mut self, path: Text, span: SourceSpan, body: &Node) {
        if let Err(message) = path::check(&path) {
            self.problem(message, span);
        }
        if let Some(note) = path::pointless(&path) {
            self.note(note, span);
        }
        let members = match &body.value {
            Value::Object(members) => members.as_slice(),
            // HCL in JSON: a list of one object is the object.
            Value::Array(items) => match items.as_slice() {
                [Node { value: Value::Object(members), .. }] => members.as_slice(),
                _ => return self.not("a `path` block", "an object", body),
            },
            Value::Hole(hole) => {
                let hole: &Hole = hole;
                self.unknown = Some(unknown(&hole.origin));
                return;
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                return self.not("a `path` block", "an object", body);
            }
        };
        let mut rule = Rule { path, span: Some(span), ..Rule::default() };
        let mut legacy = Vec::new();
        for member in members {
            let node = &member.value;
            match member.name.as_str() {
                Some("capabilities") => rule.capabilities = self.capabilities(node),
                Some("policy") => legacy = self.legacy(node),
                Some("comment") => {}
                Some(name) if RESTRICTIONS.contains(&name) => {
                    rule.restrictions.extend(restriction(name, node));
                }
                _ => {
                    let name = member.name.to_string();
                    self.note(
                        format!("`{name}` is no known element of a rule: taken as a restriction"),
                        member.name_span,
                    );
                    rule.restrictions.push(Restriction { name, value: canonical(node) });
                }
            }
        }
        rule.capabilities.extend(legacy);
        rule.restrictions.sort();
        self.rules.push(rule);
    }

    fn not(&mut self, what: &str, wanted: &str, node: &Node) {
        self.problem(format!("{what} is {wanted}, not {}", node.kind()), node.span);
    }

    fn capabilities(&mut self, node: &Node) -> Vec<Text> {
        let mut out = Vec::new();
        if !matches!(node.value, Value::Array(_) | Value::Hole(_)) {
            self.not("`capabilities`", "a list of strings", node);
            return out;
        }
        for item in node.one_or_many() {
            match &item.value {
                Value::String(name) => {
                    if let Some(known) = name.as_str().filter(|it| !CAPABILITIES.contains(it)) {
                        let message = format!("`{known}` is no known capability");
                        self.note(message, item.span);
                    }
                    out.push(name.clone());
                }
                Value::Hole(hole) => out.push(Text::from(hole.clone())),
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Array(_)
                | Value::Object(_) => self.not("a capability", "a string", item),
            }
        }
        out
    }

    /// The words of the time before capabilities.
    fn legacy(&mut self, node: &Node) -> Vec<Text> {
        let names: &[&str] = match &node.value {
            Value::Hole(hole) => return vec![Text::from(hole.clone())],
            Value::String(name) => match name.as_str() {
                Some("deny") => &["deny"],
                Some("read") => &["read", "list"],
                Some("write") => &["create", "read", "update", "delete", "list"],
                Some("sudo") => &["create", "read", "update", "delete", "list", "sudo"],
                Some("") => &[],
                Some(other) => {
                    let problem = Problem::element(format!("`{other}` is no policy"), node.span)
                        .with_help(
                            "use `capabilities`; the old words are deny, read, write and sudo",
                        );
                    self.problems.push(problem);
                    &[]
                }
                None => return vec![name.clone()],
            },
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => {
                self.not("`policy`", "a string", node);
                &[]
            }
        };
        names.iter().map(|name| Text::literal(*name)).collect()
    }
}

/// A restriction, unless the value is the one that restricts nothing.
fn restriction(name: &str, node: &Node) -> Option<Restriction> {
    let nothing = match &node.value {
        Value::Array(items) => items.is_empty(),
        // Every parameter with every value.
        Value::Object(members) => {
            let all = |member: &Member| {
                member.name.as_str() == Some("*")
                    && matches!(&member.value.value, Value::Array(items) if items.is_empty())
            };
            members.is_empty()
                || (name == "allowed_parameters" && members.len() == 1 && members.iter().all(all))
        }
        Value::Null => true,
        Value::Number(number) => number == "0",
        Value::Bool(_) | Value::String(_) | Value::Hole(_) => false,
    };
    (!nothing).then(|| Restriction { name: name.to_owned(), value: canonical(node) })
}

/// One text for all ways of writing a value: names sorted, no blanks.
fn canonical(node: &Node) -> Text {
    let mut out = Text::new();
    match &node.value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(digits) => out.push_str(digits),
        Value::String(text) => {
            out.push_str("\"");
            out.push(&text.map_literals(|known| known.escape_debug().to_string()));
            out.push_str("\"");
        }
        Value::Array(items) => {
            out.push_str("[");
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(",");
                }
                out.push(&canonical(item));
            }
            out.push_str("]");
        }
        Value::Object(members) => {
            out.push_str("{");
            let sorted: BTreeMap<&Text, &Node> =
                members.iter().map(|member| (&member.name, &member.value)).collect();
            for (index, (name, value)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    out.push_str(",");
                }
                out.push(name);
                out.push_str("=");
                out.push(&canonical(value));
            }
            out.push_str("}");
        }
        Value::Hole(hole) => out.push(&Text::from(hole.clone())),
    }
    out
}

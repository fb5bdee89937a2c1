//! A form with its slots filled: what an attribute will be, from what the configuration says.
//!
//! `~arn:*` is a string of that glob. Slots of the others:
//!
//! | slot | stands for |
//! |---|---|
//! | `{name}`, `{metadata.name}` | an argument, also one of the first block of that name; a plain word where nobody set it |
//! | `{path\|/}` | an argument with a default |
//! | `{catalog_id/account}` | an argument, or the other slot where it is not set |
//! | `{region}`, `{account}`, `{partition}`, `{dns_suffix}`, `{project}` | what the provider is configured with |
//! | `{url:host}`, `{name:path}`, `{name:any}` | without the scheme; with a slash before it; not always a plain word |
//! | `{*}` | any characters that are no wildcards |
//!
//! An attribute is a name, or a path through blocks that are there once each: `identity.oidc.issuer`.
//!
//! `?stream_enabled ` before a form: only where that argument is true.

use std::collections::BTreeMap;
use std::sync::Arc;

use policy::text::{Hole, Part, Shape, Text};

use super::Facts;
use crate::value::Value;

/// What a slot's value is made of.
struct Known<'a> {
    fields: &'a BTreeMap<String, Value>,
    address: &'a str,
    facts: &'a Facts,
}

/// The value of an attribute that has this form.
pub(super) fn filled(
    form: &str,
    attribute: &str,
    address: &str,
    fields: &BTreeMap<String, Value>,
    facts: &Facts,
) -> Text {
    if let Some(glob) = form.strip_prefix('~') {
        return Text::hole(format!("{address}.{attribute}"), Shape::Glob(glob.into()));
    }
    let known = Known { fields, address, facts };
    let mut out = Text::new();
    let mut rest = form;
    while let Some((before, slot)) = rest.split_once('{') {
        out.push_str(before);
        let (slot, after) = slot.split_once('}').unwrap_or((slot, ""));
        rest = after;
        if slot == "*" {
            out.push(&open(format!("{address}.{attribute}")));
        } else {
            out.push(&known.slot(slot));
        }
    }
    out.push_str(rest);
    out
}

/// A string of which no more is known than that it is nobody's wildcard.
fn open(origin: impl Into<Arc<str>>) -> Text {
    Text::hole(origin, Shape::Glob("*".into()))
}

impl Known<'_> {
    fn slot(&self, slot: &str) -> Text {
        let (slot, default) = match slot.split_once('|') {
            Some((slot, default)) => (slot, Some(default)),
            None => (slot, None),
        };
        let (slot, change) = slot.split_once(':').unwrap_or((slot, ""));
        let (slot, other) = match slot.split_once('/') {
            Some((slot, other)) => (slot, Some(other)),
            None => (slot, None),
        };
        let value =
            self.argument(slot, change == "any").unwrap_or_else(|| match (default, other) {
                (Some(default), _) => default.into(),
                (None, Some(other)) => self.slot(other),
                (None, None) => self.provided(slot).unwrap_or_else(|| self.made_up(slot, change)),
            });
        match change {
            "host" => without_scheme(&value),
            "path" => with_slash(value),
            _ => value,
        }
    }

    /// An argument that is set.
    fn argument(&self, name: &str, may_be_anything: bool) -> Option<Text> {
        if matches!(name, "account" | "partition" | "dns_suffix") {
            return None;
        }
        let value = match name.split_once('.') {
            Some((block, name)) => self.fields.get(block)?.elements().first()?.get(name),
            None => self.fields.get(name)?,
        };
        match value {
            Value::Null => None,
            // A provider that makes up a name makes up a plain one.
            Value::Unknown(Hole { origin, shape: Shape::Any })
                if **origin == *format!("{}.{name}", self.address) =>
            {
                Some(if may_be_anything {
                    open(Arc::clone(origin))
                } else {
                    self.prefixed(name, Text::hole(Arc::clone(origin), Shape::Word))
                })
            }
            value => value.text(),
        }
    }

    fn provided(&self, slot: &str) -> Option<Text> {
        Some(match slot {
            "region" => self.facts.region.clone(),
            "account" => self.facts.account.clone(),
            "partition" => self.facts.partition.clone(),
            "dns_suffix" if self.facts.partition.as_str() == Some("aws-cn") => {
                "amazonaws.com.cn".into()
            }
            "dns_suffix" => "amazonaws.com".into(),
            "project" => self.facts.project.clone(),
            _ => return None,
        })
    }

    /// What nobody set.
    fn made_up(&self, name: &str, change: &str) -> Text {
        let origin = format!("{}.{name}", self.address);
        if change == "any" {
            return open(origin);
        }
        self.prefixed(name, Text::hole(origin, Shape::Word))
    }

    /// A name that the provider makes up begins as the configuration says.
    fn prefixed(&self, name: &str, rest: Text) -> Text {
        match self.fields.get(&format!("{name}_prefix")) {
            Some(Value::String(prefix)) => {
                let mut out = prefix.clone();
                out.push(&rest);
                out
            }
            _ => rest,
        }
    }
}

fn with_slash(path: Text) -> Text {
    match path.parts().first() {
        Some(Part::Literal(literal)) if literal.starts_with('/') => path,
        // It may start with a slash or not.
        Some(Part::Hole(hole)) if hole.shape != Shape::Word => {
            Text::hole(format!("/{}", hole.origin), Shape::Glob("/*".into()))
        }
        _ => {
            let mut out = Text::literal("/");
            out.push(&path);
            out
        }
    }
}

fn without_scheme(url: &Text) -> Text {
    let mut first = true;
    url.map_literals(|literal| {
        let is_first = std::mem::take(&mut first);
        if is_first {
            literal.strip_prefix("https://").unwrap_or(literal).to_owned()
        } else {
            literal.to_owned()
        }
    })
}

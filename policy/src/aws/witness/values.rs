//! Likely values for holes and policy variables.

use std::collections::BTreeMap;

use super::guess::likely;
use crate::aws::condition::{Condition, plain};
use crate::aws::contains::Gap;
use crate::aws::pattern::ResourcePattern;
use crate::aws::plausible::{PLACES, filled};
use crate::aws::principal::PrincipalKind;
use crate::text::{Hole, Part, Shape, Text};

/// Likely values for the holes of one guess.
pub(super) struct Values {
    pub(super) map: BTreeMap<Hole, String>,
}

impl Values {
    /// None if a hole stands where no single value can be guessed.
    pub(super) fn of(gap: &Gap<'_>, piece: Option<&ResourcePattern>, action: &str) -> Option<Self> {
        let statement = gap.statement.statement;
        let mut map = BTreeMap::new();
        for text in piece.iter().map(|pattern| &pattern.text) {
            let first = matches!(text.parts(), [Part::Hole(_), ..]);
            for hole in text.holes() {
                map.insert(hole.clone(), value(hole, first, action));
            }
        }
        if let Some(principal) = gap.principal {
            let first = matches!(principal.text.parts(), [Part::Hole(_), ..]);
            for hole in principal.text.holes() {
                let likely = match (&hole.shape, principal.kind) {
                    (Shape::Any, PrincipalKind::Aws) if first => {
                        "arn:aws:iam::111122223333:role/example".to_owned()
                    }
                    (Shape::Any, PrincipalKind::Federated) if first => {
                        "arn:aws:iam::111122223333:oidc-provider/example.com".to_owned()
                    }
                    _ => value(hole, false, action),
                };
                map.insert(hole.clone(), likely);
            }
        }
        for condition in &statement.conditions {
            let Condition::Entry(entry) = condition else { continue };
            for hole in entry.values.iter().chain([&entry.key]).flat_map(Text::holes) {
                // Of these, some value of the key satisfies every value of the hole.
                if !matches!(plain(&entry.operator), "StringEquals" | "StringLike") {
                    return None;
                }
                map.insert(hole.clone(), value(hole, false, action));
            }
        }
        Some(Self { map })
    }

    /// The text with holes and variables replaced.
    pub(super) fn fill(&self, text: &Text, context: &BTreeMap<String, Vec<String>>) -> String {
        let mut out = String::new();
        for part in text.parts() {
            match part {
                Part::Literal(known) => out.push_str(&substituted(known, context)),
                Part::Hole(hole) => {
                    out.push_str(self.map.get(hole).map_or("example", String::as_str));
                }
            }
        }
        out
    }
}

fn value(hole: &Hole, first: bool, action: &str) -> String {
    match &hole.shape {
        Shape::Glob(pattern) => {
            PLACES.first().map_or_else(|| pattern.to_string(), |place| filled(pattern, *place))
        }
        Shape::Any if first => likely(action).into_iter().next().unwrap_or_default(),
        Shape::Any | Shape::Word => "example".to_owned(),
    }
}

/// Policy variables replaced by what the context says.
pub(super) fn substituted(known: &str, context: &BTreeMap<String, Vec<String>>) -> String {
    let mut out = String::new();
    let mut rest = known;
    while let Some((before, from)) = rest.split_once("${") {
        let Some((inside, after)) = from.split_once('}') else { break };
        out.push_str(before);
        let key = inside.split(',').next().unwrap_or_default().trim().to_ascii_lowercase();
        match (inside, context.get(&key).map(Vec::as_slice)) {
            ("*" | "?" | "$", _) => out.push_str(inside),
            (_, Some([only])) => out.push_str(only),
            (_, _) => out.push_str("example"),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

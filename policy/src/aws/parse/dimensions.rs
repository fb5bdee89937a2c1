//! The four dimensions of a statement: actions, resources, principals, conditions.

use std::collections::BTreeSet;

use miette::SourceSpan;

use super::{Reader, first_hole};
use crate::aws::condition::{self, Condition, Entry};
use crate::aws::pattern::{ActionPattern, Actions, ResourcePattern, Resources, never, unknown};
use crate::aws::principal::{Principal, PrincipalKind, PrincipalValue, Principals};
use crate::json::{Node, Value};
use crate::text::{Part, Shape, Text};
use crate::verdict::Why;

impl Reader {
    pub(super) fn actions(&mut self, node: &Node, name: &str, opaque: &mut Vec<Why>) -> Actions {
        let texts = self.texts(node, name, opaque);
        let mut patterns = Vec::with_capacity(texts.len());
        for (text, span) in texts {
            if never(&text) {
                let message = format!("`{text}` has a blank in it and matches no action");
                self.warn(message, span);
            }
            patterns.push(ActionPattern::new(&text));
        }
        Actions::new(name == "NotAction", patterns)
    }

    pub(super) fn resources(
        &mut self,
        node: &Node,
        name: &str,
        opaque: &mut Vec<Why>,
    ) -> Resources {
        let texts = self.texts(node, name, opaque);
        let mut patterns = Vec::with_capacity(texts.len());
        for (text, span) in texts {
            let known = text.as_str();
            if known.is_some_and(|known| !known.starts_with("arn:") && !known.starts_with('*')) {
                self.warn(format!("`{text}` is not an ARN and matches no resource"), span);
            }
            patterns.push(ResourcePattern::new(&text, self.variables, &mut self.specials));
        }
        Resources { negated: name == "NotResource", patterns }
    }

    /// One string or a list of strings, of which some may be unknown. An empty list is not understood.
    fn texts(&mut self, node: &Node, name: &str, opaque: &mut Vec<Why>) -> Vec<(Text, SourceSpan)> {
        let items = node.one_or_many();
        if items.is_empty() {
            opaque.push(Why::construct(format!("`{name}` is an empty list")));
        }
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            if let Some(text) = item.as_text() {
                texts.push((text.clone(), item.span));
            } else if let Some(hole) = item.as_hole() {
                let shape = if is_string(&hole.shape) { hole.shape.clone() } else { Shape::Any };
                texts.push((Text::hole(hole.origin.as_ref(), shape), item.span));
            } else {
                let found = item.kind();
                let message = format!("`{name}` is a string or a list of strings, not {found}");
                self.problem(message, None, item.span);
            }
        }
        texts
    }

    pub(super) fn principals(
        &mut self,
        node: &Node,
        name: &str,
        opaque: &mut Vec<Why>,
    ) -> Principals {
        let negated = (name == "NotPrincipal")
            .then(|| Why::construct("`NotPrincipal` is not understood well enough to compare it"));
        let mut list = Vec::new();
        if let Some(members) = node.as_object() {
            for member in members {
                let kind = match member.name.as_str() {
                    Some("AWS") => PrincipalKind::Aws,
                    Some("Service") => PrincipalKind::Service,
                    Some("Federated") => PrincipalKind::Federated,
                    Some("CanonicalUser") => PrincipalKind::CanonicalUser,
                    Some(_) | None => {
                        let kind = &member.name;
                        let reason = format!("the kind of principal `{kind}` is not understood");
                        opaque.push(Why::construct(reason));
                        continue;
                    }
                };
                let texts = self.texts(&member.value, name, opaque);
                list.extend(texts.iter().map(|(text, _)| Principal::new(kind, text)));
            }
        } else if let Some(hole) = first_hole(node) {
            opaque.push(unknown(hole));
        } else if let Some(text) = node.as_text().filter(|text| text.as_str() == Some("*")) {
            list.push(Principal::new(PrincipalKind::Aws, text));
        } else {
            let found = node.as_str().map_or(node.kind().to_owned(), |text| format!("`{text}`"));
            self.problem(
                format!("`{name}` is `*` or an object, not {found}"),
                Some("write `{ \"AWS\": … }`, `{ \"Service\": … }` or `{ \"Federated\": … }`"),
                node.span,
            );
        }
        if list.is_empty() && opaque.is_empty() {
            opaque.push(Why::construct(format!("`{name}` names nobody")));
        }
        for principal in &list {
            if let PrincipalValue::Unclear(why) = &principal.value
                && why.unknown.is_empty()
            {
                self.warn(why.reason.clone(), node.span);
            }
        }
        Principals { negated, list }
    }

    pub(super) fn conditions(&mut self, node: &Node) -> Vec<Condition> {
        let mut conditions = Vec::new();
        let Some(blocks) = self.members(node, "Condition", &mut conditions) else {
            return conditions;
        };
        for (operator, block) in blocks {
            let Some(entries) = self.members(block, "a condition operator", &mut conditions) else {
                continue;
            };
            for (key, values) in entries {
                let condition = self.entry(operator, key, values);
                conditions.push(condition);
            }
        }
        conditions
    }

    /// The members of an object; where the node is unknown or no object, that is written down instead.
    fn members<'n>(
        &mut self,
        node: &'n Node,
        what: &str,
        conditions: &mut Vec<Condition>,
    ) -> Option<Vec<(&'n Text, &'n Node)>> {
        if let Some(members) = node.as_object() {
            return Some(members.iter().map(|member| (&member.name, &member.value)).collect());
        }
        if let Some(hole) = first_hole(node) {
            conditions.push(Condition::Unclear(unknown(hole)));
        } else {
            let found = node.kind();
            let message = format!("the value of {what} is an object, not {found}");
            self.problem(message, None, node.span);
        }
        None
    }

    fn entry(&mut self, operator: &Text, key: &Text, node: &Node) -> Condition {
        let Some(operator) = operator.as_str() else {
            let why = operator.holes().next().map(unknown);
            return Condition::Unclear(why.unwrap_or_else(|| Why::construct("unknown operator")));
        };
        if condition::direction(operator).is_none() {
            let reason = format!("the condition operator `{operator}` is not known");
            return Condition::Unclear(Why::construct(reason));
        }
        let items = node.one_or_many();
        if items.is_empty() {
            let reason = format!("the condition on `{key}` has no value");
            return Condition::Unclear(Why::construct(reason));
        }
        let mut values = BTreeSet::new();
        for item in items {
            match &item.value {
                Value::String(text) => {
                    values.insert(text.clone());
                }
                Value::Bool(value) => {
                    values.insert(Text::literal(value.to_string()));
                }
                Value::Number(digits) => {
                    values.insert(Text::literal(digits.as_str()));
                }
                // It may be a list or no string at all.
                Value::Hole(hole) => return Condition::Unclear(unknown(hole)),
                Value::Null | Value::Array(_) | Value::Object(_) => {
                    let found = item.kind();
                    let message = format!("a condition value is a string, not {found}");
                    self.problem(message, None, item.span);
                }
            }
        }
        let dollar = values.iter().any(|value| {
            value.parts().iter().any(|part| match part {
                Part::Literal(known) => known.contains('$'),
                Part::Hole(hole) => hole.shape != Shape::Word,
            })
        });
        if dollar && self.variables.is_none() {
            let reason = "what `${` means depends on a `Version` that is not known";
            return Condition::Unclear(Why::construct(reason));
        }
        Condition::Entry(Entry {
            operator: operator.to_owned(),
            key: key.map_literals(str::to_ascii_lowercase),
            values,
            variables: self.variables.filter(|_| dollar),
        })
    }
}

/// Whether a bare hole of this shape can be nothing but a string: no other JSON value begins with such characters.
fn is_string(shape: &Shape) -> bool {
    match shape {
        Shape::Glob(pattern) => pattern.starts_with("arn:"),
        Shape::Any | Shape::Word => false,
    }
}

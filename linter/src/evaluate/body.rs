//! Bodies of blocks: arguments, nested blocks, `dynamic`, and how a plan's values and theirs become one.

use std::collections::{BTreeMap, BTreeSet};

use super::comprehension::items_with_keys;
use super::expression::origin_of;
use super::operators::equal;
use super::{Evaluator, Origins, Scope, Traced, unknown};
use crate::hcl::{Block, Body, Expr, ExprKind};
use crate::model::{Provisioner, Reference};
use crate::source::Span;
use crate::value::Value;

/// Arguments and blocks that every resource has and no provider sees.
const META: [&str; 9] = [
    "count",
    "for_each",
    "provider",
    "providers",
    "depends_on",
    "lifecycle",
    "connection",
    "provisioner",
    "//",
];

/// A body's values, with the place and the origins of each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filled {
    /// An object.
    pub(crate) value: Value,
    /// Where each argument's value is written.
    pub(crate) places: BTreeMap<String, Span>,
    /// What each top-level argument derives from.
    pub(crate) references: BTreeMap<String, BTreeSet<Reference>>,
    /// Those of [`Self::references`] that the value may turn out not to derive from.
    pub(crate) uncertain: BTreeMap<String, BTreeSet<Reference>>,
    /// The top-level arguments that are set to something.
    pub(super) set: BTreeSet<String>,
    /// Paths of what must not be shown: it comes from a variable, an output or a call that says so.
    pub(crate) sensitive: BTreeSet<String>,
    /// Programs that run beside the resource.
    pub(crate) provisioners: Vec<Provisioner>,
    origins: Vec<Traced>,
}

impl Filled {
    /// The value, with marks on the arguments that have something in them that must not be shown.
    pub(super) fn hiding(self) -> Traced {
        let hidden: BTreeSet<String> = self.sensitive.iter().map(|path| top_of(path)).collect();
        let Value::Object(fields) = self.value else { return Traced::plain(self.value) };
        if hidden.is_empty() {
            return Traced::plain(Value::Object(fields));
        }
        let fields = fields.into_iter().map(|(name, field)| {
            let field = Traced::plain(field);
            let field = if hidden.contains(&name) { field.hidden() } else { field };
            (name, field)
        });
        Traced::object(fields.collect())
    }

    /// What any of it derives from.
    pub(super) fn origins(&self) -> Origins {
        Traced::derived(Value::Null, &self.origins).origins
    }
}

/// The body of an object under construction.
#[derive(Default)]
pub(super) struct Fields {
    pub(super) values: BTreeMap<String, Value>,
    pub(super) places: BTreeMap<String, Span>,
    origins: BTreeMap<String, Vec<Traced>>,
    pub(super) sensitive: BTreeSet<String>,
}

impl<'a> Evaluator<'a> {
    /// Evaluates the body of a resource.
    pub(crate) fn body(&self, scope: &Scope<'a>, body: &Body) -> Filled {
        let mut fields = Fields::default();
        self.fields(scope, body, "", &mut fields, true);
        let mut references = BTreeMap::new();
        let mut uncertain = BTreeMap::new();
        for (name, traced) in &fields.origins {
            let origins = Traced::derived(Value::Null, traced).origins;
            let (all, possible) = (origins.all(), origins.uncertain());
            if !all.is_empty() {
                references.insert(name.clone(), all);
            }
            if !possible.is_empty() {
                uncertain.insert(name.clone(), possible);
            }
        }
        let set = fields
            .values
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, _)| name.clone())
            .collect();
        let origins = fields.origins.into_values().flatten();
        let origins = origins.filter(|traced| !traced.origins.is_empty()).collect();
        Filled {
            value: Value::Object(fields.values),
            places: fields.places,
            references,
            uncertain,
            set,
            sensitive: fields.sensitive,
            provisioners: Vec::new(),
            origins,
        }
    }

    /// Evaluates the arguments and blocks of a body; `top`: of a resource, where some belong to Terraform.
    pub(super) fn fields(
        &self,
        scope: &Scope<'a>,
        body: &Body,
        path: &str,
        out: &mut Fields,
        top: bool,
    ) {
        for attribute in &body.attributes {
            if top && META.contains(&attribute.name.as_str()) {
                continue;
            }
            if attribute.name == "dynamic" && self.dynamic_json(scope, &attribute.value, path, out)
            {
                continue;
            }
            let value = self.value(scope, &attribute.value).opened();
            let place = key_path(path, &attribute.name);
            literal_places(&attribute.value, &place, &mut out.places);
            let top_level = top_of(&place);
            value.sensitive_paths(&place, &mut out.sensitive);
            out.values.insert(attribute.name.clone(), value.value);
            out.origins
                .entry(top_level)
                .or_default()
                .push(Traced { value: Value::Null, origins: value.origins });
        }
        for block in &body.blocks {
            if top && META.contains(&block.kind.as_str()) {
                continue;
            }
            if block.kind == "dynamic" {
                self.dynamic(scope, block, path, out);
            } else {
                self.nested(scope, &block.kind, block, path, out);
            }
        }
    }

    /// One nested block: one more element of its kind's list.
    fn nested(&self, scope: &Scope<'a>, kind: &str, block: &Block, path: &str, out: &mut Fields) {
        let list = out.values.entry(kind.to_owned()).or_insert_with(|| Value::List(Vec::new()));
        let place = format!("{}[{}]", key_path(path, kind), list.elements().len());
        out.places.insert(place.clone(), block.header);
        let mut inner = Fields::default();
        self.fields(scope, &block.body, &place, &mut inner, false);
        push(list, Value::Object(inner.values));
        out.places.append(&mut inner.places);
        out.sensitive.append(&mut inner.sensitive);
        for (name, mut traced) in inner.origins {
            out.origins.entry(name).or_default().append(&mut traced);
        }
    }

    /// `dynamic "kind" { for_each, iterator, content }`
    fn dynamic(&self, scope: &Scope<'a>, block: &Block, path: &str, out: &mut Fields) {
        let kind = block.label(0);
        let Some(over) = block.body.value("for_each") else { return };
        let over = self.value(scope, over);
        let iterator = match block.body.value("iterator").map(|expr| &expr.kind) {
            Some(ExprKind::Name(name)) => name.as_str(),
            _ => kind,
        };
        let top_level = top_of(&key_path(path, kind));
        out.origins
            .entry(top_level)
            .or_default()
            .push(Traced { value: Value::Null, origins: over.origins.clone() });
        let list = out.values.entry(kind.to_owned()).or_insert_with(|| Value::List(Vec::new()));
        let Some(elements) = elements(&over) else {
            // How many there are is unknown, so all blocks of the kind are.
            *list = unknown(origin_of(&over.value));
            return;
        };
        let Some(content) = block.body.blocks.iter().find(|inner| inner.kind == "content") else {
            return;
        };
        for (key, value) in elements {
            let mut inner = scope.clone();
            inner.bind(
                iterator,
                Traced::object([("key".to_owned(), key), ("value".to_owned(), value)].into()),
            );
            self.nested(&inner, kind, content, path, out);
        }
    }

    /// `"dynamic": {"kind": {"for_each": …, "content": {…}}}`; whether it is one.
    fn dynamic_json(&self, scope: &Scope<'a>, value: &Expr, path: &str, out: &mut Fields) -> bool {
        let ExprKind::Object(kinds) = &value.kind else { return false };
        for (kind, forms) in kinds {
            let Some(kind) = kind.as_literal() else { return false };
            let forms: Vec<&Expr> = match &forms.kind {
                ExprKind::List(forms) => forms.iter().collect(),
                _ => vec![forms],
            };
            for form in forms {
                let ExprKind::Object(members) = &form.kind else { return false };
                let member = |name: &str| {
                    members
                        .iter()
                        .find(|(key, _)| key.as_literal() == Some(name))
                        .map(|(_, member)| member)
                };
                let (Some(over), Some(content)) = (member("for_each"), member("content")) else {
                    return false;
                };
                let iterator = member("iterator").and_then(Expr::as_literal).unwrap_or(kind);
                let over = self.value(scope, over);
                let place = key_path(path, kind);
                out.places.entry(place.clone()).or_insert(content.span);
                let origins = out.origins.entry(top_of(&place)).or_default();
                origins.push(Traced { value: Value::Null, origins: over.origins.clone() });
                let list =
                    out.values.entry(kind.to_owned()).or_insert_with(|| Value::List(Vec::new()));
                let Some(elements) = elements(&over) else {
                    *list = unknown(origin_of(&over.value));
                    continue;
                };
                for (key, value) in elements {
                    let mut inner = scope.clone();
                    inner.bind(
                        iterator,
                        Traced::object(
                            [("key".to_owned(), key), ("value".to_owned(), value)].into(),
                        ),
                    );
                    let content = self.value(&inner, content);
                    let place = format!("{place}[{}]", list.elements().len());
                    content.sensitive_paths(&place, &mut out.sensitive);
                    origins.push(Traced { value: Value::Null, origins: content.origins });
                    push(list, content.value);
                }
            }
        }
        true
    }
}

/// Appends to a list of blocks.
fn push(list: &mut Value, item: Value) {
    match list {
        Value::List(items) => items.push(item),
        Value::Unknown(_) => {}
        // An argument of the same name: what it holds is one block among others.
        other => *other = Value::List(vec![std::mem::take(other), item]),
    }
}

/// Key and value of what `dynamic` walks over. None while unknown.
fn elements(over: &Traced) -> Option<Vec<(Traced, Traced)>> {
    if over.value.is_null() {
        return Some(Vec::new());
    }
    items_with_keys(over)
}

/// The places of an argument and of the keys written out below it.
fn literal_places(expr: &Expr, path: &str, places: &mut BTreeMap<String, Span>) {
    places.insert(path.to_owned(), expr.span);
    match &expr.kind {
        ExprKind::Object(items) => {
            for (key, value) in items {
                if let Some(key) = key.as_literal() {
                    literal_places(value, &key_path(path, key), places);
                }
            }
        }
        ExprKind::List(items) => {
            for (index, item) in items.iter().enumerate() {
                literal_places(item, &format!("{path}[{index}]"), places);
            }
        }
        _ => {}
    }
}

fn key_path(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// `inline_policy` of `inline_policy[0].policy`.
fn top_of(path: &str) -> String {
    path.split(['.', '[']).next().unwrap_or(path).to_owned()
}

/// A plan's value with its unknown parts filled from the configuration. What the plan knows always wins.
pub(crate) fn fill(planned: &Value, configured: &Value) -> Value {
    match (planned, configured) {
        (Value::Unknown(_), Value::Null) => planned.clone(),
        (Value::Unknown(_), configured) => configured.clone(),
        (Value::String(text), configured @ Value::String(_)) if text.has_holes() => {
            configured.clone()
        }
        (Value::Object(planned), Value::Object(configured)) => {
            let mut fields = planned.clone();
            for (name, value) in &mut fields {
                if let Some(configured) = configured.get(name).filter(|_| value.has_unknown()) {
                    *value = fill(value, configured);
                }
            }
            // What only the configuration and the shapes know of.
            for (name, value) in configured {
                fields.entry(name.clone()).or_insert_with(|| value.clone());
            }
            Value::Object(fields)
        }
        // A block that there is one of.
        (Value::Object(_), Value::List(items)) if items.len() == 1 => {
            items.first().map_or_else(|| planned.clone(), |only| fill(planned, only))
        }
        (Value::List(planned), Value::List(configured)) => {
            Value::List(fill_elements(planned, configured))
        }
        // A nested block of a JSON configuration.
        (Value::List(items), Value::Object(_)) if items.len() == 1 => {
            Value::List(items.iter().map(|item| fill(item, configured)).collect())
        }
        _ => planned.clone(),
    }
}

/// A set has another order in the plan, so each element looks for the one that it can have come from.
fn fill_elements(planned: &[Value], configured: &[Value]) -> Vec<Value> {
    let mut free: Vec<bool> = vec![planned.len() == configured.len(); configured.len()];
    // Elements that are wholly known take their partner out of the game.
    let mut out: Vec<Option<Value>> = Vec::with_capacity(planned.len());
    for value in planned {
        if value.has_unknown() {
            out.push(None);
            continue;
        }
        if let Some(at) = configured.iter().position(|other| other == value)
            && let Some(free) = free.get_mut(at)
        {
            *free = false;
        }
        out.push(Some(value.clone()));
    }
    let filled = out.into_iter().zip(planned).enumerate().map(|(index, (known, value))| {
        if let Some(known) = known {
            return known;
        }
        let fits = |at: usize, free: &[bool]| {
            free.get(at).copied().unwrap_or(false)
                && configured.get(at).is_some_and(|other| compatible(value, other))
        };
        let same_place = fits(index, &free).then_some(index);
        let partner = same_place.or_else(|| (0..configured.len()).find(|at| fits(*at, &free)));
        let Some((at, other)) = partner.and_then(|at| Some((at, configured.get(at)?))) else {
            return value.clone();
        };
        if let Some(free) = free.get_mut(at) {
            *free = false;
        }
        fill(value, other)
    });
    filled.collect()
}

/// Whether the known parts of a planned value do not contradict a configured one. Terraform fills in what is unset.
fn compatible(planned: &Value, configured: &Value) -> bool {
    match (planned, configured) {
        (Value::Unknown(_), _) | (_, Value::Null | Value::Unknown(_)) => true,
        (Value::Object(planned), Value::Object(configured)) => {
            configured.iter().all(|(name, value)| {
                planned.get(name).is_none_or(|planned| compatible(planned, value))
            })
        }
        (Value::List(planned), Value::List(configured)) => {
            planned.len() == configured.len()
                && planned
                    .iter()
                    .all(|planned| configured.iter().any(|other| compatible(planned, other)))
        }
        (planned, configured) => match (planned.text(), configured.text()) {
            (Some(planned), Some(configured)) => {
                equal(&Value::String(planned), &Value::String(configured)) != Some(false)
            }
            _ => equal(planned, configured) != Some(false),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
        Value::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    #[test]
    fn a_set_is_filled_whatever_its_order() {
        let planned = Value::List(vec![
            object([("type", "AWS".into()), ("identifiers", unknown("a"))]),
            object([("type", "Service".into()), ("identifiers", unknown("b"))]),
        ]);
        let configured = Value::List(vec![
            object([("type", "Service".into()), ("identifiers", "ec2".into())]),
            object([("type", "AWS".into()), ("identifiers", "arn".into())]),
        ]);
        let filled = fill(&planned, &configured);
        let expected = Value::List(vec![
            object([("type", "AWS".into()), ("identifiers", "arn".into())]),
            object([("type", "Service".into()), ("identifiers", "ec2".into())]),
        ]);
        assert_eq!(filled, expected);
    }

    #[test]
    fn what_the_plan_knows_wins() {
        let planned = object([("a", "planned".into()), ("b", unknown("x")), ("c", Value::Null)]);
        let configured =
            object([("a", "configured".into()), ("b", "known".into()), ("c", "configured".into())]);
        let expected = object([("a", "planned".into()), ("b", "known".into()), ("c", Value::Null)]);
        assert_eq!(fill(&planned, &configured), expected);
    }
}

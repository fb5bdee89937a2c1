//! Type constraints: what a variable's `type` makes of its value.

use std::collections::BTreeMap;

use super::operators::truth;
use super::{Evaluator, Scope, Traced, number_text};
use crate::hcl::{Expr, ExprKind};
use crate::value::Value;

/// Converts a value to a constraint as far as both are known. What does not fit stays as it is: Terraform refuses it.
pub(super) fn constrain<'a>(
    evaluator: &Evaluator<'a>,
    scope: &Scope<'a>,
    constraint: &Expr,
    value: Traced,
) -> Traced {
    match &constraint.kind {
        ExprKind::Name(name) => {
            let converted = convert_to(name, &value.value);
            Traced { value: converted.unwrap_or(value.value), origins: value.origins }
        }
        // JSON spells constraints as strings; so did 0.11.
        ExprKind::Template(_) => match constraint
            .as_literal()
            .map(|text| crate::hcl::parse_expression(text, constraint.span.file))
        {
            Some(Ok(parsed)) if !matches!(parsed.kind, ExprKind::Template(_)) => {
                constrain(evaluator, scope, &parsed, value)
            }
            _ => value,
        },
        ExprKind::Parens(inner) => constrain(evaluator, scope, inner, value),
        ExprKind::Call { name, arguments, .. } => {
            let Some(inner) = arguments.first() else { return value };
            let each = |item: Traced| constrain(evaluator, scope, inner, item);
            match (name.as_str(), &value.value) {
                ("list", Value::List(_)) => {
                    Traced::list(value.items().unwrap_or_default().into_iter().map(each).collect())
                }
                ("set", Value::List(_)) => {
                    unique(value.items().unwrap_or_default().into_iter().map(each).collect())
                }
                ("map", Value::Object(_)) => Traced::object(
                    value
                        .fields()
                        .unwrap_or_default()
                        .into_iter()
                        .map(|(key, item)| (key, each(item)))
                        .collect(),
                ),
                ("tuple", Value::List(_)) => {
                    let ExprKind::List(types) = &inner.kind else { return value };
                    let items = value.items().unwrap_or_default().into_iter().enumerate();
                    Traced::list(
                        items
                            .map(|(index, item)| match types.get(index) {
                                Some(inner) => constrain(evaluator, scope, inner, item),
                                None => item,
                            })
                            .collect(),
                    )
                }
                ("object", Value::Object(_)) => object(evaluator, scope, inner, value),
                ("optional", _) => each(value),
                _ => value,
            }
        }
        _ => value,
    }
}

fn object<'a>(evaluator: &Evaluator<'a>, scope: &Scope<'a>, types: &Expr, value: Traced) -> Traced {
    let ExprKind::Object(types) = &types.kind else { return value };
    let mut fields: BTreeMap<String, Traced> = BTreeMap::new();
    for (name, constraint) in types {
        let Some(name) = name.as_literal() else { continue };
        let given = match &value.value {
            Value::Object(given) if given.contains_key(name) => {
                value.attribute(name).unwrap_or_default()
            }
            _ => Traced::default(),
        };
        let field = match &constraint.kind {
            ExprKind::Call { name: function, arguments, .. } if function == "optional" => {
                let given = match arguments.get(1) {
                    Some(default) if given.value.is_null() => evaluator.value(scope, default),
                    _ => given,
                };
                arguments.first().map_or(given.clone(), |inner| {
                    if given.value.is_null() {
                        given
                    } else {
                        constrain(evaluator, scope, inner, given)
                    }
                })
            }
            _ => constrain(evaluator, scope, constraint, given),
        };
        fields.insert(name.to_owned(), field);
    }
    Traced::object(fields)
}

/// A set: sorted, each element once.
pub(super) fn unique(mut items: Vec<Traced>) -> Traced {
    if items.iter().all(|item| item.value.as_str().is_some()) {
        items.sort_by(|left, right| left.value.as_str().cmp(&right.value.as_str()));
    }
    let mut out: Vec<Traced> = Vec::new();
    for item in items {
        match out.iter_mut().find(|known| known.value == item.value) {
            Some(known) => *known = std::mem::take(known).also(&item.origins),
            None => out.push(item),
        }
    }
    Traced::list(out)
}

/// Converts to a primitive type; None where that is impossible.
pub(crate) fn convert_to(kind: &str, value: &Value) -> Option<Value> {
    match (kind, value) {
        (_, Value::Null) => Some(Value::Null),
        ("string", Value::String(_)) | ("bool", Value::Bool(_)) | ("number", Value::Number(_)) => {
            Some(value.clone())
        }
        ("string", Value::Number(number)) => Some(number_text(number).as_str().into()),
        ("string", Value::Bool(truth)) => Some(if *truth { "true" } else { "false" }.into()),
        // Of a known type now, though not of a known value.
        ("string", Value::Unknown(hole)) => Some(Value::String(hole.clone().into())),
        ("bool", value @ Value::String(_)) => truth(value).map(Value::Bool),
        ("number", Value::String(text)) => crate::hcl::parse_expression(
            text.as_str()?,
            crate::source::Sources::default().add("", ""),
        )
        .ok()
        .and_then(|parsed| match parsed.kind {
            ExprKind::Number(number) => Some(Value::Number(number)),
            _ => text
                .as_str()?
                .parse::<f64>()
                .ok()
                .and_then(super::number::from_f64)
                .map(Value::Number),
        }),
        ("any" | "list" | "map" | "set", value) => Some(value.clone()),
        _ => None,
    }
}

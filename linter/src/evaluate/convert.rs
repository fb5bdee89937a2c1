//! Type constraints: what a variable's `type` makes of its value.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::number::{parse_number, to_f64};
use super::operators::{equal, truth};
use super::traced::Form;
use super::types::{Field, Type, convert};
use super::{Evaluator, Scope, Traced, number_text, opaque};
use crate::hcl::{Expr, ExprKind};
use crate::value::Value;

/// Converts a value to a constraint. Terraform refuses what does not fit; nobody here may go on with it as it stands.
pub(super) fn constrain<'a>(
    evaluator: &Evaluator<'a>,
    scope: &Scope<'a>,
    constraint: &Expr,
    value: Traced,
    origin: &str,
) -> Traced {
    let Some(wanted) = parse(evaluator, scope, constraint) else { return value };
    let whole = value.clone();
    convert(value, &wanted).unwrap_or_else(|| {
        let label = format!("{origin}, whose value is not of its type");
        Traced::derived(opaque(label, &whole.value), [&whole])
    })
}

/// A constraint as a type; None where it is none.
fn parse<'a>(evaluator: &Evaluator<'a>, scope: &Scope<'a>, constraint: &Expr) -> Option<Type> {
    match &constraint.kind {
        ExprKind::Name(name) => Some(match name.as_str() {
            "any" => Type::Any,
            "string" => Type::String,
            "number" => Type::Number,
            "bool" => Type::Bool,
            // As 0.11 wrote them.
            "list" => Type::List(Box::new(Type::Any)),
            "map" => Type::Map(Box::new(Type::Any)),
            "set" => Type::Set(Box::new(Type::Any)),
            _ => return None,
        }),
        // JSON spells constraints as strings; so did 0.11.
        ExprKind::Template(_) => {
            let text = constraint.as_literal()?;
            let parsed = crate::hcl::parse_expression(text, constraint.span.file).ok()?;
            if matches!(parsed.kind, ExprKind::Template(_)) {
                return None;
            }
            parse(evaluator, scope, &parsed)
        }
        ExprKind::Parens(inner) => parse(evaluator, scope, inner),
        ExprKind::Call { name, arguments, .. } => {
            let inner = arguments.first()?;
            let boxed = || parse(evaluator, scope, inner).map(Box::new);
            match name.as_str() {
                "list" => boxed().map(Type::List),
                "set" => boxed().map(Type::Set),
                "map" => boxed().map(Type::Map),
                "tuple" => {
                    let ExprKind::List(types) = &inner.kind else { return None };
                    let types = types.iter().map(|inner| parse(evaluator, scope, inner));
                    types.collect::<Option<_>>().map(Type::Tuple)
                }
                "object" => object(evaluator, scope, inner),
                "optional" => parse(evaluator, scope, inner),
                _ => None,
            }
        }
        _ => None,
    }
}

fn object<'a>(evaluator: &Evaluator<'a>, scope: &Scope<'a>, types: &Expr) -> Option<Type> {
    let ExprKind::Object(types) = &types.kind else { return None };
    let mut fields: BTreeMap<String, Field> = BTreeMap::new();
    for (name, constraint) in types {
        let name = name.as_literal()?.to_owned();
        let kind = parse(evaluator, scope, constraint)?;
        let (optional, default) = match &constraint.kind {
            ExprKind::Call { name: function, arguments, .. } if function == "optional" => {
                (true, arguments.get(1).map(|default| evaluator.value(scope, default)))
            }
            _ => (false, None),
        };
        fields.insert(name, Field { kind, optional, default });
    }
    Some(Type::Object(fields))
}

/// A set: each element once, in Terraform's order.
pub(super) fn unique(items: Vec<Traced>) -> Traced {
    // Two resources that are alike in what is known of them are two all the same.
    let items =
        if items.len() > 1 { items.into_iter().map(Traced::opened).collect() } else { items };
    let mut keyed: Vec<((u8, f64, String), Traced)> =
        items.into_iter().map(|item| (set_order(&item), item)).collect();
    keyed.sort_by(|((rank, number, text), _), ((other_rank, other_number, other_text), _)| {
        let numbers = || number.total_cmp(other_number);
        rank.cmp(other_rank).then_with(numbers).then_with(|| text.cmp(other_text))
    });
    let mut out: Vec<Traced> = Vec::with_capacity(keyed.len());
    for (_, item) in keyed {
        match out.last_mut() {
            Some(known) if equal(&known.value, &item.value) == Some(true) => {
                *known = std::mem::take(known).also(&item.origins);
            }
            _ => out.push(item),
        }
    }
    Traced::list(out).formed(Form::Set)
}

/// Where an element stands in a set: first what is known, then what is not, then null.
fn set_order(item: &Traced) -> (u8, f64, String) {
    match &item.value {
        Value::Null => (2, 0.0, String::new()),
        value if value.has_unknown() => (1, 0.0, format!("{value:?}")),
        Value::Number(number) => (0, to_f64(number).unwrap_or_default(), String::new()),
        Value::String(text) => (0, 0.0, text.as_str().unwrap_or_default().to_owned()),
        _ => {
            let mut text = String::new();
            set_bytes(item, &mut text);
            (0, 0.0, text)
        }
    }
}

/// A number as Go shows it with ten digits: with an exponent where it has more.
fn ten_digits(number: &serde_json::Number) -> String {
    let rounded = to_f64(number).map(|value| format!("{value:.9e}"));
    let parts = rounded.as_deref().and_then(|text| text.split_once('e'));
    let Some((mantissa, exponent)) = parts.and_then(|(m, e)| Some((m, e.parse::<i32>().ok()?)))
    else {
        return number_text(number);
    };
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let digits = i32::try_from(digits).unwrap_or(i32::MAX);
    let limit = if digits < 10 && digits > exponent { digits } else { 10 };
    if exponent < -4 || exponent >= limit {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    let plain = format!("{mantissa}e{exponent}").parse::<f64>();
    plain.map_or_else(|_| number_text(number), |value| value.to_string())
}

/// The bytes that Terraform compares structures by.
fn set_bytes(item: &Traced, out: &mut String) {
    match &item.value {
        Value::Null => out.push('~'),
        Value::Unknown(_) => out.push('?'),
        Value::Bool(truth) => out.push(if *truth { 'T' } else { 'F' }),
        Value::Number(number) => out.push_str(&ten_digits(number)),
        Value::String(text) => {
            let _ = write!(out, "{:?}", text.as_str().unwrap_or_default());
        }
        Value::List(_) => {
            let (open, close) =
                if item.form() == Form::Structure { ('<', '>') } else { ('[', ']') };
            out.push(open);
            for item in item.items().unwrap_or_default() {
                set_bytes(&item, out);
                out.push(';');
            }
            out.push(close);
        }
        Value::Object(_) => {
            let is_map = item.form() == Form::Map;
            out.push(if is_map { '{' } else { '<' });
            for (key, field) in item.fields().unwrap_or_default() {
                if is_map {
                    let _ = write!(out, "{key:?}:");
                }
                set_bytes(&field, out);
                out.push(';');
            }
            out.push(if is_map { '}' } else { '>' });
        }
    }
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
        ("bool", Value::String(text)) if text.as_str() == Some("1") => Some(Value::Bool(true)),
        ("bool", Value::String(text)) if text.as_str() == Some("0") => Some(Value::Bool(false)),
        ("bool", value @ Value::String(_)) => truth(value).map(Value::Bool),
        ("number", Value::String(text)) => parse_number(text.as_str()?).map(Value::Number),
        ("any" | "list" | "map" | "set", value) => Some(value.clone()),
        _ => None,
    }
}

//! What two possible values have in common: a condition that is not known leaves more than nothing.

use std::collections::BTreeMap;

use policy::text::{Part, Shape, Text};

use super::expression::origin_of;
use super::types::{Type, convert, loosened, unify};
use super::{Traced, opaque, opaque_origin};
use crate::value::Value;

/// Both branches of a conditional, as values of the type that they have in common; None where Terraform refuses.
pub(super) fn common(yes: Traced, no: Traced) -> Option<(Traced, Traced)> {
    let (first, second) = (Type::of(&yes), Type::of(&no));
    if first == second {
        return Some((yes, no));
    }
    let wanted = unify(&[first, second])?;
    let (yes, no) = (convert(yes, &wanted)?, convert(no, &wanted)?);
    Some((loosened(yes, &wanted), loosened(no, &wanted)))
}

/// A value, as one of the type that it has in common with another type; None where there is none.
pub(super) fn with_type(value: Traced, kind: Option<Type>) -> Option<Traced> {
    let Some(kind) = kind else { return Some(loosened(value, &Type::Any)) };
    let wanted = unify(&[Type::of(&value), kind])?;
    convert(value, &wanted)
}

/// One of two values: what they share, and a hole where they differ.
pub(super) fn either(condition: &Traced, yes: &Traced, no: &Traced) -> Traced {
    let merged = shared(condition, yes, no);
    if condition.origins.is_sensitive() { merged.hidden() } else { merged }
}

fn shared(deciding: &Traced, yes: &Traced, no: &Traced) -> Traced {
    let is_whole = !matches!(yes.value, Value::List(_) | Value::Object(_)) || yes.is_resource();
    if yes.value == no.value && is_whole {
        return if yes.is_resource() {
            yes.clone().also(&no.origins)
        } else {
            Traced::either(yes.value.clone(), [yes, no], [])
        };
    }
    let condition = &deciding.value;
    let label = || format!("{} ? … : …", origin_of(condition));
    let inputs = (condition, &yes.value, &no.value);
    match (&yes.value, &no.value) {
        (Value::String(left), Value::String(right)) => {
            let hole = Text::hole(opaque_origin(label(), &inputs), Shape::Any);
            Traced::either(Value::String(shared_text(left, right, &hole)), [yes, no], [])
        }
        (Value::Object(left), Value::Object(right))
            if left.keys().eq(right.keys()) && !yes.is_resource() && !no.is_resource() =>
        {
            let fields = yes.fields().unwrap_or_default().into_iter();
            let fields: BTreeMap<String, Traced> = fields
                .zip(no.fields().unwrap_or_default())
                .map(|((key, yes), (_, no))| (key, shared(deciding, &yes, &no)))
                .collect();
            Traced::object(fields).formed(yes.form())
        }
        (Value::List(left), Value::List(right))
            if left.len() == right.len() && yes.form() == no.form() =>
        {
            let items = yes.items().unwrap_or_default().into_iter();
            let items = items
                .zip(no.items().unwrap_or_default())
                .map(|(yes, no)| shared(deciding, &yes, &no))
                .collect();
            Traced::list(items).formed(yes.form())
        }
        _ => Traced::either(opaque(label(), &inputs), [yes, no], []),
    }
}

/// The common beginning and end of two strings, and a hole between them.
fn shared_text(left: &Text, right: &Text, hole: &Text) -> Text {
    let (mut left, mut right) = (units(left), units(right));
    let same = left.iter().zip(&right).take_while(|(left, right)| left == right).count();
    let (start, mut end) = (left.drain(..same).collect::<Vec<_>>(), Vec::new());
    right.drain(..same);
    while let (Some(one), Some(other)) = (left.last(), right.last())
        && one == other
    {
        end.extend(left.pop());
        right.pop();
    }
    let mut out = Text::new();
    let push = |unit: &Unit, out: &mut Text| match unit {
        Unit::Char(c) => out.push_str(c.encode_utf8(&mut [0; 4])),
        Unit::Hole(hole) => out.push(&Text::from(hole.clone())),
    };
    for unit in &start {
        push(unit, &mut out);
    }
    out.push(hole);
    for unit in end.iter().rev() {
        push(unit, &mut out);
    }
    out
}

#[derive(PartialEq)]
enum Unit {
    Char(char),
    Hole(policy::text::Hole),
}

fn units(text: &Text) -> Vec<Unit> {
    let mut units = Vec::new();
    for part in text.parts() {
        match part {
            Part::Literal(literal) => units.extend(literal.chars().map(Unit::Char)),
            Part::Hole(hole) => units.push(Unit::Hole(hole.clone())),
        }
    }
    units
}

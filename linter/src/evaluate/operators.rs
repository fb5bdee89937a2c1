//! Operators over values of which parts may be unknown.

use policy::text::{Part, Shape, Text};

use super::expression::{first_hole, origin_of};
use super::number::{Big, same};
use super::{Failure, Form, Traced, opaque};
use crate::hcl::Operator;
use crate::value::Value;

/// A condition: None while it is not known.
pub(crate) fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) => match text.as_str()? {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        },
        Value::Null | Value::Number(_) | Value::List(_) | Value::Object(_) | Value::Unknown(_) => {
            None
        }
    }
}

/// `!value`
pub(super) fn not(value: &Value) -> Result<Value, Failure> {
    match truth(value) {
        Some(truth) => Ok(Value::Bool(!truth)),
        None if value.has_unknown() => Ok(opaque(format!("!{}", origin_of(value)), value)),
        None => Err(Failure::wrong("!")),
    }
}

/// `-value`
pub(super) fn negate(value: &Value) -> Result<Value, Failure> {
    binary(Operator::Subtract, &Value::Number(0.into()), value)
}

/// `left operator right`
pub(super) fn binary(operator: Operator, left: &Value, right: &Value) -> Result<Value, Failure> {
    let symbol = symbol(operator);
    let open = || opaque(format!("{} {symbol} {}", shown(left), shown(right)), &(left, right));
    let result = match operator {
        Operator::And | Operator::Or => {
            let ends = operator == Operator::Or;
            let is_wrong = |value: &Value| truth(value).is_none() && first_hole(value).is_none();
            if is_wrong(left) || is_wrong(right) {
                return Err(Failure::wrong(symbol));
            }
            match (truth(left), truth(right)) {
                (Some(one), _) | (_, Some(one)) if one == ends => Some(ends),
                (Some(_), Some(_)) => Some(!ends),
                _ => None,
            }
            .map(Value::Bool)
        }
        Operator::Equal => equal(left, right).map(Value::Bool),
        Operator::NotEqual => equal(left, right).map(|same| Value::Bool(!same)),
        Operator::Less
        | Operator::LessOrEqual
        | Operator::Greater
        | Operator::GreaterOrEqual
        | Operator::Add
        | Operator::Subtract
        | Operator::Multiply
        | Operator::Divide
        | Operator::Modulo => match (number(left), number(right)) {
            (Some(from), Some(to)) => arithmetic(operator, &from, &to),
            _ => None,
        },
    };
    match result {
        Some(value) => Ok(value),
        None if first_hole(left).is_some() || first_hole(right).is_some() => Ok(open()),
        None => Err(Failure::wrong(symbol)),
    }
}

/// `left == right`, `left != right`: values of different types differ, however alike they look.
pub(super) fn compare(operator: Operator, left: &Traced, right: &Traced) -> Value {
    let (left, right) = (&left.clone().opened(), &right.clone().opened());
    let same = match equal(&left.value, &right.value) {
        Some(false) => Some(false),
        same => match same_type(left, right) {
            Some(true) => same,
            Some(false) => Some(false),
            None => None,
        },
    };
    if let Some(same) = same {
        return Value::Bool(same == (operator == Operator::Equal));
    }
    let label = format!("{} {} {}", shown(&left.value), symbol(operator), shown(&right.value));
    opaque(label, &(&left.value, &right.value))
}

/// Whether two values are of one type, as far as that can matter; None where nobody knows.
fn same_type(left: &Traced, right: &Traced) -> Option<bool> {
    let is_collection = |value: &Value| matches!(value, Value::List(_) | Value::Object(_));
    if !is_collection(&left.value) || !is_collection(&right.value) {
        return Some(true);
    }
    if left.form() == Form::Unsettled || right.form() == Form::Unsettled {
        return None;
    }
    if left.form() != right.form() {
        return Some(false);
    }
    let parts = |value: &Traced| match value.fields() {
        Some(fields) => fields.into_iter().map(|(_, field)| field).collect(),
        None => value.items().unwrap_or_default(),
    };
    let mut result = Some(true);
    for (left, right) in parts(left).iter().zip(&parts(right)) {
        match same_type(left, right) {
            Some(false) => return Some(false),
            Some(true) => {}
            None => result = None,
        }
    }
    result
}

/// Whether the left side of `&&` or `||` is enough.
pub(super) fn settles(operator: Operator, left: &Value) -> bool {
    match operator {
        Operator::And => truth(left) == Some(false),
        Operator::Or => truth(left) == Some(true),
        _ => false,
    }
}

/// A known operand may be a secret, so only unknown ones are shown.
fn shown(value: &Value) -> String {
    match first_hole(value) {
        Some(hole) => hole.origin.to_string(),
        None => "…".to_owned(),
    }
}

fn number(value: &Value) -> Option<Big> {
    match value {
        Value::Number(number) => Big::of(number),
        Value::String(text) => Big::parse(text.as_str()?),
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Object(_) | Value::Unknown(_) => {
            None
        }
    }
}

fn arithmetic(operator: Operator, left: &Big, right: &Big) -> Option<Value> {
    let value = match operator {
        Operator::Add => left.add(right),
        Operator::Subtract => left.subtract(right),
        Operator::Multiply => left.multiply(right),
        Operator::Divide => left.divide(right)?,
        Operator::Modulo => left.remainder(right)?,
        Operator::Less => return Some(Value::Bool(left.compare(right).is_lt())),
        Operator::LessOrEqual => return Some(Value::Bool(left.compare(right).is_le())),
        Operator::Greater => return Some(Value::Bool(left.compare(right).is_gt())),
        Operator::GreaterOrEqual => return Some(Value::Bool(left.compare(right).is_ge())),
        Operator::Or | Operator::And | Operator::Equal | Operator::NotEqual => return None,
    };
    value.number().map(Value::Number)
}

fn symbol(operator: Operator) -> &'static str {
    match operator {
        Operator::Or => "||",
        Operator::And => "&&",
        Operator::Equal => "==",
        Operator::NotEqual => "!=",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => ">=",
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Multiply => "*",
        Operator::Divide => "/",
        Operator::Modulo => "%",
    }
}

/// Whether two values are equal; None while that is not known.
pub(crate) fn equal(left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        // The same unknown in both places is the same value.
        (Value::Unknown(left), Value::Unknown(right)) if left == right => Some(true),
        (Value::Unknown(_), _) | (_, Value::Unknown(_)) => None,
        (Value::String(left), Value::String(right)) => equal_texts(left, right),
        (Value::Number(left), Value::Number(right)) => Some(same(left, right)),
        (Value::List(left), Value::List(right)) => {
            if left.len() != right.len() {
                return Some(false);
            }
            all(left.iter().zip(right).map(|(left, right)| equal(left, right)))
        }
        (Value::Object(left), Value::Object(right)) => {
            if left.len() != right.len() || !left.keys().eq(right.keys()) {
                return Some(false);
            }
            all(left.values().zip(right.values()).map(|(left, right)| equal(left, right)))
        }
        _ => Some(left == right),
    }
}

fn all(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(true);
    for part in parts {
        match part {
            Some(false) => return Some(false),
            Some(true) => {}
            None => result = None,
        }
    }
    result
}

/// Two strings: known beginnings and ends that differ settle it, whatever the holes become.
fn equal_texts(left: &Text, right: &Text) -> Option<bool> {
    if let (Some(left), Some(right)) = (left.as_str(), right.as_str()) {
        return Some(left == right);
    }
    if left == right {
        return Some(true);
    }
    let differs = |left: &str, right: &str| !left.starts_with(right) && !right.starts_with(left);
    let start = |text: &Text| match text.parts().first() {
        Some(Part::Literal(literal)) => literal.clone(),
        Some(Part::Hole(hole)) => match &hole.shape {
            Shape::Glob(glob) => glob.split(['*', '?']).next().unwrap_or("").to_owned(),
            Shape::Any | Shape::Word => String::new(),
        },
        None => String::new(),
    };
    let end = |text: &Text| match text.parts().last() {
        Some(Part::Literal(literal)) => literal.chars().rev().collect(),
        _ => String::new(),
    };
    if differs(&start(left), &start(right)) || differs(&end(left), &end(right)) {
        return Some(false);
    }
    let never_empty = |text: &Text| {
        text.parts().iter().any(|part| match part {
            Part::Literal(_) => true,
            Part::Hole(hole) => match &hole.shape {
                Shape::Any => false,
                Shape::Word => true,
                Shape::Glob(glob) => glob.contains(|c| c != '*'),
            },
        })
    };
    let (empty, other) =
        if left.parts().is_empty() { (true, right) } else { (right.parts().is_empty(), left) };
    (empty && never_empty(other)).then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holed(start: &str, shape: Shape) -> Value {
        let mut text = Text::literal(start);
        text.push(&Text::hole("x", shape));
        Value::String(text)
    }

    #[test]
    fn equality_waits_for_what_matters() {
        assert_eq!(equal(&holed("arn:", Shape::Any), &"role".into()), Some(false));
        assert_eq!(equal(&holed("arn:", Shape::Any), &"arn:x".into()), None);
        assert_eq!(equal(&holed("", Shape::Word), &"".into()), Some(false));
        assert_eq!(equal(&holed("", Shape::Any), &"".into()), None);
        assert_eq!(equal(&holed("", Shape::Glob("arn:*".into())), &"x".into()), Some(false));
        assert_eq!(equal(&holed("", Shape::Any), &Value::Null), Some(false));
        let one = Value::Number(1.into());
        assert_eq!(equal(&one, &Value::Number(serde_json::from_str("1.0").unwrap())), Some(true));
    }

    #[test]
    fn one_side_can_settle_and_and_or() {
        let open = crate::evaluate::unknown("var.x");
        let no = Value::Bool(false);
        assert_eq!(binary(Operator::And, &no, &open).unwrap(), Value::Bool(false));
        assert!(origin_of(&binary(Operator::Or, &open, &no).unwrap()).starts_with("var.x || …#"));
        let number = |value: i64| Value::Number(value.into());
        assert_eq!(binary(Operator::Multiply, &number(6), &number(7)).unwrap(), number(42));
        assert!(binary(Operator::Add, &"x".into(), &number(1)).is_err());
    }
}

//! Every form of expression.

use std::collections::BTreeMap;

use policy::text::{Hole, Part, Shape, Text};
use unicode_normalization::UnicodeNormalization as _;

use super::alike::{common, either, with_type};
use super::comprehension::{is_open_set, items_with_keys};
use super::operators::{binary, compare, negate, not, settles, truth};
use super::types::Type;
use super::{
    Evaluated, Evaluator, Failure, MAX_DEPTH, MAX_STEPS, Scope, Traced, number_text, opaque,
    opaque_origin,
};
use crate::hcl::{Expr, ExprKind, Operator, Piece};
use crate::value::Value;

impl<'a> Evaluator<'a> {
    /// Evaluates an expression.
    pub(super) fn expression(&self, scope: &Scope<'a>, expr: &Expr) -> Evaluated {
        let depth = self.depth.get();
        if depth >= MAX_DEPTH {
            return Err(Failure::unknown("a value that is nested too deep"));
        }
        let steps = self.steps.get();
        if steps >= MAX_STEPS {
            return Err(Failure::unknown("a value that takes too long"));
        }
        self.steps.set(steps + 1);
        self.depth.set(depth + 1);
        let value = self.form(scope, expr);
        self.depth.set(depth);
        value
    }

    fn form(&self, scope: &Scope<'a>, expr: &Expr) -> Evaluated {
        match &expr.kind {
            ExprKind::Null => Ok(Traced::default()),
            ExprKind::Bool(truth) => Ok(Traced::plain(Value::Bool(*truth))),
            ExprKind::Number(number) => Ok(Traced::plain(Value::Number(number.clone()))),
            ExprKind::Template(pieces) => self.template(scope, pieces),
            ExprKind::Parens(inner) => self.expression(scope, inner),
            ExprKind::Name(_) | ExprKind::Attr(..) | ExprKind::Index(..) => {
                self.traversal(scope, expr)
            }
            ExprKind::Element => scope.element.clone().ok_or_else(|| Failure::wrong("*")),
            ExprKind::Splat(source, rest) => self.splat(scope, source, rest),
            ExprKind::Call { name, arguments, spread } => {
                self.call(scope, name, arguments, *spread)
            }
            ExprKind::List(items) => Ok(Traced::list(
                items.iter().map(|item| self.part(scope, item)).collect::<Result<_, _>>()?,
            )),
            ExprKind::Object(items) => self.object(scope, items),
            ExprKind::For(form) => self.for_expression(scope, form),
            ExprKind::Conditional(parts) => {
                let [condition, yes, no] = parts.as_ref();
                self.conditional(scope, condition, yes, no)
            }
            ExprKind::Binary(operator, left, right) => {
                // A chain of operators leans to the left as a tree, and is walked in a loop.
                let mut chain = vec![(*operator, right.as_ref())];
                let mut first = left.as_ref();
                while let ExprKind::Binary(operator, left, right) = &first.kind {
                    chain.push((*operator, right.as_ref()));
                    first = left.as_ref();
                }
                let mut value = self.part(scope, first)?;
                for (operator, right) in chain.into_iter().rev() {
                    value = self.operation(scope, operator, value, right)?;
                }
                Ok(value)
            }
            ExprKind::Not(operand) => {
                let operand = self.expression(scope, operand)?;
                Ok(Traced::derived(not(&operand.value)?, [&operand]))
            }
            ExprKind::Negate(operand) => {
                let operand = self.expression(scope, operand)?;
                Ok(Traced::derived(negate(&operand.value)?, [&operand]))
            }
        }
    }

    /// Evaluates a part: what is unknown to us stays a hole in the whole, what is wrong makes the whole wrong.
    pub(super) fn part(&self, scope: &Scope<'a>, expr: &Expr) -> Evaluated {
        match self.expression(scope, expr) {
            Err(failure) if !failure.definite => Ok(Traced::plain(failure.into_value())),
            result => result,
        }
    }

    /// One operator, its left side evaluated.
    fn operation(
        &self,
        scope: &Scope<'a>,
        operator: Operator,
        left: Traced,
        right: &Expr,
    ) -> Evaluated {
        let right = match self.part(scope, right) {
            Ok(right) => right,
            // Newer versions do not look at it any more.
            Err(_) if settles(operator, &left.value) => return Ok(left),
            Err(failure) => return Err(failure),
        };
        let result = match operator {
            Operator::Equal | Operator::NotEqual => compare(operator, &left, &right),
            _ => binary(operator, &left.value, &right.value)?,
        };
        Ok(Traced::derived(result, [&left, &right]))
    }

    /// A string of pieces.
    pub(super) fn template(&self, scope: &Scope<'a>, pieces: &[Piece]) -> Evaluated {
        let mut text = Text::new();
        let mut used = Vec::new();
        self.pieces(scope, pieces, &mut text, &mut used)?;
        Ok(Traced::derived(Value::String(normal(text)), &used))
    }

    fn pieces(
        &self,
        scope: &Scope<'a>,
        pieces: &[Piece],
        text: &mut Text,
        used: &mut Vec<Traced>,
    ) -> Result<(), Failure> {
        for piece in pieces {
            match piece {
                Piece::Literal(literal) => text.push_str(literal),
                Piece::Value(expr) => {
                    let value = self.part(scope, expr)?;
                    push_value(text, &value.value)?;
                    used.push(value);
                }
                Piece::If(condition, yes, no) => {
                    let condition = self.part(scope, condition)?;
                    match truth(&condition.value) {
                        Some(true) => self.pieces(scope, yes, text, used)?,
                        Some(false) => self.pieces(scope, no, text, used)?,
                        None if !condition.value.has_unknown() => {
                            return Err(Failure::wrong("if"));
                        }
                        None => {
                            let origin = opaque_origin(
                                format!("if {}", origin_of(&condition.value)),
                                &(&condition.value, yes, no, scope.identity()),
                            );
                            text.push(&Text::hole(origin, Shape::Any));
                        }
                    }
                    used.push(condition);
                }
                Piece::For(form) => {
                    let collection = self.part(scope, &form.collection)?;
                    let items = items_with_keys(&collection);
                    let items = items.filter(|_| !is_open_set(&collection));
                    let Some(items) = items else {
                        if first_hole(&collection.value).is_none() && !collection.is_resource() {
                            return Err(Failure::wrong("for"));
                        }
                        let origin = opaque_origin(
                            format!("for … in {}", origin_of(&collection.value)),
                            &(form, scope.identity()),
                        );
                        text.push(&Text::hole(origin, Shape::Any));
                        used.push(collection);
                        continue;
                    };
                    for (key, item) in items {
                        let mut inner = scope.clone();
                        if let Some(name) = &form.key {
                            inner.bind(name, key);
                        }
                        inner.bind(&form.value, item);
                        self.pieces(&inner, &form.body, text, used)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn object(&self, scope: &Scope<'a>, items: &[(Expr, Expr)]) -> Evaluated {
        let mut fields = BTreeMap::new();
        let mut from_keys = Vec::new();
        for (key, value) in items {
            let key = self.part(scope, key)?;
            let text = key_text(&key.value)?;
            let Some(name) = text.as_str() else {
                // One unknown key, and no key of the object is sure any more.
                return Ok(Traced::derived(
                    opaque(format!("{{{text} = …}}"), &(items, scope.identity())),
                    [&key],
                ));
            };
            fields.insert(name.to_owned(), self.part(scope, value)?);
            from_keys.push(key);
        }
        let keys = Traced::derived(Value::Null, &from_keys);
        Ok(Traced::object(fields).also(&keys.origins))
    }

    fn conditional(&self, scope: &Scope<'a>, condition: &Expr, yes: &Expr, no: &Expr) -> Evaluated {
        let condition = self.part(scope, condition)?;
        let Some(truth) = truth(&condition.value) else {
            if !condition.value.has_unknown() {
                return Err(Failure::wrong("?"));
            }
            let (yes, no) = (self.value(scope, yes), self.value(scope, no));
            let (yes, no) = common(yes, no).ok_or_else(|| Failure::wrong("? :"))?;
            return Ok(either(&condition, &yes, &no));
        };
        let (chosen, other) = if truth { (yes, no) } else { (no, yes) };
        let chosen = self.expression(scope, chosen)?;
        let chosen = match chosen.value {
            Value::Null | Value::Unknown(_) => chosen,
            Value::String(_) if matches!(other.kind, ExprKind::Template(_) | ExprKind::Null) => {
                chosen
            }
            // The other side has a say in the type.
            _ => match self.expression(scope, other) {
                // A null has a type, which may be another one than the value's; only the word has none.
                Ok(null) if null.value.is_null() && !is_null_word(other) => {
                    with_type(chosen, None).ok_or_else(|| Failure::wrong("? :"))?
                }
                Ok(other) => common(chosen, other).ok_or_else(|| Failure::wrong("? :"))?.0,
                // What is wrong is of the type that it would have, where the form tells.
                Err(failure) if failure.definite => {
                    let kind = type_of_wrong(other);
                    with_type(chosen, kind).ok_or_else(|| Failure::wrong("? :"))?
                }
                Err(failure) => {
                    let other = Traced::plain(failure.into_value());
                    common(chosen, other).ok_or_else(|| Failure::wrong("? :"))?.0
                }
            },
        };
        Ok(if condition.origins.is_sensitive() { chosen.hidden() } else { chosen })
    }
}

/// Whether an expression is `null` itself.
fn is_null_word(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Null => true,
        ExprKind::Parens(inner) => is_null_word(inner),
        _ => false,
    }
}

/// The type that Terraform gives to an expression that is wrong; None where that would take to know its parts.
fn type_of_wrong(expr: &Expr) -> Option<Type> {
    Some(match &expr.kind {
        ExprKind::Parens(inner) => return type_of_wrong(inner),
        ExprKind::Conditional(_) => return None,
        ExprKind::Template(_) => Type::String,
        ExprKind::Not(_) => Type::Bool,
        ExprKind::Negate(_) => Type::Number,
        ExprKind::Binary(operator, ..) => match operator {
            Operator::Add
            | Operator::Subtract
            | Operator::Multiply
            | Operator::Divide
            | Operator::Modulo => Type::Number,
            _ => Type::Bool,
        },
        _ => Type::Any,
    })
}

/// The key of an object.
pub(super) fn key_text(key: &Value) -> Result<Text, Failure> {
    match key {
        Value::Number(number) => Ok(Text::literal(number_text(number))),
        Value::Null => Err(Failure::wrong("a key")),
        key => key.text().ok_or_else(|| Failure::wrong("a key")),
    }
}

/// Strings are in normal form C.
fn normal(text: Text) -> Text {
    let ascii = |part: &Part| match part {
        Part::Literal(literal) => literal.is_ascii(),
        Part::Hole(_) => true,
    };
    if text.parts().iter().all(ascii) {
        return text;
    }
    text.map_literals(|literal| literal.nfc().collect())
}

/// Appends a value to a string, as a template does.
pub(super) fn push_value(text: &mut Text, value: &Value) -> Result<(), Failure> {
    match value {
        Value::String(string) => text.push(string),
        Value::Number(number) => text.push_str(&number_text(number)),
        Value::Bool(truth) => text.push_str(if *truth { "true" } else { "false" }),
        Value::Unknown(hole) => text.push(&Text::from(hole.clone())),
        Value::Null | Value::List(_) | Value::Object(_) => {
            return Err(Failure::wrong("a template"));
        }
    }
    Ok(())
}

/// Where an unknown value would come from: its first hole.
pub(crate) fn origin_of(value: &Value) -> String {
    first_hole(value).map_or_else(|| "a known value".to_owned(), |hole| hole.origin.to_string())
}

/// The first hole inside a value.
pub(crate) fn first_hole(value: &Value) -> Option<&Hole> {
    match value {
        Value::Unknown(hole) => Some(hole),
        Value::String(text) => text.holes().next(),
        Value::List(items) => items.iter().find_map(first_hole),
        Value::Object(fields) => fields.values().find_map(first_hole),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

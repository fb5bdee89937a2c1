//! Values of the template language: strings with `${param.x}`, lists, objects, numbers, booleans and `jsonencode(…)`.
//!
//! There is nothing else on purpose: what a template allows has to be readable by a person who reviews it. Heredocs are refused as
//! well, because the parser misreads an empty one and would swallow the blocks that follow it.

use hcl_edit::expr::{Expression, FuncCall, Object, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::structure::Attribute;
use hcl_edit::template::{Element, Interpolation, StringTemplate};
use hcl_edit::{Decorated, Span as _};
use miette::SourceSpan;

use super::error::TemplateErrorKind as Kind;
use super::model::Spanned;
use super::parse::Reader;

/// A string of which parts are parameters.
///
/// Normal form: no empty literal, no two literals side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interpolated {
    pieces: Vec<Piece>,
}

/// One piece of an [`Interpolated`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Characters as they are.
    Literal(String),
    /// `${param.name}`.
    Parameter(Spanned<String>),
}

/// A value as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A string.
    String(Interpolated),
    /// A number.
    Number(serde_json::Number),
    /// `true` or `false`.
    Bool(bool),
    /// `[…]`.
    List(Vec<Spanned<Value>>),
    /// `{…}`, names unique, in the order of the file.
    Object(Vec<Member>),
    /// `jsonencode(…)`.
    Json(Box<Spanned<Value>>),
}

/// One name and value of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name, which may have parameters: `"${param.issuer}:sub"`.
    pub name: Spanned<Interpolated>,
    /// The value.
    pub value: Spanned<Value>,
}

impl Interpolated {
    /// A string without parameters.
    pub fn literal(text: &str) -> Self {
        let mut out = Self::default();
        out.push(text);
        out
    }

    /// The pieces in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The names of the parameters in it, in order.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.uses().map(|name| name.value.as_str())
    }

    /// The parameters in it and where they stand.
    pub fn uses(&self) -> impl Iterator<Item = &Spanned<String>> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Parameter(name) => Some(name),
            Piece::Literal(_) => None,
        })
    }

    /// The whole string, if it has no parameters.
    pub fn as_literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether the two are written alike, wherever they stand.
    pub fn same_text(&self, other: &Self) -> bool {
        self.pieces.len() == other.pieces.len()
            && self.pieces.iter().zip(&other.pieces).all(|pair| match pair {
                (Piece::Literal(one), Piece::Literal(other)) => one == other,
                (Piece::Parameter(one), Piece::Parameter(other)) => one.value == other.value,
                (Piece::Literal(_), Piece::Parameter(_))
                | (Piece::Parameter(_), Piece::Literal(_)) => false,
            })
    }

    fn push(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(Piece::Literal(last)) = self.pieces.last_mut() {
            last.push_str(text);
        } else {
            self.pieces.push(Piece::Literal(text.to_owned()));
        }
    }
}

impl Value {
    /// The items, if this is a list.
    pub fn as_list(&self) -> Option<&[Spanned<Self>]> {
        match self {
            Self::List(items) => Some(items),
            Self::String(_) | Self::Number(_) | Self::Bool(_) | Self::Object(_) | Self::Json(_) => {
                None
            }
        }
    }

    /// The members, if this is an object.
    pub fn as_object(&self) -> Option<&[Member]> {
        match self {
            Self::Object(members) => Some(members),
            Self::String(_) | Self::Number(_) | Self::Bool(_) | Self::List(_) | Self::Json(_) => {
                None
            }
        }
    }

    /// What it is, as messages name it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::String(_) => "a string",
            Self::Number(_) => "a number",
            Self::Bool(_) => "a boolean",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
            Self::Json(_) => "a `jsonencode` call",
        }
    }

    /// Calls `see` with every string in it that is not the name of a member.
    pub fn visit_values<'a>(&'a self, see: &mut dyn FnMut(&'a Interpolated)) {
        match self {
            Self::String(string) => see(string),
            Self::Number(_) | Self::Bool(_) => {}
            Self::List(items) => items.iter().for_each(|item| item.value.visit_values(see)),
            Self::Object(members) => members.iter().for_each(|it| it.value.value.visit_values(see)),
            Self::Json(inner) => inner.value.visit_values(see),
        }
    }

    /// Calls `see` with every string in it.
    pub fn visit_strings<'a>(&'a self, see: &mut dyn FnMut(&'a Interpolated)) {
        match self {
            Self::String(string) => see(string),
            Self::Number(_) | Self::Bool(_) => {}
            Self::List(items) => items.iter().for_each(|item| item.value.visit_strings(see)),
            Self::Object(members) => {
                for member in members {
                    see(&member.name.value);
                    member.value.value.visit_strings(see);
                }
            }
            Self::Json(inner) => inner.value.visit_strings(see),
        }
    }

    /// The value of a name, if this is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Spanned<Self>> {
        match self {
            Self::Object(members) => members
                .iter()
                .find(|it| it.name.value.as_literal() == Some(name))
                .map(|it| &it.value),
            Self::String(_) | Self::Number(_) | Self::Bool(_) | Self::List(_) | Self::Json(_) => {
                None
            }
        }
    }
}

impl Spanned<Value> {
    /// The items of a list; anything else is a list of itself, as in AWS policies.
    pub fn items(&self) -> &[Self] {
        self.value.as_list().unwrap_or(std::slice::from_ref(self))
    }
}

impl Reader<'_> {
    /// The value of an attribute; None, with an error noted, if it holds something that the language does not have.
    pub(super) fn value(&mut self, attribute: &Attribute) -> Option<Spanned<Value>> {
        self.expression(&attribute.value)
    }

    fn expression(&mut self, expression: &Expression) -> Option<Spanned<Value>> {
        let span = self.span_of(expression);
        let value = match expression {
            Expression::String(text) => {
                self.refuse_line_breaks(span)?;
                Value::String(Interpolated::literal(text.as_str()))
            }
            Expression::StringTemplate(template) => {
                self.refuse_line_breaks(span)?;
                Value::String(self.interpolated(template)?)
            }
            Expression::Number(number) => {
                // The text as written keeps every digit.
                let text = self.text_at(span).to_owned();
                match text.parse() {
                    Ok(number) => Value::Number(number),
                    Err(_) => Value::Number(number.value().to_string().parse().ok()?),
                }
            }
            Expression::Bool(value) => Value::Bool(*value.value()),
            Expression::Array(items) => {
                // All items are read before the first mistake ends it, so that one run shows every mistake.
                let read: Vec<_> = items.iter().map(|item| self.expression(item)).collect();
                Value::List(read.into_iter().collect::<Option<_>>()?)
            }
            Expression::Object(object) => Value::Object(self.object(object)?),
            Expression::FuncCall(call) => Value::Json(Box::new(self.jsonencode(call, span)?)),
            Expression::Parenthesis(inner) => return self.expression(inner.inner()),
            Expression::Traversal(traversal) => {
                let help = parameter(traversal)
                    .map(|(name, _)| format!("write it inside quotes: `\"${{param.{name}}}\"`"));
                return self.refuse(span, Kind::Expression("a reference"), help);
            }
            Expression::HeredocTemplate(_) => {
                let help = "write a string in quotes, or `jsonencode({ … })` for a policy";
                // It may have swallowed half of the file: only its first line is certain.
                let marker = self.text_at(span).lines().next().map_or(0, str::len);
                let span = SourceSpan::from((span.offset(), marker));
                return self.refuse(span, Kind::Expression("a heredoc"), Some(help.to_owned()));
            }
            Expression::Null(_) => {
                let help = "leave the attribute out instead";
                return self.refuse(span, Kind::Expression("`null`"), Some(help.to_owned()));
            }
            Expression::Variable(_) => {
                return self.refuse(span, Kind::Expression("a reference"), None);
            }
            Expression::Conditional(_) => {
                return self.refuse(span, Kind::Expression("a condition"), None);
            }
            Expression::UnaryOp(_) | Expression::BinaryOp(_) => {
                return self.refuse(span, Kind::Expression("an operator"), None);
            }
            Expression::ForExpr(_) => return self.refuse(span, Kind::Expression("a `for`"), None),
        };
        Some(Spanned { value, span })
    }

    fn refuse<T>(&mut self, span: SourceSpan, kind: Kind, help: Option<String>) -> Option<T> {
        let help = help.unwrap_or_else(|| {
            "a template has strings with `${param.name}`, lists, objects, numbers, booleans and `jsonencode(…)`"
                .to_owned()
        });
        self.error(span, kind, Some(help));
        None
    }

    /// Terraform refuses a line break inside quotes; this parser would take it, and everything up to the next quote with it.
    fn refuse_line_breaks(&mut self, span: SourceSpan) -> Option<()> {
        if self.text_at(span).contains(['\n', '\r']) {
            let help =
                "close the string on the line on which it begins; write `\\n` for a line break";
            return self.refuse(
                span,
                Kind::Expression("a line break inside quotes"),
                Some(help.into()),
            );
        }
        Some(())
    }

    fn interpolated(&mut self, template: &StringTemplate) -> Option<Interpolated> {
        let mut out = Some(Interpolated::default());
        for element in template {
            match element {
                Element::Literal(text) => {
                    if let Some(out) = &mut out {
                        out.push(text.as_str());
                    }
                }
                Element::Interpolation(interpolation) => match self.interpolation(interpolation) {
                    Some(name) => {
                        if let Some(out) = &mut out {
                            out.pieces.push(Piece::Parameter(name));
                        }
                    }
                    None => out = None,
                },
                Element::Directive(_) => {
                    let span = self.span(element.span());
                    let help = "write `%%{` for the characters themselves".to_owned();
                    self.error(span, Kind::Expression("a `%{…}` directive"), Some(help));
                    out = None;
                }
            }
        }
        out
    }

    fn interpolation(&mut self, interpolation: &Interpolation) -> Option<Spanned<String>> {
        let span = self.span(interpolation.span());
        let found = interpolation.expr.as_traversal().and_then(parameter);
        if let Some((name, true)) = found
            && !interpolation.strip.strip_start()
            && !interpolation.strip.strip_end()
        {
            return Some(Spanned { value: name, span });
        }
        let text = self.text_at(span);
        let inner = text.trim_start_matches("${").trim_end_matches('}').trim().to_owned();
        let help = if inner.contains(':') {
            format!("write `$${{{inner}}}` with two dollar signs for a policy variable of AWS")
        } else {
            "only `${param.name}` can stand here; declare it with a `parameter \"name\"` block"
                .to_owned()
        };
        self.error(span, Kind::NotAParameter(inner), Some(help));
        None
    }

    fn object(&mut self, object: &Object) -> Option<Vec<Member>> {
        let mut members: Option<Vec<Member>> = Some(Vec::new());
        for (key, value) in object {
            let name = self.member_name(key);
            let value = self.expression(value.expr());
            if let (Some(known), Some(name)) = (&members, &name)
                && known.iter().any(|member| member.name.value.same_text(&name.value))
            {
                let text = self.text_at(name.span).trim_matches('"').to_owned();
                let kind = Kind::Repeated { name: text, inside: "this object" };
                self.error(name.span, kind, Some("keep one of the two".to_owned()));
                members = None;
            }
            members = match (members, name, value) {
                (Some(mut members), Some(name), Some(value)) => {
                    members.push(Member { name, value });
                    Some(members)
                }
                _ => None,
            };
        }
        members
    }

    fn member_name(&mut self, key: &ObjectKey) -> Option<Spanned<Interpolated>> {
        let name = match key {
            ObjectKey::Ident(name) => {
                let span = self.span(name.span());
                Some(Spanned { value: Interpolated::literal(name.as_str()), span })
            }
            ObjectKey::Expression(
                key @ (Expression::String(_) | Expression::StringTemplate(_)),
            ) => {
                let value = self.expression(key)?;
                let Value::String(name) = value.value else { return None };
                Some(Spanned { value: name, span: value.span })
            }
            ObjectKey::Expression(_) => None,
        };
        let plain = |name: &Spanned<Interpolated>| {
            name.value.pieces().iter().all(|piece| match piece {
                Piece::Literal(text) => !text.contains(char::is_control),
                Piece::Parameter(_) => true,
            })
        };
        if name.as_ref().is_some_and(plain) {
            return name;
        }
        let span = self.span(key.span());
        let help = "write the name as it is, or in quotes".to_owned();
        self.error(span, Kind::Expression("a computed name"), Some(help));
        None
    }

    fn jsonencode(&mut self, call: &FuncCall, span: SourceSpan) -> Option<Spanned<Value>> {
        let name = call.name.name.as_str();
        if name != "jsonencode" || call.name.is_namespaced() {
            let kind = Kind::UnknownFunction(name.to_owned());
            return self.refuse(span, kind, Some("the only function is `jsonencode`".to_owned()));
        }
        let mut arguments = call.args.iter();
        match (arguments.next(), arguments.next()) {
            (Some(argument), None) if !call.args.expand_final() => self.expression(argument),
            _ => {
                let kind = Kind::Expression("`jsonencode` with other than one argument");
                self.refuse(span, kind, Some("write `jsonencode({ … })`".to_owned()))
            }
        }
    }
}

/// The name after `param.`, and whether that is all of the reference.
fn parameter(traversal: &Traversal) -> Option<(String, bool)> {
    let Expression::Variable(root) = &traversal.expr else { return None };
    if root.as_str() != "param" {
        return None;
    }
    let mut operators = traversal.operators.iter().map(Decorated::value);
    match operators.next() {
        Some(TraversalOperator::GetAttr(name)) => {
            Some((name.as_str().to_owned(), operators.next().is_none()))
        }
        _ => None,
    }
}

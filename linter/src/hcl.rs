//! Reading Terraform's language: text to a tree in which every node knows its place.
//!
//! A reader of our own, because the ones at hand let blocks disappear: an empty heredoc, a heredoc whose delimiter is
//! followed by something, a repeated JSON key. [`items`] cuts a file into its top-level items the way HCL's own scanner
//! does; [`parse`] reads each item and must use up exactly what the scanner gave it, so that scanner and parser cannot
//! disagree in silence, and a broken item costs no other. [`json`] gives the same tree for `*.tf.json`.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "values and expressions have many forms, and each piece of code is about a few of them"
)]

mod expression;
mod items;
pub(crate) mod json;
mod outline;
mod parse;
mod template;
#[cfg(test)]
pub(crate) mod tests;

use serde_json::Number;

use crate::source::Span;

pub(crate) use outline::{count, outline};
pub(crate) use parse::{parse_body, parse_expression, parse_template};

/// What stands between two braces, or in a whole file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Body {
    /// `name = expression`, in source order. A JSON body has only these.
    pub(crate) attributes: Vec<Attribute>,
    /// Nested blocks, in source order.
    pub(crate) blocks: Vec<Block>,
}

/// `name = expression`
#[derive(Clone, Debug)]
pub(crate) struct Attribute {
    /// The name.
    pub(crate) name: String,
    /// The expression.
    pub(crate) value: Expr,
}

/// `kind "label" "label" { … }`
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// `resource`
    pub(crate) kind: String,
    /// `aws_iam_role`, `export`
    pub(crate) labels: Vec<String>,
    /// From the kind to the last label.
    pub(crate) header: Span,
    /// All of it.
    pub(crate) span: Span,
    /// What it holds.
    pub(crate) body: Body,
}

/// An expression and its place.
#[derive(Clone, Debug)]
pub(crate) struct Expr {
    /// What it is.
    pub(crate) kind: ExprKind,
    /// Where it stands.
    pub(crate) span: Span,
}

/// The forms of expressions.
#[derive(Clone, Debug)]
pub(crate) enum ExprKind {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number with its digits.
    Number(Number),
    /// A quoted string or heredoc; gives a string.
    Template(Vec<Piece>),
    /// The first name of a traversal: `var`, `aws_iam_role`, `each`.
    Name(String),
    /// `value.name`
    Attr(Box<Expr>, String),
    /// `value[key]`
    Index(Box<Expr>, Box<Expr>),
    /// `values[*].rest`, `values.*.rest`: the second expression holds [`ExprKind::Element`].
    Splat(Box<Expr>, Box<Expr>),
    /// One element of the splat around it.
    Element,
    /// `name(arguments)`; with `spread`, the last argument is a list of arguments (`...`).
    Call {
        /// `format`, `provider::aws::arn_parse`
        name: String,
        /// The arguments.
        arguments: Vec<Expr>,
        /// Whether `...` follows the last one.
        spread: bool,
    },
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{ a = b }`
    Object(Vec<(Expr, Expr)>),
    /// `[for …]`, `{for …}`
    For(Box<For>),
    /// `condition ? yes : no`
    Conditional(Box<[Expr; 3]>),
    /// `a + b`
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// `!a`
    Not(Box<Expr>),
    /// `-a`
    Negate(Box<Expr>),
    /// `(a)`: as an object key it is no bare word.
    Parens(Box<Expr>),
}

/// `for key, value in collection : …`
#[derive(Clone, Debug)]
pub(crate) struct For {
    /// The first of two names.
    pub(crate) key: Option<String>,
    /// The only or second name.
    pub(crate) value: String,
    /// What is walked over.
    pub(crate) collection: Expr,
    /// `key =>`, in the form with braces.
    pub(crate) result_key: Option<Expr>,
    /// The result for each element.
    pub(crate) result: Expr,
    /// `...`: results with one key become a list.
    pub(crate) group: bool,
    /// `if condition`
    pub(crate) condition: Option<Expr>,
}

/// A piece of a template.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    /// Characters.
    Literal(String),
    /// `${value}`
    Value(Expr),
    /// `%{ if }…%{ else }…%{ endif }`
    If(Expr, Vec<Piece>, Vec<Piece>),
    /// `%{ for }…%{ endfor }`
    For(Box<PieceFor>),
}

/// `%{ for key, value in collection }…%{ endfor }`
#[derive(Clone, Debug)]
pub(crate) struct PieceFor {
    /// The first of two names.
    pub(crate) key: Option<String>,
    /// The only or second name.
    pub(crate) value: String,
    /// What is walked over.
    pub(crate) collection: Expr,
    /// What is repeated.
    pub(crate) body: Vec<Piece>,
}

/// Operators between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    /// `||`
    Or,
    /// `&&`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
}

impl Body {
    /// The attribute of that name.
    pub(crate) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The value of the attribute of that name.
    pub(crate) fn value(&self, name: &str) -> Option<&Expr> {
        self.attribute(name).map(|attribute| &attribute.value)
    }
}

impl Block {
    /// The label at a place, empty where there is none.
    pub(crate) fn label(&self, index: usize) -> &str {
        self.labels.get(index).map_or("", String::as_str)
    }
}

impl Expr {
    /// The string, where the expression is one without templates.
    pub(crate) fn as_literal(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Template(pieces) => match pieces.as_slice() {
                [] => Some(""),
                [Piece::Literal(text)] => Some(text),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Why a text could not be read, and where.
#[derive(Clone, Debug)]
pub(crate) struct SyntaxError {
    /// A lowercase phrase.
    pub(crate) message: String,
    /// The place.
    pub(crate) span: Span,
}

/// How deep brackets, templates and operators may nest. Real configuration stays below 30.
pub(crate) const MAX_DEPTH: usize = 5_000;

/// How much of a text was looked at: tests hold it against the text's length, so that no text takes more than its share.
mod work {
    #[cfg(test)]
    thread_local! {
        static DONE: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    /// So many bytes or tokens more.
    #[cfg(test)]
    pub(super) fn add(amount: usize) {
        DONE.set(DONE.get() + amount);
    }

    /// Nobody counts.
    #[cfg(not(test))]
    #[inline]
    pub(super) fn add(_: usize) {}

    /// What was done since it was last asked.
    #[cfg(test)]
    pub(super) fn take() -> usize {
        DONE.take()
    }
}

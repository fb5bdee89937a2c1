//! IAM conditions: the part of CEL that is understood, and everything else as one opaque question.
//!
//! What is understood: comparisons of `resource.name`, `resource.type` and `resource.service` with strings (`==`, `!=`,
//! `startsWith`, `endsWith`, `in`), of `request.time` with timestamps, `hasOnly` on a list attribute, and `&&`, `||`, `!`
//! and parentheses over all of it. Tags and the rest are opaque: the same text has the same value.

use std::collections::BTreeSet;

use crate::text::Text;

mod classify;
mod token;

/// The deepest nesting that is taken apart.
const DEEPEST: usize = 64;

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Expr {
    Constant(bool),
    Not(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Atom(Atom),
}

/// A question that is true, false, or an error.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Atom {
    /// About a string attribute.
    String(Attribute, Test),
    /// About `request.time`, in nanoseconds since 1970.
    Time(Order, i128),
    /// Whether a list attribute has no other elements than these.
    Only(String, BTreeSet<String>),
    /// Whether the resource has a tag.
    Tag(Text),
    /// Anything else.
    Opaque(Text),
}

/// The string attributes of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Attribute {
    Name,
    Type,
    Service,
}

/// What is asked of a string.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Test {
    Equals(String),
    StartsWith(String),
    EndsWith(String),
}

/// How a time compares with a fixed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Order {
    Before,
    AtMost,
    At,
    AtLeast,
    After,
}

impl Attribute {
    pub(super) const ALL: [Self; 3] = [Self::Name, Self::Type, Self::Service];

    /// As CEL spells it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Name => "resource.name",
            Self::Type => "resource.type",
            Self::Service => "resource.service",
        }
    }
}

impl Expr {
    /// The condition that a text says.
    pub(super) fn parse(text: &Text) -> Self {
        let opaque = || Self::Atom(Atom::Opaque(text.clone()));
        match token::tokens(text) {
            Some(tokens) => parse(&tokens, 0).unwrap_or_else(opaque),
            None => opaque(),
        }
    }

    /// Every atom, again where it stands again.
    pub(super) fn atoms<'a>(&'a self, out: &mut Vec<&'a Atom>) {
        match self {
            Self::Constant(_) => {}
            Self::Atom(atom) => out.push(atom),
            Self::Not(one) => one.atoms(out),
            Self::And(all) | Self::Or(all) => all.iter().for_each(|one| one.atoms(out)),
        }
    }

    /// Whether it asks about the resource itself.
    pub(super) fn asks_resource(&self) -> bool {
        let mut atoms = Vec::new();
        self.atoms(&mut atoms);
        atoms.iter().any(|atom| !matches!(atom, Atom::Time(..) | Atom::Only(..)))
    }

    /// The value, given those of the atoms; none is an error. An error counts unless the other side decides alone.
    pub(super) fn value(&self, atom: &impl Fn(&Atom) -> Option<bool>) -> Option<bool> {
        match self {
            Self::Constant(value) => Some(*value),
            Self::Not(one) => one.value(atom).map(|value| !value),
            Self::And(all) => decide(all, false, atom),
            Self::Or(all) => decide(all, true, atom),
            Self::Atom(own) => atom(own),
        }
    }
}

/// A row of operands that this value of one decides.
fn decide(all: &[Expr], by: bool, atom: &impl Fn(&Atom) -> Option<bool>) -> Option<bool> {
    let mut out = Some(!by);
    for one in all {
        match one.value(atom) {
            Some(value) if value == by => return Some(by),
            Some(_) => {}
            None => out = None,
        }
    }
    out
}

use token::Token;

/// The expression that the tokens are. None if they are none, or too deep.
fn parse(tokens: &[Token], depth: usize) -> Option<Expr> {
    if depth > DEEPEST || tokens.is_empty() {
        return None;
    }
    if token::split(tokens, "?")?.len() > 1 {
        return Some(Expr::Atom(Atom::Opaque(token::canonical(tokens))));
    }
    for (operator, join) in [("||", Expr::Or as fn(Vec<Expr>) -> Expr), ("&&", Expr::And)] {
        let parts = token::split(tokens, operator)?;
        if parts.len() > 1 {
            let all = parts.into_iter().map(|part| parse(part, depth + 1));
            return all.collect::<Option<Vec<_>>>().map(join);
        }
    }
    if let Some((Token::Sign("!"), rest)) = tokens.split_first() {
        // The sign binds more tightly than a comparison does.
        return if token::compares(rest) {
            Some(Expr::Atom(Atom::Opaque(token::canonical(tokens))))
        } else {
            parse(rest, depth + 1).map(|one| Expr::Not(Box::new(one)))
        };
    }
    match token::group(tokens) {
        Some(inside) => parse(inside, depth + 1),
        None => Some(classify::classify(tokens)),
    }
}

//! Which question a row of tokens without `&&`, `||` and `!` asks.

use super::token::{self, Token};
use super::{Atom, Attribute, Expr, Order, Test};

const TAGS: [&str; 4] = ["matchTag", "matchTagId", "hasTagKey", "hasTagKeyId"];

/// The question; an opaque one if it is not understood.
pub(super) fn classify(tokens: &[Token]) -> Expr {
    understood(tokens).unwrap_or_else(|| Expr::Atom(Atom::Opaque(token::canonical(tokens))))
}

fn understood(tokens: &[Token]) -> Option<Expr> {
    match tokens {
        [Token::Word(word)] if word == "true" => return Some(Expr::Constant(true)),
        [Token::Word(word)] if word == "false" => return Some(Expr::Constant(false)),
        _ => {}
    }
    if let Some((own, rest)) = attribute(tokens) {
        return about_string(own, rest);
    }
    if let [Token::String(string), Token::Sign(sign @ ("==" | "!=")), rest @ ..] = tokens
        && let Some((own, [])) = attribute(rest)
    {
        return Some(signed(sign, Expr::Atom(Atom::String(own, Test::Equals(known(string)?)))));
    }
    if let Some(rest) = path(tokens, &["request", "time"])
        && let [Token::Sign(sign), rest @ ..] = rest
    {
        return about_time(sign, timestamp(rest)?, false);
    }
    if let [front @ .., Token::Sign(sign), _, _, _] = tokens
        && path(tokens.get(front.len() + 1..)?, &["request", "time"]) == Some(&[])
    {
        return about_time(sign, timestamp(front)?, true);
    }
    let tag = |name: &&str| path(tokens, &["resource", name]).is_some_and(is_call);
    if TAGS.iter().any(tag) {
        return Some(Expr::Atom(Atom::Tag(token::canonical(tokens))));
    }
    only(tokens)
}

fn known(string: &crate::text::Text) -> Option<String> {
    string.as_str().map(str::to_owned)
}

/// The rest behind `a.b`.
fn path<'a>(tokens: &'a [Token], names: &[&str]) -> Option<&'a [Token]> {
    let mut rest = tokens;
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            rest = rest.strip_prefix(&[Token::Sign(".")])?;
        }
        let (Token::Word(word), later) = rest.split_first()? else { return None };
        if word != name {
            return None;
        }
        rest = later;
    }
    Some(rest)
}

fn attribute(tokens: &[Token]) -> Option<(Attribute, &[Token])> {
    let of = |own: Attribute| {
        let name = own.name().strip_prefix("resource.")?;
        Some((own, path(tokens, &["resource", name])?))
    };
    Attribute::ALL.into_iter().find_map(of)
}

/// Whether the tokens are one pair of parentheses.
fn is_call(tokens: &[Token]) -> bool {
    token::group(tokens).is_some()
}

fn about_string(own: Attribute, rest: &[Token]) -> Option<Expr> {
    let atom = |test: Test| Expr::Atom(Atom::String(own, test));
    match rest {
        [Token::Sign(sign @ ("==" | "!=")), Token::String(string)] => {
            Some(signed(sign, atom(Test::Equals(known(string)?))))
        }
        [
            Token::Sign("."),
            Token::Word(method),
            Token::Sign("("),
            Token::String(string),
            Token::Sign(")"),
        ] => match method.as_str() {
            "startsWith" => Some(atom(Test::StartsWith(known(string)?))),
            "endsWith" => Some(atom(Test::EndsWith(known(string)?))),
            _ => None,
        },
        [Token::Word(word), list @ ..] if word == "in" => {
            let all = strings(list)?.into_iter().map(|one| atom(Test::Equals(one)));
            let all: Vec<Expr> = all.collect();
            if all.is_empty() {
                // Nothing is in an empty list, but an attribute that is not there is an error still.
                let one = atom(Test::Equals(String::new()));
                return Some(Expr::And(vec![one.clone(), Expr::Not(Box::new(one))]));
            }
            Some(Expr::Or(all))
        }
        _ => None,
    }
}

fn signed(sign: &str, expr: Expr) -> Expr {
    if sign == "!=" { Expr::Not(Box::new(expr)) } else { expr }
}

/// `["a", "b"]`.
fn strings(tokens: &[Token]) -> Option<Vec<String>> {
    let [Token::Sign("["), inside @ .., Token::Sign("]")] = tokens else { return None };
    if inside.is_empty() {
        return Some(Vec::new());
    }
    let items = token::split(inside, ",")?.into_iter().map(|item| match item {
        [Token::String(string)] => known(string),
        _ => None,
    });
    items.collect()
}

/// `timestamp("…")`, in nanoseconds since 1970.
fn timestamp(tokens: &[Token]) -> Option<i128> {
    let [Token::Word(name), Token::Sign("("), Token::String(string), Token::Sign(")")] = tokens
    else {
        return None;
    };
    let known = string.as_str().filter(|known| is_rfc3339(known))?;
    let time: jiff::Timestamp = known.parse().ok()?;
    (name == "timestamp").then(|| time.as_nanosecond())
}

/// Whether a time is written as CEL takes it: `2030-01-01T00:00:00Z`, with a fraction or an offset. Other forms are errors there,
/// however well they are understood here.
fn is_rfc3339(known: &str) -> bool {
    let Some((front, rest)) = known.split_at_checked(19) else { return false };
    let form: String =
        front.chars().map(|one| if one.is_ascii_digit() { '0' } else { one }).collect();
    let rest = match rest.strip_prefix('.') {
        Some(more) => {
            let end = more.trim_start_matches(|one: char| one.is_ascii_digit());
            if end.len() == more.len() {
                return false;
            }
            end
        }
        None => rest,
    };
    let offset: String =
        rest.chars().map(|one| if one.is_ascii_digit() { '0' } else { one }).collect();
    form == "0000-00-00T00:00:00" && matches!(offset.as_str(), "Z" | "+00:00" | "-00:00")
}

fn about_time(sign: &str, time: i128, turned: bool) -> Option<Expr> {
    let order = match (sign, turned) {
        ("<", false) | (">", true) => Order::Before,
        ("<=", false) | (">=", true) => Order::AtMost,
        (">", false) | ("<", true) => Order::After,
        (">=", false) | ("<=", true) => Order::AtLeast,
        ("==" | "!=", _) => Order::At,
        _ => return None,
    };
    Some(signed(sign, Expr::Atom(Atom::Time(order, time))))
}

/// `api.getAttribute("…", []).hasOnly([…])`.
fn only(tokens: &[Token]) -> Option<Expr> {
    let rest = path(tokens, &["api", "getAttribute"])?;
    let [
        Token::Sign("("),
        Token::String(name),
        Token::Sign(","),
        Token::Sign("["),
        Token::Sign("]"),
        Token::Sign(")"),
        Token::Sign("."),
        Token::Word(method),
        Token::Sign("("),
        list @ ..,
        Token::Sign(")"),
    ] = rest
    else {
        return None;
    };
    let values = strings(list)?.into_iter().collect();
    (method == "hasOnly").then_some(())?;
    Some(Expr::Atom(Atom::Only(known(name)?, values)))
}

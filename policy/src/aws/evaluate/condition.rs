//! Whether one condition holds in one context.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::str::FromStr as _;

use super::wildcard::{self, Token};
use super::{Evaluator, Tri};
use crate::aws::condition::{Direction, Entry, direction, plain};
use crate::catalogue::actions::key_type;

/// Whether a key holds several values. Without a set operator AWS does not say what a condition on it means.
pub(super) fn is_multivalued(key: &str) -> bool {
    key_type(key).is_some_and(|(_, several)| several)
}

impl Evaluator<'_> {
    pub(super) fn condition(&self, entry: &Entry, context: &BTreeMap<String, Vec<String>>) -> Tri {
        let Some(key) = self.filled(&entry.key) else { return Tri::Maybe };
        let present =
            context.get(key.as_ref()).map(Vec::as_slice).filter(|values| !values.is_empty());
        let operator = plain(&entry.operator);
        if operator == "Null" {
            return Tri::any(entry.values.iter().map(|value| match value.as_str() {
                Some("true") => present.is_none().into(),
                Some("false") => present.is_some().into(),
                _ => Tri::Maybe,
            }));
        }
        let all = entry.operator.starts_with("ForAllValues:");
        let any = entry.operator.starts_with("ForAnyValue:");
        let negated = direction(&entry.operator) == Some(Direction::Negated);
        let Some(values) = present else {
            let lenient = entry.operator.ends_with("IfExists") || negated;
            return (all || (!any && lenient)).into();
        };
        let wanted: Option<Vec<Vec<Token>>> =
            entry.values.iter().map(|value| self.wanted(value, entry, context)).collect();
        let Some(wanted) = wanted else { return Tri::Maybe };
        let holds = |value: &String| {
            let hit = Tri::any(wanted.iter().map(|wanted| compare(operator, wanted, value)));
            if negated { hit.not() } else { hit }
        };
        match values {
            _ if all => values.iter().map(holds).min().unwrap_or(Tri::Yes),
            _ if any => values.iter().map(holds).max().unwrap_or(Tri::No),
            [only] if !is_multivalued(&key) => holds(only),
            _ => Tri::Maybe,
        }
    }

    /// A value of the policy, with holes and variables replaced. None if one of them has no value.
    fn wanted(
        &self,
        value: &crate::text::Text,
        entry: &Entry,
        context: &BTreeMap<String, Vec<String>>,
    ) -> Option<Vec<Token>> {
        let known = self.filled(value)?;
        if entry.variables == Some(true) {
            return wildcard::with_variables(&known, context);
        }
        Some(wildcard::tokens(&known))
    }
}

/// The text behind the tokens, for operators that know no wildcards.
fn literal(tokens: &[Token]) -> String {
    tokens
        .iter()
        .map(|token| match token {
            Token::Letter(letter) => *letter,
            Token::Any => '?',
            Token::Run => '*',
        })
        .collect()
}

/// Whether a present value matches one value of the policy; negated operators are turned round by the caller.
fn compare(operator: &str, wanted: &[Token], value: &str) -> Tri {
    let number = |test: fn(Ordering) -> bool| match decimals(value, &literal(wanted)) {
        Some(order) => test(order).into(),
        None => Tri::Maybe,
    };
    let date = |test: fn(Ordering) -> bool| match (moment(value), moment(&literal(wanted))) {
        (Some(own), Some(theirs)) => test(own.cmp(&theirs)).into(),
        _ => Tri::Maybe,
    };
    match operator {
        "StringEquals" | "StringNotEquals" => (literal(wanted) == value).into(),
        "StringEqualsIgnoreCase" | "StringNotEqualsIgnoreCase" => {
            let (own, theirs) = (value.to_lowercase(), literal(wanted).to_lowercase());
            (own == theirs).into()
        }
        "StringLike" | "StringNotLike" => wildcard::simple_tokens(wanted, value).into(),
        "Bool" => literal(wanted).eq_ignore_ascii_case(value).into(),
        "ArnEquals" | "ArnLike" | "ArnNotEquals" | "ArnNotLike" => arns(wanted, value),
        "NumericEquals" | "NumericNotEquals" => number(Ordering::is_eq),
        "NumericLessThan" => number(Ordering::is_lt),
        "NumericLessThanEquals" => number(Ordering::is_le),
        "NumericGreaterThan" => number(Ordering::is_gt),
        "NumericGreaterThanEquals" => number(Ordering::is_ge),
        "DateEquals" | "DateNotEquals" => date(Ordering::is_eq),
        "DateLessThan" => date(Ordering::is_lt),
        "DateLessThanEquals" => date(Ordering::is_le),
        "DateGreaterThan" => date(Ordering::is_gt),
        "DateGreaterThanEquals" => date(Ordering::is_ge),
        "BinaryEquals" => match (bytes(value), bytes(&literal(wanted))) {
            (Some(own), Some(theirs)) => (own == theirs).into(),
            _ => Tri::Maybe,
        },
        "IpAddress" | "NotIpAddress" => addresses(&literal(wanted), value),
        _ => Tri::Maybe,
    }
}

/// Six components, each compared by itself.
fn arns(wanted: &[Token], value: &str) -> Tri {
    let own: Vec<&str> = value.splitn(6, ':').collect();
    let theirs: Vec<&[Token]> = wanted.splitn(6, |token| *token == Token::Letter(':')).collect();
    if own.len() < 6 || theirs.len() < 6 {
        return Tri::Maybe;
    }
    theirs.iter().zip(own).all(|(wanted, own)| wildcard::simple_tokens(wanted, own)).into()
}

/// Plain decimal numbers in exact order. None for anything else.
fn decimals(one: &str, other: &str) -> Option<Ordering> {
    let (one_negative, one_whole, one_rest) = decimal(one)?;
    let (other_negative, other_whole, other_rest) = decimal(other)?;
    let size = |left: (&str, &str), right: (&str, &str)| {
        let by_length = left.0.len().cmp(&right.0.len());
        by_length.then_with(|| left.0.cmp(right.0)).then_with(|| left.1.cmp(right.1))
    };
    let zero = |whole: &str, rest: &str| whole.is_empty() && rest.is_empty();
    Some(match (one_negative, other_negative) {
        _ if zero(one_whole, one_rest) && zero(other_whole, other_rest) => Ordering::Equal,
        (false, true) => Ordering::Greater,
        (true, false) => Ordering::Less,
        (false, false) => size((one_whole, one_rest), (other_whole, other_rest)),
        (true, true) => size((other_whole, other_rest), (one_whole, one_rest)),
    })
}

/// Sign, digits before the point without leading zeros, digits behind it without trailing ones.
fn decimal(text: &str) -> Option<(bool, &str, &str)> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, "0"));
    let proper = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (proper(whole) && proper(rest))
        .then(|| (negative, whole.trim_start_matches('0'), rest.trim_end_matches('0')))
}

/// The bytes behind standard Base64 with its padding. None for anything that is not written just so.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    let mut out = Vec::with_capacity(digits.len());
    let (mut held, mut bits) = (0_u32, 0);
    for digit in digits.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = held << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(held >> bits).ok()?);
            held &= (1 << bits) - 1;
        }
    }
    (text.len().is_multiple_of(4) && bits < 6 && held == 0).then_some(out)
}

fn moment(text: &str) -> Option<jiff::Timestamp> {
    match text.parse::<i64>() {
        Ok(seconds) => jiff::Timestamp::from_second(seconds).ok(),
        Err(_) => jiff::Timestamp::from_str(text).ok(),
    }
}

/// Whether an address lies in a block. A block of one family never holds an address of the other.
fn addresses(block: &str, value: &str) -> Tri {
    let (base, length) = match block.split_once('/') {
        Some((base, length)) => (base, length.parse::<u32>().ok()),
        None => (block, None),
    };
    let (Ok(base), Ok(own)) = (IpAddr::from_str(base), IpAddr::from_str(value)) else {
        return Tri::Maybe;
    };
    if block.contains('/') && length.is_none() {
        return Tri::Maybe;
    }
    match (base, own) {
        (IpAddr::V4(base), IpAddr::V4(own)) => {
            let free = 32u32.saturating_sub(length.unwrap_or(32));
            let head = |address: u32| u64::from(address) >> free;
            (head(base.to_bits()) == head(own.to_bits())).into()
        }
        (IpAddr::V6(base), IpAddr::V6(own)) => {
            let free = 128u32.saturating_sub(length.unwrap_or(128));
            let head = |address: u128| address.checked_shr(free).unwrap_or(0);
            (head(base.to_bits()) == head(own.to_bits())).into()
        }
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => Tri::No,
    }
}

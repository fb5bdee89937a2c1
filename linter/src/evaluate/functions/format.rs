//! `format` and `formatlist`: verbs as Terraform has them, which are nearly Go's.

use num_bigint::BigInt;
use policy::text::{Hole, Shape, Text};

use super::arguments::{big, known, text};
use super::encoding::{to_json, write_string};
use super::{characters, opaque_origin};
use crate::evaluate::convert::convert_to;
use crate::evaluate::number::Big;
use crate::value::Value;

/// Longer paddings are not made.
const MAX_WIDTH: usize = 10_000;

pub(super) fn format(arguments: &[Value]) -> Option<Value> {
    let (template, arguments) = arguments.split_first()?;
    formatted(&known(template)?, arguments).map(Value::String)
}

/// One string for each row of the lists among the arguments.
pub(super) fn formatlist(arguments: &[Value]) -> Option<Value> {
    let (template, arguments) = arguments.split_first()?;
    let template = known(template)?;
    let mut length = None;
    for argument in arguments {
        match argument {
            Value::List(items) if *length.get_or_insert(items.len()) != items.len() => return None,
            // It may be a list of any length.
            Value::Unknown(_) => return None,
            _ => {}
        }
    }
    let rows = (0..length.unwrap_or(1)).map(|index| {
        let row: Option<Vec<Value>> = arguments
            .iter()
            .map(|argument| match argument {
                Value::List(items) => items.get(index).cloned(),
                other => Some(other.clone()),
            })
            .collect();
        formatted(&template, &row?).map(Value::String)
    });
    rows.collect::<Option<_>>().map(Value::List)
}

/// A verb with all that belongs to it: `%-8.2f`.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own, as in printf")]
struct Verb {
    zero: bool,
    sharp: bool,
    minus: bool,
    plus: bool,
    space: bool,
    width: Option<usize>,
    precision: Option<usize>,
    mode: char,
}

/// None where Terraform refuses the template for these arguments.
fn formatted(template: &str, arguments: &[Value]) -> Option<Text> {
    let mut out = Text::new();
    let (mut next, mut highest) = (0, 0);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            out.push_str("%");
            rest = after;
            continue;
        }
        let (verb, index, after) = verb(after)?;
        rest = after;
        let index = index.unwrap_or(next);
        next = index + 1;
        highest = highest.max(next);
        out.push(&piece(&verb, arguments.get(index)?)?);
    }
    out.push_str(rest);
    // Arguments that are left over are an error.
    (highest >= arguments.len()).then_some(out)
}

/// Digits without a zero in front.
fn number(text: &str) -> Option<(usize, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, after) = text.split_at_checked(end)?;
    Some((digits.parse().ok().filter(|number| *number <= MAX_WIDTH)?, after))
}

/// The verb, the argument it names, and what comes behind it.
fn verb(text: &str) -> Option<(Verb, Option<usize>, &str)> {
    let mut verb = Verb::default();
    let flags = text.find(|c| !"0#-+ ".contains(c))?;
    let (flags, mut rest) = text.split_at_checked(flags)?;
    for flag in flags.chars() {
        match flag {
            '0' => verb.zero = true,
            '#' => verb.sharp = true,
            '-' => verb.minus = true,
            '+' => verb.plus = true,
            _ => verb.space = true,
        }
    }
    let mut index = None;
    if let Some(after) = rest.strip_prefix('[') {
        let (number, after) = number(after)?;
        index = Some(number.checked_sub(1)?);
        rest = after.strip_prefix(']')?;
    }
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        let (width, after) = number(rest)?;
        verb.width = Some(width);
        rest = after;
    }
    if let Some(after) = rest.strip_prefix('.') {
        let digits = after.starts_with(|c: char| c.is_ascii_digit());
        let (precision, after) = if digits { number(after)? } else { (0, after) };
        verb.precision = Some(precision);
        rest = after;
    }
    verb.mode = rest.chars().next().filter(char::is_ascii_alphabetic)?;
    Some((verb, index, rest.get(1..)?))
}

/// What a verb makes of its argument; None for an error.
fn piece(verb: &Verb, argument: &Value) -> Option<Text> {
    if !"vtbdoxXeEfgGsq".contains(verb.mode) {
        return None;
    }
    if argument.has_unknown() {
        return Some(open_piece(verb, argument));
    }
    let padded = |text: String| match pad(verb, text) {
        Some(text) => Text::literal(text),
        None => hole(verb, argument, Shape::Any),
    };
    match verb.mode {
        _ if argument.is_null() && verb.mode != 'v' => None,
        // Releases differ about null.
        'v' if argument.is_null() => Some(hole(verb, argument, Shape::Any)),
        'v' => Some(padded(match argument {
            Value::String(text) if !verb.sharp => text.as_str()?.to_owned(),
            Value::Number(number) if !verb.sharp => general(&Big::of(number)?, None, 'e'),
            other => to_json(other).as_str()?.to_owned(),
        })),
        't' => match convert_to("bool", argument)? {
            Value::Bool(truth) => Some(if truth { "true" } else { "false" }.into()),
            _ => None,
        },
        's' | 'q' => {
            let mut text = known(argument)?;
            if let Some(precision) = verb.precision.filter(|precision| *precision > 0) {
                match characters(&text) {
                    Some(characters) => text = characters.into_iter().take(precision).collect(),
                    None => return Some(hole(verb, argument, Shape::Any)),
                }
            }
            if verb.mode == 'q' {
                let mut quoted = Text::new();
                write_string(&text.as_str().into(), &mut quoted);
                quoted.as_str()?.clone_into(&mut text);
            }
            Some(padded(text))
        }
        'b' | 'd' | 'o' | 'x' | 'X' => {
            Some(Text::literal(integer(verb, &big(argument)?.to_whole()?)))
        }
        _ => Some(Text::literal(float(verb, &big(argument)?))),
    }
}

/// What a verb makes of a value of which parts are unknown.
fn open_piece(verb: &Verb, argument: &Value) -> Text {
    let bare = verb.width.is_none() && verb.precision.is_none();
    match (verb.mode, argument) {
        ('s', Value::String(_) | Value::Unknown(_)) | ('v', Value::String(_))
            if bare && !verb.sharp =>
        {
            text(argument).unwrap_or_default()
        }
        ('q', Value::String(_)) if bare => {
            let mut quoted = Text::new();
            write_string(&text(argument).unwrap_or_default(), &mut quoted);
            quoted
        }
        ('v', Value::List(_) | Value::Object(_)) if bare => to_json(argument),
        ('d' | 't', _) if bare => hole(verb, argument, Shape::Word),
        _ => hole(verb, argument, Shape::Any),
    }
}

fn hole(verb: &Verb, argument: &Value, shape: Shape) -> Text {
    let origin = crate::evaluate::expression::origin_of(argument);
    let inputs = (argument, verb.mode, verb.width, verb.precision, verb.zero, verb.minus);
    let origin = opaque_origin(format!("format(%{}, {origin})", verb.mode), &inputs);
    Text::from(Hole { origin: origin.into(), shape })
}

/// Padded as strings are: with zeros if asked, on whichever side.
fn pad(verb: &Verb, text: String) -> Option<String> {
    let Some(width) = verb.width else { return Some(text) };
    let missing = width.saturating_sub(characters(&text)?.len());
    let padding = if verb.zero { "0" } else { " " }.repeat(missing);
    Some(if verb.minus { format!("{text}{padding}") } else { format!("{padding}{text}") })
}

fn sign(verb: &Verb, negative: bool) -> &'static str {
    match (negative, verb.plus, verb.space) {
        (true, _, _) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        (false, false, false) => "",
    }
}

/// Padded as numbers are: zeros stand behind the sign.
fn pad_number(verb: &Verb, sign: &str, body: &str, zeros: bool) -> String {
    let missing = verb.width.unwrap_or(0).saturating_sub(sign.len() + body.len());
    if verb.minus {
        format!("{sign}{body}{}", " ".repeat(missing))
    } else if zeros {
        format!("{sign}{}{body}", "0".repeat(missing))
    } else {
        format!("{}{sign}{body}", " ".repeat(missing))
    }
}

fn integer(verb: &Verb, number: &BigInt) -> String {
    let (radix, prefix) = match verb.mode {
        'b' => (2, "0b"),
        'o' => (8, "0"),
        'x' => (16, "0x"),
        'X' => (16, "0X"),
        _ => (10, ""),
    };
    let negative = number < &BigInt::from(0);
    let mut digits = number.magnitude().to_str_radix(radix);
    if verb.mode == 'X' {
        digits = digits.to_ascii_uppercase();
    }
    if let Some(precision) = verb.precision {
        let missing = precision.saturating_sub(digits.len());
        digits = format!("{}{digits}", "0".repeat(missing));
        if precision == 0 && digits == "0" {
            digits = String::new();
        }
    }
    let sign = format!("{}{}", sign(verb, negative), if verb.sharp { prefix } else { "" });
    pad_number(verb, &sign, &digits, verb.zero && verb.precision.is_none())
}

fn float(verb: &Verb, number: &Big) -> String {
    let magnitude = if number.is_negative() { number.clone().negate() } else { number.clone() };
    let body = match verb.mode {
        'f' => fixed(&magnitude, verb.precision.unwrap_or(6)),
        'e' | 'E' => scientific(&magnitude, Some(verb.precision.unwrap_or(6)), verb.mode),
        'g' => general(&magnitude, verb.precision, 'e'),
        _ => general(&magnitude, verb.precision, 'E'),
    };
    pad_number(verb, sign(verb, number.is_negative()), &body, verb.zero)
}

/// So many digits, rounded to even, and where the point is.
fn rounded(number: &Big, keep: i64) -> (Vec<u8>, i64) {
    let (mut digits, mut point) = number.digits();
    let Ok(keep) = usize::try_from(keep) else { return (Vec::new(), point) };
    let up = match digits.get(keep) {
        None => return (digits, point),
        Some(b'5') if keep + 1 == digits.len() => {
            keep.checked_sub(1).and_then(|last| digits.get(last)).is_some_and(|last| last % 2 == 1)
        }
        Some(next) => *next >= b'5',
    };
    digits.truncate(keep);
    if up {
        while digits.last() == Some(&b'9') {
            digits.pop();
        }
        if let Some(last) = digits.last_mut() {
            *last += 1;
        } else {
            digits.push(b'1');
            point += 1;
        }
    }
    (digits, point)
}

fn digit(digits: &[u8], at: i64) -> char {
    usize::try_from(at).ok().and_then(|at| digits.get(at)).map_or('0', |digit| char::from(*digit))
}

fn fixed(number: &Big, precision: usize) -> String {
    let places = i64::try_from(precision).unwrap_or(0);
    let (_, point) = number.digits();
    let (digits, point) =
        if number.is_zero() { (Vec::new(), 0) } else { rounded(number, point + places) };
    written_fixed(&digits, point, places)
}

fn written_fixed(digits: &[u8], point: i64, places: i64) -> String {
    let mut out: String = (0..point.max(0)).map(|at| digit(digits, at)).collect();
    if out.is_empty() {
        out.push('0');
    }
    if places > 0 {
        out.push('.');
        out.extend((point..point + places).map(|at| digit(digits, at)));
    }
    out
}

fn scientific(number: &Big, precision: Option<usize>, letter: char) -> String {
    let (digits, point) = match precision {
        _ if number.is_zero() => (b"0".to_vec(), 1),
        Some(places) => rounded(number, i64::try_from(places).unwrap_or(0) + 1),
        None => {
            let (digits, point) = number.shortest();
            (digits.into_bytes(), point)
        }
    };
    let places = precision.unwrap_or(digits.len().saturating_sub(1));
    let mut out = String::from(digit(&digits, 0));
    if places > 0 {
        out.push('.');
        out.extend((1..=places).map(|at| digit(&digits, i64::try_from(at).unwrap_or(0))));
    }
    let exponent = point - 1;
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{out}{letter}{sign}{:02}", exponent.abs())
}

/// Scientific for the very large and very small.
fn general(number: &Big, precision: Option<usize>, letter: char) -> String {
    if number.is_negative() {
        return format!("-{}", general(&number.clone().negate(), precision, letter));
    }
    if number.is_zero() {
        return "0".to_owned();
    }
    let precision = precision.map(|precision| precision.max(1));
    let (digits, point) = if let Some(places) = precision {
        let (mut digits, point) = rounded(number, i64::try_from(places).unwrap_or(0));
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        (digits, point)
    } else {
        let (digits, point) = number.shortest();
        (digits.into_bytes(), point)
    };
    let length = i64::try_from(digits.len()).unwrap_or(0);
    let limit = match precision {
        None => 6,
        Some(places) => {
            let places = i64::try_from(places).unwrap_or(0);
            if places > length && length >= point { length } else { places }
        }
    };
    if point - 1 < -4 || point > limit {
        return scientific(number, Some(digits.len().saturating_sub(1)), letter);
    }
    written_fixed(&digits, point, (length - point).max(0))
}

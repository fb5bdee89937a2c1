//! Functions over numbers.

use std::cmp::Ordering;

use num_bigint::BigInt;

use super::arguments::big;
use super::open;
use crate::evaluate::number::Big;
use crate::value::Value;

fn give(number: &Big) -> Option<Value> {
    number.number().map(Value::Number)
}

fn only(arguments: &[Value]) -> Option<Big> {
    match arguments {
        [value] => big(value),
        _ => None,
    }
}

fn numbers(arguments: &[Value]) -> Option<Vec<Big>> {
    arguments.iter().map(big).collect()
}

/// A float of 64 bits; an infinite one is a value of Terraform's, but none that can be written here.
fn give_float(name: &str, value: f64, arguments: &[Value]) -> Option<Value> {
    if value.is_nan() {
        return None;
    }
    Some(Big::float(value).map_or_else(|| open(name, arguments), Value::Number))
}

pub(super) fn abs(arguments: &[Value]) -> Option<Value> {
    let number = only(arguments)?;
    give(&if number.is_negative() { number.negate() } else { number })
}

pub(super) fn ceil(arguments: &[Value]) -> Option<Value> {
    give(&only(arguments)?.ceil())
}

pub(super) fn floor(arguments: &[Value]) -> Option<Value> {
    give(&only(arguments)?.floor())
}

/// Of whole numbers only.
pub(super) fn signum(arguments: &[Value]) -> Option<Value> {
    let number = i64::try_from(only(arguments)?.to_whole()?).ok()?;
    Some(Value::Number(number.signum().into()))
}

fn extreme(arguments: &[Value], wanted: Ordering) -> Option<Value> {
    let best = numbers(arguments)?
        .into_iter()
        .reduce(|best, next| if next.compare(&best) == wanted { next } else { best })?;
    give(&best)
}

pub(super) fn max(arguments: &[Value]) -> Option<Value> {
    extreme(arguments, Ordering::Greater)
}

pub(super) fn min(arguments: &[Value]) -> Option<Value> {
    extreme(arguments, Ordering::Less)
}

pub(super) fn sum(arguments: &[Value]) -> Option<Value> {
    let [Value::List(items)] = arguments else { return None };
    give(&numbers(items)?.into_iter().reduce(|sum, next| sum.add(&next))?)
}

pub(super) fn log(arguments: &[Value]) -> Option<Value> {
    let [number, base] = arguments else { return None };
    let (number, base) = (big(number)?.to_f64()?, big(base)?.to_f64()?);
    give_float("log", logarithm(number) / logarithm(base), arguments)
}

/// The natural logarithm as Go computes it, which is not always the nearest float: the algorithm of FreeBSD's `e_log.c`.
fn logarithm(value: f64) -> f64 {
    const LOW: f64 = 1.908_214_929_270_587_7e-10;
    const HIGH: f64 = 6.931_471_803_691_238e-1;
    const L: [f64; 7] = [
        6.666_666_666_666_735e-1,
        3.999_999_999_940_942e-1,
        2.857_142_874_366_239e-1,
        2.222_219_843_214_978_4e-1,
        1.818_357_216_161_805e-1,
        1.531_383_769_920_937_3e-1,
        1.479_819_860_511_658_6e-1,
    ];
    let Some((mut fraction, mut exponent)) = split(value).filter(|_| value > 0.0) else {
        return value.ln();
    };
    if fraction < std::f64::consts::FRAC_1_SQRT_2 {
        fraction *= 2.0;
        exponent -= 1;
    }
    let [l1, l2, l3, l4, l5, l6, l7] = L;
    let (f, k) = (fraction - 1.0, f64::from(exponent));
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let t1 = s2 * (l1 + s4 * (l3 + s4 * (l5 + s4 * l7)));
    let t2 = s4 * (l2 + s4 * (l4 + s4 * l6));
    let r = t1 + t2;
    let half = 0.5 * f * f;
    k * HIGH - ((half - (s * (half + r) + k * LOW)) - f)
}

pub(super) fn pow(arguments: &[Value]) -> Option<Value> {
    let [base, exponent] = arguments else { return None };
    let (base, exponent) = (big(base)?.to_f64()?, big(exponent)?.to_f64()?);
    if exponent.fract() != 0.0 && base < 0.0 {
        return None;
    }
    match power(base, exponent) {
        Some(result) => give_float("pow", result, arguments),
        None => Some(open("pow", arguments)),
    }
}

/// Powers as Go computes them, which are not always the nearest float. With a fraction in the exponent the last digit is a
/// matter of the processor, but for roots.
#[expect(clippy::float_cmp, reason = "these are the very numbers that Go treats apart")]
fn power(base: f64, exponent: f64) -> Option<f64> {
    if exponent == 0.0 || base == 1.0 {
        return Some(1.0);
    } else if exponent == 1.0 {
        return Some(base);
    } else if exponent == 0.5 {
        return Some(base.sqrt());
    } else if exponent == -0.5 {
        return Some(1.0 / base.sqrt());
    }
    if base == 0.0 || exponent.fract() != 0.0 || exponent.abs() > 5_000.0 {
        return (base == 0.0 && exponent > 0.0).then_some(0.0);
    }
    let (mut square, mut square_exponent) = split(base)?;
    let (mut result, mut result_exponent) = (1.0_f64, 0_i32);
    let mut left = format!("{}", exponent.abs()).parse::<u32>().ok()?;
    while left > 0 {
        if square_exponent.abs() > 1 << 12 {
            return None;
        }
        if left & 1 == 1 {
            result *= square;
            result_exponent += square_exponent;
        }
        square *= square;
        square_exponent *= 2;
        if square < 0.5 {
            square += square;
            square_exponent -= 1;
        }
        left >>= 1;
    }
    if exponent < 0.0 {
        result = 1.0 / result;
        result_exponent = -result_exponent;
    }
    // Smaller ones lose digits on the way, larger ones are infinite.
    (-1000..1000).contains(&result_exponent).then(|| result * 2_f64.powi(result_exponent))
}

/// A fraction of at least a half, and the power of two that goes with it.
fn split(value: f64) -> Option<(f64, i32)> {
    let bits = value.to_bits();
    let exponent = i32::try_from(bits >> 52 & 0x7ff).ok().filter(|exponent| *exponent > 0)?;
    let fraction = f64::from_bits(bits & !(0x7ff << 52) | 1022 << 52);
    Some((fraction, exponent - 1022))
}

/// Digits in a base of up to 62: lower case letters, then upper case.
pub(super) fn parseint(arguments: &[Value]) -> Option<Value> {
    let [Value::String(text), base] = arguments else { return None };
    let base = i64::try_from(big(base)?.to_whole()?).ok().filter(|base| (2..=62).contains(base))?;
    let text = text.as_str()?;
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() {
        return None;
    }
    if digits.len() > 10_000 {
        return Some(open("parseint", arguments));
    }
    let mut number = BigInt::from(0);
    for digit in digits.bytes() {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'z' => digit - b'a' + 10,
            b'A'..=b'Z' if base <= 36 => digit - b'A' + 10,
            b'A'..=b'Z' => digit - b'A' + 36,
            _ => return None,
        };
        if i64::from(value) >= base {
            return None;
        }
        number = number * base + value;
    }
    // The whole number keeps all its bits.
    let text = if negative { (-number).to_string() } else { number.to_string() };
    serde_json::from_str(&text).ok().map(Value::Number)
}

/// More elements than this are not made; Terraform refuses more as well.
const MAX_RANGE: usize = 1024;

pub(super) fn range(arguments: &[Value]) -> Option<Value> {
    let numbers = numbers(arguments)?;
    let (zero, one) = (Big::whole(0.into()), Big::whole(1.into()));
    let (start, end, step) = match numbers.as_slice() {
        [end] => (zero.clone(), end.clone(), None),
        [start, end] => (start.clone(), end.clone(), None),
        [start, end, step] => (start.clone(), end.clone(), Some(step.clone())),
        _ => return None,
    };
    let down = end.compare(&start) == Ordering::Less;
    let step = step.unwrap_or_else(|| if down { one.negate() } else { one });
    if end.compare(&start) == Ordering::Equal {
        return Some(Value::List(Vec::new()));
    }
    if step.is_zero() || step.is_negative() != down {
        return None;
    }
    let ahead = if step.is_negative() { Ordering::Greater } else { Ordering::Less };
    let mut items = Vec::new();
    let mut at = start;
    while at.compare(&end) == ahead {
        if items.len() >= MAX_RANGE {
            return None;
        }
        items.push(give(&at)?);
        at = at.add(&step);
    }
    Some(Value::List(items))
}

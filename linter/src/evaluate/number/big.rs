//! A float of 512 bits, as Terraform computes with them: `0.1 + 0.2` is `0.3`.

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint, Sign};
use serde_json::Number;

/// How many bits a mantissa has.
const PRECISION: u64 = 512;

/// Exponents beyond this are not followed.
const MAX_EXPONENT: i64 = 20_000;

/// `mantissa * 2^exponent`, the mantissa of at most 512 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Big {
    mantissa: BigInt,
    exponent: i64,
}

impl Big {
    /// Decimal text as a number, rounded as Terraform rounds. None where it is none, is infinite, or has an exponent that
    /// is not followed.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (digits, binary) = match digits.split_once(['p', 'P']) {
            Some((mantissa, binary)) => (mantissa, Some(binary.parse::<i64>().ok()?)),
            None => (digits, None),
        };
        let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => {
                let number = exponent.strip_prefix('+').unwrap_or(exponent);
                let unsigned = number.strip_prefix('-').unwrap_or(number);
                if !all_digits(unsigned) || (exponent.starts_with('+') && number != unsigned) {
                    return None;
                }
                (mantissa, number.parse::<i64>().ok()?)
            }
            None => (digits, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        if !all_digits(&all) {
            return None;
        }
        let exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
        if exponent.abs() > MAX_EXPONENT || all.len() > 100_000 {
            return None;
        }
        let digits = BigUint::parse_bytes(all.as_bytes(), 10)?;
        let power = BigUint::from(10_u32).pow(u32::try_from(exponent.unsigned_abs()).ok()?);
        let result = if exponent >= 0 {
            rounded(digits * power, 0, false)
        } else {
            quotient(&digits, &power, 0)
        };
        let binary = binary.unwrap_or(0);
        if binary.abs() > MAX_EXPONENT {
            return None;
        }
        let result = Self { exponent: result.exponent + binary, ..result };
        Some(if negative { result.negate() } else { result })
    }

    /// A number as a float.
    pub(crate) fn of(number: &Number) -> Option<Self> {
        Self::parse(&number.to_string())
    }

    /// A whole number.
    pub(crate) fn whole(value: BigInt) -> Self {
        let (sign, magnitude) = value.into_parts();
        let result = rounded(magnitude, 0, false);
        if sign == Sign::Minus { result.negate() } else { result }
    }

    /// The number, written in full; None where that is too long.
    pub(crate) fn number(&self) -> Option<Number> {
        serde_json::from_str(&self.text()).ok()
    }

    /// The whole number that this is, if it is one.
    pub(crate) fn to_whole(&self) -> Option<BigInt> {
        let floor = self.floor();
        (floor.compare(self) == Ordering::Equal).then(|| floor.shifted(0))
    }

    /// The nearest float of 64 bits; None where it would be infinite.
    pub(crate) fn to_f64(&self) -> Option<f64> {
        self.text().parse().ok().filter(|float: &f64| float.is_finite())
    }

    /// Whether it is below zero.
    pub(crate) fn is_negative(&self) -> bool {
        self.mantissa.sign() == Sign::Minus
    }

    /// Whether it is zero.
    pub(crate) fn is_zero(&self) -> bool {
        self.mantissa.sign() == Sign::NoSign
    }

    /// `-self`
    #[must_use]
    pub(crate) fn negate(self) -> Self {
        Self { mantissa: -self.mantissa, exponent: self.exponent }
    }

    /// The mantissa that goes with a smaller exponent.
    fn shifted(&self, exponent: i64) -> BigInt {
        let by = self.exponent - exponent;
        let count = usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX);
        if by >= 0 { &self.mantissa << count } else { &self.mantissa >> count }
    }

    fn aligned(&self, other: &Self) -> (BigInt, BigInt, i64) {
        let exponent = self.exponent.min(other.exponent);
        (self.shifted(exponent), other.shifted(exponent), exponent)
    }

    fn signed(value: BigInt, exponent: i64) -> Self {
        let (sign, magnitude) = value.into_parts();
        let result = rounded(magnitude, exponent, false);
        if sign == Sign::Minus { result.negate() } else { result }
    }

    /// `self + other`
    #[must_use]
    pub(crate) fn add(&self, other: &Self) -> Self {
        let (left, right, exponent) = self.aligned(other);
        Self::signed(left + right, exponent)
    }

    /// `self - other`
    #[must_use]
    pub(crate) fn subtract(&self, other: &Self) -> Self {
        self.add(&other.clone().negate())
    }

    /// `self * other`
    #[must_use]
    pub(crate) fn multiply(&self, other: &Self) -> Self {
        Self::signed(&self.mantissa * &other.mantissa, self.exponent + other.exponent)
    }

    /// `self / other`; None for a division by zero.
    pub(crate) fn divide(&self, other: &Self) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        let exponent = self.exponent - other.exponent;
        let result = quotient(self.mantissa.magnitude(), other.mantissa.magnitude(), exponent);
        Some(if self.is_negative() == other.is_negative() { result } else { result.negate() })
    }

    /// `self % other`, with the sign of `self`; None for a division by zero.
    pub(crate) fn remainder(&self, other: &Self) -> Option<Self> {
        let ratio = self.divide(other)?;
        let whole = if ratio.is_negative() { ratio.ceil() } else { ratio.floor() };
        Some(self.subtract(&other.multiply(&whole)))
    }

    /// The largest whole number that is not larger.
    #[must_use]
    pub(crate) fn floor(&self) -> Self {
        if self.exponent >= 0 {
            return self.clone();
        }
        // Shifting a negative number to the right rounds down as well.
        Self { mantissa: self.shifted(0), exponent: 0 }
    }

    /// The smallest whole number that is not smaller.
    #[must_use]
    pub(crate) fn ceil(&self) -> Self {
        self.clone().negate().floor().negate()
    }

    /// Which of the two is larger.
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        let (left, right, _) = self.aligned(other);
        left.cmp(&right)
    }

    /// A float of 64 bits as Terraform shows what it has computed with one. None where it is infinite or no number.
    pub(crate) fn float(value: f64) -> Option<Number> {
        if !value.is_finite() {
            return None;
        }
        let bits = value.to_bits();
        let exponent = i64::try_from(bits >> 52 & 0x7ff).ok()?;
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, exponent) = match exponent {
            0 => (fraction, -1074),
            exponent => (fraction | 1 << 52, exponent - 1075),
        };
        if mantissa == 0 {
            return serde_json::from_str(if value.is_sign_negative() { "-0" } else { "0" }).ok();
        }
        let (digits, point) = shortest(&mantissa.into(), exponent, 53);
        let sign = if value < 0.0 { "-" } else { "" };
        serde_json::from_str(&format!("{sign}{}", written(&digits, point))).ok()
    }

    /// The fewest decimal digits that mean this number and no other, and how many of them stand before the point.
    pub(crate) fn shortest(&self) -> (String, i64) {
        shortest(self.mantissa.magnitude(), self.exponent, PRECISION)
    }

    /// All decimal digits, and how many of them stand before the point.
    pub(crate) fn digits(&self) -> (Vec<u8>, i64) {
        decimal(self.mantissa.magnitude(), self.exponent)
    }

    /// The fewest decimal digits that mean this number and no other, without an exponent.
    pub(crate) fn text(&self) -> String {
        if self.is_zero() {
            return "0".to_owned();
        }
        let (digits, point) = self.shortest();
        let sign = if self.is_negative() { "-" } else { "" };
        format!("{sign}{}", written(&digits, point))
    }
}

/// Digits without an exponent.
fn written(digits: &str, point: i64) -> String {
    let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    if point <= 0 {
        format!("0.{}{digits}", zeros(-point))
    } else if point >= length {
        format!("{digits}{}", zeros(point - length))
    } else {
        let at = usize::try_from(point).unwrap_or(0);
        let (whole, fraction) = digits.split_at_checked(at).unwrap_or((digits, ""));
        format!("{whole}.{fraction}")
    }
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Rounds to 512 bits, ties to even; `more` says that there are digits behind the last one.
fn rounded(magnitude: BigUint, exponent: i64, more: bool) -> Big {
    let bits = magnitude.bits();
    if bits <= PRECISION {
        return Big { mantissa: magnitude.into(), exponent };
    }
    let cut = bits - PRECISION;
    let mut kept = &magnitude >> cut;
    let half = magnitude.bit(cut - 1);
    let behind = more || magnitude.trailing_zeros().is_some_and(|zeros| zeros < cut - 1);
    if half && (behind || kept.bit(0)) {
        kept += 1_u32;
    }
    Big { mantissa: kept.into(), exponent: exponent + i64::try_from(cut).unwrap_or(0) }
}

/// `above / below * 2^exponent`
fn quotient(above: &BigUint, below: &BigUint, exponent: i64) -> Big {
    let shift = (PRECISION + 2 + below.bits()).saturating_sub(above.bits());
    let above = above << shift;
    let whole = &above / below;
    let more = &whole * below != above;
    rounded(whole, exponent - i64::try_from(shift).unwrap_or(0), more)
}

/// Decimal digits without zeros at the end, and how many of them stand before the point.
fn decimal(magnitude: &BigUint, exponent: i64) -> (Vec<u8>, i64) {
    let count = u32::try_from(exponent.unsigned_abs()).unwrap_or(u32::MAX);
    let digits = if exponent >= 0 {
        (magnitude << count).to_string()
    } else {
        (magnitude * BigUint::from(5_u32).pow(count)).to_string()
    };
    let point = i64::try_from(digits.len()).unwrap_or(0) + exponent.min(0);
    (digits.trim_end_matches('0').as_bytes().to_vec(), point)
}

/// The shortest digits between the halves of the way to the two neighbours.
fn shortest(magnitude: &BigUint, exponent: i64, precision: u64) -> (String, i64) {
    let widen = precision + 1 - magnitude.bits();
    let wide: BigUint = magnitude << widen;
    let exponent = exponent - i64::try_from(widen).unwrap_or(0);
    let inclusive = !wide.bit(1);
    let (mut digits, mut point) = decimal(&wide, exponent);
    let (lower, _) = decimal(&(&wide - 1_u32), exponent);
    let (upper, _) = decimal(&(&wide + 1_u32), exponent);
    for (index, digit) in digits.iter().copied().enumerate() {
        let low = lower.get(index).copied().unwrap_or(b'0');
        let high = upper.get(index).copied().unwrap_or(b'0');
        let down = low != digit || inclusive && index + 1 == lower.len();
        let up = digit != high && (inclusive || digit + 1 < high || index + 1 < upper.len());
        let keep = index + 1;
        if !down && !up {
            continue;
        }
        if up && (!down || rounds_up(&digits, keep)) {
            digits.truncate(keep);
            while digits.last() == Some(&b'9') {
                digits.pop();
            }
            if let Some(last) = digits.last_mut() {
                *last += 1;
            } else {
                digits.push(b'1');
                point += 1;
            }
        } else {
            digits.truncate(keep);
            while digits.last() == Some(&b'0') {
                digits.pop();
            }
        }
        break;
    }
    (String::from_utf8(digits).unwrap_or_default(), point)
}

/// Whether cutting behind so many digits rounds up.
fn rounds_up(digits: &[u8], keep: usize) -> bool {
    match digits.get(keep) {
        None => false,
        Some(b'5') if keep + 1 == digits.len() => {
            keep.checked_sub(1).and_then(|last| digits.get(last)).is_some_and(|last| last % 2 == 1)
        }
        Some(digit) => *digit >= b'5',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn big(text: &str) -> Big {
        Big::parse(text).unwrap()
    }

    #[test]
    fn decimal_fractions_add_up() {
        assert_eq!(big("0.1").add(&big("0.2")).text(), "0.3");
        assert_eq!(big("1e400").subtract(&big("1")).text().len(), 401);
        assert_eq!(big("-7").remainder(&big("3")).unwrap().text(), "-1");
        assert_eq!(big("10").divide(&big("4")).unwrap().text(), "2.5");
        assert!(big("1").divide(&big("3")).unwrap().text().len() > 150);
        assert_eq!(big("-1.5").floor().text(), "-2");
        assert_eq!(big("-1.5").ceil().text(), "-1");
        assert!(
            Big::parse("").is_none() && Big::parse("1e").is_none() && Big::parse(".").is_none()
        );
        assert!(Big::parse("1e+-2").is_none() && Big::parse("0x1").is_none());
        assert_eq!(big(".5").text(), "0.5");
        assert_eq!(big("5.").text(), "5");
        assert_eq!(big("1p3").text(), "8");
        assert_eq!(Big::float(2_f64.powi(64)).unwrap().to_string(), "18446744073709550000");
        assert_eq!(Big::float(-0.1).unwrap().to_string(), "-0.1");
        assert!(big("3.0").to_whole().is_some() && big("3.1").to_whole().is_none());
    }

    #[test]
    fn text_reads_back_as_the_same_number() {
        for text in
            ["0.1", "123456789.987654321", "1e-300", "7e300", "2.5e-9", "-99999999999999999999"]
        {
            let number = big(text);
            assert_eq!(big(&number.text()).compare(&number), Ordering::Equal, "{text}");
        }
    }
}

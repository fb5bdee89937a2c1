//! Numbers kept exactly. Terraform's are 512-bit floats that travel as integers, doubles or decimal text; a double in
//! between would lose digits, and Terraform would then report an inconsistent result.

use std::cmp::Ordering;
use std::fmt;

/// A number in the form in which it came, compared by its value.
#[derive(Clone, Debug)]
pub struct Number(Form);

#[derive(Clone, Debug)]
enum Form {
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    /// Decimal text that was checked to be a number.
    Text(Box<str>),
}

impl Number {
    /// A double; not a number is refused, because Terraform crashes on it, and so is infinity, which breaks its JSON.
    pub fn from_f64(value: f64) -> Option<Self> {
        value.is_finite().then_some(Self(Form::Float(value)))
    }

    /// Decimal text (`-12.5e3`).
    pub fn from_text(text: &str) -> Option<Self> {
        if let Ok(value) = text.parse::<i64>() {
            return Some(Self(Form::Signed(value)));
        }
        decimal(text).map(|_| Self(Form::Text(text.into())))
    }

    /// The number as an integer, if it is one that fits.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Form::Signed(value) => Some(*value),
            Form::Unsigned(value) => i64::try_from(*value).ok(),
            Form::Float(_) | Form::Text(_) => self.canonical().as_i64(),
        }
    }

    fn canonical(&self) -> Decimal {
        // INVARIANT: every form prints as decimal text, so the default is never taken.
        decimal(&self.to_string()).unwrap_or_default()
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(Form::Signed(value))
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or(Self(Form::Unsigned(value)), Self::from)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Signed(value) => write!(formatter, "{value}"),
            Form::Unsigned(value) => write!(formatter, "{value}"),
            Form::Float(value) => write!(formatter, "{value:e}"),
            Form::Text(text) => formatter.write_str(text),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Form::Signed(left), Form::Signed(right)) = (&self.0, &other.0) {
            return left.cmp(right);
        }
        self.canonical().cmp(&other.canonical())
    }
}

/// `0.<digits> * 10^exponent`, without zeros at either end of the digits; zero has none.
#[derive(Debug, Default, PartialEq, Eq)]
struct Decimal {
    negative: bool,
    exponent: i64,
    digits: Vec<u8>,
}

impl Decimal {
    fn as_i64(&self) -> Option<i64> {
        let places = usize::try_from(self.exponent).ok()?;
        if self.digits.len() > places || places > 19 {
            return None;
        }
        let digits = self.digits.iter().copied().chain(std::iter::repeat(b'0')).take(places);
        let magnitude = digits.fold(0_i128, |sum, digit| sum * 10 + i128::from(digit - b'0'));
        i64::try_from(if self.negative { -magnitude } else { magnitude }).ok()
    }

    fn sign(&self) -> i8 {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.sign().cmp(&other.sign()).then_with(|| {
            let magnitude =
                self.exponent.cmp(&other.exponent).then_with(|| self.digits.cmp(&other.digits));
            if self.negative { magnitude.reverse() } else { magnitude }
        })
    }
}

/// Parses without ever expanding an exponent, so that `1e999999999` costs nothing.
fn decimal(text: &str) -> Option<Decimal> {
    let (negative, unsigned) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] | rest => (false, rest),
    };
    let mut parts = unsigned.splitn(2, |byte| matches!(byte, b'e' | b'E'));
    let mantissa = parts.next()?;
    let mut exponent = match parts.next() {
        Some(exponent) => std::str::from_utf8(exponent).ok()?.parse::<i64>().ok()?,
        None => 0,
    };
    let mut halves = mantissa.splitn(2, |byte| *byte == b'.');
    let (whole, fraction) = (halves.next()?, halves.next().unwrap_or_default());
    if whole.len() + fraction.len() == 0 {
        return None;
    }
    let mut digits: Vec<u8> = whole.iter().chain(fraction).copied().collect();
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    exponent = exponent.checked_add(i64::try_from(whole.len()).ok()?)?;
    let leading = digits.iter().take_while(|digit| **digit == b'0').count();
    digits.drain(..leading);
    exponent = exponent.checked_sub(i64::try_from(leading).ok()?)?;
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    if digits.is_empty() {
        return Some(Decimal::default());
    }
    Some(Decimal { negative, exponent, digits })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::from_text(text).expect("a number")
    }

    #[test]
    fn one_value_in_several_forms_is_equal() {
        assert_eq!(number("1e3"), Number::from(1000_i64));
        assert_eq!(Number::from_f64(0.1), Some(number("0.1")));
        assert_eq!(number("-0"), Number::from(0_i64));
        assert_eq!(number("18446744073709551615"), Number::from(u64::MAX));
        assert_ne!(number("0.1000000000000000055511151231257827"), number("0.1"));
        assert_eq!(number("1.50").as_i64(), None);
        assert_eq!(number("12e1").as_i64(), Some(120));
        assert_eq!(number("-9223372036854775808").as_i64(), Some(i64::MIN));
        assert_eq!(number("9223372036854775808").as_i64(), None);
    }

    #[test]
    fn order_is_by_value() {
        let mut numbers = ["10", "9.5", "-1", "1e2", "0", "-1e9", "0.001"].map(number).to_vec();
        numbers.sort();
        let sorted: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        assert_eq!(sorted, ["-1e9", "-1", "0", "0.001", "9.5", "10", "1e2"]);
    }

    #[test]
    fn what_is_no_number_is_refused_without_expanding_exponents() {
        for text in ["", "-", ".", "e5", "1e", "0x1", "NaN", "inf", "1 ", "1e99999999999999999999"]
        {
            assert!(Number::from_text(text).is_none(), "{text}");
        }
        assert!(number("1e999999999999") > number("1e999999999998"));
        assert!(Number::from_f64(f64::NAN).is_none());
        assert!(Number::from_f64(f64::INFINITY).is_none());
    }
}

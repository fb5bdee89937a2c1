//! Numbers as Terraform writes and computes them: binary floats of 512 bits, rounded to even, shown by the fewest
//! decimal digits that tell them apart.

mod big;

use serde_json::Number;

pub(crate) use big::Big;

/// A number with more digits than this is not written out.
const MAX_DIGITS: i32 = 20_000;

/// With so many significant digits, no digit is lost on the way through 512 bits.
const EXACT_DIGITS: usize = 150;

/// A number as Terraform turns it into a string: no exponent, no trailing zeros.
pub(crate) fn number_text(number: &Number) -> String {
    let text = number.to_string();
    let is_integer = !text.contains(['.', 'e', 'E']);
    if is_integer && text.len() <= EXACT_DIGITS {
        return text;
    }
    let significant = text.split(['e', 'E']).next().unwrap_or_default();
    if significant.len() > EXACT_DIGITS
        && let Some(big) = Big::parse(&text)
    {
        return big.text();
    }
    plain(&text).unwrap_or(text)
}

/// A string as Terraform reads it as a number; None where it is none, or one that is out of reach here.
pub(crate) fn parse_number(text: &str) -> Option<Number> {
    Big::parse(text)?.number()
}

/// Decimal digits without an exponent; None where there would be too many.
fn plain(text: &str) -> Option<String> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (digits, 0),
    };
    if exponent.abs() > MAX_DIGITS {
        return None;
    }
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let point = i32::try_from(whole.len()).ok()? + exponent;
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    let length = i32::try_from(all.len()).ok()?;
    let (whole, fraction) = if point <= 0 {
        ("0".to_owned(), format!("{}{all}", zeros(-point)))
    } else if point >= length {
        (format!("{all}{}", zeros(point - length)), String::new())
    } else {
        let (whole, fraction) = all.split_at_checked(usize::try_from(point).ok()?)?;
        (whole.to_owned(), fraction.to_owned())
    };
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction}"))
}

/// For computing.
pub(super) fn to_f64(number: &Number) -> Option<f64> {
    number.to_string().parse().ok()
}

/// Whether two numbers are the same, however written.
pub(super) fn same(left: &Number, right: &Number) -> bool {
    let (left, right) = (number_text(left), number_text(right));
    left == right || left.trim_start_matches('-') == "0" && right.trim_start_matches('-') == "0"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lose_exponents_and_zeros() {
        for (written, text) in [
            ("1.0", "1"),
            ("1.50", "1.5"),
            ("1e3", "1000"),
            ("-2.5e-3", "-0.0025"),
            ("12.5e1", "125"),
            ("0", "0"),
            ("0.0", "0"),
            ("-0", "-0"),
            ("-0.0", "-0"),
        ] {
            assert_eq!(number_text(&serde_json::from_str(written).unwrap()), text);
        }
        let digits = "123456789012345678901234567890";
        assert_eq!(number_text(&serde_json::from_str(digits).unwrap()), digits);
        let large = format!("1{}", "0".repeat(400));
        assert_eq!(number_text(&serde_json::from_str("1e400").unwrap()), large);
        assert_eq!(number_text(&serde_json::from_str(&large).unwrap()), large);
    }
}

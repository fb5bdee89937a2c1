//! The facts in one line of text, for resources that have a description and no tags: `nhi:v1;own=payments;exp=2027-06-30`.
//!
//! `;`, `%` and control characters are written as `%` and two hexadecimal digits. The line may follow other text and ends with it.

use miette::Diagnostic;
use thiserror::Error;

use super::metadata::Fact;
use super::record::{Field, Record};

const PREFIX: &str = "nhi:v1";

/// The longest description that Google Cloud takes, the shortest limit of all platforms.
pub const SHORTEST_LIMIT: usize = 256;

/// The line is longer than the platform takes, even without its purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Diagnostic)]
#[error("the governance facts take {length} characters and the description holds {limit}")]
#[diagnostic(help("use shorter names for owner, service and template"))]
pub struct DescriptionTooLong {
    /// What the facts need.
    pub length: usize,
    /// What there is.
    pub limit: usize,
}

const FIELDS: [(&str, Fact); 7] = [
    ("own", Fact::Owner),
    ("exp", Fact::Expiry),
    ("tpl", Fact::Template),
    ("svc", Fact::Service),
    ("env", Fact::Environment),
    ("id", Fact::Id),
    // Last, because it alone may be cut.
    ("pur", Fact::Purpose),
];

/// The known facts as one line of at most `limit` characters. A purpose that does not fit is cut and ends in `…`.
pub fn render(record: &Record, limit: usize) -> Result<String, DescriptionTooLong> {
    let mut line = PREFIX.to_owned();
    for (code, fact) in FIELDS {
        let Field::Value(value) = record.get(fact) else { continue };
        let room = limit.saturating_sub(line.chars().count() + code.len() + 2);
        let escaped = escape(value);
        if fact == Fact::Purpose && escaped.chars().count() > room {
            let cut = cut(value, room.saturating_sub(1));
            if !cut.is_empty() {
                line.extend([";", code, "=", &cut, "…"]);
            }
        } else {
            line.extend([";", code, "=", &escaped]);
        }
    }
    let length = line.chars().count();
    if length > limit { Err(DescriptionTooLong { length, limit }) } else { Ok(line) }
}

/// Reads the facts of a description; None if it holds none.
pub fn parse(description: &str) -> Option<Record> {
    let start = description.find("nhi:v1;")?;
    let line = description.get(start..)?.lines().next()?;
    let mut record = Record::default();
    for pair in line.split(';').skip(1) {
        let Some((code, value)) = pair.split_once('=') else { continue };
        if let Some((_, fact)) = FIELDS.iter().find(|(known, _)| *known == code.trim()) {
            record.set(*fact, Field::Value(unescape(value.trim())));
        }
    }
    Some(record)
}

fn escape(value: &str) -> String {
    let mut out = String::new();
    for c in value.chars() {
        if c == ';' || c == '%' || (c.is_control() && c.is_ascii()) {
            out.extend(format!("%{:02X}", u32::from(c)).chars());
        } else {
            out.push(if c.is_control() { ' ' } else { c });
        }
    }
    out
}

/// As many characters of the value as fit when escaped.
fn cut(value: &str, room: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    for c in value.chars() {
        let escaped = escape(c.encode_utf8(&mut [0; 4]));
        used += escaped.chars().count();
        if used > room {
            break;
        }
        out.push_str(&escaped);
    }
    out.trim_end().to_owned()
}

fn unescape(value: &str) -> String {
    let mut out = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let code = after.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (code, after.get(2..)) {
            (Some(code), Some(tail)) if code.is_ascii() => {
                out.push(char::from(code));
                rest = tail;
            }
            _ => {
                out.push('%');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(purpose: &str) -> Record {
        let mut record = Record::default();
        record.set(Fact::Owner, Field::Value("payments".to_owned()));
        record.set(Fact::Expiry, Field::Value("2027-06-30".to_owned()));
        record.set(Fact::Purpose, Field::Value(purpose.to_owned()));
        record
    }

    #[test]
    fn one_line() {
        assert_eq!(
            render(&record("Export; 100% of invoices"), SHORTEST_LIMIT).unwrap(),
            "nhi:v1;own=payments;exp=2027-06-30;pur=Export%3B 100%25 of invoices"
        );
        assert_eq!(
            render(&record("Nightly export of invoices"), 50).unwrap(),
            "nhi:v1;own=payments;exp=2027-06-30;pur=Nightly ex…"
        );
        assert_eq!(
            render(&record("x"), 20).unwrap_err(),
            DescriptionTooLong { length: 34, limit: 20 }
        );
    }

    #[test]
    fn other_text_may_stand_before_it() {
        let found =
            parse("Exports invoices. nhi:v1;own=payments;exp=2027-06-30;new=1\nmore").unwrap();
        assert_eq!(found.owner, Field::Value("payments".to_owned()));
        assert_eq!(found.expiry, Field::Value("2027-06-30".to_owned()));
        assert_eq!(found.purpose, Field::Absent);
        assert_eq!(parse("Exports invoices"), None);
        assert_eq!(parse("nhi:v2;own=x"), None);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(purpose in "[ -~äß;%]{0,60}") {
            let purpose = purpose.trim().to_owned();
            let line = render(&record(&purpose), 1000).unwrap();
            prop_assert_eq!(parse(&line), Some(record(&purpose)));
        }

        #[test]
        fn the_limit_holds(purpose in ".{0,400}", limit in 40_usize..300) {
            if let Ok(line) = render(&record(&purpose), limit) {
                prop_assert!(line.chars().count() <= limit);
            }
        }
    }
}

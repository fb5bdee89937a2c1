//! The day on which an identity ends: a date, a time or a duration from its creation.
//!
//! A **date** is the last day on which the identity works, in UTC: it ends at the midnight that follows. A **duration**
//! counts from the creation of the identity, so the same text means the same end on every later run.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use miette::Diagnostic;
use thiserror::Error;

use super::lifetime::{Lifetime, LifetimeError};

/// An end date as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// `2027-06-30`: the last day on which the identity works, in UTC.
    Date(Date),
    /// `2027-06-30T12:00:00Z`: a moment.
    Time(Timestamp),
    /// `90d`: that long after creation.
    Duration(Lifetime),
}

/// Why a text is not an end date.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
pub enum ExpiryError {
    /// None of the three forms.
    #[error("`{0}` is not an end date")]
    #[diagnostic(help(
        "write a date such as `2027-06-30`, a time such as `2027-06-30T12:00:00Z`, or a duration such as `90d`"
    ))]
    Malformed(String),
    /// The form of a date, but no such day.
    #[error("`{0}` is not a day of the calendar")]
    #[diagnostic(help("write year, month and day: `2027-06-30`"))]
    NoSuchDay(String),
    /// The form of a time, but not RFC 3339 or no such time.
    #[error("`{0}` is not a time")]
    #[diagnostic(help(
        "write it as RFC 3339 does, with the offset from UTC: `2027-06-30T12:00:00Z`"
    ))]
    NoSuchTime(String),
    /// The form of a duration, but not one.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Duration(#[from] LifetimeError),
    /// A way to say that it never ends.
    #[error("`{0}` is not an end date: every identity ends")]
    #[diagnostic(help(
        "state the day on which somebody must decide again, such as `2027-06-30` or `90d`"
    ))]
    Never(String),
}

impl Expiry {
    /// Reads a date, an RFC 3339 time or a duration.
    pub fn parse(text: &str) -> Result<Self, ExpiryError> {
        if has_shape(text, "0000-00-00") {
            return text.parse().map(Self::Date).map_err(|_| ExpiryError::NoSuchDay(text.into()));
        }
        if let Some((day, clock)) = text.split_once(['T', 't'])
            && has_shape(day, "0000-00-00")
        {
            return rfc3339(text, clock).map(Self::Time);
        }
        if ["never", "none", "forever", "infinite", "infinity", "unlimited", "permanent"]
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word))
        {
            return Err(ExpiryError::Never(text.to_owned()));
        }
        if text.starts_with(|first: char| first.is_ascii_digit())
            && text.chars().all(|character| character.is_ascii_alphanumeric())
        {
            return Ok(Self::Duration(Lifetime::parse(text)?));
        }
        Err(ExpiryError::Malformed(text.to_owned()))
    }

    /// The first moment at which an identity created at `created` no longer works.
    pub fn resolve(self, created: Timestamp) -> Timestamp {
        match self {
            Self::Date(day) => {
                day.tomorrow().ok().and_then(|next| midnight(next).ok()).unwrap_or(Timestamp::MAX)
            }
            Self::Time(time) => time,
            Self::Duration(lifetime) => lifetime.after(created),
        }
    }

    /// Whether it ends no later than `latest`.
    ///
    /// A date counts as within the cap if its day has begun by then: who creates an identity at noon with a cap of 90
    /// days may name the 90th day as the last one.
    pub fn is_within(self, created: Timestamp, latest: Timestamp) -> bool {
        match self {
            Self::Date(day) => midnight(day).is_ok_and(|start| start <= latest),
            Self::Time(_) | Self::Duration(_) => self.resolve(created) <= latest,
        }
    }
}

/// As it is written in configuration; reads back as the same value.
impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date(day) => write!(f, "{day}"),
            Self::Time(time) => write!(f, "{time}"),
            Self::Duration(lifetime) => write!(f, "{lifetime}"),
        }
    }
}

fn midnight(day: Date) -> Result<Timestamp, jiff::Error> {
    Ok(day.to_zoned(TimeZone::UTC)?.timestamp())
}

/// Stricter than the library's reader, which takes spaces and times without minutes: what this program accepts, every
/// other reader of RFC 3339 must accept too.
fn rfc3339(text: &str, clock: &str) -> Result<Timestamp, ExpiryError> {
    let error = || ExpiryError::NoSuchTime(text.to_owned());
    let (clock, offset) = match clock.find(['Z', 'z', '+', '-']) {
        Some(at) => clock.split_at_checked(at).ok_or_else(error)?,
        None => return Err(error()),
    };
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (clock, None),
    };
    let ok = has_shape(clock, "00:00:00")
        && fraction.is_none_or(|digits| {
            (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
        && (["Z", "z"].contains(&offset)
            || has_shape(offset, "+00:00")
            || has_shape(offset, "-00:00"));
    if !ok {
        return Err(error());
    }
    text.parse().map_err(|_| error())
}

/// Whether `text` has a digit wherever `shape` has `0` and is equal to it elsewhere.
fn has_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, expected)| {
            if expected == b'0' { byte.is_ascii_digit() } else { byte == expected }
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_date_is_the_last_day() {
        let created = at("2026-11-21T09:00:00Z");
        let end = |text| Expiry::parse(text).unwrap().resolve(created).to_string();
        assert_eq!(end("2027-06-30"), "2027-07-01T00:00:00Z");
        assert_eq!(end("2027-12-31"), "2028-01-01T00:00:00Z");
        assert_eq!(end("2027-06-30T12:00:00+02:00"), "2027-06-30T10:00:00Z");
        assert_eq!(end("90d"), "2027-02-19T09:00:00Z");
        assert_eq!(end("1h30m"), "2026-11-21T10:30:00Z");
        assert_eq!(Expiry::parse("9999-12-31").unwrap().resolve(created), Timestamp::MAX);
    }

    #[test]
    fn a_date_is_within_a_cap_that_ends_on_it() {
        let created = at("2026-11-21T09:00:00Z");
        let latest = Lifetime::days(90).after(created);
        let within = |text| Expiry::parse(text).unwrap().is_within(created, latest);
        assert!(within("90d"));
        assert!(!within("91d"));
        assert!(within("2027-02-19"));
        assert!(!within("2027-02-20"));
        assert!(!within("2027-02-19T09:00:01Z"));
    }

    #[test]
    fn refusals() {
        let message = |text| Expiry::parse(text).unwrap_err().to_string();
        assert_eq!(message("2027-02-30"), "`2027-02-30` is not a day of the calendar");
        assert_eq!(message("2027-06-30T12:00:00"), "`2027-06-30T12:00:00` is not a time");
        assert_eq!(message("2027-06-30T12Z"), "`2027-06-30T12Z` is not a time");
        assert_eq!(message("2027-06-30T25:00:00Z"), "`2027-06-30T25:00:00Z` is not a time");
        assert_eq!(message("2027-06-30 12:00:00Z"), "`2027-06-30 12:00:00Z` is not an end date");
        assert_eq!(message("30/06/2027"), "`30/06/2027` is not an end date");
        assert_eq!(message("1y"), "`1y` uses a unit without a fixed length");
        assert_eq!(message("90"), "`90` is not a duration");
        assert_eq!(message("never"), "`never` is not an end date: every identity ends");
        assert_eq!(message(""), "`` is not an end date");
    }

    proptest! {
        #[test]
        fn every_time_reads_back(second in -60_000_000_000_i64..=250_000_000_000) {
            let expiry = Expiry::Time(Timestamp::from_second(second).unwrap());
            prop_assert_eq!(Expiry::parse(&expiry.to_string()), Ok(expiry));
        }

        #[test]
        fn every_date_reads_back(year in 1_i16..=9999, month in 1_i8..=12, day in 1_i8..=28) {
            let expiry = Expiry::Date(Date::new(year, month, day).unwrap());
            prop_assert_eq!(Expiry::parse(&expiry.to_string()), Ok(expiry));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,24}") {
            if let Ok(expiry) = Expiry::parse(&text) {
                prop_assert_eq!(Expiry::parse(&expiry.to_string()), Ok(expiry));
            }
        }
    }
}

//! Lengths of time as people write them in templates: `90d`, `12h`, `1h30m`.
//!
//! There are no months or years, because they have no fixed length and a cap must be one number.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use miette::Diagnostic;
use thiserror::Error;

/// A positive length of time, exact to the second, at most a hundred years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lifetime {
    seconds: u32,
}

/// Why a text is not a length of time.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
pub enum LifetimeError {
    /// Not made of numbers with units.
    #[error("`{0}` is not a duration")]
    #[diagnostic(help(
        "write a number and a unit, such as `90d`, `12h` or `1h30m`; units are w, d, h, m and s"
    ))]
    Malformed(String),
    /// Months and years have no fixed length.
    #[error("`{0}` uses a unit without a fixed length")]
    #[diagnostic(help("write days instead: `365d` for a year, `30d` for a month"))]
    Calendar(String),
    /// The same unit twice, or a larger unit after a smaller one.
    #[error("`{0}` does not go from larger to smaller units")]
    #[diagnostic(help("name each unit once, larger first: `1d12h`"))]
    Order(String),
    /// Nothing at all.
    #[error("`{0}` is no time at all")]
    #[diagnostic(help(
        "leave the attribute out if there is no limit; a limit is longer than zero"
    ))]
    Zero(String),
    /// More than a hundred years.
    #[error("`{0}` is longer than a hundred years")]
    #[diagnostic(help(
        "a machine identity does not outlive its makers; state when it must be looked at again"
    ))]
    TooLong(String),
}

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;
const WEEK: u32 = 7 * DAY;
const LONGEST: u32 = 36_525 * DAY;

impl Lifetime {
    /// That many days.
    pub const fn days(days: u16) -> Self {
        Self { seconds: days as u32 * DAY }
    }

    /// That many hours.
    pub const fn hours(hours: u16) -> Self {
        Self { seconds: hours as u32 * HOUR }
    }

    /// Reads `90d`, `12h`, `1h30m`, `52w`.
    pub fn parse(text: &str) -> Result<Self, LifetimeError> {
        let malformed = || LifetimeError::Malformed(text.to_owned());
        let mut total: u32 = 0;
        let mut previous = u32::MAX;
        let mut digits = String::new();
        for character in text.chars() {
            if character.is_ascii_digit() {
                digits.push(character);
                continue;
            }
            let unit = match character {
                'w' => WEEK,
                'd' => DAY,
                'h' => HOUR,
                'm' => MINUTE,
                's' => 1,
                'y' | 'Y' | 'M' if !digits.is_empty() => {
                    return Err(LifetimeError::Calendar(text.to_owned()));
                }
                _ => return Err(malformed()),
            };
            if digits.is_empty() {
                return Err(malformed());
            }
            if unit >= previous {
                return Err(LifetimeError::Order(text.to_owned()));
            }
            previous = unit;
            total = digits
                .parse::<u32>()
                .ok()
                .and_then(|count| count.checked_mul(unit))
                .and_then(|more| total.checked_add(more))
                .filter(|total| *total <= LONGEST)
                .ok_or_else(|| LifetimeError::TooLong(text.to_owned()))?;
            digits.clear();
        }
        if !digits.is_empty() || text.is_empty() {
            return Err(malformed());
        }
        if total == 0 {
            return Err(LifetimeError::Zero(text.to_owned()));
        }
        Ok(Self { seconds: total })
    }

    /// The length in seconds.
    pub const fn as_seconds(self) -> u32 {
        self.seconds
    }

    /// The time that comes this long after `start`; the end of time if that is later than a timestamp can say.
    pub fn after(self, start: Timestamp) -> Timestamp {
        start
            .checked_add(SignedDuration::from_secs(i64::from(self.seconds)))
            .unwrap_or(Timestamp::MAX)
    }
}

/// The canonical spelling: days, hours, minutes and seconds, without the ones that are zero.
impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.seconds;
        for (unit, letter) in [(DAY, 'd'), (HOUR, 'h'), (MINUTE, 'm'), (1, 's')] {
            let count = rest / unit;
            rest %= unit;
            if count > 0 {
                write!(f, "{count}{letter}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn readings() {
        let read = |text| Lifetime::parse(text).map(|found| found.to_string());
        assert_eq!(read("90d"), Ok("90d".to_owned()));
        assert_eq!(read("52w"), Ok("364d".to_owned()));
        assert_eq!(read("1h30m"), Ok("1h30m".to_owned()));
        assert_eq!(read("90m"), Ok("1h30m".to_owned()));
        assert_eq!(read("86400s"), Ok("1d".to_owned()));
    }

    #[test]
    fn refusals() {
        let message = |text| Lifetime::parse(text).unwrap_err().to_string();
        assert_eq!(message(""), "`` is not a duration");
        assert_eq!(message("90"), "`90` is not a duration");
        assert_eq!(message("d"), "`d` is not a duration");
        assert_eq!(message("1 d"), "`1 d` is not a duration");
        assert_eq!(message("-1d"), "`-1d` is not a duration");
        assert_eq!(message("１d"), "`１d` is not a duration");
        assert_eq!(message("1y"), "`1y` uses a unit without a fixed length");
        assert_eq!(message("3M"), "`3M` uses a unit without a fixed length");
        assert_eq!(message("1h1d"), "`1h1d` does not go from larger to smaller units");
        assert_eq!(message("1d1d"), "`1d1d` does not go from larger to smaller units");
        assert_eq!(message("0d"), "`0d` is no time at all");
        assert_eq!(message("36526d"), "`36526d` is longer than a hundred years");
        assert_eq!(message("99999999999999d"), "`99999999999999d` is longer than a hundred years");
    }

    #[test]
    fn the_end_of_time_is_reached_and_not_passed() {
        assert_eq!(Lifetime::days(1).after(Timestamp::MAX), Timestamp::MAX);
    }

    proptest! {
        #[test]
        fn every_lifetime_reads_back(seconds in 1..=LONGEST) {
            let lifetime = Lifetime { seconds };
            prop_assert_eq!(Lifetime::parse(&lifetime.to_string()), Ok(lifetime));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,12}") {
            let _ = Lifetime::parse(&text);
        }
    }
}

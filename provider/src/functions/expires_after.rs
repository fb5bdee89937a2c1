//! `expires_after`: the time that comes a duration after another, without looking at the clock.

use jiff::Timestamp;
use policy::governance::{Expiry, Lifetime};

use crate::function::{Function, FunctionProblem, Parameter};
use crate::wording::sentence;

/// `provider::nhi::expires_after`.
#[derive(Debug)]
pub(crate) struct ExpiresAfter;

impl Function for ExpiresAfter {
    const NAME: &'static str = "expires_after";
    const SUMMARY: &'static str = "The time that comes a duration after another";
    const DESCRIPTION: &'static str = "Adds a duration such as `90d` or `1h30m` to a time. It never looks at the clock: \
        the same arguments give the same result in every plan. With a fixed time, such as the creation time of something, it \
        gives an `expiry` that does not move.";
    const PARAMETERS: &'static [Parameter] = &[
        Parameter {
            name: "timestamp",
            description: "A time as RFC 3339 writes it: `2026-11-21T00:00:00Z`.",
        },
        Parameter {
            name: "duration",
            description: "Numbers with units, larger first: `52w`, `90d`, `12h`, `1h30m`.",
        },
    ];

    type Arguments = (String, String);
    type Output = String;

    fn call((timestamp, duration): Self::Arguments) -> Result<String, FunctionProblem> {
        let start = match Expiry::parse(&timestamp) {
            Ok(Expiry::Time(start)) => start,
            Ok(Expiry::Date(_) | Expiry::Duration(_)) | Err(_) => {
                let text = format!(
                    "`{timestamp}` is not a time. Write it as RFC 3339 does: `2026-11-21T00:00:00Z`."
                );
                return Err(FunctionProblem::at(0, text));
            }
        };
        let lifetime = Lifetime::parse(&duration).map_err(|error| {
            let help =
                miette::Diagnostic::help(&error).map_or_else(String::new, |help| help.to_string());
            FunctionProblem::at(1, format!("{} {}", sentence(&error.to_string()), sentence(&help)))
        })?;
        let end = lifetime.after(start);
        if end == Timestamp::MAX {
            return Err(FunctionProblem::at(1, "The result is later than the year 9999."));
        }
        Ok(end.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(timestamp: &str, duration: &str) -> String {
        ExpiresAfter::call((timestamp.to_owned(), duration.to_owned()))
            .unwrap_or_else(|problem| format!("{}: {}", problem.argument.unwrap(), problem.text))
    }

    #[test]
    fn times() {
        assert_eq!(call("2026-11-21T00:00:00Z", "90d"), "2027-02-19T00:00:00Z");
        assert_eq!(call("2026-11-21T01:00:00+01:00", "1h30m"), "2026-11-21T01:30:00Z");
        assert_eq!(call("2026-11-21T00:00:00.5Z", "1s"), "2026-11-21T00:00:01.5Z");
    }

    #[test]
    fn what_is_no_time_or_no_duration() {
        insta::assert_snapshot!(call("2026-11-21", "90d"), @"0: `2026-11-21` is not a time. Write it as RFC 3339 does: `2026-11-21T00:00:00Z`.");
        insta::assert_snapshot!(call("2026-11-21T00:00:00Z", "1y"), @"1: `1y` uses a unit without a fixed length. Write days instead: `365d` for a year, `30d` for a month.");
        insta::assert_snapshot!(call("9999-12-01T00:00:00Z", "90d"), @"1: The result is later than the year 9999.");
    }
}

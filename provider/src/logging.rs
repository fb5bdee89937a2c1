//! Logs as Terraform wants them: one JSON object a line on stderr, in hclog's shape. Text only: Terraform crashes on a
//! `@message` that is not a string, and takes a line for plain text when the time has not exactly six decimals. Nothing
//! secret is ever passed in; configuration is not logged at all.

use std::io::Write as _;
use std::sync::OnceLock;

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

/// How important a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }

    /// Reads the value of a `TF_LOG` variable; none is off. Terraform takes any other word for `TRACE`, and so do we.
    fn from_variable(text: &str) -> Option<Self> {
        match text.to_ascii_uppercase().as_str() {
            "" | "OFF" | "NONE" => None,
            "DEBUG" => Some(Self::Debug),
            "INFO" => Some(Self::Info),
            "WARN" => Some(Self::Warn),
            "ERROR" => Some(Self::Error),
            _ => Some(Self::Trace),
        }
    }
}

/// The least important level that is written; unset or none is off.
static LEAST: OnceLock<Option<Level>> = OnceLock::new();

/// The level that the environment asks for: the most specific variable that is set decides.
pub(crate) fn level(variable: impl Fn(&str) -> Option<String>) -> Option<Level> {
    let names = ["TF_LOG_PROVIDER_NHI", "TF_LOG_PROVIDER", "TF_LOG"];
    let text = names.into_iter().find_map(|name| variable(name).filter(|text| !text.is_empty()));
    Level::from_variable(&text.unwrap_or_default())
}

/// Sets the level of this process, once.
pub(crate) fn start(least: Option<Level>) {
    LEAST.get_or_init(|| least);
}

/// Writes a line if its level is asked for. A reader that has gone is no reason to fail.
pub(crate) fn log(level: Level, message: &str, fields: &[(&str, &str)]) {
    let wanted = LEAST.get().copied().flatten().is_some_and(|least| level >= least);
    if wanted {
        let line = line(level, message, fields, Timestamp::now());
        let _reader_gone = std::io::stderr().write_all(line.as_bytes());
    }
}

fn line(level: Level, message: &str, fields: &[(&str, &str)], now: Timestamp) -> String {
    let mut object = Map::new();
    let mut put = |key: &str, text: &str| object.insert(key.to_owned(), Json::from(text));
    put("@level", level.name());
    put("@message", message);
    put("@module", "provider");
    put("@timestamp", &format!("{now:.6}"));
    for (key, text) in fields {
        put(key, text);
    }
    format!("{}\n", Json::Object(object))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_hclog_with_six_decimals() {
        let now = "2026-01-02T03:04:05Z".parse().expect("a time");
        insta::assert_snapshot!(
            line(Level::Info, "two\nlines", &[("tf_rpc", "ReadResource")], now).trim_end(),
            @r#"{"@level":"info","@message":"two\nlines","@module":"provider","@timestamp":"2026-01-02T03:04:05.000000Z","tf_rpc":"ReadResource"}"#
        );
    }

    #[test]
    fn the_most_specific_variable_decides() {
        let from = |set: &[(&str, &str)]| {
            level(|name| {
                let found = set.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(from(&[]), None);
        assert_eq!(from(&[("TF_LOG", "debug")]), Some(Level::Debug));
        assert_eq!(from(&[("TF_LOG", "TRACE"), ("TF_LOG_PROVIDER", "ERROR")]), Some(Level::Error));
        assert_eq!(from(&[("TF_LOG", "JSON"), ("TF_LOG_PROVIDER_NHI", "off")]), None);
        assert_eq!(from(&[("TF_LOG", "1"), ("TF_LOG_PROVIDER", "")]), Some(Level::Trace));
    }
}

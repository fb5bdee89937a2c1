//! One line a finding, for editors and for `grep`.

use std::fmt::Write as _;

use super::Report;

/// `file:line:column: CODE[name] message`, with the address where the message has none; without sources the address stands
/// in for the place.
pub(super) fn render(report: &Report) -> String {
    let mut out = String::new();
    for finding in report.findings.iter().filter(|finding| finding.counts()) {
        let place = match &finding.place {
            Some(place) => {
                format!("{}:{}:{}", place.source.name, place.from.line, place.from.column)
            }
            None => finding.subject(),
        };
        let message = &finding.message;
        let told = finding.place.is_none() || message.contains(&finding.address);
        let subject = if told { String::new() } else { format!(" ({})", finding.subject()) };
        // Writing into a string cannot fail.
        let _ = writeln!(out, "{place}: {}[{}] {message}{subject}", finding.code, finding.rule);
    }
    out
}

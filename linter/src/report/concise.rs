//! One line a finding, for editors and for `grep`.

use std::fmt::Write as _;

use super::Report;

/// `file:line:column: CODE[name] message (address, attribute)`; without sources the address stands in for the place.
pub(super) fn render(report: &Report) -> String {
    let mut out = String::new();
    for finding in report.findings.iter().filter(|finding| finding.counts()) {
        let place = match &finding.place {
            Some(place) => {
                format!("{}:{}:{}", place.source.name, place.from.line, place.from.column)
            }
            None => finding.subject(),
        };
        // Writing into a string cannot fail.
        let _ = writeln!(out, "{place}: {}[{}] {}", finding.code, finding.rule, finding.message);
    }
    out
}

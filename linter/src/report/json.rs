//! JSON whose shape is a contract: keys are added, never renamed or removed, while `version` is 1.

use policy::verdict::Counterexample;
use serde::Serialize;

use crate::finding::{Finding, Severity};

use super::Report;

#[derive(Serialize)]
struct Output<'a> {
    version: u8,
    tool: Tool,
    now: String,
    summary: Summary,
    metrics: Metrics,
    findings: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Summary {
    error: usize,
    warning: usize,
    info: usize,
    suppressed: usize,
    resources: usize,
    identities: usize,
}

#[derive(Serialize)]
struct Metrics {
    owner_coverage: f64,
    purpose_coverage: f64,
    expiry_coverage: f64,
    template_coverage: f64,
    undecided: usize,
}

#[derive(Serialize)]
struct Entry<'a> {
    code: &'a str,
    rule: &'a str,
    severity: &'a str,
    message: &'a str,
    help: &'a str,
    address: &'a str,
    path: &'a str,
    span: Option<Span<'a>>,
    template: Option<&'a str>,
    counterexample: Option<&'a Counterexample>,
    references: &'a [&'a str],
    suppressed: Option<&'a str>,
}

#[derive(Serialize)]
struct Span<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

/// The whole report on one line, with a line end.
pub(super) fn render(report: &Report) -> String {
    let counts = report.counts;
    let coverage =
        |part: usize| if counts.identities == 0 { 1.0 } else { share(part, counts.identities) };
    let output = Output {
        version: 1,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        now: report.now.to_string(),
        summary: Summary {
            error: report.count(Severity::Error),
            warning: report.count(Severity::Warning),
            info: report.count(Severity::Info),
            suppressed: report.suppressed(),
            resources: counts.resources,
            identities: counts.identities,
        },
        metrics: Metrics {
            owner_coverage: coverage(counts.owned),
            purpose_coverage: coverage(counts.purposed),
            expiry_coverage: coverage(counts.ending),
            template_coverage: coverage(counts.templated),
            undecided: counts.undecided,
        },
        findings: report.findings.iter().map(entry).collect(),
    };
    // Serialising plain data into a string cannot fail.
    let mut text = serde_json::to_string(&output).unwrap_or_default();
    text.push('\n');
    text
}

/// A share to four digits, so that the text does not depend on how a float is printed.
#[expect(clippy::cast_precision_loss, reason = "counts of resources are far below 2^52")]
fn share(part: usize, whole: usize) -> f64 {
    (part as f64 / whole as f64 * 10_000.0).round() / 10_000.0
}

fn entry(finding: &Finding) -> Entry<'_> {
    Entry {
        code: finding.code,
        rule: finding.rule,
        severity: finding.severity.name(),
        message: &finding.message,
        help: &finding.help,
        address: &finding.address,
        path: &finding.path,
        span: finding.place.as_ref().map(|place| Span {
            file: &place.file,
            line: place.from.line,
            column: place.from.column,
            end_line: place.to.line,
            end_column: place.to.column,
        }),
        template: finding.template.as_deref(),
        counterexample: finding.counterexample.as_ref(),
        references: finding.references,
        suppressed: finding.suppressed.as_deref(),
    }
}

//! SARIF 2.1.0, as code scanning services read it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::finding::{Decided, Finding, Severity};

use super::{Report, page};

/// One run with every rule that ran and every finding, suppressed ones included.
pub(super) fn render(report: &Report) -> String {
    let rules: Vec<Value> =
        report.rules.iter().map(|selected| rule(selected.rule, selected.severity)).collect();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let results: Vec<Value> =
        report.findings.iter().map(|finding| result(finding, report, &mut seen)).collect();
    let notifications: Vec<Value> = report
        .problems
        .iter()
        .map(|problem| json!({ "level": "error", "message": { "text": problem } }))
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": report.problems.is_empty(),
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn rule(rule: &crate::rule::Rule, severity: Severity) -> Value {
    json!({
        "id": rule.code,
        "name": rule.name,
        "shortDescription": { "text": rule.refuses },
        "fullDescription": { "text": crate::rules::section(rule, "Why") },
        "help": { "text": crate::rules::section(rule, "How to fix"), "markdown": rule.docs.trim() },
        "helpUri": page(rule.code),
        "defaultConfiguration": { "level": level(severity) },
        "properties": { "tags": rule.references },
    })
}

fn result(finding: &Finding, report: &Report, seen: &mut BTreeMap<String, usize>) -> Value {
    let index = report.rules.iter().position(|selected| selected.rule.code == finding.code);
    let mut result = json!({
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": { "text": message(finding) },
        "locations": [location(finding)],
        "partialFingerprints": { "nhiLint/v1": fingerprint(finding, seen) },
    });
    if let (Some(fields), Some(decided)) = (result.as_object_mut(), &finding.decided) {
        fields.insert("relatedLocations".into(), json!([related(decided)]));
    }
    if let (Some(fields), Some(reason)) = (result.as_object_mut(), &finding.suppressed) {
        fields.insert(
            "suppressions".into(),
            json!([{ "kind": "external", "justification": reason }]),
        );
    }
    result
}

fn message(finding: &Finding) -> String {
    if finding.help.is_empty() {
        format!("{} ({})", finding.message, finding.subject())
    } else {
        format!("{} ({})\n{}", finding.message, finding.subject(), finding.help)
    }
}

fn location(finding: &Finding) -> Value {
    let logical = json!([{ "fullyQualifiedName": finding.address, "kind": "resource" }]);
    match &finding.place {
        Some(place) => json!({
            "physicalLocation": {
                "artifactLocation": { "uri": uri(&place.source.name) },
                "region": {
                    "startLine": place.from.line,
                    "startColumn": place.from.column,
                    "endLine": place.to.line,
                    "endColumn": place.to.column,
                },
            },
            "logicalLocations": logical,
        }),
        None => json!({ "logicalLocations": logical }),
    }
}

fn related(decided: &Decided) -> Value {
    let before = decided.file.inner().get(..decided.span.offset()).unwrap_or("");
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    json!({
        "id": 1,
        "message": { "text": decided.label },
        "physicalLocation": {
            "artifactLocation": { "uri": uri(decided.file.name()) },
            "region": { "startLine": line },
        },
    })
}

/// A path as a URI reference: forward slashes, everything unusual escaped.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        match byte {
            b'\\' => out.push('/'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            other => out.extend(format!("%{other:02X}").chars()),
        }
    }
    if out.starts_with('/') { format!("file://{out}") } else { out }
}

/// The same for the same finding in every run, wherever its lines move to.
fn fingerprint(finding: &Finding, seen: &mut BTreeMap<String, usize>) -> String {
    let action = finding.counterexample.as_ref().map_or("", |example| example.action.as_str());
    let key = [finding.code, &finding.address, &finding.path, action].join("\0");
    let number = seen.entry(key.clone()).and_modify(|count| *count += 1).or_insert(1);
    let hash = Sha256::digest(format!("{key}\0{number}"));
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

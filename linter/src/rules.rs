//! The table of rules. One file a rule; a test holds that every file is here, in the order of the codes.

mod admin_grant;
mod change_without_rotation;
mod expired;
mod expiry_too_far;
mod extended_without_review;
mod governance_weakened;
mod invalid_parameter;
mod long_lived_credential;
mod missing_expiry;
mod missing_owner;
mod missing_purpose;
mod orphaned_identity;
mod outside_template;
mod placeholder_purpose;
mod shared_identity;
mod uncatalogued_identity;
mod undecided_grant;
mod undeclared_template;
mod ungoverned_identity;
mod unknown_owner;
mod unusable_template;

use crate::rule::Rule;

/// Every rule, in the order of the families.
pub(crate) static RULES: &[&Rule] = &[
    &ungoverned_identity::RULE,
    &missing_owner::RULE,
    &unknown_owner::RULE,
    &missing_purpose::RULE,
    &placeholder_purpose::RULE,
    &missing_expiry::RULE,
    &expired::RULE,
    &expiry_too_far::RULE,
    &extended_without_review::RULE,
    &outside_template::RULE,
    &undeclared_template::RULE,
    &unusable_template::RULE,
    &invalid_parameter::RULE,
    &undecided_grant::RULE,
    &admin_grant::RULE,
    &long_lived_credential::RULE,
    &shared_identity::RULE,
    &orphaned_identity::RULE,
    &change_without_rotation::RULE,
    &governance_weakened::RULE,
    &uncatalogued_identity::RULE,
];

/// The rule of that code or name, whatever the case.
pub(crate) fn find(text: &str) -> Option<&'static Rule> {
    RULES
        .iter()
        .copied()
        .find(|rule| rule.code.eq_ignore_ascii_case(text) || rule.name.eq_ignore_ascii_case(text))
}

/// The rules that a selector means: a code, a name, the beginning of codes (`OWN`), or `ALL`.
pub(crate) fn matching(selector: &str) -> Vec<&'static Rule> {
    if let Some(rule) = find(selector) {
        return vec![rule];
    }
    let prefix = selector.to_ascii_uppercase();
    if prefix.is_empty() {
        return Vec::new();
    }
    RULES.iter().copied().filter(|rule| prefix == "ALL" || rule.code.starts_with(&prefix)).collect()
}

/// The text under a heading of a rule's page.
pub(crate) fn section(rule: &Rule, heading: &str) -> String {
    let mut inside = false;
    let mut lines = Vec::new();
    for line in rule.docs.lines() {
        match line.strip_prefix("## ") {
            Some(title) => inside = title == heading,
            None if inside => lines.push(line),
            None => {}
        }
    }
    lines.join("\n").trim().to_owned()
}

/// The table of all rules, in Markdown.
pub(crate) fn overview() -> String {
    let mut out = String::from(
        "<!-- Generated from linter/src/rules.rs by a test; edit the rules. -->\n\n# Rules\n\n| code | name | severity | refuses |\n|---|---|---|---|\n",
    );
    for Rule { code, name, severity, refuses, .. } in RULES.iter().copied() {
        let severity = severity.name();
        let row =
            format!("| [{code}](../docs/rules/{code}.md) | {name} | {severity} | {refuses} |\n");
        out.push_str(&row);
    }
    out
}

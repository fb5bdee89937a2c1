//! `nhi-lint explain` and `nhi-lint rules`: the pages and the table of the rules.

use serde_json::json;

use crate::config;
use crate::report;
use crate::rules::{self, RULES};

use super::args::RulesFormat;
use super::{CLEAN, CommandError, World};

/// Prints the page of a rule.
pub(super) fn explain(code: &str, world: &mut World<'_>) -> Result<u8, CommandError> {
    let Some(rule) = rules::find(code) else {
        return Err(CommandError::with_help(
            format!("there is no rule `{code}`"),
            config::no_rule_help(code),
        ));
    };
    writeln!(
        world.output,
        "{} {} ({})\n\nRefuses {}.\n\n{}\n\n## References\n\n{}\n\n{}",
        rule.code,
        rule.name,
        rule.severity.name(),
        rule.refuses,
        rule.docs.trim(),
        rule.references.join(", "),
        report::page(rule.code)
    )?;
    Ok(CLEAN)
}

/// Prints the table of the rules.
pub(super) fn list(format: RulesFormat, world: &mut World<'_>) -> Result<u8, CommandError> {
    match format {
        RulesFormat::Text => {
            let width = RULES.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
            for rule in RULES {
                let severity = rule.severity.name();
                writeln!(
                    world.output,
                    "{} {:width$} {severity:7} {}",
                    rule.code, rule.name, rule.refuses
                )?;
            }
        }
        RulesFormat::Markdown => world.output.write_all(rules::overview().as_bytes())?,
        RulesFormat::Json => {
            let rules: Vec<_> = RULES
                .iter()
                .map(|rule| {
                    json!({
                        "code": rule.code,
                        "name": rule.name,
                        "severity": rule.severity.name(),
                        "refuses": rule.refuses,
                        "references": rule.references,
                        "url": report::page(rule.code),
                    })
                })
                .collect();
            writeln!(world.output, "{}", json!(rules))?;
        }
    }
    Ok(CLEAN)
}

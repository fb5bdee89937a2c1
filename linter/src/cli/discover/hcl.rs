//! To adopt what exists: a governed resource for each identity that has none, tied to it, with blanks for what only a
//! person can say. The blanks do not validate until they are filled.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::view::{Entry, Stated, View};
use crate::evaluate::quote;

/// All of it.
pub(super) fn render(view: &View) -> String {
    let mut out = String::new();
    let mut taken = BTreeSet::new();
    let mut governed = 0;
    for entry in &view.identities {
        let is_governed = matches!(entry.governance.source, "own" | "derived");
        if is_governed || entry.platform == "nhi" {
            governed += 1;
            continue;
        }
        adopt(&mut out, entry, &mut taken);
    }
    let end = out.trim_end().len();
    if end > 0 {
        out.truncate(end);
        out.push('\n');
    }
    if taken.is_empty() {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(out, "# there is nothing to adopt: {governed} identities, all governed");
    }
    out
}

fn adopt(out: &mut String, entry: &Entry, taken: &mut BTreeSet<String>) {
    let here = entry.made == "here";
    let label = unique(&label(entry), taken);
    let kind = format!("nhi_{}", entry.kind);
    let name = entry.name.as_deref().unwrap_or(&label);
    let _ = writeln!(out, "# {}", comment(if here { &entry.address } else { name }));
    for grant in &entry.grants {
        let _ = writeln!(out, "#   may {}", comment(&grant.text));
    }
    let _ = writeln!(out, "resource \"{kind}\" \"{label}\" {{");
    let _ = writeln!(out, "  name     = {}", quote(&dashed(name)));
    let governance = &entry.governance;
    blank(out, "owner   ", &governance.owner, "who answers for it");
    blank(out, "purpose ", &governance.purpose, "why it exists, in a sentence");
    blank(out, "expiry  ", &governance.expiry, "its last day, such as 2027-06-30, or 90d");
    match (&governance.template.value, &entry.fits) {
        (Some(said), _) => {
            let _ = writeln!(out, "  template = {}", quote(said));
        }
        (None, Some(fits)) => {
            let _ = writeln!(out, "  template = {}", quote(&fits.template));
            if !fits.parameters.is_empty() {
                out.push_str("  parameters = {\n");
                for (name, value) in &fits.parameters {
                    let _ = writeln!(out, "    {name} = {}", quote(value));
                }
                out.push_str("  }\n");
            }
        }
        (None, None) => {
            let _ = writeln!(
                out,
                "  template = \"\" # no published template fits; `nhi-lint template suggest` drafts one"
            );
        }
    }
    out.push_str("}\n\n");
    if here {
        let _ = writeln!(out, "resource \"nhi_binding\" \"{label}\" {{");
        let _ = writeln!(out, "  identity  = {kind}.{label}.id");
        let _ = writeln!(out, "  platform  = {}", quote(entry.platform));
        let attribute = principal(entry);
        let _ = if entry.written {
            writeln!(out, "  principal = \"\" # what its platform knows it by")
        } else if entry.address.starts_with("module.") {
            writeln!(
                out,
                "  principal = \"\" # the `{attribute}` of it, as an output of the module"
            )
        } else {
            writeln!(out, "  principal = {}.{attribute}", entry.address)
        };
        out.push_str("}\n\n");
    }
    if let Some(id) = &entry.id {
        let _ = writeln!(out, "import {{\n  to = {}\n  id = {}\n}}\n", entry.address, quote(id));
    }
}

/// A value that is known, else a blank that says what to write.
fn blank(out: &mut String, name: &str, stated: &Stated, asks: &str) {
    let _ = match &stated.value {
        Some(value) => writeln!(out, "  {name} = {}", quote(value)),
        None => writeln!(out, "  {name} = \"\" # {asks}"),
    };
}

/// The attribute that a platform knows the principal by.
fn principal(entry: &Entry) -> &'static str {
    match entry.resource_type.as_str() {
        "google_service_account" => "email",
        "azurerm_user_assigned_identity" => "principal_id",
        "azuread_service_principal" => "object_id",
        "azuread_application" | "azuread_application_registration" => "client_id",
        kind if kind.starts_with("aws_iam_") => "arn",
        _ => "id",
    }
}

fn label(entry: &Entry) -> String {
    let last = entry.address.rsplit('.').next().unwrap_or_default();
    let name = if entry.made == "here" { last } else { entry.name.as_deref().unwrap_or(last) };
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() || letter == '_' {
            out.push(letter);
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    let out = out.trim_end_matches('_');
    if out.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        out.to_owned()
    } else {
        format!("identity_{out}")
    }
}

fn unique(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut found = name.to_owned();
    let mut number = 1;
    while !taken.insert(found.clone()) {
        number += 1;
        found = format!("{name}_{number}");
    }
    found
}

/// Names of governed identities are of lower case letters, digits and hyphens.
fn dashed(name: &str) -> String {
    let local = name.split('@').next().unwrap_or(name);
    let mut out = String::new();
    for letter in local.chars().map(|letter| letter.to_ascii_lowercase()) {
        if letter.is_ascii_alphanumeric() {
            out.push(letter);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}

/// A comment ends with its line.
fn comment(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

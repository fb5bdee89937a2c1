//! The packet for people. Whatever a name or a reason holds, it stays text in the place that it has.

use std::fmt::Write as _;

use super::packet::{Access, Packet, Posture, Reviews};

/// What a reviewer asks.
const QUESTIONS: [&str; 5] = [
    "Is it still needed? What stops if it is switched off today?",
    "Does what it may do match what it does now, and nothing more?",
    "Is its credential issued when it is needed, or does it lie somewhere? If it lies somewhere: why?",
    "Is the owner still the one who answers for it, and are its people still there?",
    "Is every consumer known, and has each of them an identity of its own?",
];

/// The whole packet.
pub(super) fn of(packet: &Packet, digest: &str) -> String {
    let about = &packet.identity;
    let mut out = format!("# Certification packet: {} `{}`\n\n", about.kind, about.name);
    let as_of = match packet.as_of {
        Some(as_of) => format!("As of {as_of}."),
        None => "As of now; state `as_of` to hold it still.".to_owned(),
    };
    // Writing to a string does not fail.
    let _ = writeln!(out, "{as_of} Digest of the JSON form: `{digest}`.\n");
    let text = |text: &Option<String>| text.as_deref().map_or("none".to_owned(), escaped);
    table(
        &mut out,
        &[
            ("Identity", code(&about.id)),
            ("Status", about.status.to_owned()),
            ("Purpose", escaped(&about.purpose)),
            ("Service", text(&about.service)),
            ("Environment", text(&about.environment)),
            ("Created", about.created_at.to_string()),
            ("Ends", about.expires_at.to_string()),
            ("Principal", code(&about.principal_name)),
            ("SPIFFE ID", about.spiffe_id.as_deref().map_or("none".to_owned(), code)),
        ],
    );
    if let Some(agent) = &about.agent {
        table(
            &mut out,
            &[
                ("Sponsor", escaped(&agent.sponsor)),
                ("Tools", codes(&agent.tools)),
                ("On behalf of", codes(&agent.on_behalf_of)),
            ],
        );
    }
    ownership(&mut out, packet);
    access(&mut out, &packet.access);
    usage(&mut out, packet);
    posture(&mut out, &packet.credential);
    dependencies(&mut out, packet);
    history(&mut out, packet);
    reviews(&mut out, &packet.review);
    decide(&mut out, packet, digest);
    out
}

fn ownership(out: &mut String, packet: &Packet) {
    let owner = &packet.ownership;
    out.push_str("## Ownership\n\n");
    let inactive = if owner.active { "" } else { " (not active: the identity is quarantined)" };
    table(
        out,
        &[
            ("Owner", format!("{}{inactive}", escaped(&owner.owner))),
            ("Accountable", escaped(&owner.accountable)),
            ("Steward", escaped(&owner.steward)),
            ("Contacts", codes(&owner.contacts)),
        ],
    );
}

fn access(out: &mut String, access: &Access) {
    out.push_str("## Access\n\n");
    let description =
        access.description.as_deref().map_or(String::new(), |it| format!(": {}", escaped(it)));
    let _ = writeln!(
        out,
        "Template {}{description}. Digest `{}`.\n",
        code(&access.template),
        access.digest
    );
    for (name, value) in &access.parameters {
        let _ = writeln!(out, "- {} = {}", code(name), code(value));
    }
    if !access.parameters.is_empty() {
        out.push('\n');
    }
    for (platform, sentences) in &access.in_words {
        let _ = writeln!(out, "**{platform}**\n");
        for sentence in sentences {
            let _ = writeln!(out, "- {}", sentence.replace(['\n', '\r'], " "));
        }
        out.push('\n');
    }
    if access.in_words.is_empty() {
        out.push_str("The template allows it nothing on any platform.\n\n");
    }
    for (file, text) in &access.documents {
        let language = file.rsplit('.').next().unwrap_or_default();
        let fence = fence(text);
        let _ = writeln!(
            out,
            "<details><summary>{file}</summary>\n\n{fence}{language}\n{}\n{fence}\n\n</details>\n",
            text.trim_end()
        );
    }
}

fn usage(out: &mut String, packet: &Packet) {
    let usage = &packet.usage;
    out.push_str("## Usage\n\nWhat was issued to it here. What a platform saw of it stands in the platform's own logs.\n\n");
    let audiences: Vec<String> = usage.audiences.iter().cloned().collect();
    table(
        out,
        &[
            ("Last issued", usage.last_issued_at.clone().unwrap_or_else(|| "never".to_owned())),
            ("Issued in 30 days", usage.issued_30_days.to_string()),
            ("Issued in 90 days", usage.issued_90_days.to_string()),
            ("Issued ever", usage.issued.to_string()),
            ("Refused in 90 days", usage.refused_90_days.to_string()),
            ("Audiences", codes(&audiences)),
        ],
    );
}

fn posture(out: &mut String, posture: &Posture) {
    out.push_str("## Credential\n\n");
    let lifetime = if posture.lifetime == "static" {
        "static: it lies with its holder and works until it is rotated"
    } else {
        "short-lived: issued for a session"
    };
    let due = match posture.rotation_due {
        None => "nothing asks for rotation".to_owned(),
        Some(due) if posture.rotation_overdue => format!("{due} (overdue)"),
        Some(due) => due.to_string(),
    };
    let text = |text: &Option<String>| text.as_deref().map_or("none".to_owned(), code);
    let time = |time: Option<jiff::Timestamp>| time.map_or("none".to_owned(), |it| it.to_string());
    let reason = posture.rotation.reason.as_deref().map_or("none".to_owned(), escaped);
    table(
        out,
        &[
            ("Sort", lifetime.to_owned()),
            ("Version", posture.version.to_string()),
            ("Made", format!("{} ({} days ago)", posture.made_at, posture.age_days)),
            ("The one before works until", time(posture.previous_valid_until)),
            ("Rotation due", due),
            ("Reason of the last forced rotation", reason),
            ("Longest session", text(&posture.max_session)),
            ("Key", text(&posture.key_id)),
            ("Certificate", text(&posture.serial)),
            ("Certificate ends", time(posture.not_after)),
        ],
    );
}

fn dependencies(out: &mut String, packet: &Packet) {
    let dependencies = &packet.dependencies;
    out.push_str("## Dependencies\n\n");
    table(
        out,
        &[
            ("Consumers", codes(&dependencies.consumers)),
            ("Derived from", dependencies.parent.as_deref().map_or("none".to_owned(), code)),
            ("Derived from it", codes(&dependencies.derived)),
        ],
    );
    if dependencies.principals.is_empty() {
        out.push_str("No principal on any platform is bound to it.\n\n");
        return;
    }
    out.push_str("| Platform | Principal | Consumers | Retired by |\n|---|---|---|---|\n");
    for it in &dependencies.principals {
        let retired_by = it.retired_by.as_deref().map_or("nobody said".to_owned(), code);
        let _ = writeln!(
            out,
            "| {} | {} | {} | {retired_by} |",
            escaped(&it.platform),
            code(&it.principal),
            codes(&it.consumers)
        );
    }
    out.push('\n');
}

fn history(out: &mut String, packet: &Packet) {
    out.push_str("## Lineage\n\n| When | What | Who | Commit | Run |\n|---|---|---|---|---|\n");
    for step in &packet.lineage {
        let text = |text: &Option<String>| text.as_deref().map_or("none".to_owned(), code);
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            step.at,
            step.action,
            escaped(&step.actor),
            text(&step.revision),
            text(&step.pipeline)
        );
    }
    out.push_str("\n## Incidents\n\n");
    if packet.incidents.is_empty() {
        out.push_str("No forced rotation, no suspension, no refusal.\n");
    }
    for it in &packet.incidents {
        let because = if it.because.is_empty() {
            String::new()
        } else {
            format!(": {}", escaped(&it.because))
        };
        let _ = writeln!(out, "- {} {} by {}{because}", it.at, it.action, escaped(&it.actor));
    }
    out.push_str("\n## Exceptions\n\n");
    if packet.exceptions.is_empty() {
        out.push_str("None.\n");
    }
    for it in &packet.exceptions {
        let ends = if it.expired { "expired" } else { "ends" };
        let _ = writeln!(
            out,
            "- **{}** {ends} {}: {}. In place of the rule: {}. Approved by {}.",
            escaped(&it.rule),
            it.expires_at,
            escaped(it.reason.trim_end_matches('.')),
            escaped(it.compensating_control.trim_end_matches('.')),
            escaped(&it.approver)
        );
    }
    out.push('\n');
}

fn reviews(out: &mut String, reviews: &Reviews) {
    out.push_str("## Reviews\n\n");
    let until = match reviews.certified_until {
        None => "nothing asks for a review".to_owned(),
        Some(until) if reviews.overdue => format!("{until} (overdue)"),
        Some(until) => until.to_string(),
    };
    table(
        out,
        &[
            ("Certified until", until),
            (
                "Reviewed every",
                reviews.every.clone().unwrap_or_else(|| "nothing asks for it".to_owned()),
            ),
        ],
    );
    for it in &reviews.earlier {
        let _ = writeln!(
            out,
            "- {} **{}** by {}, until {}. {} Evidence: {}",
            it.decided_at,
            escaped(&it.outcome),
            escaped(&it.reviewer),
            it.certified_until,
            escaped(&it.effect),
            escaped(&it.evidence)
        );
    }
    if reviews.earlier.is_empty() {
        out.push_str("No review since it was created.\n");
    }
    out.push('\n');
}

/// Questions, and each decision as configuration.
fn decide(out: &mut String, packet: &Packet, digest: &str) {
    out.push_str("## Questions\n\n");
    for question in QUESTIONS {
        let _ = writeln!(out, "- [ ] {question}");
    }
    out.push_str("\n## Decision\n\nOne of these, with the reviewer's own name. Applied, it takes effect.\n\n");
    let next = packet.review.next_by.as_deref().map(|day| ("next_review", quoted(day)));
    let template = Some(("template", quoted("name@1.2.0")));
    let owner = Some(("owner", quoted("another-team")));
    let decisions = [
        ("approve", "It stays as it is until the next review.", next),
        ("right_size", "It moves to a template that allows less.", template),
        ("rotate", "It gets a new credential.", None),
        ("reassign", "Somebody else answers for it; its credential rotates.", owner),
        ("disable", "It is switched off and can be switched on again.", None),
        (
            "decommission",
            "It is switched off for good; after the observation time it can be destroyed.",
            None,
        ),
    ];
    let label = packet.identity.name.replace('-', "_");
    for (outcome, meaning, more) in decisions {
        let _ = writeln!(out, "**{outcome}**: {meaning}\n\n```hcl");
        let _ = writeln!(out, "resource \"nhi_certification\" {} {{", quoted(&label));
        let mut arguments = vec![
            ("identity", quoted(&packet.identity.id)),
            ("outcome", quoted(outcome)),
            ("reviewer", quoted("you@example.com")),
            ("evidence", quoted(digest)),
        ];
        arguments.extend(more);
        let width = arguments.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        for (name, value) in arguments {
            let _ = writeln!(out, "  {name:width$} = {value}");
        }
        out.push_str("}\n```\n\n");
    }
    let evidences: Vec<String> = packet.evidences.iter().map(|it| format!("`{it}`")).collect();
    let _ = writeln!(out, "With a decision, this packet evidences {}.", evidences.join(", "));
}

fn table(out: &mut String, rows: &[(&str, String)]) {
    out.push_str("| | |\n|---|---|\n");
    for (name, value) in rows {
        let _ = writeln!(out, "| {name} | {value} |");
    }
    out.push('\n');
}

/// Text that Markdown takes literally, on one line.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, character| {
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '!' | '&' | '$' => {
                out.push('\\');
                out.push(character);
            }
            character if character.is_control() => out.push(' '),
            character => out.push(character),
        }
        out
    })
}

/// A code span; text that would end it, or the cell that it stands in, is escaped instead.
fn code(text: &str) -> String {
    let plain =
        !text.is_empty() && !text.contains(|c: char| c == '`' || c == '|' || c.is_control());
    if plain { format!("`{text}`") } else { escaped(text) }
}

fn codes(texts: &[String]) -> String {
    if texts.is_empty() {
        return "none".to_owned();
    }
    texts.iter().map(|text| code(text)).collect::<Vec<_>>().join(", ")
}

/// A fence that no line of the text ends.
fn fence(text: &str) -> String {
    let mut fence = "```".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    fence
}

/// A string of HCL.
fn quoted(text: &str) -> String {
    let text = text.chars().fold(String::new(), |mut out, character| {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            character if character.is_control() => out.push(' '),
            character => out.push(character),
        }
        out
    });
    format!("\"{}\"", text.replace("${", "$${").replace("%{", "%%{"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_text_holds_stays_in_its_place() {
        assert_eq!(escaped("a|b\n# [x](y) <i>"), "a\\|b \\# \\[x\\](y) \\<i\\>");
        assert_eq!(code("a`|"), "a\\`\\|");
        assert_eq!(code("arn:*"), "`arn:*`");
        assert_eq!(quoted("a\"${b}%{c}\\"), r#""a\"$${b}%%{c}\\""#);
        assert_eq!(fence("x ``` y"), "````");
    }
}

//! For people: a paragraph for each identity.

use std::fmt::Write as _;

use super::view::{Entry, Governed, Says, Stated, User, View};

/// All of it.
pub(super) fn render(view: &View) -> String {
    let mut out = String::new();
    for entry in &view.identities {
        identity(&mut out, entry);
    }
    if !view.credentials.is_empty() {
        out.push_str("credentials of identities that are made elsewhere\n");
        for proof in &view.credentials {
            line(&mut out, "", &proof.address);
        }
        out.push('\n');
    }
    if !view.consumers.is_empty() {
        out.push_str("consumers of identities that are made elsewhere\n");
        for user in &view.consumers {
            line(&mut out, "", &format!("{} runs as `{}`", user.address, user.identity));
        }
        out.push('\n');
    }
    if !view.unused.is_empty() {
        out.push_str("policies that nothing here uses\n");
        view.unused.iter().for_each(|says| line(&mut out, "", &piece(says)));
        out.push('\n');
    }
    out.push_str(&view.summary());
    out.push('\n');
    out
}

fn identity(out: &mut String, entry: &Entry) {
    let place = entry
        .span
        .as_ref()
        .map(|span| format!("  {}:{}", span.path, span.line))
        .unwrap_or_default();
    let title = match (&entry.name, entry.made) {
        (Some(name), "elsewhere") => format!("{name} (made elsewhere)"),
        (None, "elsewhere") => "an identity that is made elsewhere".to_owned(),
        _ => entry.address.clone(),
    };
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(out, "{title}  {} on {}{place}", entry.kind, entry.platform);
    if let (Some(name), "here") = (&entry.name, entry.made) {
        line(out, "name", name);
    }
    governed(out, &entry.governance);
    let pieces = |all: &[Says]| all.iter().map(piece).collect::<Vec<_>>();
    lines(out, "may", &pieces(&entry.grants));
    lines(out, "trusts", &pieces(&entry.trusts));
    lines(out, "boundary", &entry.boundary.iter().map(piece).collect::<Vec<_>>());
    let credentials: Vec<String> =
        entry.credentials.iter().map(|proof| proof.address.clone()).collect();
    lines(out, "credentials", &credentials);
    lines(out, "used by", &entry.consumers.iter().map(user).collect::<Vec<_>>());
    out.push('\n');
}

fn governed(out: &mut String, governance: &Governed) {
    let by = match (governance.source, &governance.by) {
        (_, Some(by)) => by.clone(),
        ("own", None) => "its own metadata".to_owned(),
        ("undecided", None) => "not known before apply".to_owned(),
        _ => "nobody".to_owned(),
    };
    line(out, "governed by", &by);
    let facts = [
        ("owner", &governance.owner),
        ("purpose", &governance.purpose),
        ("expiry", &governance.expiry),
        ("template", &governance.template),
        ("service", &governance.service),
        ("environment", &governance.environment),
    ];
    for (name, stated) in facts {
        if let Some(said) = fact(stated) {
            line(out, name, &said);
        }
    }
}

/// A fact, or why it is not known.
pub(super) fn fact(stated: &Stated) -> Option<String> {
    match (&stated.value, &stated.provenance) {
        (Some(value), _) => Some(match stated.before.as_ref().filter(|before| *before != value) {
            Some(before) => format!("{value} (was {before})"),
            None => value.clone(),
        }),
        (None, Some(from)) => {
            Some(format!("unknown: {}", from.why.as_deref().unwrap_or("not known before apply")))
        }
        (None, None) => None,
    }
}

fn piece(says: &Says) -> String {
    format!("{} ({}.{})", says.text, says.address, says.path)
}

fn user(user: &User) -> String {
    match &user.subject {
        Some(subject) => format!("{subject} ({})", user.address),
        None => user.address.clone(),
    }
}

fn line(out: &mut String, name: &str, said: &str) {
    let _ = writeln!(out, "  {name:<12} {said}");
}

fn lines(out: &mut String, name: &str, said: &[String]) {
    for (number, said) in said.iter().enumerate() {
        line(out, if number == 0 { name } else { "" }, said);
    }
}

//! Assignments as one line: `A/* -A/x d:B/* -d:B/y | … @scope ?condition ; role=Some_Role`.

use super::*;

pub(super) const SCOPE: &str = "/subscriptions/s";

/// `‹var.x›` is any string, `‹word.x›` one word.
pub(super) fn text(known: &str) -> Text {
    let mut out = Text::new();
    let mut rest = known;
    while let Some((before, after)) = rest.split_once('‹') {
        let (name, after) = after.split_once('›').unwrap();
        let shape = if name.starts_with("word.") { Shape::Word } else { Shape::Any };
        out.push_str(before);
        out.push(&Text::hole(name, shape));
        rest = after;
    }
    out.push_str(rest);
    assert!(!out.parts().contains(&Part::Literal(String::new())));
    out
}

pub(super) fn definition(blocks: &str) -> Definition {
    let blocks = blocks.split('|').map(|block| {
        let mut out = Block::default();
        for word in block.split_whitespace().filter(|word| *word != "{}") {
            let (list, pattern) = match word.strip_prefix('-') {
                Some(word) => match word.strip_prefix("d:") {
                    Some(word) => (&mut out.not_data_actions, word),
                    None => (&mut out.not_actions, word),
                },
                None => match word.strip_prefix("d:") {
                    Some(word) => (&mut out.data_actions, word),
                    None => (&mut out.actions, word),
                },
            };
            list.push(text(pattern));
        }
        out
    });
    Definition { blocks: blocks.collect() }
}

pub(super) fn grants(side: &str) -> Vec<Grant> {
    let one = |grant: &str| {
        let (grant, condition) = match grant.split_once('?') {
            // A question mark inside an operation is none of ours.
            Some((before, condition)) if before.ends_with(' ') => {
                (before, Some(text(condition.trim())))
            }
            _ => (grant, None),
        };
        let (what, scope) = grant.split_once('@').unwrap_or((grant, SCOPE));
        let what = match what.trim().strip_prefix("role=") {
            Some(role) => Assigned::Role(text(&role.replace('_', " "))),
            None => Assigned::Definition(definition(what)),
        };
        Grant { what, scope: text(scope.trim()), condition }
    };
    side.split(';').map(one).collect()
}

/// Roles by name, id and content.
pub(super) fn roles(all: &[(&str, &str, &str)]) -> Roles {
    let mut roles = Roles::default();
    for (name, id, blocks) in all {
        roles.add(name, Some(id), definition(blocks));
    }
    roles
}

pub(super) fn show(inner: &str, outer: &str) -> String {
    show_with(&Roles::default(), inner, outer)
}

pub(super) fn show_with(roles: &Roles, inner: &str, outer: &str) -> String {
    let comparison = contains(roles, &grants(outer), &grants(inner));
    let one = |verdict: &Verdict| match verdict {
        Verdict::Inside => "inside".to_owned(),
        Verdict::Outside(found) => match &found.escalation {
            Some(escalation) => format!("outside: {found} ({escalation})"),
            None => format!("outside: {found}"),
        },
        Verdict::Undecided(why) => format!("undecided: {}", why.reason),
    };
    let (open, catalogue) = (one(&comparison.open), one(&comparison.catalogue));
    if open == catalogue { open } else { format!("{open}; catalogue: {catalogue}") }
}

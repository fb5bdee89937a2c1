//! Which strings of a policy say what is too much, so that a report can underline them instead of the whole document.

use policy::json::{self, Node};
use policy::text::Text;
use policy::verdict::{Change, Counterexample};

use crate::identity::{Content, Grant};

/// The strings of a statement that a counterexample comes from, the most telling first: what the change would take away, else the
/// patterns that match the request.
pub(super) fn of(
    grant: &Grant,
    statement: usize,
    change: Option<&Change>,
    example: &Counterexample,
) -> Vec<String> {
    let Content::Document(text) = &grant.content else { return Vec::new() };
    let mut found = changed(change);
    let Ok(tree) = json::parse(text) else { return found };
    let Some(statement) = tree.get("Statement").and_then(|list| list.one_or_many().get(statement))
    else {
        return found;
    };
    let actions = texts(statement.get("Action"));
    let mut matching = actions.into_iter().filter(|pattern| takes(pattern, &example.action));
    // Of several that match none alone is the culprit.
    if let (Some(only), None) = (matching.next(), matching.next()) {
        found.push(only.to_owned());
    }
    found
}

/// The strings that a change takes away or writes anew.
pub(super) fn changed(change: Option<&Change>) -> Vec<String> {
    match change {
        Some(Change::Drop(what)) => what.clone(),
        Some(Change::Narrow { from, .. }) => vec![from.clone()],
        Some(Change::Require(_)) | None => Vec::new(),
    }
}

fn texts(node: Option<&Node>) -> Vec<&str> {
    let nodes = node.map(Node::one_or_many).unwrap_or_default();
    nodes.iter().filter_map(Node::as_text).filter_map(Text::as_str).collect()
}

/// Whether a pattern with `*` and `?` takes in an action, whatever the case.
fn takes(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = strip(&action, first) else { return false };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else { return rest.is_empty() };
    for piece in middle {
        let mut starts = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
        let found = starts.find_map(|at| strip(rest.get(at..)?, piece));
        let Some(after) = found else { return false };
        rest = after;
    }
    let starts = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    starts.filter_map(|at| strip(rest.get(at..)?, last)).any(str::is_empty)
}

/// What follows a piece in which `?` is any character.
fn strip<'a>(text: &'a str, piece: &str) -> Option<&'a str> {
    let mut rest = text.chars();
    for wanted in piece.chars() {
        let found = rest.next()?;
        if wanted != '?' && wanted != found {
            return None;
        }
    }
    Some(rest.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_actions() {
        for (pattern, action, wanted) in [
            ("s3:GetObject", "s3:getobject", true),
            ("s3:GetObject", "s3:GetObjectAcl", false),
            ("s3:*", "s3:GetObject", true),
            ("s3:*Object", "s3:GetObject", true),
            ("s3:*Object", "s3:GetObjectAcl", false),
            ("s3:?et*Acl", "s3:GetObjectAcl", true),
            ("*", "", true),
            ("*:*", "s3:x", true),
            ("s3:*Ob*ct*", "s3:PutObject", true),
            ("a*b*a", "aba", true),
            ("a*b*a", "ab", false),
        ] {
            assert_eq!(takes(pattern, action), wanted, "{pattern} {action}");
        }
    }
}

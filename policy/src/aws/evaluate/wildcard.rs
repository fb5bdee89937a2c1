//! Matching of one pattern with one string, by trying every way.

use std::collections::BTreeMap;

use super::condition::MULTIVALUED;

/// A piece of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Letter(char),
    Any,
    Run,
}

/// How wildcards treat the colons of an ARN. AWS documents all three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// They cross them.
    Whole,
    /// They stay inside their segment; the last segment has no end, and neither has a `*` that ends the pattern.
    Segments,
    /// A `*` at the end of its segment crosses, others do not.
    Trailing,
}

/// `*` and `?` are wildcards, the rest are letters.
pub(super) fn tokens(pattern: &str) -> Vec<Token> {
    pattern
        .chars()
        .map(|letter| match letter {
            '*' => Token::Run,
            '?' => Token::Any,
            _ => Token::Letter(letter),
        })
        .collect()
}

/// Likewise, with `${key}` replaced by its value, whose own stars are letters. None if one has no single value.
pub(super) fn with_variables(
    pattern: &str,
    context: &BTreeMap<String, Vec<String>>,
) -> Option<Vec<Token>> {
    let mut out = Vec::new();
    let mut rest = pattern;
    while let Some(start) = rest.find("${") {
        let (before, from) = rest.split_at_checked(start)?;
        let end = from.find('}')?;
        let inside = from.get(2..end)?;
        out.extend(tokens(before));
        let value = match inside {
            "*" | "?" | "$" => inside.to_owned(),
            _ => value(inside, context)?,
        };
        out.extend(value.chars().map(Token::Letter));
        rest = from.get(end + 1..)?;
    }
    out.extend(tokens(rest));
    Some(out)
}

fn value(inside: &str, context: &BTreeMap<String, Vec<String>>) -> Option<String> {
    let (key, default) = match inside.split_once(',') {
        Some((key, default)) => (key, default.trim().strip_prefix('\'')?.strip_suffix('\'')),
        None => (inside, None),
    };
    let key = key.trim().to_ascii_lowercase();
    // A key that holds several values is no variable, even where it has one.
    if MULTIVALUED.contains(&key.as_str()) {
        return None;
    }
    match context.get(&key).map(Vec::as_slice) {
        Some([only]) => Some(only.clone()),
        Some(_) => None,
        None => default.map(ToOwned::to_owned),
    }
}

/// Whether the whole string matches.
pub(super) fn matches(pattern: &[Token], text: &str, reading: Reading) -> bool {
    let mut segment = 0;
    let mut steps = Vec::with_capacity(pattern.len());
    for (index, token) in pattern.iter().enumerate() {
        if *token == Token::Letter(':') {
            segment += 1;
        }
        let end_of_segment = pattern.get(index + 1) == Some(&Token::Letter(':'));
        let last = index + 1 == pattern.len();
        let run = *token == Token::Run;
        let crosses = match reading {
            Reading::Whole => true,
            Reading::Segments => segment >= 5 || (run && last),
            Reading::Trailing => segment >= 5 || (run && (last || end_of_segment)),
        };
        steps.push((*token, crosses));
    }
    search(&steps, text)
}

/// A pattern without segments: action names, string conditions.
pub(super) fn simple(pattern: &str, text: &str) -> bool {
    let steps: Vec<_> = tokens(pattern).into_iter().map(|token| (token, true)).collect();
    search(&steps, text)
}

/// Likewise for a pattern that is in pieces already.
pub(super) fn simple_tokens(pattern: &[Token], text: &str) -> bool {
    let steps: Vec<_> = pattern.iter().map(|token| (*token, true)).collect();
    search(&steps, text)
}

/// `ends[k]`: the first `k` letters are matched by the part of the pattern read so far.
fn search(steps: &[(Token, bool)], text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    let mut ends = vec![false; letters.len() + 1];
    if let Some(first) = ends.first_mut() {
        *first = true;
    }
    for &(token, crosses) in steps {
        let mut next = vec![false; letters.len() + 1];
        let mut running = false;
        for (count, slot) in next.iter_mut().enumerate() {
            let before = count.checked_sub(1);
            let letter = before.and_then(|before| letters.get(before)).copied();
            let came = before.and_then(|before| ends.get(before)).copied().unwrap_or(false);
            let allowed = letter.is_some_and(|letter| crosses || letter != ':');
            *slot = match token {
                Token::Letter(own) => came && letter == Some(own),
                Token::Any => came && allowed,
                Token::Run => {
                    running &= allowed;
                    running |= ends.get(count).copied().unwrap_or(false);
                    running
                }
            };
        }
        ends = next;
        if !ends.contains(&true) {
            return false;
        }
    }
    ends.last().copied().unwrap_or(false)
}

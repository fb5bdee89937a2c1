//! Matching of one pattern with one string, by trying every way.

use std::collections::BTreeMap;

use super::condition::is_multivalued;

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
    if is_multivalued(&key) {
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

/// Keeps the places in the text that the part of the pattern read so far can end at, in order.
fn search(steps: &[(Token, bool)], text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    let mut ends = vec![0];
    for &(token, crosses) in steps {
        let step = |end: usize, wanted: Option<char>| {
            let letter = *letters.get(end)?;
            let fits = wanted.map_or(crosses || letter != ':', |wanted| wanted == letter);
            fits.then_some(end + 1)
        };
        ends = match token {
            Token::Letter(own) => ends.iter().filter_map(|end| step(*end, Some(own))).collect(),
            Token::Any => ends.iter().filter_map(|end| step(*end, None)).collect(),
            Token::Run => {
                let mut next: Vec<usize> = Vec::new();
                for start in ends {
                    // What an earlier start has run over, this one would run over as well.
                    if next.last().is_some_and(|last| *last >= start) {
                        continue;
                    }
                    let run = std::iter::successors(Some(start), |end| step(*end, None));
                    next.extend(run);
                }
                next
            }
        };
        if ends.is_empty() {
            return false;
        }
    }
    ends.last() == Some(&letters.len())
}

//! Why an identity exists: a sentence that a reviewer can hold it to, and the texts that only look like one.

use std::fmt;

/// Why a text is not a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PurposeProblem {
    /// Nothing was said.
    Missing,
    /// `todo`, `test`, `n/a`, `lorem ipsum …`.
    Placeholder,
    /// The identity's own name in other clothes.
    OwnName,
    /// Fewer than three words.
    TooShort,
}

/// Phrases that complete "the purpose …".
impl fmt::Display for PurposeProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "is missing",
            Self::Placeholder => "is a placeholder",
            Self::OwnName => "only repeats the identity's name",
            Self::TooShort => "has fewer than three words",
        })
    }
}

/// What is wrong with the purpose of the identity of that name.
pub fn check(purpose: &str, identity_name: Option<&str>) -> Option<PurposeProblem> {
    let lower = purpose.trim().to_lowercase();
    if lower.is_empty() {
        return Some(PurposeProblem::Missing);
    }
    let words = words(&lower);
    let (Some(first), second) = (words.first(), words.get(1)) else {
        return Some(PurposeProblem::Placeholder);
    };
    let all_empty_words = words.iter().all(|word| PLACEHOLDERS.contains(word));
    let one_word_again = words.len() > 1 && words.iter().all(|word| word == first);
    let latin = *first == "lorem" && second == Some(&"ipsum");
    // "n/a" and "t.b.d." fall apart into letters.
    let letters: String = words.concat();
    if all_empty_words
        || one_word_again
        || latin
        || STARTERS.contains(first)
        || ["na", "tbd", "tba", "wip", "todo"].contains(&letters.as_str())
    {
        return Some(PurposeProblem::Placeholder);
    }
    if identity_name.is_some_and(|name| repeats(&words, name)) {
        return Some(PurposeProblem::OwnName);
    }
    (length(&lower) < 3).then_some(PurposeProblem::TooShort)
}

const PLACEHOLDERS: &[&str] = &[
    "todo",
    "test",
    "tests",
    "testing",
    "na",
    "none",
    "null",
    "nil",
    "tbd",
    "tba",
    "fixme",
    "wip",
    "xxx",
    "foo",
    "bar",
    "baz",
    "qux",
    "asdf",
    "qwerty",
    "abc",
    "temp",
    "tmp",
    "temporary",
    "placeholder",
    "dummy",
    "sample",
    "example",
    "changeme",
    "change",
    "me",
    "purpose",
    "description",
    "unknown",
    "undefined",
    "blah",
    "stuff",
    "things",
    "misc",
    "various",
    "general",
    "default",
    "later",
];

/// A text that begins so is a note to its author.
const STARTERS: &[&str] = &["todo", "fixme", "tbd", "tba", "xxx", "placeholder", "changeme"];

/// Words that say nothing beside a name.
const FILLERS: &[&str] = &[
    "a",
    "an",
    "the",
    "for",
    "of",
    "used",
    "by",
    "to",
    "this",
    "is",
    "our",
    "role",
    "user",
    "account",
    "service",
    "identity",
    "key",
    "token",
    "certificate",
    "agent",
    "iam",
    "purpose",
    "s",
];

fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect()
}

fn repeats(purpose: &[&str], name: &str) -> bool {
    let name = name.to_lowercase();
    let essential = |words: Vec<&str>| -> Vec<String> {
        words.into_iter().filter(|word| !FILLERS.contains(word)).map(str::to_owned).collect()
    };
    essential(purpose.to_vec()).concat() == essential(words(&name)).concat()
}

/// How many words a reader sees. Scripts that put no space between words count two characters as one.
fn length(text: &str) -> usize {
    let unspaced = |c: char| matches!(u32::from(c), 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x9FFF);
    text.split_whitespace()
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .map(|word| 1.max(word.chars().filter(|c| unspaced(*c)).count() / 2))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes() {
        use PurposeProblem as P;
        for (purpose, expected) in [
            ("Nightly export of invoices to the ledger bucket", None),
            ("Test fixtures for the payments suite", None),
            ("read-only metrics scraping", None),
            ("Reads metrics nightly", None),
            ("請求書を毎晩エクスポートする", None),
            ("", Some(P::Missing)),
            (" \t", Some(P::Missing)),
            ("-", Some(P::Placeholder)),
            ("...", Some(P::Placeholder)),
            ("TODO", Some(P::Placeholder)),
            ("TODO: write the purpose down", Some(P::Placeholder)),
            ("n/a", Some(P::Placeholder)),
            ("T.B.D.", Some(P::Placeholder)),
            ("test", Some(P::Placeholder)),
            ("test test test", Some(P::Placeholder)),
            ("foo bar baz", Some(P::Placeholder)),
            ("spam spam spam", Some(P::Placeholder)),
            ("Lorem ipsum dolor sit amet", Some(P::Placeholder)),
            ("billing-export", Some(P::OwnName)),
            ("Billing Export", Some(P::OwnName)),
            ("The IAM role for the billing export", Some(P::OwnName)),
            ("exports invoices", Some(P::TooShort)),
        ] {
            assert_eq!(check(purpose, Some("billing-export")), expected, "{purpose}");
        }
    }

    #[test]
    fn a_name_is_only_compared_when_there_is_one() {
        assert_eq!(check("nightly billing export", None), None);
    }
}

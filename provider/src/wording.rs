//! How a phrase of the policy becomes a text for a user: what is wrong, then the way out, as sentences.

use crate::problem::Problem;

/// A problem out of a phrase and the way out of it.
pub(crate) fn problem(summary: &str, phrase: &str, help: &str) -> Problem {
    let mut detail = sentence(phrase);
    if !help.is_empty() {
        detail.push(' ');
        detail.push_str(&sentence(help));
    }
    Problem::error(summary, detail)
}

/// A problem out of an error that knows its way out.
pub(crate) fn diagnosed(summary: &str, error: &dyn miette::Diagnostic) -> Problem {
    let help = error.help().map_or_else(String::new, |help| help.to_string());
    problem(summary, &error.to_string(), &help)
}

/// A phrase as a sentence: a capital at the beginning, a full stop at the end.
pub(crate) fn sentence(phrase: &str) -> String {
    let phrase = phrase.trim();
    let mut characters = phrase.chars();
    let mut out: String = match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    };
    if !out.is_empty() && !out.ends_with(['.', '?', '!']) {
        out.push('.');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_become_sentences() {
        let problem = problem("Unfit owner", "the owner `x` is a bot", "name a person");
        assert_eq!(problem.detail, "The owner `x` is a bot. Name a person.");
        assert_eq!(sentence("`a` is not b"), "`a` is not b.");
        assert_eq!(sentence(""), "");
    }
}

//! Regular expressions: Go's syntax, of which Rust's differs in a few places.

use regex::Regex;

use super::arguments::two_known;
use crate::value::Value;

/// One match: the whole where there are no groups, a list of groups, or an object of named groups.
fn matched(regex: &Regex, captures: &regex::Captures<'_>) -> Value {
    let group =
        |group: Option<regex::Match<'_>>| group.map_or(Value::Null, |group| group.as_str().into());
    if regex.captures_len() == 1 {
        return group(captures.get(0));
    }
    let names: Vec<Option<&str>> = regex.capture_names().skip(1).collect();
    // With names on some groups only, Terraform refuses the pattern.
    if names.iter().all(Option::is_some) {
        let fields =
            names.iter().flatten().map(|name| ((*name).to_owned(), group(captures.name(name))));
        return Value::Object(fields.collect());
    }
    Value::List(captures.iter().skip(1).map(group).collect())
}

/// A regular expression of Go's, as Rust writes it; None where it is not sure that both mean the same.
fn compile(pattern: &str) -> Option<Regex> {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern.chars().peekable();
    let mut class = false;
    while let Some(c) = rest.next() {
        match c {
            '\\' => {
                let next = rest.next()?;
                // In Go, classes are about ASCII.
                let plain = match (next, class) {
                    ('d', false) => "[0-9]",
                    ('d', true) => "0-9",
                    ('D', _) => "[^0-9]",
                    ('w', false) => "[0-9A-Za-z_]",
                    ('w', true) => "0-9A-Za-z_",
                    ('W', _) => "[^0-9A-Za-z_]",
                    ('s', false) => "[\\t\\n\\f\\r ]",
                    ('s', true) => "\\t\\n\\f\\r ",
                    ('S', _) => "[^\\t\\n\\f\\r ]",
                    ('b', false) => "(?-u:\\b)",
                    ('<', _) => "<",
                    ('>', _) => ">",
                    ('A' | 'z' | 'n' | 't' | 'r' | 'f' | 'v' | 'a' | 'x', _) => {
                        out.extend(['\\', next]);
                        continue;
                    }
                    (next, _) if next.is_ascii_punctuation() => {
                        out.extend(['\\', next]);
                        continue;
                    }
                    _ => return None,
                };
                out.push_str(plain);
            }
            '[' if class && rest.peek() != Some(&':') => out.push_str("\\["),
            '[' => {
                out.push(c);
                if class {
                    // `[:alpha:]`
                    for c in rest.by_ref() {
                        out.push(c);
                        if c == ']' {
                            break;
                        }
                    }
                    continue;
                }
                class = true;
                if rest.peek() == Some(&'^') {
                    out.extend(rest.next());
                }
                if rest.peek() == Some(&']') {
                    rest.next();
                    out.push_str("\\]");
                }
            }
            ']' if class => {
                out.push(c);
                class = false;
            }
            '&' | '~' if class => out.extend(['\\', c]),
            // Sets may be subtracted in Rust.
            '-' if class && rest.peek() == Some(&'-') => return None,
            '(' if !class && rest.peek() == Some(&'?') => {
                let after: String = rest.clone().skip(1).take(2).collect();
                let named = after.starts_with("P<") || after.starts_with('<');
                let flags = after.starts_with([':', 's', 'm', 'U']);
                if !named && !flags {
                    return None;
                }
                out.push(c);
            }
            // Go has a limit to repetitions.
            '{' if !class && rest.clone().take_while(|c| *c != '}').count() > 7 => return None,
            c => out.push(c),
        }
    }
    Regex::new(&out).ok()
}

pub(super) fn regex(arguments: &[Value]) -> Option<Value> {
    let (pattern, text) = two_known(arguments)?;
    match compile(&pattern) {
        Some(regex) => Some(matched(&regex, &regex.captures(&text)?)),
        None => Some(super::open("regex", arguments)),
    }
}

pub(super) fn regexall(arguments: &[Value]) -> Option<Value> {
    let (pattern, text) = two_known(arguments)?;
    let Some(regex) = compile(&pattern) else { return Some(super::open("regexall", arguments)) };
    Some(Value::List(
        regex.captures_iter(&text).map(|captures| matched(&regex, &captures)).collect(),
    ))
}

/// `replace` with a regular expression.
#[expect(clippy::unnecessary_wraps, reason = "every function ends in an optional value")]
pub(super) fn replaced(
    pattern: &str,
    text: &str,
    replacement: &str,
    arguments: &[Value],
) -> Option<Value> {
    Some(match compile(pattern) {
        Some(regex) => regex.replace_all(text, replacement).as_ref().into(),
        None => super::open("replace", arguments),
    })
}

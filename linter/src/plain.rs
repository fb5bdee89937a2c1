//! Text from inputs as a terminal may have it: a name may hold what moves the cursor, clears lines or turns the direction of
//! writing, and so make a finding look like none.

/// On one line, with such characters as their escapes.
pub(crate) fn plain(text: String) -> String {
    escaped(text, char::is_control)
}

/// The same of a text that has lines of its own.
pub(crate) fn plain_lines(text: String) -> String {
    escaped(text, |it| it.is_control() && !matches!(it, '\n' | '\r' | '\t'))
}

fn escaped(text: String, is_odd: fn(char) -> bool) -> String {
    let turns = |it: char| matches!(it, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    if !text.contains(|it| is_odd(it) || turns(it)) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for it in text.chars() {
        if is_odd(it) || turns(it) {
            out.extend(it.escape_default());
        } else {
            out.push(it);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_the_cursor() {
        assert_eq!(plain("a\u{1b}[2K\nb\u{202e}c é".into()), "a\\u{1b}[2K\\nb\\u{202e}c é");
        assert_eq!(plain_lines("a\nb\u{1b}".into()), "a\nb\\u{1b}");
        assert_eq!(plain("plain — text".into()), "plain — text");
    }
}

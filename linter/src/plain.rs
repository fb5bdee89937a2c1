//! Text from inputs as a terminal may have it: a name may hold what moves the cursor, clears lines or turns the direction of
//! writing, and so make a finding look like none.

/// On one line, with such characters as their escapes.
pub(crate) fn plain(text: String) -> String {
    escaped(text, moves)
}

/// The same of a text that has lines of its own.
pub(crate) fn plain_lines(text: String) -> String {
    escaped(text, |it| moves(it) && !matches!(it, '\n' | '\r' | '\t'))
}

/// Whether a character moves the cursor or turns the direction of writing.
pub(crate) fn moves(it: char) -> bool {
    let turns =
        matches!(it, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    turns || it.is_control()
}

fn escaped(text: String, is_odd: fn(char) -> bool) -> String {
    if !text.contains(is_odd) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for it in text.chars() {
        if is_odd(it) {
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

//! The words of a condition.

use crate::text::{Hole, Part, Shape, Text};

/// The longest condition that is taken apart. IAM takes a hundredth of it.
const LONGEST: usize = 20_000;

/// Signs, the longer ones first.
const SIGNS: [&str; 25] = [
    "&&", "||", "==", "!=", "<=", ">=", "!", "<", ">", "(", ")", "[", "]", "{", "}", ",", ".", "+",
    "-", "*", "/", "%", "?", ":", "=",
];

/// One word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name or a number.
    Word(String),
    /// A string, decoded.
    String(Text),
    Sign(&'static str),
}

enum Piece<'a> {
    Letter(char),
    Hole(&'a Hole),
}

/// The tokens of a condition. None if it has some that are not understood, or unknown parts outside of strings.
pub(super) fn tokens(text: &Text) -> Option<Vec<Token>> {
    let mut pieces = Vec::new();
    for part in text.parts() {
        match part {
            Part::Literal(known) => pieces.extend(known.chars().map(Piece::Letter)),
            // A value of any form could leave the string that it stands in.
            Part::Hole(hole) if hole.shape == Shape::Any => return None,
            Part::Hole(hole) => pieces.push(Piece::Hole(hole)),
        }
    }
    if pieces.len() > LONGEST {
        return None;
    }
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        let Piece::Letter(letter) = piece else { return None };
        match letter {
            letter if letter.is_whitespace() => at += 1,
            '"' | '\'' => {
                let (string, end) = string(&pieces, at + 1, *letter)?;
                out.push(Token::String(string));
                at = end;
            }
            letter if letter.is_ascii_alphanumeric() || *letter == '_' => {
                let word: String = pieces
                    .get(at..)?
                    .iter()
                    .map_while(|piece| match piece {
                        Piece::Letter(letter) => Some(*letter),
                        Piece::Hole(_) => None,
                    })
                    .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
                    .collect();
                at += word.len();
                // `r"…"` and `b"…"` have rules of their own.
                if matches!(pieces.get(at), Some(Piece::Letter('"' | '\'') | Piece::Hole(_))) {
                    return None;
                }
                out.push(Token::Word(word));
            }
            _ => {
                let next = |offset: usize| match pieces.get(at + offset) {
                    Some(Piece::Letter(letter)) => Some(*letter),
                    Some(Piece::Hole(_)) | None => None,
                };
                let fits = |sign: &&&str| {
                    sign.chars().enumerate().all(|(offset, letter)| next(offset) == Some(letter))
                };
                let sign = SIGNS.iter().find(fits)?;
                if (*sign, next(1)) == ("/", Some('/')) {
                    return None;
                }
                out.push(Token::Sign(sign));
                at += sign.len();
            }
        }
    }
    Some(out)
}

/// A string from behind its opening quote, and where it ends.
fn string(pieces: &[Piece<'_>], start: usize, quote: char) -> Option<(Text, usize)> {
    let mut out = Text::new();
    let mut at = start;
    loop {
        match pieces.get(at)? {
            Piece::Letter(letter) if *letter == quote => {
                // Three quotes in a row begin a string of another kind.
                let next = pieces.get(at + 1);
                let triple =
                    at == start && matches!(next, Some(Piece::Letter(next)) if *next == quote);
                return (!triple).then_some((out, at + 1));
            }
            Piece::Letter('\\') => {
                let Piece::Letter(letter) = pieces.get(at + 1)? else { return None };
                let letter = match letter {
                    '\\' | '"' | '\'' | '`' | '?' => *letter,
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    _ => return None,
                };
                out.push_str(letter.encode_utf8(&mut [0; 4]));
                at += 2;
            }
            Piece::Letter('\n' | '\r') => return None,
            Piece::Letter(letter) => {
                out.push_str(letter.encode_utf8(&mut [0; 4]));
                at += 1;
            }
            // Unknown words have no double quote; a single one they may have.
            Piece::Hole(_) if quote == '\'' => return None,
            Piece::Hole(hole) => {
                out.push(&Text::from((*hole).clone()));
                at += 1;
            }
        }
    }
}

/// The parts between a sign where it stands outside of all brackets. None if brackets do not match.
pub(super) fn split<'a>(tokens: &'a [Token], sign: &str) -> Option<Vec<&'a [Token]>> {
    let mut open: Vec<&str> = Vec::new();
    let mut out = Vec::new();
    let mut start = 0;
    for (index, token) in tokens.iter().enumerate() {
        let Token::Sign(own) = token else { continue };
        match *own {
            "(" => open.push(")"),
            "[" => open.push("]"),
            "{" => open.push("}"),
            ")" | "]" | "}" if open.pop() != Some(own) => return None,
            own if own == sign && open.is_empty() => {
                out.push(tokens.get(start..index)?);
                start = index + 1;
            }
            _ => {}
        }
    }
    out.push(tokens.get(start..)?);
    open.is_empty().then_some(out)
}

/// Whether a comparison or a sum stands outside of all brackets.
pub(super) fn compares(tokens: &[Token]) -> bool {
    let signs = ["==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%"];
    let mut depth = 0_usize;
    for token in tokens {
        match token {
            Token::Sign("(" | "[" | "{") => depth += 1,
            Token::Sign(")" | "]" | "}") => depth = depth.saturating_sub(1),
            Token::Sign(sign) if depth == 0 && signs.contains(sign) => return true,
            Token::Word(word) if depth == 0 && word == "in" => return true,
            Token::Sign(_) | Token::Word(_) | Token::String(_) => {}
        }
    }
    false
}

/// What stands between two parentheses that hold everything.
pub(super) fn group(tokens: &[Token]) -> Option<&[Token]> {
    let [Token::Sign("("), inside @ .., Token::Sign(")")] = tokens else { return None };
    let mut depth = 0_usize;
    for token in inside {
        match token {
            Token::Sign("(") => depth += 1,
            Token::Sign(")") => depth = depth.checked_sub(1)?,
            Token::Sign(_) | Token::Word(_) | Token::String(_) => {}
        }
    }
    Some(inside)
}

/// The text in one way of writing it.
pub(super) fn canonical(tokens: &[Token]) -> Text {
    let mut out = Text::new();
    let mut word = false;
    for token in tokens {
        match token {
            Token::Word(own) => {
                if word {
                    out.push_str(" ");
                }
                out.push_str(own);
            }
            Token::Sign(sign) => out.push_str(sign),
            Token::String(string) => {
                if word {
                    out.push_str(" ");
                }
                out.push_str("\"");
                out.push(&string.map_literals(|known| {
                    known.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
                }));
                out.push_str("\"");
            }
        }
        word = matches!(token, Token::Word(_) | Token::String(_));
    }
    out
}

//! Strings of which parts may be unknown.
//!
//! A plan often knows *most* of a string: `"${aws_s3_bucket.b.arn}/*"` of a bucket that does not exist yet has a known
//! end and a beginning of known form. [`Text`] keeps both. A [`Hole`] stands for every string that the unknown part can
//! become, so a decision over a `Text` has to hold for all of them.

use std::fmt;
use std::sync::Arc;

/// A string made of known pieces and holes, in order.
///
/// Normal form: no empty literal, no two literals side by side. Equality is equality of the pieces: two holes are the
/// same unknown only if their origin and shape are the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text {
    parts: Vec<Part>,
}

/// One piece of a [`Text`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Characters that are known.
    Literal(String),
    /// Characters that are not.
    Hole(Hole),
}

/// An unknown part of a string.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hole {
    /// Where the value will come from, in Terraform's words: `aws_dynamodb_table.t.arn`, `var.account`.
    pub origin: Arc<str>,
    /// What is known about the strings that it can become.
    pub shape: Shape,
}

/// The set of strings that a hole can become.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shape {
    /// Any string at all, the empty one and one full of wildcards included.
    Any,
    /// A non-empty string without `:`, `/`, `*`, `?`, `$` and white space: a name, an account number, a region.
    Word,
    /// Strings that match the glob (`*` any run, `?` one character), whose own characters are never wildcards:
    /// `arn:aws:dynamodb:*:*:table/*`.
    Glob(Arc<str>),
}

impl Text {
    /// The empty string.
    pub fn new() -> Self {
        Self::default()
    }

    /// A string that is known as a whole.
    pub fn literal(text: impl Into<String>) -> Self {
        let mut out = Self::new();
        out.push_str(&text.into());
        out
    }

    /// A string of which nothing is known but its shape.
    pub fn hole(origin: impl Into<Arc<str>>, shape: Shape) -> Self {
        Self { parts: vec![Part::Hole(Hole { origin: origin.into(), shape })] }
    }

    /// Appends known characters.
    pub fn push_str(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(Part::Literal(last)) = self.parts.last_mut() {
            last.push_str(text);
        } else {
            self.parts.push(Part::Literal(text.to_owned()));
        }
    }

    /// Appends another string, holes and all.
    pub fn push(&mut self, other: &Text) {
        for part in &other.parts {
            match part {
                Part::Literal(text) => self.push_str(text),
                Part::Hole(hole) => self.parts.push(Part::Hole(hole.clone())),
            }
        }
    }

    /// The pieces in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The whole string, if every part of it is known.
    pub fn as_str(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The holes in order of appearance.
    pub fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.parts.iter().filter_map(|part| match part {
            Part::Hole(hole) => Some(hole),
            Part::Literal(_) => None,
        })
    }

    /// Whether any part is unknown.
    pub fn has_holes(&self) -> bool {
        self.holes().next().is_some()
    }

    /// Applies `change` to each known piece, holes stay: for functions such as `lower` that work piece by piece.
    #[must_use]
    pub fn map_literals(&self, mut change: impl FnMut(&str) -> String) -> Text {
        let mut out = Text::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => out.push_str(&change(text)),
                Part::Hole(hole) => out.parts.push(Part::Hole(hole.clone())),
            }
        }
        out
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::literal(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::literal(text)
    }
}

impl From<Hole> for Text {
    fn from(hole: Hole) -> Self {
        Self { parts: vec![Part::Hole(hole)] }
    }
}

impl FromIterator<Part> for Text {
    fn from_iter<I: IntoIterator<Item = Part>>(parts: I) -> Self {
        let mut out = Self::new();
        for part in parts {
            match part {
                Part::Literal(text) => out.push_str(&text),
                Part::Hole(hole) => out.parts.push(Part::Hole(hole)),
            }
        }
        out
    }
}

/// Holes print as `<origin>`, as messages show them.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Literal(text) => f.write_str(text)?,
                Part::Hole(hole) => write!(f, "<{}>", hole.origin)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_melt_together() {
        let mut text = Text::literal("arn:");
        text.push_str("");
        text.push(&Text::literal("aws"));
        assert_eq!(text.as_str(), Some("arn:aws"));
        text.push(&Text::hole("var.x", Shape::Word));
        text.push_str("/*");
        assert_eq!(text.as_str(), None);
        assert_eq!(text.to_string(), "arn:aws<var.x>/*");
        assert_eq!(text.holes().count(), 1);
    }
}

//! Strings of which parts may be unknown.
//!
//! A plan often knows *most* of a string: `"${aws_s3_bucket.b.arn}/*"` of a bucket that does not exist yet has a known
//! end and a beginning of known form. [`Text`] keeps both. A [`Hole`] stands for every string that the unknown part can
//! become, so a decision over a `Text` has to hold for all of them.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// A string made of known pieces and holes, in order.
///
/// Normal form: no empty literal, no two literals side by side. Equality is equality of the pieces: two holes are the
/// same unknown only if their origin and shape are the same, and if both or none are escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text {
    parts: Vec<Part>,
    /// Which parts are holes that [`Text::push_escaped`] has put there.
    escaped: BTreeSet<usize>,
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
    /// A non-empty string without `:`, `/`, `*`, `?`, `$`, `"`, `\` and white space: a name, an account number, a region.
    Word,
    /// Strings that match the glob (`*` any run, `?` one character), whose own characters are never wildcards, quotes or
    /// backslashes: `arn:aws:dynamodb:*:*:table/*`.
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
        Self::from(Hole { origin: origin.into(), shape })
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
        for (index, part) in other.parts.iter().enumerate() {
            match part {
                Part::Literal(text) => self.push_str(text),
                Part::Hole(hole) if other.escaped.contains(&index) => self.push_escaped(hole),
                Part::Hole(hole) => self.parts.push(Part::Hole(hole.clone())),
            }
        }
    }

    /// Appends an unknown part of JSON text that an encoder writes: inside quotes its value comes with escapes, in the place
    /// of a value it is one. Whatever it becomes, it ends nothing that began before it.
    pub fn push_escaped(&mut self, hole: &Hole) {
        self.escaped.insert(self.parts.len());
        self.parts.push(Part::Hole(hole.clone()));
    }

    /// The first hole that, if this is read as JSON, could end the string that it stands in and say something of its own:
    /// one of any shape that no encoder has put there.
    pub fn raw_hole(&self) -> Option<&Hole> {
        self.parts.iter().enumerate().find_map(|(index, part)| match part {
            Part::Hole(hole) if hole.shape == Shape::Any && !self.escaped.contains(&index) => {
                Some(hole)
            }
            Part::Hole(_) | Part::Literal(_) => None,
        })
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
        Self { parts: vec![Part::Hole(hole)], escaped: BTreeSet::new() }
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
    fn only_what_an_encoder_writes_is_escaped() {
        let hole = |shape| Hole { origin: "var.x".into(), shape };
        let origin = |text: &Text| text.raw_hole().map(|hole| hole.origin.to_string());
        let mut text = Text::literal("[\"");
        text.push_escaped(&hole(Shape::Any));
        text.push(&Text::from(hole(Shape::Word)));
        assert_eq!(origin(&text), None);
        let mut copy = Text::literal("x");
        copy.push(&text);
        assert_eq!(origin(&copy), None);
        copy.push(&Text::from(hole(Shape::Any)));
        assert_eq!(origin(&copy).as_deref(), Some("var.x"));
        // The value may become one that is escaped in another way.
        assert_eq!(origin(&text.map_literals(str::to_uppercase)).as_deref(), Some("var.x"));
    }

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

//! Paths to an attribute: where a problem lies, or which change forces a replacement.

use std::fmt;

use proto::tfplugin6;

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// An attribute or block of an object.
    Attribute(String),
    /// An element of a map.
    Key(String),
    /// An element of a list.
    Index(usize),
}

/// A path from the root of a configuration; empty for the whole of it. The protocol has no step into a set: a path ends
/// at the set.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(Vec<Step>);

impl Path {
    /// The whole configuration.
    pub fn root() -> Self {
        Self::default()
    }

    /// One step further, into an attribute.
    #[must_use]
    pub fn attribute(self, name: impl Into<String>) -> Self {
        self.then(Step::Attribute(name.into()))
    }

    /// One step further, into a map.
    #[must_use]
    pub fn key(self, key: impl Into<String>) -> Self {
        self.then(Step::Key(key.into()))
    }

    /// One step further, into a list.
    #[must_use]
    pub fn index(self, index: usize) -> Self {
        self.then(Step::Index(index))
    }

    /// One step further.
    #[must_use]
    pub fn then(mut self, step: Step) -> Self {
        self.0.push(step);
        self
    }

    /// The steps from the root.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The form that Terraform reads.
    pub(crate) fn to_proto(&self) -> tfplugin6::AttributePath {
        use tfplugin6::attribute_path::step::Selector;
        let selector = |step: &Step| match step {
            Step::Attribute(name) => Selector::AttributeName(name.clone()),
            Step::Key(key) => Selector::ElementKeyString(key.clone()),
            Step::Index(index) => {
                Selector::ElementKeyInt(i64::try_from(*index).unwrap_or(i64::MAX))
            }
        };
        let steps = self
            .0
            .iter()
            .map(|step| tfplugin6::attribute_path::Step { selector: Some(selector(step)) });
        tfplugin6::AttributePath { steps: steps.collect() }
    }
}

impl From<&str> for Path {
    fn from(attribute: &str) -> Self {
        Self::root().attribute(attribute)
    }
}

/// As Terraform writes it: `rotation.every`, `parameters["bucket"]`, `consumers[0]`.
impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if position == 0 => write!(formatter, "{name}")?,
                Step::Attribute(name) => write!(formatter, ".{name}")?,
                Step::Key(key) => write!(formatter, "[{key:?}]")?,
                Step::Index(index) => write!(formatter, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// Where a walk over a value stands. Unlike a [`Path`] it takes no memory of its own, since most walks find nothing to report.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// The whole configuration.
    Root,
    /// An attribute or block of an object.
    Attribute(&'a Place<'a>, &'a str),
    /// An element of a map.
    Key(&'a Place<'a>, &'a str),
    /// An element of a list.
    Index(&'a Place<'a>, usize),
}

impl<'a> Place<'a> {
    /// One step further, into an attribute.
    #[must_use]
    pub fn attribute(&'a self, name: &'a str) -> Self {
        Self::Attribute(self, name)
    }

    /// One step further, into a map.
    #[must_use]
    pub fn key(&'a self, key: &'a str) -> Self {
        Self::Key(self, key)
    }

    /// One step further, into a list.
    #[must_use]
    pub fn index(&'a self, index: usize) -> Self {
        Self::Index(self, index)
    }

    /// The way there.
    pub fn path(&self) -> Path {
        match *self {
            Self::Root => Path::root(),
            Self::Attribute(above, name) => above.path().attribute(name),
            Self::Key(above, key) => above.path().key(key),
            Self::Index(above, index) => above.path().index(index),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_as_in_configuration() {
        let path = Path::from("rules").index(2).attribute("params").key("bu\"cket");
        assert_eq!(path.to_string(), r#"rules[2].params["bu\"cket"]"#);
        assert_eq!(Path::root().to_string(), "");
        assert_eq!(path.to_proto().steps.len(), 4);
    }

    #[test]
    fn a_place_knows_its_path() {
        let rules = Place::Root.attribute("rules");
        let third = rules.index(2);
        let parameters = third.attribute("params");
        assert_eq!(parameters.key("b").path().to_string(), r#"rules[2].params["b"]"#);
    }
}

//! Three-valued attributes: Terraform knows a value, knows that there is none, or does not know yet. `Option` would make
//! the last two one, which is how providers come to judge values that nobody has written.

/// One attribute of a configuration, plan or state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attribute<T> {
    /// There is no value.
    #[default]
    Null,
    /// There will be a value (or none) after apply.
    Unknown,
    /// The value.
    Known(T),
}

impl<T> Attribute<T> {
    /// The value, where there is one and it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// The value by move, where there is one and it is known.
    pub fn into_known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// Known to have no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Not decided before apply.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Has a known value.
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Known(_))
    }

    /// The same attribute, borrowed.
    pub fn as_ref(&self) -> Attribute<&T> {
        match self {
            Self::Null => Attribute::Null,
            Self::Unknown => Attribute::Unknown,
            Self::Known(value) => Attribute::Known(value),
        }
    }

    /// Applies `change` to a known value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Attribute<U> {
        match self {
            Self::Null => Attribute::Null,
            Self::Unknown => Attribute::Unknown,
            Self::Known(value) => Attribute::Known(change(value)),
        }
    }

    /// Applies `next` to a known value, which may turn out null or unknown.
    pub fn and_then<U>(self, next: impl FnOnce(T) -> Attribute<U>) -> Attribute<U> {
        match self {
            Self::Null => Attribute::Null,
            Self::Unknown => Attribute::Unknown,
            Self::Known(value) => next(value),
        }
    }

    /// Takes `default` in place of null; unknown stays unknown.
    #[must_use]
    pub fn or(self, default: Self) -> Self {
        match self {
            Self::Null => default,
            Self::Unknown | Self::Known(_) => self,
        }
    }
}

impl Attribute<String> {
    /// The text, where it is known.
    pub fn as_str(&self) -> Option<&str> {
        self.known().map(String::as_str)
    }
}

impl<T> From<Option<T>> for Attribute<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Known)
    }
}

impl<T> From<T> for Attribute<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl From<&str> for Attribute<String> {
    fn from(value: &str) -> Self {
        Self::Known(value.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_null_takes_a_default() {
        assert_eq!(Attribute::Null.or(Attribute::Known(1)), Attribute::Known(1));
        assert_eq!(Attribute::Unknown.or(Attribute::Known(1)), Attribute::Unknown);
        assert_eq!(Attribute::Known(2).or(Attribute::Known(1)), Attribute::Known(2));
    }

    #[test]
    fn unknown_survives_every_mapping() {
        let unknown: Attribute<String> = Attribute::Unknown;
        assert!(unknown.clone().map(|text| text.len()).is_unknown());
        assert!(unknown.clone().and_then(|_| Attribute::<u8>::Null).is_unknown());
        assert_eq!(unknown.known(), None);
        assert_eq!(Attribute::from(Some("a")).map(str::len), Attribute::Known(1));
    }
}

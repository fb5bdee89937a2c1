//! One row of the catalogue: what is known about one resource type, from the table or from somebody's settings.

use std::borrow::Cow;

use crate::value::Value;

use super::matches;

/// What is known about one resource type.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// `aws_iam_access_key`; of a family `*_iam_access_key`.
    pub(crate) kind: Cow<'static, str>,
    /// What it is.
    pub(crate) class: Class,
    /// Attributes that name it or the identity that it belongs to.
    pub(super) names: Column,
    /// Attributes that hold permissions or trust.
    pub(super) permissions: Column,
    /// Attributes that hold when it ends.
    pub(super) expiry: Column,
    /// Whether the expiry attribute must be set.
    pub(crate) ends: Ends,
    /// Attributes that can carry governance metadata.
    pub(super) metadata: Column,
    /// When it is judged by itself.
    pub(crate) stands: Stands,
    /// The short-lived sibling of a long-lived credential.
    pub(crate) instead: Option<Cow<'static, str>>,
    /// What the platform does where no end is stated: `ends after 768h`.
    pub(crate) default: Option<Cow<'static, str>>,
}

/// Attribute names, separated by commas; a dot goes into a block.
#[derive(Clone, Debug, Default)]
pub(super) struct Column(Cow<'static, str>);

/// What a resource type is to governance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Somebody's machine self: a role, a service account.
    Identity,
    /// Proof that lasts until it is taken away.
    Credential,
    /// Proof, or a way to get it, that ends by itself soon.
    ShortLived,
    /// What an identity may do.
    Grant,
    /// Who may become an identity.
    Trust,
}

/// What is known about the end of a resource type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    /// The provider refuses one without an expiry.
    Required,
    /// An expiry may be set.
    Optional,
    /// It ends by itself within a bearable time.
    Bounded,
    /// It cannot be given an end.
    Never,
}

/// When a resource is judged by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stands {
    /// Always.
    Alone,
    /// Where the attribute is set (and, if given, has that value).
    If {
        /// The attribute, with a dot into a block.
        attribute: String,
        /// The value that it must have.
        value: Option<String>,
    },
    /// Never: it keeps secrets, carries another identity, or belongs to one.
    Apart,
}

impl Class {
    /// The names of the classes, as the table and the settings write them.
    pub(crate) const NAMES: &[&str] = &["identity", "credential", "short-lived", "grant", "trust"];

    /// The class of that name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "identity" => Self::Identity,
            "credential" => Self::Credential,
            "short-lived" => Self::ShortLived,
            "grant" => Self::Grant,
            "trust" => Self::Trust,
            _ => return None,
        })
    }
}

impl Ends {
    /// The names, as the table and the settings write them.
    pub(crate) const NAMES: &[&str] = &["required", "optional", "bounded", "none"];

    /// What that name says.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "required" => Self::Required,
            "optional" => Self::Optional,
            "bounded" => Self::Bounded,
            "none" => Self::Never,
            _ => return None,
        })
    }
}

impl Stands {
    /// What the table or the settings say: `alone`, `if attribute`, `if attribute=value`, `holder`, `carrier`, `-`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "alone" => return Some(Self::Alone),
            "holder" | "carrier" | "-" => return Some(Self::Apart),
            _ => {}
        }
        let condition = text.strip_prefix("if ")?;
        let (attribute, value) = match condition.split_once('=') {
            Some((attribute, value)) => (attribute, Some(value.trim().to_owned())),
            None => (condition, None),
        };
        let attribute = attribute.trim().to_owned();
        (!attribute.is_empty()).then_some(Self::If { attribute, value })
    }
}

impl Column {
    /// Several attributes.
    pub(crate) fn of(names: &[String]) -> Self {
        Self(Cow::Owned(names.join(",")))
    }

    fn table(text: &'static str) -> Self {
        Self(Cow::Borrowed(if text == "-" { "" } else { text }))
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.0.split(',').filter(|name| !name.is_empty())
    }
}

impl Entry {
    /// Whether a resource with this value is judged by itself. What is unknown may be set.
    pub(crate) fn stands_for(&self, value: &Value) -> bool {
        let (attribute, wanted) = match &self.stands {
            Stands::Alone => return true,
            Stands::Apart => return false,
            Stands::If { attribute, value } => (attribute, value.as_deref()),
        };
        let is_wanted = |found: &Value| match (found.text(), wanted) {
            (Some(text), Some(wanted)) => text.as_str().is_none_or(|text| matches(wanted, text)),
            (Some(text), None) => !matches!(text.as_str(), Some("false" | "")),
            (None, _) => wanted.is_none() && !found.elements().is_empty(),
        };
        let mut found = vec![value];
        for (depth, step) in attribute.split('.').enumerate() {
            if depth > 0 {
                // Any of the blocks will do.
                found = found.into_iter().flat_map(Value::elements).collect();
            }
            found = found.into_iter().map(|value| value.get(step)).collect();
        }
        found.into_iter().any(is_wanted)
    }

    /// A row of the table; None for a comment.
    pub(super) fn parse(line: &'static str) -> Option<Self> {
        if line.starts_with('#') {
            return None;
        }
        let mut columns = line.split('\t');
        let kind = columns.next()?;
        let _provider = columns.next()?;
        let class = Class::from_name(columns.next()?)?;
        let names = Column::table(columns.next()?);
        let permissions = Column::table(columns.next()?);
        let expiry = Column::table(columns.next()?);
        let ends = Ends::from_name(columns.next()?)?;
        let metadata = Column::table(columns.next()?);
        let _write_only = columns.next()?;
        let _last_used = columns.next()?;
        let stands = Stands::parse(columns.next()?)?;
        let mut words = || columns.next().filter(|text| *text != "-").map(Cow::Borrowed);
        let (instead, default) = (words(), words());
        Some(Self {
            kind: Cow::Borrowed(kind),
            class,
            names,
            permissions,
            expiry,
            ends,
            metadata,
            stands,
            instead,
            default,
        })
    }

    /// A type of which nothing but the class is known.
    pub(super) fn bare(kind: &str, class: Class) -> Self {
        Self {
            kind: Cow::Owned(kind.to_owned()),
            class,
            names: Column::default(),
            permissions: Column::default(),
            expiry: Column::default(),
            ends: Ends::Never,
            metadata: Column::default(),
            stands: match class {
                Class::Identity | Class::Credential => Stands::Alone,
                Class::ShortLived | Class::Grant | Class::Trust => Stands::Apart,
            },
            instead: None,
            default: None,
        }
    }

    /// Attributes that name it or the identity that it belongs to.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.names()
    }

    /// Attributes that hold permissions or trust.
    pub(crate) fn permissions(&self) -> impl Iterator<Item = &str> {
        self.permissions.names()
    }

    /// Attributes that hold when it ends.
    pub(crate) fn expiry(&self) -> impl Iterator<Item = &str> {
        self.expiry.names()
    }

    /// Attributes that can carry governance metadata.
    pub(crate) fn metadata(&self) -> impl Iterator<Item = &str> {
        self.metadata.names()
    }
}

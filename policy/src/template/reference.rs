//! How a template is named: `name@1.2.0` or `name@1`.

use std::fmt;

use miette::Diagnostic;
use semver::Version;
use thiserror::Error;

/// A template name and which of its versions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// The name.
    pub name: String,
    /// Which versions will do.
    pub version: Selector,
}

/// Which versions of a template will do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Selector {
    /// `@1.2.0`: this one.
    Exact(Version),
    /// `@1`: the newest active 1.x that is not a pre-release.
    Major(u64),
}

/// Why a text does not name a template.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
pub enum ReferenceError {
    /// Nothing before or at all.
    #[error("`{0}` does not name a template")]
    #[diagnostic(help(
        "write the name and the version: `s3-object-reader@1.2.0`, or `s3-object-reader@1` for the newest 1.x"
    ))]
    NoName(String),
    /// Characters that no template name has.
    #[error("`{0}` is not a template name")]
    #[diagnostic(help(
        "names have lowercase letters, digits and hyphens, and begin with a letter or digit"
    ))]
    Name(String),
    /// A name without a version.
    #[error("`{0}` does not say which version")]
    #[diagnostic(help(
        "write `{0}@` and a version, such as `{0}@1` for the newest 1.x or `{0}@1.2.0` for exactly that one"
    ))]
    NoVersion(String),
    /// Neither a major version nor a whole one.
    #[error("`{0}` is not a version")]
    #[diagnostic(help(
        "write three numbers (`1.2.0`) for exactly that version, or one (`1`) for the newest of that series"
    ))]
    Version(String),
}

impl Reference {
    /// Reads `name@1.2.0` or `name@1`.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        let (name, version) = match text.split_once('@') {
            Some((name, version)) => (name, Some(version)),
            None => (text, None),
        };
        if name.is_empty() {
            return Err(ReferenceError::NoName(text.to_owned()));
        }
        if !is_name(name) {
            return Err(ReferenceError::Name(name.to_owned()));
        }
        let Some(version) = version.filter(|version| !version.is_empty()) else {
            return Err(ReferenceError::NoVersion(name.to_owned()));
        };
        let selector = if version.bytes().all(|byte| byte.is_ascii_digit()) {
            version.parse().ok().map(Selector::Major)
        } else {
            Version::parse(version).ok().map(Selector::Exact)
        };
        match selector {
            Some(version) => Ok(Self { name: name.to_owned(), version }),
            None => Err(ReferenceError::Version(version.to_owned())),
        }
    }

    /// Whether that version of the template of that name is meant.
    pub fn covers(&self, name: &str, version: &Version) -> bool {
        self.name == name
            && match &self.version {
                Selector::Exact(exact) => exact == version,
                Selector::Major(major) => *major == version.major && version.pre.is_empty(),
            }
    }
}

/// Whether it may be the name of a template: what fits into every platform's labels, and has no `_` and no `@`.
pub fn is_name(text: &str) -> bool {
    (1..=50).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(version) => write!(f, "{version}"),
            Self::Major(major) => write!(f, "{major}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings() {
        let show = |text| match Reference::parse(text) {
            Ok(reference) => {
                format!("{reference} {}", matches!(reference.version, Selector::Exact(_)))
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(show("s3-reader@1.2.0"), "s3-reader@1.2.0 true");
        assert_eq!(show("s3-reader@1.2.0-rc.1"), "s3-reader@1.2.0-rc.1 true");
        assert_eq!(show("s3-reader@1"), "s3-reader@1 false");
        assert_eq!(show("s3-reader"), "`s3-reader` does not say which version");
        assert_eq!(show("s3-reader@"), "`s3-reader` does not say which version");
        assert_eq!(show("s3-reader@1.2"), "`1.2` is not a version");
        assert_eq!(show("s3-reader@v1"), "`v1` is not a version");
        assert_eq!(show("s3-reader@latest"), "`latest` is not a version");
        assert_eq!(show("S3_Reader@1"), "`S3_Reader` is not a template name");
        assert_eq!(show("@1"), "`@1` does not name a template");
        assert_eq!(show(""), "`` does not name a template");
    }
}

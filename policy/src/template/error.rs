//! Everything that can be wrong with a template file. All of it is collected: one run shows every mistake of every file.

use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

use crate::governance::LifetimeError;

/// A file with its name and text, cheap to share.
pub type File = Arc<NamedSource<String>>;

/// One mistake in a template file, with the place and the way out.
#[derive(Clone, Debug, Error, Diagnostic)]
#[error("{kind}")]
pub struct TemplateError {
    /// What is wrong.
    pub kind: Box<TemplateErrorKind>,
    /// The file.
    #[source_code]
    pub file: File,
    /// The bytes that are wrong.
    #[label("{}", self.kind.label())]
    pub span: SourceSpan,
    /// What to do about it.
    #[help]
    pub help: Option<String>,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TemplateErrorKind {
    /// Not HCL.
    #[error("not readable as HCL: {0}")]
    Syntax(String),
    /// A block that is not part of the language, at this place.
    #[error("unknown block `{name}` in {inside}")]
    UnknownBlock {
        /// The block's name.
        name: String,
        /// What it stands in.
        inside: &'static str,
    },
    /// An attribute that is not part of the language, at this place.
    #[error("unknown attribute `{name}` in {inside}")]
    UnknownAttribute {
        /// The attribute's name.
        name: String,
        /// What it stands in.
        inside: &'static str,
    },
    /// An attribute or block that must be there.
    #[error("{inside} has no `{name}`")]
    Missing {
        /// What is missing.
        name: &'static str,
        /// Where.
        inside: &'static str,
    },
    /// A block that may stand only once.
    #[error("`{name}` stands twice in {inside}")]
    Repeated {
        /// The block, with its label if it has one.
        name: String,
        /// What it stands in.
        inside: &'static str,
    },
    /// A block with too few or too many labels.
    #[error("`{block}` {expected}")]
    Labels {
        /// The block's name.
        block: String,
        /// How many labels it should have, as a phrase that follows.
        expected: &'static str,
    },
    /// A value of the wrong type.
    #[error("`{name}` must be {expected}, not {found}")]
    WrongType {
        /// The attribute.
        name: String,
        /// The right type.
        expected: &'static str,
        /// The type that is there.
        found: &'static str,
    },
    /// An expression that the language does not have.
    #[error("{0} has no place in a template")]
    Expression(&'static str),
    /// A function other than `jsonencode`.
    #[error("there is no function `{0}`")]
    UnknownFunction(String),
    /// `${…}` with something other than a parameter.
    #[error("`${{{0}}}` is not a parameter")]
    NotAParameter(String),
    /// `${param.x}` without a block that declares it.
    #[error("parameter `{0}` is not declared")]
    UndeclaredParameter(String),
    /// A parameter where the value must be the same for everybody.
    #[error("`{0}` takes no parameters")]
    NoParametersHere(String),
    /// A parameter that nothing uses.
    #[error("parameter `{0}` is never used")]
    UnusedParameter(String),
    /// Not a regular expression.
    #[error("`{pattern}` is not a regular expression: {reason}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What its compiler says.
        reason: String,
    },
    /// A default that identities could not state themselves.
    #[error("the default `{default}` of parameter `{name}` {reason}")]
    Default {
        /// The parameter.
        name: String,
        /// Its default.
        default: String,
        /// What is wrong with it, as a phrase that follows.
        reason: String,
    },
    /// Not a length of time.
    #[error(transparent)]
    Lifetime(LifetimeError),
    /// Not a version.
    #[error("`{text}` is not a version: {reason}")]
    Version {
        /// The text.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A word outside a fixed list, or otherwise not what belongs there.
    #[error("`{text}` is not {expected}")]
    Value {
        /// The text.
        text: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// The same name and version again.
    #[error("template `{reference}` is already defined in `{first}`")]
    DuplicateTemplate {
        /// Name and version.
        reference: String,
        /// The file that has it first.
        first: String,
    },
    /// The same owner again.
    #[error("owner `{name}` is already defined in `{first}`")]
    DuplicateOwner {
        /// The owner.
        name: String,
        /// The file that has it first.
        first: String,
    },
    /// A second baseline.
    #[error("the baseline is already defined in `{0}`")]
    DuplicateBaseline(String),
    /// A string that no request could ever match.
    #[error("`{text}` never matches anything: {reason}")]
    Unmatchable {
        /// The string as it is written.
        text: String,
        /// Why, as a lowercase phrase.
        reason: String,
    },
    /// An AWS policy document that AWS would not take, or would not take as meant.
    #[error("{0}")]
    Policy(String),
}

impl TemplateErrorKind {
    /// The few words beside the underlined part.
    fn label(&self) -> &'static str {
        match self {
            Self::Syntax(_) => "here",
            Self::UnknownBlock { .. }
            | Self::UnknownAttribute { .. }
            | Self::UnknownFunction(_) => "not part of the language",
            Self::Missing { .. } => "incomplete",
            Self::Repeated { .. }
            | Self::DuplicateTemplate { .. }
            | Self::DuplicateOwner { .. }
            | Self::DuplicateBaseline(_) => "again here",
            Self::Labels { .. } => "this block",
            Self::WrongType { .. } | Self::Expression(_) | Self::Policy(_) => "this",
            Self::NotAParameter(_) | Self::NoParametersHere(_) => "used here",
            Self::UndeclaredParameter(_) => "not declared",
            Self::UnusedParameter(_) => "never used",
            Self::Pattern { .. }
            | Self::Default { .. }
            | Self::Lifetime(_)
            | Self::Version { .. }
            | Self::Value { .. }
            | Self::Unmatchable { .. } => "this value",
        }
    }
}

//! Identity templates: the least-privilege ceilings that a platform team publishes.
//!
//! Reading order: [`model`] (what a template says), [`mod@reference`] (how it is named), [`expression`] and `parse` (the
//! language), [`error`] (everything that can be wrong with a file), [`library`] (many files, looked up), [`digest`]
//! (what makes two templates the same), [`bind`] and [`render`] (parameters and what comes of them), [`mod@fit`] (is this
//! identity inside?), [`case`] (the tests that templates carry) and [`mod@suggest`] (templates drafted from identities).
//!
//! INVARIANT: a parameter is a value, never a piece of source. It is put into strings of an already parsed
//! document, and a value that a platform would read as a wildcard or a variable is refused, so that no binding
//! is wider than the template reads.

pub mod bind;
pub mod case;
pub mod digest;
pub mod error;
pub mod expression;
pub mod fit;
pub mod library;
pub mod model;
mod nearest;
mod parse;
pub mod reference;
pub mod render;
pub mod suggest;

pub use bind::{Bound, ParameterError};
pub use error::{File, TemplateError, TemplateErrorKind};
pub use fit::{
    AwsSubject, AzureSubject, Binding, Fit, Gap, GcpSubject, Miss, Policy, Subject, decide, fit,
};
pub use library::{Library, OwnerEntry, UnusableTemplate};
pub use model::{DNS_NAMES, Platform, Spanned, Status, Template};
pub use nearest::nearest;
pub use reference::{Reference, ReferenceError, Selector};
pub use render::{RenderedAws, RenderedKubernetes};
pub use suggest::{suggest, suggest_tests};

#[cfg(test)]
mod tests;

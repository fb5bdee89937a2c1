//! What is wrong with a text that should be a policy: one shape for all platforms, so that programs print them alike.

use miette::{Diagnostic, SourceSpan};
use thiserror::Error;

use crate::json::JsonError;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
pub enum Problem {
    /// It is not JSON.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Json(#[from] JsonError),
    /// An element is missing, or is not what it has to be.
    #[error("{message}")]
    Element {
        /// A lowercase phrase.
        message: String,
        /// What to do.
        #[help]
        help: Option<String>,
        /// Where.
        #[label("here")]
        span: SourceSpan,
    },
}

impl Problem {
    /// An element that is missing or not what it has to be.
    pub(crate) fn element(message: impl Into<String>, span: SourceSpan) -> Self {
        Self::Element { message: message.into(), help: None, span }
    }

    /// The same with advice.
    pub(crate) fn with_help(self, advice: impl Into<String>) -> Self {
        match self {
            Self::Element { message, span, .. } => {
                Self::Element { message, help: Some(advice.into()), span }
            }
            Self::Json(_) => self,
        }
    }
}

/// All of them in one phrase.
pub(crate) fn summary(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

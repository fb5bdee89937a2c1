//! What is wrong with a configuration, plan or request, and where: the only way that anything reaches the user.

use proto::tfplugin6;

use crate::path::Path;

/// Whether Terraform stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Stops the operation.
    Error,
    /// Is shown and does not stop anything.
    Warning,
}

/// One thing to tell the user. Never holds a secret: neither text may quote a sensitive value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Whether it stops the operation.
    pub severity: Severity,
    /// The headline: what is wrong.
    pub summary: String,
    /// Why, and the way out.
    pub detail: String,
    /// Where; none for the whole block.
    pub attribute: Option<Path>,
}

impl Problem {
    /// A problem that stops the operation.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        let (summary, detail) = (summary.into(), detail.into());
        Self { severity: Severity::Error, summary, detail, attribute: None }
    }

    /// Something to know that stops nothing.
    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(summary, detail) }
    }

    /// A mistake of ours, told apart from the user's.
    pub fn bug(detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self::error(
            "Bug in the nhi provider",
            format!(
                "{detail}\n\nThis is always a mistake in the provider, never in the configuration. Please report it \
                 with this text."
            ),
        )
    }

    /// The same problem at a path.
    #[must_use]
    pub fn at(mut self, path: impl Into<Path>) -> Self {
        self.attribute = Some(path.into());
        self
    }

    /// Whether it stops the operation.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The form that Terraform reads.
    pub(crate) fn to_proto(&self) -> tfplugin6::Diagnostic {
        use tfplugin6::diagnostic::Severity as Wire;
        let severity = match self.severity {
            Severity::Error => Wire::Error,
            Severity::Warning => Wire::Warning,
        };
        tfplugin6::Diagnostic {
            severity: severity.into(),
            summary: self.summary.clone(),
            detail: self.detail.clone(),
            attribute: self.attribute.as_ref().map(Path::to_proto),
        }
    }
}

/// Whether any of them stops the operation.
pub fn has_errors(problems: &[Problem]) -> bool {
    problems.iter().any(Problem::is_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severity_and_path_reach_the_wire() {
        let problem = Problem::warning("s", "d").at("expiry").to_proto();
        assert_eq!(problem.severity(), tfplugin6::diagnostic::Severity::Warning);
        assert_eq!(problem.attribute.map(|path| path.steps.len()), Some(1));
        assert!(Problem::bug("x").is_error());
        assert!(!has_errors(&[Problem::warning("s", "d")]));
    }
}

//! What a rule says about the user's code: a [`Hit`] from the rule, a [`Finding`] once the engine has added the rest.
//!
//! Findings are values; that something could not be read is an error and lives elsewhere.

use std::fmt;
use std::sync::Arc;

use miette::{
    Diagnostic, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents,
};
use policy::template::File;
use policy::verdict::Counterexample;

use crate::source::Position;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// Worth knowing.
    Info,
    /// Ought to be mended.
    Warning,
    /// Must not be applied.
    Error,
}

impl Severity {
    /// `error`, `warning`, `info`, as JSON and the command line spell it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The severity of that name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Info, Self::Warning, Self::Error]
            .into_iter()
            .find(|severity| severity.name() == name)
    }
}

/// What a rule found at one resource.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hit {
    /// The resource's place in the model.
    pub(crate) resource: usize,
    /// The attribute whose value is the culprit: `inline_policy[0].policy`; empty for the whole block.
    pub(crate) path: String,
    /// A lowercase phrase.
    pub(crate) message: String,
    /// The way out.
    pub(crate) help: String,
    /// What the underline in the source says; empty: the message's subject needs no words.
    pub(crate) label: String,
    /// Strings that may be written in the attribute; the underline goes to the first that is there exactly once.
    pub(crate) elements: Vec<String>,
    /// The template that decided, as a reference.
    pub(crate) template: Option<String>,
    /// A request that shows it.
    pub(crate) counterexample: Option<Counterexample>,
    /// The line of a template that decided.
    pub(crate) decided: Option<Decided>,
}

/// A place in a template file, and what it says there.
#[derive(Clone, Debug)]
pub(crate) struct Decided {
    /// The file.
    pub(crate) file: File,
    /// The place in it.
    pub(crate) span: SourceSpan,
    /// A lowercase phrase.
    pub(crate) label: String,
}

/// A rule's verdict on one resource, complete for every report.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// `TPL001`
    pub(crate) code: &'static str,
    /// `outside-template`
    pub(crate) rule: &'static str,
    /// After configuration.
    pub(crate) severity: Severity,
    /// A lowercase phrase.
    pub(crate) message: String,
    /// The way out.
    pub(crate) help: String,
    /// `module.robot[0].aws_iam_user.this`
    pub(crate) address: String,
    /// `inline_policy[0].policy`; empty for the whole block.
    pub(crate) path: String,
    /// Where it is written, if the sources are at hand.
    pub(crate) place: Option<Place>,
    /// The template that decided, as a reference.
    pub(crate) template: Option<String>,
    /// A request that shows it.
    pub(crate) counterexample: Option<Counterexample>,
    /// Framework controls that the rule evidences.
    pub(crate) references: &'static [&'static str],
    /// Why it does not count, if an exception or the baseline covers it.
    pub(crate) suppressed: Option<String>,
    /// The line of a template that decided.
    pub(crate) decided: Option<Decided>,
    /// What the underline says.
    pub(crate) label: String,
}

/// A place in the user's sources.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The file as the root module sees it: `modules/robot/main.tf`.
    pub(crate) file: String,
    /// The file as a person would type it, and its text.
    pub(crate) source: Text,
    /// First byte.
    pub(crate) start: usize,
    /// First byte after it.
    pub(crate) end: usize,
    /// Line and column of the first byte.
    pub(crate) from: Position,
    /// Line and column after the last byte.
    pub(crate) to: Position,
}

/// A file's name and text, for miette.
#[derive(Clone)]
pub(crate) struct Text {
    /// The name that a person would type.
    pub(crate) name: Arc<str>,
    /// All of it.
    pub(crate) text: Arc<str>,
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl SourceCode for Text {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let inner = self.text.read_span(span, before, after)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.to_string(),
            inner.data(),
            *inner.span(),
            inner.line(),
            inner.column(),
            inner.line_count(),
        )))
    }
}

/// A span up to the end of its first line: an underline over a whole document hides it.
fn one_line(text: &str, start: usize, end: usize) -> SourceSpan {
    let inside = text.get(start..end).unwrap_or("");
    let length = inside.find('\n').unwrap_or(inside.len());
    (start, length).into()
}

/// Without sources the address is the only place that there is.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if self.place.is_none() { write!(f, "\nat {}", self.subject()) } else { Ok(()) }
    }
}

impl std::error::Error for Finding {}

impl Diagnostic for Finding {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(format!("{}[{}]", self.code, self.rule)))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Info => miette::Severity::Advice,
            Severity::Warning => miette::Severity::Warning,
            Severity::Error => miette::Severity::Error,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        (!self.help.is_empty()).then(|| Box::new(&self.help) as Box<dyn fmt::Display + 'a>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.place.as_ref().map(|place| &place.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let place = self.place.as_ref()?;
        let label = if self.label.is_empty() { self.subject() } else { self.label.clone() };
        let span = one_line(&place.source.text, place.start, place.end);
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(Some(label), span))))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        let decided = self.decided.as_ref()?;
        Some(Box::new(std::iter::once(decided as &dyn Diagnostic)))
    }
}

impl Finding {
    /// The address, with the attribute where there is one, as Terraform writes both: `aws_iam_role_policy.r.policy`.
    pub(crate) fn subject(&self) -> String {
        if self.path.is_empty() {
            self.address.clone()
        } else {
            format!("{}.{}", self.address, self.path)
        }
    }

    /// Whether it counts.
    pub(crate) fn counts(&self) -> bool {
        self.suppressed.is_none()
    }
}

impl fmt::Display for Decided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)
    }
}

impl std::error::Error for Decided {}

impl Diagnostic for Decided {
    fn severity(&self) -> Option<miette::Severity> {
        Some(miette::Severity::Advice)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.file)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span =
            one_line(self.file.inner(), self.span.offset(), self.span.offset() + self.span.len());
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(None, span))))
    }
}

//! What functions share that take a template or a policy as a text: reading it, and saying where it is wrong.

use miette::Diagnostic;
use policy::template::{Library, ParameterError, Platform, Template};

use crate::function::FunctionProblem;
use crate::wording::sentence;

/// The one template of a text.
pub(super) fn template(argument: usize, source: &str) -> Result<Template, FunctionProblem> {
    let (library, errors) = Library::parse(&[("template", source)]);
    if !errors.is_empty() {
        return Err(wrong(argument, source, &errors));
    }
    let mut templates = library.templates();
    match (templates.next(), templates.next()) {
        (Some(template), None) => Ok(template.clone()),
        (None, _) => Err(FunctionProblem::at(argument, "The text holds no `template` block.")),
        (Some(_), Some(_)) => {
            let text = "The text holds several `template` blocks, and the function is about one.";
            Err(FunctionProblem::at(argument, text))
        }
    }
}

/// A platform by its name.
pub(super) fn platform(argument: usize, name: &str) -> Result<Platform, FunctionProblem> {
    Platform::ALL.into_iter().find(|platform| platform.name() == name).ok_or_else(|| {
        let names = Platform::ALL.map(|platform| format!("`{}`", platform.name()));
        let text = format!("`{name}` is not a platform. There are {}.", names.join(", "));
        FunctionProblem::at(argument, text)
    })
}

/// What is wrong with a text, each with its place.
pub(super) fn wrong<D: Diagnostic>(argument: usize, text: &str, problems: &[D]) -> FunctionProblem {
    let lines = problems.iter().map(|problem| {
        let offset = problem.labels().and_then(|mut labels| labels.next().map(|it| it.offset()));
        let place = offset.map(|offset| place(text, offset)).unwrap_or_default();
        format!("{place}{}", said(problem))
    });
    FunctionProblem::at(argument, lines.collect::<Vec<_>>().join("\n"))
}

/// What is wrong with the parameters of a template.
pub(super) fn unbound(argument: usize, errors: &[ParameterError]) -> FunctionProblem {
    FunctionProblem::at(argument, errors.iter().map(|it| said(it)).collect::<Vec<_>>().join("\n"))
}

/// An error and its advice, as sentences.
pub(super) fn said(error: &dyn Diagnostic) -> String {
    let help = error.help().map(|help| format!(" {}", sentence(&help.to_string())));
    format!("{}{}", sentence(&error.to_string()), help.unwrap_or_default())
}

/// A byte offset as people count.
fn place(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("Line {line}, column {column}: ")
}

//! What is wrong with the configuration of an identity on its own, before anything is looked up. An unknown breaks nothing.

use policy::governance::{Expiry, Lifetime, LifetimeError, Violation, owner, purpose};
use policy::template::Reference;

use super::{Common, Rotation};
use crate::attribute::Attribute;
use crate::path::Path;
use crate::problem::Problem;
use crate::wording;

/// Everything that is wrong.
pub(crate) fn problems(config: &Common) -> Vec<Problem> {
    let name = config.name.as_str();
    let mut problems = Vec::new();
    if let Some(owner) = config.owner.as_str()
        && let Some(problem) = owner::check(owner, name)
    {
        problems.push(violation(&if problem == owner::OwnerProblem::Missing {
            Violation::MissingOwner
        } else {
            Violation::UnfitOwner { owner: owner.to_owned(), problem }
        }));
    }
    if let Some(purpose) = config.purpose.as_str()
        && let Some(problem) = purpose::check(purpose, name)
    {
        problems.push(violation(&if problem == purpose::PurposeProblem::Missing {
            Violation::MissingPurpose
        } else {
            Violation::UnfitPurpose { purpose: purpose.to_owned(), problem }
        }));
    }
    if let Some(expiry) = config.expiry.as_str() {
        if expiry.is_empty() {
            problems.push(violation(&Violation::MissingExpiry));
        } else if let Err(error) = Expiry::parse(expiry) {
            problems.push(violation(&Violation::MalformedExpiry(error)));
        }
    }
    if let Some(template) = config.template.as_str() {
        if template.is_empty() {
            problems.push(violation(&Violation::MissingTemplate));
        } else if let Err(error) = Reference::parse(template) {
            problems.push(wording::diagnosed("Unsuitable template", &error).at(Common::template));
        }
    }
    for (attribute, text) in [
        (Common::service, &config.service),
        (Common::environment, &config.environment),
        (Common::parent, &config.parent),
        (Common::break_glass_reason, &config.break_glass_reason),
    ] {
        if text.as_str().is_some_and(|text| text.trim().is_empty()) {
            let detail = format!("An empty `{attribute}` says nothing: state it, or leave it out.");
            problems.push(Problem::error("Empty text", detail).at(attribute));
        }
    }
    problems.extend(rotation(config.rotation.known()));
    problems
}

/// A name that every platform takes.
pub(crate) fn name(text: &str) -> Result<(), String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let edges = text.starts_with(|c: char| c.is_ascii_lowercase()) && !text.ends_with('-');
    if (2..=60).contains(&text.len()) && edges && text.chars().all(fits) {
        return Ok(());
    }
    Err(format!(
        "`{text}` cannot be the name of an identity on every platform. Use 2 to 60 lowercase letters, digits and hyphens, \
         with a letter first and no hyphen last."
    ))
}

/// A duration.
pub(crate) fn duration(text: &str) -> Result<(), String> {
    Lifetime::parse(text).map(drop).map_err(|error| {
        let help =
            miette::Diagnostic::help(&error).map_or_else(String::new, |help| help.to_string());
        format!("{} {}", wording::sentence(&error.to_string()), wording::sentence(&help))
    })
}

/// How long two credentials work side by side; no time at all is a choice as well.
pub(crate) fn overlap(text: &str) -> Result<(), String> {
    match Lifetime::parse(text) {
        Err(LifetimeError::Zero(_)) => Ok(()),
        _ => duration(text),
    }
}

/// Both margins lie within the interval.
fn rotation(rotation: Option<&Rotation>) -> Vec<Problem> {
    let length =
        |text: &Attribute<String>| text.as_str().and_then(|text| Lifetime::parse(text).ok());
    let Some(rotation) = rotation else { return Vec::new() };
    let Some(every) = length(&rotation.every) else { return Vec::new() };
    [(Rotation::before, &rotation.before), (Rotation::overlap, &rotation.overlap)]
        .into_iter()
        .filter_map(|(name, text)| {
            let margin = length(text).filter(|margin| *margin >= every)?;
            let detail = format!("`{margin}` is not shorter than the interval of `{every}`.");
            let at = Path::from(Common::rotation).attribute(name);
            Some(Problem::error("Unsuitable rotation", detail).at(at))
        })
        .collect()
}

/// A rule that the facts break, as a problem of the attribute that states the fact.
pub(crate) fn violation(violation: &Violation) -> Problem {
    let summary = match violation {
        Violation::MissingOwner => "Missing owner",
        Violation::UnfitOwner { .. } => "Unfit owner",
        Violation::MissingPurpose => "Missing purpose",
        Violation::UnfitPurpose { .. } => "Unfit purpose",
        Violation::MissingExpiry => "Missing expiry",
        Violation::MalformedExpiry(_) => "Unsuitable expiry",
        Violation::Expired { .. } => "Expiry in the past",
        Violation::ExpiryTooFar { .. } => "Expiry beyond the cap",
        Violation::ExtendedWithoutReview { .. } => "Extended without a review",
        Violation::MissingTemplate => "Missing template",
        Violation::WrongKind { .. } => "Template for other kinds",
        Violation::WrongEnvironment { .. } => "Template for other environments",
        Violation::MissingMetadata { .. } => "Missing metadata",
    };
    let mut help = violation.help();
    if matches!(violation, Violation::MissingOwner | Violation::UnfitOwner { .. }) {
        help.push_str(", registered once as an `nhi_owner`");
    }
    if matches!(violation, Violation::ExtendedWithoutReview { .. }) {
        help.push_str(": record one as an `nhi_certification`, apply, and then move the end date");
    }
    wording::problem(summary, &violation.to_string(), &help).at(violation.fact().name())
}

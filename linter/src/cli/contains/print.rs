//! The answer of a comparison, for people and for programs.

use std::collections::BTreeMap;

use policy::verdict::{Counterexample, Verdict, Why};
use serde::Serialize;

use super::{Answer, Place};
use crate::cli::args::WorldArg;
use crate::cli::{CommandError, World};

/// The answer as JSON; its shape is a contract.
#[derive(Serialize)]
struct Line<'a> {
    version: u8,
    world: &'static str,
    result: &'static str,
    catalogue: &'static str,
    counterexample: Option<&'a Counterexample>,
    reason: Option<&'a str>,
    /// The verdict that counts, where the other one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    open: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inner: Option<&'a Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outer: Option<&'a Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<Named>,
}

/// The template that was the outer side.
#[derive(Serialize)]
pub(super) struct Named {
    pub(super) reference: String,
    pub(super) parameters: BTreeMap<String, String>,
}

fn world_name(world: WorldArg) -> &'static str {
    match world {
        WorldArg::Open => "open",
        WorldArg::Catalogue => "catalogue",
    }
}

/// One line of JSON.
pub(super) fn json(
    chosen: WorldArg,
    verdict: &Verdict,
    answer: &Answer,
    template: Option<Named>,
    world: &mut World<'_>,
) -> Result<(), CommandError> {
    let (counterexample, reason) = match verdict {
        Verdict::Inside => (None, None),
        Verdict::Outside(example) => (Some(example), None),
        Verdict::Undecided(Why { reason, .. }) => (None, Some(reason)),
    };
    let outside = counterexample.is_some();
    let line = Line {
        version: 1,
        world: world_name(chosen),
        result: verdict.name(),
        catalogue: answer.catalogue.name(),
        counterexample,
        reason: reason.map(String::as_str),
        open: (chosen == WorldArg::Catalogue).then(|| answer.open.name()),
        inner: answer.inner.as_ref().filter(|_| !verdict.is_inside()),
        outer: answer.outer.as_ref().filter(|_| outside),
        change: answer.change.as_ref().filter(|_| outside).map(ToString::to_string),
        template,
    };
    // Serialising plain data into a string cannot fail.
    writeln!(world.output, "{}", serde_json::to_string(&line).unwrap_or_default())?;
    Ok(())
}

/// What a person can act on.
pub(super) fn text(
    chosen: WorldArg,
    verdict: &Verdict,
    answer: &Answer,
    template: Option<&Named>,
    world: &mut World<'_>,
) -> Result<(), CommandError> {
    let out = &mut world.output;
    match verdict {
        Verdict::Inside => {
            writeln!(out, "inside: the outer side allows everything that the inner side allows")?;
        }
        Verdict::Outside(example) => {
            writeln!(out, "outside: the inner side allows {example}, and the outer side does not")?;
            if let Some(inner) = &answer.inner {
                writeln!(out, "  allowed by: {inner}")?;
            }
            if let Some(outer) = &answer.outer {
                writeln!(out, "  nearest on the outer side: {outer}")?;
            }
            if let Some(escalation) = &example.escalation {
                writeln!(out, "  opens a way to more privileges: {escalation}")?;
            }
            if let Some(change) = &answer.change {
                writeln!(out, "  to fit: {change}")?;
            }
        }
        Verdict::Undecided(why) => {
            writeln!(out, "undecided: {}", why.reason)?;
            if let Some(inner) = &answer.inner {
                writeln!(out, "  it is about: {inner}")?;
            }
        }
    }
    if let Some(template) = template.filter(|template| !template.parameters.is_empty()) {
        let values: Vec<String> = template
            .parameters
            .iter()
            .map(|(name, value)| format!("{name} = \"{value}\""))
            .collect();
        writeln!(out, "  template `{}` with {}", template.reference, values.join(", "))?;
    }
    let (other, scope) = match chosen {
        WorldArg::Open => (&answer.catalogue, "over the actions that exist today"),
        WorldArg::Catalogue => (&answer.open, "over every action that could ever be added"),
    };
    if other.name() != verdict.name() {
        match other {
            Verdict::Inside => writeln!(out, "  {scope}: inside")?,
            Verdict::Outside(example) => {
                writeln!(out, "  {scope}: outside, by {example}")?;
            }
            Verdict::Undecided(_) => writeln!(out, "  {scope}: undecided")?,
        }
    }
    Ok(())
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}, {}", self.file, self.line, self.element)?;
        match &self.name {
            Some(name) => write!(f, " `{name}`"),
            None => Ok(()),
        }
    }
}

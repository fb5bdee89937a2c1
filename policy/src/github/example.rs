//! From a piece that nobody covers to a request that shows it.

use super::compare::{Asked, Piece};
use super::evaluate::{Request, allows, filled};
use super::scopes::{self, About, Level};
use super::{Grant, repository, tag};
use crate::verdict::Counterexample;

/// The request, if the other evaluator agrees.
pub(super) fn example(
    outer: &[Grant],
    inner: &[Grant],
    piece: &Piece<'_>,
) -> Option<Counterexample> {
    let scope = piece.scope.as_str()?;
    let level = match &piece.asked {
        Asked::Level(level) => Some(*level),
        Asked::Classic => None,
        Asked::Unknown(_) => return None,
    };
    let given = piece.repository.map(filled);
    for place in places(given.as_deref(), outer) {
        for level in levels(scope, level) {
            let request = Request { scope, level, repository: place.as_deref() };
            if !allows(inner, &request) || allows(outer, &request) {
                continue;
            }
            let action =
                level.map_or_else(|| scope.to_owned(), |it| format!("{scope}:{}", it.name()));
            let resource = match piece.about {
                About::Repository => place.clone(),
                About::Organization => {
                    place.as_deref().map(|it| repository::owner_of(it).to_owned())
                }
                About::Account => None,
            };
            let escalation = tag::escalation(&action).map(ToOwned::to_owned);
            return Some(Counterexample {
                action,
                resource,
                escalation,
                ..Counterexample::default()
            });
        }
    }
    None
}

/// The level asked for and those that it includes, the lowest first: it shows most clearly what is missing.
fn levels(scope: &str, asked: Option<Level>) -> Vec<Option<Level>> {
    let Some(asked) = asked else { return vec![None] };
    let all = [Level::Read, Level::Write, Level::Admin];
    let known = scopes::scope(scope);
    let real = |level: &Level| known.is_none_or(|scope| scope.levels.contains(level));
    all.into_iter().filter(|level| *level <= asked && real(level)).map(Some).collect()
}

/// Repositories that a text stands for: one that nobody names, if it stands for many.
fn places(given: Option<&str>, outer: &[Grant]) -> Vec<Option<String>> {
    let Some(given) = given else { return vec![None] };
    let named = |name: &str| {
        outer.iter().flat_map(|grant| &grant.repositories).any(|own| {
            own.as_str().is_some_and(|own| own.to_lowercase().split('/').any(|it| it == name))
        })
    };
    let fresh = |stem: &str| {
        let plain = std::iter::once(stem.to_owned());
        plain.chain((2..1_000).map(|at| format!("{stem}-{at}"))).find(|name| !named(name))
    };
    let place = match given.split_once('/') {
        _ if given == "*" => fresh("acme").map(|owner| format!("{owner}/example")),
        Some((owner, "*")) => fresh("example").map(|name| format!("{owner}/{name}")),
        Some(_) | None => Some(given.to_owned()),
    };
    vec![place]
}

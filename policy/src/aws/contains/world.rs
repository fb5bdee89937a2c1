//! Which actions are looked at: all that there could ever be, or those that exist.

use super::super::pattern::Service;
use super::super::relation::Piece;
use super::scope::Sides;
use crate::catalogue::actions;
use crate::glob::{self, Symbol};

/// A set of actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum World {
    /// Every name that the language allows.
    Open,
    /// The names of today, and those that a policy writes out.
    Catalogue,
}

/// The name of an action behind the colon, in lower case, and the action as AWS spells it.
pub(super) type Name = (Vec<Symbol>, String);

/// The names of today that lie in a piece: of a service that the catalogue lacks, those that a policy writes out. None
/// where that is no smaller world: the piece is one name.
pub(super) fn names(
    sides: Sides<'_>,
    service: Option<&str>,
    piece: &Piece<'_>,
) -> Option<Vec<Name>> {
    if glob::is_literal(&piece.wide) {
        return None;
    }
    let inside = |name: &[Symbol]| {
        glob::covers(&piece.wide, name) && !piece.except.iter().any(|it| glob::covers(it, name))
    };
    let name = |action: actions::Action| {
        let spelled = format!("{}:{}", action.service().prefix(), action.name());
        (symbols(action.lower()), spelled)
    };
    let Some(service) = service else {
        // Only patterns of every action speak of services that no policy names: one name stands for all.
        let mentioned = |prefix: &str| {
            let mut all = sides.all().flat_map(|one| one.statement.actions.services());
            all.any(|known| known == prefix)
        };
        let other = actions::prefixes().find(|prefix| !mentioned(prefix));
        let other = other.and_then(actions::service);
        return Some(
            other.and_then(|other| other.actions().next()).map(name).into_iter().collect(),
        );
    };
    let known = actions::service(service);
    let mut out: Vec<Name> =
        known.into_iter().flat_map(|known| known.actions()).map(name).collect();
    // A name that a policy writes out may be newer than the catalogue.
    for pattern in sides.all().flat_map(|one| &one.statement.actions.patterns) {
        let written = pattern.text.as_str().filter(|_| {
            matches!(&pattern.service, Service::Named(own) if own.as_ref() == service)
                && glob::is_literal(&pattern.name)
        });
        if let Some(written) = written
            && known.and_then(|known| known.find(written.split_once(':')?.1)).is_none()
        {
            out.push((pattern.name.clone(), written.to_owned()));
        }
    }
    out.retain(|(name, _)| inside(name));
    Some(out)
}

fn symbols(name: &str) -> Vec<Symbol> {
    name.chars().map(Symbol::Char).collect()
}

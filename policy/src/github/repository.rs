//! Repositories: names, all of an owner, all there are.

use crate::glob::{self, Symbol};
use crate::text::{Part, Shape, Text};

/// Whether one thing takes in another, for every value of the unknown parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cover {
    No,
    /// It depends; why, and the origins of what is unknown.
    Maybe(String, Vec<String>),
    Yes,
}

/// How a repository is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Given<'a> {
    All,
    Owner(&'a str),
    Full(&'a str, &'a str),
    /// Without its owner: that of the installation.
    Bare(&'a str),
}

fn given(text: &str) -> Given<'_> {
    match text.split_once('/') {
        _ if text == "*" => Given::All,
        Some((owner, "*")) => Given::Owner(owner),
        Some((owner, name)) => Given::Full(owner, name),
        None => Given::Bare(text),
    }
}

/// Why no repository can have the name, if that is so.
pub(super) fn check(text: &Text) -> Result<(), String> {
    let Some(known) = text.as_str() else { return Ok(()) };
    let plain = |name: &str| {
        !name.is_empty()
            && name.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.'))
    };
    let fine = match given(known) {
        Given::All => true,
        Given::Owner(owner) => plain(owner),
        Given::Full(owner, name) => plain(owner) && plain(name),
        Given::Bare(name) => plain(name),
    };
    if fine {
        return Ok(());
    }
    Err(format!("`{known}` names no repository: there are `owner/name`, `owner/*` and `*`"))
}

pub(super) fn covers(outer: &Text, inner: &Text) -> Cover {
    let (outer, inner) = (lower(outer), lower(inner));
    if outer == inner || outer.as_str() == Some("*") {
        return Cover::Yes;
    }
    let (Some(own), Some(theirs)) = (outer.as_str(), inner.as_str()) else {
        return unknown(&outer, &inner);
    };
    let nameless = |name: &str| {
        Cover::Maybe(format!("`{name}` does not say whose repository it is"), Vec::new())
    };
    match (given(own), given(theirs)) {
        (Given::Owner(own), Given::Owner(theirs) | Given::Full(theirs, _)) if own == theirs => {
            Cover::Yes
        }
        (Given::Bare(own), Given::Full(_, theirs)) | (Given::Full(_, own), Given::Bare(theirs))
            if own == theirs =>
        {
            nameless(own)
        }
        (Given::Owner(_), Given::Bare(name)) => nameless(name),
        _ => Cover::No,
    }
}

/// Whether the organisation of one repository is that of another.
pub(super) fn covers_owner(outer: &Text, inner: &Text) -> Cover {
    let (outer, inner) = (lower(outer), lower(inner));
    if outer == inner || outer.as_str() == Some("*") {
        return Cover::Yes;
    }
    let (Some(own), Some(theirs)) = (outer.as_str(), inner.as_str()) else {
        // The owner may be known where the name is not.
        return match (owner(&outer), owner(&inner)) {
            (Some(own), Some(theirs)) if own == theirs => Cover::Yes,
            (Some(_), Some(_)) => Cover::No,
            _ => unknown(&outer, &inner),
        };
    };
    match (given(own), given(theirs)) {
        (Given::All, _) | (Given::Bare(_), Given::Bare(_)) => Cover::Yes,
        (_, Given::All) => Cover::No,
        (
            Given::Owner(own) | Given::Full(own, _),
            Given::Owner(theirs) | Given::Full(theirs, _),
        ) => {
            if own == theirs {
                Cover::Yes
            } else {
                Cover::No
            }
        }
        (Given::Bare(name), _) | (_, Given::Bare(name)) => {
            Cover::Maybe(format!("`{name}` does not say whose repository it is"), Vec::new())
        }
    }
}

fn owner(text: &Text) -> Option<String> {
    match text.parts().first()? {
        Part::Literal(known) => known.split_once('/').map(|(owner, _)| owner.to_owned()),
        Part::Hole(_) => None,
    }
}

/// The owner of a repository as requests name it.
pub(super) fn owner_of(text: &str) -> &str {
    text.split_once('/').map_or("the-organization", |(owner, _)| owner)
}

pub(super) fn lower(text: &Text) -> Text {
    text.map_literals(str::to_lowercase)
}

fn unknown(outer: &Text, inner: &Text) -> Cover {
    let (own, theirs) = (strings(outer), strings(inner));
    let whole = |it: &Text| it.as_str().is_some_and(|known| known.ends_with("/*"));
    let wide = if whole(outer) { widened(&own) } else { own.clone() };
    if whole(outer)
        && glob::covers(&wide, &theirs)
        && inner.holes().all(|it| it.shape == Shape::Word)
    {
        return Cover::Yes;
    }
    let stars = [vec![Symbol::Char('*')], vec![Symbol::Many, Symbol::Char('/'), Symbol::Char('*')]];
    let may_be_star = stars.iter().any(|star| glob::meets(&own, star) && outer.has_holes());
    if may_be_star || glob::meets(&wide, &theirs) {
        let holes = inner.holes().chain(outer.holes());
        let mut origins: Vec<String> = Vec::new();
        for hole in holes {
            if !origins.iter().any(|it| **it == *hole.origin) {
                origins.push(hole.origin.to_string());
            }
        }
        let first = origins.first().cloned().unwrap_or_default();
        return Cover::Maybe(format!("`{first}` is not known before apply"), origins);
    }
    Cover::No
}

fn widened(symbols: &[Symbol]) -> Vec<Symbol> {
    let mut out = symbols.to_vec();
    out.pop();
    out.push(Symbol::Many);
    out
}

/// Every string that a text can become.
pub(super) fn strings(text: &Text) -> Vec<Symbol> {
    glob::strings(text, |pattern| glob::compile(&pattern.to_lowercase()))
}

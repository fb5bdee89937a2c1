//! What the inner side asks for, piece by piece, and which outer grant covers it.

use std::collections::BTreeMap;

use super::example::example;
use super::repository::{self, Cover};
use super::scopes::{self, About, LATER, Level};
use super::{Grant, Permissions};
use crate::text::Text;
use crate::verdict::{Comparison, Counterexample, Verdict, Why};

/// Comparisons of one piece with one outer grant that an answer may take.
const BUDGET: usize = 200_000;

/// One scope of one grant, in one repository.
#[derive(Clone, Debug)]
pub(super) struct Piece<'a> {
    /// In normal form.
    pub(super) scope: Text,
    pub(super) asked: Asked<'a>,
    /// None where no repository is named; then only a scope that is about none counts.
    pub(super) repository: Option<&'a Text>,
    pub(super) about: About,
}

/// How much of a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked<'a> {
    Level(Level),
    /// A level that is not known.
    Unknown(&'a Text),
    /// A scope of a classic token: it is there or not.
    Classic,
}

/// The first of each kind of answer, with the inner and the outer grant that it comes from.
#[derive(Default)]
struct Found {
    open: Option<(Counterexample, usize, Option<usize>)>,
    catalogue: Option<Counterexample>,
    doubt: Option<(Why, usize, Option<usize>)>,
}

/// Whether everything that the `inner` grants allow together is allowed by the `outer` ones too.
///
/// The indices of the answer count the grants of a side.
pub fn contains(outer: &[Grant], inner: &[Grant]) -> Comparison {
    let mut found = Found::default();
    let mut work = 0_usize;
    for (index, grant) in inner.iter().enumerate() {
        for piece in pieces(grant) {
            work = work.saturating_add(outer.len() + 1);
            if work > BUDGET {
                let grants = inner.len();
                let why =
                    format!("the comparison of {grants} grants takes more than {BUDGET} steps");
                return Comparison::same(Verdict::Undecided(Why::construct(why)), None, None);
            }
            judge(outer, inner, index, grant, &piece, &mut found);
        }
    }
    let doubt = found.doubt.as_ref().map(|(why, _, _)| why.clone());
    let verdict = |example: Option<Counterexample>| match (example, &doubt) {
        (Some(example), _) => Verdict::Outside(example),
        (None, Some(why)) => Verdict::Undecided(why.clone()),
        (None, None) => Verdict::Inside,
    };
    let (inner, outer) = match (&found.open, &found.doubt) {
        (Some((_, inner, outer)), _) | (None, Some((_, inner, outer))) => (Some(*inner), *outer),
        (None, None) => (None, None),
    };
    let catalogue = verdict(found.catalogue);
    Comparison { open: verdict(found.open.map(|(example, _, _)| example)), catalogue, inner, outer }
}

/// Whether some outer grant covers the piece; if not, what follows.
fn judge(
    outer: &[Grant],
    inner: &[Grant],
    index: usize,
    grant: &Grant,
    piece: &Piece<'_>,
    found: &mut Found,
) {
    let mut doubt: Option<(Why, usize)> = None;
    let mut nearest: Option<(usize, usize)> = None;
    for (at, other) in outer.iter().enumerate() {
        let level = covers_level(other, grant, piece);
        let place = covers_place(other, piece);
        // The scope counts for more than the place.
        let score = 2 * usize::from(level == Cover::Yes) + usize::from(place == Cover::Yes);
        match (level, place) {
            (Cover::Yes, Cover::Yes) => return,
            (Cover::No, _) | (_, Cover::No) => {}
            (Cover::Maybe(reason, unknown), _) | (_, Cover::Maybe(reason, unknown)) => {
                doubt.get_or_insert((Why { reason, unknown }, at));
            }
        }
        if nearest.is_none_or(|(_, best)| score > best) {
            nearest = Some((at, score));
        }
    }
    let nearest = nearest.map(|(at, _)| at);
    if let Some((why, at)) = doubt {
        found.doubt.get_or_insert((why, index, Some(at)));
        return;
    }
    if let Some(why) = unclear(grant, piece) {
        found.doubt.get_or_insert((why, index, nearest));
        return;
    }
    let Some(example) = example(outer, inner, piece) else {
        let why = format!("no request shows that scope `{}` is outside", piece.scope);
        found.doubt.get_or_insert((Why::construct(why), index, nearest));
        return;
    };
    if piece.scope.as_str() != Some(LATER) {
        found.catalogue.get_or_insert_with(|| example.clone());
        // A scope of today says more than one of tomorrow.
        if found.open.as_ref().is_none_or(|(it, _, _)| it.action.starts_with(LATER)) {
            found.open = Some((example, index, nearest));
        }
        return;
    }
    found.open.get_or_insert((example, index, nearest));
}

/// Why it is not certain that the inner side has the piece at all.
fn unclear(grant: &Grant, piece: &Piece<'_>) -> Option<Why> {
    if grant.permissions == Permissions::Unspecified {
        return Some(Why::construct(
            "`permissions` is not given: what holds is the default of the repository or organisation",
        ));
    }
    let level = if let Asked::Unknown(level) = piece.asked { Some(level) } else { None };
    let texts = [Some(&piece.scope), level];
    let hole = texts.into_iter().flatten().flat_map(Text::holes).next()?;
    let origin = hole.origin.to_string();
    Some(Why { reason: format!("`{origin}` is not known before apply"), unknown: vec![origin] })
}

/// What a grant is made of. `read-all` and `write-all` also mean scopes that there are not yet.
fn pieces(grant: &Grant) -> Vec<Piece<'_>> {
    let mut wanted: Vec<(Text, Asked<'_>, About)> = Vec::new();
    let all = |level: Level| {
        let given = scopes::scopes().map(move |it| (it.name, it.given_by_all(level), it.about));
        given
            .filter(|(_, level, _)| *level > Level::None)
            .chain([(LATER, level, About::Repository)])
            .map(|(name, level, about)| (Text::literal(name), Asked::Level(level), about))
    };
    match &grant.permissions {
        Permissions::ReadAll => wanted.extend(all(Level::Read)),
        Permissions::WriteAll | Permissions::Unspecified => wanted.extend(all(Level::Write)),
        Permissions::Levels(levels) => {
            for (scope, level) in levels {
                let about = about(scope);
                let scope = normal(scope);
                match level.as_str() {
                    None => wanted.push((scope, Asked::Unknown(level), about)),
                    Some(name) => {
                        let given = given(&scope, Level::from_name(name).unwrap_or_default());
                        if given > Level::None {
                            wanted.push((scope, Asked::Level(given), about));
                        }
                    }
                }
            }
        }
        Permissions::Classic(names) => {
            let classic = names.iter().map(|name| (name.clone(), Asked::Classic, About::Account));
            wanted.extend(classic);
        }
    }
    let mut out = Vec::new();
    for (scope, asked, about) in wanted {
        if grant.repositories.is_empty() && about != About::Repository || about == About::Account {
            out.push(Piece { scope, asked, repository: None, about });
            continue;
        }
        for repository in &grant.repositories {
            let (scope, asked) = (scope.clone(), asked.clone());
            out.push(Piece { scope, asked, repository: Some(repository), about });
        }
    }
    out
}

fn normal(scope: &Text) -> Text {
    scope.as_str().map_or_else(|| scope.clone(), |name| Text::literal(scopes::normal(name)))
}

fn about(scope: &Text) -> About {
    let known = scope.as_str().and_then(scopes::scope);
    known.map_or(About::Repository, |scope| scope.about)
}

/// Whether the scope is known to be about a repository.
fn in_repository(scope: &Text) -> bool {
    let known = scope.as_str().and_then(scopes::scope);
    known.is_some_and(|scope| scope.about == About::Repository)
}

/// The level that a token has that asks for one.
fn given(scope: &Text, asked: Level) -> Level {
    scope.as_str().and_then(scopes::scope).map_or(asked, |scope| scope.given(asked))
}

fn covers_level(outer: &Grant, grant: &Grant, piece: &Piece<'_>) -> Cover {
    let maybe = |reason: &str| Cover::Maybe(reason.to_owned(), Vec::new());
    let classic = |permissions: &Permissions| matches!(permissions, Permissions::Classic(_));
    if outer.permissions == Permissions::Unspecified {
        return if grant.permissions == Permissions::Unspecified {
            Cover::Yes
        } else {
            maybe("`permissions` of the outer side is not given")
        };
    }
    if classic(&outer.permissions) != classic(&grant.permissions) {
        let empty = match &outer.permissions {
            Permissions::Classic(names) => names.is_empty(),
            Permissions::Levels(levels) => levels.is_empty(),
            Permissions::Unspecified | Permissions::ReadAll | Permissions::WriteAll => false,
        };
        return if empty {
            Cover::No
        } else {
            maybe("scopes of classic tokens are not compared with others")
        };
    }
    let all = |level: Level| match piece.scope.as_str() {
        None => maybe("the scope is not known"),
        // Whoever may do anything in a repository may see that it is there.
        Some("metadata") if piece.asked == Asked::Level(Level::Read) => Cover::Yes,
        Some(LATER) => yes(piece.asked == Asked::Level(level) || level == Level::Write),
        Some(name) => match (scopes::scope(name), &piece.asked) {
            (Some(scope), Asked::Level(asked)) => yes(scope.given_by_all(level) >= *asked),
            (Some(scope), Asked::Unknown(_)) => {
                if scope.given_by_all(level) == scope.given(Level::Admin) {
                    Cover::Yes
                } else {
                    maybe("the level is not known")
                }
            }
            (None, _) => maybe(&format!("`{name}` is no scope that is known")),
            (Some(_), Asked::Classic) => Cover::No,
        },
    };
    match &outer.permissions {
        Permissions::ReadAll => all(Level::Read),
        Permissions::WriteAll => all(Level::Write),
        Permissions::Levels(levels) => covers_listed(levels, piece),
        Permissions::Classic(names) => covers_classic(names, piece),
        Permissions::Unspecified => Cover::No,
    }
}

fn covers_listed(levels: &BTreeMap<Text, Text>, piece: &Piece<'_>) -> Cover {
    let mut answer = Cover::No;
    for (scope, level) in levels {
        let own = normal(scope);
        if own == piece.scope {
            if let Asked::Unknown(asked) = piece.asked
                && asked == level
            {
                return Cover::Yes;
            }
            let highest = Level::from_name(level.as_str().unwrap_or_default()).unwrap_or_default();
            let has = given(&own, highest);
            match (&piece.asked, level.as_str()) {
                (Asked::Level(asked), Some(_)) if has >= *asked => return Cover::Yes,
                (Asked::Unknown(_), Some(_)) if has == given(&own, Level::Admin) => {
                    return Cover::Yes;
                }
                (Asked::Level(_), Some(_)) | (Asked::Classic, _) => {}
                (Asked::Unknown(asked), Some(_)) => answer = unknown(asked),
                (_, None) => answer = unknown(level),
            }
        } else if own.has_holes() {
            answer = unknown(&own);
        } else if piece.scope.has_holes() {
            answer = unknown(&piece.scope);
        }
        let given = level.as_str().and_then(Level::from_name).unwrap_or_default();
        let something = given > Level::None && in_repository(&own);
        let metadata = piece.scope.as_str() == Some("metadata");
        if something && metadata && piece.asked == Asked::Level(Level::Read) {
            return Cover::Yes;
        }
    }
    answer
}

fn covers_classic(names: &[Text], piece: &Piece<'_>) -> Cover {
    let mut answer = Cover::No;
    for name in names {
        if *name == piece.scope {
            return Cover::Yes;
        }
        match (name.as_str(), piece.scope.as_str()) {
            (Some(outer), Some(inner)) if scopes::includes(outer, inner) => return Cover::Yes,
            (Some(_), Some(inner)) if !scopes::is_classic(inner) => {
                let reason = format!("`{inner}` is no scope that is known");
                answer = Cover::Maybe(reason, Vec::new());
            }
            (Some(_), Some(_)) => {}
            (None, _) => answer = unknown(name),
            (Some(_), None) => answer = unknown(&piece.scope),
        }
    }
    answer
}

fn covers_place(outer: &Grant, piece: &Piece<'_>) -> Cover {
    let Some(asked) = piece.repository else {
        return if piece.about == About::Organization { covers_own(outer) } else { Cover::Yes };
    };
    if piece.about == About::Organization && outer.repositories.is_empty() {
        return nobody("outer");
    }
    let mut answer = Cover::No;
    for own in &outer.repositories {
        let cover = match piece.about {
            About::Repository => repository::covers(own, asked),
            About::Organization => repository::covers_owner(own, asked),
            About::Account => Cover::Yes,
        };
        match cover {
            Cover::Yes => return Cover::Yes,
            Cover::No => {}
            Cover::Maybe(..) => answer = cover,
        }
    }
    answer
}

/// Whether the organisation that a token is for, which nobody names, is one of the outer side's.
fn covers_own(outer: &Grant) -> Cover {
    let own = |text: &Text| text.as_str().is_some_and(|it| it == "*" || !it.contains('/'));
    if outer.repositories.is_empty() || outer.repositories.iter().any(own) {
        return Cover::Yes;
    }
    nobody("inner")
}

fn nobody(side: &str) -> Cover {
    let reason = format!("the {side} side does not say which organisation its token is for");
    Cover::Maybe(reason, Vec::new())
}

fn yes(it: bool) -> Cover {
    if it { Cover::Yes } else { Cover::No }
}

fn unknown(text: &Text) -> Cover {
    let origins: Vec<String> = text.holes().map(|hole| hole.origin.to_string()).collect();
    let first = origins.first().cloned().unwrap_or_default();
    Cover::Maybe(format!("`{first}` is not known before apply"), origins)
}

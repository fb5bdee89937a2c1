//! Likely actions, resources and principals for a gap.

use crate::aws::contains::Gap;
use crate::aws::pattern::{ActionPattern, Service};
use crate::aws::plausible::{TELLING, known};
use crate::aws::principal::{Principal, PrincipalKind, PrincipalValue};
use crate::catalogue::actions::{self, Action, Level};
use crate::glob;
use crate::text::Text;

mod resource;

pub(super) use resource::{is_resource, likely, resources};

/// Actions of the catalogue that are tried for one gap.
const ENOUGH: usize = 4;

/// Services that are looked at for one that no policy speaks of.
const SERVICES: usize = 40;

/// Spellings of actions in the gap, likely ones first, and whether they exist for certain. `state` says how the policies
/// stand to an action, as far as its name tells: of a service in lower case, or of one that they do not mention.
pub(super) fn actions(
    gap: &Gap<'_>,
    state: &dyn Fn(Option<&str>, &str) -> State,
) -> Vec<(String, bool)> {
    let patterns = &gap.statement.statement.actions.patterns;
    let pattern = gap.pattern.and_then(|index| patterns.get(index));
    if let Some(known) = literal(gap) {
        return vec![(spelled(known), true)];
    }
    let service = gap.service.as_deref();
    let wanted = state(service, &gap.name);
    let mut alike: Vec<String> = Vec::new();
    let mut others: Vec<String> = Vec::new();
    for telling in TELLING {
        let Some((own, name)) = telling.split_once(':') else { continue };
        let name = name.to_ascii_lowercase();
        let inside = pattern.is_none_or(|pattern| glob::accepts(&pattern.name, &name));
        if inside && service.is_none_or(|service| service == own) {
            let list = if state(Some(own), &name) == wanted { &mut alike } else { &mut others };
            list.push((*telling).to_owned());
        }
    }
    alike.truncate(12);
    others.truncate(12);
    // Better an action that is less known than one that cannot be used on the resource.
    let legal =
        |action: &String| known(action).is_some_and(|action| resource::is_legal(gap, action));
    if !alike.iter().any(legal) {
        let mut found = existing(gap, pattern, &|own, name| state(Some(own), name) == wanted);
        found.append(&mut alike);
        alike = found;
    }
    alike.sort_by_key(|action| !legal(action));
    let mut out: Vec<(String, bool)> =
        alike.into_iter().chain(others).map(|action| (action, true)).collect();
    out.extend(invented(gap, pattern));
    out
}

/// How the policies stand to an action, as far as its name tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    /// An outer Allow names it.
    pub(super) granted: bool,
    /// A Deny of the outer side does.
    pub(super) refused: bool,
    /// A Deny of the inner side does.
    pub(super) withheld: bool,
}

/// The one action that the gap's pattern names.
fn literal<'g>(gap: &Gap<'g>) -> Option<&'g str> {
    let patterns = &gap.statement.statement.actions.patterns;
    let pattern = patterns.get(gap.pattern?)?;
    let known = pattern.text.as_str()?;
    let one = matches!(pattern.service, Service::Named(_)) && !known.contains(['*', '?']);
    one.then_some(known)
}

/// An action as AWS spells it. All names begin with a capital, so most need no look-up.
fn spelled(action: &str) -> String {
    let usual = action.split_once(':').is_some_and(|(service, name)| {
        name.starts_with(|first: char| first.is_ascii_uppercase())
            && name.contains(|letter: char| letter.is_ascii_lowercase())
            && !service.contains(|letter: char| letter.is_ascii_uppercase())
    });
    let known = if usual { None } else { known(action) };
    known.map_or_else(|| action.to_owned(), |known| known.to_string())
}

/// Actions of today that lie in the gap's pattern and to which the policies stand as asked: first those that change
/// something.
fn existing(
    gap: &Gap<'_>,
    pattern: Option<&ActionPattern>,
    alike: &dyn Fn(&str, &str) -> bool,
) -> Vec<String> {
    let fits = |action: &Action| {
        pattern.is_none_or(|pattern| glob::accepts(&pattern.name, action.lower()))
            && alike(action.service().prefix(), action.lower())
            && resource::is_legal(gap, *action)
    };
    let Some(service) = &gap.service else {
        // Any service will do that no policy speaks of. Not all of them are read for it.
        let mut others = actions::prefixes().filter_map(actions::service).take(SERVICES);
        let found = others.find_map(|service| ordered(service).find(fits));
        return found.map(|action| action.to_string()).into_iter().collect();
    };
    let found = actions::service(service).into_iter().flat_map(ordered).filter(fits);
    found.take(ENOUGH).map(|action| action.to_string()).collect()
}

/// The actions of a service, the most telling ones first: what changes who may do what, then what destroys, makes or
/// runs something.
fn ordered(service: actions::Service) -> impl Iterator<Item = Action> {
    let level = move |wanted: Level| service.actions().filter(move |it| it.level() == wanted);
    let verbs = ["delete", "put", "create", "update", "modify", "start", "run", "send", "invoke"];
    let writes = verbs.into_iter().flat_map(move |verb| service.starting_with(verb));
    let writes = writes.filter(|action| action.level() == Level::Write);
    let rest = [Level::Write, Level::Read, Level::List, Level::Tagging].into_iter();
    level(Level::Permissions).chain(writes).chain(rest.flat_map(level))
}

/// Names for actions that may exist one day.
fn invented(gap: &Gap<'_>, pattern: Option<&ActionPattern>) -> [(String, bool); 2] {
    let service = gap.service.as_deref().unwrap_or("example");
    let name = &gap.name;
    // Likely spelling: the letters of the pattern, and a capital where a word begins.
    let written = pattern.and_then(|pattern| pattern.text.as_str()?.split_once(':'));
    let start = written.map_or("", |(_, written)| written.split(['*', '?']).next().unwrap_or(""));
    let fitting = name.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start));
    let (start, rest) = match name.get(start.len()..) {
        Some(rest) if fitting => (start, rest),
        _ => ("", name.as_str()),
    };
    let service = written.map_or(service, |(written, _)| written);
    let service = if service == "*" { "example" } else { service };
    let rest = if start.is_empty() { capital(rest) } else { rest.to_owned() };
    [(format!("{service}:{start}Example"), false), (format!("{service}:{start}{rest}"), false)]
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Principals in the gap, likely ones first; one that is none for a policy that names nobody.
pub(super) fn principals(own: Option<&Principal>) -> Vec<Option<(PrincipalKind, Text)>> {
    let Some(own) = own else { return vec![None] };
    let some = |id: String| Some((own.kind, Text::from(id)));
    match &own.value {
        PrincipalValue::Everyone => vec![
            some("arn:aws:iam::444455556666:role/anyone".to_owned()),
            some("arn:aws:iam::123456789012:role/anyone".to_owned()),
        ],
        PrincipalValue::Account(id) => vec![
            some(format!("arn:aws:iam::{id}:role/anyone")),
            some(format!("arn:aws:iam::{id}:root")),
        ],
        PrincipalValue::Exact | PrincipalValue::Unclear(_) => {
            vec![Some((own.kind, own.text.clone()))]
        }
    }
}

#[cfg(test)]
mod tests;

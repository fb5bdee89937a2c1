//! One request against one side: the check that every counterexample has to pass, and the oracle of the property tests. It
//! shares only the catalogue with the comparison.

use super::scopes::{self, About, LATER, Level};
use super::{Grant, Permissions};
use crate::text::{Part, Text};

/// A use of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request<'a> {
    pub(super) scope: &'a str,
    /// None for a scope of a classic token.
    pub(super) level: Option<Level>,
    pub(super) repository: Option<&'a str>,
}

/// A likely string that the text can become.
pub(super) fn filled(text: &Text) -> String {
    let fill = |part: &Part| match part {
        Part::Literal(known) => known.clone(),
        Part::Hole(_) => "example".to_owned(),
    };
    text.parts().iter().map(fill).collect()
}

/// Whether some grant allows the request; what is not specified allows nothing.
pub(super) fn allows(grants: &[Grant], request: &Request<'_>) -> bool {
    grants.iter().any(|grant| reaches(grant, request) && has(&grant.permissions, request))
}

fn reaches(grant: &Grant, request: &Request<'_>) -> bool {
    let about = match request.level {
        None => About::Repository,
        Some(_) => scopes::scope(request.scope).map_or(About::Repository, |scope| scope.about),
    };
    let Some(asked) = request.repository.map(str::to_lowercase) else { return true };
    let whose = |name: &str| name.split_once('/').map(|(owner, _)| owner.to_owned());
    grant.repositories.iter().map(|own| filled(own).to_lowercase()).any(|own| {
        if own == "*" || own == asked || about == About::Account {
            return true;
        }
        let same_owner = whose(&own) == whose(&asked);
        match about {
            About::Organization => same_owner,
            About::Repository | About::Account => same_owner && own.ends_with("/*"),
        }
    })
}

fn has(permissions: &Permissions, request: &Request<'_>) -> bool {
    let Some(asked) = request.level else {
        let Permissions::Classic(names) = permissions else { return false };
        return names.iter().any(|name| scopes::includes(&filled(name), request.scope));
    };
    let of_workflow = |highest: Level| {
        let scope = scopes::scope(request.scope);
        let given = scope.map(|scope| match scope.workflow {
            Some(limit) => scope.given(highest.min(limit)),
            None => Level::None,
        });
        let sees = request.scope == "metadata" && asked == Level::Read;
        sees || given.unwrap_or(if request.scope == LATER { highest } else { Level::None }) >= asked
    };
    match permissions {
        Permissions::Unspecified | Permissions::Classic(_) => false,
        Permissions::ReadAll => of_workflow(Level::Read),
        Permissions::WriteAll => of_workflow(Level::Write),
        Permissions::Levels(levels) => levels.iter().any(|(scope, level)| {
            let level = Level::from_name(&filled(level)).unwrap_or_default();
            let name = filled(scope).replace('_', "-").to_lowercase();
            let known = scopes::scope(&name);
            let level = known.map_or(level, |scope| scope.given(level));
            let here = known.is_some_and(|scope| scope.about == About::Repository);
            let sees =
                here && request.scope == "metadata" && asked == Level::Read && level > Level::None;
            (name == request.scope && level >= asked) || sees
        }),
    }
}

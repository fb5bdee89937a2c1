//! Which resource lies in which.

use crate::hierarchy::{self, Reach, Tree};
use crate::text::{Part, Text};

const MANAGER: &str = "//cloudresourcemanager.googleapis.com/";
const STORAGE: &str = "//storage.googleapis.com/";

/// What kind of node a full resource name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Organization,
    Folder,
    Project,
    /// Something that a service keeps in a project, most often.
    Resource,
}

/// The full name: `projects/p` is short for the project's.
fn full(resource: &Text) -> Text {
    let start = resource.to_string();
    if ["projects/", "folders/", "organizations/"].iter().any(|one| start.starts_with(one)) {
        let mut out = Text::literal(MANAGER);
        out.push(resource);
        return out;
    }
    resource.clone()
}

fn kind(full: &Text) -> Kind {
    let name = full.to_string();
    let node = name.strip_prefix(MANAGER).unwrap_or_default();
    match node.split_once('/') {
        Some(("organizations", _)) => Kind::Organization,
        Some(("folders", _)) => Kind::Folder,
        Some(("projects", rest)) if !rest.trim_end_matches('/').contains('/') => Kind::Project,
        _ => Kind::Resource,
    }
}

/// The parts between slashes.
fn segments(text: &Text) -> Vec<Text> {
    let mut out = vec![Text::new()];
    for part in text.parts() {
        match part {
            Part::Literal(known) => {
                for (index, piece) in known.split('/').enumerate() {
                    if index > 0 {
                        out.push(Text::new());
                    }
                    if let Some(last) = out.last_mut() {
                        last.push_str(piece);
                    }
                }
            }
            Part::Hole(hole) => {
                if let Some(last) = out.last_mut() {
                    last.push(&Text::from(hole.clone()));
                }
            }
        }
    }
    out
}

/// The project that the name says, if it says one behind the service; `_` and `-` stand for "the one that it is in".
fn project(full: &Text) -> Option<Text> {
    let segments = segments(full);
    let [_, _, _, kind, project, ..] = segments.as_slice() else { return None };
    let named = kind.as_str() == Some("projects") && !matches!(project.as_str(), Some("_" | "-"));
    named.then(|| project.clone())
}

/// Whether what is granted on `outer` holds on `inner`.
pub(super) fn reach(tree: &Tree, outer: Option<&Text>, inner: Option<&Text>) -> Reach {
    let (Some(outer), Some(inner)) = (outer, inner) else {
        let reason = "one side does not say the resource that its roles hold on";
        return match (outer, inner) {
            (None, None) => Reach::Yes,
            _ => Reach::Maybe(reason.to_owned(), Vec::new()),
        };
    };
    let (outer, inner) = (full(outer), full(inner));
    match hierarchy::covers(&outer, &inner, false) {
        Reach::No => {}
        reach @ (Reach::Yes | Reach::Maybe(..)) => return reach,
    }
    let told = match (kind(&outer), kind(&inner)) {
        (Kind::Organization | Kind::Folder, Kind::Organization)
        | (Kind::Project, Kind::Organization | Kind::Folder)
        | (Kind::Resource, Kind::Organization | Kind::Folder | Kind::Project) => {
            return open_parts(&outer, &inner);
        }
        (Kind::Organization | Kind::Folder, _) => None,
        (Kind::Project, Kind::Project | Kind::Resource) => {
            project(&outer).zip(project(&inner)).map(|(own, other)| same_project(&own, &other))
        }
        (Kind::Resource, Kind::Resource) => Some(by_number(&outer, &inner)),
    };
    match told {
        Some(reach) => reach,
        None => by_tree(tree, &outer, &inner),
    }
}

/// Kinds that cannot lie in each other; a value that is not known may be of another kind.
fn open_parts(outer: &Text, inner: &Text) -> Reach {
    let open = |text: &Text| matches!(text.parts().first(), Some(Part::Hole(_)));
    if open(outer) || open(inner) { Reach::unknown([inner, outer]) } else { Reach::No }
}

/// Projects have an id and a number, and only the cloud knows which belong together.
fn same_project(own: &Text, other: &Text) -> Reach {
    if own == other || own.as_str() == Some("*") {
        return Reach::Yes;
    }
    let (Some(one), Some(two)) = (own.as_str(), other.as_str()) else {
        return Reach::unknown([other, own]);
    };
    let number = |text: &str| !text.is_empty() && text.chars().all(|one| one.is_ascii_digit());
    if number(one) == number(two) {
        return Reach::No;
    }
    let reason = format!("whether the projects `{one}` and `{two}` are the same is not known");
    Reach::Maybe(reason, Vec::new())
}

/// Names that differ, unless a project is once called by its number.
fn by_number(outer: &Text, inner: &Text) -> Reach {
    let (own, other) = (segments(outer), segments(inner));
    let projects = |all: &[Text]| all.iter().position(|one| one.as_str() == Some("projects"));
    if own.len() > other.len() || projects(&own).is_none() || projects(&own) != projects(&other) {
        return open_parts(outer, inner);
    }
    let mut reach = Reach::Yes;
    let before = own.iter().map(Some);
    for ((one, two), last) in own.iter().zip(&other).zip(std::iter::once(None).chain(before)) {
        if one == two || one.as_str() == Some("*") {
            continue;
        }
        if last.and_then(Text::as_str) != Some("projects") || one.as_str() == Some("_") {
            return Reach::No;
        }
        match same_project(one, two) {
            Reach::Yes => {}
            Reach::No => return Reach::No,
            maybe @ Reach::Maybe(..) => reach = maybe,
        }
    }
    if reach == Reach::Yes { Reach::No } else { reach }
}

fn by_tree(tree: &Tree, outer: &Text, inner: &Text) -> Reach {
    if outer.has_holes() || inner.has_holes() {
        return Reach::unknown([inner, outer]);
    }
    let mut known = vec![hierarchy::key(&inner.to_string())];
    let mut at = 0;
    let mut complete = false;
    while let Some(place) = known.get(at).cloned() {
        let text = Text::literal(place.as_str());
        complete |= kind(&text) == Kind::Organization || place.is_empty();
        let mut more: Vec<Text> = Vec::new();
        if kind(&text) == Kind::Resource
            && let Some(name) = project(&text)
        {
            more.push(Text::literal(format!("projects/{name}")));
        }
        let short = place.strip_prefix(MANAGER).unwrap_or(&place);
        let above = tree.above(&place).into_iter().chain(tree.above(short));
        more.extend(above.map(Text::literal));
        for one in more {
            let key = hierarchy::key(&full(&one).to_string());
            if !known.contains(&key) {
                known.push(key);
            }
        }
        at += 1;
    }
    let own = hierarchy::key(&outer.to_string());
    if known.contains(&own) {
        return Reach::Yes;
    }
    if complete {
        return Reach::No;
    }
    let reason = format!("whether `{inner}` is below `{outer}` is not known");
    Reach::Maybe(reason, Vec::new())
}

/// The service that keeps a resource: `storage.googleapis.com`.
pub(super) fn service(resource: Option<&Text>) -> Option<String> {
    let full = full(resource?);
    if kind(&full) != Kind::Resource {
        return None;
    }
    let name = full.as_str()?.strip_prefix("//")?.split_once('/')?.0.to_owned();
    Some(name)
}

/// The name that conditions see of a resource of Cloud Storage, which is all of its full name but the service.
pub(super) fn storage_name(resource: Option<&Text>) -> Option<String> {
    let known = resource?.as_str()?;
    let name = known.strip_prefix(STORAGE)?.trim_end_matches('/');
    (!name.contains('*')).then(|| name.to_owned())
}

/// What conditions see of any other resource of a service, as far as names of services agree on that.
pub(super) fn own_name(resource: Option<&Text>) -> Option<String> {
    let full = full(resource?);
    let known = full.as_str()?.strip_prefix("//")?;
    Some(known.split_once('/')?.1.trim_end_matches('/').to_owned())
}

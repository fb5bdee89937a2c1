//! Vault, Kubernetes and GitHub: policies, manifests and permissions.

use policy::text::Text;
use policy::{github, kubernetes, vault};

use super::{Answer, File, Outer, Place, Side};
use crate::cli::CommandError;

/// Compares Vault policies; those of one side are attached to one token.
pub(super) fn vault(inner: &[File], outer: &Outer<'_>) -> Result<Answer, CommandError> {
    let (inner, inner_places) = policies(inner)?;
    let (outer, outer_places) = match outer {
        Outer::Files(files) => policies(files)?,
        Outer::Template(bound) => {
            let side = Side::of_template(bound, bound.vault_rules());
            let policy = vault::Policy::from_rules(side.grants);
            // What a template does not say is not allowed.
            let policies = if policy.rules().is_empty() { Vec::new() } else { vec![policy] };
            (policies, side.places)
        }
    };
    let inner: Vec<&vault::Policy> = inner.iter().collect();
    let outer: Vec<&vault::Policy> = outer.iter().collect();
    let comparison = vault::contains(&outer, &inner);
    let change = vault::change(&outer, &inner, &comparison);
    Ok(Answer::of(comparison, change, &inner_places, &outer_places))
}

/// Compares what tokens may do on GitHub.
pub(super) fn github(inner: &[File], outer: &Outer<'_>) -> Result<Answer, CommandError> {
    let inner = tokens(inner)?;
    let outer = match outer {
        Outer::Files(files) => tokens(files)?,
        Outer::Template(bound) => Side::of_template(bound, bound.github_grants()),
    };
    let comparison = github::contains(&outer.grants, &inner.grants);
    let change = github::change(&outer.grants, &inner.grants, &comparison);
    Ok(Answer::of(comparison, change, &inner.places, &outer.places))
}

/// Compares manifests of roles and bindings.
pub(super) fn kubernetes(inner: &[File], outer: &Outer<'_>) -> Result<Answer, CommandError> {
    let mut inner = manifests(inner)?;
    let outer = match outer {
        Outer::Files(files) => manifests(files)?,
        Outer::Template(bound) => {
            // A template says what may be done, whoever it is that does it.
            inner.grants.iter_mut().for_each(|grant| grant.subject = None);
            Side::of_template(bound, bound.kubernetes_grants())
        }
    };
    let comparison = kubernetes::contains(&outer.grants, &inner.grants);
    let change = kubernetes::change(&outer.grants, &inner.grants, &comparison);
    Ok(Answer::of(comparison, change, &inner.places, &outer.places))
}

/// The bound rules of some files.
fn manifests(files: &[File]) -> Result<Side<kubernetes::Grant>, CommandError> {
    let mut side = Side::default();
    for file in files {
        let manifest = kubernetes::parse(&Text::literal(file.text.as_str()))
            .map_err(|error| file.refuse(0, &error.to_string(), &error.problems))?;
        if let (true, Some(note)) = (manifest.grants.is_empty(), manifest.notes.first()) {
            let line = file.line(note.span.offset());
            return Err(CommandError::with_help(
                format!(
                    "`{}` holds no roles and no bindings (line {line}): {}",
                    file.name, note.message
                ),
                "give it the roles and bindings: `kubectl get role,rolebinding -o json`",
            ));
        }
        for grant in manifest.grants {
            side.places.push(Some(Place {
                file: file.name.clone(),
                line: file.line(grant.span.map_or(0, |span| span.offset())),
                element: "rule".to_owned(),
                name: None,
            }));
            side.grants.push(grant);
        }
    }
    Ok(side)
}

/// The permissions of some files, each one set or a list of them.
fn tokens(files: &[File]) -> Result<Side<github::Grant>, CommandError> {
    let mut side = Side::default();
    for file in files {
        for (start, text) in file.items() {
            let grant = github::Grant::parse(&Text::literal(text))
                .map_err(|error| file.refuse(start, &error.to_string(), &error.problems))?;
            side.places.push(Some(Place {
                file: file.name.clone(),
                line: file.line(start + grant.span.map_or(0, |span| span.offset())),
                element: "permissions".to_owned(),
                name: None,
            }));
            side.grants.push(grant);
        }
    }
    Ok(side)
}

/// Policies, and the places of all their rules in order.
fn policies(files: &[File]) -> Result<(Vec<vault::Policy>, Vec<Option<Place>>), CommandError> {
    let mut places = Vec::new();
    let mut policies = Vec::new();
    for file in files {
        let text = Text::literal(file.text.as_str());
        let policy = vault::Policy::parse(&text)
            .map_err(|error| file.refuse(0, &error.to_string(), &error.problems))?;
        for rule in policy.rules() {
            let place = rule.span.map(|span| Place {
                file: file.name.clone(),
                line: file.line(span.offset()),
                element: "path".to_owned(),
                name: Some(rule.path.to_string()),
            });
            places.push(place);
        }
        policies.push(policy);
    }
    Ok((policies, places))
}

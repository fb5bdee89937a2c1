//! Google Cloud and Azure: roles, bindings and assignments, as the clouds' own tools write them.

use policy::export::{ExportError, Found};
use policy::text::Text;
use policy::{azure, gcp};

use super::{Answer, File, Outer, Place, Side};
use crate::cli::CommandError;
use crate::rule::Roles;

/// Compares what is granted on Google Cloud.
pub(super) fn google(
    roles: &Roles,
    inner: &[File],
    outer: &Outer<'_>,
) -> Result<Answer, CommandError> {
    let inner = side(inner, gcp::Grant::parse)?;
    let outer = match outer {
        Outer::Files(files) => side(files, gcp::Grant::parse)?,
        Outer::Template(bound) => Side::of_template(bound, bound.gcp_grants()),
    };
    let comparison = gcp::contains(&roles.gcp, &outer.grants, &inner.grants);
    let change = gcp::change(&roles.gcp, &outer.grants, &inner.grants, &comparison);
    Ok(Answer::of(comparison, change, &inner.places, &outer.places))
}

/// Compares what is assigned on Azure.
pub(super) fn microsoft(
    roles: &Roles,
    inner: &[File],
    outer: &Outer<'_>,
) -> Result<Answer, CommandError> {
    let inner = side(inner, azure::Grant::parse)?;
    let outer = match outer {
        Outer::Files(files) => side(files, azure::Grant::parse)?,
        Outer::Template(bound) => Side::of_template(bound, bound.azure_grants()),
    };
    let comparison = azure::contains(&roles.azure, &outer.grants, &inner.grants);
    let change = azure::change(&roles.azure, &outer.grants, &inner.grants, &comparison);
    Ok(Answer::of(comparison, change, &inner.places, &outer.places))
}

/// Takes the grants out of a text.
type Parse<G> = fn(&Text) -> Result<Vec<Found<G>>, ExportError>;

/// The grants of some files.
fn side<G>(files: &[File], parse: Parse<G>) -> Result<Side<G>, CommandError> {
    let mut side = Side::default();
    for file in files {
        let found = parse(&Text::literal(file.text.as_str()))
            .map_err(|error| file.refuse(0, &format!("not readable: {error}"), &[error]))?;
        for (number, Found { grant, name, span }) in found.into_iter().enumerate() {
            let element = match name {
                Some(_) => "role".to_owned(),
                None => format!("grant {}", number + 1),
            };
            let line = file.line(span.offset());
            side.places.push(Some(Place { file: file.name.clone(), line, element, name }));
            side.grants.push(grant);
        }
    }
    Ok(side)
}

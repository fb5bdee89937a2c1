//! Google Cloud and Azure: roles, bindings and assignments, as the clouds' own tools write them.

use miette::SourceSpan;
use policy::json::{self, Node};
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
    let inner = side(inner, google_grant)?;
    let outer = match outer {
        Outer::Files(files) => side(files, google_grant)?,
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
    let inner = side(inner, azure_grant)?;
    let outer = match outer {
        Outer::Files(files) => side(files, azure_grant)?,
        Outer::Template(bound) => Side::of_template(bound, bound.azure_grants()),
    };
    let comparison = azure::contains(&roles.azure, &outer.grants, &inner.grants);
    let change = azure::change(&roles.azure, &outer.grants, &inner.grants, &comparison);
    Ok(Answer::of(comparison, change, &inner.places, &outer.places))
}

/// A grant, its name, and where it stands.
type Found<G> = (G, Option<String>, SourceSpan);

/// Takes the grants out of an element of a file.
type Extract<G> = fn(&File, &Node, &mut Vec<Found<G>>) -> Result<(), String>;

/// The grants of some files.
fn side<G>(files: &[File], read: Extract<G>) -> Result<Side<G>, CommandError> {
    let mut side = Side::default();
    for file in files {
        let node = json::parse(&Text::literal(file.text.as_str())).map_err(|error| {
            let at = miette::Diagnostic::labels(&error).and_then(|mut labels| labels.next());
            let line = at.map(|label| file.line(label.offset()));
            let line = line.map(|line| format!(" (line {line})")).unwrap_or_default();
            CommandError::Refused {
                message: format!("`{}` is not readable: {error}{line}", file.name),
                help: miette::Diagnostic::help(&error).map(|help| help.to_string()),
            }
        })?;
        for (number, item) in node.one_or_many().iter().enumerate() {
            let mut found = Vec::new();
            read(file, item, &mut found).map_err(|reason| {
                let line = file.line(item.span.offset());
                CommandError::new(format!("`{}` (line {line}): {reason}", file.name))
            })?;
            for (grant, name, span) in found {
                let element = match name {
                    Some(_) => "role".to_owned(),
                    None => format!("element {}", number + 1),
                };
                side.grants.push(grant);
                side.places.push(Some(Place {
                    file: file.name.clone(),
                    line: file.line(span.offset()),
                    element,
                    name,
                }));
            }
        }
    }
    Ok(side)
}

/// A role with its permissions, an IAM policy with its bindings, or a single binding with its resource.
fn google_grant(
    file: &File,
    node: &Node,
    found: &mut Vec<Found<gcp::Grant>>,
) -> Result<(), String> {
    let text = |node: &Node, name: &str| node.get(name).and_then(Node::as_str).map(str::to_owned);
    if let Some(bindings) = node.get("bindings") {
        for binding in bindings.one_or_many() {
            google_grant(file, binding, found)?;
        }
        return Ok(());
    }
    let (what, name) = if let Some(role) = text(node, "role") {
        (gcp::Assigned::Role(Text::literal(role.as_str())), Some(role))
    } else if let Some(name) = text(node, "name") {
        let own = slice(file, node);
        let roles = gcp::Roles::parse(own).map_err(|error| error.to_string())?;
        let what = match roles.get(&name) {
            Some(permissions) => {
                gcp::Assigned::Permissions(permissions.into_iter().map(Text::literal).collect())
            }
            None => gcp::Assigned::Role(Text::literal(name.as_str())),
        };
        (what, Some(name))
    } else if let Some(permissions) = node.get("includedPermissions") {
        let texts = permissions.one_or_many().iter().filter_map(Node::as_text);
        (gcp::Assigned::Permissions(texts.cloned().collect()), None)
    } else {
        return Err(
            "this is neither a role, nor an IAM policy, nor a binding with a `role`".to_owned()
        );
    };
    let condition = node.get("condition");
    let condition = condition.map(|it| it.get("expression").unwrap_or(it)).and_then(Node::as_str);
    let grant = gcp::Grant {
        what,
        resource: text(node, "resource").map(Text::literal),
        condition: condition.map(Text::literal),
    };
    found.push((grant, name, node.span));
    Ok(())
}

/// A role definition, or a role assignment.
fn azure_grant(
    file: &File,
    node: &Node,
    found: &mut Vec<Found<azure::Grant>>,
) -> Result<(), String> {
    let get = |name: &str| {
        node.get(name).or_else(|| node.get("properties").and_then(|inner| inner.get(name)))
    };
    let text = |name: &str| get(name).and_then(Node::as_str).map(str::to_owned);
    let assigned = text("roleDefinitionName").or_else(|| text("roleDefinitionId"));
    let (what, name) = if let Some(role) = assigned {
        (azure::Assigned::Role(Text::literal(role.as_str())), Some(role))
    } else {
        let own = slice(file, node);
        let roles = azure::Roles::parse(own).map_err(|error| error.to_string())?;
        let names = ["roleName", "Name", "name", "Id", "id"];
        let definition = names.into_iter().filter_map(text).find_map(|name| {
            let found = roles.get(&name)?.clone();
            Some((azure::Assigned::Definition(found), Some(name)))
        });
        definition.ok_or("this is neither a role definition with a name, nor a role assignment")?
    };
    let grant = azure::Grant {
        what,
        scope: text("scope").map(Text::literal).unwrap_or_default(),
        condition: text("condition").filter(|text| !text.is_empty()).map(Text::literal),
    };
    found.push((grant, name, node.span));
    Ok(())
}

fn slice<'a>(file: &'a File, node: &Node) -> &'a str {
    let (start, length) = (node.span.offset(), node.span.len());
    file.text.get(start..start + length).unwrap_or_default()
}

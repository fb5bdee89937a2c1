//! What Google Cloud's own tools write, as grants.

use super::{Assigned, Grant};
use crate::export::{self, ExportError, Found};
use crate::json::{Node, Value};
use crate::text::Text;

impl Grant {
    /// Reads what a side of a comparison is: an IAM policy (`gcloud … get-iam-policy --format=json`, with `bindings`), roles
    /// with their permissions (`gcloud iam roles describe --format=json`), or a list of grants of our own, each with `role` or
    /// `permissions`, and `resource` and `condition` where there are any.
    pub fn parse(text: &Text) -> Result<Vec<Found<Self>>, ExportError> {
        let node = export::parse(text)?;
        let mut out = Vec::new();
        for object in export::objects(&node, "the file")? {
            let narrows =
                ["rules", "denyRule", "details"].iter().any(|it| object.get(it).is_some());
            if narrows {
                return Err(ExportError::Refused {
                    what: "deny policies and principal access boundaries take away what roles grant: they are not compared".to_owned(),
                    help: "leave them out of the inner side, where they can only narrow; the outer side has to say what it allows",
                    span: object.span,
                });
            }
            match object.get("bindings") {
                Some(bindings) => {
                    let Value::Array(all) = &bindings.value else {
                        return Err(export::wrong(bindings, "bindings", "a list of objects"));
                    };
                    let resource = export::text(object, &["resource"])?;
                    for binding in all {
                        let mut found = one(binding)?;
                        found.grant.resource = found.grant.resource.or_else(|| resource.clone());
                        out.push(found);
                    }
                }
                None => out.push(one(object)?),
            }
        }
        Ok(out)
    }
}

fn one(object: &Node) -> Result<Found<Grant>, ExportError> {
    if object.as_object().is_none() {
        return Err(export::wrong(object, "bindings", "a list of objects"));
    }
    let off = export::known(object, &["stage"])?.is_some_and(|stage| stage == "DISABLED");
    let gone = off || export::flag(object, "deleted")?;
    for name in ["role", "permissions", "includedPermissions", "resource", "condition"] {
        let found = export::spelling(object, name)?;
        if found != name {
            return Err(refused(object, format!("`{found}` is spelled `{name}`")));
        }
    }
    let lists = ["permissions", "includedPermissions"];
    let of_role = export::text(object, &["role"])?;
    let several = lists.iter().filter(|name| export::field(object, &[name]).is_some()).count()
        + usize::from(of_role.is_some());
    if several > 1 {
        return Err(refused(object, "a grant has a role or permissions, not both".to_owned()));
    }
    let permissions = export::strings(object, &lists)?;
    let what = match (of_role, permissions) {
        (Some(role), _) => Assigned::Role(role),
        (None, Some(_)) if gone => Assigned::Permissions(Vec::new()),
        (None, Some(all)) => Assigned::Permissions(all),
        // A role as the export has it, without its permissions.
        (None, None) => Assigned::Role(export::text(object, &["name"])?.ok_or(
            ExportError::Missing {
                what: "a grant",
                field: "role",
                help: "a grant says `role` or `permissions`, and `resource` and `condition` where there are any",
                span: object.span,
            },
        )?),
    };
    let condition = match export::field(object, &["condition"]) {
        Some(node) if node.as_object().is_some() => {
            let expression = export::text(node, &["expression"])?;
            // Without it the binding would look as if it always held.
            Some(expression.ok_or(ExportError::Missing {
                what: "a condition",
                field: "expression",
                help: "a condition says its `expression` in CEL",
                span: node.span,
            })?)
        }
        Some(_) => export::text(object, &["condition"])?,
        None => None,
    };
    let name = match &what {
        Assigned::Role(role) => Some(role.to_string()),
        Assigned::Permissions(_) => export::text(object, &["name"])?.map(|name| name.to_string()),
    };
    let grant = Grant { what, resource: export::text(object, &["resource"])?, condition };
    Ok(Found { grant, name, span: object.span })
}

fn refused(object: &Node, what: String) -> ExportError {
    let help =
        "a grant says `role` or `permissions`, and `resource` and `condition` where there are any";
    ExportError::Refused { what, help, span: object.span }
}

//! What Google Cloud's own tools write, as grants.

use super::{Assigned, Grant};
use crate::export::{self, ExportError};
use crate::json::{Node, Value};
use crate::text::Text;

impl Grant {
    /// Reads what a side of a comparison is: an IAM policy (`gcloud … get-iam-policy --format=json`, with `bindings`), roles
    /// with their permissions (`gcloud iam roles describe --format=json`), or a list of grants of our own, each with `role` or
    /// `permissions`, and `resource` and `condition` where there are any.
    pub fn parse(text: &Text) -> Result<Vec<Self>, ExportError> {
        let node = export::parse(text)?;
        let mut out = Vec::new();
        for object in export::objects(&node, "the file")? {
            match object.get("bindings") {
                Some(bindings) => {
                    let Value::Array(all) = &bindings.value else {
                        return Err(export::wrong(bindings, "bindings", "a list of objects"));
                    };
                    let resource = export::text(object, &["resource"])?;
                    for binding in all {
                        out.push(Self { resource: resource.clone(), ..one(binding)? });
                    }
                }
                None => out.push(one(object)?),
            }
        }
        Ok(out)
    }
}

fn one(object: &Node) -> Result<Grant, ExportError> {
    if object.as_object().is_none() {
        return Err(export::wrong(object, "bindings", "a list of objects"));
    }
    let off = export::known(object, &["stage"])?.is_some_and(|stage| stage == "DISABLED");
    let gone = off || export::flag(object, "deleted")?;
    let permissions = export::strings(object, &["permissions", "includedPermissions"])?;
    let what = match (export::text(object, &["role"])?, permissions) {
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
        Some(node) if node.as_object().is_some() => export::text(node, &["expression"])?,
        Some(_) => export::text(object, &["condition"])?,
        None => None,
    };
    Ok(Grant { what, resource: export::text(object, &["resource"])?, condition })
}

//! What Azure's own tools write, as grants.

use super::{Assigned, Grant, roles};
use crate::export::{self, ExportError, Found};
use crate::json::Node;
use crate::text::Text;

impl Grant {
    /// Reads what a side of a comparison is: role assignments (`az role assignment list --output json`), role definitions
    /// (`az role definition list --output json`, or a file for `az role definition create`), or a list of both.
    ///
    /// A definition alone says no scope: `assignableScopes` is where it may be assigned, not where it is.
    pub fn parse(text: &Text) -> Result<Vec<Found<Self>>, ExportError> {
        let node = export::parse(text)?;
        export::objects(&node, "the file")?.into_iter().map(one).collect()
    }
}

fn one(object: &Node) -> Result<Found<Grant>, ExportError> {
    let role = export::text(object, &["roleDefinitionId", "role_definition_id"])?;
    let name = export::text(object, &["roleDefinitionName", "role_definition_name"])?;
    let named = name.filter(|name| *name != Text::new());
    let what = match named.or(role) {
        Some(role) => Assigned::Role(role),
        None => Assigned::Definition(roles::definition(object)?),
    };
    let condition = export::text(object, &[export::spelling(object, "condition")?])?
        .filter(|text| *text != Text::new());
    let scope = export::text(object, &["scope"])?.unwrap_or_default();
    // The condition of a flat definition is that of its block.
    let flat = export::field(object, &[export::spelling(object, "permissions")?]).is_none();
    let condition = condition.filter(|_| !flat || matches!(what, Assigned::Role(_)));
    let name = match &what {
        Assigned::Role(role) => Some(role.to_string()),
        Assigned::Definition(_) => {
            let spellings = ["roleName", "Name", "RoleName", "name"];
            export::text(object, &spellings)?.map(|name| name.to_string())
        }
    };
    Ok(Found { grant: Grant { what, scope, condition }, name, span: object.span })
}

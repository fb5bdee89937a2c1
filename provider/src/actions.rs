//! The table of actions: one line each, in the order of their names; and what they say alike.

mod certify;
mod rotate;
mod suspend;

use crate::action::adapter::Entry;
use crate::attribute::Attribute;
use crate::context::Context;
use crate::inventory::InventoryError;
use crate::inventory::record::{Identity, Standing};
use crate::problem::Problem;
use crate::resources::refused;

/// Every action.
pub(crate) fn table() -> Vec<Entry> {
    vec![
        Entry::of::<certify::Certify>(),
        Entry::of::<rotate::Rotate>(),
        Entry::of::<suspend::Suspend>(),
    ]
}

/// The living identity of that id; none while the id, or where the inventory is, is not known.
async fn living(
    id: &Attribute<String>,
    context: &Context,
) -> Result<Option<Identity>, Vec<Problem>> {
    let (Some(id), Some(inventory)) = (id.as_str(), &context.configured()?.inventory) else {
        return Ok(None);
    };
    let found = inventory.identity(id).await;
    let found = found.map_err(|error| vec![refused("Inventory not readable", &error)])?;
    let what = "identity";
    let Some(identity) = found else {
        let error = InventoryError::NotFound { what, key: id.to_owned() };
        return Err(vec![refused("Unknown identity", &error).at(what)]);
    };
    if identity.standing == Standing::Decommissioned {
        let detail = format!(
            "The {} `{}` ({id}) is decommissioned: nothing can be done to it any more.",
            identity.facts.kind, identity.facts.name
        );
        return Err(vec![Problem::error("Decommissioned identity", detail).at(what)]);
    }
    Ok(Some(identity))
}

/// The same when everything is known.
async fn found(id: &Attribute<String>, context: &Context) -> Result<Identity, Vec<Problem>> {
    context.configured()?.inventory()?;
    let found = living(id, context).await?;
    found.ok_or_else(|| vec![Problem::bug("an action was invoked with what is not known yet")])
}

/// A reason is a sentence for whoever reads the audit trail.
fn reason(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err(
            "An empty reason explains nothing: say what happened, such as an incident number."
                .to_owned(),
        );
    }
    Ok(())
}

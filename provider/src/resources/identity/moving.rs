//! Moves between kinds: a `moved` block that makes a service account a workload identity keeps the identity, with its id, its
//! history and its bindings, under another kind.
//!
//! The state moves first, and the private data beside it says which kind the record still is. The plan shows an update in place,
//! with a new credential, since what proves one kind proves no other; the update writes the new kind.

use policy::governance::Kind;
use serde::{Deserialize, Serialize};

use super::facts::Facts;
use super::{Common, Governed};
use crate::attribute::Attribute;
use crate::inventory::record::Identity as Record;
use crate::model::Model as _;
use crate::problem::Problem;
use crate::resource::{Done, Moved};
use crate::resources::refused;
use crate::wire::json;
use crate::wording;

/// What the private data says of a move.
#[derive(Debug, Serialize, Deserialize)]
struct Mark {
    moved_from: String,
}

/// The kind that the private data says the record still is.
pub(crate) fn came_from(private: &[u8]) -> Option<Kind> {
    let mark: Mark = serde_json::from_slice(private).ok()?;
    Kind::from_name(&mark.moved_from)
}

/// The state of an identity of another kind: what every kind has.
pub(crate) fn moved<G: Governed>(source: &Moved<'_>) -> Option<Result<Done<G>, Vec<Problem>>> {
    let kind = Kind::from_name(source.type_name.strip_prefix("nhi_")?)?;
    // Every kind is in the first version of its form.
    if !source.is_ours() || source.version != 0 || kind == G::KIND {
        return None;
    }
    Some(state::<G>(source).map(|state| {
        let mark = serde_json::json!(Mark { moved_from: kind.name().to_owned() });
        Done { state, warnings: Vec::new(), private: Some(mark.to_string().into_bytes()) }
    }))
}

fn state<G: Governed>(source: &Moved<'_>) -> Result<G, Vec<Problem>> {
    let ty = Common::schema(0, G::DESCRIPTION).ty();
    let value = json::from_json(&source.state, &ty, json::Unknown::Dropped).map_err(|error| {
        vec![Problem::error(
            format!("State of {} not readable", source.type_name),
            error.to_string(),
        )]
    })?;
    let mut model = G::default();
    *model.common_mut() = Common::from_value(&value)?;
    Ok(model)
}

/// Whether the record is of another kind than it is planned to be.
pub(crate) fn changes_kind<G: Governed>(record: Option<&Record>) -> bool {
    record.is_some_and(|record| record.facts.kind != G::KIND)
}

/// Why the identity may not become one of this kind: names are unique within a kind.
pub(crate) fn refusal<G: Governed>(facts: &Facts) -> Option<Problem> {
    let prospect = &facts.prospect;
    let namesake = prospect.namesake.as_ref()?;
    if !changes_kind::<G>(prospect.existing.as_ref()) {
        return None;
    }
    let problem = if let Some(error) = &prospect.in_use {
        refused("Name in use", error)
    } else {
        let phrase = format!("the {} `{}` exists already", G::KIND, namesake.facts.name);
        wording::problem("Name in use", &phrase, "destroy it first, or remove the `moved` block")
    };
    Some(problem.at(Common::name))
}

/// Whether the change of kind asks for a new credential: always.
pub(crate) fn rotates<G: Governed>(facts: &Facts) -> Attribute<bool> {
    Attribute::Known(changes_kind::<G>(facts.prospect.existing.as_ref()))
}

//! What planning an identity has to know besides its attributes: its record, its namesakes, its owner and its template. Read in
//! one look-up; where a setting is unknown, nothing is known and nothing is refused before apply.

use std::sync::Arc;

use jiff::SignedDuration;

use policy::governance::{Baseline, Caps, Kind};

use super::Governed;
use crate::context::Context;
use crate::inventory::{Prospect, Question};
use crate::problem::Problem;
use crate::resources::refused;
use crate::settings::catalogue::Catalogue;

/// What was looked up.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// What the inventory says.
    pub(crate) prospect: Prospect,
    /// What templates there are; none while the settings that lead to them are unknown.
    pub(crate) catalogue: Option<Arc<Catalogue>>,
    /// The owner.
    pub(crate) owner: OwnerFact,
    /// How long the identity is disabled before it may be destroyed, as the template says that it is bound to; no time where that
    /// says nothing, so that disabling and destroying are two applies and no more.
    pub(crate) observation: SignedDuration,
}

impl Facts {
    /// What the baseline allows a kind.
    pub(crate) fn caps(&self, kind: Kind) -> Caps {
        match &self.catalogue {
            Some(catalogue) => catalogue.library.baseline().caps(kind),
            None => Baseline::default().caps(kind),
        }
    }
}

/// What is known about the owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum OwnerFact {
    /// Nothing yet.
    #[default]
    Unknown,
    /// That there is none.
    Absent,
    /// Its name, and whether it is active if that is known.
    Known {
        /// Its id; none if it is registered by the same apply.
        id: Option<String>,
        /// Its name.
        name: String,
        /// Whether it is active.
        active: Option<bool>,
    },
}

/// Looks everything up.
pub(crate) async fn read<G: Governed>(
    subject: &G,
    context: &Context,
) -> Result<Facts, Vec<Problem>> {
    let configured = context.configured()?;
    let common = subject.common();
    let Some(inventory) = &configured.inventory else { return Ok(Facts::default()) };
    let text = |attribute: Option<&str>| attribute.map(str::to_owned);
    let question = Question {
        id: text(common.id.as_str()),
        name: common.name.as_str().map(|name| (G::KIND, name.to_owned())),
        owner: text(common.owner.as_str()),
        parent: text(common.parent.as_str()),
    };
    let prospect = inventory
        .prospect(question)
        .await
        .map_err(|error| vec![refused("Inventory not readable", &error)])?;
    let catalogue = match &configured.catalogues {
        Some(catalogues) => Some(catalogues.current(inventory, &configured.planned).await?),
        None => None,
    };
    let owner = match common.owner.as_str() {
        None => OwnerFact::Unknown,
        // What this run plans for the owner comes before what it is now.
        Some(key) => match (configured.planned.owner(key), &prospect.owner) {
            (Some(planned), found) => OwnerFact::Known {
                id: planned.id.or_else(|| found.as_ref().map(|owner| owner.id.clone())),
                name: planned.name,
                active: planned.active,
            },
            (None, Some(owner)) => OwnerFact::Known {
                id: Some(owner.id.clone()),
                name: owner.facts.name.clone(),
                active: Some(owner.facts.active),
            },
            (None, None) => OwnerFact::Absent,
        },
    };
    let bound = prospect.existing.as_ref().map(|record| &record.terms.template);
    let template = bound.and_then(|bound| configured.catalogues.as_ref()?.pinned(bound));
    let observation = template.and_then(|template| template.require.observation.clone());
    let observation = observation.map_or(SignedDuration::ZERO, |observation| {
        SignedDuration::from_secs(i64::from(observation.value.as_seconds()))
    });
    Ok(Facts { prospect, catalogue, owner, observation })
}

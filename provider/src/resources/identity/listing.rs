//! The identities of one kind, for `terraform query`.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;

use policy::governance::{Lifetime, State};

use super::{Common, Governed, Kinded, store, validate};
use crate::attribute::Attribute;
use crate::context::Context;
use crate::inventory::record::{Identity as Record, Pinned};
use crate::inventory::search::{Filter, Survey};
use crate::list::List;
use crate::model::model;
use crate::problem::Problem;
use crate::resources::refused;
use crate::schema::optional;

/// The list of a kind.
pub(crate) struct Kind<G>(PhantomData<fn() -> G>);

model! {
    /// Which identities are listed; filters that are stated hold together.
    pub(crate) struct KindFilter {
        /// The name or the id of their owner.
        owner: String = optional(),
        /// The business service that they serve.
        service: String = optional(),
        /// The environment that they live in.
        environment: String = optional(),
        /// Where they stand.
        status: String = optional().one_of(&["active", "rotating", "disabled", "expired", "quarantined"]),
        /// A template: its name, or with a version (`name@1.2.0`) or the beginning of one (`name@1`).
        template: String = optional(),
        /// What their names begin with.
        name_prefix: String = optional(),
        /// Those that end within this time, such as `30d`, or have ended.
        expiring_within: String = optional().check(validate::duration),
        /// `true` for those that should have been certified again by now.
        overdue: bool = optional(),
        /// `true` for those that no principal is bound to, `false` for those that have one.
        unbound: bool = optional(),
    }
}

/// An identity, with the templates of all that were found.
pub(crate) type Found = (Record, Arc<BTreeMap<String, Pinned>>);

impl<G: Governed> List for Kind<G> {
    type Resource = Kinded<G>;
    const DESCRIPTION: &'static str = "The living identities of one kind in the inventory, all or those that a filter describes, by \
        name. For reviews, and to bring identities that were made elsewhere into a configuration.";

    type Model = KindFilter;
    type Item = Found;

    async fn find(
        config: KindFilter,
        limit: Option<usize>,
        context: &Context,
    ) -> Result<Vec<Found>, Vec<Problem>> {
        let inventory = context.configured()?.inventory()?;
        let limit = limit.and_then(|limit| u32::try_from(limit).ok());
        let filter = Filter { kind: Some(G::KIND), limit, ..filter(&config, context) };
        let found = inventory.survey(filter).await;
        let failed = |error| vec![refused("Inventory not readable", &error)];
        let Survey { identities, templates, bindings: _ } = found.map_err(failed)?;
        let templates = Arc::new(templates);
        Ok(identities.into_iter().map(|it| (it, Arc::clone(&templates))).collect())
    }

    fn identity((record, _): &Found) -> Vec<(&'static str, String)> {
        vec![(Common::id, record.id.clone())]
    }

    fn display_name((record, _): &Found) -> String {
        record.facts.name.clone()
    }

    fn state((mut record, templates): Found, context: &Context) -> Result<G, Vec<Problem>> {
        if let Some(template) = templates.get(&record.terms.template.digest) {
            record.terms.template.source.clone_from(&template.source);
        }
        store::recall(&record, &G::default(), context, None)
    }
}

fn filter(config: &KindFilter, context: &Context) -> Filter {
    let now = context.now();
    let some = |text: &Attribute<String>| text.as_str().map(str::to_owned);
    let template = config.template.as_str();
    let (name, version) = match template.and_then(|template| template.split_once('@')) {
        Some((name, version)) => (Some(name), Some(version)),
        None => (template, None),
    };
    let within = config.expiring_within.as_str().and_then(|text| Lifetime::parse(text).ok());
    Filter {
        owner: some(&config.owner),
        service: some(&config.service),
        environment: some(&config.environment),
        status: config.status.as_str().and_then(State::from_name).map(|state| (state, now)),
        template: name.map(str::to_owned),
        template_version: version.map(str::to_owned),
        name_prefix: some(&config.name_prefix),
        expiring_before: within.map(|within| within.after(now)),
        overdue_at: (config.overdue.known() == Some(&true)).then_some(now),
        unbound: config.unbound.known().copied(),
        ..Filter::default()
    }
}

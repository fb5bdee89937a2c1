//! `nhi_inventory`: the identities that are asked for, and figures over them. What a reviewer starts from, and what an alarm
//! counts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use policy::governance::{Kind, Lifetime, State};
use policy::template::Template;

use super::known::{count, is_duration, principal_name, reference, rotation_due, time, unreadable};
use super::{KINDS, known};
use crate::attribute::Attribute;
use crate::context::Context;
use crate::data_source::DataSource;
use crate::inventory::record::Identity as Record;
use crate::inventory::search::{Bound, Filter, Survey};
use crate::model::model;
use crate::problem::Problem;
use crate::resource::Done;
use crate::resources::standing;
use crate::schema::{computed, optional};

/// `nhi_inventory`.
#[derive(Debug)]
pub(crate) struct Inventory;

const STATES: &[&str] =
    &["active", "rotating", "disabled", "expired", "quarantined", "decommissioned"];

model! {
    /// A principal on a platform that an identity is bound to.
    pub(crate) struct Binding {
        /// The platform.
        platform: String = computed(),
        /// What the platform calls it.
        principal: String = computed(),
    }
}

model! {
    /// One identity.
    pub(crate) struct Listed {
        /// Its id.
        id: String = computed(),
        /// Its kind.
        kind: String = computed(),
        /// Its name.
        name: String = computed(),
        /// The name of the owner.
        owner: String = computed(),
        /// Why it exists.
        purpose: String = computed(),
        /// The business service that it serves.
        service: String = computed(),
        /// The environment that it lives in.
        environment: String = computed(),
        /// The template version that it is bound to: `name@1.2.0`.
        template: String = computed(),
        /// Where it stands.
        status: String = computed(),
        /// When it ends.
        expires_at: String = computed(),
        /// When it must be certified again.
        certified_until: String = computed(),
        /// When its credential is due for rotation; null where nothing asks for rotation.
        rotation_due: String = computed(),
        /// When its credential was made.
        rotated_at: String = computed(),
        /// Grows by one with each rotation.
        credential_version: i64 = computed(),
        /// What to call the principal on a platform.
        principal_name: String = computed(),
        /// Its SPIFFE ID.
        spiffe_id: String = computed(),
        /// Who uses it.
        consumers: BTreeSet<String> = computed(),
        /// The `id` of the identity that it was derived from.
        parent: String = computed(),
        /// The principals that are bound to it.
        bindings: Vec<Binding> = computed(),
        /// When it was created.
        created_at: String = computed(),
    }
}

model! {
    /// Figures over the identities that were found.
    pub(crate) struct Metrics {
        /// How many there are.
        total: i64 = computed(),
        /// How many of each kind.
        by_kind: BTreeMap<String, i64> = computed(),
        /// How many in each status.
        by_status: BTreeMap<String, i64> = computed(),
        /// How many each owner answers for.
        by_owner: BTreeMap<String, i64> = computed(),
        /// How many are bound to each template version.
        by_template: BTreeMap<String, i64> = computed(),
        /// How many have no owner who is active.
        without_active_owner: i64 = computed(),
        /// How many end within 7 days. What has ended is not counted here and in the next two.
        expiring_7_days: i64 = computed(),
        /// How many end within 30 days.
        expiring_30_days: i64 = computed(),
        /// How many end within 90 days.
        expiring_90_days: i64 = computed(),
        /// How many should have been certified again by now.
        overdue_certifications: i64 = computed(),
        /// How many credentials should have been rotated by now.
        overdue_rotations: i64 = computed(),
        /// How many have a credential that nothing asks to rotate.
        without_rotation: i64 = computed(),
        /// How many no principal is bound to.
        unbound: i64 = computed(),
        /// How many have more than one consumer.
        shared: i64 = computed(),
        /// How many prove themselves with credentials that are issued for a session and not kept.
        short_lived: i64 = computed(),
        /// When the oldest credential was made.
        oldest_credential: String = computed(),
    }
}

model! {
    /// What is looked up, and what is found.
    pub(crate) struct InventoryModel {
        /// The name or the id of an owner.
        owner: String = optional(),
        /// The business service that they serve.
        service: String = optional(),
        /// The environment that they live in.
        environment: String = optional(),
        /// Their kind.
        kind: String = optional().one_of(KINDS),
        /// Where they stand. Decommissioned identities are found only if this says so.
        status: String = optional().one_of(STATES),
        /// A template: its name, or with a version (`name@1.2.0`) or the beginning of one (`name@1`).
        template: String = optional(),
        /// What their names begin with.
        name_prefix: String = optional(),
        /// Those that end within this time, such as `30d`, or have ended.
        expiring_within: String = optional().check(is_duration),
        /// `true` for those that should have been certified again by now.
        overdue: bool = optional(),
        /// `true` for those that no principal is bound to, `false` for those that have one.
        unbound: bool = optional(),
        /// The identities, by kind and name.
        identities: Vec<Listed> = computed(),
        /// Figures over them.
        metrics: Metrics = computed(),
    }
}

impl DataSource for Inventory {
    const TYPE: &'static str = "nhi_inventory";
    const DESCRIPTION: &'static str = "The identities in the inventory, all or those that a filter describes, with figures over them. Filters that are \
         stated hold together.";

    type Model = InventoryModel;

    fn validate(config: &InventoryModel) -> Vec<Problem> {
        let texts = [
            (InventoryModel::owner, &config.owner),
            (InventoryModel::service, &config.service),
            (InventoryModel::environment, &config.environment),
            (InventoryModel::template, &config.template),
            (InventoryModel::name_prefix, &config.name_prefix),
        ];
        texts.into_iter().filter_map(|(name, text)| known::empty(name, text)).collect()
    }

    async fn read(
        config: InventoryModel,
        context: &Context,
    ) -> Result<Done<InventoryModel>, Vec<Problem>> {
        let inventory = context.configured()?.inventory()?;
        let survey = inventory.survey(filter(&config, context.now())).await.map_err(unreadable)?;
        let (identities, metrics) = describe(survey, context)?;
        let found =
            InventoryModel { identities: identities.into(), metrics: metrics.into(), ..config };
        Ok(found.into())
    }
}

/// What the configuration asks for.
pub(super) fn filter(config: &InventoryModel, now: Timestamp) -> Filter {
    let some = |text: &Attribute<String>| text.as_str().map(str::to_owned);
    let (template, template_version) = match config.template.as_str() {
        None => (None, None),
        Some(reference) => match reference.split_once('@') {
            None => (Some(reference.to_owned()), None),
            Some((name, version)) => (Some(name.to_owned()), Some(version.to_owned())),
        },
    };
    let within = config.expiring_within.as_str().and_then(|text| Lifetime::parse(text).ok());
    Filter {
        owner: some(&config.owner),
        service: some(&config.service),
        environment: some(&config.environment),
        kind: config.kind.as_str().and_then(Kind::from_name),
        status: config.status.as_str().and_then(State::from_name).map(|state| (state, now)),
        template,
        template_version,
        expiring_before: within.map(|within| within.after(now)),
        overdue_at: (config.overdue == Attribute::Known(true)).then_some(now),
        unbound: config.unbound.known().copied(),
        name_prefix: some(&config.name_prefix),
        decommissioned: false,
        limit: None,
    }
}

fn describe(survey: Survey, context: &Context) -> Result<(Vec<Listed>, Metrics), Vec<Problem>> {
    let Survey { identities, templates, mut bindings } = survey;
    let mut parsed: BTreeMap<String, Arc<Template>> = BTreeMap::new();
    for (digest, pinned) in templates {
        parsed.insert(digest, known::template(context, &pinned)?);
    }
    let mut figures = Figures { now: context.now(), ..Figures::default() };
    let mut listed = Vec::with_capacity(identities.len());
    for record in identities {
        let bindings = bindings.remove(&record.id).unwrap_or_default();
        let template = parsed.get(&record.terms.template.digest);
        let due = template.and_then(|template| rotation_due(&record, template));
        let status = standing(&record, figures.now);
        figures.count(&record, status, due, bindings.len());
        listed.push(list(record, status, due, bindings));
    }
    Ok((listed, figures.into_metrics()))
}

fn list(record: Record, status: State, due: Option<Timestamp>, bindings: Vec<Bound>) -> Listed {
    let bindings = bindings.into_iter().map(|bound| Binding {
        platform: bound.platform.into(),
        principal: bound.principal.into(),
    });
    let (principal_name, template) = (principal_name(&record), reference(&record.terms.template));
    let (facts, terms) = (record.facts, record.terms);
    Listed {
        id: record.id.into(),
        kind: facts.kind.name().into(),
        name: facts.name.into(),
        owner: record.owner.into(),
        purpose: facts.purpose.into(),
        service: facts.service.into(),
        environment: facts.environment.into(),
        template: template.into(),
        status: status.name().into(),
        expires_at: terms.expires_at.to_string().into(),
        certified_until: time(terms.certified_until),
        rotation_due: time(due),
        rotated_at: terms.rotated_at.to_string().into(),
        credential_version: terms.credential_version.into(),
        principal_name: principal_name.into(),
        spiffe_id: terms.spiffe_id.into(),
        consumers: Attribute::Known(facts.consumers.into_iter().collect()),
        parent: facts.parent.into(),
        bindings: bindings.collect::<Vec<_>>().into(),
        created_at: record.created_at.to_string().into(),
    }
}

/// What is counted while the identities go by.
#[derive(Debug, Default)]
struct Figures {
    now: Timestamp,
    total: usize,
    by_kind: BTreeMap<&'static str, i64>,
    by_status: BTreeMap<&'static str, i64>,
    by_owner: BTreeMap<String, i64>,
    by_template: BTreeMap<String, i64>,
    without_active_owner: usize,
    /// Within 7, 30 and 90 days.
    expiring: [usize; 3],
    overdue_certifications: usize,
    overdue_rotations: usize,
    without_rotation: usize,
    unbound: usize,
    shared: usize,
    short_lived: usize,
    oldest_credential: Option<Timestamp>,
}

impl Figures {
    fn count(&mut self, record: &Record, status: State, due: Option<Timestamp>, bindings: usize) {
        let (facts, terms, now) = (&record.facts, &record.terms, self.now);
        self.total += 1;
        *self.by_kind.entry(facts.kind.name()).or_default() += 1;
        *self.by_status.entry(status.name()).or_default() += 1;
        add(&mut self.by_owner, &record.owner);
        add(&mut self.by_template, &reference(&terms.template));
        self.without_active_owner += usize::from(!record.owner_active);
        for (ending, days) in self.expiring.iter_mut().zip([7, 30, 90]) {
            let left = terms.expires_at.duration_since(now);
            let soon = left.is_positive() && left <= SignedDuration::from_hours(24 * days);
            *ending += usize::from(soon);
        }
        let past = |time: Option<Timestamp>| usize::from(time.is_some_and(|time| time <= now));
        self.overdue_certifications += past(terms.certified_until);
        let short_lived = is_short_lived(facts.kind);
        if short_lived {
            self.short_lived += 1;
        } else {
            self.overdue_rotations += past(due);
            self.without_rotation += usize::from(due.is_none());
            let oldest = self.oldest_credential.get_or_insert(terms.rotated_at);
            *oldest = terms.rotated_at.min(*oldest);
        }
        self.unbound += usize::from(bindings == 0);
        self.shared += usize::from(facts.consumers.len() > 1);
    }

    fn into_metrics(self) -> Metrics {
        let [seven, thirty, ninety] = self.expiring.map(count);
        let named = |counts: BTreeMap<&'static str, i64>| {
            let counts = counts.into_iter().map(|(name, count)| (name.to_owned(), count));
            Attribute::Known(counts.collect::<BTreeMap<_, _>>())
        };
        Metrics {
            total: count(self.total),
            by_kind: named(self.by_kind),
            by_status: named(self.by_status),
            by_owner: self.by_owner.into(),
            by_template: self.by_template.into(),
            without_active_owner: count(self.without_active_owner),
            expiring_7_days: seven,
            expiring_30_days: thirty,
            expiring_90_days: ninety,
            overdue_certifications: count(self.overdue_certifications),
            overdue_rotations: count(self.overdue_rotations),
            without_rotation: count(self.without_rotation),
            unbound: count(self.unbound),
            shared: count(self.shared),
            short_lived: count(self.short_lived),
            oldest_credential: time(self.oldest_credential),
        }
    }
}

/// Without a copy of the name where it is counted already.
fn add(counts: &mut BTreeMap<String, i64>, name: &str) {
    match counts.get_mut(name) {
        Some(count) => *count += 1,
        None => {
            counts.insert(name.to_owned(), 1);
        }
    }
}

/// Whether identities of the kind keep no credential: each is issued for a session.
pub(super) fn is_short_lived(kind: Kind) -> bool {
    match kind {
        Kind::WorkloadIdentity | Kind::DeploymentToken | Kind::Agent => true,
        Kind::ServiceAccount | Kind::ApiKey | Kind::Certificate => false,
    }
}

#[cfg(test)]
mod tests;

//! Creating, reading, updating and deleting an identity in the inventory. What was unknown in the plan is checked here again.

use jiff::Timestamp;
use policy::governance::Expiry;
use policy::template::Template;

use super::facts::{self, Facts, OwnerFact};
use super::lifecycle::standing;
use super::plan::plan;
use super::rotation::{next, noted, overlap, rotates};
use super::{Common, Governed, Rotation, Slot, moving, render};
use crate::attribute::Attribute;
use crate::context::Context;
use crate::inventory::record::{self, Created, Identity as Record, Pinned, Terms};
use crate::inventory::{InventoryError, fresh_id};
use crate::problem::Problem;
use crate::resource::{Change, Done, Failed, ImportKey};
use crate::resources::{claimed, refused, taken_over};
use crate::settings::catalogue::Chosen;

/// Creates what was planned.
pub(crate) async fn create<G: Governed>(
    planned: G,
    context: &Context,
) -> Result<Done<G>, Failed<G>> {
    let now = whole_seconds(context.now());
    let settled = settled(&planned, None, context).await?;
    let (facts, template) = (&settled.facts, bound_template(&planned, &settled, context)?);
    let inventory = context.configured()?.inventory()?;
    let common = planned.common();
    let expires_at = Expiry::parse(text(&common.expiry))
        .map_err(|error| Problem::bug(error.to_string()))?
        .resolve(now);
    let review = review_every::<G>(&template, facts);
    let mut terms = Terms {
        expires_at,
        template: pinned(&template),
        spiffe_id: planned.spiffe_id().into_known(),
        certified_until: review.map(|review| review.after(now)),
        credential_version: 1,
        rotated_at: now,
        previous_valid_until: None,
        credential: None,
        review: None,
        extended_by: None,
    };
    let owner_id = owner_id(facts)?;
    let id = fresh_id("nhi").map_err(|error| refusal(&error))?;
    terms.credential =
        planned.issue(Slot { id: &id, terms: &terms, previous: None }, context).await?;
    let made = inventory.create_identity(now, (id, stated::<G>(&planned, owner_id), terms)).await;
    let made = made.map_err(|error| refusal(&error))?;
    let warnings = match &made {
        Created::New(_) => Vec::new(),
        Created::TakenOver(found) => vec![taken_over("identity", &found.facts.name, &found.id)],
    };
    let state = recall(&made.into_record(), &planned, context, Some(&template))?;
    Ok(Done { state, warnings, private: Some(noted(false)) })
}

/// Reads what is recorded. A decommissioned identity is gone; one that was never on record is in another inventory, and still in use.
pub(crate) async fn read<G: Governed>(
    state: G,
    context: &Context,
) -> Result<Option<Done<G>>, Vec<Problem>> {
    let inventory = context.configured()?.inventory()?;
    let Some(key) = state.common().id.as_str() else { return Ok(None) };
    let failed = |error: InventoryError| vec![refused("Inventory not readable", &error)];
    let mut found = inventory.identity(key).await.map_err(failed)?;
    if found.is_none() && state.common().status.is_null() {
        // An import may name the identity instead: nothing but the key is known of it.
        found = inventory.identity_named(G::KIND, key).await.map_err(failed)?;
    }
    if found.is_none() && !state.common().status.is_null() {
        return Err(vec![elsewhere(text(&state.common().name), key)]);
    }
    let moved_from = moving::came_from(context.private());
    let living = found.filter(|it| {
        let kind = it.facts.kind;
        let ours = kind == G::KIND || Some(kind) == moved_from;
        it.standing != record::Standing::Decommissioned && ours
    });
    let Some(record) = living else { return Ok(None) };
    let warnings = claimed(inventory.claim_identity(&record.id).await);
    let mut read = recall(&record, &state, context, None)?;
    let (now, state) = (context.now(), standing(&record, context.now()));
    read.common_mut().status = state.name().into();
    let due = read.common().rotation_due.as_str().and_then(|due| due.parse::<Timestamp>().ok());
    let is_due = state.may_have_credentials() && due.is_some_and(|due| due <= now);
    // An update that was committed and never reached the state has made it one of this kind; until then the mark of the move stays.
    let moves = record.facts.kind != G::KIND;
    Ok(Some(Done { state: read, warnings, private: (!moves).then(|| noted(is_due)) }))
}

/// Every identity leaves a tombstone: what has no record at all was not made in this inventory, and dropping it from the state would
/// leave it in use with nobody to govern it.
fn elsewhere(name: &str, id: &str) -> Problem {
    let detail = format!(
        "There is no record of `{name}` ({id}) in this inventory, not even of its end: it was made in another one, and may be \
         in use. Set the provider's `inventory` back to where it was made. If that inventory is lost, `terraform state rm` takes \
         the identity out of the state."
    );
    Problem::error("Identity of another inventory", detail)
}

/// Changes what is recorded into what was planned.
pub(crate) async fn update<G: Governed>(
    prior: G,
    planned: G,
    context: &Context,
) -> Result<Done<G>, Failed<G>> {
    let now = whole_seconds(context.now());
    let settled = settled(&planned, Some(&prior), context).await?;
    let (facts, template) = (&settled.facts, bound_template(&planned, &settled, context)?);
    let inventory = context.configured()?.inventory()?;
    let id = text(&prior.common().id);
    let current = facts.prospect.existing.as_ref().ok_or_else(|| {
        refusal(&InventoryError::NotFound { what: "identity", key: id.to_owned() })
    })?;
    let mut before = stated::<G>(&prior, current.facts.owner_id.clone());
    let moves = moving::changes_kind::<G>(Some(current));
    if moves {
        // What only the old kind states has no place in the moved state.
        let old = current.facts.clone();
        before =
            record::Facts { kind: old.kind, subject: old.subject, details: old.details, ..before };
    }
    if current.facts != before || !has_terms(prior.common(), &current.terms) {
        let name = current.facts.name.clone();
        return Err(refusal(&InventoryError::Changed { what: "identity", name }).into());
    }
    let owner_id = match &facts.owner {
        OwnerFact::Known { id: Some(id), .. } => id.clone(),
        OwnerFact::Known { id: None, .. } | OwnerFact::Absent | OwnerFact::Unknown => {
            owner_id(facts)?
        }
    };
    let changed = stated::<G>(&planned, owner_id);
    let credential_version = settled.credential_version.unwrap_or(current.terms.credential_version);
    let rotated = credential_version != current.terms.credential_version;
    let expiry = Expiry::parse(&changed.expiry).map_err(|error| Problem::bug(error.to_string()))?;
    let previous = current.terms.credential.as_ref().filter(|_| !moves);
    let mut terms = Terms {
        expires_at: expiry.resolve(current.created_at),
        template: pinned(&template),
        spiffe_id: planned.spiffe_id().into_known(),
        certified_until: current.terms.certified_until,
        credential_version,
        rotated_at: if rotated { now } else { current.terms.rotated_at },
        previous_valid_until: current.terms.previous_valid_until,
        credential: previous.cloned(),
        // What the plan settled is settled.
        review: (current.terms.review.clone())
            .filter(|_| planned.common().review_outcome.is_known()),
        extended_by: current.terms.extended_by.clone(),
    };
    if terms.expires_at > current.terms.expires_at {
        terms.extended_by.clone_from(&facts.prospect.approval);
    }
    let because = if rotated {
        rotates(&prior, &planned, (facts, context), Some(&template)).told()
    } else {
        String::new()
    };
    if rotated {
        let overlap = overlap(&planned.common().rotation);
        terms.previous_valid_until = Some(current.overlap_until(now, overlap));
        let slot = Slot { id: &current.id, terms: &terms, previous };
        terms.credential = planned.issue(slot, context).await?;
    }
    let key = (current.id.as_str(), current.version);
    let made = inventory.update_identity(now, key, (changed, terms, because)).await;
    let made = made.map_err(|error| refusal(&error))?;
    let state = recall(&made, &planned, context, Some(&template))?;
    Ok(Done { state, warnings: Vec::new(), private: Some(noted(false)) })
}

/// Whether the state knows what operators and reviews did: they change more than the configuration says.
fn has_terms(prior: &Common, terms: &Terms) -> bool {
    let certified_until = terms.certified_until.map(|time| time.to_string());
    prior.credential_version == terms.credential_version.into()
        && prior.certified_until == certified_until.into()
}

/// Decommissions the identity; its record stays.
pub(crate) async fn delete<G: Governed>(
    prior: G,
    context: &Context,
) -> Result<Vec<Problem>, Failed<G>> {
    let inventory = context.configured()?.inventory()?;
    let id = text(&prior.common().id);
    let observation = facts::read(&prior, context).await?.observation;
    let done = inventory.decommission(whole_seconds(context.now()), id, observation).await;
    done.map_err(|error| refusal(&error))?;
    Ok(Vec::new())
}

/// What an import knows: the id or the name.
pub(crate) fn import<G: Governed>(key: &ImportKey) -> G {
    let mut model = G::default();
    model.common_mut().id = key.text(Common::id).map(str::to_owned).into();
    model
}

/// What is settled once everything is known.
struct Settled {
    facts: Facts,
    /// What the template's content is now.
    digest: Attribute<String>,
    credential_version: Option<i64>,
}

/// Plans once more, now that everything is known: what was unknown in the plan is held to the same rules, and what the plan
/// knew has to be the same.
async fn settled<G: Governed>(
    planned: &G,
    prior: Option<&G>,
    context: &Context,
) -> Result<Settled, Vec<Problem>> {
    let facts = facts::read(planned, context).await?;
    let change = Change { prior, config: planned, proposed: planned.clone() };
    let again = plan(change, &facts, context)?.state;
    let before = &planned.common().template_digest;
    if before.is_known() && *before != again.common().template_digest {
        let detail = "The template has another content than at plan time. Run `terraform plan` again and look at what changes.";
        return Err(vec![
            Problem::error("Template changed since the plan", detail).at(Common::template),
        ]);
    }
    let credential_version = planned.common().credential_version;
    let credential_version =
        credential_version.into_known().or(again.common().credential_version.into_known());
    let digest = again.common().template_digest.clone();
    Ok(Settled { facts, digest, credential_version })
}

/// The template of the planned digest: among those that can be named, or the one that the identity is bound to.
fn bound_template<'a, G: Governed>(
    planned: &G,
    Settled { facts, digest, .. }: &'a Settled,
    context: &Context,
) -> Result<Chosen<'a>, Vec<Problem>> {
    let digest = text(digest);
    let named = facts.catalogue.as_ref().and_then(|catalogue| {
        let mut templates = catalogue.library.templates();
        templates.find(|template| template.digest == digest).map(Chosen::Named)
    });
    let bound = || {
        let bound = &facts.prospect.existing.as_ref()?.terms.template;
        let catalogues = context.configured().ok()?.catalogues.as_ref()?;
        (bound.digest == digest).then(|| catalogues.pinned(bound).map(Chosen::Pinned))?
    };
    named.or_else(bound).ok_or_else(|| {
        let detail =
            format!("There is no template `{}` any more.", text(&planned.common().template));
        vec![Problem::error("Template gone since the plan", detail).at(Common::template)]
    })
}

/// The record as a model, in the spelling of `like`.
pub(crate) fn recall<G: Governed>(
    record: &Record,
    like: &G,
    context: &Context,
    template: Option<&Template>,
) -> Result<G, Vec<Problem>> {
    let mut model = like.clone();
    model.recall(record);
    let common = model.common_mut();
    let (facts, terms) = (&record.facts, &record.terms);
    common.id = record.id.as_str().into();
    common.name = facts.name.as_str().into();
    // The owner may be written as a name or an id.
    let owner = common.owner.as_str();
    if owner != Some(record.owner.as_str()) && owner != Some(facts.owner_id.as_str()) {
        common.owner = record.owner.as_str().into();
    }
    common.purpose = facts.purpose.as_str().into();
    common.expiry = facts.expiry.as_str().into();
    common.template = facts.template.as_str().into();
    let parameters =
        facts.parameters.iter().map(|(name, value)| (name.clone(), value.as_str().into()));
    keep_empty(&mut common.parameters, parameters.collect(), facts.parameters.is_empty());
    keep_empty(
        &mut common.consumers,
        facts.consumers.iter().cloned().collect(),
        facts.consumers.is_empty(),
    );
    common.service = facts.service.clone().into();
    common.environment = facts.environment.clone().into();
    common.parent = facts.parent.clone().into();
    common.state = if facts.disabled { "disabled" } else { "active" }.into();
    let rotation = Rotation {
        every: facts.rotation.every.clone().into(),
        before: facts.rotation.before.clone().into(),
        overlap: facts.rotation.overlap.clone().into(),
        epoch: facts.rotation.epoch.into(),
        reason: facts.rotation.reason.clone().into(),
    };
    let says_nothing = rotation == Rotation::default();
    keep_empty(&mut common.rotation, rotation, says_nothing);
    common.break_glass_reason = facts.break_glass_reason.clone().into();
    common.expires_at = terms.expires_at.to_string().into();
    if !common.status.is_known() {
        common.status = standing(record, context.now()).name().into();
    }
    common.certified_until = terms.certified_until.map(|time| time.to_string()).into();
    common.credential_version = terms.credential_version.into();
    common.review_outcome = terms.review.as_ref().map(|review| review.outcome.clone()).into();
    let pinned = || {
        let catalogues = context.configured().ok()?.catalogues.as_ref()?;
        catalogues.pinned(&terms.template).map(Chosen::Pinned)
    };
    let Some(template) = template.map(Chosen::Named).or_else(pinned) else {
        let detail = format!(
            "The text of `{}@{}` cannot be read any more.",
            terms.template.name, terms.template.version
        );
        return Err(vec![Problem::bug(detail)]);
    };
    let due = next(&model, terms, Some(&template));
    let common = model.common_mut();
    common.rotation_due = due;
    let owner = Attribute::Known(record.owner.clone());
    let problems = render::fill(common, &owner, Some(&template));
    if problems.is_empty() { Ok(model) } else { Err(problems) }
}

/// An empty collection may have been written or left out.
fn keep_empty<T>(attribute: &mut Attribute<T>, value: T, is_empty: bool) {
    if !(is_empty && attribute.is_null()) {
        *attribute = Attribute::Known(value);
    }
}

/// What the configuration states.
fn stated<G: Governed>(model: &G, owner_id: String) -> record::Facts {
    let common = model.common();
    let some = |attribute: &Attribute<String>| attribute.as_str().map(str::to_owned);
    let parameters = common.parameters.known().into_iter().flatten();
    let rotation = common.rotation.known();
    record::Facts {
        kind: G::KIND,
        name: text(&common.name).to_owned(),
        owner_id,
        purpose: text(&common.purpose).to_owned(),
        expiry: text(&common.expiry).to_owned(),
        template: text(&common.template).to_owned(),
        parameters: parameters
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect(),
        service: some(&common.service),
        environment: some(&common.environment),
        consumers: common.consumers.known().into_iter().flatten().cloned().collect(),
        parent: some(&common.parent),
        disabled: common.state.as_str() == Some("disabled"),
        rotation: rotation.map_or_else(record::Rotation::default, |rotation| record::Rotation {
            every: some(&rotation.every),
            before: some(&rotation.before),
            overlap: some(&rotation.overlap),
            epoch: rotation.epoch.known().copied(),
            reason: some(&rotation.reason),
        }),
        break_glass_reason: some(&common.break_glass_reason),
        subject: model.subject(),
        details: model.details(),
    }
}

fn owner_id(facts: &Facts) -> Result<String, Vec<Problem>> {
    match &facts.prospect.owner {
        Some(owner) => Ok(owner.id.clone()),
        None => Err(vec![
            Problem::error(
                "Unknown owner",
                "The owner is not in the inventory. If this configuration registers it, refer to it as \
                 `nhi_owner.<label>.name`, so that Terraform makes it first.",
            )
            .at(Common::owner),
        ]),
    }
}

pub(crate) fn pinned(template: &Template) -> Pinned {
    Pinned {
        name: template.name.clone(),
        version: template.version.to_string(),
        digest: template.digest.clone(),
        source: template.place.file.inner().clone(),
    }
}

/// The shorter of what the template and the kind's baseline say.
fn review_every<G: Governed>(
    template: &Template,
    facts: &Facts,
) -> Option<policy::governance::Lifetime> {
    let of_template = template.require.review_every.as_ref().map(|review| review.value);
    of_template.into_iter().chain(facts.caps(G::KIND).review_every).min()
}

fn refusal(error: &InventoryError) -> Problem {
    let problem = refused("Identity refused", error);
    if matches!(error, InventoryError::NameInUse { .. } | InventoryError::NameKept { .. }) {
        problem.at(Common::name)
    } else if matches!(error, InventoryError::OwnerInactive(_)) {
        problem.at(Common::owner)
    } else {
        problem
    }
}

fn text(attribute: &Attribute<String>) -> &str {
    attribute.as_str().unwrap_or_default()
}

/// Times in attributes and in the inventory are whole seconds.
pub(crate) fn whole_seconds(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

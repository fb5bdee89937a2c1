//! What an apply will make of an identity, or everything that stands against it.
//!
//! A change that is refused has an attribute and a way out. What exists and does not change is not refused: a cap that was
//! lowered or an owner that left must not stop the plan of everything beside it, so it is a warning there, and so it is while
//! the identity is being disabled, which is the way out.

use jiff::{SignedDuration, Timestamp};
use policy::governance::Lifetime;
use policy::governance::{
    Baseline, Context as Judged, Expiry, Fact, Facts as Stated, Field, State, Violation, assess,
};
use policy::template::{Template, UnusableTemplate};

use super::facts::{Facts, OwnerFact};
use super::store::pinned_template;
use super::validate::violation;
use super::{Common, Governed, Rotation, render};
use crate::attribute::Attribute;
use crate::context::Context;
use crate::inventory::record::{Identity as Record, Standing};
use crate::inventory::{InventoryError, name_kept};
use crate::path::Path;
use crate::problem::{Problem, Severity, has_errors};
use crate::resource::{Change, Planned};
use crate::resources::{refused, taken_over};
use crate::settings::{Configured, Defaults};
use crate::wording;

/// How long an identity is disabled before it may be destroyed. Templates do not say so yet; the next apply may destroy it.
pub(crate) const OBSERVATION: SignedDuration = SignedDuration::ZERO;

/// Decides on a create or an update.
pub(crate) fn plan<G: Governed>(
    change: Change<'_, G>,
    facts: &Facts,
    context: &Context,
) -> Result<Planned<G>, Vec<Problem>> {
    let configured = context.configured()?;
    let Change { prior, config, mut proposed } = change;
    let mut problems = Vec::new();
    inherit(proposed.common_mut(), config.common(), &configured.defaults);

    let owner = owner(proposed.common(), facts, &mut problems);
    let template = template(
        proposed.common(),
        prior.map(Governed::common),
        (facts, configured),
        &mut problems,
    );
    ends(proposed.common_mut(), prior.map(Governed::common), facts);
    follow(&mut proposed, prior, facts, template.as_ref());
    problems.extend(proposed.decide(configured).err().into_iter().flatten());
    problems.extend(render::fill(proposed.common_mut(), &owner, template.as_ref()));

    problems.extend(judge::<G>(proposed.common(), &owner, (facts, context), template.as_ref()));
    problems.extend(name(proposed.common(), prior.map(Governed::common), (facts, context.now())));
    problems.extend(lifecycle(proposed.common(), facts, context.now()));
    problems.extend(parent(proposed.common(), facts));
    problems.extend(rotation(proposed.common(), template.as_ref()));

    if let Some(prior) = prior
        && has_errors(&problems)
        && is_harmless(prior.common(), proposed.common())
    {
        for problem in &mut problems {
            problem.severity = Severity::Warning;
        }
        proposed = only_standing(prior, proposed.common());
    }
    if has_errors(&problems) {
        return Err(problems);
    }
    Ok(Planned { warnings: problems, ..proposed.into() })
}

/// What the provider's `defaults` say where the configuration says nothing.
fn inherit(common: &mut Common, config: &Common, defaults: &Defaults) {
    common.service = config.service.clone().or(defaults.service.clone());
    common.environment = config.environment.clone().or(defaults.environment.clone());
}

/// The owner's name, as far as it is known.
fn owner(common: &Common, facts: &Facts, problems: &mut Vec<Problem>) -> Attribute<String> {
    match &facts.owner {
        OwnerFact::Unknown => Attribute::Unknown,
        OwnerFact::Absent => {
            let detail = format!(
                "There is no owner `{}` in the inventory. Register it once as an `nhi_owner`. If this configuration does, \
                 refer to it as `nhi_owner.<label>.name`, so that Terraform makes it first.",
                common.owner.as_str().unwrap_or_default()
            );
            problems.push(Problem::error("Unknown owner", detail).at(Common::owner));
            Attribute::Unknown
        }
        OwnerFact::Known { name, active, .. } => {
            if *active == Some(false) {
                let detail = format!(
                    "The owner `{name}` is inactive: nobody answers for the identity. Name an active owner, or set \
                     `active = true` on its `nhi_owner`."
                );
                problems.push(Problem::error("Inactive owner", detail).at(Common::owner));
            }
            Attribute::Known(name.clone())
        }
    }
}

/// The template that the identity is to be bound to; none while it is not known, or where there is a problem with it.
fn template(
    common: &Common,
    prior: Option<&Common>,
    (facts, configured): (&Facts, &Configured),
    problems: &mut Vec<Problem>,
) -> Option<Template> {
    let reference = common.template.as_str()?;
    let catalogue = facts.catalogue.as_ref()?;
    let bound = facts.prospect.existing.as_ref().map(|record| &record.terms.template);
    let is_bound = |template: &Template| {
        bound.is_some_and(|bound| {
            bound.name == template.name && bound.version == template.version.to_string()
        })
    };
    match catalogue.library.find(reference) {
        Ok(template) => {
            if let Some(bound) =
                bound.filter(|bound| is_bound(template) && bound.digest != template.digest)
            {
                let detail = format!(
                    "`{}@{}` has another content than when the identity was bound to it. A version that is in use should \
                     not change: raise `version` in the template.",
                    bound.name, bound.version
                );
                problems.push(Problem::warning("Template changed", detail).at(Common::template));
            }
            Some(template.clone())
        }
        Err(error) => {
            let problem = match &error {
                UnusableTemplate::Unknown { name, .. }
                    if catalogue.library.templates().next().is_none() =>
                {
                    wording::problem(
                        "Unusable template",
                        &format!("there is no template `{name}`, nor any other"),
                        "publish one as an `nhi_template`, or name folders in the provider's `templates`",
                    )
                }
                other => wording::diagnosed("Unusable template", other),
            };
            let problem = problem.at(Common::template);
            let kept = match &error {
                UnusableTemplate::Deprecated { reference, .. }
                | UnusableTemplate::Revoked { reference, .. } => {
                    let found =
                        catalogue.library.templates().find(|it| it.reference() == *reference);
                    found.filter(|template| is_bound(template)).cloned()
                }
                UnusableTemplate::Malformed { .. }
                | UnusableTemplate::Unknown { .. }
                | UnusableTemplate::NoSuchVersion { .. }
                | UnusableTemplate::Broken { .. } => bound
                    .filter(|_| prior.and_then(|prior| prior.template.as_str()) == Some(reference))
                    .and_then(|bound| pinned_template(bound, configured)),
            };
            let stays = matches!(error, UnusableTemplate::Deprecated { .. }) && kept.is_some();
            let severity = if stays { Severity::Warning } else { Severity::Error };
            problems.push(Problem { severity, ..problem });
            if kept.is_none() {
                // The reason may lie in a file.
                problems.extend(catalogue.problems.iter().cloned());
            }
            kept
        }
    }
}

/// When it ends. A duration counts from creation, which is not known before.
fn ends(common: &mut Common, prior: Option<&Common>, facts: &Facts) {
    let created = facts.prospect.existing.as_ref().map(|record| record.created_at);
    common.expires_at = match common.expiry.as_str().map(Expiry::parse) {
        Some(Ok(expiry @ (Expiry::Date(_) | Expiry::Time(_)))) => {
            Attribute::Known(expiry.resolve(Timestamp::UNIX_EPOCH).to_string())
        }
        Some(Ok(expiry @ Expiry::Duration(_))) => match (created, prior) {
            (Some(created), _) => Attribute::Known(expiry.resolve(created).to_string()),
            (None, Some(prior)) if prior.expiry == common.expiry => prior.expires_at.clone(),
            (None, _) => Attribute::Unknown,
        },
        Some(Err(_)) | None => Attribute::Unknown,
    };
}

/// What follows from a change: status, rotation, certification. The clock decides none of it.
fn follow<G: Governed>(
    proposed: &mut G,
    prior: Option<&G>,
    facts: &Facts,
    template: Option<&Template>,
) {
    let rotates = prior.map(|prior| rotates(prior.common(), proposed.common(), facts, template));
    let interval = interval(proposed.common(), template);
    let common = proposed.common_mut();
    let Some(prior) = prior.map(Governed::common) else {
        common.status = status_of(common);
        common.certified_until = Attribute::Unknown;
        common.credential_version = Attribute::Known(1);
        common.rotation_due = if template.is_some() && interval.is_null() {
            Attribute::Null
        } else {
            Attribute::Unknown
        };
        return;
    };
    let same_standing = prior.state == common.state
        && prior.expires_at == common.expires_at
        && prior.owner == common.owner;
    common.status = if same_standing { prior.status.clone() } else { status_of(common) };
    common.certified_until = prior.certified_until.clone();
    let rotated_at = facts.prospect.existing.as_ref().map(|record| record.terms.rotated_at);
    (common.credential_version, common.rotation_due) = match (rotates, rotated_at) {
        (Some(Attribute::Known(false)), Some(rotated_at)) => (
            prior.credential_version,
            interval.map(|interval| after(rotated_at, interval).to_string()),
        ),
        (Some(Attribute::Known(true)), _) => {
            let due = if interval.is_null() { Attribute::Null } else { Attribute::Unknown };
            (prior.credential_version.map(|version| version.saturating_add(1)), due)
        }
        _ => (Attribute::Unknown, Attribute::Unknown),
    };
}

/// What is disabled is disabled whatever the time; all else is for the clock to say.
fn status_of(common: &Common) -> Attribute<String> {
    match common.state.as_str() {
        Some("disabled") => State::Disabled.name().into(),
        _ => Attribute::Unknown,
    }
}

/// Whether the change rotates the credential: owner, template, purpose or environment change, or the epoch does.
fn rotates(
    prior: &Common,
    common: &Common,
    facts: &Facts,
    template: Option<&Template>,
) -> Attribute<bool> {
    let epoch = |common: &Common| common.rotation.clone().and_then(|rotation| rotation.epoch);
    let owner = match (&facts.owner, &facts.prospect.existing) {
        (OwnerFact::Known { id: Some(id), .. }, Some(record)) => {
            Attribute::Known(record.facts.owner_id != *id)
        }
        (OwnerFact::Known { id: None, .. }, Some(_)) => Attribute::Known(true),
        _ if prior.owner == common.owner => Attribute::Known(false),
        _ => Attribute::Unknown,
    };
    let differ = |one: &Attribute<String>, other: &Attribute<String>| match (one, other) {
        (Attribute::Unknown, _) | (_, Attribute::Unknown) => Attribute::Unknown,
        (one, other) => Attribute::Known(one != other),
    };
    let digest =
        template.map_or(Attribute::Unknown, |template| Attribute::Known(template.digest.clone()));
    let changes = [
        owner,
        differ(&prior.template_digest, &digest),
        differ(&prior.purpose, &common.purpose),
        differ(&prior.environment, &common.environment),
        match epoch(common) {
            Attribute::Unknown => Attribute::Unknown,
            new => Attribute::Known(new != epoch(prior)),
        },
    ];
    if changes.contains(&Attribute::Known(true)) {
        Attribute::Known(true)
    } else if changes.contains(&Attribute::Unknown) {
        Attribute::Unknown
    } else {
        Attribute::Known(false)
    }
}

/// How long after a rotation the next is due: the interval of the identity or of its template, less the margin.
pub(crate) fn interval(common: &Common, template: Option<&Template>) -> Attribute<SignedDuration> {
    let length =
        |text: &Attribute<String>| text.clone().and_then(|text| Lifetime::parse(&text).ok().into());
    let (every, before) = match &common.rotation {
        Attribute::Unknown => return Attribute::Unknown,
        Attribute::Null => (Attribute::Null, Attribute::Null),
        Attribute::Known(rotation) => (length(&rotation.every), length(&rotation.before)),
    };
    let of_template = match template {
        None => Attribute::Unknown,
        Some(template) => template.require.rotate_every.as_ref().map(|every| every.value).into(),
    };
    let seconds = |lifetime: Lifetime| i64::from(lifetime.as_seconds());
    match (every.or(of_template), before) {
        (Attribute::Null, _) => Attribute::Null,
        (Attribute::Unknown, _) | (_, Attribute::Unknown) => Attribute::Unknown,
        (Attribute::Known(every), Attribute::Null) => {
            Attribute::Known(SignedDuration::from_secs(seconds(every)))
        }
        (Attribute::Known(every), Attribute::Known(before)) => {
            Attribute::Known(SignedDuration::from_secs((seconds(every) - seconds(before)).max(0)))
        }
    }
}

/// The time that comes so long after another.
pub(crate) fn after(start: Timestamp, length: SignedDuration) -> Timestamp {
    start.checked_add(length).unwrap_or(Timestamp::MAX)
}

/// What the policy says of the facts.
fn judge<G: Governed>(
    common: &Common,
    owner: &Attribute<String>,
    (facts, context): (&Facts, &Context),
    template: Option<&Template>,
) -> Vec<Problem> {
    let mut record = render::record(common, owner, template);
    let stated = |attribute: &Attribute<String>| match attribute {
        Attribute::Null => Field::Absent,
        Attribute::Unknown => Field::Unknown(String::new()),
        Attribute::Known(text) => Field::Value(text.clone()),
    };
    // The policy reads what is written, not what comes of it.
    record.set(Fact::Expiry, stated(&common.expiry));
    record.set(Fact::Template, stated(&common.template));
    let baseline = Baseline::default();
    let baseline =
        facts.catalogue.as_ref().map_or(&baseline, |catalogue| catalogue.library.baseline());
    let judged = Judged {
        now: context.now(),
        created: facts.prospect.existing.as_ref().map(|record| record.created_at),
        // Whether an extension was reviewed is for certifications to say; until then the caps hold it.
        prior_expiry: None,
        certified: false,
        template,
        baseline,
    };
    let stated = Stated { name: common.name.as_str(), kind: Some(G::KIND), record: &record };
    assess(&stated, &judged)
        .iter()
        .map(|found| past(found).unwrap_or_else(|| violation(found)))
        .collect()
}

/// An end date in the past reads differently before the identity exists.
fn past(found: &Violation) -> Option<Problem> {
    let Violation::Expired { expired } = found else { return None };
    let phrase = format!("the end date {expired} is in the past");
    Some(wording::problem("Expiry in the past", &phrase, &found.help()).at(Common::expiry))
}

/// Whether the name may be used, and whether a change of it may end the identity that has it now.
fn name(
    common: &Common,
    prior: Option<&Common>,
    (facts, now): (&Facts, Timestamp),
) -> Vec<Problem> {
    if let Some(prior) = prior {
        if prior.name == common.name {
            return Vec::new();
        }
        let refusals =
            facts.prospect.existing.as_ref().and_then(|record| destroy_refusal(record, now));
        return refusals
            .map(|problem| Problem {
                summary: "Another name is another identity".to_owned(),
                detail: format!(
                    "Changing `name` destroys this identity and creates another. {}",
                    problem.detail
                ),
                ..problem.at(Common::name)
            })
            .into_iter()
            .collect();
    }
    let prospect = &facts.prospect;
    let mut problems = Vec::new();
    if let Some(namesake) = &prospect.namesake {
        // One that may be destroyed may be what this create replaces; then the apply decides.
        let replaceable = destroy_refusal(namesake, now).is_none();
        match &prospect.in_use {
            Some(error) if !replaceable => {
                problems.push(refused("Name in use", error).at(Common::name))
            }
            Some(_) => {}
            None => problems.push(taken_over("identity", &namesake.facts.name, &namesake.id)),
        }
    } else if let Some(gone) = &prospect.gone {
        let owner = match &facts.owner {
            OwnerFact::Known { name, .. } => Some(name.as_str()),
            OwnerFact::Unknown | OwnerFact::Absent => None,
        };
        match owner.and_then(|owner| name_kept(gone, owner, now)) {
            Some(error) => problems.push(refused("Name kept", &error).at(Common::name)),
            None => problems.push(reused(gone)),
        }
    }
    problems
}

fn reused(gone: &Record) -> Problem {
    let detail = format!(
        "`{}` was the name of the decommissioned identity {}. The new one gets an id of its own; whoever still trusts the name \
         trusts it as well.",
        gone.facts.name, gone.id
    );
    Problem::warning("Name used again", detail).at(Common::name)
}

/// Where an identity stands at a time.
pub(crate) fn standing(record: &Record, now: Timestamp) -> State {
    match record.standing {
        Standing::Decommissioned => State::Decommissioned,
        Standing::Disabled => State::Disabled,
        Standing::Active => running(record.owner_active, record.terms.expires_at, now),
    }
}

fn running(owner_active: bool, expires_at: Timestamp, now: Timestamp) -> State {
    if !owner_active {
        State::Quarantined
    } else if expires_at <= now {
        State::Expired
    } else {
        State::Active
    }
}

/// Whether the identity may become what the configuration asks for.
fn lifecycle(common: &Common, facts: &Facts, now: Timestamp) -> Option<Problem> {
    let record = facts.prospect.existing.as_ref()?;
    let to = match common.state.as_str()? {
        "disabled" => State::Disabled,
        _ => {
            let owner_active = match &facts.owner {
                OwnerFact::Known { active, .. } => active.unwrap_or(true),
                OwnerFact::Unknown | OwnerFact::Absent => true,
            };
            let expires_at = common.expires_at.as_str()?.parse().ok()?;
            running(owner_active, expires_at, now)
        }
    };
    let error = standing(record, now).step_to(to).err()?;
    Some(wording::diagnosed("Step out of order", &error).at(Common::state))
}

fn parent(common: &Common, facts: &Facts) -> Option<Problem> {
    let id = common.parent.as_str()?;
    let reason = match &facts.prospect.parent {
        _ if common.id.as_str() == Some(id) => "an identity cannot be its own parent",
        // Without an inventory nothing was looked up.
        _ if facts.catalogue.is_none() => return None,
        None => "there is no identity with this id in the inventory",
        Some(parent) if parent.standing == Standing::Decommissioned => {
            "the parent is decommissioned"
        }
        Some(_) => return None,
    };
    Some(
        wording::problem("Unsuitable parent", reason, "name the `id` of a living identity")
            .at(Common::parent),
    )
}

fn rotation(common: &Common, template: Option<&Template>) -> Option<Problem> {
    let every = common.rotation.known().and_then(|rotation| rotation.every.as_str())?;
    let every = Lifetime::parse(every).ok()?;
    let template = template?;
    let most = template.require.rotate_every.as_ref()?.value;
    let phrase =
        format!("`{every}` is longer than the {most} of template `{}`", template.reference());
    let at = Path::from(Common::rotation).attribute(Rotation::every);
    (every > most).then(|| {
        wording::problem("Rotation too rare", &phrase, &format!("choose `{most}` or less")).at(at)
    })
}

/// Whether nothing but the standing changes, and that only for the safer.
fn is_harmless(prior: &Common, common: &Common) -> bool {
    let same = prior.name == common.name
        && prior.owner == common.owner
        && prior.purpose == common.purpose
        && prior.expiry == common.expiry
        && prior.template == common.template
        && prior.parameters == common.parameters
        && prior.consumers == common.consumers
        && prior.parent == common.parent
        && prior.rotation == common.rotation;
    same && (prior.state == common.state || common.state.as_str() == Some("disabled"))
}

/// The identity as it is, with the standing that was asked for.
fn only_standing<G: Governed>(prior: &G, asked: &Common) -> G {
    let mut planned = prior.clone();
    let common = planned.common_mut();
    if common.state != asked.state {
        common.status = status_of(asked);
    }
    common.state = asked.state.clone();
    common.break_glass_reason = asked.break_glass_reason.clone();
    // Configured values stay as they are written.
    common.service = common.service.clone().or(asked.service.clone());
    common.environment = common.environment.clone().or(asked.environment.clone());
    planned
}

/// Why an identity may not be destroyed now.
pub(crate) fn destroy_refusal(record: &Record, now: Timestamp) -> Option<Problem> {
    if record.facts.break_glass_reason.is_some() || record.standing == Standing::Decommissioned {
        return None;
    }
    let name = record.facts.name.clone();
    let error = match record.disabled_at {
        None => InventoryError::StillActive(name),
        Some(since) => {
            let until = after(since, OBSERVATION);
            (now < until).then_some(InventoryError::UnderObservation { name, until })?
        }
    };
    Some(refused("Active identities are not destroyed", &error))
}

/// Decides on a destroy.
pub(crate) fn plan_destroy(facts: &Facts, now: Timestamp) -> Vec<Problem> {
    let record = facts.prospect.existing.as_ref();
    record.and_then(|record| destroy_refusal(record, now)).into_iter().collect()
}

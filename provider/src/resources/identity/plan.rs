//! What an apply will make of an identity, or everything that stands against it.
//!
//! A change that is refused has an attribute and a way out. What exists and does not change is not refused: a cap that was
//! lowered or an owner that left must not stop the plan of everything beside it, so it is a warning there, and so it is while
//! the identity is being disabled, which is the way out.

use jiff::{SignedDuration, Timestamp};
use policy::governance::{
    Baseline, Context as Judged, Expiry, Fact, Facts as Stated, Field, Violation, assess,
};
use policy::template::{Template, UnusableTemplate};

use super::facts::{Facts, OwnerFact};
use super::lifecycle::{destroy_refusal, is_harmless, lifecycle, only_standing, status_of};
use super::review::{overdue, settle};
use super::rotation::{Causes, due, interval, next, reason, rotates, rotation, was_due};
use super::validate::violation;
use super::{Common, Governed, moving, render};
use crate::attribute::Attribute;
use crate::context::Context;
use crate::inventory::name_kept;
use crate::inventory::record::Identity as Record;
use crate::problem::{Problem, Severity, has_errors};
use crate::resource::planning::reopen;
use crate::resource::{Change, Planned};
use crate::resources::{refused, taken_over};
use crate::settings::catalogue::Chosen;
use crate::settings::{Configured, Defaults};
use crate::wording;

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
    let template = template.as_deref();
    let causes = prior.map(|prior| rotates(prior, &proposed, (facts, context), template));
    if causes.as_ref().is_some_and(|causes| causes.verdict() != Attribute::Known(false)) {
        // The configuration may be what it was, and all the same there will be something new: a rotation is due, or its template
        // names a newer version.
        let value = reopen(&G::attributes(), &config.to_value(), proposed.to_value());
        proposed = G::from_value(&value)?;
        inherit(proposed.common_mut(), config.common(), &configured.defaults);
    }
    ends(proposed.common_mut(), prior.map(Governed::common), facts);
    follow(&mut proposed, (prior, causes.as_ref()), facts, template);
    problems.extend(proposed.decide(configured).err().into_iter().flatten());
    problems.extend(render::fill(proposed.common_mut(), &owner, template));

    problems.extend(judge::<G>(proposed.common(), &owner, (facts, context), template));
    problems.extend(proposed.fits(template, facts.caps(G::KIND)));
    problems.extend(name(proposed.common(), prior.map(Governed::common), (facts, context.now())));
    problems.extend(moving::refusal::<G>(facts));
    problems.extend(lifecycle(proposed.common(), facts, context.now()));
    problems.extend(parent(proposed.common(), facts, context.now()));
    problems.extend(rotation(proposed.common(), template));
    problems.extend(reason(prior.map(Governed::common), proposed.common()));
    problems.extend(settle(proposed.common_mut(), facts));
    problems.extend(overdue(proposed.common(), facts, context.now()));
    if let (Some(prior), Some(causes)) = (prior, &causes)
        && was_due(context)
    {
        problems.extend(due(prior.common(), causes));
    }

    if let Some(prior) = prior
        && has_errors(&problems)
        && is_harmless(prior, &proposed)
        && !moving::changes_kind::<G>(facts.prospect.existing.as_ref())
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
fn template<'a>(
    common: &Common,
    prior: Option<&Common>,
    (facts, configured): (&'a Facts, &Configured),
    problems: &mut Vec<Problem>,
) -> Option<Chosen<'a>> {
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
            Some(Chosen::Named(template))
        }
        Err(error) => {
            let none = catalogue.library.templates().next().is_none();
            let problem = if let (UnusableTemplate::Unknown { name, .. }, true) = (&error, none) {
                wording::problem(
                    "Unusable template",
                    &format!("there is no template `{name}`, nor any other"),
                    "publish one as an `nhi_template`, or name folders in the provider's `templates`",
                )
            } else {
                wording::diagnosed("Unusable template", &error)
            };
            let problem = problem.at(Common::template);
            let kept = match &error {
                UnusableTemplate::Deprecated { reference, .. }
                | UnusableTemplate::Revoked { reference, .. } => {
                    let found =
                        catalogue.library.templates().find(|it| it.reference() == *reference);
                    found.filter(|template| is_bound(template)).map(Chosen::Named)
                }
                UnusableTemplate::Malformed { .. }
                | UnusableTemplate::Unknown { .. }
                | UnusableTemplate::NoSuchVersion { .. }
                | UnusableTemplate::Broken { .. } => bound
                    .filter(|_| prior.and_then(|prior| prior.template.as_str()) == Some(reference))
                    .and_then(|bound| configured.catalogues.as_ref()?.pinned(bound))
                    .map(Chosen::Pinned),
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
    (prior, causes): (Option<&G>, Option<&Causes>),
    facts: &Facts,
    template: Option<&Template>,
) {
    let rotates = causes.map(Causes::verdict);
    if let (Some(prior), Some(rotates)) = (prior, rotates) {
        proposed.follow(prior, rotates);
    }
    // What is made anew is due at a time that only the apply knows.
    let later = if !G::RENEWS && interval(proposed.common(), template).is_null() {
        Attribute::Null
    } else {
        Attribute::Unknown
    };
    let terms = facts.prospect.existing.as_ref().map(|record| &record.terms);
    let unchanged = terms.map_or(Attribute::Unknown, |terms| next(proposed, terms, template));
    let common = proposed.common_mut();
    let Some(prior) = prior.map(Governed::common) else {
        common.status = status_of(common);
        common.certified_until = Attribute::Unknown;
        common.credential_version = Attribute::Known(1);
        common.rotation_due = later;
        return;
    };
    let same_standing = prior.state == common.state
        && prior.expires_at == common.expires_at
        && prior.owner == common.owner
        && prior.parent == common.parent
        && rotates == Some(Attribute::Known(false));
    common.status = if same_standing { prior.status.clone() } else { status_of(common) };
    common.certified_until = prior.certified_until.clone();
    (common.credential_version, common.rotation_due) = match rotates {
        Some(Attribute::Known(false)) => (prior.credential_version, unchanged),
        Some(Attribute::Known(true)) => {
            (prior.credential_version.map(|version| version.saturating_add(1)), later)
        }
        _ => (Attribute::Unknown, Attribute::Unknown),
    };
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
    let existing = facts.prospect.existing.as_ref();
    // Each review may move the end date once.
    let approval = facts.prospect.approval.as_ref();
    let certified = approval.is_some()
        && approval != existing.and_then(|record| record.terms.extended_by.as_ref());
    let judged = Judged {
        now: context.now(),
        created: existing.map(|record| record.created_at),
        prior_expiry: existing.map(|record| record.terms.expires_at),
        certified,
        template,
        baseline,
    };
    let stated = Stated { name: common.name.as_str(), kind: Some(G::KIND), record: &record };
    let off = common.state.as_str() == Some("disabled");
    assess(&stated, &judged)
        .iter()
        // What is off already does not work, whenever it ends.
        .filter(|found| !(off && existing.is_some() && matches!(found, Violation::Expired { .. })))
        .map(|found| ended(found, existing.is_some()).unwrap_or_else(|| violation(found)))
        .collect()
}

/// An end date in the past reads differently before the identity exists.
fn ended(found: &Violation, exists: bool) -> Option<Problem> {
    let Violation::Expired { expired } = found else { return None };
    let problem = if exists {
        let phrase = format!("the identity ended at {expired}, and its credentials are refused");
        let help = "move `expiry` on within the cap, after a review that an `nhi_certification` records, if it is still \
                    needed; or set `state = \"disabled\"`, or destroy it";
        wording::problem("Identity expired", &phrase, help)
    } else {
        let phrase = format!("the end date {expired} is in the past");
        wording::problem("Expiry in the past", &phrase, &found.help())
    };
    Some(problem.at(Common::expiry))
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
        let refusals = facts
            .prospect
            .existing
            .as_ref()
            .and_then(|it| destroy_refusal(it, facts.observation, now));
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
        let replaceable = namesake.may_go(now, SignedDuration::ZERO).is_ok();
        match &prospect.in_use {
            Some(error) if !replaceable => {
                problems.push(refused("Name in use", error).at(Common::name));
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

fn parent(common: &Common, facts: &Facts, now: Timestamp) -> Option<Problem> {
    let id = common.parent.as_str()?;
    let own = common.id.as_str();
    let (reason, help) = match &facts.prospect.parent {
        _ if own == Some(id) => {
            ("an identity cannot be its own parent".to_owned(), "name the `id` of another one")
        }
        // Without an inventory nothing was looked up.
        _ if facts.catalogue.is_none() => return None,
        None => (
            "there is no identity with this id in the inventory".to_owned(),
            "name the `id` of a living identity",
        ),
        Some(parent) if own.is_some() && parent.facts.parent.as_deref() == own => (
            format!("`{}` was derived from this identity", parent.facts.name),
            "name the `id` of another one",
        ),
        Some(parent) => {
            let state = parent.state_at(now);
            if state.may_have_credentials() {
                return None;
            }
            (
                format!(
                    "the parent `{}` is {state}, and what was derived from it stops with it",
                    parent.facts.name
                ),
                "name the `id` of an identity that works, or leave `parent` out",
            )
        }
    };
    Some(wording::problem("Unsuitable parent", &reason, help).at(Common::parent))
}

//! What stands against a decision: who decides, on what ground, for how long, and whether it changes what it says. Nothing here
//! changes anything. An unknown breaks no rule; everything is checked again at apply.

use std::sync::Arc;

use jiff::Timestamp;
use policy::governance::{Baseline, Expiry, Lifetime, owner, purpose};
use policy::template::{Reference, Template};

use super::{CertificationModel as Model, Grounds, narrower};
use crate::attribute::Attribute;
use crate::context::Context;
use crate::inventory::certifications::Outcome;
use crate::inventory::record::{Details, Identity, Owner, Standing};
use crate::problem::Problem;
use crate::resources::same_person;
use crate::settings::catalogue::Chosen;
use crate::wording;

/// The shortest sentence that can be evidence.
const SENTENCE: usize = 20;

/// What is wrong with a configuration on its own.
pub(super) fn alone(config: &Model) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(reviewer) = config.reviewer.as_str()
        && let Some(problem) = owner::check_person(reviewer, None)
    {
        let help = "a review is one person's decision: give their e-mail address";
        let phrase = format!("`{reviewer}` {problem}");
        problems.push(wording::problem("Unfit reviewer", &phrase, help).at(Model::reviewer));
    }
    problems.extend(config.evidence.as_str().and_then(evidence));
    if let Some(Err(error)) = config.next_review.as_str().map(Expiry::parse) {
        let problem = wording::diagnosed("Malformed date of the next review", &error);
        problems.push(problem.at(Model::next_review));
    }
    if let Some(Err(error)) = config.template.as_str().map(Reference::parse) {
        problems.push(wording::diagnosed("Unsuitable template", &error).at(Model::template));
    }
    let outcome = config.outcome.as_str().and_then(Outcome::from_name);
    for (attribute, value, of, why) in [
        (Model::template, &config.template, Outcome::RightSize, "the template that it moves to"),
        (Model::owner, &config.owner, Outcome::Reassign, "the owner that it moves to"),
    ] {
        let Some(outcome) = outcome else { continue };
        let (summary, detail) = match value {
            Attribute::Null if outcome == of => {
                ("Missing argument", format!("`{}` needs `{attribute}`: {why}.", of.name()))
            }
            Attribute::Known(_) if outcome != of => (
                "Argument of another outcome",
                format!(
                    "`{attribute}` is for `{}`; the outcome is `{}`. Leave it out, or choose that outcome.",
                    of.name(),
                    outcome.name()
                ),
            ),
            Attribute::Null | Attribute::Unknown | Attribute::Known(_) => continue,
        };
        problems.push(Problem::error(summary, detail).at(attribute));
    }
    problems
}

/// Whether a text says on what ground something was decided.
fn evidence(text: &str) -> Option<Problem> {
    let digest = text.strip_prefix("sha256:");
    let reason = if let Some(digest) = digest {
        let fits = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if digest.len() == 64 && digest.bytes().all(fits) {
            return None;
        }
        "is not a digest: `sha256:` and 64 hexadecimal digits".to_owned()
    } else if let Some(address) = text.strip_prefix("https://") {
        let (host, path) = address.split_once('/').unwrap_or((address, ""));
        if host.contains('.') && !path.is_empty() && !text.contains(char::is_whitespace) {
            return None;
        }
        "is the address of a site, not of a document on it".to_owned()
    } else if let Some(problem) = purpose::check(text, None) {
        problem.to_string()
    } else if text.trim().chars().count() < SENTENCE {
        format!("has fewer than {SENTENCE} characters")
    } else {
        return None;
    };
    let help =
        "give the address or the digest of what was looked at, or say in a sentence what was found";
    let phrase = format!("`{}` {reason}", text.escape_debug());
    Some(wording::problem("No evidence", &phrase, help).at(Model::evidence))
}

/// What stands against a decision about the identity as it is.
pub(super) fn decision(stated: &Model, grounds: &Grounds, context: &Context) -> Vec<Problem> {
    let Some(id) = stated.identity.as_str().filter(|_| grounds.looked_up) else {
        return Vec::new();
    };
    let prospect = &grounds.prospect;
    let living = prospect.identity.as_ref().filter(|it| it.standing != Standing::Decommissioned);
    let Some(identity) = living else {
        let phrase = match &prospect.identity {
            None => format!("there is no identity `{id}` in the inventory"),
            Some(gone) => {
                format!("the {} `{}` is decommissioned", gone.facts.kind, gone.facts.name)
            }
        };
        let help = "name the `id` of a living identity, such as `nhi_service_account.export.id`";
        return vec![wording::problem("Unsuitable identity", &phrase, help).at(Model::identity)];
    };
    let mut problems = Vec::new();
    let outcome = stated.outcome.as_str().and_then(Outcome::from_name);
    problems.extend(reviewer(stated, outcome, (identity, prospect.owner.as_ref())));
    problems.extend(automation(identity, grounds));
    let mut to = None;
    if let Some(outcome) = outcome {
        problems.extend(unfollowed(outcome, identity));
        problems.extend(match outcome {
            Outcome::Approve | Outcome::Rotate => Vec::new(),
            Outcome::RightSize => match right_size(stated, (identity, grounds), context) {
                Ok(template) => {
                    to = template;
                    Vec::new()
                }
                Err(problems) => problems,
            },
            Outcome::Reassign => reassign(stated, (identity, grounds), context),
            Outcome::Disable | Outcome::Decommission => off(outcome, identity, grounds),
        });
    }
    let pinned = bound(identity, context);
    let every = review_every(identity, to.as_deref().or(pinned.as_deref()), grounds);
    problems.extend(next_review(stated, every, context.now()));
    problems
}

/// Who runs an identity does not certify that it may go on.
fn reviewer(
    stated: &Model,
    outcome: Option<Outcome>,
    (identity, owner): (&Identity, Option<&Owner>),
) -> Option<Problem> {
    let reviewer = stated.reviewer.as_str()?;
    let same = |other: &str| same_person(reviewer, other);
    let accountable = owner.is_some_and(|owner| same(&owner.facts.accountable));
    let goes_on = !matches!(outcome?, Outcome::Disable | Outcome::Decommission);
    let sponsor = match &identity.facts.details {
        Some(Details::Agent { sponsor, .. }) => Some(sponsor.as_str()),
        Some(Details::Certificate { .. }) | None => None,
    };
    let role = if owner::check(reviewer, Some(&identity.facts.name)).is_some() {
        "is not a person who can review it"
    } else if accountable || !goes_on {
        return None;
    } else if owner.is_some_and(|owner| same(&owner.facts.steward)) {
        "is its steward, and runs it"
    } else if sponsor.is_some_and(same) {
        "is its sponsor, and runs it"
    } else {
        return None;
    };
    let phrase = format!("`{reviewer}` {role}");
    let help = "who runs an identity may disable or decommission it; that it may go on is certified by who is accountable, or \
                by somebody else";
    Some(wording::problem("Unfit reviewer", &phrase, help).at(Model::reviewer))
}

/// An identity does not record its own review, whoever is named as the reviewer.
fn automation(identity: &Identity, grounds: &Grounds) -> Option<Problem> {
    let prospect = &grounds.prospect;
    let actor = prospect.actor.trim();
    let actor = actor.strip_suffix("[bot]").unwrap_or(actor);
    let name = &identity.facts.name;
    let own = owner::check(actor, Some(name)) == Some(owner::OwnerProblem::Itself)
        || owner::check(actor, Some(&format!("nhi-{name}"))) == Some(owner::OwnerProblem::Itself)
        || identity.terms.spiffe_id.as_deref() == Some(actor)
        || prospect.bindings.iter().any(|binding| binding.facts.principal == actor);
    own.then(|| {
        let phrase = format!("this run is by `{actor}`, which is the identity that is reviewed");
        let help = "let a person, or a pipeline with another identity, apply its review";
        wording::problem("Self-certification", &phrase, help).at(Model::identity)
    })
}

/// A decision that the configuration of the identity has not followed yet is not buried under the next one that moves it.
fn unfollowed(outcome: Outcome, identity: &Identity) -> Option<Problem> {
    let decided = identity.terms.review.as_ref()?.outcome.as_str();
    let moves = matches!(outcome, Outcome::RightSize | Outcome::Reassign);
    (moves && decided != outcome.name()).then(|| {
        let phrase = format!(
            "the configuration of `{}` does not say yet what was decided last (`{decided}`)",
            identity.facts.name
        );
        let help = "let it follow and apply that first";
        wording::problem("Earlier decision not followed", &phrase, help).at(Model::outcome)
    })
}

/// The template that it moves to; none if it is not known yet.
pub(super) fn right_size<'a>(
    stated: &Model,
    (identity, grounds): (&Identity, &'a Grounds),
    context: &Context,
) -> Result<Option<Chosen<'a>>, Vec<Problem>> {
    let (Some(reference), Some(catalogue)) = (stated.template.as_str(), &grounds.catalogue) else {
        return Ok(None);
    };
    let at = |problem: Problem| vec![problem.at(Model::template)];
    let found = catalogue.library.find(reference);
    let to = found.map_err(|error| at(wording::diagnosed("Unusable template", &error)))?;
    if to.digest == identity.terms.template.digest {
        if grounds.followed() {
            return Ok(Some(Chosen::Named(to)));
        }
        let what = format!("is bound to the template `{}` already", to.reference());
        return Err(at(nothing_changes(identity, &what)));
    }
    let Some(from) = bound(identity, context) else {
        let phrase = format!("the template of `{}` cannot be read any more", identity.facts.name);
        let help = "name the new template in its configuration, and record the review as `approve`";
        return Err(at(wording::problem("Unreadable template", &phrase, help)));
    };
    let problems = narrower::problems(identity, (&from, to), catalogue.library.baseline());
    if problems.is_empty() {
        Ok(Some(Chosen::Named(to)))
    } else {
        Err(problems.into_iter().flat_map(at).collect())
    }
}

fn reassign(
    stated: &Model,
    (identity, grounds): (&Identity, &Grounds),
    context: &Context,
) -> Vec<Problem> {
    let Some(key) = stated.owner.as_str() else { return Vec::new() };
    let planned = context.configured().ok().and_then(|configured| configured.planned.owner(key));
    let successor = grounds.prospect.successor.as_ref();
    let problem = match (planned, successor) {
        (_, Some(owner)) if owner.id == identity.facts.owner_id => {
            (!grounds.followed()).then(|| {
                let what = format!("belongs to the owner `{}` already", owner.facts.name);
                nothing_changes(identity, &what)
            })
        }
        (Some(planned), _) if planned.active != Some(false) => None,
        (None, Some(owner)) if owner.facts.active => None,
        (Some(_), _) | (None, Some(_)) => {
            let phrase = format!("the owner `{key}` is not active");
            Some(wording::problem("Inactive owner", &phrase, "name an owner that is"))
        }
        (None, None) => {
            let phrase = format!("there is no owner `{key}` in the inventory");
            let help = "register it as an `nhi_owner`, and refer to it as `nhi_owner.<label>.name`";
            Some(wording::problem("Unknown owner", &phrase, help))
        }
    };
    problem.map(|problem| problem.at(Model::owner)).into_iter().collect()
}

/// Whether it can be switched off.
fn off(outcome: Outcome, identity: &Identity, grounds: &Grounds) -> Vec<Problem> {
    let decided = identity.terms.review.as_ref().map(|review| review.outcome.as_str());
    let already = identity.standing == Standing::Disabled
        && !grounds.followed()
        && (outcome == Outcome::Disable || decided == Some(outcome.name()));
    let problem = already.then(|| {
        let what = if outcome == Outcome::Disable { "is disabled" } else { "is to go" };
        nothing_changes(identity, &format!("{what} already")).at(Model::outcome)
    });
    problem.into_iter().collect()
}

/// A review that changes nothing has one name.
fn nothing_changes(identity: &Identity, what: &str) -> Problem {
    let phrase = format!("the {} `{}` {what}", identity.facts.kind, identity.facts.name);
    let help = "a review that changes nothing is `approve`";
    wording::problem("Nothing would change", &phrase, help)
}

/// The template that it is bound to.
pub(super) fn bound(identity: &Identity, context: &Context) -> Option<Arc<Template>> {
    let configured = context.configured().ok()?;
    configured.catalogues.as_ref()?.pinned(&identity.terms.template)
}

/// How long a decision may hold: the shorter of what the template and the kind say.
pub(super) fn review_every(
    identity: &Identity,
    template: Option<&Template>,
    grounds: &Grounds,
) -> Option<Lifetime> {
    let of_template = template.and_then(|it| Some(it.require.review_every.as_ref()?.value));
    let kind = identity.facts.kind;
    let of_kind = match &grounds.catalogue {
        Some(catalogue) => catalogue.library.baseline().caps(kind).review_every,
        None => Baseline::default().caps(kind).review_every,
    };
    of_template.into_iter().chain(of_kind).min()
}

fn next_review(stated: &Model, every: Option<Lifetime>, now: Timestamp) -> Option<Problem> {
    let next = Expiry::parse(stated.next_review.as_str()?).ok()?;
    let at = next.resolve(now);
    let problem = if at <= now {
        let phrase = format!("the next review {at} is in the past");
        wording::problem("Next review in the past", &phrase, "choose a later date")
    } else {
        let every = every?;
        let latest = every.after(now);
        if next.is_within(now, latest) {
            return None;
        }
        let phrase = format!("the next review {at} is later than {latest}");
        let help = format!("it is due every {every}: choose `{every}` or less, or leave it out");
        wording::problem("Next review too late", &phrase, &help)
    };
    Some(problem.at(Model::next_review))
}

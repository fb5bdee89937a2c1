//! What a decision makes of the identity. The mark that it leaves ([`Review`]) stays until the identity's configuration says the
//! same; a plan that would only take the decision back is refused as long.

use jiff::Timestamp;
use policy::governance::{Expiry, Lifetime};

use super::{CertificationModel as Model, Grounds, check};
use crate::context::Context;
use crate::inventory::certifications::{Decision, Outcome};
use crate::inventory::record::{Facts, Identity, Review, Standing, Terms};
use crate::problem::Problem;
use crate::resources::{pinned, turned, whole_seconds};

/// What becomes of the identity.
#[derive(Debug)]
pub(super) struct Verdict {
    /// Until when the decision holds.
    pub(super) certified_until: Timestamp,
    /// What changes, in a sentence.
    pub(super) effect: String,
    /// What the identity is from now on.
    pub(super) becomes: (Facts, Terms),
}

/// What a decision without objections makes of the identity.
pub(super) async fn decide(
    (id, decision): (&str, &Decision),
    grounds: &Grounds,
    context: &Context,
) -> Result<Verdict, Vec<Problem>> {
    let now = whole_seconds(context.now());
    let prospect = &grounds.prospect;
    let identity = prospect
        .identity
        .as_ref()
        .ok_or_else(|| vec![Problem::bug("a decision without an identity")])?;
    let (mut facts, mut terms) = (identity.facts.clone(), identity.terms.clone());
    let mark = |before: String| mark((id, decision.outcome), identity, before);
    let bound = check::bound(identity, context);
    let mut every = check::review_every(identity, bound.as_deref(), grounds);
    let effect = match decision.outcome {
        Outcome::Approve => {
            release(&mut terms);
            "Nothing changed: it stays as it is until its next review.".to_owned()
        }
        Outcome::Rotate => {
            release(&mut terms);
            terms = turned(identity, terms, now, context).await?;
            format!("Rotated its credential to version {}.", terms.credential_version)
        }
        Outcome::RightSize => {
            let reference = decision.template.clone().unwrap_or_default();
            let found = grounds.catalogue.as_ref().and_then(|it| it.library.find(&reference).ok());
            let to =
                found.ok_or_else(|| vec![Problem::bug("a template that was there is gone")])?;
            every = check::review_every(identity, Some(to), grounds);
            if to.digest == terms.template.digest {
                followed(&format!("template `{}`", to.reference()))
            } else {
                let from = format!("{}@{}", terms.template.name, terms.template.version);
                // A reference such as `name@1` may mean another version now: then the configuration says it already.
                if facts.template != reference {
                    terms.review = Some(mark(facts.template.clone()));
                }
                terms.template = pinned(to);
                facts.template = reference;
                facts.parameters.retain(|name, _| to.parameters.contains_key(name));
                terms = turned(identity, terms, now, context).await?;
                moved("template", (&from, &to.reference().to_string()), &terms)
            }
        }
        Outcome::Reassign => {
            let owner = prospect.successor.as_ref();
            let owner =
                owner.ok_or_else(|| vec![Problem::bug("an owner that was there is gone")])?;
            if owner.id == facts.owner_id {
                followed(&format!("owner `{}`", owner.facts.name))
            } else {
                terms.review = Some(mark(facts.owner_id.clone()));
                facts.owner_id = owner.id.clone();
                terms = turned(identity, terms, now, context).await?;
                moved("owner", (&identity.owner, &owner.facts.name), &terms)
            }
        }
        Outcome::Disable | Outcome::Decommission => {
            terms.review = Some(mark(Standing::Active.as_str().to_owned()));
            facts.disabled = true;
            off(decision.outcome, identity)
        }
    };
    let certified_until = until(decision, every, now)?;
    terms.certified_until = Some(certified_until);
    Ok(Verdict { certified_until, effect, becomes: (facts, terms) })
}

/// The mark of a decision. Where two of the same sort follow each other, what was before the first is what the configuration
/// still says; what was decided otherwise and is not followed yet stays beside it.
fn mark((id, outcome): (&str, Outcome), identity: &Identity, before: String) -> Review {
    let review = identity.terms.review.as_ref();
    let same = review.filter(|it| it.outcome == outcome.name());
    Review {
        certification: id.to_owned(),
        outcome: outcome.name().to_owned(),
        before: same.map_or(before, |same| same.before.clone()),
        earlier: match same {
            Some(same) => same.earlier.clone(),
            None => review.cloned().map(Box::new),
        },
    }
}

/// Who says that an identity may go on takes back that it may not. What was moved stays moved.
fn release(terms: &mut Terms) {
    let stops = [Outcome::Disable.name(), Outcome::Decommission.name()];
    while let Some(stop) = terms.review.take_if(|review| stops.contains(&review.outcome.as_str())) {
        terms.review = stop.earlier.map(|earlier| *earlier);
    }
}

fn followed(what: &str) -> String {
    format!("Confirmed the {what}, to which its configuration moved it in the same run.")
}

fn moved(what: &str, (from, to): (&str, &str), terms: &Terms) -> String {
    format!(
        "Moved it from the {what} `{from}` to `{to}`, and rotated its credential to version {}.",
        terms.credential_version
    )
}

fn off(outcome: Outcome, identity: &Identity) -> String {
    let first = match identity.standing {
        Standing::Active => "Disabled it.",
        Standing::Disabled | Standing::Decommissioned => "It was disabled already.",
    };
    if outcome == Outcome::Decommission {
        format!("{first} It is to be destroyed once it was watched for long enough.")
    } else {
        first.to_owned()
    }
}

/// Until when it holds: as stated, or for as long as the template and the kind allow.
fn until(
    decision: &Decision,
    every: Option<Lifetime>,
    now: Timestamp,
) -> Result<Timestamp, Vec<Problem>> {
    match (&decision.next_review, every) {
        (Some(text), _) => Expiry::parse(text)
            .map(|next| next.resolve(now))
            .map_err(|error| vec![Problem::bug(error.to_string())]),
        (None, Some(every)) => Ok(every.after(now)),
        (None, None) => {
            let detail = "Neither the template nor the kind says when it is reviewed again: state `next_review`.";
            Err(vec![Problem::error("Missing argument", detail).at(Model::next_review)])
        }
    }
}

/// What the identity's configuration has to say after a decision, told while it is planned.
pub(super) fn consequence(stated: &Model, grounds: &Grounds) -> Option<Problem> {
    let outcome = Outcome::from_name(stated.outcome.as_str()?)?;
    let identity = grounds.prospect.identity.as_ref()?;
    let text = |attribute: &crate::attribute::Attribute<String>| {
        attribute.as_str().unwrap_or("(known after apply)").to_owned()
    };
    let change = match outcome {
        Outcome::Approve | Outcome::Rotate => return None,
        Outcome::RightSize => format!("template = \"{}\"", text(&stated.template)),
        Outcome::Reassign => format!("owner = \"{}\"", text(&stated.owner)),
        Outcome::Disable | Outcome::Decommission => "state = \"disabled\"".to_owned(),
    };
    let detail = format!(
        "Applying this certification changes the {} `{}`. Set `{change}` in its configuration as well: a plan that would only \
         take the review back is refused.",
        identity.facts.kind, identity.facts.name
    );
    Some(Problem::warning("Review takes effect", detail).at(Model::outcome))
}

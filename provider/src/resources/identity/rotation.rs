//! When an identity's credentials rotate, and which changes make them.

use jiff::{SignedDuration, Timestamp};
use policy::governance::Lifetime;
use policy::template::Template;

use super::facts::{Facts, OwnerFact};
use super::{Common, Governed, Rotation, moving};
use crate::attribute::Attribute;
use crate::path::Path;
use crate::problem::Problem;
use crate::wording;

/// Whether the change rotates the credential: owner, template, purpose, environment or kind change, or the epoch does.
pub(crate) fn rotates<G: Governed>(
    before: &G,
    after: &G,
    facts: &Facts,
    template: Option<&Template>,
) -> Attribute<bool> {
    let (prior, common) = (before.common(), after.common());
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
            new @ (Attribute::Null | Attribute::Known(_)) => Attribute::Known(new != epoch(prior)),
        },
        G::asks_for_new(before, after),
        moving::rotates::<G>(facts),
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

/// How long the credential before it works beside a new one where the configuration does not say: long enough for whoever uses it
/// to fetch the new one, so that a change of words stops nobody.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// How long the credential before it works beside a new one.
pub(crate) fn overlap(rotation: &Attribute<Rotation>) -> SignedDuration {
    let stated = rotation.known().and_then(|rotation| rotation.overlap.as_str());
    match stated.map(Lifetime::parse) {
        None => OVERLAP,
        Some(Ok(overlap)) => SignedDuration::from_secs(i64::from(overlap.as_seconds())),
        // No time at all, the only thing else that the schema lets through.
        Some(Err(_)) => SignedDuration::ZERO,
    }
}

/// The time that comes so long after another.
pub(crate) fn after(start: Timestamp, length: SignedDuration) -> Timestamp {
    start.checked_add(length).unwrap_or(Timestamp::MAX)
}

pub(crate) fn rotation(common: &Common, template: Option<&Template>) -> Option<Problem> {
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

//! When an identity's credentials rotate, and which changes make them.

use jiff::{SignedDuration, Timestamp};
use policy::governance::Lifetime;
use policy::template::Template;

use super::facts::{Facts, OwnerFact};
use super::{Common, Governed, Rotation, moving};
use crate::attribute::Attribute;
use crate::context::Context;
use crate::inventory::record::Terms;
use crate::path::Path;
use crate::problem::Problem;
use crate::wording;

/// What is kept beside the state of an identity whose rotation was due when it was last read. So a plan rotates what a refresh found
/// due and asks no clock itself: two plans over one state agree.
const DUE: &[u8] = b"rotation due";

/// What to keep beside the state.
pub(crate) fn noted(is_due: bool) -> Vec<u8> {
    if is_due { DUE.to_vec() } else { Vec::new() }
}

/// Whether the last refresh found the rotation due.
pub(crate) fn was_due(context: &Context) -> bool {
    context.private() == DUE
}

/// Why a credential rotates, as far as that is known.
#[derive(Debug, Default)]
pub(crate) struct Causes {
    certain: Vec<String>,
    possible: bool,
}

impl Causes {
    /// Whether it rotates.
    pub(crate) fn verdict(&self) -> Attribute<bool> {
        match (self.certain.is_empty(), self.possible) {
            (false, _) => Attribute::Known(true),
            (true, true) => Attribute::Unknown,
            (true, false) => Attribute::Known(false),
        }
    }

    /// The causes in a line, for the audit trail.
    pub(crate) fn told(&self) -> String {
        self.certain.join("; ")
    }

    fn add(&mut self, holds: Attribute<bool>, cause: impl FnOnce() -> String) {
        match holds {
            Attribute::Known(true) => self.certain.push(cause()),
            Attribute::Unknown => self.possible = true,
            Attribute::Known(false) | Attribute::Null => {}
        }
    }
}

/// Why the change rotates the credential: owner, template, purpose, environment or kind change, the epoch does, what the kind
/// goes by does, or it was due when it was last read. What is switched off does not rotate by itself.
pub(crate) fn rotates<G: Governed>(
    before: &G,
    after: &G,
    (facts, context): (&Facts, &Context),
    template: Option<&Template>,
) -> Causes {
    let (prior, common) = (before.common(), after.common());
    let owner = match (&facts.owner, &facts.prospect.existing) {
        (OwnerFact::Known { id: Some(id), .. }, Some(record)) => {
            Attribute::Known(record.facts.owner_id != *id)
        }
        (OwnerFact::Known { id: None, .. }, Some(_)) => Attribute::Known(true),
        _ if prior.owner == common.owner => Attribute::Known(false),
        _ => Attribute::Unknown,
    };
    let digest =
        template.map_or(Attribute::Unknown, |template| Attribute::Known(template.digest.clone()));
    let mut causes = Causes::default();
    let changed = |what: &'static str| move || format!("the {what} changed");
    causes.add(owner, changed("owner"));
    causes.add(differ(&prior.template_digest, &digest), changed("template"));
    causes.add(differ(&prior.purpose, &common.purpose), changed("purpose"));
    causes.add(differ(&prior.environment, &common.environment), changed("environment"));
    causes.add(new_epoch(prior, common), || {
        let rotation = common.rotation.known();
        let reason = rotation.and_then(|rotation| rotation.reason.as_str()).unwrap_or_default();
        format!("`rotation.epoch` changed: {reason}")
    });
    causes.add(G::asks_for_new(before, after), || "what the credential is made for changed".into());
    causes.add(moving::rotates::<G>(facts), changed("kind"));
    let works = common.state.as_str() == Some("active");
    causes.add(Attribute::Known(works && was_due(context)), || {
        format!("it was due at {}", prior.rotation_due.as_str().unwrap_or_default())
    });
    causes
}

fn differ(one: &Attribute<String>, other: &Attribute<String>) -> Attribute<bool> {
    match (one, other) {
        (Attribute::Unknown, _) | (_, Attribute::Unknown) => Attribute::Unknown,
        (one, other) => Attribute::Known(one != other),
    }
}

/// Whether another epoch is stated. Leaving it out asks for nothing.
fn new_epoch(prior: &Common, common: &Common) -> Attribute<bool> {
    let epoch = |common: &Common| common.rotation.clone().and_then(|rotation| rotation.epoch);
    match epoch(common) {
        Attribute::Unknown => Attribute::Unknown,
        Attribute::Null => Attribute::Known(false),
        new @ Attribute::Known(_) => Attribute::Known(new != epoch(prior)),
    }
}

/// A new epoch without a reason: whoever reads the audit trail wants to know what happened.
pub(crate) fn reason(prior: Option<&Common>, common: &Common) -> Option<Problem> {
    if new_epoch(prior?, common) != Attribute::Known(true) {
        return None;
    }
    let reason = common.rotation.known().map(|rotation| &rotation.reason)?;
    let stated = reason.as_str().is_some_and(|reason| !reason.trim().is_empty());
    let detail = "Another `epoch` makes a new credential, and the audit trail keeps why. State it as `reason`: an incident \
                  number, for example. Where a secret leaked, `overlap = \"0s\"` stops the old one at once.";
    let at = Path::from(Common::rotation).attribute(Rotation::reason);
    (!stated && !reason.is_unknown())
        .then(|| Problem::error("Rotation without a reason", detail).at(at))
}

/// Says that a plan rotates because it is time to.
pub(crate) fn due(prior: &Common, causes: &Causes) -> Option<Problem> {
    let due = prior.rotation_due.as_str().filter(|_| !causes.certain.is_empty())?;
    let detail = format!(
        "The credential of `{}` was due for rotation at {due}. This plan makes a new one; the one before it works for the \
         `overlap`.",
        prior.name.as_str().unwrap_or_default()
    );
    Some(Problem::warning("Rotation due", detail).at(Common::rotation))
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

/// When the next rotation is due: the interval after the last, or when the kind's own credential asks for it, if that is sooner.
pub(crate) fn next<G: Governed>(
    model: &G,
    terms: &Terms,
    template: Option<&Template>,
) -> Attribute<String> {
    let own = model.due(terms);
    let regular = match interval(model.common(), template) {
        Attribute::Unknown => return Attribute::Unknown,
        Attribute::Null => None,
        Attribute::Known(interval) => Some(after(terms.rotated_at, interval)),
    };
    own.into_iter().chain(regular).min().map(|due| due.to_string()).into()
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

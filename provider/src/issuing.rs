//! Whether an identity may have a credential, decided when one is asked for: [`decide`] is pure, [`allow`] looks up what it has to
//! know and puts a refusal on record, [`hand_out`] puts on record what was made of a permission.
//!
//! Every reason not to is given at once, each with its way out. What is short-lived is cheap to refuse: nothing that holds a
//! credential is broken before the credential ends.

use jiff::{SignedDuration, Timestamp};
use miette::Diagnostic;
use policy::governance::{Baseline, Lifetime};
use policy::template::{Status, Template};

use thiserror::Error;

use crate::context::Context;
use crate::inventory::InventoryError;
use crate::inventory::issues::{Issue, KeyUse};
use crate::inventory::record::{Details, Identity, Pinned, Standing};
use crate::problem::Problem;
use crate::resources::refused;
use crate::wording;

/// How long a review may be overdue before credentials stop: two weeks of office hours to hold it in.
pub(crate) const REVIEW_GRACE: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What sort of credential is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// A signed token.
    Token,
    /// A certificate with a key made here.
    Svid,
    /// The secret of an API key or a deployment token.
    ApiKey,
}

impl Sort {
    /// The action of the event when it is handed out.
    pub(crate) fn issued(self) -> &'static str {
        match self {
            Self::Token => "token.issue",
            Self::Svid => "svid.issue",
            Self::ApiKey => "api_key.reveal",
        }
    }

    /// The action of the event when it is refused.
    pub(crate) fn refused(self) -> &'static str {
        match self {
            Self::Token => "token.refuse",
            Self::Svid => "svid.refuse",
            Self::ApiKey => "api_key.refuse",
        }
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask {
    /// Which credential.
    pub(crate) sort: Sort,
    /// For how long; none for as long as is usual.
    pub(crate) lifetime: Option<Lifetime>,
    /// For how long where nothing is said, if that is not too long.
    pub(crate) usual: Lifetime,
}

/// What the decision rests on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grounds<'a> {
    /// The identity.
    pub(crate) identity: &'a Identity,
    /// The template that it is bound to, as it was bound; none if that cannot be read any more.
    pub(crate) template: Option<&'a Template>,
    /// What has become of the template since.
    pub(crate) fate: Fate,
    /// The caps of the kinds.
    pub(crate) baseline: &'a Baseline,
}

/// What has become of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It may be used, or may go on being used.
    Usable,
    /// Nobody may use it.
    Revoked,
    /// It is not published any more.
    Withdrawn,
}

/// Why a credential is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
pub(crate) enum Refusal {
    /// It is gone.
    #[error("the identity `{0}` is decommissioned")]
    #[diagnostic(help("it is gone for good; create another identity"))]
    Decommissioned(String),
    /// It is switched off.
    #[error("the identity `{0}` is disabled")]
    #[diagnostic(help("set `state = \"active\"` on it and apply, if whoever disabled it agrees"))]
    Disabled(String),
    /// Its end has passed.
    #[error("the identity `{name}` expired at {at}")]
    #[diagnostic(help(
        "give it a later `expiry` and apply; a review comes first where its template asks for one"
    ))]
    Expired {
        /// Its name.
        name: String,
        /// When.
        at: Timestamp,
    },
    /// Nobody answers for it.
    #[error("the owner `{owner}` of the identity `{name}` is not active")]
    #[diagnostic(help(
        "give the identity an active owner, or set `active = true` on its `nhi_owner`, and apply"
    ))]
    OwnerInactive {
        /// Its name.
        name: String,
        /// The owner's name.
        owner: String,
    },
    /// What it was derived from has stopped.
    #[error("the identity `{0}` was derived from one that has stopped")]
    #[diagnostic(help(
        "its `parent`, or one above that, is disabled, expired or without an active owner; mend that, or leave `parent` out"
    ))]
    ParentStopped(String),
    /// Its template is revoked.
    #[error("the template `{0}` is revoked")]
    #[diagnostic(help("bind the identity to another template or version, and apply"))]
    TemplateRevoked(String),
    /// Its template is not published any more.
    #[error("the template `{0}` is withdrawn")]
    #[diagnostic(help("bind the identity to another template or version, and apply"))]
    TemplateWithdrawn(String),
    /// Its template cannot be read, so that nobody knows what it allows.
    #[error("the template `{0}` cannot be read")]
    #[diagnostic(help("bind the identity to another template or version, and apply"))]
    TemplateUnreadable(String),
    /// It was not reviewed in time.
    #[error("the review of the identity `{name}` was due at {due}")]
    #[diagnostic(help(
        "review it and record that as an `nhi_certification`; credentials stop 14 days after a review was due"
    ))]
    ReviewOverdue {
        /// Its name.
        name: String,
        /// When it had to be certified.
        due: Timestamp,
    },
    /// Longer than may be.
    #[error("a lifetime of `{asked}` is too long: {limit}")]
    #[diagnostic(help("choose `{most}` or less"))]
    TooLong {
        /// What was asked for.
        asked: Lifetime,
        /// Who says so.
        limit: String,
        /// The longest possible.
        most: String,
    },
}

impl Refusal {
    /// The reason's name in events.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Decommissioned(_) => "decommissioned",
            Self::Disabled(_) => "disabled",
            Self::Expired { .. } => "expired",
            Self::OwnerInactive { .. } => "owner_inactive",
            Self::ParentStopped(_) => "parent_stopped",
            Self::TemplateRevoked(_) => "template_revoked",
            Self::TemplateWithdrawn(_) => "template_withdrawn",
            Self::TemplateUnreadable(_) => "template_unreadable",
            Self::ReviewOverdue { .. } => "review_overdue",
            Self::TooLong { .. } => "lifetime_too_long",
        }
    }
}

/// When the credential ends, or every reason why there is none.
pub(crate) fn decide(
    ask: Ask,
    grounds: Grounds<'_>,
    now: Timestamp,
) -> Result<Timestamp, Vec<Refusal>> {
    let identity = grounds.identity;
    let name = || identity.facts.name.clone();
    let reference = || reference(&identity.terms.template);
    let mut reasons = Vec::new();
    match identity.standing {
        Standing::Decommissioned => return Err(vec![Refusal::Decommissioned(name())]),
        Standing::Disabled => reasons.push(Refusal::Disabled(name())),
        Standing::Active => {}
    }
    let end = identity.terms.expires_at;
    if end <= now {
        reasons.push(Refusal::Expired { name: name(), at: end });
    }
    if !identity.owner_active {
        reasons.push(Refusal::OwnerInactive { name: name(), owner: identity.owner.clone() });
    }
    if identity.owner_active && !identity.is_answered_for(now) {
        reasons.push(Refusal::ParentStopped(name()));
    }
    match (grounds.fate, grounds.template) {
        (Fate::Revoked, _) => reasons.push(Refusal::TemplateRevoked(reference())),
        (Fate::Withdrawn, _) => reasons.push(Refusal::TemplateWithdrawn(reference())),
        (Fate::Usable, None) => reasons.push(Refusal::TemplateUnreadable(reference())),
        (Fate::Usable, Some(_)) => {}
    }
    let due = identity.terms.certified_until;
    if let Some(due) = due.filter(|due| after(*due, REVIEW_GRACE) < now) {
        reasons.push(Refusal::ReviewOverdue { name: name(), due });
    }
    let most = limits(grounds, now).into_iter().min_by_key(|(seconds, _)| *seconds);
    let seconds = |lifetime: Lifetime| i64::from(lifetime.as_seconds());
    let granted = match (ask.lifetime, most) {
        (Some(asked), Some((most, limit))) if seconds(asked) > most => {
            // That it has expired is said already.
            if end > now {
                reasons.push(Refusal::TooLong { asked, limit, most: shown(most) });
            }
            most
        }
        (Some(asked), _) => seconds(asked),
        (None, most) => most.map_or(seconds(ask.usual), |(most, _)| seconds(ask.usual).min(most)),
    };
    if reasons.is_empty() {
        Ok(after(now, SignedDuration::from_secs(granted)))
    } else {
        Err(reasons)
    }
}

/// Every limit of a credential's lifetime, in seconds, and who sets it.
fn limits(grounds: Grounds<'_>, now: Timestamp) -> Vec<(i64, String)> {
    let identity = grounds.identity;
    let seconds = |lifetime: Lifetime| i64::from(lifetime.as_seconds());
    let mut limits = Vec::new();
    if let Some(session) = grounds.template.and_then(|it| it.require.max_session.as_ref()) {
        let most = session.value;
        let reference = reference(&identity.terms.template);
        limits.push((seconds(most), format!("template `{reference}` allows `{most}`")));
    }
    if let Some(most) = grounds.baseline.caps(identity.facts.kind).max_session {
        let kind = identity.facts.kind.name();
        limits.push((seconds(most), format!("the baseline of `{kind}` allows `{most}`")));
    }
    if let Some(Details::Agent { max_session: Some(session), .. }) = &identity.facts.details
        && let Ok(most) = Lifetime::parse(session)
    {
        limits.push((seconds(most), format!("its own `max_session` is `{most}`")));
    }
    let end = identity.terms.expires_at;
    let rest = end.duration_since(now).as_secs().max(0);
    limits.push((rest, format!("the identity ends at {end}")));
    limits
}

/// Seconds as people write them.
fn shown(seconds: i64) -> String {
    Lifetime::parse(&format!("{seconds}s")).map_or_else(|_| "0s".to_owned(), |it| it.to_string())
}

fn reference(pinned: &Pinned) -> String {
    format!("{}@{}", pinned.name, pinned.version)
}

fn after(start: Timestamp, length: SignedDuration) -> Timestamp {
    start.checked_add(length).unwrap_or(Timestamp::MAX)
}

/// That an identity may have a credential now.
#[derive(Clone, Debug)]
pub(crate) struct Permission {
    /// Whose.
    pub(crate) identity: Identity,
    /// Which.
    pub(crate) sort: Sort,
    /// When it begins, in whole seconds.
    pub(crate) issued_at: Timestamp,
    /// When it ends, in whole seconds.
    pub(crate) expires_at: Timestamp,
}

/// Decides on what is asked for the identity with that id. A refusal is put on record.
pub(crate) async fn allow(
    context: &Context,
    id: &str,
    ask: Ask,
) -> Result<Permission, Vec<Problem>> {
    let configured = context.configured()?;
    let inventory = configured.inventory()?;
    let unreadable = |error: InventoryError| vec![refused("Inventory not readable", &error)];
    let Some(identity) = inventory.identity(id).await.map_err(unreadable)? else {
        let detail = format!(
            "There is no identity `{id}` in the inventory. State the `id` of an identity that is applied already; is it the \
             inventory that you mean?"
        );
        return Err(vec![Problem::error("Unknown identity", detail).at("identity")]);
    };
    let catalogues = configured.catalogues.as_ref().ok_or_else(|| {
        vec![Problem::error(
            "Templates not known yet",
            "The provider's `templates` depend on something that does not exist yet. Apply that first, with `-target`.",
        )]
    })?;
    let catalogue = catalogues.current(inventory, &configured.planned).await?;
    let bound = &identity.terms.template;
    let template = catalogues.pinned(bound);
    let published = inventory.template(&bound.name, &bound.version).await.map_err(unreadable)?;
    let withdrawn = published.is_some_and(|published| published.withdrawn_at.is_some());
    let grounds = Grounds {
        identity: &identity,
        template: template.as_deref(),
        fate: fate(&catalogue.library, bound, withdrawn),
        baseline: catalogue.library.baseline(),
    };
    // Times in credentials and in the inventory are whole seconds.
    let now = Timestamp::from_second(context.now().as_second()).unwrap_or(context.now());
    match decide(ask, grounds, now) {
        Ok(expires_at) => Ok(Permission { sort: ask.sort, issued_at: now, expires_at, identity }),
        Err(reasons) => {
            let codes = reasons.iter().map(Refusal::code).collect();
            let noted = inventory.record_refusal(now, id, (ask.sort.refused(), codes)).await;
            let mut problems: Vec<Problem> = reasons.iter().map(problem).collect();
            problems.extend(noted.err().map(|error| refused("Refusal not on record", &error)));
            Err(problems)
        }
    }
}

fn fate(library: &policy::template::Library, bound: &Pinned, withdrawn: bool) -> Fate {
    let named = |it: &&Template| it.name == bound.name && it.version.to_string() == bound.version;
    let found = library.templates().find(named);
    // Whoever revokes a version means it, whatever else they changed in its text.
    if found.is_some_and(|it| it.status == Status::Revoked) {
        return Fate::Revoked;
    }
    let is_there = found.is_some_and(|it| it.digest == bound.digest);
    if withdrawn && !is_there { Fate::Withdrawn } else { Fate::Usable }
}

fn problem(reason: &Refusal) -> Problem {
    let at = match reason {
        Refusal::TooLong { .. } => "lifetime",
        Refusal::Decommissioned(_)
        | Refusal::Disabled(_)
        | Refusal::Expired { .. }
        | Refusal::OwnerInactive { .. }
        | Refusal::ParentStopped(_)
        | Refusal::TemplateRevoked(_)
        | Refusal::TemplateWithdrawn(_)
        | Refusal::TemplateUnreadable(_)
        | Refusal::ReviewOverdue { .. } => "identity",
    };
    wording::diagnosed("Credential refused", reason).at(at)
}

/// Puts on record what was made of a permission; whoever holds the credential afterwards has it from here. `credential` names it
/// and is no secret.
pub(crate) async fn hand_out(
    context: &Context,
    permission: &Permission,
    (credential, audience, key): (String, Option<String>, Option<KeyUse>),
) -> Result<(), Vec<Problem>> {
    let issue = Issue {
        action: permission.sort.issued(),
        identity: (permission.identity.id.clone(), permission.identity.version),
        credential,
        audience,
        expires_at: key.is_some().then_some(permission.expires_at),
        key,
    };
    let inventory = context.configured()?.inventory()?;
    inventory
        .record_issue(permission.issued_at, issue)
        .await
        .map_err(|error| vec![refused("Credential not handed out", &error)])
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

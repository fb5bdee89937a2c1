//! What happens to a living identity besides what its configuration says: it is rotated, suspended and resumed by an operator or
//! by a review; and where it stands at a time.

use jiff::{SignedDuration, Timestamp};
use policy::governance::State;
use rusqlite::Connection;

use super::record::{Credential, Identity, Lineage, Review, Standing, Terms};
use super::{Inventory, InventoryError, identities, rows};

/// What the mark of a suspension says in [`Review::outcome`].
pub(crate) const SUSPEND: &str = "suspend";

/// A rotation that no configuration asks for.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    /// Why. It is kept in the audit trail.
    pub(crate) reason: String,
    /// How long the credential before it works.
    pub(crate) overlap: SignedDuration,
    /// The new credential, for kinds whose credential is made with the identity.
    pub(crate) credential: Option<Credential>,
}

impl Inventory {
    /// Starts a new credential of an identity whose record is still `version`.
    pub(crate) async fn rotate(
        &self,
        now: Timestamp,
        (id, version): (&str, i64),
        turn: Turn,
    ) -> Result<Identity, InventoryError> {
        let id = id.to_owned();
        self.write(move |db, lineage| rotate(db, lineage, now, (&id, version, turn))).await
    }

    /// Switches an identity off at once, until it is resumed. Suspending what is switched off is no error.
    pub(crate) async fn suspend(
        &self,
        now: Timestamp,
        id: &str,
        reason: &str,
    ) -> Result<Identity, InventoryError> {
        let (id, reason) = (id.to_owned(), reason.to_owned());
        self.write(move |db, lineage| suspend(db, lineage, now, (&id, &reason))).await
    }

    /// Ends a suspension. What its configuration or a review switched off stays off.
    pub(crate) async fn resume(
        &self,
        now: Timestamp,
        id: &str,
        reason: &str,
    ) -> Result<Identity, InventoryError> {
        let (id, reason) = (id.to_owned(), reason.to_owned());
        self.write(move |db, lineage| resume(db, lineage, now, (&id, &reason))).await
    }
}

impl Inventory {
    /// How many identities of an owner are switched on.
    pub(crate) async fn in_use_of(&self, owner: &str) -> Result<i64, InventoryError> {
        let owner = owner.to_owned();
        self.read(move |db| {
            let mut statement = db.prepare_cached(
                "SELECT count(*) FROM identities
                 WHERE owner_id = ?1 AND status = 'active' AND decommissioned_at IS NULL",
            )?;
            Ok(statement.query_row([owner], |row| row.get(0))?)
        })
        .await
    }
}

impl Identity {
    /// Where it stands at a time.
    pub(crate) fn state_at(&self, now: Timestamp) -> State {
        match self.standing {
            Standing::Decommissioned => State::Decommissioned,
            Standing::Disabled => State::Disabled,
            Standing::Active if !self.is_answered_for(now) => State::Quarantined,
            Standing::Active => self.terms.state_at(now),
        }
    }

    /// Whether its owner is active and the identities that it was derived from work.
    pub(crate) fn is_answered_for(&self, now: Timestamp) -> bool {
        self.owner_active && self.parent_until.is_none_or(|until| now < until)
    }

    /// Whether it may be decommissioned: it has been off for `observation`, be it disabled or expired, or a break-glass reason is on
    /// record.
    pub(crate) fn may_go(
        &self,
        now: Timestamp,
        observation: SignedDuration,
    ) -> Result<(), InventoryError> {
        let reason = self.facts.break_glass_reason.as_deref();
        let broken = reason.is_some_and(|reason| !reason.trim().is_empty());
        if broken || self.standing == Standing::Decommissioned {
            return Ok(());
        }
        let expired = self.state_at(now) == State::Expired;
        let name = self.facts.name.clone();
        let off_since = self.disabled_at.or(expired.then_some(self.terms.expires_at));
        let Some(since) = off_since else { return Err(InventoryError::StillActive(name)) };
        let until = since.checked_add(observation).unwrap_or(Timestamp::MAX);
        if now < until { Err(InventoryError::UnderObservation { name, until }) } else { Ok(()) }
    }

    /// Until when the credential before a new one works: one that does not work now gets no overlap.
    pub(crate) fn overlap_until(&self, now: Timestamp, overlap: SignedDuration) -> Timestamp {
        let works = self.state_at(now).may_have_credentials();
        if works { now.checked_add(overlap).unwrap_or(Timestamp::MAX) } else { now }
    }
}

impl Terms {
    /// Where an identity stands that is switched on and answered for.
    pub(crate) fn state_at(&self, now: Timestamp) -> State {
        if self.expires_at <= now {
            State::Expired
        } else if self.previous_valid_until.is_some_and(|until| now < until) {
            State::Rotating
        } else {
            State::Active
        }
    }

    /// What stops works no longer, and neither does the credential before the current one.
    pub(crate) fn end_overlap(&mut self, now: Timestamp) {
        self.previous_valid_until = self.previous_valid_until.map(|until| until.min(now));
    }
}

/// The latest decision about an identity, if it lets it live on: what a later end date rests on. One that left its configuration
/// is still the latest: taking a refusal out of the configuration brings no earlier leave back.
pub(super) fn approval(
    connection: &Connection,
    identity: &str,
) -> Result<Option<String>, InventoryError> {
    let sql =
        "SELECT id || ' ' || version, outcome IN ('disable', 'decommission') FROM certifications
               WHERE identity_id = ?1 ORDER BY decided_at DESC, rowid DESC LIMIT 1";
    let latest = rows::first(connection, sql, [identity], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(latest.and_then(|(decision, ends): (String, bool)| (!ends).then_some(decision)))
}

/// Starts a new credential.
pub(super) fn rotate(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    (id, version, turn): (&str, i64, Turn),
) -> Result<Identity, InventoryError> {
    let mut identity = identities::living(connection, id)?;
    if identity.version != version {
        return Err(InventoryError::Changed { what: "identity", name: identity.facts.name });
    }
    if identity.terms.credential.is_some() != turn.credential.is_some() {
        return Err(InventoryError::CredentialMissing(identity.facts.name));
    }
    identity.terms.previous_valid_until = Some(identity.overlap_until(now, turn.overlap));
    identity.terms.credential_version += 1;
    identity.terms.rotated_at = now;
    identity.terms.credential = turn.credential;
    identities::record(connection, lineage, now, (identity, "identity.rotate", &turn.reason))
}

/// Switches an identity off, with a mark that says why it may not be switched on by habit.
pub(super) fn suspend(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    (id, reason): (&str, &str),
) -> Result<Identity, InventoryError> {
    let mut identity = identities::living(connection, id)?;
    if identity.standing == Standing::Disabled {
        return Ok(identity);
    }
    identity.terms.review = Some(Review {
        certification: String::new(),
        outcome: SUSPEND.to_owned(),
        before: Standing::Active.as_str().to_owned(),
        earlier: identity.terms.review.take().map(Box::new),
    });
    switch_off(&mut identity, now);
    identities::record(connection, lineage, now, (identity, "identity.suspend", reason))
}

/// Ends a suspension.
pub(super) fn resume(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    (id, reason): (&str, &str),
) -> Result<Identity, InventoryError> {
    let mut identity = identities::living(connection, id)?;
    let Some(mark) = identity.terms.review.take_if(|review| review.outcome == SUSPEND) else {
        return Err(InventoryError::NotSuspended(identity.facts.name));
    };
    identity.terms.review = mark.earlier.map(|earlier| *earlier);
    identity.standing = Standing::Active;
    identity.facts.disabled = false;
    identity.disabled_at = None;
    identities::record(connection, lineage, now, (identity, "identity.resume", reason))
}

/// Makes an identity one that is switched off.
pub(super) fn switch_off(identity: &mut Identity, now: Timestamp) {
    identity.standing = Standing::Disabled;
    identity.facts.disabled = true;
    identity.disabled_at = Some(now);
    identity.terms.end_overlap(now);
}

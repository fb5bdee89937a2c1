//! Exceptions in the database: (subject, rule) is the natural key of those in force, and those before them are counted.

use jiff::Timestamp;
use rusqlite::{Connection, Row, named_params};
use serde::Serialize;

use super::audit::{Recorded, log};
use super::claim::{Claim, Table, take_over};
use super::error::InventoryError;
use super::record::{Created, Identity, Lineage, Owner};
use super::{Inventory, columns, fresh_id, identities, owners, rows};

/// How the id of an identity begins; no resource address does.
pub(crate) const IDENTITY_PREFIX: &str = "nhi-";

/// What a configuration says about an exception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ExceptionFacts {
    /// An identity's id or a resource address.
    pub(crate) subject: String,
    /// The rule that it is excepted from.
    pub(crate) rule: String,
    /// Why.
    pub(crate) reason: String,
    /// What stands in for the rule.
    pub(crate) compensating_control: String,
    /// Who answers for it.
    pub(crate) approver: String,
    /// Its end, as written.
    pub(crate) expiry: String,
}

/// An exception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Exception {
    /// Never reused.
    pub(crate) id: String,
    /// As configured.
    #[serde(flatten)]
    pub(crate) facts: ExceptionFacts,
    /// When it ends.
    pub(crate) expires_at: Timestamp,
    /// How many exceptions of the same subject from the same rule came before it.
    pub(crate) renewals: i64,
    /// When it was made.
    pub(crate) created_at: Timestamp,
    /// When it was removed.
    pub(crate) removed_at: Option<Timestamp>,
    /// Grows by one with each change.
    pub(crate) version: i64,
}

/// What planning an exception has to know.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExceptionProspect {
    /// The exception itself.
    pub(crate) existing: Option<Exception>,
    /// The subject, if it is an identity and exists.
    pub(crate) identity: Option<Identity>,
    /// The subject's owner.
    pub(crate) owner: Option<Owner>,
    /// The refusal, where another exception is in force for the same subject and rule.
    pub(crate) in_use: Option<InventoryError>,
    /// The exception that a crash of an earlier run of this configuration left behind.
    pub(crate) leftover: Option<Exception>,
}

impl Inventory {
    /// Who runs Terraform, as far as the environment says it.
    pub(crate) fn actor(&self) -> &str {
        &self.lineage.actor
    }

    /// The exception with that id, or of that subject and rule, written `RULE:subject`.
    pub(crate) async fn exception(&self, key: &str) -> Result<Option<Exception>, InventoryError> {
        let key = key.to_owned();
        self.read(move |db| find(db, &key)).await
    }

    /// The exceptions of a subject that were not removed, expired ones too, by rule.
    pub(crate) async fn exceptions_for(
        &self,
        subject: &str,
    ) -> Result<Vec<Exception>, InventoryError> {
        let subject = subject.to_owned();
        self.read(move |db| {
            let sql =
                "SELECT * FROM exceptions WHERE subject = ?1 AND removed_at IS NULL ORDER BY rule";
            rows::all(db, sql, [subject], read)
        })
        .await
    }

    /// What planning an exception has to know: its own id if it exists, its subject and rule as far as they are known.
    pub(crate) async fn exception_prospect(
        &self,
        own: Option<&str>,
        subject: Option<&str>,
        rule: Option<&str>,
    ) -> Result<ExceptionProspect, InventoryError> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let (own, subject, rule) = (owned(own), owned(subject), owned(rule));
        let lineage = std::sync::Arc::clone(&self.lineage);
        self.read(move |db| {
            let mut found = ExceptionProspect::default();
            if let Some(own) = &own {
                found.existing = find(db, own)?;
            }
            let Some(subject) = subject else { return Ok(found) };
            found.identity = identities::by_id(db, &subject)?;
            if let Some(identity) = &found.identity {
                found.owner = owners::find(db, &identity.facts.owner_id)?;
            }
            let Some(rule) = rule else { return Ok(found) };
            match in_force(db, &subject, &rule)? {
                Some((other, _)) if own.as_ref() == Some(&other.id) => {}
                Some((other, claim)) if own.is_none() && claim.is_leftover(&lineage) => {
                    found.leftover = Some(other);
                }
                Some((other, claim)) if !claim.may_give_way(&lineage) => {
                    found.in_use = Some(refusal(claim, &lineage, &other));
                }
                Some(_) | None => {}
            }
            Ok(found)
        })
        .await
    }

    /// Makes an exception that ends at `expires_at`.
    pub(crate) async fn except(
        &self,
        now: Timestamp,
        facts: ExceptionFacts,
        expires_at: Timestamp,
    ) -> Result<Created<Exception>, InventoryError> {
        self.write(move |db, lineage| create(db, lineage, now, (facts, expires_at))).await
    }

    /// Changes an exception whose record is still `version`.
    pub(crate) async fn update_exception(
        &self,
        now: Timestamp,
        (id, version): (&str, i64),
        (facts, expires_at): (ExceptionFacts, Timestamp),
    ) -> Result<Exception, InventoryError> {
        let id = id.to_owned();
        self.write(move |db, lineage| update(db, lineage, now, (&id, version, facts, expires_at)))
            .await
    }

    /// Ends an exception. Ending what is gone is no error.
    pub(crate) async fn remove_exception(
        &self,
        now: Timestamp,
        id: &str,
    ) -> Result<(), InventoryError> {
        let id = id.to_owned();
        self.write(move |db, lineage| remove(db, lineage, now, &id)).await
    }

    /// Notes that Terraform's state holds the exception.
    pub(crate) async fn claim_exception(&self, id: &str) -> Result<(), InventoryError> {
        self.claim(Table::Exception, id).await
    }
}

fn find(connection: &Connection, key: &str) -> Result<Option<Exception>, InventoryError> {
    let sql = "SELECT * FROM exceptions WHERE removed_at IS NULL AND id = ?1
               UNION ALL
               SELECT * FROM exceptions WHERE removed_at IS NULL AND rule || ':' || subject = ?1 LIMIT 1";
    rows::first(connection, sql, [key], read)
}

fn in_force(
    connection: &Connection,
    subject: &str,
    rule: &str,
) -> Result<Option<(Exception, Claim)>, InventoryError> {
    let sql = "SELECT * FROM exceptions WHERE subject = ?1 AND rule = ?2 AND removed_at IS NULL";
    rows::first(connection, sql, [subject, rule], Claim::beside(read))
}

/// All exceptions, removed ones too, by id.
pub(super) fn all(connection: &Connection) -> Result<Vec<Exception>, InventoryError> {
    rows::all(connection, "SELECT * FROM exceptions ORDER BY id", [], read)
}

fn read(row: &Row<'_>) -> Result<Exception, InventoryError> {
    Ok(Exception {
        id: row.get("id")?,
        facts: ExceptionFacts {
            subject: row.get("subject")?,
            rule: row.get("rule")?,
            reason: row.get("reason")?,
            compensating_control: row.get("compensating_control")?,
            approver: row.get("approver")?,
            expiry: row.get("expiry")?,
        },
        expires_at: columns::time(row, "expires_at")?,
        renewals: row.get("renewals")?,
        created_at: columns::time(row, "created_at")?,
        removed_at: columns::some_time(row, "removed_at")?,
        version: row.get("version")?,
    })
}

impl Recorded for Exception {
    const WHAT: &'static str = "exception";

    fn key(&self) -> String {
        self.id.clone()
    }
}

fn refusal(claim: Claim, lineage: &Lineage, other: &Exception) -> InventoryError {
    let name = format!("{}:{}", other.facts.rule, other.facts.subject);
    claim.in_use(lineage, "exception", &name, &other.id)
}

/// An identity that is excepted from something has to live; what an address names is for Terraform to know.
fn check_subject(connection: &Connection, subject: &str) -> Result<(), InventoryError> {
    if subject.starts_with(IDENTITY_PREFIX) {
        identities::living(connection, subject)?;
    }
    Ok(())
}

fn create(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    (facts, expires_at): (ExceptionFacts, Timestamp),
) -> Result<Created<Exception>, InventoryError> {
    check_subject(connection, &facts.subject)?;
    if let Some((existing, claim)) = in_force(connection, &facts.subject, &facts.rule)? {
        if !claim.is_leftover(lineage) || existing.facts != facts {
            return Err(refusal(claim, lineage, &existing));
        }
        take_over(connection, Table::Exception, &existing.id, lineage)?;
        log(connection, lineage, now, "exception.take_over", &existing)?;
        return Ok(Created::TakenOver(existing));
    }
    let renewals = connection
        .prepare_cached("SELECT count(*) FROM exceptions WHERE subject = ?1 AND rule = ?2")?
        .query_row([&facts.subject, &facts.rule], |row| row.get(0))?;
    let id = fresh_id("exc")?;
    let exception = Exception {
        id,
        facts,
        expires_at,
        renewals,
        created_at: now,
        removed_at: None,
        version: 1,
    };
    let facts = &exception.facts;
    connection
        .prepare_cached(
            "INSERT INTO exceptions (id, subject, rule, reason, compensating_control, approver, expiry, expires_at,
                                    renewals, created_at, updated_at, version, origin, run)
             VALUES (:id, :subject, :rule, :reason, :control, :approver, :expiry, :expires_at, :renewals, :now, :now,
                     1, :origin, :run)",
        )?
        .execute(named_params! {
            ":id": exception.id, ":subject": facts.subject, ":rule": facts.rule, ":reason": facts.reason,
            ":control": facts.compensating_control, ":approver": facts.approver, ":expiry": facts.expiry,
            ":expires_at": expires_at.to_string(), ":renewals": renewals, ":now": now.to_string(),
            ":origin": lineage.origin, ":run": lineage.run,
        })?;
    log(connection, lineage, now, "exception.create", &exception)?;
    Ok(Created::New(exception))
}

fn update(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    (id, version, facts, expires_at): (&str, i64, ExceptionFacts, Timestamp),
) -> Result<Exception, InventoryError> {
    let missing = || InventoryError::NotFound { what: "exception", key: id.to_owned() };
    let before = find(connection, id)?.ok_or_else(missing)?;
    if before.version != version {
        let name = format!("{}:{}", before.facts.rule, before.facts.subject);
        return Err(InventoryError::Changed { what: "exception", name });
    }
    let exception = Exception { facts, expires_at, version: version + 1, ..before };
    let facts = &exception.facts;
    connection
        .prepare_cached(
            "UPDATE exceptions SET reason = :reason, compensating_control = :control, approver = :approver,
                                  expiry = :expiry, expires_at = :expires_at, updated_at = :now,
                                  version = :version, claimed = 1
             WHERE id = :id",
        )?
        .execute(named_params! {
            ":id": id, ":reason": facts.reason, ":control": facts.compensating_control,
            ":approver": facts.approver, ":expiry": facts.expiry, ":expires_at": expires_at.to_string(),
            ":now": now.to_string(), ":version": exception.version,
        })?;
    log(connection, lineage, now, "exception.update", &exception)?;
    Ok(exception)
}

fn remove(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    id: &str,
) -> Result<(), InventoryError> {
    let Some(mut exception) = find(connection, id)? else { return Ok(()) };
    exception.removed_at = Some(now);
    exception.version += 1;
    connection
        .prepare_cached(
            "UPDATE exceptions SET removed_at = ?2, version = version + 1 WHERE id = ?1",
        )?
        .execute([id, &now.to_string()])?;
    log(connection, lineage, now, "exception.remove", &exception)
}

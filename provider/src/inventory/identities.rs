//! Identities in the database.

use jiff::{SignedDuration, Timestamp};
use policy::governance::Kind;
use rusqlite::{Connection, Row, named_params, params};
use serde::Serialize;

use super::audit::{self, Recorded};
use super::claim::{Claim, Table, take_over};
use super::error::InventoryError;
use super::record::{Created, Facts, Identity, Lineage, Pinned, Standing, Terms};
use super::{certificates, columns, owners, rows, templates};

/// How long the name of a decommissioned identity is kept from other owners (NIST SP 800-53 IA-4(d)). Its own owner may use it
/// again at once, under a new id; ids are never used again.
pub(crate) const NAME_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// `parent_until`: when the first of the identities stops that it was derived from; empty where one has stopped.
pub(super) const SELECT: &str = "SELECT identities.*, owners.name AS owner_name, owners.active AS owner_active,
                             template_texts.source AS template_source,
                             CASE WHEN identities.parent IS NOT NULL THEN (
                                 WITH RECURSIVE above (id, parent, works, until) AS (
                                     SELECT it.id, it.parent, it.status = 'active' AND owner.active, it.expires_at
                                     FROM identities AS it JOIN owners AS owner ON owner.id = it.owner_id
                                     WHERE it.id = identities.parent
                                     UNION
                                     SELECT it.id, it.parent, it.status = 'active' AND owner.active, it.expires_at
                                     FROM above JOIN identities AS it ON it.id = above.parent
                                                JOIN owners AS owner ON owner.id = it.owner_id)
                                 SELECT CASE WHEN min(works) = 1 THEN min(until) ELSE '' END FROM above)
                             END AS parent_until
                      FROM identities JOIN owners ON owners.id = identities.owner_id
                                    JOIN template_texts ON template_texts.digest = identities.template_digest";

/// The identity with that id, decommissioned or not.
pub(super) fn by_id(connection: &Connection, id: &str) -> Result<Option<Identity>, InventoryError> {
    rows::first(connection, &format!("{SELECT} WHERE identities.id = ?1"), [id], read)
}

/// The living identity of that kind and name.
pub(super) fn by_name(
    connection: &Connection,
    kind: Kind,
    name: &str,
) -> Result<Option<Identity>, InventoryError> {
    let sql = format!(
        "{SELECT} WHERE identities.kind = ?1 AND identities.name = ?2 AND decommissioned_at IS NULL"
    );
    rows::first(connection, &sql, [kind.name(), name], read)
}

/// The latest identity of that kind and name that is gone.
pub(super) fn latest_gone(
    connection: &Connection,
    kind: Kind,
    name: &str,
) -> Result<Option<Identity>, InventoryError> {
    let sql = format!(
        "{SELECT} WHERE identities.kind = ?1 AND identities.name = ?2 AND decommissioned_at IS NOT NULL
         ORDER BY identities.rowid DESC LIMIT 1"
    );
    rows::first(connection, &sql, [kind.name(), name], read)
}

/// Every identity, by id.
pub(super) fn all(connection: &Connection) -> Result<Vec<Identity>, InventoryError> {
    rows::all(connection, &format!("{SELECT} ORDER BY identities.id"), [], read)
}

/// Whose an identity is.
fn claim_on(connection: &Connection, id: &str) -> Result<Claim, InventoryError> {
    let mut statement = connection.prepare_cached("SELECT * FROM identities WHERE id = ?1")?;
    Ok(statement.query_row([id], Claim::of)?)
}

/// The refusal of the name of a living identity; none if a crash left it behind for this configuration.
pub(super) fn in_use(
    connection: &Connection,
    lineage: &Lineage,
    identity: &Identity,
) -> Result<Option<InventoryError>, InventoryError> {
    let claim = claim_on(connection, &identity.id)?;
    if claim.is_leftover(lineage) {
        return Ok(None);
    }
    let (kind, name) = (identity.facts.kind.name(), &identity.facts.name);
    Ok(Some(claim.in_use(lineage, kind, name, &identity.id)))
}

/// A row that has the columns of [`SELECT`].
pub(super) fn read(row: &Row<'_>) -> Result<Identity, InventoryError> {
    let standing: String = row.get("status")?;
    Ok(Identity {
        id: row.get("id")?,
        facts: read_facts(row)?,
        terms: read_terms(row)?,
        standing: [Standing::Active, Standing::Disabled, Standing::Decommissioned]
            .into_iter()
            .find(|known| known.as_str() == standing)
            .ok_or_else(|| InventoryError::Corrupt(format!("status `{standing}`")))?,
        created_at: columns::time(row, "created_at")?,
        disabled_at: columns::some_time(row, "disabled_at")?,
        decommissioned_at: columns::some_time(row, "decommissioned_at")?,
        version: row.get("version")?,
        owner: row.get("owner_name")?,
        owner_active: row.get("owner_active")?,
        parent_until: match row.get::<_, Option<String>>("parent_until")?.as_deref() {
            Some("") => Some(Timestamp::MIN),
            _ => columns::some_time(row, "parent_until")?,
        },
    })
}

fn read_facts(row: &Row<'_>) -> Result<Facts, InventoryError> {
    let kind: String = row.get("kind")?;
    Ok(Facts {
        kind: Kind::from_name(&kind)
            .ok_or_else(|| InventoryError::Corrupt(format!("kind `{kind}`")))?,
        name: row.get("name")?,
        owner_id: row.get("owner_id")?,
        purpose: row.get("purpose")?,
        expiry: row.get("expiry")?,
        template: row.get("template")?,
        parameters: columns::json(row, "parameters")?,
        service: row.get("service")?,
        environment: row.get("environment")?,
        consumers: columns::json(row, "consumers")?,
        parent: row.get("parent")?,
        disabled: row.get::<_, String>("status")? != Standing::Active.as_str(),
        rotation: columns::json(row, "rotation")?,
        break_glass_reason: row.get("break_glass_reason")?,
        subject: columns::some_json(row, "subject")?,
        details: columns::some_json(row, "details")?,
    })
}

fn read_terms(row: &Row<'_>) -> Result<Terms, InventoryError> {
    Ok(Terms {
        expires_at: columns::time(row, "expires_at")?,
        template: Pinned {
            name: row.get("template_name")?,
            version: row.get("template_version")?,
            digest: row.get("template_digest")?,
            source: row.get("template_source")?,
        },
        spiffe_id: row.get("spiffe_id")?,
        certified_until: columns::some_time(row, "certified_until")?,
        credential_version: row.get("credential_version")?,
        rotated_at: columns::time(row, "rotated_at")?,
        previous_valid_until: columns::some_time(row, "previous_valid_until")?,
        credential: columns::some_json(row, "credential")?,
        review: columns::some_json(row, "review")?,
        extended_by: row.get("extended_by")?,
    })
}

/// Creates an identity, or finds the one that a crash left behind.
pub(super) fn create(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    (id, facts, terms): (String, Facts, Terms),
) -> Result<Created<Identity>, InventoryError> {
    let owner = active_owner(connection, &facts.owner_id)?;
    if let Some(existing) = by_name(connection, facts.kind, &facts.name)? {
        let claim = claim_on(connection, &existing.id)?;
        let same =
            existing.facts == facts && existing.terms.template.digest == terms.template.digest;
        if !claim.is_leftover(lineage) || !same {
            return Err(claim.in_use(lineage, facts.kind.name(), &facts.name, &existing.id));
        }
        take_over(connection, Table::Identity, &existing.id, lineage)?;
        log(connection, lineage, now, ("identity.take_over", &existing, None))?;
        return Ok(Created::TakenOver(existing));
    }
    let gone = latest_gone(connection, facts.kind, &facts.name)?;
    if let Some(error) = gone.and_then(|gone| name_kept(&gone, &owner, now)) {
        return Err(error);
    }
    templates::keep_text(connection, &terms.template)?;
    let identity = Identity {
        id,
        standing: if facts.disabled { Standing::Disabled } else { Standing::Active },
        created_at: now,
        disabled_at: facts.disabled.then_some(now),
        decommissioned_at: None,
        version: 1,
        owner,
        owner_active: true,
        parent_until: None,
        facts,
        terms,
    };
    insert(connection, lineage, &identity)?;
    log(connection, lineage, now, ("identity.create", &identity, None))?;
    certificates::follow(connection, lineage, now, &identity)?;
    // What it was derived from is on record there.
    let alone = identity.facts.parent.is_none();
    Ok(Created::New(if alone { identity } else { living(connection, &identity.id)? }))
}

fn active_owner(connection: &Connection, id: &str) -> Result<String, InventoryError> {
    match owners::find(connection, id)? {
        Some(owner) if owner.facts.active => Ok(owner.facts.name),
        Some(owner) => Err(InventoryError::OwnerInactive(owner.facts.name)),
        None => Err(InventoryError::NotFound { what: "owner", key: id.to_owned() }),
    }
}

/// The refusal, if the name belonged to an identity of another owner until recently.
pub(crate) fn name_kept(gone: &Identity, owner: &str, now: Timestamp) -> Option<InventoryError> {
    let until = gone.decommissioned_at?;
    let free_at = until.checked_add(NAME_KEPT).unwrap_or(Timestamp::MAX);
    (gone.owner != owner && now < free_at).then(|| InventoryError::NameKept {
        name: gone.facts.name.clone(),
        owner: gone.owner.clone(),
        until,
        free_at,
    })
}

fn insert(
    connection: &Connection,
    lineage: &Lineage,
    identity: &Identity,
) -> Result<(), InventoryError> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO identities (id, kind, name, owner_id, purpose, expiry, expires_at, template, template_name,
             template_version, template_digest, parameters, service, environment, consumers, parent, rotation,
             break_glass_reason, subject, details, spiffe_id, status, credential_version, rotated_at,
             previous_valid_until, credential, review, extended_by, certified_until, created_at, updated_at, disabled_at, version, origin, run)
         VALUES (:id, :kind, :name, :owner_id, :purpose, :expiry, :expires_at, :template, :template_name,
             :template_version, :template_digest, :parameters, :service, :environment, :consumers, :parent, :rotation,
             :break_glass_reason, :subject, :details, :spiffe_id, :status, :credential_version, :rotated_at,
             :previous_valid_until, :credential, :review, :extended_by, :certified_until, :created_at, :created_at, :disabled_at, 1, :origin, :run)",
    )?;
    let (facts, terms) = (&identity.facts, &identity.terms);
    statement.execute(named_params! {
        ":id": identity.id, ":kind": facts.kind.name(), ":name": facts.name, ":owner_id": facts.owner_id,
        ":purpose": facts.purpose, ":expiry": facts.expiry, ":expires_at": terms.expires_at.to_string(),
        ":template": facts.template, ":template_name": terms.template.name,
        ":template_version": terms.template.version, ":template_digest": terms.template.digest,
        ":parameters": columns::to_json(&facts.parameters)?, ":service": facts.service,
        ":environment": facts.environment, ":consumers": columns::to_json(&facts.consumers)?,
        ":parent": facts.parent, ":rotation": columns::to_json(&facts.rotation)?,
        ":break_glass_reason": facts.break_glass_reason,
        ":subject": facts.subject.as_ref().map(columns::to_json).transpose()?, ":spiffe_id": terms.spiffe_id,
        ":details": facts.details.as_ref().map(columns::to_json).transpose()?,
        ":previous_valid_until": terms.previous_valid_until.map(|time| time.to_string()),
        ":credential": terms.credential.as_ref().map(columns::to_json).transpose()?,
        ":review": terms.review.as_ref().map(columns::to_json).transpose()?,
        ":extended_by": terms.extended_by,
        ":status": identity.standing.as_str(), ":credential_version": terms.credential_version,
        ":rotated_at": terms.rotated_at.to_string(),
        ":certified_until": terms.certified_until.map(|time| time.to_string()),
        ":created_at": identity.created_at.to_string(),
        ":disabled_at": identity.disabled_at.map(|time| time.to_string()),
        ":origin": lineage.origin, ":run": lineage.run,
    })?;
    Ok(())
}

/// The identity with that id, unless it is gone.
pub(super) fn living(connection: &Connection, id: &str) -> Result<Identity, InventoryError> {
    by_id(connection, id)?
        .filter(|identity| identity.standing != Standing::Decommissioned)
        .ok_or_else(|| InventoryError::NotFound { what: "identity", key: id.to_owned() })
}

/// Changes an identity whose record is still `version`. `because` says why its credential rotates, where it does.
pub(super) fn update(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    (id, version, facts, terms, because): (&str, i64, Facts, Terms, &str),
) -> Result<Identity, InventoryError> {
    let before = living(connection, id)?;
    if before.version != version {
        return Err(InventoryError::Changed { what: "identity", name: before.facts.name });
    }
    if facts.owner_id != before.facts.owner_id {
        active_owner(connection, &facts.owner_id)?;
    }
    let moves = facts.kind != before.facts.kind;
    if moves {
        name_is_free(connection, lineage, now, &before, facts.kind)?;
    }
    let rotates = terms.credential_version != before.terms.credential_version;
    let (standing, disabled_at, action) = match (before.standing, facts.disabled) {
        (Standing::Active, true) => (Standing::Disabled, Some(now), "identity.disable"),
        (Standing::Disabled, false) => (Standing::Active, None, "identity.enable"),
        _ if moves => (before.standing, before.disabled_at, "identity.move"),
        _ if rotates => (before.standing, before.disabled_at, "identity.rotate"),
        _ => (before.standing, before.disabled_at, "identity.update"),
    };
    let stopped = !before.state_at(now).may_have_credentials();
    let mut changed = Identity { facts, terms, standing, disabled_at, ..before };
    if stopped || standing == Standing::Disabled {
        changed.terms.end_overlap(now);
    }
    record(connection, lineage, now, (changed, action, because))
}

/// Whether an identity may keep its name under another kind.
fn name_is_free(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    identity: &Identity,
    kind: Kind,
) -> Result<(), InventoryError> {
    let name = &identity.facts.name;
    if let Some(namesake) = by_name(connection, kind, name)? {
        let claim = claim_on(connection, &namesake.id)?;
        return Err(claim.in_use(lineage, kind.name(), name, &namesake.id));
    }
    let gone = latest_gone(connection, kind, name)?;
    gone.and_then(|gone| name_kept(&gone, &identity.owner, now)).map_or(Ok(()), Err)
}

/// Records a change of a living identity, with its event.
pub(super) fn record(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    (mut changed, action, because): (Identity, &str, &str),
) -> Result<Identity, InventoryError> {
    changed.version += 1;
    templates::keep_text(connection, &changed.terms.template)?;
    store(connection, &changed, now)?;
    let because = Some(because).filter(|because| !because.is_empty());
    log(connection, lineage, now, (action, &changed, because))?;
    certificates::follow(connection, lineage, now, &changed)?;
    living(connection, &changed.id)
}

fn store(
    connection: &Connection,
    changed: &Identity,
    now: Timestamp,
) -> Result<(), InventoryError> {
    let (facts, terms) = (&changed.facts, &changed.terms);
    connection
        .prepare_cached(
            "UPDATE identities SET kind = :kind, name = :name, owner_id = :owner_id, purpose = :purpose, expiry = :expiry,
                 expires_at = :expires_at, template = :template, template_name = :template_name,
                 template_version = :template_version, template_digest = :template_digest, parameters = :parameters,
                 service = :service, environment = :environment, consumers = :consumers, parent = :parent,
                 rotation = :rotation, break_glass_reason = :break_glass_reason, subject = :subject,
                 details = :details, previous_valid_until = :previous_valid_until, credential = :credential,
                 review = :review, extended_by = :extended_by, spiffe_id = :spiffe_id, status = :status, credential_version = :credential_version,
                 rotated_at = :rotated_at, certified_until = :certified_until, updated_at = :now,
                 disabled_at = :disabled_at, version = :version, claimed = 1
             WHERE id = :id",
        )?
        .execute(named_params! {
            ":id": changed.id, ":kind": facts.kind.name(), ":name": facts.name, ":owner_id": facts.owner_id, ":purpose": facts.purpose,
            ":expiry": facts.expiry, ":expires_at": terms.expires_at.to_string(), ":template": facts.template,
            ":template_name": terms.template.name, ":template_version": terms.template.version,
            ":template_digest": terms.template.digest, ":parameters": columns::to_json(&facts.parameters)?,
            ":service": facts.service, ":environment": facts.environment,
            ":consumers": columns::to_json(&facts.consumers)?, ":parent": facts.parent,
            ":rotation": columns::to_json(&facts.rotation)?, ":break_glass_reason": facts.break_glass_reason,
            ":subject": facts.subject.as_ref().map(columns::to_json).transpose()?,
            ":details": facts.details.as_ref().map(columns::to_json).transpose()?,
            ":previous_valid_until": terms.previous_valid_until.map(|time| time.to_string()),
            ":credential": terms.credential.as_ref().map(columns::to_json).transpose()?,
            ":review": terms.review.as_ref().map(columns::to_json).transpose()?,
            ":extended_by": terms.extended_by,
            ":spiffe_id": terms.spiffe_id, ":status": changed.standing.as_str(),
            ":credential_version": terms.credential_version, ":rotated_at": terms.rotated_at.to_string(),
            ":certified_until": terms.certified_until.map(|time| time.to_string()),
            ":now": now.to_string(), ":disabled_at": changed.disabled_at.map(|time| time.to_string()),
            ":version": changed.version,
        })?;
    Ok(())
}

/// Decommissions an identity that has been off for `observation`, or for which a break-glass reason is on record. The record stays.
pub(super) fn decommission(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    (id, observation): (&str, SignedDuration),
) -> Result<(), InventoryError> {
    let missing = || InventoryError::NotFound { what: "identity", key: id.to_owned() };
    let mut identity = by_id(connection, id)?.ok_or_else(missing)?;
    if identity.standing == Standing::Decommissioned {
        return Ok(());
    }
    identity.may_go(now, observation)?;
    identity.standing = Standing::Decommissioned;
    identity.facts.disabled = true;
    identity.decommissioned_at = Some(now);
    identity.version += 1;
    connection
        .prepare_cached(
            "UPDATE identities SET status = 'decommissioned', decommissioned_at = ?2, updated_at = ?2,
                                 version = version + 1
             WHERE id = ?1",
        )?
        .execute(params![id, now.to_string()])?;
    let because = identity.facts.break_glass_reason.as_deref();
    log(connection, lineage, now, ("identity.decommission", &identity, because))
}

impl Recorded for Identity {
    const WHAT: &'static str = "identity";

    fn key(&self) -> String {
        self.id.clone()
    }
}

/// A record as an event tells it, with the reason of the change.
#[derive(Serialize)]
struct Explained<'a> {
    because: &'a str,
    #[serde(flatten)]
    identity: &'a Identity,
}

fn log(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    (action, identity, because): (&str, &Identity, Option<&str>),
) -> Result<(), InventoryError> {
    match because {
        Some(because) => {
            let subject = audit::subject::<Identity>(&identity.id);
            let explained = Explained { because, identity };
            audit::append(connection, lineage, now, (action, subject, &explained))
        }
        None => audit::log(connection, lineage, now, action, identity),
    }
}

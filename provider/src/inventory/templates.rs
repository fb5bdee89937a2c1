//! Published templates and the texts behind digests, in the database.

use jiff::Timestamp;
use rusqlite::{Connection, Row, named_params, params};

use super::audit::{Recorded, log};
use super::claim::{Claim, Table, take_over};
use super::error::InventoryError;
use super::record::{Created, Lineage, Pinned, Published};
use super::{columns, rows};

const ONE: &str = "SELECT * FROM templates WHERE name = ?1 AND version = ?2";

/// What is published under `name@version`, withdrawn or not.
pub(super) fn find(
    connection: &Connection,
    name: &str,
    version: &str,
) -> Result<Option<Published>, InventoryError> {
    rows::first(connection, ONE, [name, version], read)
}

/// Everything that was published, withdrawn or not, by name and version.
pub(super) fn all(connection: &Connection) -> Result<Vec<Published>, InventoryError> {
    rows::all(connection, "SELECT * FROM templates ORDER BY name, version", [], read)
}

fn read(row: &Row<'_>) -> Result<Published, InventoryError> {
    Ok(Published {
        name: row.get("name")?,
        version: row.get("version")?,
        digest: row.get("digest")?,
        source: row.get("source")?,
        published_at: columns::time(row, "published_at")?,
        withdrawn_at: columns::some_time(row, "withdrawn_at")?,
    })
}

impl Recorded for Published {
    const WHAT: &'static str = "template";

    fn key(&self) -> String {
        self.reference()
    }
}

/// Keeps the text of a template for as long as the inventory exists.
pub(super) fn keep_text(connection: &Connection, pinned: &Pinned) -> Result<(), InventoryError> {
    connection
        .prepare_cached(
            "INSERT INTO template_texts (digest, name, version, source) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (digest) DO NOTHING",
        )?
        .execute(params![pinned.digest, pinned.name, pinned.version, pinned.source])?;
    Ok(())
}

/// Publishes a version: one that is new, one that was withdrawn and has the same content, or one that a crash left behind.
pub(super) fn publish(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    template: Pinned,
) -> Result<Created<Published>, InventoryError> {
    keep_text(connection, &template)?;
    let key = [&template.name, &template.version];
    let existing = rows::first(connection, ONE, key, Claim::beside(read))?;
    let Pinned { name, version, digest, source } = template;
    let fresh = Published { name, version, digest, source, published_at: now, withdrawn_at: None };
    let reference = fresh.reference();
    match existing {
        None => {
            insert(connection, lineage, &fresh)?;
            log(connection, lineage, now, "template.publish", &fresh)?;
            Ok(Created::New(fresh))
        }
        Some((existing, claim)) => {
            if existing.digest != fresh.digest {
                return Err(InventoryError::VersionTaken { reference, digest: existing.digest });
            }
            if existing.withdrawn_at.is_some() {
                restore(connection, lineage, &fresh)?;
                log(connection, lineage, now, "template.publish", &fresh)?;
                return Ok(Created::New(fresh));
            }
            if !claim.is_leftover(lineage) {
                return Err(claim.in_use(lineage, "template", &reference, &reference));
            }
            take_over(connection, Table::Template, &reference, lineage)?;
            log(connection, lineage, now, "template.take_over", &existing)?;
            Ok(Created::TakenOver(existing))
        }
    }
}

fn insert(
    connection: &Connection,
    lineage: &Lineage,
    fresh: &Published,
) -> Result<(), InventoryError> {
    connection
        .prepare_cached(
            "INSERT INTO templates (name, version, digest, source, published_at, updated_at, origin, run)
             VALUES (:name, :version, :digest, :source, :now, :now, :origin, :run)",
        )?
        .execute(named_params! {
            ":name": fresh.name, ":version": fresh.version, ":digest": fresh.digest,
            ":source": fresh.source, ":now": fresh.published_at.to_string(),
            ":origin": lineage.origin, ":run": lineage.run,
        })?;
    Ok(())
}

fn restore(
    connection: &Connection,
    lineage: &Lineage,
    fresh: &Published,
) -> Result<(), InventoryError> {
    connection
        .prepare_cached(
            "UPDATE templates SET source = :source, published_at = :now, updated_at = :now, withdrawn_at = NULL,
                                 origin = :origin, run = :run, claimed = 0
             WHERE name = :name AND version = :version",
        )?
        .execute(named_params! {
            ":name": fresh.name, ":version": fresh.version, ":source": fresh.source,
            ":now": fresh.published_at.to_string(), ":origin": lineage.origin, ":run": lineage.run,
        })?;
    Ok(())
}

/// Changes the text of a published version where its content stays the same: comments, description, status.
pub(super) fn rewrite(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    template: Pinned,
) -> Result<Published, InventoryError> {
    let (name, version) = (template.name.clone(), template.version.clone());
    let reference = format!("{name}@{version}");
    let existing = find(connection, &name, &version)?
        .filter(|existing| existing.withdrawn_at.is_none())
        .ok_or_else(|| InventoryError::NotFound { what: "template", key: reference.clone() })?;
    if existing.digest != template.digest {
        return Err(InventoryError::VersionTaken { reference, digest: existing.digest });
    }
    let changed = Published { source: template.source, ..existing };
    connection
        .prepare_cached(
            "UPDATE templates SET source = ?3, updated_at = ?4, claimed = 1 WHERE name = ?1 AND version = ?2",
        )?
        .execute(params![name, version, changed.source, now.to_string()])?;
    log(connection, lineage, now, "template.rewrite", &changed)?;
    Ok(changed)
}

/// Withdraws a version that no living identity is bound to. Its name and version stay taken.
pub(super) fn withdraw(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    (name, version): (&str, &str),
) -> Result<(), InventoryError> {
    let Some(mut template) = find(connection, name, version)?.filter(|t| t.withdrawn_at.is_none())
    else {
        return Ok(());
    };
    let sql = "SELECT kind || ' ' || name FROM identities
               WHERE template_name = ?1 AND template_version = ?2 AND decommissioned_at IS NULL ORDER BY 1";
    let identities = rows::all(connection, sql, [name, version], |row| Ok(row.get(0)?))?;
    if !identities.is_empty() {
        return Err(InventoryError::TemplateInUse { reference: template.reference(), identities });
    }
    template.withdrawn_at = Some(now);
    connection
        .prepare_cached("UPDATE templates SET withdrawn_at = ?3 WHERE name = ?1 AND version = ?2")?
        .execute(params![name, version, now.to_string()])?;
    log(connection, lineage, now, "template.withdraw", &template)
}

//! The inventory: every owner, template version and identity, and the audit trail of how each came to be what it is.
//!
//! One file, SQLite in WAL mode with `synchronous = FULL`: what was acknowledged is on disk. Each change and its audit event are
//! one transaction. All SQL is below this module; what comes out are the domain types of [`record`]. The clock is passed in.
//!
//! Opening is lazy: an inventory that is never asked never touches the disk, and one that is only read is never created.

mod audit;
pub(crate) mod bindings;
pub(crate) mod certificates;
pub(crate) mod certifications;
mod claim;
mod columns;
pub(crate) mod error;
pub(crate) mod exceptions;
mod file;
mod identities;
pub(crate) mod issues;
pub(crate) mod lifecycle;
mod listing;
mod owners;
pub mod record;
mod rows;
pub(crate) mod search;
mod templates;
pub(crate) mod trail;
mod worker;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use policy::governance::Kind;
use rusqlite::Connection;

pub use audit::Verification;
pub use error::InventoryError;
pub(crate) use identities::name_kept;

use claim::Table;
use file::{Reading, Writing};
use record::{
    Created, Event, Facts, Identity, Lineage, Owner, OwnerFacts, Pinned, Published, Terms,
};
use worker::Worker;

/// A handle on the inventory. Cheap to make; all methods are durable when they return.
pub struct Inventory {
    lineage: Arc<Lineage>,
    reader: Worker<Reading>,
    writer: Worker<Writing>,
}

impl std::fmt::Debug for Inventory {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Inventory").field("lineage", &self.lineage).finish_non_exhaustive()
    }
}

impl Inventory {
    /// The inventory at an address such as `sqlite:.nhi/inventory.db`, relative to `folder`. Nothing is opened yet.
    pub fn at(address: &str, folder: &Path, lineage: Lineage) -> Result<Self, InventoryError> {
        let path = file::parse(address, folder)?;
        Ok(Self {
            lineage: Arc::new(lineage),
            reader: Worker::new(Reading(path.clone())),
            writer: Worker::new(Writing(path)),
        })
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, InventoryError> + Send + 'static,
    ) -> Result<T, InventoryError> {
        self.reader.run(work).await
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection, &Lineage) -> Result<T, InventoryError> + Send + 'static,
    ) -> Result<T, InventoryError> {
        let lineage = Arc::clone(&self.lineage);
        self.writer.run(move |connection| work(connection, &lineage)).await
    }

    /// The owner with that id or name.
    pub async fn owner(&self, key: &str) -> Result<Option<Owner>, InventoryError> {
        let key = key.to_owned();
        self.read(move |db| owners::find(db, &key)).await
    }

    /// Registers an owner.
    pub async fn create_owner(
        &self,
        now: Timestamp,
        facts: OwnerFacts,
    ) -> Result<Created<Owner>, InventoryError> {
        self.write(move |db, lineage| owners::create(db, lineage, now, facts)).await
    }

    /// Changes an owner whose record is still `version`.
    pub async fn update_owner(
        &self,
        now: Timestamp,
        (id, version): (&str, i64),
        facts: OwnerFacts,
    ) -> Result<Owner, InventoryError> {
        let id = id.to_owned();
        self.write(move |db, lineage| owners::update(db, lineage, now, (&id, version, facts))).await
    }

    /// Removes an owner that answers for nothing that lives. Removing what is gone is no error.
    pub async fn remove_owner(&self, now: Timestamp, id: &str) -> Result<(), InventoryError> {
        let id = id.to_owned();
        self.write(move |db, lineage| owners::remove(db, lineage, now, &id)).await
    }

    /// Notes that Terraform's state holds the owner.
    pub async fn claim_owner(&self, id: &str) -> Result<(), InventoryError> {
        self.claim(Table::Owner, id).await
    }

    /// What is published under that name and version, withdrawn or not.
    pub async fn template(
        &self,
        name: &str,
        version: &str,
    ) -> Result<Option<Published>, InventoryError> {
        let (name, version) = (name.to_owned(), version.to_owned());
        self.read(move |db| templates::find(db, &name, &version)).await
    }

    /// Everything that was ever published, by name and version.
    pub async fn templates(&self) -> Result<Vec<Published>, InventoryError> {
        self.read(templates::all).await
    }

    /// Publishes a version.
    pub async fn publish(
        &self,
        now: Timestamp,
        template: Pinned,
    ) -> Result<Created<Published>, InventoryError> {
        self.write(move |db, lineage| templates::publish(db, lineage, now, template)).await
    }

    /// Changes the text of a published version whose content stays the same.
    pub async fn rewrite(
        &self,
        now: Timestamp,
        template: Pinned,
    ) -> Result<Published, InventoryError> {
        self.write(move |db, lineage| templates::rewrite(db, lineage, now, template)).await
    }

    /// Withdraws a version that no living identity is bound to.
    pub async fn withdraw(
        &self,
        now: Timestamp,
        name: &str,
        version: &str,
    ) -> Result<(), InventoryError> {
        let (name, version) = (name.to_owned(), version.to_owned());
        self.write(move |db, lineage| templates::withdraw(db, lineage, now, (&name, &version)))
            .await
    }

    /// Notes that Terraform's state holds the published version.
    pub async fn claim_template(&self, reference: &str) -> Result<(), InventoryError> {
        self.claim(Table::Template, reference).await
    }

    /// The identity with that id, decommissioned or not.
    pub async fn identity(&self, id: &str) -> Result<Option<Identity>, InventoryError> {
        let id = id.to_owned();
        self.read(move |db| identities::by_id(db, &id)).await
    }

    /// Everything that planning an identity has to know, in one look-up.
    pub async fn prospect(&self, question: Question) -> Result<Prospect, InventoryError> {
        let lineage = Arc::clone(&self.lineage);
        self.read(move |db| prospect(db, &lineage, &question)).await
    }

    /// The living identity of that kind and name.
    pub async fn identity_named(
        &self,
        kind: Kind,
        name: &str,
    ) -> Result<Option<Identity>, InventoryError> {
        let name = name.to_owned();
        self.read(move |db| identities::by_name(db, kind, &name)).await
    }

    /// Creates an identity under a [`fresh_id`].
    pub async fn create_identity(
        &self,
        now: Timestamp,
        (id, facts, terms): (String, Facts, Terms),
    ) -> Result<Created<Identity>, InventoryError> {
        self.write(move |db, lineage| identities::create(db, lineage, now, (id, facts, terms)))
            .await
    }

    /// Changes an identity whose record is still `version`. `because` says why its credential rotates, where it does.
    pub async fn update_identity(
        &self,
        now: Timestamp,
        (id, version): (&str, i64),
        (facts, terms, because): (Facts, Terms, String),
    ) -> Result<Identity, InventoryError> {
        let id = id.to_owned();
        self.write(move |db, lineage| {
            identities::update(db, lineage, now, (&id, version, facts, terms, &because))
        })
        .await
    }

    /// Decommissions an identity that has been disabled for `observation`. Decommissioning what is gone is no error.
    pub async fn decommission(
        &self,
        now: Timestamp,
        id: &str,
        observation: SignedDuration,
    ) -> Result<(), InventoryError> {
        let id = id.to_owned();
        self.write(move |db, lineage| {
            identities::decommission(db, lineage, now, (&id, observation))
        })
        .await
    }

    /// Notes that Terraform's state holds the identity.
    pub async fn claim_identity(&self, id: &str) -> Result<(), InventoryError> {
        self.claim(Table::Identity, id).await
    }

    /// A row that is claimed already costs one look-up and no write.
    async fn claim(&self, table: Table, key: &str) -> Result<(), InventoryError> {
        let looked_up = key.to_owned();
        if self.read(move |db| claim::is_claimed(db, table, &looked_up)).await? {
            return Ok(());
        }
        let key = key.to_owned();
        self.write(move |db, _| claim::claim(db, table, &key)).await
    }

    /// The audit trail, or that of one subject such as `identity:nhi-…`, oldest first.
    pub async fn events(&self, subject: Option<&str>) -> Result<Vec<Event>, InventoryError> {
        let subject = subject.map(str::to_owned);
        self.read(move |db| audit::events(db, subject.as_deref())).await
    }

    /// Checks the chain and that each record is what its last event says.
    pub async fn verify(&self) -> Result<Verification, InventoryError> {
        self.read(|db| {
            // One snapshot for the records and the trail.
            db.execute_batch("BEGIN")?;
            let outcome = records(db).and_then(|records| audit::verify(db, &records));
            db.execute_batch("COMMIT")?;
            outcome
        })
        .await
    }
}

/// What a plan asks about one identity; what it does not know yet is none.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The identity's id, if it exists.
    pub id: Option<String>,
    /// The kind and name that it has or is to have.
    pub name: Option<(Kind, String)>,
    /// The owner's id or name.
    pub owner: Option<String>,
    /// The parent's id.
    pub parent: Option<String>,
}

/// What the inventory knows about one identity to be.
#[derive(Clone, Debug, Default)]
pub struct Prospect {
    /// The identity itself.
    pub existing: Option<Identity>,
    /// The living identity of that kind and name.
    pub namesake: Option<Identity>,
    /// Whether a crash of an earlier run of this configuration left the namesake behind.
    pub leftover: bool,
    /// The refusal of the name, where the namesake is no leftover.
    pub in_use: Option<InventoryError>,
    /// The latest identity of that kind and name that is gone.
    pub gone: Option<Identity>,
    /// The owner.
    pub owner: Option<Owner>,
    /// The parent.
    pub parent: Option<Identity>,
    /// What it is bound to.
    pub(crate) bindings: Vec<bindings::Binding>,
    /// The latest decision about it, if it lets it live on.
    pub(crate) approval: Option<String>,
}

fn prospect(
    db: &Connection,
    lineage: &Lineage,
    question: &Question,
) -> Result<Prospect, InventoryError> {
    let mut found = Prospect::default();
    if let Some(id) = &question.id {
        found.existing = identities::by_id(db, id)?;
        found.bindings = bindings::of_identity(db, id)?;
        found.approval = lifecycle::approval(db, id)?;
    }
    if let Some((kind, name)) = &question.name {
        found.namesake = identities::by_name(db, *kind, name)?;
        if question.id.is_none() {
            found.gone = identities::latest_gone(db, *kind, name)?;
        }
    }
    if let Some(namesake) = &found.namesake {
        found.in_use = identities::in_use(db, lineage, namesake)?;
        found.leftover = found.in_use.is_none();
    }
    if let Some(owner) = &question.owner {
        found.owner = owners::find(db, owner)?;
    }
    if let Some(parent) = &question.parent {
        found.parent = identities::by_id(db, parent)?;
    }
    Ok(found)
}

/// Every record as its events describe it.
fn records(db: &Connection) -> Result<BTreeMap<String, String>, InventoryError> {
    let mut records = BTreeMap::new();
    describe(&mut records, owners::all(db)?)?;
    describe(&mut records, templates::all(db)?)?;
    describe(&mut records, identities::all(db)?)?;
    describe(&mut records, bindings::all(db)?)?;
    describe(&mut records, exceptions::all(db)?)?;
    describe(&mut records, certifications::all(db)?)?;
    describe(&mut records, certificates::authorities(db)?)?;
    describe(&mut records, certificates::all(db)?)?;
    describe(&mut records, issues::all_keys(db)?)?;
    Ok(records)
}

fn describe<R: audit::Recorded>(
    records: &mut BTreeMap<String, String>,
    of_a_sort: Vec<R>,
) -> Result<(), InventoryError> {
    for record in of_a_sort {
        records.insert(audit::subject::<R>(&record.key()), columns::to_json(&record)?);
    }
    Ok(())
}

/// An identifier that was never used before: 128 random bits in letters that no one confuses.
pub(crate) fn fresh_id(prefix: &str) -> Result<String, InventoryError> {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut bytes = [0_u8; 16];
    rustls::crypto::ring::default_provider()
        .secure_random
        .fill(&mut bytes)
        .map_err(|_| InventoryError::Storage("the system has no random numbers".to_owned()))?;
    let mut number = u128::from_be_bytes(bytes);
    let mut id = format!("{prefix}-");
    for _ in 0..26 {
        let letter = usize::try_from(number % 32).ok().and_then(|at| LETTERS.get(at));
        id.push(letter.map_or('0', |letter| char::from(*letter)));
        number /= 32;
    }
    Ok(id)
}

#[cfg(test)]
mod tests;

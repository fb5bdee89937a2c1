//! Finding identities by what is known of them: for lists, for `nhi_inventory`, for whoever has to look at many at once.
//!
//! The database decides what it can, so that the answer to a narrow question costs little in a large inventory; where an
//! identity stands is left to the one function that says so. The order is that of kinds and names, whatever was asked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::Timestamp;
use policy::governance::{Kind, State};
use rusqlite::{Connection, ToSql};

use super::error::InventoryError;
use super::record::{Identity, Pinned, Standing};
use super::{Inventory, columns, identities, rows};

/// Which identities are looked for; all living ones by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// The id or the name of their owner.
    pub(crate) owner: Option<String>,
    /// The service that they serve.
    pub(crate) service: Option<String>,
    /// The environment that they live in.
    pub(crate) environment: Option<String>,
    /// Their kind.
    pub(crate) kind: Option<Kind>,
    /// Where they stand at a time. Decommissioned ones are found only if this asks for them, or `decommissioned` does.
    pub(crate) status: Option<(State, Timestamp)>,
    /// The name of the template that they are bound to.
    pub(crate) template: Option<String>,
    /// Its version: `1.2.0`, or the beginning of it, such as `1`.
    pub(crate) template_version: Option<String>,
    /// A time before which they end.
    pub(crate) expiring_before: Option<Timestamp>,
    /// A time at which they should have been certified again.
    pub(crate) overdue_at: Option<Timestamp>,
    /// Whether any principal is bound to them (false), none is (true), or it does not matter.
    pub(crate) unbound: Option<bool>,
    /// What their names begin with.
    pub(crate) name_prefix: Option<String>,
    /// Whether tombstones are found as well.
    pub(crate) decommissioned: bool,
    /// How many at most.
    pub(crate) limit: Option<u32>,
}

/// Many identities, and the texts of their templates once each: a thousand identities share a handful of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Survey {
    /// In the order of kinds and names; the texts of their templates are left out.
    pub(crate) identities: Vec<Identity>,
    /// The templates that they are bound to, by digest.
    pub(crate) templates: BTreeMap<String, Pinned>,
    /// The principals that are bound to them, by their ids.
    pub(crate) bindings: BTreeMap<String, Vec<Bound>>,
}

/// A principal that is bound to an identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bound {
    /// The platform.
    pub(crate) platform: String,
    /// What the platform calls it.
    pub(crate) principal: String,
}

impl Inventory {
    /// The identities that the filter describes, by kind and name, what is bound to them, and the texts of their templates.
    pub(crate) async fn survey(&self, filter: Filter) -> Result<Survey, InventoryError> {
        self.read(move |db| {
            let mut found = survey(db, &filter)?;
            for identity in &found.identities {
                let bound = bound(db, &identity.id)?;
                if !bound.is_empty() {
                    found.bindings.insert(identity.id.clone(), bound);
                }
            }
            Ok(found)
        })
        .await
    }
}

/// Conditions, and the values that they name.
#[derive(Default)]
struct Query {
    conditions: Vec<String>,
    values: Vec<(&'static str, Box<dyn ToSql>)>,
}

impl Query {
    fn add(&mut self, condition: &str) {
        self.conditions.push(condition.to_owned());
    }

    fn value(&mut self, name: &'static str, value: impl ToSql + 'static) {
        self.values.push((name, Box::new(value)));
    }

    /// A column that is exactly the value, where there is one.
    fn equal(&mut self, condition: &str, name: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.add(condition);
            self.value(name, value.to_owned());
        }
    }

    /// A time as the columns hold it, so that texts compare as times do.
    fn time(&mut self, name: &'static str, time: Timestamp) {
        self.value(name, columns::whole_seconds(time));
    }
}

/// The word in the database that goes with a standing; what follows from the clock, the owner and the parents is seen in the
/// record.
fn word(state: State) -> Option<&'static str> {
    match state {
        State::Disabled => Some(Standing::Disabled.as_str()),
        State::Decommissioned => Some(Standing::Decommissioned.as_str()),
        State::Active | State::Rotating | State::Expired | State::Quarantined => {
            Some(Standing::Active.as_str())
        }
        // A request that was not granted has no record.
        State::Requested => None,
    }
}

fn query(filter: &Filter) -> Query {
    let mut query = Query::default();
    let Filter { owner, service, environment, kind, status, template, template_version, .. } =
        filter;
    let gone = filter.decommissioned || matches!(status, Some((State::Decommissioned, _)));
    if !gone {
        query.add("identities.decommissioned_at IS NULL");
    }
    query.equal("identities.kind = :kind", ":kind", kind.map(Kind::name));
    query.equal(
        "identities.owner_id IN (SELECT id FROM owners WHERE id = :owner OR name = :owner)",
        ":owner",
        owner.as_deref(),
    );
    query.equal("identities.service = :service", ":service", service.as_deref());
    query.equal("identities.environment = :environment", ":environment", environment.as_deref());
    query.equal("identities.template_name = :template", ":template", template.as_deref());
    query.equal(
        "(identities.template_version = :version
          OR substr(identities.template_version, 1, length(:version) + 1) = :version || '.')",
        ":version",
        template_version.as_deref(),
    );
    query.equal(
        "substr(identities.name, 1, length(:prefix)) = :prefix",
        ":prefix",
        filter.name_prefix.as_deref(),
    );
    if let Some((state, _)) = status {
        query.equal("identities.status = :status", ":status", Some(word(*state).unwrap_or("")));
    }
    if let Some(before) = filter.expiring_before {
        query.add("identities.expires_at < :before");
        query.time(":before", before);
    }
    if let Some(at) = filter.overdue_at {
        query.add("identities.certified_until <= :overdue");
        query.time(":overdue", at);
    }
    if let Some(unbound) = filter.unbound {
        let not = if unbound { "NOT " } else { "" };
        query.add(&format!(
            "{not}EXISTS (SELECT 1 FROM bindings
                          WHERE bindings.identity_id = identities.id AND bindings.removed_at IS NULL)"
        ));
    }
    query
}

fn survey(db: &Connection, filter: &Filter) -> Result<Survey, InventoryError> {
    let Query { conditions, values } = query(filter);
    // The text of a template is of no use to any condition, and the same in many rows.
    let mut sql = identities::SELECT.replacen("template_texts.source", "''", 1);
    for (index, condition) in conditions.iter().enumerate() {
        let joint = if index == 0 { "WHERE" } else { "AND" };
        // Writing to a string does not fail.
        let _ = write!(sql, " {joint} {condition}");
    }
    sql.push_str(" ORDER BY identities.kind, identities.name, identities.id");
    let values: Vec<(&str, &dyn ToSql)> =
        values.iter().map(|(name, value)| (*name, value.as_ref())).collect();
    let mut statement = db.prepare_cached(&sql)?;
    let found = statement.query_and_then(values.as_slice(), identities::read)?;
    let mut survey = Survey::default();
    let mut digests = BTreeSet::new();
    let most =
        filter.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    for identity in found {
        if survey.identities.len() >= most {
            break;
        }
        let identity = identity?;
        if filter.status.is_some_and(|(state, now)| identity.state_at(now) != state) {
            continue;
        }
        if !digests.contains(&identity.terms.template.digest) {
            digests.insert(identity.terms.template.digest.clone());
        }
        survey.identities.push(identity);
    }
    for digest in digests {
        if let Some(template) = text(db, &digest)? {
            survey.templates.insert(digest, template);
        }
    }
    Ok(survey)
}

fn bound(db: &Connection, identity: &str) -> Result<Vec<Bound>, InventoryError> {
    let sql = "SELECT platform, principal FROM bindings
               WHERE identity_id = ?1 AND removed_at IS NULL ORDER BY platform, principal";
    rows::all(db, sql, [identity], |row| {
        Ok(Bound { platform: row.get(0)?, principal: row.get(1)? })
    })
}

/// The text of a template by its digest.
pub(super) fn text(db: &Connection, digest: &str) -> Result<Option<Pinned>, InventoryError> {
    let sql = "SELECT name, version, digest, source FROM template_texts WHERE digest = ?1";
    rows::first(db, sql, [digest], |row| {
        Ok(Pinned {
            name: row.get(0)?,
            version: row.get(1)?,
            digest: row.get(2)?,
            source: row.get(3)?,
        })
    })
}

#[cfg(test)]
mod tests;

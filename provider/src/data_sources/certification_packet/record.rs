//! Records as the audit trail keeps them: what an identity, its owner and what belongs to it were at a time.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::inventory::record::{Identity, OwnerFacts, Pinned, Standing};
use crate::problem::Problem;

/// A JSON object of the trail.
pub(super) type Recorded = Map<String, Value>;

/// Reads a record.
pub(super) fn parse(record: &str) -> Option<Recorded> {
    serde_json::from_str(record).ok()
}

/// A text of a record.
pub(super) fn text(record: &Recorded, name: &str) -> String {
    record.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Texts of a record.
pub(super) fn texts(record: &Recorded, name: &str) -> Vec<String> {
    let texts = record.get(name).and_then(Value::as_array).into_iter().flatten();
    texts.filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

/// Whether a record has a value there.
pub(super) fn has(record: &Recorded, name: &str) -> bool {
    record.get(name).is_some_and(|value| !value.is_null())
}

/// An owner as recorded.
pub(super) fn owner(record: &Recorded) -> OwnerFacts {
    OwnerFacts {
        name: text(record, "name"),
        accountable: text(record, "accountable"),
        steward: text(record, "steward"),
        contacts: texts(record, "contacts"),
        active: record.get("active") == Some(&Value::Bool(true)),
    }
}

/// An identity as recorded, out of what it is now. The record's `template` is `name@version digest`.
pub(super) fn identity(now: Identity, record: Recorded) -> Result<Identity, Vec<Problem>> {
    let mut fields = Fields { record, unreadable: None };
    let bound = text(&fields.record, "template");
    let (reference, digest) = bound.split_once(' ').unwrap_or((&bound, ""));
    let (name, version) = reference.split_once('@').unwrap_or((reference, ""));
    let template = Pinned {
        name: name.to_owned(),
        version: version.to_owned(),
        digest: digest.to_owned(),
        source: String::new(),
    };
    let standing: Option<StandingName> = fields.take("standing");
    let mut it = now;
    it.facts.name = text(&fields.record, "name");
    it.facts.owner_id = text(&fields.record, "owner_id");
    it.facts.purpose = text(&fields.record, "purpose");
    it.facts.expiry = text(&fields.record, "expiry");
    it.facts.consumers = texts(&fields.record, "consumers");
    it.facts.parameters = fields.take("parameters").unwrap_or_default();
    it.facts.service = fields.take("service");
    it.facts.environment = fields.take("environment");
    it.facts.parent = fields.take("parent");
    it.facts.rotation = fields.take("rotation").unwrap_or_default();
    it.facts.break_glass_reason = fields.take("break_glass_reason");
    it.facts.subject = fields.take("subject");
    it.facts.details = fields.take("details");
    it.terms.expires_at = fields.take("expires_at").unwrap_or(it.terms.expires_at);
    it.terms.spiffe_id = fields.take("spiffe_id");
    it.terms.certified_until = fields.take("certified_until");
    it.terms.credential_version = fields.take("credential_version").unwrap_or_default();
    it.terms.rotated_at = fields.take("rotated_at").unwrap_or(it.terms.rotated_at);
    it.terms.previous_valid_until = fields.take("previous_valid_until");
    it.terms.credential = fields.take("credential");
    it.terms.review = fields.take("review");
    it.terms.template = template;
    it.standing = standing.map_or(it.standing, Standing::from);
    it.disabled_at = fields.take("disabled_at");
    it.decommissioned_at = fields.take("decommissioned_at");
    match fields.unreadable {
        None => Ok(it),
        Some(field) => Err(vec![Problem::error(
            "Record not readable",
            format!(
                "The audit trail has something in `{field}` of identity `{}` that this version of the provider does not \
                 understand. Use the version that wrote it.",
                it.id
            ),
        )]),
    }
}

struct Fields {
    record: Recorded,
    unreadable: Option<&'static str>,
}

impl Fields {
    fn take<T: DeserializeOwned>(&mut self, name: &'static str) -> Option<T> {
        let value = self.record.remove(name).filter(|value| !value.is_null())?;
        let read = serde_json::from_value(value);
        if read.is_err() {
            self.unreadable = Some(name);
        }
        read.ok()
    }
}

/// [`Standing`] as the trail spells it.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum StandingName {
    Active,
    Disabled,
    Decommissioned,
}

impl From<StandingName> for Standing {
    fn from(name: StandingName) -> Self {
        match name {
            StandingName::Active => Self::Active,
            StandingName::Disabled => Self::Disabled,
            StandingName::Decommissioned => Self::Decommissioned,
        }
    }
}

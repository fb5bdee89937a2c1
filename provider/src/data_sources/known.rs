//! What data sources say alike about records.

use jiff::{SignedDuration, Timestamp};
use policy::governance::Lifetime;
use policy::template::Template;

use crate::attribute::Attribute;
use crate::context::Context;
use crate::inventory::InventoryError;
use crate::inventory::record::{Identity, Pinned};
use crate::path::Path;
use crate::problem::Problem;
use crate::resources::refused;
use crate::wording;

/// The inventory could not be read.
pub(crate) fn unreadable(error: InventoryError) -> Vec<Problem> {
    vec![refused("Inventory not readable", &error)]
}

/// The identity with that id, decommissioned or not.
pub(crate) async fn identity(
    context: &Context,
    id: &str,
    at: &'static str,
) -> Result<Identity, Vec<Problem>> {
    let inventory = context.configured()?.inventory()?;
    inventory.identity(id).await.map_err(unreadable)?.ok_or_else(|| {
        let detail = format!(
            "There is no identity `{id}` in the inventory. Is it the inventory that you mean?"
        );
        vec![Problem::error("Unknown identity", detail).at(at)]
    })
}

/// The template that an identity is bound to, read once for all that are.
pub(crate) fn template(
    context: &Context,
    bound: &Pinned,
) -> Result<std::sync::Arc<Template>, Vec<Problem>> {
    let configured = context.configured()?;
    let found = configured.catalogues.as_ref().and_then(|catalogues| catalogues.pinned(bound));
    found.ok_or_else(|| {
        let reference = reference(bound);
        let detail = if configured.catalogues.is_some() {
            return vec![Problem::bug(format!("the text of `{reference}` cannot be read any more"))];
        } else {
            "The provider's `templates` depend on something that does not exist yet. Apply that first, with `-target`."
        };
        vec![Problem::error("Templates not known yet", detail)]
    })
}

/// `name@version`.
pub(crate) fn reference(bound: &Pinned) -> String {
    format!("{}@{}", bound.name, bound.version)
}

/// What a platform calls the principal.
pub(crate) fn principal_name(identity: &Identity) -> String {
    format!("nhi-{}", identity.facts.name)
}

/// When its credential is due for rotation; none where nothing asks for rotation.
pub(crate) fn rotation_due(identity: &Identity, template: &Template) -> Option<Timestamp> {
    let rotation = &identity.facts.rotation;
    let length =
        |text: &Option<String>| text.as_deref().and_then(|text| Lifetime::parse(text).ok());
    let of_template = || template.require.rotate_every.as_ref().map(|every| every.value);
    let every = i64::from(length(&rotation.every).or_else(of_template)?.as_seconds());
    let before = length(&rotation.before).map_or(0, |before| i64::from(before.as_seconds()));
    let interval = SignedDuration::from_secs((every - before).max(0));
    Some(identity.terms.rotated_at.checked_add(interval).unwrap_or(Timestamp::MAX))
}

/// A time as an attribute.
pub(crate) fn time(time: Option<Timestamp>) -> Attribute<String> {
    time.map(|time| time.to_string()).into()
}

/// A number of things as an attribute.
pub(crate) fn count(count: usize) -> Attribute<i64> {
    Attribute::Known(i64::try_from(count).unwrap_or(i64::MAX))
}

/// A time that a configuration states: RFC 3339, or a day, which means its beginning in UTC.
pub(crate) fn moment(text: &str) -> Result<Timestamp, String> {
    let day = || text.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
    text.parse().ok().or_else(|| day().map(|day| day.timestamp())).ok_or_else(|| {
        format!(
            "`{text}` is not a time. Write it as RFC 3339 does, `2026-11-21T12:00:00Z`, or a day: `2026-11-21`."
        )
    })
}

/// A check of an attribute that states a time.
pub(crate) fn is_moment(text: &str) -> Result<(), String> {
    moment(text).map(drop)
}

/// A check of an attribute that states a length of time.
pub(crate) fn is_duration(text: &str) -> Result<(), String> {
    Lifetime::parse(text).map(drop).map_err(|error| {
        let help = miette::Diagnostic::help(&error).map_or_else(String::new, |it| it.to_string());
        format!("{} {}", wording::sentence(&error.to_string()), wording::sentence(&help))
    })
}

/// A text that says nothing.
pub(crate) fn empty(attribute: &'static str, text: &Attribute<String>) -> Option<Problem> {
    let says_nothing = text.as_str().is_some_and(|text| text.trim().is_empty());
    says_nothing.then(|| {
        let detail = format!("An empty `{attribute}` finds nothing: state it, or leave it out.");
        Problem::error("Empty text", detail).at(Path::from(attribute))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_at_midnight() {
        assert_eq!(moment("2026-11-21").unwrap(), "2026-11-21T00:00:00Z".parse().unwrap());
        let summer = moment("2026-06-21T12:00:00+02:00").unwrap();
        assert_eq!(summer, "2026-06-21T10:00:00Z".parse().unwrap());
        assert!(is_moment("yesterday").unwrap_err().starts_with("`yesterday` is not a time."));
    }
}

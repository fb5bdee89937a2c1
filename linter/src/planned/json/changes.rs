//! `resource_changes` of plan JSON and the lists that look like it, each element kept in short as soon as it is read.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use policy::text::{Shape, Text};
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{parse, range_of};
use crate::model::Action;
use crate::planned::value::{Known, id};
use crate::planned::{ChangeRanges, Instance, Invocation, PlannedError, Saved};

#[derive(Deserialize)]
pub(super) struct Change<'a> {
    #[serde(borrow)]
    address: Cow<'a, str>,
    previous_address: Option<String>,
    deposed: Option<String>,
    #[serde(borrow, rename = "change")]
    body: ChangeBody<'a>,
}

#[derive(Deserialize)]
struct ChangeBody<'a> {
    #[serde(borrow)]
    actions: Actions<'a>,
    #[serde(borrow)]
    before: Option<&'a RawValue>,
    #[serde(borrow)]
    after: Option<&'a RawValue>,
    #[serde(borrow)]
    after_unknown: Option<&'a RawValue>,
    #[serde(borrow)]
    after_sensitive: Option<&'a RawValue>,
    #[serde(borrow)]
    before_sensitive: Option<&'a RawValue>,
    importing: Option<Importing>,
}

#[derive(Deserialize)]
struct Importing {
    id: Option<String>,
    unknown: Option<bool>,
    identity: Option<Known>,
}

#[derive(Deserialize)]
struct Actions<'a>(#[serde(borrow)] Vec<Word<'a>>);

#[derive(Deserialize)]
struct Word<'a>(#[serde(borrow)] Cow<'a, str>);

/// A change that Terraform cannot plan yet.
#[derive(Deserialize)]
pub(super) struct DeferredChange<'a> {
    #[serde(borrow)]
    resource_change: Change<'a>,
}

/// An action that is run when the plan is applied.
#[derive(Deserialize)]
pub(super) struct RawAction<'a> {
    address: String,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(borrow)]
    config_values: Option<&'a RawValue>,
    #[serde(borrow)]
    config_unknown: Option<&'a RawValue>,
    #[serde(borrow)]
    config_sensitive: Option<&'a RawValue>,
    lifecycle_action_trigger: Option<Trigger>,
    invoke_action_trigger: Option<Trigger>,
}

#[derive(Deserialize)]
struct Trigger {
    #[serde(alias = "calling_resource_address")]
    triggering_resource_address: Option<String>,
}

/// An action that Terraform cannot plan yet.
#[derive(Deserialize)]
pub(super) struct DeferredAction<'a> {
    #[serde(borrow)]
    pub(super) action_invocation: RawAction<'a>,
}

/// `resource_changes`, each kept in short as soon as it is read.
pub(super) struct Changes<'a>(Vec<Result<Kept<'a>, PlannedError>>);

/// What is kept of a [`Change`].
struct Kept<'a> {
    address: Cow<'a, str>,
    action: Action,
    deposed: Option<String>,
    previous: Option<String>,
    imported: Option<Box<Importing>>,
    before: Option<&'a RawValue>,
    after: Option<&'a RawValue>,
    unknown: Option<&'a RawValue>,
    sensitive: [Option<&'a RawValue>; 2],
}

impl<'de: 'a, 'a> Deserialize<'de> for Changes<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ChangesVisitor(PhantomData))
    }
}

struct ChangesVisitor<'a>(PhantomData<&'a str>);

impl<'de: 'a, 'a> Visitor<'de> for ChangesVisitor<'a> {
    type Value = Changes<'a>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of changes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut changes: A) -> Result<Changes<'a>, A::Error> {
        let mut kept = Vec::new();
        while let Some(change) = changes.next_element::<Change<'a>>()? {
            kept.push(Kept::new(change));
        }
        Ok(Changes(kept))
    }
}

impl<'a> Kept<'a> {
    fn new(change: Change<'a>) -> Result<Self, PlannedError> {
        let body = change.body;
        // Most marks are empty.
        let marks = |marks: Option<&'a RawValue>| {
            marks.filter(|marks| !matches!(marks.get(), "false" | "{}" | "[]"))
        };
        let action = action(&body.actions, &change.address)?;
        let unknown = marks(body.after_unknown);
        if action.leaves_it() && body.after.is_none() && unknown.is_none() {
            return Err(PlannedError::new(format!(
                "the plan holds no value for `{}`",
                change.address
            )));
        }
        Ok(Self {
            action,
            address: change.address,
            deposed: change.deposed,
            previous: change.previous_address,
            imported: body.importing.map(Box::new),
            // Where nothing changes it is the same again.
            before: body.before.filter(|_| !matches!(action, Action::NoOp | Action::Read)),
            after: body.after.filter(|_| action.leaves_it()),
            unknown,
            sensitive: [marks(body.after_sensitive), marks(body.before_sensitive)],
        })
    }
}

impl<'a> Changes<'a> {
    /// What is deferred will be there later, and is judged now as far as it is known.
    pub(super) fn deferred(changes: Vec<DeferredChange<'a>>) -> Self {
        Self(changes.into_iter().map(|deferred| Kept::new(deferred.resource_change)).collect())
    }

    /// Adds the instances; those that cannot be read are problems.
    pub(super) fn collect(
        self,
        bytes: &[u8],
        instances: &mut Vec<Instance>,
        problems: &mut Vec<PlannedError>,
    ) {
        instances.reserve(self.0.len());
        for kept in self.0 {
            match kept.and_then(|kept| kept.instance(bytes)) {
                Ok(instance) => instances.push(instance),
                Err(error) => problems.push(error),
            }
        }
    }
}

impl Kept<'_> {
    fn instance(self, bytes: &[u8]) -> Result<Instance, PlannedError> {
        let range = |raw: Option<&RawValue>| raw.map(|raw| range_of(bytes, raw.get()));
        let imported = self.imported.map(|importing| importing.id(&self.address));
        Ok(Instance {
            parts: parse(&self.address)?,
            action: self.action,
            previous: self.previous.filter(|previous| *previous != self.address),
            address: self.address.into_owned(),
            deposed: self.deposed,
            imported,
            saved: Saved::Change(ChangeRanges {
                before: range(self.before),
                after: range(self.after),
                unknown: range(self.unknown),
                sensitive: self.sensitive.map(range),
            }),
        })
    }
}

impl Importing {
    fn id(self, address: &str) -> Text {
        let unknown = || Text::hole(format!("import id of {address}"), Shape::Any);
        match (self.id.filter(|id| !id.is_empty()), self.identity) {
            _ if self.unknown == Some(true) => unknown(),
            (Some(known), _) => Text::literal(known),
            (None, Some(Known(identity))) => id(&identity).unwrap_or_else(unknown),
            (None, None) => unknown(),
        }
    }
}

impl RawAction<'_> {
    /// The action, its arguments as ranges of `bytes`.
    pub(super) fn keep(self, bytes: &[u8]) -> Invocation {
        let range = |raw: Option<&RawValue>| raw.map(|raw| range_of(bytes, raw.get()));
        let trigger = self.lifecycle_action_trigger.or(self.invoke_action_trigger);
        Invocation {
            address: self.address,
            kind: self.kind,
            trigger: trigger.and_then(|trigger| trigger.triggering_resource_address),
            saved: Saved::Change(ChangeRanges {
                before: None,
                after: range(self.config_values),
                unknown: range(self.config_unknown),
                sensitive: [range(self.config_sensitive), None],
            }),
        }
    }
}

fn action(actions: &Actions<'_>, address: &str) -> Result<Action, PlannedError> {
    let word = |index: usize| actions.0.get(index).map(|word| &*word.0);
    Ok(match (word(0), word(1), actions.0.len()) {
        (Some("no-op"), None, _) => Action::NoOp,
        (Some("create"), None, _) => Action::Create,
        (Some("read"), None, _) => Action::Read,
        (Some("update"), None, _) => Action::Update,
        (Some("delete"), None, _) => Action::Delete,
        (Some("forget"), None, _) => Action::Forget,
        // The old object goes or is forgotten, a new one comes; the order does not matter here.
        (Some("delete" | "forget"), Some("create"), 2)
        | (Some("create"), Some("delete" | "forget"), 2) => Action::Replace,
        _ => {
            let words: Vec<&str> = actions.0.iter().map(|word| &*word.0).collect();
            let words = words.join("`, `");
            return Err(PlannedError::new(format!(
                "`{address}` has the unknown actions `{words}`"
            )));
        }
    })
}

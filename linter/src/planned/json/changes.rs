//! `resource_changes` of plan JSON and the lists that look like it, each element kept in short as soon as it is read.

use std::borrow::Cow;
use std::fmt;

use policy::text::Text;
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::parse_as;
use crate::model::Action;
use crate::planned::value::{Known, imported};
use crate::planned::{ChangeParts, Instance, Invocation, Part, PlannedError, Rare, Saved};

#[derive(Deserialize)]
pub(super) struct Change<'a> {
    #[serde(borrow)]
    address: Cow<'a, str>,
    previous_address: Option<String>,
    #[serde(borrow)]
    mode: Option<Word<'a>>,
    #[serde(borrow, rename = "type")]
    kind: Option<Word<'a>>,
    #[serde(borrow)]
    name: Option<Word<'a>>,
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

/// A text that is borrowed where it has no escapes.
#[derive(Deserialize)]
pub(super) struct Word<'a>(#[serde(borrow)] Cow<'a, str>);

impl Word<'_> {
    pub(super) fn as_str(word: Option<&Self>) -> Option<&str> {
        word.map(|word| &*word.0)
    }
}

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

/// `resource_changes`: the instances, whose parts stand in memory and not in the text yet, and those that cannot be read.
#[derive(Default)]
pub(super) struct Changes {
    instances: Vec<Instance>,
    problems: Vec<PlannedError>,
}

impl<'de> Deserialize<'de> for Changes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ChangesVisitor)
    }
}

struct ChangesVisitor;

impl<'de> Visitor<'de> for ChangesVisitor {
    type Value = Changes;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of changes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut changes: A) -> Result<Changes, A::Error> {
        let mut out = Changes::default();
        while let Some(change) = changes.next_element::<Change<'de>>()? {
            out.add(change);
        }
        Ok(out)
    }
}

impl Changes {
    /// What is deferred will be there later, and is judged now as far as it is known.
    pub(super) fn deferred(changes: Vec<DeferredChange<'_>>) -> Self {
        let mut out = Self::default();
        for deferred in changes {
            out.add(deferred.resource_change);
        }
        out
    }

    fn add(&mut self, change: Change<'_>) {
        match change.instance() {
            Ok(instance) => self.instances.push(instance),
            Err(error) => self.problems.push(error),
        }
    }

    /// Adds the instances, their parts now as they stand in `text`, and the problems.
    pub(super) fn collect(
        mut self,
        text: &str,
        instances: &mut Vec<Instance>,
        problems: &mut Vec<PlannedError>,
    ) {
        for instance in &mut self.instances {
            instance.saved.parts(&mut |part| *part = part.within(text));
        }
        problems.append(&mut self.problems);
        if instances.is_empty() {
            *instances = self.instances;
        } else {
            instances.append(&mut self.instances);
        }
    }
}

impl Change<'_> {
    fn instance(self) -> Result<Instance, PlannedError> {
        let Self { address, body, previous_address, deposed, mode, kind, name } = self;
        let said = [mode, kind, name];
        let parts = parse_as(&address, said.each_ref().map(|word| Word::as_str(word.as_ref())))?;
        // Most marks are empty.
        let marks = |marks: Option<&RawValue>| {
            let said = marks.filter(|marks| !matches!(marks.get(), "false" | "{}" | "[]"));
            said.and_then(|marks| Part::absolute(marks.get()))
        };
        let part = |raw: Option<&RawValue>| raw.and_then(|raw| Part::absolute(raw.get()));
        let action = action(&body.actions, &address)?;
        let unknown = marks(body.after_unknown);
        if action.leaves_it() && body.after.is_none() && unknown.is_none() {
            return Err(PlannedError::new(format!("the plan holds no value for `{address}`")));
        }
        let saved = Saved::Change(ChangeParts {
            // Where nothing changes it is the same again.
            before: part(body.before.filter(|_| !matches!(action, Action::NoOp | Action::Read))),
            after: part(body.after.filter(|_| action.leaves_it())),
            unknown,
            sensitive: [marks(body.after_sensitive), marks(body.before_sensitive)],
        });
        let rare = Rare {
            deposed,
            previous: previous_address.filter(|previous| *previous != address),
            imported: body.importing.map(|importing| importing.id(&address)),
        };
        Ok(Instance { parts, action, address: address.into_owned(), saved, rare: rare.boxed() })
    }
}

impl Importing {
    fn id(self, address: &str) -> Text {
        if self.unknown == Some(true) {
            return imported(None, None, address);
        }
        imported(self.id, self.identity.as_ref().map(|Known(identity)| identity), address)
    }
}

impl RawAction<'_> {
    /// The action, its arguments as parts of `text`.
    pub(super) fn keep(self, text: &str) -> Invocation {
        let part = |raw: Option<&RawValue>| raw.and_then(|raw| Part::of(text, raw.get()));
        let trigger = self.lifecycle_action_trigger.or(self.invoke_action_trigger);
        Invocation {
            address: self.address,
            kind: self.kind,
            trigger: trigger.and_then(|trigger| trigger.triggering_resource_address),
            saved: Saved::Change(ChangeParts {
                before: None,
                after: part(self.config_values),
                unknown: part(self.config_unknown),
                sensitive: [part(self.config_sensitive), None],
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

//! The actions that AWS has today, the resources that each works on, and the condition keys that it knows.
//!
//! A list of what exists on [`DATE`], never of what may be granted: an action that is missing here may well exist by now,
//! so nothing may be left out of a proof because of it. `data/README.md` names the source; `data/pack_actions.py`
//! documents the layout.

use std::fmt;

mod keys;
mod store;

pub use keys::{KeyType, key_type};
use store::{Details, Names, Store, store};

static PACKED: &[u8] = include_bytes!("../../data/aws_actions.bin");

/// When the data were taken.
pub const DATE: &str = date();

const fn date() -> &'static str {
    let (_, rest) = PACKED.split_at(8);
    let (date, _) = rest.split_at(10);
    match std::str::from_utf8(date) {
        Ok(date) => date,
        Err(_) => "",
    }
}

/// Whether AWS has the action: `s3:GetObject`, in upper or lower case.
pub fn exists(action: &str) -> bool {
    find(action).is_some()
}

/// An action by its full name, in upper or lower case.
pub fn find(action: &str) -> Option<Action> {
    let (prefix, name) = action.split_once(':')?;
    service(prefix)?.find(name)
}

/// A service by the prefix of its actions, in upper or lower case. Reads the names of a few services, once.
pub fn service(prefix: &str) -> Option<Service> {
    let store = store()?;
    Service::at(store, store.position(prefix)?)
}

/// The prefixes of all services, in order. Reads no more than a directory.
pub fn prefixes() -> impl Iterator<Item = &'static str> {
    store().into_iter().flat_map(|store| store.entries.iter().map(|entry| entry.name))
}

/// All services, in the order of their prefixes. Reads all names, once.
pub fn services() -> impl Iterator<Item = Service> {
    let store = store();
    store
        .into_iter()
        .flat_map(|store| (0..store.entries.len()).filter_map(|at| Service::at(store, at)))
}

/// Prefix and name of an action by its number in the order of services and names, as other embedded data refer to it.
pub(super) fn numbered(number: usize) -> Option<(&'static str, &'static str)> {
    let store = store()?;
    let at = store.entries.partition_point(|entry| entry.first <= number).checked_sub(1)?;
    let entry = store.entries.get(at)?;
    Some((entry.name, store.names(at)?.get(number.checked_sub(entry.first)?)?))
}

/// A service of AWS.
#[derive(Clone, Copy)]
pub struct Service {
    store: &'static Store,
    at: usize,
    prefix: &'static str,
    names: &'static Names,
}

impl Service {
    fn at(store: &'static Store, at: usize) -> Option<Self> {
        let prefix = store.entries.get(at)?.name;
        Some(Self { store, at, prefix, names: store.names(at)? })
    }

    /// The prefix of its actions: `s3`.
    pub fn prefix(&self) -> &'static str {
        self.prefix
    }

    /// How many actions it has.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether it has no action at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its actions in the order of their names in lower case.
    pub fn actions(&self) -> impl DoubleEndedIterator<Item = Action> + use<> {
        let service = *self;
        (0..self.len()).map(move |index| Action { service, index })
    }

    /// An action by the part of its name after the colon, in upper or lower case.
    pub fn find(&self, name: &str) -> Option<Action> {
        self.names.find(name).map(|index| Action { service: *self, index })
    }

    /// The actions whose names begin like this, in upper or lower case.
    pub fn starting_with(&self, start: &str) -> impl DoubleEndedIterator<Item = Action> + use<> {
        let service = *self;
        self.names.starting_with(start).map(move |index| Action { service, index })
    }

    /// Its types of resources, in the order of their names.
    pub fn resource_types(&self) -> impl Iterator<Item = ResourceType> + use<> {
        let details = self.details();
        details.into_iter().flat_map(|details| {
            details.types.iter().map(move |kind| ResourceType { kind, details })
        })
    }

    fn details(&self) -> Option<&'static Details> {
        self.store.details(self.at)
    }
}

/// An action of AWS.
#[derive(Clone, Copy)]
pub struct Action {
    service: Service,
    index: usize,
}

impl Action {
    /// The part of its name after the colon, as AWS spells it: `GetObject`.
    pub fn name(&self) -> &'static str {
        self.service.names.get(self.index).unwrap_or_default()
    }

    /// The same in lower case: `getobject`.
    pub fn lower(&self) -> &'static str {
        self.service.names.lower(self.index).unwrap_or_default()
    }

    /// The service that it belongs to.
    pub fn service(&self) -> Service {
        self.service
    }

    /// What it does, in the classes of AWS.
    pub fn level(&self) -> Level {
        self.cell().map_or(Level::Write, |cell| cell.0)
    }

    /// The types of resources that it works on, and whether a request must name one of this type. None: the resource of
    /// a request is `*`, and only a policy that says `*` allows it.
    pub fn resource_types(&self) -> impl Iterator<Item = (ResourceType, bool)> + use<> {
        let found = self.service.details().zip(self.cell());
        found.into_iter().flat_map(|(details, (_, list, _))| {
            let list = details.type_lists.get(usize::from(list)).map_or(&[][..], Vec::as_slice);
            list.iter().filter_map(move |(place, required)| {
                let kind = details.types.get(usize::from(*place))?;
                Some((ResourceType { kind, details }, *required))
            })
        })
    }

    /// The condition keys that AWS lists for it, beside those that every request has: `s3:prefix`,
    /// `aws:ResourceTag/${TagKey}`.
    pub fn condition_keys(&self) -> impl Iterator<Item = &'static str> + use<> {
        let found = self.service.details().zip(self.cell());
        found.into_iter().flat_map(|(details, (_, _, list))| {
            keys::named(details.key_lists.get(usize::from(list)).map_or(&[][..], Vec::as_slice))
        })
    }

    fn cell(&self) -> Option<(Level, u16, u16)> {
        let place = self.service.names.place(self.index)?;
        self.service.details()?.actions.get(place).copied()
    }
}

/// The full name, as AWS spells it.
impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service.prefix, self.name())
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for Action {
    fn eq(&self, other: &Self) -> bool {
        (self.service.at, self.index) == (other.service.at, other.index)
    }
}

impl Eq for Action {}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.prefix)
    }
}

/// What an action does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Creates, changes or deletes something, or makes it run.
    Write,
    /// Changes who may do what.
    Permissions,
    /// Changes nothing but tags.
    Tagging,
    /// Reads what is inside of something.
    Read,
    /// Says what there is.
    List,
}

/// A type of resource.
#[derive(Clone, Copy)]
pub struct ResourceType {
    kind: &'static store::Kind,
    details: &'static Details,
}

impl ResourceType {
    /// What AWS calls it: `bucket`.
    pub fn name(&self) -> &'static str {
        &self.kind.name
    }

    /// Its ARN, with variables: `arn:${Partition}:s3:::${BucketName}`.
    pub fn arn(&self) -> &'static str {
        &self.kind.arn
    }

    /// The condition keys that come with it.
    pub fn condition_keys(&self) -> impl Iterator<Item = &'static str> + use<> {
        keys::named(&self.kind.keys)
    }
}

impl fmt::Debug for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind.name)
    }
}

impl PartialEq for ResourceType {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.details, other.details) && std::ptr::eq(self.kind, other.kind)
    }
}

impl Eq for ResourceType {}

#[cfg(test)]
mod tests;

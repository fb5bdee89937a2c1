//! The permissions of roles, out of the user's own export.

use std::collections::BTreeMap;

use super::permissions;
use crate::export::{self, ExportError};
use crate::text::Text;

/// Roles whose permissions are known. No role is known without an export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    /// Every permission, in the order in which they appear: the number of a permission is its place here.
    permissions: Vec<String>,
    numbers: BTreeMap<String, usize>,
    /// How soon each is shown among others.
    ranks: Vec<usize>,
    /// By name; none for a role that the export names without its permissions.
    contents: BTreeMap<String, Option<Set>>,
}

/// A set of permissions, one bit each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Set {
    words: Vec<u64>,
}

impl Roles {
    /// Reads what `gcloud iam roles describe ROLE --format=json` writes, or a list of these.
    ///
    /// `gcloud iam roles list` leaves the permissions out: a role without `includedPermissions` is named, but its
    /// content is not known. A role that is deleted or disabled grants nothing.
    pub fn parse(json: &str) -> Result<Self, ExportError> {
        let node = export::parse(&Text::literal(json))?;
        let mut roles = Self::default();
        for object in export::objects(&node, "the export")? {
            let name = export::known(object, &["name"])?;
            let name = name.ok_or(ExportError::Missing {
                what: "a role",
                field: "name",
                help: "write the file with `gcloud iam roles describe ROLE --format=json`",
                span: object.span,
            })?;
            let off = export::known(object, &["stage"])?.is_some_and(|stage| stage == "DISABLED");
            let gone = off || export::flag(object, "deleted")?;
            let mut names = Vec::new();
            let listed = export::strings(object, &["includedPermissions"])?;
            for text in listed.iter().flatten() {
                let known = text.as_str().ok_or_else(|| ExportError::Unknown {
                    what: "includedPermissions".to_owned(),
                    span: object.span,
                })?;
                names.push(known);
            }
            match (gone, listed.is_some()) {
                (true, _) => roles.add(&name, &[]),
                (false, true) => roles.add(&name, &names),
                (false, false) => _ = roles.contents.entry(name).or_insert(None),
            }
        }
        Ok(roles)
    }

    /// Adds a role and its permissions.
    pub fn add(&mut self, name: &str, permissions: &[&str]) {
        let mut set = Set::default();
        for permission in permissions {
            set.insert(self.number(permission));
        }
        self.contents.insert(name.to_owned(), Some(set));
    }

    /// Takes in the roles of another export, which go before what is known already.
    pub fn extend(&mut self, other: &Self) {
        for (name, set) in &other.contents {
            match set {
                Some(set) => {
                    let names: Vec<&str> = other.names(set).collect();
                    self.add(name, &names);
                }
                None => _ = self.contents.entry(name.clone()).or_insert(None),
            }
        }
    }

    /// The permissions of a role, if they are known.
    pub fn get(&self, role: &str) -> Option<Vec<&str>> {
        self.set(role).map(|set| self.names(set).collect())
    }

    /// Whether the export names the role and does not say what it consists of.
    pub(super) fn is_bare(&self, role: &str) -> bool {
        matches!(self.contents.get(role), Some(None))
    }

    pub(super) fn set(&self, role: &str) -> Option<&Set> {
        self.contents.get(role)?.as_ref()
    }

    /// The most telling permission of a set.
    pub(super) fn telling(&self, set: &Set) -> Option<&str> {
        let rank = |number: &usize| self.ranks.get(*number).copied();
        let first = set.numbers().min_by_key(|number| (rank(number), *number))?;
        self.permissions.get(first).map(String::as_str)
    }

    /// Whether a role has a permission, if its content is known.
    pub(super) fn gives(&self, role: &str, permission: &str) -> Option<bool> {
        let set = self.set(role)?;
        Some(self.known_number(permission).is_some_and(|number| set.has(number)))
    }

    pub(super) fn names<'a>(&'a self, set: &'a Set) -> impl Iterator<Item = &'a str> {
        set.numbers().filter_map(|number| self.permissions.get(number)).map(String::as_str)
    }

    /// The permissions of a list that some role has, too.
    pub(super) fn of(&self, list: &[Text]) -> Set {
        let mut set = Set::default();
        for number in list.iter().filter_map(|one| self.known_number(one.as_str()?)) {
            set.insert(number);
        }
        set
    }

    fn number(&mut self, permission: &str) -> usize {
        if let Some(number) = self.numbers.get(permission) {
            return *number;
        }
        let number = self.permissions.len();
        self.permissions.push(permission.to_owned());
        self.ranks.push(permissions::rank(permission));
        self.numbers.insert(permission.to_owned(), number);
        number
    }

    pub(super) fn known_number(&self, permission: &str) -> Option<usize> {
        self.numbers.get(permission).copied()
    }
}

impl Set {
    fn insert(&mut self, number: usize) {
        if self.words.len() <= number / 64 {
            self.words.resize(number / 64 + 1, 0);
        }
        if let Some(word) = self.words.get_mut(number / 64) {
            *word |= 1 << (number % 64);
        }
    }

    pub(super) fn has(&self, number: usize) -> bool {
        self.words.get(number / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// Takes out what is in the other.
    pub(super) fn remove(&mut self, other: &Self) {
        for (word, gone) in self.words.iter_mut().zip(&other.words) {
            *word &= !gone;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    fn numbers(&self) -> impl Iterator<Item = usize> {
        self.words.iter().enumerate().flat_map(|(index, word)| {
            let mut word = *word;
            std::iter::from_fn(move || {
                let bit = word.trailing_zeros() as usize;
                (word != 0).then(|| {
                    word &= word - 1;
                    index * 64 + bit
                })
            })
        })
    }
}

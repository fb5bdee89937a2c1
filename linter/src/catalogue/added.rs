//! What somebody's settings say about resource types, before it is joined with the table.

use std::borrow::Cow;

use super::entry::{Class, Column, Ends, Entry, Stands};

/// A `catalogue` block: the columns that it states. The others are those of the type that it is like, of the table's own
/// row, or of its class.
#[derive(Clone, Debug, Default)]
pub(crate) struct Added {
    /// The type, or several: `acme_robot`, `acme_*_token`.
    pub(crate) kind: String,
    /// What it is.
    pub(crate) class: Option<Class>,
    /// The catalogued type that it is like.
    pub(crate) like: Option<String>,
    /// Attributes that name it or the identity that it belongs to.
    pub(crate) names: Option<Vec<String>>,
    /// Attributes that hold permissions or trust.
    pub(crate) permissions: Option<Vec<String>>,
    /// Attributes that hold when it ends.
    pub(crate) expiry: Option<Vec<String>>,
    /// Whether the expiry attribute must be set.
    pub(crate) ends: Option<Ends>,
    /// Attributes that can carry governance metadata.
    pub(crate) metadata: Option<Vec<String>>,
    /// When it is judged by itself.
    pub(crate) stands: Option<Stands>,
    /// The short-lived sibling of a long-lived credential.
    pub(crate) instead: Option<String>,
    /// What the platform does where no end is stated.
    pub(crate) defaults: Option<String>,
}

impl Added {
    /// The row that it makes on top of another one.
    pub(super) fn over(self, base: Option<&Entry>) -> Option<Entry> {
        let mut entry = match (base, self.class) {
            (Some(base), _) => base.clone(),
            (None, Some(class)) => Entry::bare(&self.kind, class),
            (None, None) => return None,
        };
        entry.kind = Cow::Owned(self.kind);
        entry.class = self.class.unwrap_or(entry.class);
        let put = |column: &mut Column, stated: Option<Vec<String>>| {
            if let Some(stated) = stated {
                *column = Column::of(&stated);
            }
        };
        // Where an end can be written, it may be written.
        let dated = self.expiry.as_ref().map(|names| !names.is_empty());
        put(&mut entry.names, self.names);
        put(&mut entry.permissions, self.permissions);
        put(&mut entry.expiry, self.expiry);
        put(&mut entry.metadata, self.metadata);
        entry.ends = match (self.ends, dated, entry.ends) {
            (None, Some(true), Ends::Never) => Ends::Optional,
            (None, Some(false), Ends::Optional | Ends::Required) => Ends::Never,
            (Some(ends), ..) | (None, _, ends) => ends,
        };
        if let Some(stands) = self.stands {
            entry.stands = stands;
        }
        if let Some(instead) = self.instead {
            entry.instead = Some(Cow::Owned(instead));
        }
        if let Some(defaults) = self.defaults {
            entry.default = Some(Cow::Owned(defaults));
        }
        Some(entry)
    }
}

//! The policies that together say what one identity may do.
//!
//! Not modelled: service-linked roles, which no SCP limits, and resource policies that name a session or a user of the
//! same account, which a boundary and a session policy limit by their Denies only.

use super::document::Document;

/// All policies that bear on one identity. A request is allowed if every layer allows it: some Allow of the layer
/// matches, and no Deny of it does.
#[derive(Clone, Debug, Default)]
pub struct Composition<'a> {
    /// Attached and inline policies; they count together.
    pub policies: Vec<&'a Document>,
    /// The permissions boundary, if there is one.
    pub boundary: Option<&'a Document>,
    /// Session policies; they count together. Empty: the session has none, and all of `policies` holds.
    pub session: Vec<&'a Document>,
    /// Service control policies, one list for each level, root first. A level of which none is given sets no limit: AWS
    /// leaves no level without a policy.
    pub scps: Vec<Vec<&'a Document>>,
}

impl<'a> Composition<'a> {
    /// Policies without any limit on them.
    pub fn of(policies: &[&'a Document]) -> Self {
        Self { policies: policies.to_vec(), ..Self::default() }
    }

    /// What limits the policies, layer by layer; each layer counts together.
    pub(super) fn limits(&self) -> impl Iterator<Item = &[&'a Document]> {
        let levels = self.scps.iter().map(Vec::as_slice);
        let layers = [self.boundary.as_slice(), self.session.as_slice()];
        layers.into_iter().chain(levels).filter(|layer| !layer.is_empty())
    }

    /// Every document of every layer.
    pub(super) fn documents(&self) -> impl Iterator<Item = &'a Document> {
        self.policies.iter().copied().chain(self.limits().flatten().copied())
    }
}

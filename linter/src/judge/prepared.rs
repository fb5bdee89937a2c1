//! An identity whose policies were read, ready to be held against any number of templates.

use policy::template::Template;
use policy::template::fit::{Policy, Subject};

use crate::identity::{Identity, Platform};
use crate::rule::Context;

use super::{Stated, aws, grants};

/// An identity whose policies were read, once for all templates.
pub(crate) struct Prepared<'a> {
    pub(super) identity: &'a Identity,
    pub(super) stated: Stated,
    pub(super) policies: aws::Policies<'a>,
    pub(super) grants: grants::read::Read<'a>,
}

impl<'a> Prepared<'a> {
    /// Reads them.
    pub(crate) fn new(identity: &'a Identity, context: &Context<'_>) -> Self {
        let policies = match identity.platform {
            Platform::Aws => aws::Policies::read(identity, context),
            Platform::Google
            | Platform::Azure
            | Platform::Kubernetes
            | Platform::Vault
            | Platform::GitHub
            | Platform::Nhi
            | Platform::Other => aws::Policies::default(),
        };
        let stated = Stated::new(&identity.governance.parameters);
        Self { identity, stated, policies, grants: grants::read::Read::of(identity) }
    }

    /// Whether there is anything that it may do, or anybody who may become it, beside what templates rendered.
    pub(crate) fn says_something(&self) -> bool {
        !self.policies.is_empty() || !self.grants.is_empty()
    }

    /// Whether a template says anything about the platform.
    pub(super) fn covered(&self, template: &Template) -> bool {
        match self.identity.platform {
            Platform::Aws => template.covers(policy::template::Platform::Aws),
            Platform::Google
            | Platform::Azure
            | Platform::Kubernetes
            | Platform::Vault
            | Platform::GitHub
            | Platform::Nhi
            | Platform::Other => self.grants.block().is_some_and(|block| template.covers(block)),
        }
    }

    /// What of it is not readable, in words.
    pub(crate) fn unreadable(&self) -> impl Iterator<Item = String> {
        let broken = self.policies.broken().iter().chain(self.grants.broken());
        broken.map(|doubt| doubt.why.reason.clone())
    }

    /// References to its policies, which [`Self::subject`] borrows.
    pub(crate) fn loan(&self) -> Loan<'_> {
        Loan { permissions: self.policies.permissions(), vault: self.grants.policies() }
    }

    /// The identity as templates see it.
    pub(crate) fn subject<'s>(
        &'s self,
        loan: &'s Loan<'s>,
        context: &'s Context<'_>,
    ) -> Subject<'s> {
        match self.identity.platform {
            Platform::Aws => self.policies.subject(self.identity, &loan.permissions),
            Platform::Google
            | Platform::Azure
            | Platform::Kubernetes
            | Platform::Vault
            | Platform::GitHub
            | Platform::Nhi
            | Platform::Other => self.grants.subject(self.identity, &loan.vault, context.roles),
        }
    }
}

/// References to the policies of a [`Prepared`] identity.
pub(crate) struct Loan<'p> {
    permissions: Vec<&'p Policy>,
    vault: Vec<&'p policy::vault::Policy>,
}

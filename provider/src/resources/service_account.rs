//! `nhi_service_account`: an account of a directory, a database or a cloud that a program logs in with.
//!
//! Guarantees: those of every identity, see [`identity`](super::identity).

use policy::governance::Kind;

use super::identity::{Common, Governed, Kinded};
use crate::model::model;

/// `nhi_service_account`.
pub(crate) type ServiceAccount = Kinded<ServiceAccountModel>;

model! {
    /// The attributes of `nhi_service_account`.
    pub(crate) struct ServiceAccountModel {
        ..common: Common,
    }
}

impl Governed for ServiceAccountModel {
    const TYPE: &'static str = "nhi_service_account";
    const DESCRIPTION: &'static str = "An account of a directory, a database or a cloud that a program logs in with. It has an \
        owner, a purpose, an end date and a template, and renders the template's ceiling for other providers' resources. An \
        active account is not destroyed: disable it first.";
    const KIND: Kind = Kind::ServiceAccount;

    fn common(&self) -> &Common {
        &self.common
    }

    fn common_mut(&mut self) -> &mut Common {
        &mut self.common
    }
}

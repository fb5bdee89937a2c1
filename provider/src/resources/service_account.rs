//! `nhi_service_account`: an account of a directory, a database or a cloud that a program logs in with.
//!
//! Guarantees: those of every identity, see [`identity`](super::identity).

use policy::governance::Kind;

use super::identity::{Common, Governed, Kinded, spiffe};
use crate::attribute::Attribute;
use crate::inventory::record::Identity as Record;
use crate::model::model;
use crate::problem::Problem;
use crate::schema::computed;
use crate::settings::Configured;

/// `nhi_service_account`.
pub(crate) type ServiceAccount = Kinded<ServiceAccountModel>;

model! {
    /// The attributes of `nhi_service_account`.
    pub(crate) struct ServiceAccountModel {
        ..common: Common,
        /// Its SPIFFE ID, `spiffe://<trust domain>/service-account/<name>`; null where the provider's `issuer` has no
        /// `trust_domain`.
        spiffe_id: String = computed(),
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

    fn decide(&mut self, configured: &Configured) -> Result<(), Vec<Problem>> {
        self.spiffe_id = spiffe::id(configured, spiffe::by_name(self), Common::name)?;
        Ok(())
    }

    fn spiffe_id(&self) -> Attribute<String> {
        self.spiffe_id.clone()
    }

    fn recall(&mut self, record: &Record) {
        self.spiffe_id = record.terms.spiffe_id.clone().into();
    }
}

//! `nhi_deployment_token`: what a delivery pipeline presents.
//!
//! Guarantees: those of every identity, see [`identity`](super::identity); no secret of it is stored anywhere. What the pipeline
//! presents is made when it asks for it (`nhi_token`), lives an hour at most, and is gone.

use policy::governance::Kind;

use super::identity::{Common, Governed, Kinded, spiffe};
use crate::attribute::Attribute;
use crate::inventory::record::Identity as Record;
use crate::model::model;
use crate::problem::Problem;
use crate::schema::computed;
use crate::settings::Configured;

/// `nhi_deployment_token`.
pub(crate) type DeploymentToken = Kinded<DeploymentTokenModel>;

model! {
    /// The attributes of `nhi_deployment_token`.
    pub(crate) struct DeploymentTokenModel {
        ..common: Common,
        /// Its SPIFFE ID, `spiffe://<trust domain>/deployment/<name>`; null where the provider's `issuer` has no `trust_domain`.
        spiffe_id: String = computed(),
    }
}

impl Governed for DeploymentTokenModel {
    const TYPE: &'static str = "nhi_deployment_token";
    const DESCRIPTION: &'static str = "What a delivery pipeline presents when it deploys. Nothing of it is stored: the ephemeral \
        resource `nhi_token` issues the token in the run that uses it, for an hour at most. A pipeline that can prove where it \
        runs needs none: use `nhi_workload_identity` with its `subject` there. An active token is not destroyed: disable it \
        first.";
    const KIND: Kind = Kind::DeploymentToken;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::owner::{Owner, OwnerModel};
    use crate::resources::testing::{self, Bench};

    const TEMPLATE: &str = include_str!("../../../examples/templates/github-release.nhi.hcl");

    fn release(expiry: &str) -> DeploymentTokenModel {
        let parameters = [("repository".to_owned(), "acme/ledger".into())];
        DeploymentTokenModel {
            common: Common {
                name: "ledger-release".into(),
                owner: "payments".into(),
                purpose: "Publishes releases of the ledger".into(),
                expiry: expiry.into(),
                template: "github-release@1".into(),
                parameters: Attribute::Known(parameters.into()),
                service: "billing".into(),
                state: "active".into(),
                ..Common::default()
            },
            ..DeploymentTokenModel::default()
        }
    }

    #[tokio::test]
    async fn it_lives_a_month_and_has_an_id() {
        let bench = Bench::with(TEMPLATE);
        let owner = OwnerModel {
            name: "payments".into(),
            accountable: "ada@example.com".into(),
            steward: "grace@example.com".into(),
            active: true.into(),
            ..OwnerModel::default()
        };
        bench.create::<Owner>(owner).await;
        let context = bench.context();
        let plan = testing::plan::<DeploymentToken>(&context, None, &release("60d")).await;
        insta::assert_snapshot!(plan, @"
        error at expiry: Expiry beyond the cap
          The identity ends at 2027-01-20T12:00:00Z, beyond the 30d of kind `deployment_token`. Choose `30d` or less; the last moment is 2026-12-21T12:00:00Z.
        ");
        let made = bench.create::<DeploymentToken>(release("30d")).await;
        assert_eq!(made.spiffe_id.as_str(), Some("spiffe://example.com/deployment/ledger-release"));
        assert_eq!(bench.read::<DeploymentToken>(&made).await, Some(made.clone()));
        let again = testing::plan::<DeploymentToken>(&context, Some(&made), &release("30d")).await;
        assert_eq!(again, "no change");
    }
}

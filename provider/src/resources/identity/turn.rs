//! A new credential for an identity besides its configuration: what a review or an operator asks for.

use jiff::Timestamp;
use policy::governance::Kind;

use super::rotation::overlap;
use super::store::recall;
use super::{Governed, Rotation, Slot};
use crate::context::Context;
use crate::inventory::record::{Credential, Identity as Record, Terms};
use crate::problem::Problem;
use crate::resources::api_key::ApiKeyModel;
use crate::resources::certificate::CertificateModel;

/// The terms with a new credential; the one before it works for as long as the identity's configuration says.
pub(crate) async fn turned(
    record: &Record,
    terms: Terms,
    now: Timestamp,
    context: &Context,
) -> Result<Terms, Vec<Problem>> {
    let stated = record.facts.rotation.overlap.clone();
    let overlap = overlap(&Rotation { overlap: stated.into(), ..Rotation::default() }.into());
    let mut terms = Terms {
        previous_valid_until: Some(record.overlap_until(now, overlap)),
        credential_version: terms.credential_version.saturating_add(1),
        rotated_at: now,
        ..terms
    };
    terms.credential = issued(record, &terms, context).await?;
    Ok(terms)
}

/// The credential, for kinds whose credential is made with the identity.
async fn issued(
    record: &Record,
    terms: &Terms,
    context: &Context,
) -> Result<Option<Credential>, Vec<Problem>> {
    match record.facts.kind {
        Kind::ApiKey => of_kind::<ApiKeyModel>(record, terms, context).await,
        Kind::Certificate => of_kind::<CertificateModel>(record, terms, context).await,
        Kind::ServiceAccount | Kind::WorkloadIdentity | Kind::DeploymentToken | Kind::Agent => {
            Ok(None)
        }
    }
}

async fn of_kind<G: Governed>(
    record: &Record,
    terms: &Terms,
    context: &Context,
) -> Result<Option<Credential>, Vec<Problem>> {
    let model = recall(record, &G::default(), context, None)?;
    let previous = record.terms.credential.as_ref();
    model.issue(Slot { id: &record.id, terms, previous }, context).await
}

//! The SPIFFE IDs of identities. Every kind that proves itself with something short-lived or signed has one; an API key, which
//! proves itself with a secret, has none.
//!
//! A name is unique among the living identities of a kind, so the path is the kind and the name. A workload may choose its path,
//! but not below another kind's.

use policy::governance::Kind;

use super::Governed;
use crate::attribute::Attribute;
use crate::functions::spiffe_id::assemble;
use crate::problem::Problem;
use crate::settings::Configured;

/// What the paths of a kind begin with; none for kinds without SPIFFE IDs.
fn root(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::ServiceAccount => Some("service-account"),
        Kind::WorkloadIdentity => Some("workload"),
        Kind::ApiKey => None,
        Kind::DeploymentToken => Some("deployment"),
        Kind::Certificate => Some("certificate"),
        Kind::Agent => Some("agent"),
    }
}

/// Whether no workload may choose a path that begins like this.
pub(crate) fn is_reserved(segment: &str) -> bool {
    Kind::ALL.into_iter().any(|kind| root(kind) == Some(segment))
}

/// The segments of the path that follows from kind and name; none while the name is not known.
pub(crate) fn by_name<G: Governed>(model: &G) -> Option<Vec<String>> {
    let name = model.common().name.as_str()?;
    Some(vec![root(G::KIND)?.to_owned(), name.to_owned()])
}

/// The ID of a path: null without a trust domain, unknown while a part of it is not known.
pub(crate) fn id(
    configured: &Configured,
    segments: Option<Vec<String>>,
    culprit: &str,
) -> Result<Attribute<String>, Vec<Problem>> {
    match (&configured.issuer.trust_domain, segments) {
        (Attribute::Null, _) => Ok(Attribute::Null),
        (Attribute::Known(trust_domain), Some(segments)) => {
            assemble(trust_domain, segments.iter().map(String::as_str))
                .map(Attribute::Known)
                .map_err(|text| vec![Problem::error("Unsuitable SPIFFE ID", text).at(culprit)])
        }
        (Attribute::Unknown | Attribute::Known(_), _) => Ok(Attribute::Unknown),
    }
}

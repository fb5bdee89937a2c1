//! The caps of each kind, whatever its template says.
//!
//! The built-in figures: a credential that a workload can fetch again lives an hour; a static deployment token 30 days; an
//! API key and a private certificate 90 days; everything is reviewed each quarter but the trust of a workload identity, which is
//! reviewed each year. Nothing outlives the yearly review, so kinds with no shorter end have 365 days.

use std::collections::BTreeMap;

use super::{Kind, Lifetime};

/// What a kind may not exceed. None: no cap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caps {
    /// From creation to expiry of the identity.
    pub max_lifetime: Option<Lifetime>,
    /// From issue to expiry of one credential.
    pub max_session: Option<Lifetime>,
    /// From one review to the next.
    pub review_every: Option<Lifetime>,
}

/// The caps of all kinds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    caps: BTreeMap<Kind, Caps>,
}

impl Baseline {
    /// The caps of a kind.
    pub fn caps(&self, kind: Kind) -> Caps {
        self.caps.get(&kind).copied().unwrap_or_default()
    }

    /// Replaces the caps that are given and keeps the others: a `kind` block says only what it changes.
    pub fn set(&mut self, kind: Kind, caps: Caps) {
        let old = self.caps.entry(kind).or_default();
        old.max_lifetime = caps.max_lifetime.or(old.max_lifetime);
        old.max_session = caps.max_session.or(old.max_session);
        old.review_every = caps.review_every.or(old.review_every);
    }
}

/// The built-in baseline.
impl Default for Baseline {
    fn default() -> Self {
        let of = |max_lifetime, max_session, review_every| Caps {
            max_lifetime: Some(max_lifetime),
            max_session: Some(max_session),
            review_every: Some(review_every),
        };
        let (hour, days) = (Lifetime::hours(1), Lifetime::days);
        let caps = Kind::ALL.into_iter().map(|kind| {
            let caps = match kind {
                Kind::ServiceAccount => of(days(365), days(90), days(90)),
                Kind::WorkloadIdentity => of(days(365), hour, days(365)),
                Kind::ApiKey | Kind::Certificate => of(days(90), days(90), days(90)),
                Kind::DeploymentToken => of(days(30), hour, days(30)),
                Kind::Agent => of(days(365), hour, days(90)),
            };
            (kind, caps)
        });
        Self { caps: caps.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_caps() {
        let baseline = Baseline::default();
        let text = |cap: Option<Lifetime>| cap.map_or_else(String::new, |cap| cap.to_string());
        let table: String = Kind::ALL
            .into_iter()
            .map(|kind| {
                let caps = baseline.caps(kind);
                let [life, session, review] =
                    [caps.max_lifetime, caps.max_session, caps.review_every].map(text);
                format!("{kind}: lifetime {life}, session {session}, review {review}\n")
            })
            .collect();
        insta::assert_snapshot!(table, @r"
        service_account: lifetime 365d, session 90d, review 90d
        workload_identity: lifetime 365d, session 1h, review 365d
        api_key: lifetime 90d, session 90d, review 90d
        deployment_token: lifetime 30d, session 1h, review 30d
        certificate: lifetime 90d, session 90d, review 90d
        agent: lifetime 365d, session 1h, review 90d
        ");
    }

    #[test]
    fn a_block_changes_only_what_it_says() {
        let mut baseline = Baseline::default();
        baseline
            .set(Kind::ApiKey, Caps { max_lifetime: Some(Lifetime::days(30)), ..Caps::default() });
        let caps = baseline.caps(Kind::ApiKey);
        assert_eq!(caps.max_lifetime, Some(Lifetime::days(30)));
        assert_eq!(caps.review_every, Some(Lifetime::days(90)));
    }
}

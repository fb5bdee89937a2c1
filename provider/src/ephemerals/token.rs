//! `nhi_token`: a short-lived signed token that proves an identity to one audience.
//!
//! Guarantees: a token exists in memory only; it is issued when the identity may have it at that moment, and is on record before it
//! is handed out; it names one audience, ends soon, and can be checked with the published keys alone.

use jiff::{SignedDuration, Timestamp};
use policy::governance::Lifetime;
use serde::{Deserialize, Serialize};

use super::lifetime;
use crate::attribute::Attribute;
use crate::context::Context;
use crate::ephemeral::{Ephemeral, Opened, Renewed};
use crate::inventory::fresh_id;
use crate::inventory::issues::KeyUse;
use crate::inventory::record::{Details, Identity};
use crate::issuer::jws;
use crate::issuing::{self, Ask, Permission, Sort};
use crate::model::model;
use crate::problem::Problem;
use crate::resources::refused;
use crate::schema::{computed, optional, required};
use crate::secret::Secret;

/// How long a token lives where nothing is said: five minutes.
const USUAL: &str = "5m";

/// How far the clock of whoever checks a token may be behind ours, in seconds.
const SKEW: i64 = 30;

/// `nhi_token`.
#[derive(Debug)]
pub(crate) struct Token;

model! {
    /// What is asked for, and the token.
    pub(crate) struct TokenModel {
        /// The `id` of the identity. It has to be applied already.
        identity: String = required(),
        /// Whom the token is for (`aud`): exactly what the other side expects, such as `sts.amazonaws.com`. One token, one audience:
        /// whoever gets a token could use it wherever else it is good.
        audience: String = required().check(check_audience),
        /// How long it lives, such as `15m`. Defaults to `5m`, or to the longest that the identity may have. Refused beyond what the
        /// template, the kind and the identity's own end allow.
        lifetime: String = optional().check(lifetime),
        /// The token, a signed JWT.
        token: Secret = computed().sensitive(),
        /// When it ends, as RFC 3339 writes it.
        expires_at: String = computed(),
        /// The id of the key that signed it, as `jwks_json` of `nhi_trust_bundle` has it.
        key_id: String = computed(),
    }
}

fn check_audience(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        Err("A token for nobody is a token for everybody: name the audience.".to_owned())
    } else if text.chars().any(char::is_control) {
        Err("The audience holds a control character.".to_owned())
    } else {
        Ok(())
    }
}

/// The claims, in the order in which they are written.
#[derive(Serialize)]
struct Claims<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a str>,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: &'a str,
    client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    nhi: Governance<'a>,
}

/// What is known of the identity, for those who check more than a subject.
#[derive(Serialize)]
struct Governance<'a> {
    kind: &'static str,
    name: &'a str,
    owner: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<&'a str>,
    template: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sponsor: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    on_behalf_of: &'a [String],
}

impl<'a> Governance<'a> {
    fn of(identity: &'a Identity) -> Self {
        let (facts, template) = (&identity.facts, &identity.terms.template);
        let (sponsor, on_behalf_of) = match &facts.details {
            Some(Details::Agent { sponsor, on_behalf_of, .. }) => {
                (Some(sponsor.as_str()), on_behalf_of.as_slice())
            }
            _ => (None, [].as_slice()),
        };
        Self {
            kind: facts.kind.name(),
            name: &facts.name,
            owner: &identity.owner,
            service: facts.service.as_deref(),
            environment: facts.environment.as_deref(),
            template: format!("{}@{}", template.name, template.version),
            sponsor,
            on_behalf_of,
        }
    }
}

/// The tools of an agent as a scope (RFC 6749, 3.3); their names are such that a scope can hold them.
fn scope(identity: &Identity) -> Option<String> {
    match &identity.facts.details {
        Some(Details::Agent { tools, .. }) => Some(tools.join(" ")),
        _ => None,
    }
}

/// What renewing has to know.
#[derive(Serialize, Deserialize)]
struct Handle {
    identity: String,
    seconds: i64,
}

impl Ephemeral for Token {
    const TYPE: &'static str = "nhi_token";
    const DESCRIPTION: &'static str = "A short-lived signed token (JWT) that proves an identity to one audience. It is made when \
        Terraform needs it, never kept, and refused when the identity may not have one at that moment: disabled, expired, its owner \
        inactive, its template revoked, its review overdue by more than 14 days. Each token and each refusal is in the audit trail.\n\n\
        An identity with a SPIFFE ID gets a [JWT-SVID](https://github.com/spiffe/spiffe/blob/main/standards/JWT-SVID.md), whose \
        subject (`sub`) is the SPIFFE ID. Any other gets an access token ([RFC 9068](https://www.rfc-editor.org/rfc/rfc9068), \
        `at+jwt`), whose subject is the identity's `id`; this needs `url` in the provider's `issuer`. Both have `client_id` (the \
        identity's `id`) and `nhi` (kind, name, owner, service, environment, template); an agent's tools are its `scope`, its \
        sponsor and those for whom it may act are in `nhi`. An agent always comes as itself, so that there is no `act`.\n\n\
        Terraform cannot exchange a value that is in use. Shortly before the token ends, it is looked at once more whether the \
        identity may still have one, and the run fails where it may not; the token ends all the same. Ask for a `lifetime` as \
        long as what you do with it.";

    type Model = TokenModel;

    async fn open(
        config: TokenModel,
        context: &Context,
    ) -> Result<Opened<TokenModel>, Vec<Problem>> {
        let asked = config.lifetime.as_str().and_then(|text| Lifetime::parse(text).ok());
        let id = config.identity.as_str().unwrap_or_default();
        let audience = config.audience.as_str().unwrap_or_default();
        let permission = issuing::allow(context, id, ask(asked)?).await?;
        let (signed, jti) = sign(context, &permission, audience).await?;
        let key = KeyUse {
            key_id: signed.key_id.clone(),
            algorithm: signed.algorithm,
            public_key: signed.public_key,
            until: permission.expires_at,
        };
        issuing::hand_out(context, &permission, (jti, Some(audience.to_owned()), Some(key)))
            .await?;
        let Permission { issued_at, expires_at, .. } = permission;
        let seconds = expires_at.duration_since(issued_at).as_secs();
        let handle = Handle { identity: id.to_owned(), seconds };
        let private =
            serde_json::to_vec(&handle).map_err(|error| vec![Problem::bug(error.to_string())])?;
        let result = TokenModel {
            token: signed.token.into(),
            expires_at: expires_at.to_string().into(),
            key_id: signed.key_id.into(),
            ..config
        };
        Ok(Opened {
            result,
            renew_at: Some(look_again(issued_at, seconds)),
            private,
            warnings: Vec::new(),
        })
    }

    async fn renew(context: &Context) -> Result<Renewed, Vec<Problem>> {
        let handle: Handle = serde_json::from_slice(context.private())
            .map_err(|error| vec![Problem::bug(error.to_string())])?;
        let asked = Lifetime::parse(&format!("{}s", handle.seconds)).ok();
        // A shorter rest of the identity's life is no reason to fail: the token ends with it.
        let ask = Ask { lifetime: None, ..ask(asked)? };
        issuing::allow(context, &handle.identity, ask).await?;
        Ok(Renewed::default())
    }
}

fn ask(lifetime: Option<Lifetime>) -> Result<Ask, Vec<Problem>> {
    let usual = Lifetime::parse(USUAL).map_err(|error| vec![Problem::bug(error.to_string())])?;
    Ok(Ask { sort: Sort::Token, lifetime, usual })
}

/// A tenth of its life before a token ends, and not less than half a minute where it lives longer than one.
fn look_again(issued_at: Timestamp, seconds: i64) -> Timestamp {
    let margin = (seconds / 10).max(30).min(seconds / 2);
    issued_at.checked_add(SignedDuration::from_secs(seconds - margin)).unwrap_or(Timestamp::MAX)
}

/// The signed token and its `jti`.
async fn sign(
    context: &Context,
    permission: &Permission,
    audience: &str,
) -> Result<(jws::Signed, String), Vec<Problem>> {
    let issuer = &context.configured()?.issuer;
    let identity = &permission.identity;
    let spiffe_id = identity.terms.spiffe_id.as_deref();
    let iss = match (&issuer.url, spiffe_id) {
        (Attribute::Known(url), _) => Some(url.as_str()),
        (Attribute::Null, Some(_)) => None,
        (Attribute::Null, None) => return Err(vec![no_issuer(identity)]),
        (Attribute::Unknown, _) => return Err(vec![unknown_issuer()]),
    };
    let jti = fresh_id("tok").map_err(|error| vec![refused("Token not signed", &error)])?;
    let issued_at = permission.issued_at.as_second();
    let claims = Claims {
        iss,
        sub: spiffe_id.unwrap_or(&identity.id),
        aud: audience,
        iat: issued_at,
        nbf: issued_at - SKEW,
        exp: permission.expires_at.as_second(),
        jti: &jti,
        client_id: &identity.id,
        scope: scope(identity),
        nhi: Governance::of(identity),
    };
    // JWT-SVID, section 2.3: the type is `JWT` or `JOSE`.
    let typ = if spiffe_id.is_some() { "JWT" } else { "at+jwt" };
    let signed = jws::sign(issuer.signer().await?, typ, &claims).await?;
    Ok((signed, jti))
}

fn no_issuer(identity: &Identity) -> Problem {
    let detail = format!(
        "The identity `{}` has no SPIFFE ID, so that its token has to say who issued it. Set `url` in the provider's `issuer`.",
        identity.facts.name
    );
    Problem::error("No issuer address", detail).at(TokenModel::identity)
}

fn unknown_issuer() -> Problem {
    Problem::error(
        "Issuer not known yet",
        "The `url` of the provider's `issuer` depends on something that does not exist yet. Apply that first, with `-target`.",
    )
}

#[cfg(test)]
mod tests;

//! Tokens as those who check them see them, and as the audit trail does.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use policy::governance::Kind;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::ephemeral::adapter::Entry;
use crate::issuer::public::PublicKey;
use crate::issuing::testing::{living, switched};
use crate::model::Model as _;
use crate::resources::testing::{Bench, shown};

fn for_audience(identity: &Identity, lifetime: Option<&str>) -> TokenModel {
    TokenModel {
        identity: identity.id.as_str().into(),
        audience: "https://api.example.com".into(),
        lifetime: lifetime.map(str::to_owned).into(),
        ..TokenModel::default()
    }
}

/// Through every check that a reply to Terraform goes through.
async fn open(config: &TokenModel, context: &Context) -> Result<Opened<TokenModel>, Vec<Problem>> {
    let opened = Entry::of::<Token>().open(&config.to_value(), context).await?;
    let Opened { result, renew_at, private, warnings } = opened;
    assert_eq!(warnings, []);
    Ok(Opened { result: TokenModel::from_value(&result).unwrap(), renew_at, private, warnings })
}

/// Header and claims of a token whose signature has been checked with the issuer's key.
async fn checked(token: &str, context: &Context) -> (Json, Json) {
    let parts: Vec<&str> = token.split('.').collect();
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
    let signer = context.configured().unwrap().issuer.signer().await.unwrap();
    let key = PublicKey::from_der(signer.public_key()).unwrap();
    let message = format!("{}.{}", parts[0], parts[1]);
    assert!(key.verifies(message.as_bytes(), &decode(parts[2])));
    let read = |part: &str| serde_json::from_slice(&decode(part)).unwrap();
    (read(parts[0]), read(parts[1]))
}

#[tokio::test]
async fn a_workload_gets_a_jwt_svid() {
    let bench = Bench::new();
    let identity = living(&bench, Kind::WorkloadIdentity, |_, terms| {
        terms.spiffe_id = Some("spiffe://example.com/billing".to_owned());
    })
    .await;
    let context = bench.context();
    let config = for_audience(&identity, None);
    let opened = open(&config, &context).await.unwrap();
    let TokenModel { token, expires_at, key_id, .. } = opened.result;
    let token = token.into_known().unwrap();
    let (header, mut claims) = checked(token.reveal(), &context).await;
    assert_eq!(header, json!({ "alg": "ES256", "kid": key_id.as_str(), "typ": "JWT" }));
    let jti = claims.as_object_mut().unwrap().remove("jti").unwrap();
    assert_eq!(
        claims,
        json!({
            "iss": "https://identity.example.com",
            "sub": "spiffe://example.com/billing",
            "aud": "https://api.example.com",
            "iat": 1_795_262_400, "nbf": 1_795_262_370, "exp": 1_795_262_700,
            "client_id": identity.id,
            "nhi": {
                "kind": "workload_identity", "name": "billing", "owner": "payments",
                "service": "billing", "template": "any@1.0.0"
            },
        })
    );
    assert_eq!(expires_at.as_str(), Some("2026-11-21T12:05:00Z"));
    assert_eq!(opened.renew_at, "2026-11-21T12:04:30Z".parse().ok());
    assert_eq!(format!("{token:?}"), "Secret");
    let private = String::from_utf8(opened.private).unwrap();
    assert_eq!(private, format!(r#"{{"identity":"{}","seconds":300}}"#, identity.id));
    let inventory = context.configured().unwrap().inventory().unwrap();
    let events = inventory.events(Some(&format!("issue:{}", identity.id))).await.unwrap();
    let record = json!({
        "credential": jti, "audience": "https://api.example.com", "expires_at": "2026-11-21T12:05:00Z",
        "key_id": key_id.as_str(),
    });
    assert_eq!(events[0].action, "token.issue");
    assert_eq!(serde_json::from_str::<Json>(&events[0].record).unwrap(), record);
    assert!(inventory.verify().await.unwrap().is_intact());
}

#[tokio::test]
async fn an_identity_without_a_spiffe_id_gets_an_access_token() {
    let bench = Bench::new();
    let identity = living(&bench, Kind::ServiceAccount, |_, _| {}).await;
    let context = bench.context();
    let opened = open(&for_audience(&identity, Some("2h")), &context).await.unwrap();
    let token = opened.result.token.into_known().unwrap();
    let (header, claims) = checked(token.reveal(), &context).await;
    assert_eq!(header["typ"], "at+jwt");
    assert_eq!((&claims["sub"], &claims["client_id"]), (&json!(identity.id), &json!(identity.id)));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 7200);
}

#[tokio::test]
async fn an_agent_comes_as_itself_with_its_tools() {
    let bench = Bench::new();
    let identity = living(&bench, Kind::Agent, |facts, terms| {
        terms.spiffe_id = Some("spiffe://example.com/agent/billing".to_owned());
        facts.details = Some(Details::Agent {
            sponsor: "ada@example.com".to_owned(),
            tools: vec!["jira.read".to_owned(), "jira.comment".to_owned()],
            max_session: Some("2m".to_owned()),
            on_behalf_of: vec!["support".to_owned()],
        });
    })
    .await;
    let context = bench.context();
    let opened = open(&for_audience(&identity, None), &context).await.unwrap();
    let token = opened.result.token.into_known().unwrap();
    let (_, claims) = checked(token.reveal(), &context).await;
    assert_eq!(claims["scope"], "jira.read jira.comment");
    assert_eq!(claims["nhi"]["on_behalf_of"], json!(["support"]));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 120);
    let refused = open(&for_audience(&identity, Some("5m")), &context).await.unwrap_err();
    insta::assert_snapshot!(shown(&refused), @r"
    error at lifetime: Credential refused
      A lifetime of `5m` is too long: its own `max_session` is `2m`. Choose `2m` or less.
    ");
}

#[tokio::test]
async fn who_is_switched_off_gets_nothing_and_keeps_nothing() {
    let bench = Bench::new();
    let identity = living(&bench, Kind::ServiceAccount, |_, _| {}).await;
    let config = for_audience(&identity, None);
    let opened = open(&config, &bench.context()).await.unwrap();
    let later = Context { private: opened.private, ..bench.at("2026-11-21T12:04:30Z").context() };
    assert!(Token::renew(&later).await.unwrap().renew_at.is_none());
    let identity = switched(&bench, identity, true).await;
    for problems in [
        open(&config, &bench.context()).await.unwrap_err(),
        Token::renew(&later).await.unwrap_err(),
    ] {
        assert_eq!(problems[0].summary, "Credential refused");
        assert!(problems[0].detail.starts_with("The identity `billing` is disabled."));
    }
    let context = bench.context();
    let inventory = context.configured().unwrap().inventory().unwrap();
    let events = inventory.events(Some(&format!("issue:{}", identity.id))).await.unwrap();
    let told: Vec<_> = events.iter().map(|it| (it.action.as_str(), it.record.as_str())).collect();
    assert_eq!(told[1..], [("token.refuse", r#"{"reasons":["disabled"]}"#); 2]);
    assert!(inventory.verify().await.unwrap().is_intact());
}

#[tokio::test]
async fn what_changed_since_the_decision_stops_the_token() {
    let bench = Bench::new();
    let identity = living(&bench, Kind::ServiceAccount, |_, _| {}).await;
    let context = bench.context();
    let permission = issuing::allow(&context, &identity.id, ask(None).unwrap()).await.unwrap();
    switched(&bench, identity, true).await;
    let late = issuing::hand_out(&context, &permission, ("tok-1".to_owned(), None, None)).await;
    insta::assert_snapshot!(shown(&late.unwrap_err()), @"
    error: Credential not handed out
      The identity `billing` was changed by somebody else in the meantime. Run `terraform plan` again and look at what changed.
    ");
}

#[test]
fn an_audience_is_somebody() {
    assert!(check_audience("sts.amazonaws.com").is_ok());
    assert!(check_audience(" ").is_err() && check_audience("a\nb").is_err());
}

proptest! {
    #[test]
    fn it_is_looked_at_again_within_the_life_of_the_token(seconds in 1_i64..10_000_000) {
        let start: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let after = look_again(start, seconds).duration_since(start).as_secs();
        prop_assert!(after < seconds || seconds == 1, "{after} of {seconds}");
        prop_assert!(after >= seconds / 2);
    }
}

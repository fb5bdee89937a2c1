//! What is published, and for how long.

use policy::governance::{Kind, Lifetime};
use serde_json::Value as Json;

use super::*;
use crate::data_source::adapter::Entry;
use crate::inventory::issues::KeyUse;
use crate::issuing::testing::living;
use crate::issuing::{self, Ask, Sort};
use crate::model::Model as _;
use crate::resources::testing::Bench;

/// Through every check that a reply to Terraform goes through.
async fn read(bench: &Bench) -> TrustBundleModel {
    let config = TrustBundleModel::default().to_value();
    let (state, warnings) =
        Entry::of::<TrustBundle>().read(&config, &bench.context()).await.unwrap();
    assert_eq!(warnings, []);
    TrustBundleModel::from_value(&state).unwrap()
}

fn key_ids(bundle: &TrustBundleModel) -> Vec<String> {
    let set: Json = serde_json::from_str(bundle.jwks_json.as_str().unwrap()).unwrap();
    let keys = set["keys"].as_array().unwrap().iter();
    keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_key_is_published_as_long_as_something_that_it_signed_lives() {
    let bench = Bench::new();
    let identity = living(&bench, Kind::WorkloadIdentity, |_, _| {}).await;
    let first = read(&bench).await;
    assert_eq!(first, read(&bench).await);
    let one = key_ids(&first);
    assert_eq!(one.len(), 1);

    let context = bench.context();
    let usual = Lifetime::parse("10m").unwrap();
    let ask = Ask { sort: Sort::Token, lifetime: None, usual };
    let permission = issuing::allow(&context, &identity.id, ask).await.unwrap();
    let signer = context.configured().unwrap().issuer.signer().await.unwrap();
    let key = KeyUse {
        key_id: one[0].clone(),
        algorithm: "ES256",
        public_key: signer.public_key().to_vec(),
        until: permission.expires_at,
    };
    let named = ("tok-1".to_owned(), None, Some(key));
    issuing::hand_out(&context, &permission, named).await.unwrap();
    assert_eq!(key_ids(&read(&bench).await), one);

    // Another key comes first, and the one before stays until the token ends.
    std::fs::remove_file(bench.folder().join(".nhi/issuer.pem")).unwrap();
    let both = key_ids(&read(&bench.at("2026-11-21T12:09:59Z")).await);
    assert_eq!((both.len(), &both[1]), (2, &one[0]));
    let other = key_ids(&read(&bench.at("2026-11-21T12:10:00Z")).await);
    assert_eq!(other, both[..1]);
}

#[tokio::test]
async fn relying_parties_find_the_keys() {
    let bundle = read(&Bench::new()).await;
    assert_eq!(bundle.issuer.as_str(), Some("https://identity.example.com"));
    insta::assert_snapshot!(bundle.openid_configuration_json.as_str().unwrap(), @r#"{"claims_supported":["iss","sub","aud","exp","nbf","iat","jti"],"id_token_signing_alg_values_supported":["ES256","EdDSA"],"issuer":"https://identity.example.com","jwks_uri":"https://identity.example.com/.well-known/jwks.json","response_types_supported":["id_token"],"subject_types_supported":["public"]}"#);
}

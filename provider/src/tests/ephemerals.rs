//! Ephemeral resources as core opens, renews and closes them.

use super::toy::{ToyLease, tables};
use super::{clock, core};
use crate::harness::ephemeral::Open;
use crate::model::Model as _;
use crate::schema::validation;

const LEASE: &str = "nhi_toy_lease";

fn lease(toy: &str) -> ToyLease {
    ToyLease { toy: toy.into(), ..ToyLease::default() }
}

async fn opened(toy: &str) -> Result<(crate::harness::Core, Open), Vec<String>> {
    let mut core = core().await;
    let open = core.open(LEASE, &lease(toy).to_value()).await?;
    Ok((core, open))
}

#[tokio::test]
async fn a_lease_is_opened_renewed_and_closed_with_the_private_of_opening() {
    let (mut core, mut open) = opened("a").await.expect("opened");
    assert_eq!(open.result.attribute("key"), &"hunter2".into());
    assert_eq!(open.result.attribute("child"), &"anybody".into(), "defaults are filled in");
    assert_eq!(open.renew_at, Some(clock() + jiff::SignedDuration::from_hours(1)));
    core.renew(LEASE, &mut open).await.expect("renewed");
    assert_eq!(open.renew_at, Some(clock() + jiff::SignedDuration::from_hours(2)));
    core.renew(LEASE, &mut open).await.expect("renewed, from the private of the first renewal");
    assert_eq!(open.renew_at, None);
    assert_eq!(core.close(LEASE, &open).await, ["Closed: a, opened"]);
    assert_eq!(core.close(LEASE, &open).await, ["Closed: a, opened"], "closing twice is fine");
}

#[tokio::test]
async fn what_needs_no_renewal_is_never_renewed() {
    let (_, open) = opened("short").await.expect("opened");
    assert_eq!(open.renew_at, None);
}

#[tokio::test]
async fn refusals_name_the_argument() {
    assert_eq!(opened("nothing").await.err(), Some(vec!["toy: No toy: name one".to_owned()]));
    assert_eq!(opened("taken").await.err(), Some(vec!["toy: Taken: wait".to_owned()]));
    let (mut core, mut open) = opened("wanted").await.expect("opened");
    assert_eq!(core.renew(LEASE, &mut open).await, Err(vec!["Wanted: by another".to_owned()]));
    assert_eq!(core.close(LEASE, &open).await, ["Closed: wanted, opened"]);
}

#[tokio::test]
async fn our_own_mistakes_are_told_without_the_secret_and_closed_again() {
    let mut told = Vec::new();
    for toy in ["swapped", "wrongly keyed"] {
        let messages = opened(toy).await.err().expect("a mistake");
        assert!(!messages.join("").contains("hunter2"), "{messages:?}");
        let lines = messages.iter().filter_map(|message| message.lines().next());
        told.extend(lines.map(str::to_owned));
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    toy: Bug in the nhi provider: `nhi_toy_lease` opened something that breaks Terraform's rules: toy: `"other"` is planned, which is not the configured `"swapped"`
    Closed: swapped, opened
    key: Bug in the nhi provider: `nhi_toy_lease` opened something that breaks Terraform's rules: key: the value is still unknown
    Closed: wrongly keyed, opened
    "#);
}

#[tokio::test]
async fn unknown_names_and_anything_unknown_are_told_apart() {
    let mut core = core().await;
    let unknown = ToyLease { toy: crate::attribute::Attribute::Unknown, ..ToyLease::default() };
    assert_eq!(core.validate_ephemeral(LEASE, &unknown.to_value()).await, Vec::<String>::new());
    let schema = &tables().ephemerals[LEASE].schema;
    let missing = validation::problems(&schema.attributes, &ToyLease::default().to_value(), false);
    assert_eq!(missing.len(), 1, "{missing:?}");
    let request = proto::tfplugin6::close_ephemeral_resource::Request {
        type_name: "nhi_nothing".to_owned(),
        private: None,
    };
    let reply = core.client.close_ephemeral_resource(request).await.expect("a reply").into_inner();
    let (failed, messages) = crate::harness::shown(&reply.diagnostics);
    assert!(failed);
    insta::assert_snapshot!(messages.join("\n"), @"Unknown ephemeral resource: this version of the provider has no ephemeral resource `nhi_nothing`");
}

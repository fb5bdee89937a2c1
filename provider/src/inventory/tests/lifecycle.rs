//! What operators and reviews do to a living identity, and where it stands afterwards.

use policy::governance::State;

use super::*;
use crate::inventory::lifecycle::Turn;

fn at(hours: i64) -> Timestamp {
    now() + SignedDuration::from_hours(hours)
}

fn leaked(overlap: i64) -> Turn {
    Turn {
        reason: "INC-7: key in a log".to_owned(),
        overlap: SignedDuration::from_hours(overlap),
        credential: None,
    }
}

async fn last(inventory: &Inventory, id: &str) -> (String, serde_json::Value) {
    let subject = format!("identity:{id}");
    let event = inventory.events(Some(&subject)).await.unwrap().pop().unwrap();
    let record: serde_json::Value = serde_json::from_str(&event.record).unwrap();
    (event.action, record["because"].clone())
}

#[tokio::test]
async fn a_rotation_has_an_overlap_and_a_reason() {
    let bench = Bench::new();
    let inventory = bench.run("a", "1");
    let owner = owner(&inventory).await;
    let made = create(&inventory, &owner, "export").await.unwrap().into_record();
    let rotated = inventory.rotate(at(1), (&made.id, made.version), leaked(2)).await.unwrap();
    assert_eq!(rotated.terms.credential_version, 2);
    assert_eq!(
        (rotated.terms.rotated_at, rotated.terms.previous_valid_until),
        (at(1), Some(at(3)))
    );
    assert_eq!(rotated.state_at(at(1)), State::Rotating);
    assert_eq!(rotated.state_at(at(3)), State::Active);
    let (action, because) = last(&inventory, &made.id).await;
    assert_eq!((action.as_str(), because), ("identity.rotate", "INC-7: key in a log".into()));
    // Without overlap the one before stops at once.
    let again = inventory.rotate(at(1), (&made.id, rotated.version), leaked(0)).await.unwrap();
    assert_eq!(again.state_at(at(1)), State::Active);
    // A rotation is for the record that was looked at.
    let error = inventory.rotate(at(1), (&made.id, rotated.version), leaked(0)).await.unwrap_err();
    assert!(matches!(error, InventoryError::Changed { .. }), "{error}");
    assert_eq!(inventory.verify().await.unwrap().breaks, [""; 0]);
}

#[tokio::test]
async fn what_is_suspended_stays_off_until_it_is_resumed() {
    let bench = Bench::new();
    let inventory = bench.run("a", "1");
    let owner = owner(&inventory).await;
    let made = create(&inventory, &owner, "export").await.unwrap().into_record();
    let rotated = inventory.rotate(at(1), (&made.id, 1), leaked(9)).await.unwrap();
    let error = inventory.resume(at(1), &made.id, "over").await.unwrap_err();
    assert_eq!(error, InventoryError::NotSuspended("export".to_owned()));

    let stopped = inventory.suspend(at(2), &made.id, "INC-8").await.unwrap();
    assert_eq!((stopped.state_at(at(2)), stopped.disabled_at), (State::Disabled, Some(at(2))));
    assert_eq!(stopped.terms.review.as_ref().unwrap().outcome, "suspend");
    // What the suspension stopped does not come back with it.
    assert_eq!(stopped.terms.previous_valid_until, Some(at(2)));
    assert_eq!(inventory.suspend(at(3), &made.id, "INC-8").await.unwrap(), stopped);
    assert_eq!(last(&inventory, &made.id).await, ("identity.suspend".to_owned(), "INC-8".into()));

    let back = inventory.resume(at(4), &made.id, "INC-8 is closed").await.unwrap();
    assert_eq!(back.state_at(at(4)), State::Active);
    assert_eq!((back.terms.review, back.version), (None, rotated.version + 2));
    assert_eq!(inventory.verify().await.unwrap().breaks, [""; 0]);
}

#[tokio::test]
async fn what_was_derived_stops_with_what_it_was_derived_from() {
    let bench = Bench::new();
    let inventory = bench.run("a", "1");
    let owner = owner(&inventory).await;
    let root = create(&inventory, &owner, "root").await.unwrap().into_record();
    let child = async |name: &str, parent: &str| {
        let (mut facts, mut terms) = export(&owner, name);
        facts.parent = Some(parent.to_owned());
        terms.expires_at = now() + days(200);
        let id = fresh_id("nhi").unwrap();
        inventory.create_identity(now(), (id, facts, terms)).await.unwrap().into_record()
    };
    let middle = child("middle", &root.id).await;
    let leaf = child("leaf", &middle.id).await;
    assert_eq!(leaf.parent_until, Some(now() + days(90)));
    assert_eq!(leaf.state_at(at(1)), State::Active);
    assert_eq!(leaf.state_at(now() + days(91)), State::Quarantined);

    inventory.suspend(at(1), &root.id, "INC-9").await.unwrap();
    let found = inventory.identity(&leaf.id).await.unwrap().unwrap();
    assert_eq!(found.state_at(at(1)), State::Quarantined);
    inventory.resume(at(2), &root.id, "INC-9 is closed").await.unwrap();
    assert_eq!(inventory.identity(&leaf.id).await.unwrap(), Some(leaf));
}

//! What operators and reviews do to a living identity, and where it stands afterwards.

use policy::governance::State;
use proptest::prelude::*;

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

/// What may happen to an identity.
#[derive(Clone, Copy, Debug)]
enum Step {
    Rotate(i64),
    Suspend,
    Resume,
    Disable,
    Enable,
    Owner(bool),
    End(i64),
    Wait(i64),
    Decommission,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0_i64..4).prop_map(Step::Rotate),
        Just(Step::Suspend),
        Just(Step::Resume),
        Just(Step::Disable),
        Just(Step::Enable),
        any::<bool>().prop_map(Step::Owner),
        (1_i64..9).prop_map(Step::End),
        (0_i64..5).prop_map(Step::Wait),
        Just(Step::Decommission),
    ]
}

/// The same life in hours, told without any of the code that is tested.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each may hold with and without the others")]
struct Told {
    gone: bool,
    off: bool,
    suspended: bool,
    owned: bool,
    ends: i64,
    overlap: i64,
}

impl Told {
    fn at(&self, hour: i64) -> State {
        match self {
            Self { gone: true, .. } => State::Decommissioned,
            Self { off: true, .. } => State::Disabled,
            Self { owned: false, .. } => State::Quarantined,
            Self { ends, .. } if *ends <= hour => State::Expired,
            Self { overlap, .. } if *overlap > hour => State::Rotating,
            Self { .. } => State::Active,
        }
    }

    /// Whether the step is one that the inventory takes, and what comes of it.
    fn take(&mut self, step: Step, hour: i64) -> bool {
        let works = matches!(self.at(hour), State::Active | State::Rotating);
        let expired = self.at(hour) == State::Expired;
        if self.gone && !matches!(step, Step::Owner(_) | Step::Wait(_) | Step::Decommission) {
            return false;
        }
        match step {
            Step::Rotate(overlap) => self.overlap = hour + if works { overlap } else { 0 },
            Step::Suspend | Step::Disable => {
                self.suspended |= matches!(step, Step::Suspend) && !self.off;
                (self.off, self.overlap) = (true, self.overlap.min(hour));
            }
            Step::Resume if !self.suspended => return false,
            Step::Resume => (self.off, self.suspended) = (false, false),
            Step::Enable => {
                (self.off, self.suspended) = (false, false);
                self.overlap = if works { self.overlap } else { self.overlap.min(hour) };
            }
            Step::End(hours) => {
                self.ends = hour + hours;
                self.overlap = if works { self.overlap } else { self.overlap.min(hour) };
            }
            Step::Owner(active) => self.owned = active,
            Step::Wait(_) => {}
            Step::Decommission if self.gone || self.off || expired => self.gone = true,
            Step::Decommission => return false,
        }
        true
    }
}

async fn take(inventory: &Inventory, (owner, id): (&str, &str), step: Step, hour: i64) -> bool {
    let found = inventory.identity(id).await.unwrap().unwrap();
    let update = async |change: fn(&mut Facts, &mut Terms, i64), by: i64| {
        let (mut facts, mut terms) = (found.facts.clone(), found.terms.clone());
        change(&mut facts, &mut terms, by);
        let change = (facts, terms, String::new());
        inventory.update_identity(at(hour), (id, found.version), change).await.is_ok()
    };
    match step {
        Step::Rotate(overlap) => {
            inventory.rotate(at(hour), (id, found.version), leaked(overlap)).await.is_ok()
        }
        Step::Suspend => inventory.suspend(at(hour), id, "INC").await.is_ok(),
        Step::Resume => inventory.resume(at(hour), id, "over").await.is_ok(),
        Step::Disable => update(|facts, _, _| facts.disabled = true, 0).await,
        Step::Enable => {
            update(|facts, terms, _| (facts.disabled, terms.review) = (false, None), 0).await
        }
        Step::End(hours) => update(|_, terms, end| terms.expires_at = at(end), hour + hours).await,
        Step::Owner(active) => {
            let record = inventory.owner(owner).await.unwrap().unwrap();
            let facts = OwnerFacts { active, ..record.facts };
            inventory.update_owner(at(hour), (owner, record.version), facts).await.is_ok()
        }
        Step::Wait(_) => true,
        Step::Decommission => {
            inventory.decommission(at(hour), id, SignedDuration::ZERO).await.is_ok()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_life_follows_the_table(steps in proptest::collection::vec(step(), 1..24)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let bench = Bench::new();
            let inventory = bench.run("a", "1");
            let owner = owner(&inventory).await;
            let id = create(&inventory, &owner, "export").await.unwrap().into_record().id;
            let mut told = Told {
                gone: false, off: false, suspended: false, owned: true, ends: 90 * 24, overlap: 0,
            };
            let (mut hour, mut before) = (0, State::Active);
            for step in steps {
                if let Step::Wait(hours) = step {
                    hour += hours;
                }
                let waited = told.at(hour);
                prop_assert!(before.step_to(waited).is_ok(), "{before} to {waited} by time");
                let taken = take(&inventory, (&owner, &id), step, hour).await;
                prop_assert_eq!(taken, told.take(step, hour), "{:?} of {:?}", step, told);
                let found = inventory.identity(&id).await.unwrap().unwrap();
                let now = found.state_at(at(hour));
                prop_assert_eq!(now, told.at(hour), "{:?} of {:?}", step, told);
                prop_assert!(waited.step_to(now).is_ok(), "{waited} to {now} by {step:?}");
                before = now;
            }
            prop_assert_eq!(inventory.verify().await.unwrap().breaks, [""; 0]);
            Ok(())
        })?;
    }
}

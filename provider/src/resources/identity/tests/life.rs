//! What happens to an identity after it was made: rotation when it is due, reviews, operators, observation, parents.

use super::*;
use crate::inventory::certifications::{Certification, Certifying, Decision, Outcome};
use crate::inventory::fresh_id;
use crate::inventory::record::{Review, Terms};
use crate::resource::Change;
use crate::resource::adapter::Entry;
use crate::resources::identity::store::whole_seconds;

/// Records an approval that is good for another year.
pub(super) async fn certify(bench: &Bench, identity: &ServiceAccountModel) {
    decide(bench, identity, Outcome::Approve, |_, _| {}).await;
}

/// Records what a review came to, as an `nhi_certification` does.
async fn decide(
    bench: &Bench,
    identity: &ServiceAccountModel,
    outcome: Outcome,
    change: impl FnOnce(&mut crate::inventory::record::Facts, &mut Terms),
) {
    let context = bench.context();
    let inventory = context.configured().unwrap().inventory().unwrap();
    let id = identity.common.id.as_str().unwrap();
    let record = inventory.identity(id).await.unwrap().unwrap();
    let now = whole_seconds(context.now());
    let (mut facts, mut terms) = (record.facts.clone(), record.terms.clone());
    let certified_until = now + jiff::SignedDuration::from_hours(365 * 24);
    terms.certified_until = Some(certified_until);
    change(&mut facts, &mut terms);
    let decision = Decision {
        identity_id: id.to_owned(),
        outcome,
        reviewer: "grace@example.com".to_owned(),
        evidence: "Used every night by the export job".to_owned(),
        next_review: None,
        template: None,
        owner_id: None,
    };
    let certification = Certification {
        id: fresh_id("cert").unwrap(),
        decision,
        decided_at: now,
        certified_until,
        effect: "as decided".to_owned(),
        removed_at: None,
        version: 1,
    };
    let becomes = (facts, terms);
    let certifying = Certifying { certification, identity_version: record.version, becomes };
    inventory.certify(certifying).await.unwrap();
}

/// Refreshes as Terraform does: the state, and what is kept beside it.
async fn refresh(bench: &Bench, state: &ServiceAccountModel) -> (ServiceAccountModel, Context) {
    let context = bench.context();
    let reply = Entry::of::<ServiceAccount>().read(&state.to_value(), &context).await;
    assert_eq!(reply.problems, []);
    let state = ServiceAccountModel::from_value(&reply.state).unwrap();
    (state, Context { private: reply.private, ..context })
}

/// Plans and applies in surroundings that a refresh left.
async fn apply(
    context: &Context,
    prior: &ServiceAccountModel,
    config: &ServiceAccountModel,
) -> ServiceAccountModel {
    let facts = facts::read(config, context).await.unwrap();
    let mut proposed = config.clone();
    proposed.common.id = prior.common.id.clone();
    let change = Change { prior: Some(prior), config, proposed };
    let planned = plan::plan(change, &facts, context).unwrap().state;
    Box::pin(store::update(prior.clone(), planned, context)).await.unwrap().state
}

async fn last_event(bench: &Bench, state: &ServiceAccountModel) -> (String, String) {
    let context = bench.context();
    let inventory = context.configured().unwrap().inventory().unwrap();
    let subject = format!("identity:{}", state.common.id.as_str().unwrap());
    let event = inventory.events(Some(&subject)).await.unwrap().pop().unwrap();
    let record: serde_json::Value = serde_json::from_str(&event.record).unwrap();
    assert_eq!(inventory.verify().await.unwrap().breaks, [""; 0]);
    (event.action, record["because"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn what_a_refresh_finds_due_rotates_and_nothing_else_does() {
    let bench = bench().await;
    let made = bench.create::<ServiceAccount>(export()).await;
    let early = bench.at("2026-12-21T11:59:59Z");
    let (seen, context) = refresh(&early, &made).await;
    assert_eq!((&seen, context.private()), (&made, &[][..]));
    // The time of the plan decides nothing: only what was read does.
    let late = bench.at("2026-12-21T12:00:00Z");
    assert_eq!(plan(&late, Some(&made), &export()).await, "no change");

    let (seen, context) = refresh(&late, &made).await;
    assert_eq!(seen, made);
    let told = testing::plan::<ServiceAccount>(&context, Some(&seen), &export()).await;
    let (state, warning) = told.split_once('\n').unwrap();
    insta::assert_snapshot!(warning, @r"
    warning at rotation: Rotation due
      The credential of `invoice-export` was due for rotation at 2026-12-21T12:00:00Z. This plan makes a new one; the one before it works for the `overlap`.
    ");
    let state: serde_json::Value = serde_json::from_str(state).unwrap();
    assert_eq!(
        (&state["credential_version"], &state["id"]),
        (&2.into(), &made.common.id.as_str().into())
    );
    assert_eq!(
        (&state["rotation_due"], &state["status"]),
        (&"(known after apply)".into(), &"(known after apply)".into())
    );
    assert_eq!(state["tags"]["nhi:owner"], "payments");
    // Two plans over one state agree, whenever they are made.
    let later = Context { now: "2026-12-25T00:00:00Z".parse().unwrap(), ..context.clone() };
    assert_eq!(testing::plan::<ServiceAccount>(&later, Some(&seen), &export()).await, told);

    let rotated = apply(&context, &seen, &export()).await;
    assert_eq!(rotated.common.credential_version, Attribute::Known(2));
    assert_eq!(rotated.common.rotation_due.as_str(), Some("2027-01-20T12:00:00Z"));
    assert_eq!(rotated.common.status.as_str(), Some("rotating"));
    let (action, because) = last_event(&late, &rotated).await;
    assert_eq!(
        (action.as_str(), because.as_str()),
        ("identity.rotate", "it was due at 2026-12-21T12:00:00Z")
    );
    let (seen, context) = refresh(&bench.at("2026-12-22T12:00:00Z"), &rotated).await;
    assert_eq!((seen.common.status.as_str(), context.private()), (Some("active"), &[][..]));
}

#[tokio::test]
async fn what_is_off_does_not_rotate_by_itself() {
    let bench = bench().await;
    let off = changed(&export(), |common| common.state = "disabled".into());
    let made = bench.create::<ServiceAccount>(off.clone()).await;
    let late = bench.at("2027-01-21T12:00:00Z");
    let (_, context) = refresh(&late, &made).await;
    assert_eq!(testing::plan::<ServiceAccount>(&context, Some(&made), &off).await, "no change");
}

#[tokio::test]
async fn the_day_of_the_leak() {
    let bench = bench().await;
    let made = bench.create::<ServiceAccount>(export()).await;
    let epoch = |reason: Attribute<String>| {
        changed(&export(), |common| {
            common.rotation =
                Rotation { epoch: 1.into(), reason, overlap: "0s".into(), ..Rotation::default() }
                    .into();
        })
    };
    insta::assert_snapshot!(plan(&bench, Some(&made), &epoch(Attribute::Null)).await, @r#"
    error at rotation.reason: Rotation without a reason
      Another `epoch` makes a new credential, and the audit trail keeps why. State it as `reason`: an incident number, for example. Where a secret leaked, `overlap = "0s"` stops the old one at once.
    "#);
    let leaked = epoch("INC-7: key in a log".into());
    let rotated = bench.apply::<ServiceAccount>(Some(&made), &leaked).await.unwrap();
    assert_eq!(rotated.common.credential_version, Attribute::Known(2));
    // Nothing of the old one is left.
    assert_eq!(rotated.common.status.as_str(), Some("active"));
    let (action, because) = last_event(&bench, &rotated).await;
    assert_eq!(
        (action.as_str(), because.as_str()),
        ("identity.rotate", "`rotation.epoch` changed: INC-7: key in a log")
    );
    // Leaving the epoch out afterwards asks for nothing.
    let done = bench.apply::<ServiceAccount>(Some(&rotated), &export()).await.unwrap();
    assert_eq!(done.common.credential_version, Attribute::Known(2));
}

type Mend = fn(&mut Common);

#[tokio::test]
async fn each_change_of_what_it_is_for_rotates() {
    let bench = Bench::new();
    bench.write(&format!(
        "{READER}\n{}",
        READER.replace("s3-object-reader\"", "s3-object-viewer\"")
    ));
    let bench = bench.next_run();
    bench.create::<Owner>(payments()).await;
    bench.create::<Owner>(OwnerModel { name: "ledger".into(), ..payments() }).await;
    let mut state = bench.create::<ServiceAccount>(export()).await;
    let mut config = export();
    let changes: [(&str, Mend); 4] = [
        ("the owner changed", |common| common.owner = "ledger".into()),
        ("the template changed", |common| common.template = "s3-object-viewer@1".into()),
        ("the purpose changed", |common| common.purpose = "Hourly export of invoices".into()),
        ("the environment changed", |common| common.environment = "staging".into()),
    ];
    for (version, (cause, change)) in (2..).zip(changes) {
        config = changed(&config, change);
        state = bench.apply::<ServiceAccount>(Some(&state), &config).await.unwrap();
        assert_eq!(state.common.credential_version, Attribute::Known(version), "{cause}");
        assert_eq!(
            last_event(&bench, &state).await,
            ("identity.rotate".to_owned(), cause.to_owned())
        );
        assert_eq!(state.common.status.as_str(), Some("rotating"));
    }
    // Nothing else does.
    let other = changed(&config, |common| {
        common.expiry = "60d".into();
        common.service = "ledger".into();
        common.consumers = BTreeSet::from(["job:x".to_owned()]).into();
        common.break_glass_reason = "INC-9".into();
    });
    let other = bench.apply::<ServiceAccount>(Some(&state), &other).await.unwrap();
    assert_eq!(other.common.credential_version, state.common.credential_version);
}

#[tokio::test]
async fn each_review_moves_the_end_date_once() {
    let bench = bench().await;
    let made = bench.create::<ServiceAccount>(export()).await;
    let until = |expiry: &str| changed(&export(), |common| common.expiry = expiry.into());
    insta::assert_snapshot!(plan(&bench, Some(&made), &until("120d")).await, @r"
    error at expiry: Extended without a review
      The end date moves from 2027-02-19T12:00:00Z to 2027-03-21T12:00:00Z without a review. Certify the identity first; a later end date is the result of a review: record one as an `nhi_certification`, apply, and then move the end date.
    ");
    certify(&bench, &made).await;
    let seen = bench.read::<ServiceAccount>(&made).await.unwrap();
    let longer = bench.apply::<ServiceAccount>(Some(&seen), &until("120d")).await.unwrap();
    // A shorter life needs nobody's leave, and the review is used up.
    let shorter = bench.apply::<ServiceAccount>(Some(&longer), &until("100d")).await.unwrap();
    let again = plan(&bench, Some(&shorter), &until("120d")).await;
    assert!(again.starts_with("error at expiry: Extended without a review"), "{again}");
}

#[tokio::test]
async fn what_a_review_decided_is_not_taken_back_by_habit() {
    let bench = bench().await;
    bench.create::<Owner>(OwnerModel { name: "ledger".into(), ..payments() }).await;
    let made = bench.create::<ServiceAccount>(export()).await;
    let context = bench.context();
    let inventory = context.configured().unwrap().inventory().unwrap();
    let ledger = inventory.owner("ledger").await.unwrap().unwrap().id;
    decide(&bench, &made, Outcome::Reassign, |facts, terms| {
        let before = std::mem::replace(&mut facts.owner_id, ledger);
        let (certification, outcome) = ("cert-1".to_owned(), "reassign".to_owned());
        terms.review = Some(Review { certification, outcome, before, earlier: None });
    })
    .await;
    let seen = bench.read::<ServiceAccount>(&made).await.unwrap();
    assert_eq!(seen.common.review_outcome.as_str(), Some("reassign"));
    insta::assert_snapshot!(plan(&bench, Some(&seen), &export()).await, @r#"
    error at owner: Taken back without a review
      A review gave the identity to `ledger`, and this configuration gives it back to `payments`. Write `owner = "ledger"`; or certify the identity again, with another outcome.
    "#);
    let follows = changed(&export(), |common| common.owner = "ledger".into());
    let settled = bench.apply::<ServiceAccount>(Some(&seen), &follows).await.unwrap();
    assert_eq!(settled.common.review_outcome, Attribute::Null);
    assert_eq!(plan(&bench, Some(&settled), &follows).await, "no change");
    // From then on the owner is the configuration's to change.
    bench.apply::<ServiceAccount>(Some(&settled), &export()).await.unwrap();
}

#[tokio::test]
async fn what_an_operator_switched_off_stays_off() {
    let bench = bench().await;
    let made = bench.create::<ServiceAccount>(export()).await;
    let context = bench.context();
    let inventory = context.configured().unwrap().inventory().unwrap();
    let id = made.common.id.as_str().unwrap();
    inventory.suspend(context.now(), id, "INC-8").await.unwrap();
    let seen = bench.read::<ServiceAccount>(&made).await.unwrap();
    assert_eq!(seen.common.status.as_str(), Some("disabled"));
    insta::assert_snapshot!(plan(&bench, Some(&seen), &export()).await, @r#"
    error at state: Taken back without a review
      An operator switched the identity off, and this configuration switches it on. Write `state = "disabled"` and apply; whoever may switch it on again does so in a later change.
    "#);
    let off = changed(&export(), |common| common.state = "disabled".into());
    let settled = bench.apply::<ServiceAccount>(Some(&seen), &off).await.unwrap();
    let on = bench.apply::<ServiceAccount>(Some(&settled), &export()).await.unwrap();
    assert_eq!(on.common.status.as_str(), Some("active"));

    inventory.suspend(context.now(), id, "INC-9").await.unwrap();
    inventory.resume(context.now(), id, "INC-9 is closed").await.unwrap();
    let seen = bench.read::<ServiceAccount>(&on).await.unwrap();
    assert_eq!(plan(&bench, Some(&seen), &export()).await, "no change");
}

#[tokio::test]
async fn a_disabled_identity_is_observed() {
    let observed =
        READER.replace("static_credential", "observation = \"14d\"\n    static_credential");
    let bench = Bench::with(&observed);
    bench.create::<Owner>(payments()).await;
    let used = changed(&export(), |common| {
        common.consumers = BTreeSet::from(["job:export".to_owned()]).into();
    });
    let made = bench.create::<ServiceAccount>(used.clone()).await;
    let off = changed(&used, |common| common.state = "disabled".into());
    let off = bench.apply::<ServiceAccount>(Some(&made), &off).await.unwrap();
    let destroy = async |bench: &Bench, state: &ServiceAccountModel| {
        let facts = facts::read(state, &bench.context()).await.unwrap();
        shown(&lifecycle::plan_destroy(&facts, bench.context().now()))
    };
    insta::assert_snapshot!(destroy(&bench, &off).await, @r"
    error: Identity under observation
      The identity `invoice-export` is under observation until 2026-12-05T12:00:00Z. Destroy it after that time; or set `break_glass_reason` and apply first. It is used by `job:export`.
    ");
    let refused = store::delete(off.clone(), &bench.context()).await.unwrap_err();
    assert!(shown(&refused.problems).contains("under observation"), "{refused:?}");
    let later = bench.at("2026-12-05T12:00:00Z");
    assert_eq!(destroy(&later, &off).await, "");
    // In an emergency nobody waits, and the trail says why.
    let glass = changed(&off, |common| common.break_glass_reason = "INC-7".into());
    let glass = bench.apply::<ServiceAccount>(Some(&off), &glass).await.unwrap();
    assert_eq!(destroy(&bench, &glass).await, "");
    store::delete(glass.clone(), &bench.context()).await.unwrap();
    assert_eq!(
        last_event(&bench, &glass).await,
        ("identity.decommission".to_owned(), "INC-7".to_owned())
    );
}

#[tokio::test]
async fn an_expired_identity_needs_no_disabling() {
    let bench = bench().await;
    let made = bench.create::<ServiceAccount>(export()).await;
    let late = bench.at("2027-02-19T12:00:00Z");
    store::delete(made.clone(), &late.context()).await.unwrap();
    assert_eq!(late.read::<ServiceAccount>(&made).await, None);
}

#[tokio::test]
async fn a_child_stops_with_its_parent_and_comes_back_with_it() {
    let bench = bench().await;
    let parent = bench.create::<ServiceAccount>(export()).await;
    let child = changed(&export(), |common| {
        common.name = "child".into();
        common.parent = parent.common.id.clone();
    });
    let made = bench.create::<ServiceAccount>(child.clone()).await;
    let off = changed(&export(), |common| common.state = "disabled".into());
    let off = bench.apply::<ServiceAccount>(Some(&parent), &off).await.unwrap();
    let seen = bench.read::<ServiceAccount>(&made).await.unwrap();
    assert_eq!(seen.common.status.as_str(), Some("quarantined"));
    insta::assert_snapshot!(plan(&bench, Some(&seen), &child).await, @r"
    no change
    warning at parent: Unsuitable parent
      The parent `invoice-export` is disabled, and what was derived from it stops with it. Name the `id` of an identity that works, or leave `parent` out.
    ");
    bench.apply::<ServiceAccount>(Some(&off), &export()).await.unwrap();
    let back = bench.read::<ServiceAccount>(&seen).await.unwrap();
    assert_eq!(back, made);
    // Round and round leads nowhere.
    let circle = changed(&export(), |common| common.parent = made.common.id.clone());
    let told =
        plan(&bench, Some(&bench.read::<ServiceAccount>(&parent).await.unwrap()), &circle).await;
    assert!(told.contains("`child` was derived from this identity"), "{told}");
}

/// What a state has and no record, not even a tombstone, is in another inventory and may be in use.
#[tokio::test]
async fn an_identity_of_another_inventory_is_not_dropped() {
    let (here, elsewhere) = (bench().await, bench().await);
    let made = here.create::<ServiceAccount>(export()).await;
    let context = elsewhere.context();
    let reply = Entry::of::<ServiceAccount>().read(&made.to_value(), &context).await;
    let told = shown(&reply.problems);
    assert!(told.starts_with("error: Identity of another inventory"), "{told}");
    let inventory = context.configured().unwrap().inventory().unwrap();
    let id = made.common.id.as_str().unwrap();
    let gone = inventory.decommission(context.now(), id, jiff::SignedDuration::ZERO).await;
    assert!(gone.is_err());
}

/// Taking a refusal out of the configuration brings the leave before it not back.
#[tokio::test]
async fn an_end_date_does_not_rest_on_a_leave_that_was_overruled() {
    let bench = bench().await;
    let made = bench.create::<ServiceAccount>(export()).await;
    certify(&bench, &made).await;
    decide(&bench, &made, Outcome::Disable, |_, _| {}).await;
    let context = bench.context();
    let inventory = context.configured().unwrap().inventory().unwrap();
    let id = made.common.id.as_str().unwrap();
    let decisions = inventory.certifications_of(id).await.unwrap();
    assert_eq!(decisions[0].decision.outcome, Outcome::Disable);
    inventory.remove_certification(context.now(), &decisions[0].id).await.unwrap();
    let seen = bench.read::<ServiceAccount>(&made).await.unwrap();
    let longer = changed(&export(), |common| common.expiry = "120d".into());
    let told = plan(&bench, Some(&seen), &longer).await;
    assert!(told.contains("error at expiry: Extended without a review"), "{told}");
}

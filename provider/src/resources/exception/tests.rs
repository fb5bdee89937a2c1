//! Plans and lives of exceptions.

use super::*;
use crate::resources::testing::{self, Bench, identity, shown};

fn legacy() -> ExceptionModel {
    ExceptionModel {
        subject: "aws_iam_user.legacy".into(),
        rule: "CRE001".into(),
        reason: "The vendor cannot assume a role before its release in February".into(),
        compensating_control: "The key is bound to two addresses and read daily".into(),
        approver: "margaret@example.com".into(),
        expiry: "60d".into(),
        ..ExceptionModel::default()
    }
}

async fn plan(bench: &Bench, prior: Option<&ExceptionModel>, config: &ExceptionModel) -> String {
    testing::plan::<Exception>(&bench.context(), prior, config).await
}

#[tokio::test]
async fn an_exception_lives_expires_and_is_seen_to() {
    let bench = Bench::new();
    insta::assert_snapshot!(plan(&bench, None, &legacy()).await, @r#"{"approver":"margaret@example.com","compensating_control":"The key is bound to two addresses and read daily","expires_at":"(known after apply)","expiry":"60d","id":"(known after apply)","reason":"The vendor cannot assume a role before its release in February","renewals":"(known after apply)","rule":"CRE001","status":"(known after apply)","subject":"aws_iam_user.legacy"}"#);
    let made = bench.create::<Exception>(legacy()).await;
    assert_eq!(made.expires_at, "2027-01-20T12:00:00Z".into());
    assert_eq!((made.status.as_str(), made.renewals.known()), (Some("active"), Some(&0)));
    assert_eq!(plan(&bench, Some(&made), &legacy()).await, "no change");
    assert_eq!(bench.read::<Exception>(&made).await, Some(made.clone()));

    let later = bench.at("2027-01-20T12:00:00Z");
    let read = later.read::<Exception>(&made).await.unwrap();
    assert_eq!(read.status, "expired".into());
    insta::assert_snapshot!(plan(&later, Some(&read), &legacy()).await, @r"
    no change
    warning at expiry: Exception expired
      It ended 2027-01-20T12:00:00Z: `CRE001` counts for `aws_iam_user.legacy` again. Remove it, or, if it is still needed, make a new one with a new approval: `terraform apply -replace=<address>`.
    ");
    // What an expired one says may still be put right.
    let better = ExceptionModel { reason: "The vendor's release was late".into(), ..legacy() };
    let changed = later.apply::<Exception>(Some(&read), &better).await.unwrap();
    assert_eq!((changed.status.as_str(), &changed.id), (Some("expired"), &made.id));
    assert!(bench.inventory().verify().await.unwrap().is_intact());
}

#[tokio::test]
async fn it_is_extended_within_the_cap_and_not_beyond() {
    let bench = Bench::new();
    let made = bench.create::<Exception>(legacy()).await;
    let later = bench.at("2027-01-10T12:00:00Z");
    let longer = |expiry: &str| ExceptionModel { expiry: expiry.into(), ..legacy() };
    // The 90th day is the last one, counted from the creation.
    let extended = later.apply::<Exception>(Some(&made), &longer("2027-02-19")).await.unwrap();
    assert_eq!(extended.expires_at, "2027-02-20T00:00:00Z".into());
    insta::assert_snapshot!(plan(&later, Some(&made), &longer("2027-02-20")).await, @r"
    error at expiry: Expiry too far
      It would end 2027-02-21T00:00:00Z, and the last moment is 2027-02-19T12:00:00Z, 90d after its creation. What is needed for longer is a new exception, with a new approval: `terraform apply -replace=<address>`.
    ");
    insta::assert_snapshot!(plan(&later, None, &ExceptionModel { rule: "TPL001".into(), ..longer("91d") }).await, @r"
    error at expiry: Expiry too far
      It would end 2027-04-11T12:00:00Z, and the last moment is 2027-04-10T12:00:00Z, 90d after its creation. Choose `90d` or less.
    ");
    insta::assert_snapshot!(plan(&later, Some(&made), &longer("2027-01-09")).await, @r"
    error at expiry: Expiry in the past
      The end 2027-01-10T00:00:00Z is in the past. Choose a later end, or keep the rule.
    ");
}

#[tokio::test]
async fn a_new_one_after_an_old_one_is_counted() {
    let bench = Bench::new();
    let made = bench.create::<Exception>(legacy()).await;
    let twice = plan(&bench, None, &legacy()).await;
    assert!(twice.contains("The exception `CRE001:aws_iam_user.legacy` exists already"), "{twice}");
    Exception::delete(made.clone(), &bench.context()).await.unwrap();
    assert_eq!(bench.read::<Exception>(&made).await, None);
    let again = bench.create::<Exception>(legacy()).await;
    assert_eq!(again.renewals, 1.into());
    assert_ne!(again.id, made.id);
    assert_eq!(bench.inventory().exceptions_for("aws_iam_user.legacy").await.unwrap().len(), 1);
    let key = ExceptionModel { id: "CRE001:aws_iam_user.legacy".into(), ..<_>::default() };
    assert_eq!(bench.read::<Exception>(&key).await, Some(again));
    assert!(bench.inventory().verify().await.unwrap().is_intact());
}

#[tokio::test]
async fn who_asks_does_not_approve() {
    let bench = Bench::with(testing::READER);
    let subject = identity(&bench, "export").await;
    let by = |approver: &str| ExceptionModel {
        subject: subject.as_str().into(),
        approver: approver.into(),
        ..legacy()
    };
    insta::assert_snapshot!(plan(&bench, None, &by("ada@example.com")).await, @r"
    error at approver: Unfit approver
      `ada@example.com` is accountable for the subject. An exception needs a second pair of eyes: name somebody who did not ask for it.
    ");
    insta::assert_snapshot!(plan(&bench, None, &by("Grace@example.com")).await, @r"
    error at approver: Unfit approver
      `Grace@example.com` is the subject's steward. An exception needs a second pair of eyes: name somebody who did not ask for it.
    ");
    insta::assert_snapshot!(plan(&bench.run_by("margaret"), None, &by("margaret@example.com")).await, @r"
    error at approver: Unfit approver
      `margaret@example.com` is who applies this. An exception needs a second pair of eyes: name somebody who did not ask for it.
    ");
    insta::assert_snapshot!(plan(&bench, None, &by("security@example.com")).await, @r"
    error at approver: Unfit approver
      `security@example.com` is a shared mailbox. Give the e-mail address of the person who approves it.
    ");
    let made = bench.run_by("octocat").create::<Exception>(by("margaret@example.com")).await;
    // At apply as well: the plan may have been made by somebody else.
    let other = ExceptionModel { reason: "The vendor's release was late".into(), ..made.clone() };
    let late = Exception::update(made, other, &bench.run_by("margaret").context()).await;
    assert!(shown(&late.unwrap_err().problems).contains("is who applies this"));
}

#[tokio::test]
async fn what_is_no_exception() {
    let bench = Bench::new();
    let wrong = ExceptionModel {
        subject: "aws_iam_user.*".into(),
        rule: "*".into(),
        reason: "todo".into(),
        compensating_control: "none".into(),
        expiry: "never".into(),
        ..legacy()
    };
    insta::assert_snapshot!(plan(&bench, None, &wrong).await, @r"
    error at subject: Unsuitable value
      `aws_iam_user.*` is not the subject of an exception. It is a pattern: except each subject by itself.
    error at rule: Unsuitable value
      `*` is not a rule. Name one rule by its code, such as `TPL001`, or a control as `framework:control`, such as `pci-dss-4.0.1:8.6.3`.
    error at reason: Nothing is said
      `todo` is a placeholder. Say it in a sentence that an auditor can hold the team to.
    error at compensating_control: Nothing is said
      `none` is a placeholder. Say it in a sentence that an auditor can hold the team to.
    error at expiry: Malformed expiry
      `never` is not an end date: every identity ends. State the day on which somebody must decide again, such as `2027-06-30` or `90d`.
    ");
    let gone = ExceptionModel { subject: "nhi-none".into(), ..legacy() };
    insta::assert_snapshot!(plan(&bench, None, &gone).await, @r"
    error at subject: Unsuitable subject
      There is no identity `nhi-none` in the inventory. Name the `id` of a living identity, or the address of a resource.
    ");
}

#[tokio::test]
async fn a_leftover_is_taken_over_with_a_warning() {
    let bench = Bench::new();
    bench.create::<Exception>(legacy()).await;
    let done = Exception::create(legacy(), &bench.next_run().context()).await.unwrap();
    let told = shown(&done.warnings);
    assert!(told.starts_with("warning: Taken over"), "{told}");
    assert_eq!(done.state.renewals, 0.into());
}

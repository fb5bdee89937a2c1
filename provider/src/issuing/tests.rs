//! The decision, held against a table that was written on its own; and that it leaves its mark in the audit trail.

use policy::governance::Kind;
use policy::template::Library;
use proptest::prelude::*;

use super::*;
use crate::inventory::record::Terms;
use crate::resources::testing::{Bench, shown};

const NOW: &str = "2026-11-21T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn in_seconds(seconds: i64) -> Timestamp {
    now().checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

fn seconds(text: i64) -> Lifetime {
    Lifetime::parse(&format!("{text}s")).unwrap()
}

fn identity(kind: Kind) -> Identity {
    let template = Pinned { name: "reader".to_owned(), ..testing::terms(now()).template };
    Identity {
        id: "nhi-1".to_owned(),
        facts: testing::facts(kind, "own-1"),
        terms: Terms { expires_at: in_seconds(86_400), template, ..testing::terms(now()) },
        standing: Standing::Active,
        created_at: now(),
        disabled_at: None,
        decommissioned_at: None,
        version: 1,
        owner: "payments".to_owned(),
        owner_active: true,
        parent_until: None,
    }
}

fn template(max_session: Option<i64>) -> Template {
    let require = max_session
        .map(|session| format!("require {{ max_session = \"{session}s\" }}"))
        .unwrap_or_default();
    let text = format!("template \"reader\" {{\n version = \"1.0.0\"\n {require}\n}}\n");
    let (library, errors) = Library::parse(&[("t", text)]);
    assert!(errors.is_empty(), "{errors:?}");
    library.templates().next().unwrap().clone()
}

fn ask(lifetime: Option<i64>) -> Ask {
    Ask { sort: Sort::Token, lifetime: lifetime.map(seconds), usual: seconds(300) }
}

fn agent(session: Option<i64>) -> Details {
    Details::Agent {
        sponsor: String::new(),
        tools: Vec::new(),
        max_session: session.map(|session| format!("{session}s")),
        on_behalf_of: Vec::new(),
    }
}

#[test]
fn every_reason_is_given_with_its_way_out() {
    let mut identity = identity(Kind::WorkloadIdentity);
    identity.standing = Standing::Disabled;
    identity.owner_active = false;
    identity.terms.certified_until = Some("2026-11-01T00:00:00Z".parse().unwrap());
    let template = template(Some(600));
    let baseline = Baseline::default();
    let grounds = Grounds {
        identity: &identity,
        template: Some(&template),
        fate: Fate::Revoked,
        baseline: &baseline,
    };
    let reasons = decide(ask(Some(3600)), grounds, now()).unwrap_err();
    let problems: Vec<Problem> = reasons.iter().map(problem).collect();
    insta::assert_snapshot!(shown(&problems), @"
    error at identity: Credential refused
      The identity `billing` is disabled. Set `state = \"active\"` on it and apply, if whoever disabled it agrees.
    error at identity: Credential refused
      The owner `payments` of the identity `billing` is not active. Give the identity an active owner, or set `active = true` on its `nhi_owner`, and apply.
    error at identity: Credential refused
      The template `reader@1.0.0` is revoked. Bind the identity to another template or version, and apply.
    error at identity: Credential refused
      The review of the identity `billing` was due at 2026-11-01T00:00:00Z. Review it and record that as an `nhi_certification`; credentials stop 14 days after a review was due.
    error at lifetime: Credential refused
      A lifetime of `1h` is too long: template `reader@1.0.0` allows `10m`. Choose `10m` or less.
    ");
}

#[test]
fn what_was_derived_stops_with_what_it_was_derived_from() {
    let mut identity = identity(Kind::WorkloadIdentity);
    let (template, baseline) = (template(None), Baseline::default());
    let mut codes = |until: Option<Timestamp>| {
        identity.parent_until = until;
        let (identity, template) = (&identity, Some(&template));
        let grounds = Grounds { identity, template, fate: Fate::Usable, baseline: &baseline };
        let reasons = decide(ask(None), grounds, now()).err().unwrap_or_default();
        reasons.iter().map(Refusal::code).collect::<Vec<_>>()
    };
    assert_eq!(codes(Some(in_seconds(1))), [""; 0]);
    assert_eq!(codes(Some(now())), ["parent_stopped"]);
}

/// What the refusals must be, written as a table: each line one reason, in no particular order.
#[expect(clippy::too_many_arguments, reason = "a table has a column for each fact")]
fn expected(
    standing: Standing,
    owner_active: bool,
    left: i64,
    fate: Fate,
    readable: bool,
    overdue: Option<i64>,
    asked: Option<i64>,
    caps: [Option<i64>; 3],
) -> Vec<&'static str> {
    if standing == Standing::Decommissioned {
        return vec!["decommissioned"];
    }
    let cap = caps.into_iter().flatten().min();
    let table = [
        (standing == Standing::Disabled, "disabled"),
        (left <= 0, "expired"),
        (!owner_active, "owner_inactive"),
        (fate == Fate::Revoked, "template_revoked"),
        (fate == Fate::Withdrawn, "template_withdrawn"),
        (fate == Fate::Usable && !readable, "template_unreadable"),
        (overdue.is_some_and(|seconds| seconds > 14 * 86_400), "review_overdue"),
        (
            left > 0
                && asked.is_some_and(|asked| asked > left || cap.is_some_and(|cap| asked > cap)),
            "lifetime_too_long",
        ),
    ];
    let mut reasons: Vec<_> = table.into_iter().filter(|row| row.0).map(|row| row.1).collect();
    reasons.sort_unstable();
    reasons
}

proptest! {
    #[test]
    fn the_decision_is_the_table(
        standing in prop_oneof![
            4 => Just(Standing::Active), 1 => Just(Standing::Disabled), 1 => Just(Standing::Decommissioned)
        ],
        owner_active in prop::bool::weighted(0.8),
        left in prop_oneof![-10_i64..10, 1_i64..200_000],
        fate in prop_oneof![4 => Just(Fate::Usable), 1 => Just(Fate::Revoked), 1 => Just(Fate::Withdrawn)],
        readable in prop::bool::weighted(0.9),
        overdue in prop::option::of(-100_000_i64..2_000_000),
        asked in prop::option::of(prop_oneof![1_i64..10_000, 1_i64..10_000_000]),
        session in prop::option::of(1_i64..10_000),
        own in prop::option::of(1_i64..10_000),
        kind in prop::sample::select(Kind::ALL.to_vec()),
    ) {
        let mut identity = identity(kind);
        identity.standing = standing;
        identity.owner_active = owner_active;
        identity.terms.expires_at = in_seconds(left);
        identity.terms.certified_until = overdue.map(|seconds| in_seconds(-seconds));
        identity.facts.details = Some(agent(own));
        let template = template(session);
        let baseline = Baseline::default();
        let grounds = Grounds {
            identity: &identity, template: readable.then_some(&template), fate, baseline: &baseline,
        };
        let kind_cap = match kind {
            Kind::WorkloadIdentity | Kind::DeploymentToken | Kind::Agent => 3600,
            Kind::ServiceAccount | Kind::ApiKey | Kind::Certificate => 90 * 86_400,
        };
        let caps = [session.filter(|_| readable), own, Some(kind_cap)];
        let expected =
            expected(standing, owner_active, left, fate, readable, overdue, asked, caps);
        match decide(ask(asked), grounds, now()) {
            Ok(end) => {
                prop_assert_eq!(expected, Vec::<&str>::new());
                let length = end.duration_since(now()).as_secs();
                let most = caps.into_iter().flatten().chain([left]).min().unwrap();
                prop_assert_eq!(length, asked.unwrap_or(300.min(most)));
                prop_assert!(length > 0 && length <= most);
            }
            Err(reasons) => {
                let mut codes: Vec<_> = reasons.iter().map(Refusal::code).collect();
                codes.sort_unstable();
                prop_assert_eq!(codes, expected);
            }
        }
    }
}

#[tokio::test]
async fn an_unknown_identity_gets_nothing() {
    let problems = allow(&Bench::new().context(), "nhi-1", ask(None)).await.unwrap_err();
    insta::assert_snapshot!(shown(&problems), @r"
    error at identity: Unknown identity
      There is no identity `nhi-1` in the inventory. State the `id` of an identity that is applied already; is it the inventory that you mean?
    ");
}

#[test]
fn who_revokes_a_version_means_it_whatever_else_its_text_says() {
    let library = |status: &str| {
        let text =
            format!("template \"any\" {{\n  version = \"1.0.0\"\n  status = \"{status}\"\n}}\n");
        Library::parse(&[("t", &text)]).0
    };
    let bound = Pinned {
        name: "any".to_owned(),
        version: "1.0.0".to_owned(),
        digest: "sha256:another".to_owned(),
        source: String::new(),
    };
    assert_eq!(fate(&library("revoked"), &bound, false), Fate::Revoked);
    assert_eq!(fate(&library("active"), &bound, false), Fate::Usable);
    assert_eq!(fate(&library("active"), &bound, true), Fate::Withdrawn);
}

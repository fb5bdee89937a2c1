//! Reviews and what they come to.

use super::*;
use crate::inventory::record::Credential;
use crate::resources::agent::{Agent, AgentModel};
use crate::resources::api_key::{ApiKey, ApiKeyModel};
use crate::resources::owner::{Owner, OwnerModel};
use crate::resources::service_account::{ServiceAccount, ServiceAccountModel};
use crate::resources::testing::{self, Bench, READER, export, identity, payments, shown};

fn review(identity: &str, outcome: &str) -> CertificationModel {
    CertificationModel {
        identity: identity.into(),
        outcome: outcome.into(),
        reviewer: "margaret@example.com".into(),
        evidence: "Read the audit trail of the quarter with the team".into(),
        ..CertificationModel::default()
    }
}

/// The reader, and a later version of it that allows what is replaced in its text.
fn with_version(version: &str, from: &str, to: &str) -> String {
    assert!(READER.contains(from), "{from}");
    let other = READER.replace("\"1.2.0\"", &format!("\"{version}\"")).replace(from, to);
    format!("{READER}\n{other}")
}

/// The reader and a version of it that lists no buckets.
fn narrower() -> String {
    with_version("1.3.0", "[\"s3:GetObject\", \"s3:ListBucket\"]", "[\"s3:GetObject\"]")
}

async fn plan(
    bench: &Bench,
    prior: Option<&CertificationModel>,
    config: &CertificationModel,
) -> String {
    testing::plan::<Certification>(&bench.context(), prior, config).await
}

/// An agent's sponsor, who is not accountable for it, may stop it and no more; so it is in [`who_may_review`] for a steward.
#[tokio::test]
async fn a_sponsor_does_not_certify_their_agent() {
    let template = READER.replace("\"workload_identity\", ", "\"workload_identity\", \"agent\", ");
    let bench = Bench::with(&template);
    bench.create::<Owner>(payments()).await;
    let agent = AgentModel {
        common: export("triage").common,
        sponsor: "linus@example.com".into(),
        tools: std::collections::BTreeSet::from(["search".to_owned()]).into(),
        ..AgentModel::default()
    };
    let made = bench.create::<Agent>(agent).await;
    let id = made.common.id.as_str().unwrap();
    let by = |outcome: &str| CertificationModel {
        reviewer: "linus@example.com".into(),
        ..review(id, outcome)
    };
    let told = plan(&bench, None, &by("approve")).await;
    assert!(told.contains("is its sponsor, and runs it"), "{told}");
    assert!(plan(&bench, None, &by("disable")).await.starts_with('{'));
}

/// The identity as the next refresh shows it.
async fn account(bench: &Bench, id: &str) -> ServiceAccountModel {
    let mut state = ServiceAccountModel::default();
    state.common.id = id.into();
    bench.read::<ServiceAccount>(&state).await.unwrap()
}

async fn ledger(bench: &Bench) {
    let ledger = OwnerModel { name: "ledger".into(), ..payments() };
    bench.create::<Owner>(ledger).await;
}

#[tokio::test]
async fn an_approval_moves_the_date_and_is_history() {
    let bench = Bench::with(READER);
    let id = identity(&bench, "export").await;
    let later = bench.at("2027-01-15T08:00:00Z");
    insta::assert_snapshot!(plan(&later, None, &review("nhi-1", "approve")).await, @r"
    error at identity: Unsuitable identity
      There is no identity `nhi-1` in the inventory. Name the `id` of a living identity, such as `nhi_service_account.export.id`.
    ");
    let made = later.create::<Certification>(review(&id, "approve")).await;
    assert_eq!(
        made.certified_until,
        "2027-04-15T08:00:00Z".into(),
        "90 days, as the template says"
    );
    assert_eq!(
        made.effect.as_str(),
        Some("Nothing changed: it stays as it is until its next review.")
    );
    assert_eq!(account(&later, &id).await.common.certified_until, made.certified_until);
    assert_eq!(plan(&later, Some(&made), &review(&id, "approve")).await, "no change");
    assert_eq!(later.read::<Certification>(&made).await, Some(made.clone()));

    // Another word is another decision; the one before it stays.
    let again = bench.at("2027-04-01T08:00:00Z");
    let second = CertificationModel { next_review: "30d".into(), ..review(&id, "approve") };
    let second = again.apply::<Certification>(Some(&made), &second).await.unwrap();
    assert_eq!(second.id, made.id);
    assert_eq!(second.certified_until, "2027-05-01T08:00:00Z".into());
    let inventory = bench.inventory();
    let all = inventory.certifications_of(&id).await.unwrap();
    assert_eq!(all.iter().map(|it| it.version).collect::<Vec<_>>(), [2, 1]);
    let stale = Certification::update(made.clone(), review(&id, "rotate"), &again.context()).await;
    assert!(shown(&stale.unwrap_err().problems).contains("was changed by somebody else"));

    Certification::delete(second.clone(), &again.context()).await.unwrap();
    assert_eq!(again.read::<Certification>(&second).await, None);
    assert_eq!(account(&again, &id).await.common.certified_until, second.certified_until);
    assert_eq!(inventory.certifications_of(&id).await.unwrap().len(), 2);
    assert!(inventory.verify().await.unwrap().is_intact());
}

#[tokio::test]
async fn what_is_no_review() {
    let bench = Bench::new();
    let wrong = CertificationModel {
        reviewer: "release-bot@example.com".into(),
        evidence: "looks good".into(),
        next_review: "never".into(),
        template: "reader".into(),
        owner: "ledger".into(),
        ..review("nhi-1", "right_size")
    };
    insta::assert_snapshot!(plan(&bench, None, &wrong).await, @r"
    error at reviewer: Unfit reviewer
      `release-bot@example.com` is a bot. A review is one person's decision: give their e-mail address.
    error at evidence: No evidence
      `looks good` has fewer than three words. Give the address or the digest of what was looked at, or say in a sentence what was found.
    error at next_review: Malformed date of the next review
      `never` is not an end date: every identity ends. State the day on which somebody must decide again, such as `2027-06-30` or `90d`.
    error at template: Unsuitable template
      `reader` does not say which version. Write `reader@` and a version, such as `reader@1` for the newest 1.x or `reader@1.2.0` for exactly that one.
    error at owner: Argument of another outcome
      `owner` is for `reassign`; the outcome is `right_size`. Leave it out, or choose that outcome.
    ");
    for (evidence, fine) in [
        ("https://tickets.example.com/NHI-42", true),
        ("https://tickets.example.com", false),
        ("https://tickets.example.com/", false),
        (&format!("sha256:{}", "0f".repeat(32)), true),
        ("sha256:0f", false),
        ("ok ok ok", false),
        ("todo: look at it some time later", false),
        ("Still needed by the ledger", true),
    ] {
        let config = CertificationModel { evidence: evidence.into(), ..review("nhi-1", "approve") };
        assert_eq!(Certification::validate(&config).is_empty(), fine, "{evidence}");
    }
    let missing = Certification::validate(&review("nhi-1", "reassign"));
    insta::assert_snapshot!(shown(&missing), @r"
    error at owner: Missing argument
      `reassign` needs `owner`: the owner that it moves to.
    ");
}

#[tokio::test]
async fn a_rotation_makes_a_new_credential() {
    let bench = Bench::with(READER);
    let id = identity(&bench, "export").await;
    let later = bench.at("2026-12-01T08:00:00Z");
    let made = later.create::<Certification>(review(&id, "rotate")).await;
    assert_eq!(made.effect.as_str(), Some("Rotated its credential to version 2."));
    let now = account(&later, &id).await;
    assert_eq!(now.common.credential_version, 2.into());
    let record = bench.inventory().identity(&id).await.unwrap().unwrap();
    assert_eq!(record.terms.rotated_at.to_string(), "2026-12-01T08:00:00Z");
    // The configuration has nothing to follow.
    assert_eq!(record.terms.review, None);
    let plan =
        testing::plan::<ServiceAccount>(&later.context(), Some(&now), &export("export")).await;
    assert_eq!(plan, "no change");
}

#[tokio::test]
async fn a_rotation_of_an_api_key_makes_another_key() {
    let template = READER
        .replace("\"service_account\"]", "\"service_account\", \"api_key\"]")
        .replace("static_credential = false", "static_credential = true");
    let bench = Bench::with(&template);
    bench.create::<Owner>(payments()).await;
    let mut common = export("exporter").common;
    common.expiry = "60d".into();
    let key = ApiKeyModel { common, ..ApiKeyModel::default() };
    let key = bench.create::<ApiKey>(key).await;
    let id = key.common.id.as_str().unwrap().to_owned();
    bench.create::<Certification>(review(&id, "rotate")).await;
    let rotated = bench.read::<ApiKey>(&key).await.unwrap();
    assert_eq!(rotated.common.credential_version, 2.into());
    assert_ne!(rotated.secret_hash, key.secret_hash);
    assert_eq!(rotated.previous_key_id, key.key_id);
    let record = bench.inventory().identity(&id).await.unwrap().unwrap();
    assert!(matches!(record.terms.credential, Some(Credential::ApiKey { previous: Some(_), .. })));
}

#[tokio::test]
async fn right_sizing_moves_to_a_narrower_template() {
    let bench = Bench::with(READER);
    let id = identity(&bench, "export").await;
    bench.write(&narrower());
    let bench = bench.next_run();
    let to = CertificationModel {
        template: "s3-object-reader@1.3.0".into(),
        ..review(&id, "right_size")
    };
    let told = plan(&bench, None, &to).await;
    let told = told.split_once("warning").unwrap().1;
    insta::assert_snapshot!(told, @r#"
     at outcome: Review takes effect
      Applying this certification changes the service_account `export`. Set `template = "s3-object-reader@1.3.0"` in its configuration as well: a plan that would only take the review back is refused.
    "#);
    let made = bench.create::<Certification>(to.clone()).await;
    assert_eq!(
        made.effect.as_str(),
        Some(
            "Moved it from the template `s3-object-reader@1.2.0` to `s3-object-reader@1.3.0`, and rotated its credential to \
             version 2."
        )
    );
    let now = account(&bench, &id).await;
    assert_eq!(now.common.template, "s3-object-reader@1.3.0".into());
    assert_eq!(now.common.credential_version, 2.into());
    let aws = now.common.aws.known().unwrap().permissions.as_str().unwrap().to_owned();
    assert!(!aws.contains("s3:ListBucket"), "{aws}");
    let record = bench.inventory().identity(&id).await.unwrap().unwrap();
    let mark = record.terms.review.unwrap();
    assert_eq!(
        (mark.outcome.as_str(), mark.before.as_str()),
        ("right_size", "s3-object-reader@1.2.0")
    );
    assert_eq!(Some(mark.certification.as_str()), made.id.as_str());

    // A configuration that follows has nothing left to do.
    let mut follows = export("export");
    follows.common.template = "s3-object-reader@1.3.0".into();
    let followed = testing::plan::<ServiceAccount>(&bench.context(), Some(&now), &follows).await;
    assert!(followed == "no change" || followed.starts_with('{'), "{followed}");

    // The same again is no review, and another owner has to wait until the configuration has followed.
    insta::assert_snapshot!(plan(&bench, None, &to).await, @r"
    error at template: Nothing would change
      The service_account `export` is bound to the template `s3-object-reader@1.3.0` already. A review that changes nothing is `approve`.
    ");
    ledger(&bench).await;
    let owner = CertificationModel { owner: "ledger".into(), ..review(&id, "reassign") };
    let told = plan(&bench, None, &owner).await;
    assert!(told.starts_with("error at outcome: Earlier decision not followed"), "{told}");
    assert!(bench.inventory().verify().await.unwrap().is_intact());
}

#[tokio::test]
async fn right_sizing_to_what_the_configuration_means_by_now_leaves_no_mark() {
    let bench = Bench::with(READER);
    bench.create::<Owner>(payments()).await;
    let mut newest = export("export");
    newest.common.template = "s3-object-reader@1".into();
    let made = bench.create::<ServiceAccount>(newest).await;
    bench.write(&narrower());
    let id = made.common.id.as_str().unwrap();
    let to =
        CertificationModel { template: "s3-object-reader@1".into(), ..review(id, "right_size") };
    let done = bench.next_run().create::<Certification>(to).await;
    assert!(done.effect.as_str().unwrap().contains("to `s3-object-reader@1.3.0`"));
    let record = bench.inventory().identity(id).await.unwrap().unwrap();
    assert_eq!((record.terms.template.version.as_str(), record.terms.review), ("1.3.0", None));
}

#[tokio::test]
async fn right_sizing_to_more_is_refused() {
    let bench = Bench::with(READER);
    let id = identity(&bench, "export").await;
    let cases = [
        with_version("1.3.0", "\"s3:ListBucket\"", "\"s3:PutObject\""),
        with_version(
            "1.3.0",
            "Service = \"ec2.amazonaws.com\"",
            "Service = \"lambda.amazonaws.com\"",
        ),
        with_version("1.3.0", "\"storage.objects.get\"", "\"storage.objects.delete\""),
        with_version("1.3.0", "max_session       = \"1h\"", "max_session       = \"8h\""),
        with_version("1.3.0", "\"workload_identity\", \"service_account\"", "\"agent\""),
    ];
    let mut told = String::new();
    for template in cases {
        bench.write(&template);
        let config = CertificationModel {
            template: "s3-object-reader@1.3.0".into(),
            ..review(&id, "right_size")
        };
        told.push_str(&plan(&bench.next_run(), None, &config).await);
        told.push('\n');
    }
    insta::assert_snapshot!(told, @r"
    error at template: No right-sizing
      The template `s3-object-reader@1.3.0` allows more than `s3-object-reader@1.2.0` on aws: `s3:PutObject` on `arn:aws:s3:::payments-ledger/example-object`. Right-sizing takes away: name a template that allows no more.
    error at template: No right-sizing
      The template `s3-object-reader@1.3.0` allows more than `s3-object-reader@1.2.0` on aws: `sts:AssumeRole` by `lambda.amazonaws.com`. Right-sizing takes away: name a template that allows no more.
    error at template: No right-sizing
      The template `s3-object-reader@1.3.0` cannot be shown to allow no more than `s3-object-reader@1.2.0`: the permissions of the role `roles/storage.objectViewer` are not known. Name it in the identity's configuration, and record the review as `approve`.
    error at template: No right-sizing
      The template `s3-object-reader@1.3.0` allows more than `s3-object-reader@1.2.0`: its `max_session` is 8h instead of 1h. Right-sizing takes away: name a template that allows no more.
    error at template: Unsuitable template
      Template `s3-object-reader@1.3.0` is not for kind `service_account`. The template is for `agent`.
    ");
}

#[tokio::test]
async fn every_platform_is_compared() {
    let parameters = ["namespace", "app", "repo"].map(|name| match name {
        "namespace" => (name.to_owned(), "billing".into()),
        "app" => (name.to_owned(), "export".into()),
        _ => (name.to_owned(), "acme/export".into()),
    });
    let bench = Bench::with(READER);
    bench.create::<Owner>(payments()).await;
    let mut account = export("export");
    let bucket = [("bucket".to_owned(), "payments-ledger".into())];
    account.common.parameters = Attribute::Known(parameters.into_iter().chain(bucket).collect());
    let made = bench.create::<ServiceAccount>(account).await;
    let config = CertificationModel {
        template: "s3-object-reader@1.3.0".into(),
        ..review(made.common.id.as_str().unwrap(), "right_size")
    };
    for (from, to, fits) in [
        ("verbs          = [\"get\"]", "verbs          = [\"get\", \"list\"]", false),
        ("resources      = [\"configmaps\"]", "resources      = [\"secrets\"]", false),
        ("capabilities = [\"read\"]", "capabilities = [\"read\", \"delete\"]", false),
        ("contents = \"read\"", "contents = \"write\"", false),
        ("contents = \"read\", ", "", true),
        ("actions          = []", "actions          = [\"Microsoft.Storage/*/read\"]", true),
        ("secret/data/${param.app}/*", "secret/data/${param.app}/db/*", true),
        ("${param.prefix}*", "${param.prefix}2026/*", true),
        ("roles       = [\"roles/storage.objectViewer\"]", "roles       = []", true),
        ("permissions = [\"storage.objects.get\"]", "permissions = []", true),
    ] {
        bench.write(&with_version("1.3.0", from, to));
        let told = plan(&bench.next_run(), None, &config).await;
        assert_eq!(told.starts_with('{'), fits, "{to}: {told}");
    }
}

#[tokio::test]
async fn reassigning_moves_the_owner_and_rotates() {
    let bench = Bench::with(READER);
    let id = identity(&bench, "export").await;
    let to = |owner: &str| CertificationModel { owner: owner.into(), ..review(&id, "reassign") };
    let mut told = plan(&bench, None, &to("ledger")).await;
    told.push('\n');
    told.push_str(&plan(&bench, None, &to("payments")).await);
    insta::assert_snapshot!(told, @r"
    error at owner: Unknown owner
      There is no owner `ledger` in the inventory. Register it as an `nhi_owner`, and refer to it as `nhi_owner.<label>.name`.
    error at owner: Nothing would change
      The service_account `export` belongs to the owner `payments` already. A review that changes nothing is `approve`.
    ");
    ledger(&bench).await;
    let made = bench.create::<Certification>(to("ledger")).await;
    insta::assert_snapshot!(made.effect.as_str().unwrap(), @"Moved it from the owner `payments` to `ledger`, and rotated its credential to version 2.");
    assert_eq!(made.owner, "ledger".into());
    assert_eq!(bench.read::<Certification>(&made).await, Some(made.clone()));
    let now = account(&bench, &id).await;
    assert_eq!((now.common.owner, now.common.credential_version), ("ledger".into(), 2.into()));

    let retired = OwnerModel { name: "old".into(), active: false.into(), ..payments() };
    bench.create::<Owner>(retired).await;
    let told = plan(&bench.next_run(), None, &to("old")).await;
    assert!(told.starts_with("error at owner: Inactive owner"), "{told}");
}

#[tokio::test]
async fn what_a_review_stops_stays_stopped_until_a_review_lets_it_go_on() {
    let bench = Bench::with(READER);
    let id = identity(&bench, "export").await;
    let stop = bench.create::<Certification>(review(&id, "disable")).await;
    assert_eq!(stop.effect.as_str(), Some("Disabled it."));
    assert_eq!(account(&bench, &id).await.common.status, "disabled".into());
    insta::assert_snapshot!(plan(&bench, None, &review(&id, "disable")).await, @r"
    error at outcome: Nothing would change
      The service_account `export` is disabled already. A review that changes nothing is `approve`.
    ");
    // What stopped it is not buried under what moves it.
    ledger(&bench).await;
    let moved = CertificationModel { owner: "ledger".into(), ..review(&id, "reassign") };
    insta::assert_snapshot!(plan(&bench, None, &moved).await, @r"
    error at outcome: Earlier decision not followed
      The configuration of `export` does not say yet what was decided last (`disable`). Let it follow and apply that first.
    ");
    // What was disabled may be found to be of no use any more.
    let later = bench.at("2026-12-01T08:00:00Z");
    let gone =
        later.apply::<Certification>(Some(&stop), &review(&id, "decommission")).await.unwrap();
    insta::assert_snapshot!(gone.effect.as_str().unwrap(), @"It was disabled already. It is to be destroyed once it was watched for long enough.");
    let again = plan(&later, None, &review(&id, "decommission")).await;
    assert!(again.contains("is to go already"), "{again}");
    let record = bench.inventory().identity(&id).await.unwrap().unwrap();
    assert_eq!(record.terms.review.unwrap().outcome, "decommission");
    assert_eq!(record.disabled_at.unwrap().to_string(), "2026-11-21T12:00:00Z");

    later.apply::<Certification>(Some(&gone), &review(&id, "approve")).await.unwrap();
    let record = bench.inventory().identity(&id).await.unwrap().unwrap();
    assert_eq!(record.terms.review, None, "the configuration may switch it on again");
}

#[tokio::test]
async fn who_may_review() {
    let bench = Bench::with(READER);
    let id = identity(&bench, "invoice-export").await;
    let by = |reviewer: &str, outcome: &str| CertificationModel {
        reviewer: reviewer.into(),
        ..review(&id, outcome)
    };
    insta::assert_snapshot!(plan(&bench, None, &by("grace@example.com", "approve")).await, @r"
    error at reviewer: Unfit reviewer
      `grace@example.com` is its steward, and runs it. Who runs an identity may disable or decommission it; that it may go on is certified by who is accountable, or by somebody else.
    ");
    let own = plan(&bench, None, &by("invoice.export@example.com", "approve")).await;
    assert!(own.starts_with('{'), "an address is not the identity: {own}");
    for (reviewer, outcome) in [("grace@example.com", "disable"), ("ada@example.com", "approve")] {
        let told = plan(&bench, None, &by(reviewer, outcome)).await;
        assert!(told.starts_with('{'), "{told}");
    }
    // The identity's own pipeline does not record its review, whoever is named.
    for actor in ["invoice-export[bot]", "nhi-invoice-export", "Invoice_Export"] {
        let told = plan(&bench.run_by(actor), None, &by("ada@example.com", "approve")).await;
        assert!(told.starts_with("error at identity: Self-certification"), "{actor}: {told}");
        let context = bench.run_by(actor).context();
        assert!(Certification::create(by("ada@example.com", "approve"), &context).await.is_err());
    }
    insta::assert_snapshot!(plan(&bench.run_by("invoice-export"), None, &by("ada@example.com", "approve")).await, @r"
    error at identity: Self-certification
      This run is by `invoice-export`, which is the identity that is reviewed. Let a person, or a pipeline with another identity, apply its review.
    ");
}

#[tokio::test]
async fn the_next_review_comes_in_time() {
    let bench = Bench::with(READER);
    let id = identity(&bench, "export").await;
    let next =
        |text: &str| CertificationModel { next_review: text.into(), ..review(&id, "approve") };
    let mut told = plan(&bench, None, &next("91d")).await;
    told.push('\n');
    told.push_str(&plan(&bench, None, &next("2026-11-20")).await);
    insta::assert_snapshot!(told, @r"
    error at next_review: Next review too late
      The next review 2027-02-20T12:00:00Z is later than 2027-02-19T12:00:00Z. It is due every 90d: choose `90d` or less, or leave it out.
    error at next_review: Next review in the past
      The next review 2026-11-21T00:00:00Z is in the past. Choose a later date.
    ");
    let planned = plan(&bench, None, &next("2027-02-19")).await;
    assert!(planned.contains(r#""certified_until":"2027-02-20T00:00:00Z""#), "{planned}");
}

#[tokio::test]
async fn a_decision_that_a_crash_cut_off_is_found_and_not_made_twice() {
    let bench = Bench::with(READER);
    let id = identity(&bench, "export").await;
    ledger(&bench).await;
    let to = CertificationModel { owner: "ledger".into(), ..review(&id, "reassign") };
    let first = Certification::create(to.clone(), &bench.context()).await.unwrap().state;
    let next = bench.next_run();
    let told = plan(&next, None, &to).await;
    assert!(told.contains("warning: Taken over"), "{told}");
    let done = Certification::create(to.clone(), &next.context()).await.unwrap();
    assert_eq!(done.state.id, first.id);
    assert!(shown(&done.warnings).starts_with("warning: Taken over"));
    assert_eq!(account(&next, &id).await.common.credential_version, 2.into());
    // What was seen in a state is nobody's leftover.
    next.read::<Certification>(&done.state).await.unwrap();
    let other = bench.next_run();
    assert!(Certification::create(to, &other.context()).await.is_err());
    assert!(bench.inventory().verify().await.unwrap().is_intact());
}

#[tokio::test]
async fn what_the_configuration_did_in_the_same_run_is_confirmed() {
    let bench = Bench::with(READER);
    let id = identity(&bench, "export").await;
    ledger(&bench).await;
    let run = bench.next_run();
    let before = account(&run, &id).await;
    let mut moved = export("export");
    moved.common.owner = "ledger".into();
    run.apply::<ServiceAccount>(Some(&before), &moved).await.unwrap();
    let to = CertificationModel { owner: "ledger".into(), ..review(&id, "reassign") };
    let made = Certification::create(to.clone(), &run.context()).await.unwrap().state;
    insta::assert_snapshot!(made.effect.as_str().unwrap(), @"Confirmed the owner `ledger`, to which its configuration moved it in the same run.");
    let record = bench.inventory().identity(&id).await.unwrap().unwrap();
    assert_eq!((record.terms.credential_version, record.terms.review), (2, None));
}

/// Neither a later decision nor an operator's stop buries a move that the configuration has not followed, and no other spelling of
/// the template before takes it back.
#[tokio::test]
async fn a_move_is_not_buried_under_a_stop() {
    let bench = Bench::with(READER);
    let id = identity(&bench, "export").await;
    let objects = "[\"s3:GetObject\"]";
    let reader = with_version("2.0.0", "[\"s3:GetObject\", \"s3:ListBucket\"]", objects);
    bench.write(&reader);
    let bench = bench.next_run();
    let to = CertificationModel {
        template: "s3-object-reader@2.0.0".into(),
        ..review(&id, "right_size")
    };
    bench.create::<Certification>(to).await;
    let refused = async |state: &str, template: &str| {
        let (mut config, now) = (export("export"), account(&bench, &id).await);
        config.common.state = state.into();
        config.common.template = template.into();
        let told = testing::plan::<ServiceAccount>(&bench.context(), Some(&now), &config).await;
        told.contains("Taken back without a review")
    };
    for template in ["s3-object-reader@1.2.0", "s3-object-reader@1"] {
        assert!(refused("active", template).await, "{template}");
    }
    let now = bench.context().now();
    bench.inventory().suspend(now, &id, "INC-8").await.unwrap();
    assert!(refused("disabled", "s3-object-reader@1.2.0").await);
    assert!(refused("active", "s3-object-reader@2.0.0").await);
    bench.inventory().resume(now, &id, "INC-8 is closed").await.unwrap();
    assert!(refused("active", "s3-object-reader@1.2.0").await);

    let stop = bench.create::<Certification>(review(&id, "disable")).await;
    assert!(refused("disabled", "s3-object-reader@1.2.0").await);
    assert!(!refused("disabled", "s3-object-reader@2.0.0").await);
    bench.apply::<Certification>(Some(&stop), &review(&id, "approve")).await.unwrap();
    assert!(refused("disabled", "s3-object-reader@1.2.0").await);
}

//! Plans and lives of identities, through every check that a reply to Terraform goes through.

use super::*;
use crate::resources::owner::{Owner, OwnerModel};
use crate::resources::service_account::{ServiceAccount, ServiceAccountModel};
use crate::resources::template::{Template, TemplateModel};
use crate::resources::testing::{self, Bench, READER, shown};

mod life;

fn export() -> ServiceAccountModel {
    let parameters = [("bucket".to_owned(), "payments-ledger".into())];
    ServiceAccountModel {
        common: Common {
            name: "invoice-export".into(),
            owner: "payments".into(),
            purpose: "Nightly export of invoices to the ledger bucket".into(),
            expiry: "90d".into(),
            template: "s3-object-reader@1.2.0".into(),
            parameters: Attribute::Known(parameters.into()),
            service: "billing".into(),
            environment: "prod".into(),
            state: "active".into(),
            ..Common::default()
        },
        ..ServiceAccountModel::default()
    }
}

fn changed(model: &ServiceAccountModel, change: impl FnOnce(&mut Common)) -> ServiceAccountModel {
    let mut model = model.clone();
    change(&mut model.common);
    model
}

fn payments() -> OwnerModel {
    OwnerModel {
        name: "payments".into(),
        accountable: "ada@example.com".into(),
        steward: "grace@example.com".into(),
        active: true.into(),
        ..OwnerModel::default()
    }
}

/// An inventory with an owner, and the template in a folder.
async fn bench() -> Bench {
    let bench = Bench::with(READER);
    bench.create::<Owner>(payments()).await;
    bench
}

async fn plan(
    bench: &Bench,
    prior: Option<&ServiceAccountModel>,
    config: &ServiceAccountModel,
) -> String {
    testing::plan::<ServiceAccount>(&bench.context(), prior, config).await
}

/// Only what a plan says about problems.
async fn refusal(bench: &Bench, change: impl FnOnce(&mut Common)) -> String {
    plan(bench, None, &changed(&export(), change)).await
}

async fn planned(
    bench: &Bench,
    prior: Option<&ServiceAccountModel>,
    config: &ServiceAccountModel,
) -> serde_json::Value {
    let text = plan(bench, prior, config).await;
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"))
}

#[tokio::test]
async fn a_create_knows_all_but_the_clock_and_the_id() {
    let bench = bench().await;
    let plan = planned(&bench, None, &export()).await;
    let unknown: Vec<_> = plan
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, value)| *value == "(known after apply)")
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(
        unknown,
        ["certified_until", "description", "expires_at", "id", "rotation_due", "status"]
    );
    insta::assert_snapshot!(plan["tags"], @r#"{"nhi:environment":"prod","nhi:expiry":"(known after apply)","nhi:id":"(known after apply)","nhi:owner":"payments","nhi:purpose":"Nightly export of invoices to the ledger bucket","nhi:service":"billing","nhi:template":"s3-object-reader@1.2.0"}"#);
    insta::assert_snapshot!(plan["aws"]["permissions"].as_str().unwrap(), @r#"{"Statement":[{"Action":["s3:GetObject","s3:ListBucket"],"Effect":"Allow","Resource":["arn:aws:s3:::payments-ledger","arn:aws:s3:::payments-ledger/*"]}],"Version":"2012-10-17"}"#);
    // The template has a block, and this identity states nothing of what only that block needs.
    assert!(plan["kubernetes"].is_null() && plan["vault"].is_null() && plan["github"].is_null());
    assert_eq!(
        plan["gcp"]["resources"][0],
        "//storage.googleapis.com/projects/_/buckets/payments-ledger"
    );
    assert_eq!(plan["principal_name"], "nhi-invoice-export");
    // The same at another time.
    assert_eq!(planned(&bench.at("2026-11-22T09:00:00Z"), None, &export()).await, plan);
}

#[tokio::test]
async fn an_apply_makes_what_was_planned_and_a_second_plan_is_empty() {
    let bench = bench().await;
    let made = bench.create::<ServiceAccount>(export()).await;
    assert_eq!(made.common.expires_at.as_str(), Some("2027-02-19T12:00:00Z"));
    assert_eq!(made.common.status.as_str(), Some("active"));
    assert_eq!(made.common.rotation_due.as_str(), Some("2026-12-21T12:00:00Z"));
    assert_eq!(made.common.certified_until.as_str(), Some("2027-02-19T12:00:00Z"));
    assert!(
        made.common
            .description
            .as_str()
            .unwrap()
            .starts_with("nhi:v1;own=payments;exp=2027-02-19T12:00:00Z;")
    );
    let later = bench.at("2026-12-01T00:00:00Z");
    assert_eq!(later.read::<ServiceAccount>(&made).await, Some(made.clone()));
    assert_eq!(plan(&later, Some(&made), &export()).await, "no change");
}

#[tokio::test]
async fn all_that_is_wrong_is_said_at_once() {
    let bench = bench().await;
    let refused = refusal(&bench, |common| {
        common.expiry = "4000d".into();
        common.environment = "moon".into();
        common.parameters = Attribute::Known([("buckett".to_owned(), "x".into())].into());
        common.rotation = Rotation { every: "60d".into(), ..Rotation::default() }.into();
        common.parent = "nhi-none".into();
    });
    insta::assert_snapshot!(refused.await, @r#"
    error at parameters["buckett"]: Unsuitable parameter
      Template `s3-object-reader@1.2.0` has no parameter `buckett`. Did you mean `bucket`?
    error at expiry: Expiry beyond the cap
      The identity ends at 2037-11-03T12:00:00Z, beyond the 365d of template `s3-object-reader@1.2.0`. Choose `365d` or less; the last moment is 2027-11-21T12:00:00Z.
    error at environment: Template for other environments
      Template `s3-object-reader@1.2.0` is not for environment `moon`. The template is for `dev`, `staging`, `prod`.
    error at parent: Unsuitable parent
      There is no identity with this id in the inventory. Name the `id` of a living identity.
    error at rotation.every: Rotation too rare
      `60d` is longer than the 30d of template `s3-object-reader@1.2.0`. Choose `30d` or less.
    "#);
}

#[tokio::test]
async fn each_refusal_has_a_place_and_a_way_out() {
    let bench = bench().await;
    let parameter = |value: &str| Attribute::Known([("bucket".to_owned(), value.into())].into());
    insta::assert_snapshot!(refusal(&bench, |it| it.owner = "ledger".into()).await, @r"
    error at owner: Unknown owner
      There is no owner `ledger` in the inventory. Register it once as an `nhi_owner`. If this configuration does, refer to it as `nhi_owner.<label>.name`, so that Terraform makes it first.
    ");
    insta::assert_snapshot!(refusal(&bench, |it| it.owner = "nobody".into()).await, @r"
    error at owner: Unfit owner
      The owner `nobody` is a placeholder. Name a team or a person who can be asked, not a thing that runs, registered once as an `nhi_owner`.
    ");
    insta::assert_snapshot!(refusal(&bench, |it| it.expiry = "2026-01-01".into()).await, @r"
    error at expiry: Expiry in the past
      The end date 2026-01-02T00:00:00Z is in the past. Choose a later end date if it is still needed, or remove it.
    ");
    insta::assert_snapshot!(refusal(&bench, |it| it.expiry = "soon".into()).await, @r"
    error at expiry: Unsuitable expiry
      `soon` is not an end date. Write a date such as `2027-06-30`, a time such as `2027-06-30T12:00:00Z`, or a duration such as `90d`.
    ");
    insta::assert_snapshot!(refusal(&bench, |it| it.template = "s3-object-writer@1".into()).await, @r"
    error at template: Unusable template
      There is no template `s3-object-writer`. Did you mean `s3-object-reader`?
    ");
    insta::assert_snapshot!(refusal(&bench, |it| it.template = "s3-object-reader@9.9.9".into()).await, @r"
    error at template: Unusable template
      Template `s3-object-reader` has no version `9.9.9`. There is `1.2.0`.
    ");
    insta::assert_snapshot!(refusal(&bench, |it| it.parameters = parameter("Not A Bucket")).await, @r#"
    error at parameters["bucket"]: Unsuitable parameter
      `Not A Bucket` does not match the pattern of parameter `bucket`. The whole value has to match `[a-z0-9][a-z0-9.-]{2,62}`.
    "#);
    insta::assert_snapshot!(refusal(&bench, |it| it.service = Attribute::Null).await, @r"
    error at service: Missing metadata
      Template `s3-object-reader@1.2.0` asks for the service and none is stated. Name the business service that it serves.
    ");
    insta::assert_snapshot!(refusal(&bench, |it| it.name = "Invoice_Export".into()).await, @r"
    error at name: Unsuitable value
      `Invoice_Export` cannot be the name of an identity on every platform. Use 2 to 60 lowercase letters, digits and hyphens, with a letter first and no hyphen last.
    ");
}

#[tokio::test]
async fn what_is_not_known_yet_is_no_problem_before_apply() {
    let bench = bench().await;
    let config = changed(&export(), |common| {
        common.owner = Attribute::Unknown;
        common.template = Attribute::Unknown;
        common.expiry = Attribute::Unknown;
        common.purpose = Attribute::Unknown;
        common.parameters = Attribute::Unknown;
        common.service = Attribute::Unknown;
    });
    let plan = planned(&bench, None, &config).await;
    assert_eq!(plan["tags"], "(known after apply)");
    assert_eq!(plan["aws"], "(known after apply)");

    // What is known in part is told in part.
    let parameters: BTreeMap<_, _> = [("bucket".to_owned(), Attribute::Unknown)].into();
    let config = changed(&export(), |common| common.parameters = Attribute::Known(parameters));
    let plan = planned(&bench, None, &config).await;
    assert_eq!(plan["aws"]["permissions"], "(known after apply)");
    assert!(plan["aws"]["trust"].as_str().unwrap().contains("ec2.amazonaws.com"));
    assert_eq!(plan["gcp"], "(known after apply)");
    assert!(plan["kubernetes"].is_null());
}

#[tokio::test]
async fn an_owner_and_a_template_of_the_same_apply_are_known_in_the_plan() {
    let bench = Bench::new();
    testing::plan::<Owner>(&bench.context(), None, &payments()).await;
    let template = TemplateModel { source: READER.into(), ..TemplateModel::default() };
    testing::plan::<Template>(&bench.context(), None, &template).await;
    let plan = planned(&bench, None, &export()).await;
    assert_eq!(plan["tags"]["nhi:owner"], "payments");
    assert!(plan["aws"]["permissions"].is_string());
    // At apply both are in the inventory.
    let applied = bench.next_run();
    applied.create::<Owner>(payments()).await;
    applied.create::<Template>(template).await;
    applied.create::<ServiceAccount>(export()).await;
}

#[tokio::test]
async fn an_update_rotates_where_the_governance_changes() {
    let bench = bench().await;
    let made = bench.create::<ServiceAccount>(export()).await;
    let consumers =
        changed(&made, |common| common.consumers = BTreeSet::from(["job:x".to_owned()]).into());
    let updated = bench.apply::<ServiceAccount>(Some(&made), &consumers).await.unwrap();
    assert_eq!(updated.common.credential_version, Attribute::Known(1));
    assert_eq!(updated.common.rotation_due, made.common.rotation_due);

    let later = bench.at("2026-12-01T00:00:00Z");
    let purpose = changed(&updated, |common| common.purpose = "Hourly export of invoices".into());
    let rotated = later.apply::<ServiceAccount>(Some(&updated), &purpose).await.unwrap();
    assert_eq!(rotated.common.credential_version, Attribute::Known(2));
    assert_eq!(rotated.common.rotation_due.as_str(), Some("2026-12-31T00:00:00Z"));
    assert_eq!(rotated.common.expires_at, made.common.expires_at);

    let epoch = changed(&rotated, |common| {
        common.rotation = Rotation {
            every: "20d".into(),
            before: "5d".into(),
            epoch: 7.into(),
            reason: "INC-7".into(),
            ..Rotation::default()
        }
        .into();
    });
    let again = later.apply::<ServiceAccount>(Some(&rotated), &epoch).await.unwrap();
    assert_eq!(again.common.credential_version, Attribute::Known(3));
    assert_eq!(again.common.rotation_due.as_str(), Some("2026-12-16T00:00:00Z"));
    assert_eq!(plan(&later, Some(&again), &epoch).await, "no change");
}

#[tokio::test]
async fn an_active_identity_is_not_destroyed() {
    let bench = bench().await;
    let made = bench.create::<ServiceAccount>(export()).await;
    let destroy = async |state: &ServiceAccountModel| {
        let facts = facts::read(state, &bench.context()).await.unwrap();
        shown(&lifecycle::plan_destroy(&facts, bench.context().now()))
    };
    insta::assert_snapshot!(destroy(&made).await, @r#"
    error: Active identities are not destroyed
      The identity `invoice-export` is active. Set `state = "disabled"` and apply, then destroy it; or set `break_glass_reason` and apply first.
    "#);
    // Nor is it when a replacement would do so.
    let renamed = changed(&made, |common| common.name = "other-export".into());
    insta::assert_snapshot!(plan(&bench, Some(&made), &renamed).await, @r#"
    error at name: Another name is another identity
      Changing `name` destroys this identity and creates another. The identity `invoice-export` is active. Set `state = "disabled"` and apply, then destroy it; or set `break_glass_reason` and apply first.
    "#);

    let disabled = changed(&made, |common| common.state = "disabled".into());
    let disabled = bench.apply::<ServiceAccount>(Some(&made), &disabled).await.unwrap();
    assert_eq!(disabled.common.status.as_str(), Some("disabled"));
    assert_eq!(destroy(&disabled).await, "");
    store::delete(disabled.clone(), &bench.context()).await.unwrap();
    assert_eq!(bench.read::<ServiceAccount>(&disabled).await, None);
}

#[tokio::test]
async fn what_exists_does_not_stop_the_plan_beside_it() {
    let bench = bench().await;
    let made = bench.create::<ServiceAccount>(export()).await;
    let owner = bench
        .read::<Owner>(&OwnerModel { id: owner_id(&bench).await.into(), ..payments() })
        .await
        .unwrap();
    let inactive = OwnerModel { active: false.into(), ..owner.clone() };
    bench.apply::<Owner>(Some(&owner), &inactive).await.unwrap();

    let bench = bench.next_run();
    let seen = bench.read::<ServiceAccount>(&made).await.unwrap();
    assert_eq!(seen.common.status.as_str(), Some("quarantined"));
    insta::assert_snapshot!(plan(&bench, Some(&seen), &export()).await, @r"
    no change
    warning at owner: Inactive owner
      The owner `payments` is inactive: nobody answers for the identity. Name an active owner, or set `active = true` on its `nhi_owner`.
    ");
    let purpose = changed(&export(), |common| common.purpose = "Hourly export of invoices".into());
    insta::assert_snapshot!(plan(&bench, Some(&seen), &purpose).await, @r"
    error at owner: Inactive owner
      The owner `payments` is inactive: nobody answers for the identity. Name an active owner, or set `active = true` on its `nhi_owner`.
    ");
    let disabled = changed(&export(), |common| common.state = "disabled".into());
    let disabled = bench.apply::<ServiceAccount>(Some(&seen), &disabled).await.unwrap();
    assert_eq!(disabled.common.status.as_str(), Some("disabled"));
}

async fn owner_id(bench: &Bench) -> String {
    let context = bench.context();
    let owner = context.configured().unwrap().inventory().unwrap().owner("payments").await.unwrap();
    owner.unwrap().id
}

#[tokio::test]
async fn time_passes() {
    let bench = bench().await;
    let made = bench.create::<ServiceAccount>(export()).await;
    let late = bench.at("2027-03-01T00:00:00Z");
    let expired = late.read::<ServiceAccount>(&made).await.unwrap();
    assert_eq!(expired.common.status.as_str(), Some("expired"));
    insta::assert_snapshot!(plan(&late, Some(&expired), &export()).await, @r#"
    no change
    warning at expiry: Identity expired
      The identity ended at 2027-02-19T12:00:00Z, and its credentials are refused. Move `expiry` on within the cap, after a review that an `nhi_certification` records, if it is still needed; or set `state = "disabled"`, or destroy it.
    warning at certified_until: Review overdue
      `invoice-export` had to be certified again by 2027-02-19T12:00:00Z. Review it, and record what came of it as an `nhi_certification`. Two weeks after that day its credentials are refused.
    "#);
    let renewed = changed(&export(), |common| common.expiry = "180d".into());
    life::certify(&late, &expired).await;
    let expired = late.read::<ServiceAccount>(&expired).await.unwrap();
    let renewed = late.apply::<ServiceAccount>(Some(&expired), &renewed).await.unwrap();
    assert_eq!(renewed.common.status.as_str(), Some("active"));
    assert_eq!(renewed.common.expires_at.as_str(), Some("2027-05-20T12:00:00Z"));
}

#[tokio::test]
async fn a_template_that_goes_leaves_its_identities_as_they_are() {
    let bench = bench().await;
    let made = bench.create::<ServiceAccount>(export()).await;
    bench.write(&READER.replace("\"active\"", "\"revoked\""));
    let bench = bench.next_run();
    insta::assert_snapshot!(plan(&bench, Some(&made), &export()).await, @r"
    no change
    warning at template: Unusable template
      Template `s3-object-reader@1.2.0` is revoked. There is no active template in its place; ask the team that publishes it.
    ");
    insta::assert_snapshot!(plan(&bench, None, &changed(&export(), |it| it.name = "other".into())).await, @r"
    error at template: Unusable template
      Template `s3-object-reader@1.2.0` is revoked. There is no active template in its place; ask the team that publishes it.
    ");
    bench.write("");
    let bench = bench.next_run();
    insta::assert_snapshot!(plan(&bench, Some(&made), &export()).await, @r"
    no change
    warning at template: Unusable template
      There is no template `s3-object-reader`, nor any other. Publish one as an `nhi_template`, or name folders in the provider's `templates`.
    ");
    assert_eq!(bench.read::<ServiceAccount>(&made).await, Some(made));
}

#[tokio::test]
async fn a_series_follows_its_newest_version() {
    let bench = bench().await;
    let config = changed(&export(), |common| common.template = "s3-object-reader@1".into());
    let made = bench.create::<ServiceAccount>(config.clone()).await;
    bench.write(&format!(
        "{READER}\n{}",
        READER.replace("1.2.0", "1.3.0").replace("s3:ListBucket", "s3:GetObjectTagging")
    ));
    let bench = bench.next_run();
    let updated = bench.apply::<ServiceAccount>(Some(&made), &config).await.unwrap();
    let tags = updated.common.tags.known().unwrap();
    assert_eq!(tags["nhi:template"].as_str(), Some("s3-object-reader@1.3.0"));
    assert_eq!(updated.common.credential_version, Attribute::Known(2));
    assert_eq!(plan(&bench, Some(&updated), &config).await, "no change");
}

#[tokio::test]
async fn a_leftover_of_a_crash_is_taken_over_with_a_warning() {
    let bench = bench().await;
    let lost = bench.create::<ServiceAccount>(export()).await;
    let bench = bench.next_run();
    let plan = plan(&bench, None, &export()).await;
    assert!(plan.contains("\nwarning: Taken over\n"), "{plan}");
    let found = bench.create::<ServiceAccount>(export()).await;
    assert_eq!(found.common.id, lost.common.id);
    // Once a state holds it, the name is in use.
    bench.read::<ServiceAccount>(&found).await.unwrap();
    let again = refusal(&bench.next_run(), |_| {}).await;
    assert!(again.starts_with("error at name: Name in use\n  The service_account `invoice-export` exists already. It was made by `"), "{again}");
}

#[tokio::test]
async fn import_finds_all_of_it() {
    let bench = bench().await;
    let made = bench.create::<ServiceAccount>(export()).await;
    for key in [made.common.id.as_str().unwrap(), "invoice-export"] {
        let key = crate::resource::ImportKey::Id(key.to_owned());
        let stub: ServiceAccountModel = store::import(&key);
        assert_eq!(bench.read::<ServiceAccount>(&stub).await, Some(made.clone()));
    }
}

#[tokio::test]
async fn a_change_behind_the_state_is_not_overwritten() {
    let bench = bench().await;
    let made = bench.create::<ServiceAccount>(export()).await;
    let hourly = changed(&made, |common| common.purpose = "Hourly export of invoices".into());
    bench.apply::<ServiceAccount>(Some(&made), &hourly).await.unwrap();
    let weekly = changed(&made, |common| common.purpose = "Weekly export of invoices".into());
    let refused = bench.apply::<ServiceAccount>(Some(&made), &weekly).await.unwrap_err();
    insta::assert_snapshot!(shown(&refused), @r"
    error: Identity refused
      The identity `invoice-export` was changed by somebody else in the meantime. Run `terraform plan` again and look at what changed.
    ");
}

#[test]
fn hollow_facts_fail_before_anything_is_looked_up() {
    let hollow = changed(&export(), |common| {
        common.owner = "".into();
        common.purpose = "invoice-export".into();
        common.expiry = "2027-02-31".into();
        common.template = "s3-object-reader".into();
        common.environment = " ".into();
        common.rotation =
            Rotation { every: "1d".into(), overlap: "2d".into(), ..Rotation::default() }.into();
    });
    insta::assert_snapshot!(shown(&validate::problems(&hollow.common)), @r"
    error at owner: Missing owner
      The identity has no owner. Name the team that answers for it, or a person by e-mail address, registered once as an `nhi_owner`.
    error at purpose: Unfit purpose
      The purpose `invoice-export` only repeats the identity's name. Say in a sentence what it is for, so that a reviewer can tell whether it is still needed.
    error at expiry: Unsuitable expiry
      `2027-02-31` is not a day of the calendar. Write year, month and day: `2027-06-30`.
    error at template: Unsuitable template
      `s3-object-reader` does not say which version. Write `s3-object-reader@` and a version, such as `s3-object-reader@1` for the newest 1.x or `s3-object-reader@1.2.0` for exactly that one.
    error at environment: Empty text
      An empty `environment` says nothing: state it, or leave it out.
    error at rotation.overlap: Unsuitable rotation
      `2d` is not shorter than the interval of `1d`.
    ");
}

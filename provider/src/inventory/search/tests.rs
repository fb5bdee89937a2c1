//! What is found, and that the database and the code agree on where an identity stands.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use policy::governance::{Kind, State};
use rusqlite::params;

use super::Filter;
use crate::inventory::record::{Facts, Lineage, OwnerFacts, Pinned, Rotation, Terms};
use crate::inventory::{Inventory, fresh_id};

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

struct Bench {
    folder: tempfile::TempDir,
    inventory: Inventory,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lineage = Lineage { actor: "ada".to_owned(), ..Lineage::default() };
        let inventory = Inventory::at("sqlite:inventory.db", folder.path(), lineage).unwrap();
        Self { folder, inventory }
    }

    async fn owner(&self, name: &str) -> String {
        let facts = OwnerFacts {
            name: name.to_owned(),
            accountable: "ada@example.com".to_owned(),
            steward: "grace@example.com".to_owned(),
            contacts: Vec::new(),
            active: true,
        };
        self.inventory.create_owner(now(), facts).await.unwrap().into_record().id
    }

    /// An identity that ends in 90 days, with what makes it differ from others.
    async fn create(
        &self,
        (owner, kind, name): (&str, Kind, &str),
        change: impl FnOnce(&mut Facts, &mut Terms),
    ) -> String {
        let mut facts = Facts {
            kind,
            name: name.to_owned(),
            owner_id: owner.to_owned(),
            purpose: "Nightly export of invoices".to_owned(),
            expiry: "90d".to_owned(),
            template: "s3-reader@1".to_owned(),
            parameters: BTreeMap::new(),
            service: Some("billing".to_owned()),
            environment: Some("prod".to_owned()),
            consumers: Vec::new(),
            parent: None,
            disabled: false,
            rotation: Rotation::default(),
            break_glass_reason: None,
            subject: None,
            details: None,
        };
        let mut terms = Terms {
            expires_at: now() + days(90),
            template: template("1.2.0"),
            spiffe_id: None,
            certified_until: Some(now() + days(90)),
            credential_version: 1,
            rotated_at: now(),
            previous_valid_until: None,
            credential: None,
            review: None,
            extended_by: None,
        };
        change(&mut facts, &mut terms);
        let id = fresh_id("nhi").unwrap();
        let made = self.inventory.create_identity(now(), (id, facts, terms)).await;
        made.unwrap().into_record().id
    }

    /// Changes the database behind the inventory.
    fn execute(&self, sql: &str, values: impl rusqlite::Params) {
        let db = rusqlite::Connection::open(self.folder.path().join("inventory.db")).unwrap();
        assert!(db.execute(sql, values).unwrap() > 0);
    }

    async fn found(&self, filter: Filter) -> String {
        let found = self.inventory.survey(filter).await.unwrap().identities;
        let names: Vec<_> = found.into_iter().map(|identity| identity.facts.name).collect();
        names.join(" ")
    }
}

fn template(version: &str) -> Pinned {
    Pinned {
        name: "s3-reader".to_owned(),
        version: version.to_owned(),
        digest: format!("sha256:{version}"),
        source: format!("template \"s3-reader\" {{ version = \"{version}\" }}"),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "reads as the filter's fields do")]
fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[tokio::test]
async fn each_filter_narrows_and_together_they_all_hold() {
    let bench = Bench::new();
    let (ada, bob) = (bench.owner("ada").await, bench.owner("bob").await);
    let account = Kind::ServiceAccount;
    bench.create((&ada, Kind::Agent, "assistant"), |_, _| {}).await;
    bench
        .create((&ada, account, "export"), |facts, terms| {
            facts.service = text("ledger");
            terms.expires_at = now() + days(7);
        })
        .await;
    let bound = bench
        .create((&bob, account, "import"), |facts, terms| {
            facts.environment = text("dev");
            terms.template = template("1.20.0");
            terms.certified_until = Some(now());
        })
        .await;
    bench.create((&bob, account, "late"), |_, terms| terms.template = template("2.0.0")).await;
    bench.execute(
        "INSERT INTO bindings (id, identity_id, platform, principal, consumers, created_at, updated_at, version, origin, run)
         VALUES ('bnd-1', ?1, 'aws', 'arn', '[]', '', '', 1, '', '')",
        params![bound],
    );

    let any = Filter::default;
    assert_eq!(bench.found(any()).await, "assistant export import late");
    assert_eq!(bench.found(Filter { owner: text("ada"), ..any() }).await, "assistant export");
    assert_eq!(bench.found(Filter { owner: Some(bob), ..any() }).await, "import late");
    assert_eq!(bench.found(Filter { service: text("ledger"), ..any() }).await, "export");
    assert_eq!(bench.found(Filter { environment: text("dev"), ..any() }).await, "import");
    assert_eq!(bench.found(Filter { kind: Some(Kind::Agent), ..any() }).await, "assistant");
    let templates = |version: Option<&str>| Filter {
        template: text("s3-reader"),
        template_version: version.map(str::to_owned),
        ..any()
    };
    assert_eq!(bench.found(templates(None)).await, "assistant export import late");
    assert_eq!(bench.found(templates(Some("1"))).await, "assistant export import");
    assert_eq!(bench.found(templates(Some("1.2"))).await, "assistant export");
    assert_eq!(bench.found(templates(Some("1.2.0"))).await, "assistant export");
    assert_eq!(bench.found(templates(Some("2"))).await, "late");
    let soon = Filter { expiring_before: Some(now() + days(8)), ..any() };
    assert_eq!(bench.found(soon).await, "export");
    assert_eq!(bench.found(Filter { overdue_at: Some(now()), ..any() }).await, "import");
    assert_eq!(bench.found(Filter { unbound: Some(true), ..any() }).await, "assistant export late");
    assert_eq!(bench.found(Filter { unbound: Some(false), ..any() }).await, "import");
    assert_eq!(bench.found(Filter { name_prefix: text("e"), ..any() }).await, "export");
    assert_eq!(bench.found(Filter { name_prefix: text("%"), ..any() }).await, "");
    assert_eq!(bench.found(Filter { limit: Some(2), ..any() }).await, "assistant export");
    let narrow = Filter {
        owner: text("bob"),
        kind: Some(account),
        status: Some((State::Active, now())),
        template_version: text("1"),
        ..any()
    };
    assert_eq!(bench.found(narrow).await, "import");
}

#[tokio::test]
async fn tombstones_are_found_by_who_asks_for_them() {
    let bench = Bench::new();
    let owner = bench.owner("ada").await;
    let key = (owner.as_str(), Kind::ServiceAccount, "export");
    let gone = bench.create(key, |facts, _| facts.break_glass_reason = text("leaked")).await;
    bench.inventory.decommission(now(), &gone, days(0)).await.unwrap();
    bench.create(key, |_, _| {}).await;
    assert_eq!(bench.found(Filter::default()).await, "export");
    let all = Filter { decommissioned: true, ..Filter::default() };
    assert_eq!(bench.found(all).await, "export export");
    let status = Some((State::Decommissioned, now()));
    let tombstones = Filter { status, ..Filter::default() };
    assert_eq!(bench.inventory.survey(tombstones).await.unwrap().identities[0].id, gone);
}

#[tokio::test]
async fn database_and_code_agree_on_the_standing() {
    let bench = Bench::new();
    let (ada, bob) = (bench.owner("ada").await, bench.owner("bob").await);
    for (at, end) in [-1, 0, 1].into_iter().enumerate() {
        for (slot, previous) in [None, Some(-1), Some(0), Some(1)].into_iter().enumerate() {
            for disabled in [false, true] {
                for owner in [&ada, &bob] {
                    let name = format!("x-{at}-{slot}-{disabled}-{}", owner == &bob);
                    bench
                        .create((owner, Kind::ApiKey, &name), |facts, terms| {
                            facts.disabled = disabled;
                            terms.expires_at = now() + SignedDuration::from_secs(end);
                            terms.previous_valid_until =
                                previous.map(|seconds| now() + SignedDuration::from_secs(seconds));
                        })
                        .await;
                }
            }
        }
    }
    bench.execute("UPDATE owners SET active = 0 WHERE name = 'bob'", []);
    // A time within the second is the second that has begun.
    let within = now() + SignedDuration::from_millis(400);
    let all = bench.inventory.survey(Filter::default()).await.unwrap().identities;
    let mut seen = 0;
    for state in State::ALL {
        let filter = Filter { status: Some((state, within)), ..Filter::default() };
        let expected: Vec<_> = all.iter().filter(|it| it.state_at(now()) == state).collect();
        seen += expected.len();
        let names: Vec<_> = expected.iter().map(|it| it.facts.name.as_str()).collect();
        assert_eq!(bench.found(filter).await, names.join(" "), "{state}");
    }
    assert_eq!((seen, all.len()), (48, 48));
}

#[tokio::test]
async fn texts_of_templates_are_read_once() {
    let bench = Bench::new();
    let owner = bench.owner("ada").await;
    for index in 0..5 {
        let name = format!("export-{index}");
        let key = (owner.as_str(), Kind::ServiceAccount, name.as_str());
        let version = if index % 2 == 0 { "1.2.0" } else { "2.0.0" };
        bench.create(key, |_, terms| terms.template = template(version)).await;
    }
    let survey = bench.inventory.survey(Filter::default()).await.unwrap();
    assert!(survey.identities.iter().all(|it| it.terms.template.source.is_empty()));
    let templates: Vec<_> = survey.templates.into_values().collect();
    assert_eq!(templates, [template("1.2.0"), template("2.0.0")]);
}

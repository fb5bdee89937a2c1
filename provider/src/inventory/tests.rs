//! The inventory from outside: what a resource sees, and what survives crowds, crashes and tampering.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use policy::governance::Kind;

use super::record::{
    Created, Facts, Identity, Lineage, OwnerFacts, Pinned, Rotation, Standing, Terms,
};
use super::{Inventory, InventoryError, fresh_id};

mod lifecycle;

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("inventory.db")
    }

    /// One run of one configuration.
    fn run(&self, origin: &str, run: &str) -> Inventory {
        let lineage = Lineage {
            actor: "ada".to_owned(),
            origin: origin.to_owned(),
            run: run.to_owned(),
            ..Lineage::default()
        };
        Inventory::at("sqlite:inventory.db", self.folder.path(), lineage).unwrap()
    }
}

fn payments() -> OwnerFacts {
    OwnerFacts {
        name: "payments".to_owned(),
        accountable: "ada@example.com".to_owned(),
        steward: "grace@example.com".to_owned(),
        contacts: vec!["#payments".to_owned()],
        active: true,
    }
}

fn reader() -> Pinned {
    Pinned {
        name: "s3-reader".to_owned(),
        version: "1.2.0".to_owned(),
        digest: "sha256:1".to_owned(),
        source: "template \"s3-reader\" {}".to_owned(),
    }
}

fn export(owner_id: &str, name: &str) -> (Facts, Terms) {
    let facts = Facts {
        kind: Kind::ServiceAccount,
        name: name.to_owned(),
        owner_id: owner_id.to_owned(),
        purpose: "Nightly export of invoices".to_owned(),
        expiry: "90d".to_owned(),
        template: "s3-reader@1".to_owned(),
        parameters: [("bucket".to_owned(), "ledger".to_owned())].into(),
        service: Some("billing".to_owned()),
        environment: Some("prod".to_owned()),
        consumers: vec!["job:export".to_owned()],
        parent: None,
        disabled: false,
        rotation: Rotation { every: Some("30d".to_owned()), ..Rotation::default() },
        break_glass_reason: None,
        subject: None,
        details: None,
    };
    let terms = Terms {
        expires_at: now() + days(90),
        template: reader(),
        spiffe_id: None,
        certified_until: Some(now() + days(90)),
        credential_version: 1,
        rotated_at: now(),
        previous_valid_until: None,
        credential: None,
        review: None,
        extended_by: None,
    };
    (facts, terms)
}

async fn owner(inventory: &Inventory) -> String {
    inventory.create_owner(now(), payments()).await.unwrap().into_record().id
}

async fn create(
    inventory: &Inventory,
    owner: &str,
    name: &str,
) -> Result<Created<Identity>, InventoryError> {
    let (facts, terms) = export(owner, name);
    inventory.create_identity(now(), (fresh_id("nhi").unwrap(), facts, terms)).await
}

#[tokio::test]
async fn what_is_written_reads_back() {
    let bench = Bench::new();
    let inventory = bench.run("a", "1");
    let owner = owner(&inventory).await;
    let made = create(&inventory, &owner, "export").await.unwrap();
    let Created::New(identity) = made else { panic!("{made:?}") };
    assert_eq!((identity.facts.clone(), identity.terms.clone()), export(&owner, "export"));
    assert_eq!(identity.owner, "payments");
    assert_eq!(inventory.identity(&identity.id).await.unwrap(), Some(identity.clone()));
    let named = inventory.identity_named(Kind::ServiceAccount, "export").await.unwrap();
    assert_eq!(named, Some(identity));
    let events = inventory.events(None).await.unwrap();
    let actions: Vec<_> = events.iter().map(|event| event.action.as_str()).collect();
    assert_eq!(actions, ["owner.create", "identity.create"]);
    assert!(inventory.verify().await.unwrap().is_intact());
}

#[tokio::test]
async fn an_inventory_that_is_only_read_is_not_created() {
    let bench = Bench::new();
    let inventory = bench.run("a", "1");
    assert_eq!(inventory.owner("payments").await.unwrap(), None);
    assert!(!bench.file().exists());
    // And what another handle writes afterwards is seen.
    owner(&bench.run("a", "2")).await;
    assert!(inventory.owner("payments").await.unwrap().is_some());
}

#[tokio::test]
async fn a_closed_inventory_is_one_file() {
    let bench = Bench::new();
    let inventory = bench.run("a", "1");
    owner(&inventory).await;
    assert!(inventory.owner("payments").await.unwrap().is_some());
    drop(inventory);
    assert!(bench.file().exists());
    assert!(!bench.file().with_extension("db-wal").exists());
}

#[tokio::test]
async fn a_leftover_of_a_crash_is_taken_over_and_nothing_else() {
    let bench = Bench::new();
    let first = bench.run("a", "1");
    let owner = owner(&first).await;
    let made = create(&first, &owner, "export").await.unwrap().into_record();

    // The same run never takes over what it made: two resources of one configuration share a name.
    let error = create(&first, &owner, "export").await.unwrap_err();
    assert!(matches!(error, InventoryError::NameInUse { this_run: true, .. }), "{error}");
    // Another configuration does not get it.
    let error = create(&bench.run("b", "2"), &owner, "export").await.unwrap_err();
    assert!(matches!(error, InventoryError::NameInUse { this_run: false, .. }), "{error}");
    // Nor does the same configuration, once it says something else.
    let (mut facts, terms) = export(&owner, "export");
    facts.purpose = "Something else altogether".to_owned();
    let error = bench
        .run("a", "3")
        .create_identity(now(), (fresh_id("nhi").unwrap(), facts, terms))
        .await
        .unwrap_err();
    assert!(matches!(error, InventoryError::NameInUse { .. }), "{error}");

    let again = create(&bench.run("a", "4"), &owner, "export").await.unwrap();
    assert_eq!(again, Created::TakenOver(made.clone()));

    // A state that holds the identity has shown itself by reading it.
    first.claim_identity(&made.id).await.unwrap();
    let error = create(&bench.run("a", "5"), &owner, "export").await.unwrap_err();
    assert!(matches!(error, InventoryError::NameInUse { .. }), "{error}");
    assert!(first.verify().await.unwrap().is_intact());
}

#[tokio::test]
async fn updates_need_the_version_they_were_made_for() {
    let bench = Bench::new();
    let inventory = bench.run("a", "1");
    let owner = owner(&inventory).await;
    let made = create(&inventory, &owner, "export").await.unwrap().into_record();
    let mut facts = made.facts.clone();
    facts.disabled = true;
    let change = (facts, made.terms.clone(), String::new());
    let disabled = inventory.update_identity(now(), (&made.id, 1), change.clone()).await.unwrap();
    assert_eq!((disabled.standing, disabled.disabled_at), (Standing::Disabled, Some(now())));
    let error = inventory.update_identity(now(), (&made.id, 1), change).await.unwrap_err();
    assert!(matches!(error, InventoryError::Changed { .. }), "{error}");
}

#[tokio::test]
async fn an_identity_is_disabled_and_observed_before_it_goes() {
    let bench = Bench::new();
    let inventory = bench.run("a", "1");
    let owner = owner(&inventory).await;
    let made = create(&inventory, &owner, "export").await.unwrap().into_record();
    let gone = |after| inventory.decommission(now() + days(after), &made.id, days(7));
    assert_eq!(gone(0).await, Err(InventoryError::StillActive("export".to_owned())));

    let mut facts = made.facts.clone();
    facts.disabled = true;
    inventory
        .update_identity(now(), (&made.id, 1), (facts, made.terms.clone(), String::new()))
        .await
        .unwrap();
    assert!(matches!(gone(6).await, Err(InventoryError::UnderObservation { .. })));
    let error = inventory.remove_owner(now(), &owner).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the owner `payments` still answers for `service_account export`"
    );
    gone(7).await.unwrap();
    gone(8).await.unwrap();

    let tombstone = inventory.identity(&made.id).await.unwrap().unwrap();
    assert_eq!(tombstone.standing, Standing::Decommissioned);
    assert_eq!(inventory.identity_named(Kind::ServiceAccount, "export").await.unwrap(), None);
    inventory.remove_owner(now(), &owner).await.unwrap();
    assert!(inventory.verify().await.unwrap().is_intact());
}

#[tokio::test]
async fn a_name_goes_to_another_owner_only_after_a_while() {
    let bench = Bench::new();
    let inventory = bench.run("a", "1");
    let owner = owner(&inventory).await;
    let made = create(&inventory, &owner, "export").await.unwrap().into_record();
    let mut facts = made.facts.clone();
    facts.break_glass_reason = Some("leaked".to_owned());
    inventory
        .update_identity(now(), (&made.id, 1), (facts, made.terms, String::new()))
        .await
        .unwrap();
    inventory.decommission(now(), &made.id, days(7)).await.unwrap();

    let other = OwnerFacts { name: "ledger".to_owned(), ..payments() };
    let other = inventory.create_owner(now(), other).await.unwrap().into_record().id;
    let error = create(&inventory, &other, "export").await.unwrap_err();
    assert!(matches!(error, InventoryError::NameKept { .. }), "{error}");
    let again = create(&inventory, &owner, "export").await.unwrap().into_record();
    assert_ne!(again.id, made.id);
}

#[tokio::test]
async fn an_inactive_owner_gets_nothing_new() {
    let bench = Bench::new();
    let inventory = bench.run("a", "1");
    let id = owner(&inventory).await;
    let made = create(&inventory, &id, "export").await.unwrap().into_record();
    let facts = OwnerFacts { active: false, ..payments() };
    inventory.update_owner(now(), (&id, 1), facts).await.unwrap();
    let error = create(&inventory, &id, "other").await.unwrap_err();
    assert_eq!(error, InventoryError::OwnerInactive("payments".to_owned()));
    assert!(!inventory.identity(&made.id).await.unwrap().unwrap().owner_active);
}

#[tokio::test]
async fn a_published_version_never_changes() {
    let bench = Bench::new();
    let inventory = bench.run("a", "1");
    inventory.publish(now(), reader()).await.unwrap();
    let wider = Pinned { digest: "sha256:2".to_owned(), ..reader() };
    let error = inventory.publish(now(), wider.clone()).await.unwrap_err();
    assert!(matches!(error, InventoryError::VersionTaken { .. }), "{error}");
    let error = inventory.rewrite(now(), wider.clone()).await.unwrap_err();
    assert!(matches!(error, InventoryError::VersionTaken { .. }), "{error}");
    let commented = Pinned { source: "# note\n".to_owned() + &reader().source, ..reader() };
    let rewritten = inventory.rewrite(now(), commented).await.unwrap();
    assert!(rewritten.source.starts_with("# note"));

    // Withdrawn, it comes back as it was or not at all.
    let owner = owner(&inventory).await;
    create(&inventory, &owner, "export").await.unwrap();
    let error = inventory.withdraw(now(), "s3-reader", "1.2.0").await.unwrap_err();
    assert!(matches!(error, InventoryError::TemplateInUse { .. }), "{error}");
    let made = inventory.identity_named(Kind::ServiceAccount, "export").await.unwrap().unwrap();
    let mut facts = made.facts.clone();
    facts.break_glass_reason = Some("leaked".to_owned());
    inventory
        .update_identity(now(), (&made.id, 1), (facts, made.terms, String::new()))
        .await
        .unwrap();
    inventory.decommission(now(), &made.id, days(0)).await.unwrap();
    inventory.withdraw(now(), "s3-reader", "1.2.0").await.unwrap();
    assert!(matches!(
        inventory.publish(now(), wider).await,
        Err(InventoryError::VersionTaken { .. })
    ));
    inventory.publish(now(), reader()).await.unwrap();
    assert!(inventory.verify().await.unwrap().is_intact());
}

#[tokio::test]
async fn tampering_shows() {
    let bench = Bench::new();
    let inventory = bench.run("a", "1");
    let owner = owner(&inventory).await;
    for name in ["one", "two", "three"] {
        create(&inventory, &owner, name).await.unwrap();
    }
    let check = async |sql: &str| {
        let copy = bench.folder.path().join("copy.db");
        let _ = std::fs::remove_file(&copy);
        let source = rusqlite::Connection::open(bench.file()).unwrap();
        source.execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
        let db = rusqlite::Connection::open(&copy).unwrap();
        db.execute_batch(sql).unwrap();
        drop(db);
        let copied =
            Inventory::at("sqlite:copy.db", bench.folder.path(), Lineage::default()).unwrap();
        copied.verify().await.unwrap().breaks.join("\n")
    };
    let without_guards = "DROP TRIGGER audit_event_keeps; DROP TRIGGER audit_event_stays; \
                          DROP TRIGGER audit_head_grows;";
    assert_eq!(check("").await, "");
    assert_eq!(
        check(&format!("{without_guards} UPDATE audit_events SET actor = 'eve' WHERE seq = 3"))
            .await,
        "event 3 was altered"
    );
    let cut = check(&format!("{without_guards} DELETE FROM audit_events WHERE seq = 4")).await;
    assert!(cut.starts_with("events after 3 are missing"), "{cut}");
    let hole = check(&format!("{without_guards} DELETE FROM audit_events WHERE seq = 2")).await;
    assert!(hole.starts_with("event 2 is missing\nevent 3 does not follow"), "{hole}");
    let silent = check("UPDATE identities SET purpose = 'mining' WHERE name = 'two'").await;
    assert!(silent.ends_with("was altered without an event"), "{silent}");

    let filled =
        "UPDATE identities SET previous_valid_until = '2099-01-01T00:00:00Z' WHERE name = 'two'";
    let silent = check(filled).await;
    assert!(silent.ends_with("was altered without an event"), "{silent}");

    // And the guards hold without any check.
    let db = rusqlite::Connection::open(bench.file()).unwrap();
    for sql in [
        "UPDATE audit_events SET actor = 'eve'",
        "DELETE FROM audit_events",
        "DELETE FROM identities",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET seq = 1",
    ] {
        assert!(db.execute_batch(sql).is_err(), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn crowds_lose_nothing() {
    const EACH: usize = 40;
    let bench = Bench::new();
    let setup = bench.run("a", "0");
    let owner = owner(&setup).await;
    // Two handles are two sets of connections, as two processes would have.
    let runs = [bench.run("a", "1"), bench.run("b", "2")].map(std::sync::Arc::new);
    let mut tasks = Vec::new();
    for task in 0..10 {
        let inventory = std::sync::Arc::clone(&runs[task % 2]);
        let owner = owner.clone();
        tasks.push(tokio::spawn(async move {
            for index in 0..EACH {
                create(&inventory, &owner, &format!("job-{task}-{index}")).await.unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let verification = setup.verify().await.unwrap();
    assert_eq!(verification.breaks, Vec::<String>::new());
    assert_eq!(verification.events, 1 + 10 * i64::try_from(EACH).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_name_is_made_once() {
    let bench = Bench::new();
    let setup = bench.run("a", "0");
    let owner = owner(&setup).await;
    let mut tasks = Vec::new();
    for run in 0..8 {
        let (inventory, owner) = (bench.run("a", &format!("r{run}")), owner.clone());
        // Each says something of its own, so that none is a leftover of another.
        tasks.push(tokio::spawn(async move {
            let (mut facts, terms) = export(&owner, "export");
            facts.purpose = format!("Export number {run} of invoices");
            inventory.create_identity(now(), (fresh_id("nhi").unwrap(), facts, terms)).await.is_ok()
        }));
    }
    let mut made = 0;
    for task in tasks {
        made += usize::from(task.await.unwrap());
    }
    assert_eq!(made, 1);
}

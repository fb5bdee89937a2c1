//! What the tests of data sources look at: an inventory with a past, made by a pipeline, and reads through every check that a
//! reply to Terraform goes through.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use policy::governance::Kind;

use crate::context::Context;
use crate::data_source::DataSource;
use crate::data_source::adapter::Entry;
use crate::inventory::fresh_id;
use crate::inventory::issues::Issue;
use crate::inventory::record::{
    ApiKey, Credential, Details, Facts, Identity, OwnerFacts, Pinned, Rotation, Terms,
};
use crate::inventory::search::Filter;
use crate::model::Model as _;
use crate::problem::Problem;
use crate::resources::testing::{READER, shown};
use crate::settings::{Settings, configure_in};
use crate::stop::Stopper;

/// When the estate was made.
pub(crate) const MADE: &str = "2026-10-01T09:00:00Z";

/// An inventory in a temporary folder.
pub(crate) struct Estate {
    folder: tempfile::TempDir,
}

/// Reads a data source.
pub(crate) async fn read<D: DataSource>(context: &Context, config: D::Model) -> D::Model {
    try_read::<D>(context, config).await.unwrap_or_else(|problems| panic!("{}", shown(&problems)))
}

/// Reads a data source that may refuse.
pub(crate) async fn try_read<D: DataSource>(
    context: &Context,
    config: D::Model,
) -> Result<D::Model, Vec<Problem>> {
    let entry = Entry::of::<D>();
    let config = config.to_value();
    let problems = entry.validate(&config);
    if !problems.is_empty() {
        return Err(problems);
    }
    let (found, _) = entry.read(&config, context).await?;
    Ok(D::Model::from_value(&found).unwrap())
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl Estate {
    /// An empty inventory.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A run of the pipeline that makes everything here, for a commit.
    pub(crate) fn run(&self, now: &str, commit: &str) -> Context {
        let variables = BTreeMap::from([
            ("GITHUB_ACTOR", "octocat"),
            ("GITHUB_REPOSITORY", "acme/infra"),
            ("GITHUB_WORKSPACE", self.folder.path().to_str().unwrap()),
            ("GITHUB_SHA", commit),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_RUN_ID", "7"),
        ]);
        let variable = |name: &str| variables.get(name).map(|value| (*value).to_owned());
        let settings = Settings { inventory: "sqlite:inventory.db".into(), ..Settings::default() };
        Context {
            configured: Some(Arc::new(
                configure_in(settings, self.folder.path(), &variable).unwrap(),
            )),
            now: time(now),
            stop: Stopper::new().subscribe(),
            private: Vec::new(),
        }
    }

    /// The folder that the runs apply.
    pub(crate) fn path(&self) -> String {
        self.folder.path().to_string_lossy().into_owned()
    }

    /// Registers an owner.
    pub(crate) async fn owner(&self, name: &str, active: bool) -> String {
        let facts = OwnerFacts {
            name: name.to_owned(),
            accountable: "ada@example.com".to_owned(),
            steward: "grace@example.com".to_owned(),
            contacts: vec!["#payments".to_owned()],
            active: true,
        };
        let context = self.run(MADE, "c0ffee1");
        let inventory = context.configured().unwrap().inventory().unwrap();
        let made = inventory.create_owner(time(MADE), facts.clone()).await.unwrap().into_record();
        if !active {
            let facts = OwnerFacts { active, ..facts };
            inventory.update_owner(time(MADE), (&made.id, 1), facts).await.unwrap();
        }
        made.id
    }

    /// An identity of an owner, with what makes it differ from others.
    pub(crate) async fn create(
        &self,
        (owner, kind, name): (&str, Kind, &str),
        change: impl FnOnce(&mut Facts, &mut Terms),
    ) -> Identity {
        let (mut facts, mut terms) = (facts(owner, kind, name), terms());
        change(&mut facts, &mut terms);
        let context = self.run(MADE, "c0ffee1");
        let inventory = context.configured().unwrap().inventory().unwrap();
        let id = fresh_id("nhi").unwrap();
        inventory.create_identity(time(MADE), (id, facts, terms)).await.unwrap().into_record()
    }

    /// The living identity of that name.
    pub(crate) async fn identity(&self, name: &str) -> Identity {
        let context = self.run(MADE, "c0ffee1");
        let inventory = context.configured().unwrap().inventory().unwrap();
        let filter = Filter { name_prefix: Some(name.to_owned()), ..Filter::default() };
        inventory.survey(filter).await.unwrap().identities.remove(0)
    }

    /// Notes that a token was issued.
    pub(crate) async fn issue(&self, identity: &Identity, now: &str) {
        let context = self.run(now, "c0ffee9");
        let inventory = context.configured().unwrap().inventory().unwrap();
        let identity = inventory.identity(&identity.id).await.unwrap().unwrap();
        let issue = Issue {
            action: "token.issue",
            identity: (identity.id, identity.version),
            credential: format!("jti-{now}"),
            audience: Some("https://ledger.example.com".to_owned()),
            expires_at: Some(time(now) + SignedDuration::from_hours(1)),
            key: None,
        };
        inventory.record_issue(time(now), issue).await.unwrap();
    }

    /// Changes the database behind the inventory.
    pub(crate) fn tamper(&self, sql: &str) {
        let db = rusqlite::Connection::open(self.folder.path().join("inventory.db")).unwrap();
        assert!(db.execute(sql, []).unwrap() > 0);
    }

    /// Changes an identity in a later run.
    pub(crate) async fn change(
        &self,
        (now, commit): (&str, &str),
        identity: &Identity,
        change: impl FnOnce(&mut Facts, &mut Terms),
    ) -> Identity {
        let (mut facts, mut terms) = (identity.facts.clone(), identity.terms.clone());
        change(&mut facts, &mut terms);
        let context = self.run(now, commit);
        let inventory = context.configured().unwrap().inventory().unwrap();
        let key = (identity.id.as_str(), identity.version);
        inventory.update_identity(time(now), key, (facts, terms, String::new())).await.unwrap()
    }
}

fn facts(owner: &str, kind: Kind, name: &str) -> Facts {
    Facts {
        kind,
        name: name.to_owned(),
        owner_id: owner.to_owned(),
        purpose: "Nightly export of invoices to the ledger bucket".to_owned(),
        expiry: "180d".to_owned(),
        template: "s3-object-reader@1".to_owned(),
        parameters: [("bucket".to_owned(), "payments-ledger".to_owned())].into(),
        service: Some("billing".to_owned()),
        environment: Some("prod".to_owned()),
        consumers: vec!["job:invoice-export".to_owned()],
        parent: None,
        disabled: false,
        rotation: Rotation::default(),
        break_glass_reason: None,
        subject: None,
        details: None,
    }
}

fn terms() -> Terms {
    Terms {
        expires_at: time(MADE) + SignedDuration::from_hours(180 * 24),
        template: Pinned {
            name: "s3-object-reader".to_owned(),
            version: "1.2.0".to_owned(),
            digest: "sha256:5eed".to_owned(),
            source: READER.to_owned(),
        },
        spiffe_id: None,
        certified_until: Some(time(MADE) + SignedDuration::from_hours(90 * 24)),
        credential_version: 1,
        rotated_at: time(MADE),
        previous_valid_until: None,
        credential: None,
        review: None,
        extended_by: None,
    }
}

/// One identity of each sort that figures tell apart.
pub(crate) async fn estate() -> Estate {
    let estate = Estate::empty();
    let payments = estate.owner("payments", true).await;
    let ledger = estate.owner("ledger", true).await;
    let export =
        estate.create((&payments, Kind::ServiceAccount, "invoice-export"), |_, _| {}).await;
    estate
        .create((&payments, Kind::WorkloadIdentity, "invoice-worker"), |facts, terms| {
            facts.parent = Some(export.id.clone());
            facts.consumers.push("job:invoice-import".to_owned());
            terms.spiffe_id = Some("spiffe://example.com/billing/worker".to_owned());
        })
        .await;
    estate
        .create((&ledger, Kind::ApiKey, "ledger-key"), |facts, terms| {
            facts.environment = Some("dev".to_owned());
            terms.expires_at = time("2026-11-25T12:00:00Z");
            terms.certified_until = Some(time("2026-11-01T09:00:00Z"));
            let key = |id: &str| ApiKey {
                key_id: id.to_owned(),
                secret_hash: "sha256:00".to_owned(),
                version: 1,
            };
            terms.credential =
                Some(Credential::ApiKey { current: key("key-2"), previous: Some(key("key-1")) });
        })
        .await;
    estate
        .create((&ledger, Kind::Agent, "reconciler"), |facts, _| {
            facts.details = Some(Details::Agent {
                sponsor: "joan@example.com".to_owned(),
                tools: vec!["ledger.read".to_owned(), "ledger.post".to_owned()],
                max_session: Some("1h".to_owned()),
                on_behalf_of: Vec::new(),
            });
        })
        .await;
    estate
        .create((&ledger, Kind::ServiceAccount, "old-job"), |_, terms| {
            terms.expires_at = time("2026-11-01T00:00:00Z");
        })
        .await;
    estate
}

//! Identities for tests of what is issued to them: straight into the inventory, without a plan.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use policy::governance::Kind;
use policy::template::Library;

use crate::inventory::fresh_id;
use crate::inventory::record::{Facts, Identity, OwnerFacts, Pinned, Rotation, Terms};
use crate::resources::testing::Bench;

/// The template that they are bound to: no limits of its own.
pub(crate) const TEMPLATE: &str = "template \"any\" {\n  version = \"1.0.0\"\n}\n";

/// What an identity states, with as little as possible in it.
pub(crate) fn facts(kind: Kind, owner_id: &str) -> Facts {
    Facts {
        kind,
        name: "billing".to_owned(),
        owner_id: owner_id.to_owned(),
        purpose: "Sends the bills".to_owned(),
        expiry: "30d".to_owned(),
        template: "any@1".to_owned(),
        parameters: BTreeMap::new(),
        service: Some("billing".to_owned()),
        environment: None,
        consumers: Vec::new(),
        parent: None,
        disabled: false,
        rotation: Rotation::default(),
        break_glass_reason: None,
        subject: None,
        details: None,
    }
}

/// What was decided on an identity that ends in 30 days.
pub(crate) fn terms(now: Timestamp) -> Terms {
    let library = Library::parse(&[("t", TEMPLATE)]).0;
    let template = library.templates().next().unwrap();
    Terms {
        expires_at: now.checked_add(SignedDuration::from_hours(30 * 24)).unwrap(),
        template: Pinned {
            name: template.name.clone(),
            version: template.version.to_string(),
            digest: template.digest.clone(),
            source: TEMPLATE.to_owned(),
        },
        spiffe_id: None,
        certified_until: None,
        credential_version: 1,
        rotated_at: now,
        previous_valid_until: None,
        credential: None,
        review: None,
        extended_by: None,
    }
}

/// An identity in the bench's inventory, and its owner `payments`.
pub(crate) async fn living(
    bench: &Bench,
    kind: Kind,
    change: impl FnOnce(&mut Facts, &mut Terms),
) -> Identity {
    let context = bench.context();
    let inventory = context.configured().unwrap().inventory().unwrap();
    let owner = OwnerFacts {
        name: "payments".to_owned(),
        accountable: "ada@example.com".to_owned(),
        steward: "grace@example.com".to_owned(),
        contacts: Vec::new(),
        active: true,
    };
    let owner = inventory.create_owner(context.now(), owner).await.unwrap().into_record();
    let (mut facts, mut terms) = (facts(kind, &owner.id), terms(context.now()));
    change(&mut facts, &mut terms);
    let made = (fresh_id("nhi").unwrap(), facts, terms);
    inventory.create_identity(context.now(), made).await.unwrap().into_record()
}

/// The same identity, switched off or on.
pub(crate) async fn switched(bench: &Bench, identity: Identity, disabled: bool) -> Identity {
    let context = bench.context();
    let inventory = context.configured().unwrap().inventory().unwrap();
    let Identity { id, version, facts, terms, .. } = identity;
    let facts = Facts { disabled, ..facts };
    inventory
        .update_identity(context.now(), (&id, version), (facts, terms, String::new()))
        .await
        .unwrap()
}

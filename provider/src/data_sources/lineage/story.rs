//! Everything on record that has a part in the lineage of an identity.

use std::collections::BTreeMap;

use crate::context::Context;
use crate::data_sources::audit_trail::{Source, flat};
use crate::data_sources::known::{self, unreadable};
use crate::inventory::bindings::Binding;
use crate::inventory::certificates::CertificateRecord;
use crate::inventory::certifications::Certification;
use crate::inventory::exceptions::Exception;
use crate::inventory::record::{Identity, Owner};
use crate::inventory::trail::Scope;
use crate::problem::Problem;

/// What is known.
#[derive(Debug)]
pub(super) struct Story {
    /// The identity.
    pub(super) identity: Identity,
    /// Its owner, unless that was removed.
    pub(super) owner: Option<Owner>,
    /// What was done to its record, by where it came from: actions and how often, in the order of their first time.
    pub(super) changes: Vec<(Source, Vec<(String, usize)>)>,
    /// What was issued to it, by action and signing key: how often, and when the last time.
    pub(super) issues: BTreeMap<(String, Option<String>), (usize, String)>,
    /// Where its template was published from.
    pub(super) publication: Option<Source>,
    /// What it was derived from, nearest first.
    pub(super) parents: Vec<Identity>,
    /// What was derived from it.
    pub(super) children: Vec<Identity>,
    /// Its certificates.
    pub(super) certificates: Vec<CertificateRecord>,
    /// The principals that are bound to it.
    pub(super) bindings: Vec<Binding>,
    /// Exceptions in force and past ones that were not removed.
    pub(super) exceptions: Vec<Exception>,
    /// Its reviews, the latest first.
    pub(super) certifications: Vec<Certification>,
}

/// What one event has to say.
struct Told {
    source: Source,
    action: String,
    at: String,
    is_issue: bool,
    key_id: Option<String>,
}

/// How deep parents are followed; there is no circle, and nobody reads more.
const DEEPEST: usize = 32;

/// Reads everything.
pub(super) async fn gather(identity: Identity, context: &Context) -> Result<Story, Vec<Problem>> {
    let inventory = context.configured()?.inventory()?;
    let id = identity.id.as_str();
    let scope = Scope { identity: Some(id.to_owned()), ..Scope::default() };
    let told = inventory.trail(scope, |event, _| Told {
        source: Source::of(&event),
        is_issue: event.subject.starts_with("issue:"),
        key_id: flat(&event.record).remove("key_id"),
        action: event.action,
        at: event.at,
    });
    let (mut changes, mut issues) = (Vec::new(), BTreeMap::new());
    for told in told.await.map_err(unreadable)? {
        if told.is_issue {
            let counted = issues.entry((told.action, told.key_id)).or_insert((0, String::new()));
            *counted = (counted.0 + 1, told.at);
        } else {
            note(&mut changes, told.source, told.action);
        }
    }
    let template = format!("template:{}", known::reference(&identity.terms.template));
    let scope = Scope { subject: Some(template), ..Scope::default() };
    let published = inventory.trail(scope, |event, _| Source::of(&event)).await;
    let mut parents: Vec<Identity> = Vec::new();
    let mut above = identity.facts.parent.clone();
    while let Some(parent) = above.take()
        && parents.len() < DEEPEST
    {
        let Some(parent) = inventory.identity(&parent).await.map_err(unreadable)? else { break };
        above.clone_from(&parent.facts.parent);
        parents.push(parent);
    }
    Ok(Story {
        owner: inventory.owner(&identity.facts.owner_id).await.map_err(unreadable)?,
        changes,
        issues,
        publication: published.map_err(unreadable)?.into_iter().next(),
        parents,
        children: inventory.derived_from(id).await.map_err(unreadable)?,
        certificates: inventory.certificates_of(id).await.map_err(unreadable)?,
        bindings: inventory.bindings_of(id).await.map_err(unreadable)?,
        exceptions: inventory.exceptions_for(id).await.map_err(unreadable)?,
        certifications: inventory.certifications_of(id).await.map_err(unreadable)?,
        identity,
    })
}

fn note(changes: &mut Vec<(Source, Vec<(String, usize)>)>, source: Source, action: String) {
    let known = changes.iter().position(|(known, _)| *known == source);
    let known = known.unwrap_or_else(|| {
        changes.push((source, Vec::new()));
        changes.len() - 1
    });
    let Some((_, actions)) = changes.get_mut(known) else { return };
    match actions.iter_mut().find(|(known, _)| *known == action) {
        Some((_, count)) => *count += 1,
        None => actions.push((action, 1)),
    }
}

//! Filling in the packet. Everything in it is taken from the audit trail, up to the time that it is of.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use policy::governance::{Baseline, Lifetime, State};
use policy::template::Template;

use super::access::sentences;
use super::packet::{
    About, Access, Agent, Bound, Dependencies, Incident, Ownership, Packet, Permission, Posture,
    Review, Reviews, Step, Usage,
};
use super::record::{self, Recorded, has, text, texts};
use crate::ceiling::Rendering;
use crate::context::Context;
use crate::data_sources::audit_trail::Source;
use crate::data_sources::inventory::is_short_lived;
use crate::data_sources::known::{self, principal_name, reference, rotation_due, unreadable};
use crate::data_sources::policy::documents;
use crate::inventory::record::{Credential, Details, Identity, OwnerFacts};
use crate::inventory::trail::Scope;
use crate::problem::Problem;

/// What evidences of a review are asked for, by framework. They are evidenced by a packet with a decision, not met by it.
const FRAMEWORKS: [&str; 9] = [
    "cis-8.1:5.5",
    "csa-ccm-4.0:IAM-08",
    "iso27001-2022:A.5.18",
    "nist-800-53r5:AC-2(j)",
    "nist-800-53r5:AC-6(7)",
    "nist-csf-2.0:PR.AA-05",
    "pci-dss-4.0.1:7.2.5.1",
    "soc2-2017:CC6.2",
    "soc2-2017:CC6.3",
];

/// What one event says.
struct Told {
    at: String,
    actor: String,
    source: Source,
    action: String,
    subject: String,
    record: Option<Recorded>,
}

/// The packet of an identity at a time; none before it was there.
pub(super) async fn of(
    identity: Identity,
    as_of: Option<Timestamp>,
    context: &Context,
) -> Result<Option<Packet>, Vec<Problem>> {
    let inventory = context.configured()?.inventory()?;
    let at = as_of.unwrap_or_else(|| context.now());
    let id = identity.id.clone();
    let until = at.checked_add(SignedDuration::from_secs(1)).unwrap_or(at);
    let scope = Scope { identity: Some(id.clone()), until: Some(until), ..Scope::default() };
    let told = inventory.trail(scope, |event, _| Told {
        source: Source::of(&event),
        record: record::parse(&event.record),
        at: event.at,
        actor: event.actor,
        action: event.action,
        subject: event.subject,
    });
    let told = told.await.map_err(unreadable)?;
    let mut latest: BTreeMap<&str, &Recorded> = BTreeMap::new();
    for event in &told {
        if let Some(record) = &event.record {
            latest.insert(&event.subject, record);
        }
    }
    let subject = format!("identity:{id}");
    let Some(recorded) = latest.get(subject.as_str()) else { return Ok(None) };
    let mut identity = record::identity(identity, (*recorded).clone())?;
    let owner = inventory.recorded(&format!("owner:{}", identity.facts.owner_id), at).await;
    let owner = owner.map_err(unreadable)?.as_deref().and_then(record::parse);
    let owner = owner.as_ref().map(record::owner);
    if let Some(owner) = &owner {
        (identity.owner, identity.owner_active) = (owner.name.clone(), owner.active);
    }
    let text = inventory.template_text(&identity.terms.template.digest).await;
    if let Some(text) = text.map_err(unreadable)? {
        identity.terms.template.source = text.source;
    }
    let template = known::template(context, &identity.terms.template)?;
    let derived = inventory.derived_from(&id).await.map_err(unreadable)?;
    let derived = derived.into_iter().filter(|it| it.created_at <= at);
    let records = Records { at, latest: &latest };
    Ok(Some(Packet {
        version: 1,
        as_of,
        ownership: ownership(&identity, owner),
        access: access(&identity, &template)?,
        usage: usage(&told, at),
        credential: posture(&identity, &template, at),
        dependencies: Dependencies {
            consumers: identity.facts.consumers.clone(),
            principals: records.principals(),
            parent: identity.facts.parent.clone(),
            derived: derived
                .map(|it| format!("{} {}", it.facts.kind.name(), it.facts.name))
                .collect(),
        },
        lineage: told.iter().filter(|it| !is_moment(it)).map(step).collect(),
        incidents: told.iter().filter_map(incident).collect(),
        exceptions: records.exceptions(),
        review: records.reviews(&identity, &template),
        evidences: FRAMEWORKS,
        identity: about(identity, at),
    }))
}

fn is_moment(told: &Told) -> bool {
    told.subject.starts_with("issue:")
}

fn about(identity: Identity, at: Timestamp) -> About {
    let agent = match &identity.facts.details {
        Some(Details::Agent { sponsor, tools, on_behalf_of, max_session: _ }) => Some(Agent {
            sponsor: sponsor.clone(),
            tools: tools.clone(),
            on_behalf_of: on_behalf_of.clone(),
        }),
        Some(Details::Certificate { .. }) | None => None,
    };
    About {
        kind: identity.facts.kind.name(),
        status: identity.state_at(at).name(),
        created_at: identity.created_at,
        expires_at: identity.terms.expires_at,
        principal_name: principal_name(&identity),
        spiffe_id: identity.terms.spiffe_id,
        id: identity.id,
        name: identity.facts.name,
        purpose: identity.facts.purpose,
        service: identity.facts.service,
        environment: identity.facts.environment,
        agent,
    }
}

fn ownership(identity: &Identity, owner: Option<OwnerFacts>) -> Ownership {
    let owner = owner.unwrap_or_else(|| OwnerFacts {
        name: identity.owner.clone(),
        accountable: String::new(),
        steward: String::new(),
        contacts: Vec::new(),
        active: false,
    });
    Ownership {
        owner: owner.name,
        accountable: owner.accountable,
        steward: owner.steward,
        contacts: owner.contacts,
        active: owner.active,
    }
}

fn access(identity: &Identity, template: &Template) -> Result<Access, Vec<Problem>> {
    let bound = template.bind(&identity.facts.parameters).map_err(|errors| {
        errors.iter().map(|it| Problem::bug(it.to_string())).collect::<Vec<_>>()
    })?;
    let ceiling = Rendering { template, bound: Some(&bound), unknown: &BTreeSet::new() }.ceiling();
    Ok(Access {
        template: reference(&identity.terms.template),
        digest: identity.terms.template.digest.clone(),
        description: template.description.clone(),
        parameters: identity.facts.parameters.clone(),
        in_words: sentences(&ceiling).into_iter().collect(),
        documents: documents::of(template, &ceiling),
    })
}

/// The beginning of the day that lies so many days back: what is counted from there changes once a day.
fn days_back(at: Timestamp, days: i64) -> String {
    let midnight = at.to_zoned(TimeZone::UTC).start_of_day().map_or(at, |day| day.timestamp());
    let back = midnight.checked_sub(SignedDuration::from_hours(24 * days));
    back.unwrap_or(Timestamp::MIN).to_string()
}

fn usage(told: &[Told], at: Timestamp) -> Usage {
    let (month, quarter) = (days_back(at, 30), days_back(at, 90));
    let mut usage = Usage::default();
    for event in told.iter().filter(|event| is_moment(event)) {
        let recent = event.at >= quarter;
        if event.action.ends_with(".refuse") {
            usage.refused_90_days += usize::from(recent);
            continue;
        }
        usage.issued += 1;
        usage.issued_30_days += usize::from(event.at >= month);
        usage.issued_90_days += usize::from(recent);
        usage.last_issued_at = Some(event.at.clone());
        let audience = event.record.as_ref().map(|record| text(record, "audience"));
        usage.audiences.extend(audience.filter(|audience| !audience.is_empty()));
    }
    usage
}

fn posture(identity: &Identity, template: &Template, at: Timestamp) -> Posture {
    let (facts, terms) = (&identity.facts, &identity.terms);
    let short_lived = is_short_lived(facts.kind);
    let due = rotation_due(identity, template);
    let (mut key_id, mut serial, mut end) = (None, None, None);
    match &terms.credential {
        Some(Credential::ApiKey { current, .. }) => key_id = Some(current.key_id.clone()),
        Some(Credential::Certificate { serial: number, not_after, .. }) => {
            (serial, end) = (Some(number.clone()), Some(*not_after));
        }
        None => {}
    }
    let stated = match &facts.details {
        Some(Details::Agent { max_session, .. }) => max_session.clone(),
        Some(Details::Certificate { .. }) | None => None,
    };
    let of_template = || template.require.max_session.as_ref().map(|it| it.value.to_string());
    Posture {
        lifetime: if short_lived { "short_lived" } else { "static" },
        version: terms.credential_version,
        made_at: terms.rotated_at,
        age_days: at.duration_since(terms.rotated_at).as_hours() / 24,
        previous_valid_until: terms.previous_valid_until,
        rotation: facts.rotation.clone(),
        rotation_due: due,
        rotation_overdue: due.is_some_and(|due| due <= at),
        max_session: stated.or_else(of_template),
        key_id,
        serial,
        not_after: end,
    }
}

fn step(told: &Told) -> Step {
    Step {
        at: told.at.clone(),
        action: told.action.clone(),
        actor: told.actor.clone(),
        origin: told.source.origin.clone(),
        revision: told.source.revision.clone(),
        pipeline: told.source.pipeline.clone(),
    }
}

fn incident(told: &Told) -> Option<Incident> {
    let record = told.record.as_ref();
    let because = record.map(|record| text(record, "because")).unwrap_or_default();
    let refused = told.action.ends_with(".refuse");
    let switched = matches!(
        told.action.as_str(),
        "identity.suspend" | "identity.resume" | "identity.disable" | "identity.enable"
    );
    if because.is_empty() && !refused && !switched {
        return None;
    }
    let reasons = record.map(|record| texts(record, "reasons").join(", ")).unwrap_or_default();
    Some(Incident {
        at: told.at.clone(),
        action: told.action.clone(),
        actor: told.actor.clone(),
        because: if because.is_empty() { reasons } else { because },
    })
}

/// The last record of each subject.
struct Records<'a> {
    at: Timestamp,
    latest: &'a BTreeMap<&'a str, &'a Recorded>,
}

impl Records<'_> {
    /// Those of a family that were not removed.
    fn standing(&self, family: &'static str) -> impl Iterator<Item = &Recorded> {
        let family = self.latest.iter().filter(move |(subject, _)| subject.starts_with(family));
        family.map(|(_, record)| *record).filter(|record| !has(record, "removed_at"))
    }

    fn principals(&self) -> Vec<Bound> {
        let mut principals: Vec<_> = self
            .standing("binding:")
            .map(|record| Bound {
                platform: text(record, "platform"),
                principal: text(record, "principal"),
                consumers: texts(record, "consumers"),
                retired_by: has(record, "retired_by").then(|| text(record, "retired_by")),
            })
            .collect();
        principals.sort_by(|one, other| {
            (&one.platform, &one.principal).cmp(&(&other.platform, &other.principal))
        });
        principals
    }

    fn exceptions(&self) -> Vec<Permission> {
        let now = self.at.to_string();
        let mut exceptions: Vec<_> = self
            .standing("exception:")
            .map(|record| Permission {
                rule: text(record, "rule"),
                reason: text(record, "reason"),
                compensating_control: text(record, "compensating_control"),
                approver: text(record, "approver"),
                expired: text(record, "expires_at") <= now,
                expires_at: text(record, "expires_at"),
            })
            .collect();
        exceptions.sort_by(|one, other| one.rule.cmp(&other.rule));
        exceptions
    }

    fn reviews(&self, identity: &Identity, template: &Template) -> Reviews {
        // A decision stays, whether its configuration does or not.
        let decisions =
            self.latest.iter().filter(|(subject, _)| subject.starts_with("certification:"));
        let mut earlier: Vec<_> = decisions
            .map(|(_, record)| Review {
                decided_at: text(record, "decided_at"),
                outcome: text(record, "outcome"),
                reviewer: text(record, "reviewer"),
                evidence: text(record, "evidence"),
                effect: text(record, "effect"),
                certified_until: text(record, "certified_until"),
            })
            .collect();
        earlier.sort_by(|one, other| other.decided_at.cmp(&one.decided_at));
        let every = every(identity, template);
        let until = identity.terms.certified_until;
        let living = identity.state_at(self.at) != State::Decommissioned;
        Reviews {
            certified_until: until,
            overdue: living && until.is_some_and(|until| until <= self.at),
            next_by: every.map(|every| every.after(self.at).strftime("%Y-%m-%d").to_string()),
            every: every.map(|every| every.to_string()),
            earlier,
        }
    }
}

/// The shorter of what the template and the kind say.
fn every(identity: &Identity, template: &Template) -> Option<Lifetime> {
    let of_template = template.require.review_every.as_ref().map(|review| review.value);
    let of_kind = Baseline::default().caps(identity.facts.kind).review_every;
    of_template.into_iter().chain(of_kind).min()
}

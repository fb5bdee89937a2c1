//! AWS identities: documents and trust go to the template engine as they are.

use std::collections::BTreeMap;

use policy::aws::{self, Document, Effect};
use policy::governance::Field;
use policy::template::Template;
use policy::template::fit::{
    AwsSubject, Fit, Outside, Part as FitPart, Policy, Subject, Undecided, fit,
};
use policy::text::Text;
use policy::verdict::{Verdict, Why};

use crate::finding::Decided;
use crate::identity::{Content, Grant, Identity, Origin};
use crate::managed;
use crate::rule::Context;

use super::{Answer, Culprit, Doubt, Gap, Part, is_rendered};

/// Policies that were read, each with the grant that it is.
struct Read<'a> {
    permissions: Vec<(&'a Grant, Policy)>,
    trust: Option<(&'a Grant, Policy)>,
}

/// How an identity stands to a template.
pub(super) fn answer(
    identity: &Identity,
    template: &Template,
    given: &BTreeMap<String, String>,
    _: &Context<'_>,
) -> Answer {
    let read = match read(identity) {
        Ok(read) => read,
        Err(doubt) => return Answer::Undecided(doubt),
    };
    let policies: Vec<&Policy> = read.permissions.iter().map(|(_, policy)| policy).collect();
    let boundary = boundary(identity);
    let whole = subject(
        identity,
        &policies,
        read.trust.as_ref().map(|(_, policy)| policy),
        boundary.clone(),
    );
    match fit(template, given, &whole) {
        Fit::Inside(_) => Answer::Inside,
        Fit::Inapplicable(_) => Answer::Inapplicable,
        Fit::Undecided(undecided) => Answer::Undecided(doubt(undecided, &read, identity)),
        Fit::Unbindable(errors) => {
            let reason = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            Answer::Undecided(Doubt {
                culprit: at(identity, Part::Permissions),
                why: Why::construct(reason),
            })
        }
        Fit::Outside(outside) => {
            let mut gaps = gaps(outside, template, &read, identity);
            gaps.extend(others(template, given, &read, identity, &gaps));
            Answer::Outside(gaps)
        }
    }
}

/// An identity against nothing: whatever it may do is outside.
pub(super) fn bare(identity: &Identity) -> Answer {
    let read = match read(identity) {
        Ok(read) => read,
        Err(doubt) => return Answer::Undecided(doubt),
    };
    let parts =
        [(Part::Permissions, read.permissions), (Part::Trust, read.trust.into_iter().collect())];
    let mut doubtful = None;
    for (part, policies) in parts {
        let documents: Vec<&Document> =
            policies.iter().map(|(_, policy)| &policy.document).collect();
        let decision = aws::contains(&[], &documents);
        let grant = decision
            .inner_statement
            .as_ref()
            .and_then(|statement| policies.get(statement.document));
        let Some((grant, _)) = grant.or_else(|| policies.first()) else { continue };
        let culprit = Culprit::of(grant, part);
        match decision.open {
            Verdict::Inside => {}
            Verdict::Outside(example) => {
                let counterexample = Some(example);
                return Answer::Outside(vec![Gap {
                    culprit,
                    counterexample,
                    reason: String::new(),
                    decided: None,
                }]);
            }
            Verdict::Undecided(why) => {
                doubtful.get_or_insert(Doubt { culprit, why });
            }
        }
    }
    doubtful.map_or(Answer::Inside, Answer::Undecided)
}

fn read(identity: &Identity) -> Result<Read<'_>, Doubt> {
    let mut permissions = Vec::new();
    for grant in identity.grants.iter().filter(|grant| !is_rendered(grant)) {
        permissions.push((grant, policy(grant, Part::Permissions)?));
    }
    let trust = identity.trusts.iter().find(|grant| !is_rendered(grant));
    let trust = match trust {
        Some(grant) => Some((grant, policy(grant, Part::Trust)?)),
        None => None,
    };
    Ok(Read { permissions, trust })
}

fn policy(grant: &Grant, part: Part) -> Result<Policy, Doubt> {
    let fail =
        |reason: String| Doubt { culprit: Culprit::of(grant, part), why: Why::construct(reason) };
    let text = match &grant.content {
        Content::Document(text) => text.clone(),
        Content::Arn(arn) => managed::text(arn),
        Content::Role { .. }
        | Content::Rules { .. }
        | Content::KubernetesRole { .. }
        | Content::Rendered => {
            return Err(fail("it is not an AWS policy".to_owned()));
        }
    };
    Policy::parse(&text).map_err(|error| fail(error.to_string()))
}

fn boundary(identity: &Identity) -> Field<Text> {
    match (&identity.boundary, identity.origin) {
        (Some(Grant { content: Content::Arn(arn), .. }), _) => Field::Value(arn.clone()),
        (Some(grant), _) => Field::Unknown(grant.path.clone()),
        (None, Origin::Here) => Field::Absent,
        (None, Origin::Elsewhere) => Field::Unknown("permissions_boundary".to_owned()),
    }
}

fn subject<'a>(
    identity: &'a Identity,
    permissions: &'a [&'a Policy],
    trust: Option<&'a Policy>,
    boundary: Field<Text>,
) -> Subject<'a> {
    Subject {
        kind: Some(identity.kind),
        environment: identity.governance.record.environment.as_str(),
        aws: Some(AwsSubject { permissions, trust, boundary }),
    }
}

/// Every other policy that is outside on its own, so that one run shows all culprits. Not where a Deny is about: it
/// may take away from a policy what another one gives.
fn others(
    template: &Template,
    given: &BTreeMap<String, String>,
    read: &Read<'_>,
    identity: &Identity,
    known: &[Gap],
) -> Vec<Gap> {
    let denies = |policy: &Policy| {
        policy.document.statements().iter().any(|statement| statement.effect() != Effect::Allow)
    };
    let told = known.iter().any(|gap| gap.culprit.part == Part::Permissions);
    if !told
        || read.permissions.len() < 2
        || read.permissions.iter().any(|(_, policy)| denies(policy))
    {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (grant, policy) in &read.permissions {
        let culprit = Culprit::of(grant, Part::Permissions);
        let same = |gap: &Gap| {
            gap.culprit.resource == culprit.resource && gap.culprit.path == culprit.path
        };
        if known.iter().any(same) {
            continue;
        }
        let alone = Read { permissions: vec![(grant, policy.clone())], trust: None };
        if let Fit::Outside(outside) =
            fit(template, given, &subject(identity, &[policy], None, boundary(identity)))
        {
            let gaps = gaps(outside, template, &alone, identity);
            found.extend(gaps.into_iter().filter(|gap| gap.culprit.part == Part::Permissions));
        }
    }
    found
}

fn gaps(outside: Outside, template: &Template, read: &Read<'_>, identity: &Identity) -> Vec<Gap> {
    let name = template.reference().to_string();
    outside
        .gaps
        .into_iter()
        .map(|gap| {
            let document = gap.statement.as_ref().map(|statement| statement.document);
            let label = match gap.part {
                FitPart::Permissions => format!("template `{name}` allows this at most"),
                FitPart::Trust => format!("template `{name}` lets these in at most"),
                FitPart::Boundary => format!("template `{name}` asks for this boundary"),
            };
            Gap {
                culprit: culprit(gap.part, document, read, identity),
                counterexample: gap.counterexample,
                reason: gap.reason,
                decided: Some(Decided {
                    file: std::sync::Arc::clone(&template.place.file),
                    span: gap.template_span.unwrap_or(template.place.span),
                    label,
                }),
            }
        })
        .collect()
}

fn doubt(undecided: Undecided, read: &Read<'_>, identity: &Identity) -> Doubt {
    let document = undecided.statement.as_ref().map(|statement| statement.document);
    let part = undecided.part.unwrap_or(FitPart::Permissions);
    Doubt { culprit: culprit(part, document, read, identity), why: undecided.why }
}

fn culprit(
    part: FitPart,
    document: Option<usize>,
    read: &Read<'_>,
    identity: &Identity,
) -> Culprit {
    match part {
        FitPart::Permissions => {
            let grant = document
                .and_then(|number| read.permissions.get(number))
                .or_else(|| read.permissions.first());
            grant.map_or_else(
                || at(identity, Part::Permissions),
                |(grant, _)| Culprit::of(grant, Part::Permissions),
            )
        }
        FitPart::Trust => match &read.trust {
            Some((grant, _)) => Culprit::of(grant, Part::Trust),
            None => at(identity, Part::Trust),
        },
        FitPart::Boundary => match &identity.boundary {
            Some(grant) => Culprit::of(grant, Part::Boundary),
            None => at(identity, Part::Boundary),
        },
    }
}

fn at(identity: &Identity, part: Part) -> Culprit {
    Culprit { resource: identity.resource, path: String::new(), part }
}

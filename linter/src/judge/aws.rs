//! AWS identities: documents and trust go to the template engine as they are.

use std::collections::BTreeMap;
use std::rc::Rc;

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
use crate::rule::Context;

use super::{Answer, Culprit, Doubt, Gap, Part, given, is_rendered, usable};

/// The policies of an identity, each with the grant that it is.
#[derive(Default)]
pub(super) struct Policies<'a> {
    permissions: Vec<(&'a Grant, Rc<Policy>)>,
    trust: Option<(&'a Grant, Rc<Policy>)>,
    /// What is no policy document. The rest is judged all the same.
    broken: Vec<Doubt>,
}

/// How an identity stands to a template.
pub(super) fn answer(
    identity: &Identity,
    read: &Policies<'_>,
    template: &Template,
    given: &BTreeMap<String, String>,
    context: &Context<'_>,
) -> Answer {
    let policies: Vec<&Policy> = read.permissions.iter().map(|(_, policy)| &**policy).collect();
    let boundary = boundary(identity);
    let whole = subject(
        identity,
        &policies,
        read.trust.as_ref().map(|(_, policy)| &**policy),
        boundary.clone(),
    );
    match fit(template, given, &whole) {
        Fit::Inside(_) => {
            let doubts: Vec<Doubt> =
                read.broken.iter().cloned().chain(assumed(read, context)).collect();
            if doubts.is_empty() { Answer::Inside } else { Answer::Undecided(doubts) }
        }
        Fit::Inapplicable(_) => Answer::Inapplicable,
        Fit::Undecided(undecided) => {
            let mut doubts = vec![doubt(undecided, read, identity)];
            doubts.extend(read.broken.iter().cloned());
            Answer::Undecided(doubts)
        }
        Fit::Unbindable(errors) => {
            let reason = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            let culprit = at(identity, Part::Permissions);
            Answer::Undecided(vec![Doubt { culprit, why: Why::construct(reason) }])
        }
        Fit::Outside(outside) => {
            let mut gaps = gaps(outside, template, read, identity);
            gaps.extend(others(template, given, read, identity, &gaps));
            Answer::Outside(gaps, read.broken.clone())
        }
    }
}

/// A value that was put together from references alone is good enough to refuse, not to clear.
fn assumed(read: &Policies<'_>, context: &Context<'_>) -> Option<Doubt> {
    let permissions = read.permissions.iter().map(|(grant, _)| (*grant, Part::Permissions));
    let trust = read.trust.iter().map(|(grant, _)| (*grant, Part::Trust));
    let (grant, part) = permissions.chain(trust).find(|(grant, _)| {
        let argument = grant.path.split(['.', '[']).next().unwrap_or(&grant.path);
        context.resource(grant.resource).is_some_and(|resource| resource.assumed.contains(argument))
    })?;
    let reason = format!("the plan does not say how `{}` is put together", grant.path);
    let why = Why { reason, unknown: Vec::new() };
    Some(Doubt { culprit: Culprit::of(grant, part), why })
}

/// A policy that is named and cannot be looked up says so itself.
fn named(grant: &Grant, why: Why) -> Why {
    let Content::Arn(arn) = &grant.content else { return why };
    let unknown: Vec<String> = arn.holes().map(|hole| hole.origin.to_string()).collect();
    let reason = if unknown.is_empty() {
        format!("policy `{arn}` is not part of this configuration")
    } else {
        format!("which policy `{arn}` is, is not known before apply")
    };
    Why { reason, unknown }
}

/// An identity against nothing: whatever it may do is outside.
pub(super) fn bare(read: &Policies<'_>) -> Answer {
    let trust: Vec<_> = read.trust.iter().cloned().collect();
    let parts = [(Part::Permissions, &read.permissions), (Part::Trust, &trust)];
    let mut doubts = read.broken.clone();
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
                let gap = Gap { culprit, counterexample, reason: String::new(), decided: None };
                return Answer::Outside(vec![gap], read.broken.clone());
            }
            Verdict::Undecided(why) => {
                doubts.push(Doubt { culprit, why: named(grant, why) });
            }
        }
    }
    if doubts.is_empty() { Answer::Inside } else { Answer::Undecided(doubts) }
}

impl<'a> Policies<'a> {
    /// The first policy with one of these unknown values in it.
    fn holding(&self, unknown: &[String]) -> Option<usize> {
        let holds = |grant: &Grant| match &grant.content {
            Content::Document(text) | Content::Rendered { text, .. } => {
                text.holes().any(|hole| unknown.iter().any(|origin| **origin == *hole.origin))
            }
            // What is behind an ARN is unknown as a whole, and goes by the ARN.
            Content::Arn(arn) => unknown.contains(&arn.to_string()),
            Content::Role { .. } | Content::Rules { .. } | Content::KubernetesRole { .. } => false,
        };
        self.permissions.iter().position(|(grant, _)| holds(grant))
    }

    /// Reads the documents of an identity.
    pub(super) fn read(identity: &'a Identity, context: &Context<'_>) -> Self {
        let mut read = Self::default();
        for grant in identity.grants.iter().filter(|grant| !is_rendered(grant, identity)) {
            match policy(grant, Part::Permissions, context) {
                Ok(policy) => read.permissions.push((grant, policy)),
                Err(doubt) => read.broken.push(doubt),
            }
        }
        if let Some(grant) = identity.trusts.iter().find(|grant| !is_rendered(grant, identity)) {
            match policy(grant, Part::Trust, context) {
                Ok(policy) => read.trust = Some((grant, policy)),
                Err(doubt) => read.broken.push(doubt),
            }
        }
        read
    }
}

fn policy(grant: &Grant, part: Part, context: &Context<'_>) -> Result<Rc<Policy>, Doubt> {
    let read = match &grant.content {
        Content::Document(text) => context.managed.document(text),
        Content::Rendered { governed, text } => {
            let known = rendered(*governed, part, context);
            context.managed.document(known.as_ref().unwrap_or(text))
        }
        Content::Arn(arn) => context.managed.policy(arn),
        Content::Role { .. } | Content::Rules { .. } | Content::KubernetesRole { .. } => {
            Err("it is not an AWS policy".to_owned())
        }
    };
    read.map_err(|reason| Doubt { culprit: Culprit::of(grant, part), why: Why::construct(reason) })
}

/// What a governed resource will render, as far as its template and parameters are known.
fn rendered(governed: usize, part: Part, context: &Context<'_>) -> Option<Text> {
    let identity = context.graph.governed(governed)?;
    let governance = &identity.governance;
    if governance.parameters.has_unknown() {
        return None;
    }
    let template = usable(context.library, governance.record.template.as_str()?.trim())?;
    let aws = template.bind(&given(&governance.parameters)).ok()?.aws()?;
    let document = match part {
        Part::Permissions => aws.permissions,
        Part::Trust => aws.trust,
        Part::Boundary => None,
    };
    document.map(Text::literal)
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
        ..Subject::default()
    }
}

/// Every other policy that is outside on its own, so that one run shows all culprits. Not where a Deny is about: it
/// may take away from a policy what another one gives.
fn others(
    template: &Template,
    given: &BTreeMap<String, String>,
    read: &Policies<'_>,
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
        let alone = Policies {
            permissions: vec![(*grant, Rc::clone(policy))],
            trust: None,
            broken: Vec::new(),
        };
        if let Fit::Outside(outside) =
            fit(template, given, &subject(identity, &[&**policy], None, boundary(identity)))
        {
            let gaps = gaps(outside, template, &alone, identity);
            found.extend(gaps.into_iter().filter(|gap| gap.culprit.part == Part::Permissions));
        }
    }
    found
}

fn gaps(
    outside: Outside,
    template: &Template,
    read: &Policies<'_>,
    identity: &Identity,
) -> Vec<Gap> {
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

fn doubt(undecided: Undecided, read: &Policies<'_>, identity: &Identity) -> Doubt {
    let part = undecided.part.unwrap_or(FitPart::Permissions);
    let said = undecided.statement.as_ref().map(|statement| statement.document);
    // An unknown policy may deny what another one allows; the unknown one is what can be mended.
    let document = read.holding(&undecided.why.unknown).or(said);
    let grant = document
        .filter(|_| part == FitPart::Permissions)
        .and_then(|number| read.permissions.get(number));
    let why = match grant {
        Some((grant, _)) => named(grant, undecided.why),
        None => undecided.why,
    };
    Doubt { culprit: culprit(part, document, read, identity), why }
}

fn culprit(
    part: FitPart,
    document: Option<usize>,
    read: &Policies<'_>,
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
    Culprit { resource: identity.resource, path: String::new(), part, named: false }
}

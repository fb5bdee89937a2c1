//! AWS identities: documents and trust go to the template engine as they are.

use std::rc::Rc;

use policy::aws::{self, Document, Effect, StatementRef};
use policy::catalogue;
use policy::governance::Field;
use policy::template::Template;
use policy::template::fit::{
    AwsSubject, Fit, Gap as FitGap, Outside, Part as FitPart, Policy, Subject, Undecided,
};
use policy::text::Text;
use policy::verdict::{Change, Counterexample, Verdict, Why};

use crate::finding::Decided;
use crate::identity::{Content, Grant, Identity, Origin};
use crate::rule::Context;

use super::{Answer, Culprit, Detail, Doubt, Gap, Part, Stated, element, given, is_rendered};

mod limit;

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
    stated: &Stated,
    context: &Context<'_>,
    detail: Detail,
) -> Answer {
    match detail.fit(template, stated, &read.subject(identity, &read.permissions())) {
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
        Fit::Unbindable(errors) => Answer::unbindable(&errors, identity),
        Fit::Outside(outside) => {
            let limited = match detail {
                Detail::Explained => {
                    limit::holds(identity, read, template, &outside.binding, context)
                }
                Detail::Verdict => None,
            };
            let mut gaps = gaps(outside, template, read, identity);
            if detail == Detail::Explained {
                gaps.extend(others(template, stated, read, identity, &gaps));
            }
            if let (Some(note), Some(gap)) = (limited, gaps.first_mut()) {
                gap.note = Some(note);
            }
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
    Some(Doubt { culprit: Culprit::of(grant, part), why, nearest: None })
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
                return Answer::Outside(vec![Gap::of(culprit, example)], read.broken.clone());
            }
            Verdict::Undecided(why) => {
                doubts.push(Doubt { culprit, why: named(grant, why), nearest: None });
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
            Content::Google(_)
            | Content::Azure(_)
            | Content::Directory { .. }
            | Content::Rules { .. }
            | Content::KubernetesRole { .. }
            | Content::Vault { .. }
            | Content::GitHub(_)
            | Content::Unread(_) => false,
        };
        self.permissions.iter().position(|(grant, _)| holds(grant))
    }

    /// Whether nothing is there to judge.
    pub(super) fn is_empty(&self) -> bool {
        self.permissions.is_empty() && self.trust.is_none() && self.broken.is_empty()
    }

    /// What it cannot read.
    pub(super) fn broken(&self) -> &[Doubt] {
        &self.broken
    }

    /// The policies that say what the identity may do.
    pub(super) fn permissions(&self) -> Vec<&Policy> {
        self.permissions.iter().map(|(_, policy)| &**policy).collect()
    }

    /// The identity as a template sees it.
    pub(super) fn subject<'s>(
        &'s self,
        identity: &'s Identity,
        permissions: &'s [&'s Policy],
    ) -> Subject<'s> {
        let trust = self.trust.as_ref().map(|(_, policy)| &**policy);
        subject(identity, permissions, trust, boundary(identity))
    }

    /// The grant and the policy that a statement of a part is in.
    fn place(&self, part: FitPart, statement: &StatementRef) -> Option<&(&'a Grant, Rc<Policy>)> {
        match part {
            FitPart::Permissions => self.permissions.get(statement.document),
            FitPart::Trust => self.trust.as_ref(),
            FitPart::Boundary => None,
        }
    }

    /// Says which statement it is, where there are several.
    fn point(&self, culprit: &mut Culprit, part: FitPart, statement: &StatementRef) {
        let Some((_, policy)) = self.place(part, statement) else { return };
        let number = statement.statement + 1;
        culprit.statement = match &statement.sid {
            _ if policy.document.statements().len() < 2 => None,
            Some(sid) => Some(format!("statement {number} (`{sid}`)")),
            None => Some(format!("statement {number}")),
        };
    }

    /// The strings of a statement that say what is too much.
    fn elements(
        &self,
        part: FitPart,
        statement: &StatementRef,
        change: Option<&Change>,
        example: Option<&Counterexample>,
    ) -> Vec<String> {
        match (self.place(part, statement), example) {
            (Some((grant, _)), Some(example)) => {
                element::of(grant, statement.statement, change, example)
            }
            _ => Vec::new(),
        }
    }

    /// Reads the documents of an identity.
    pub(super) fn read(identity: &'a Identity, context: &Context<'_>) -> Self {
        let mut read = Self::default();
        for grant in identity.grants.iter().filter(|grant| !is_rendered(grant, identity)) {
            match policy(grant, Part::Permissions, context) {
                Ok(policy) => read.permissions.push((grant, policy)),
                Err(doubt) => read.broken.push(*doubt),
            }
        }
        if let Some(grant) = identity.trusts.iter().find(|grant| !is_rendered(grant, identity)) {
            match policy(grant, Part::Trust, context) {
                Ok(policy) => read.trust = Some((grant, policy)),
                Err(doubt) => read.broken.push(*doubt),
            }
        }
        read
    }
}

fn policy(grant: &Grant, part: Part, context: &Context<'_>) -> Result<Rc<Policy>, Box<Doubt>> {
    let read = match &grant.content {
        Content::Document(text) => context.managed.document(text),
        Content::Rendered { governed, text } => {
            let known = rendered(*governed, part, context);
            context.managed.document(known.as_ref().unwrap_or(text))
        }
        Content::Arn(arn) => context.managed.policy(arn),
        Content::Google(_)
        | Content::Azure(_)
        | Content::Directory { .. }
        | Content::Rules { .. }
        | Content::KubernetesRole { .. }
        | Content::Vault { .. }
        | Content::GitHub(_) => Err("it is not an AWS policy".to_owned()),
        Content::Unread(why) => {
            let culprit = Culprit::of(grant, part);
            return Err(Box::new(Doubt { culprit, why: why.clone(), nearest: None }));
        }
    };
    read.map_err(|reason| {
        let why = Why::construct(reason);
        Box::new(Doubt { culprit: Culprit::of(grant, part), why, nearest: None })
    })
}

/// What a governed resource will render, as far as its template and parameters are known.
fn rendered(governed: usize, part: Part, context: &Context<'_>) -> Option<Text> {
    let identity = context.graph.governed(governed)?;
    let governance = &identity.governance;
    if governance.parameters.has_unknown() {
        return None;
    }
    let template = context.library.ceiling(governance.record.template.as_str()?.trim())?;
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
    stated: &Stated,
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
        let policies = [&**policy];
        let subject = subject(identity, &policies, None, boundary(identity));
        if let Fit::Outside(outside) = Detail::Explained.fit(template, stated, &subject) {
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
    let Outside { gaps, nearest, .. } = outside;
    let mut found = Vec::new();
    for gap in gaps {
        let FitGap { part, counterexample, statement, template_span, reason, change, .. } = gap;
        let label = match part {
            FitPart::Permissions => format!("template `{name}` allows this at most"),
            FitPart::Trust => format!("template `{name}` lets these in at most"),
            FitPart::Boundary => format!("template `{name}` asks for this boundary"),
        };
        let document = statement.as_ref().map(|statement| statement.document);
        let mut culprit = culprit(part, document, read, identity);
        if let Some(statement) = &statement {
            read.point(&mut culprit, part, statement);
            culprit.elements =
                read.elements(part, statement, change.as_ref(), counterexample.as_ref());
        }
        // What AWS or another configuration writes cannot be changed here.
        let change = change.filter(|_| !culprit.named);
        let note = counterexample.as_ref().and_then(|example| yet_to_come(part, &example.action));
        found.push(Gap {
            culprit,
            counterexample,
            reason,
            decided: Some(Decided {
                file: std::sync::Arc::clone(&template.place.file),
                span: template_span.unwrap_or(template.place.span),
                label,
            }),
            change,
            nearest: nearest.clone(),
            note,
        });
    }
    found
}

/// A counterexample that only the open world has.
fn yet_to_come(part: FitPart, action: &str) -> Option<String> {
    let only = part == FitPart::Permissions && !catalogue::actions::exists(action);
    only.then(|| {
        format!("AWS has no action `{action}` today: what it adds later would be allowed, too")
    })
}

fn doubt(undecided: Undecided, read: &Policies<'_>, identity: &Identity) -> Doubt {
    let Undecided { part, why, statement, nearest, .. } = undecided;
    let part = part.unwrap_or(FitPart::Permissions);
    let said = statement.as_ref().map(|statement| statement.document);
    // An unknown policy may deny what another one allows; the unknown one is what can be mended.
    let document = read.holding(&why.unknown).or(said);
    let grant = document
        .filter(|_| part == FitPart::Permissions)
        .and_then(|number| read.permissions.get(number));
    let why = match grant {
        Some((grant, _)) => named(grant, why),
        None => why,
    };
    Doubt { culprit: culprit(part, document, read, identity), why, nearest }
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
                || Culprit::at(identity, Part::Permissions),
                |(grant, _)| Culprit::of(grant, Part::Permissions),
            )
        }
        FitPart::Trust => match &read.trust {
            Some((grant, _)) => Culprit::of(grant, Part::Trust),
            None => Culprit::at(identity, Part::Trust),
        },
        FitPart::Boundary => match &identity.boundary {
            Some(grant) => Culprit::of(grant, Part::Boundary),
            None => Culprit::at(identity, Part::Boundary),
        },
    }
}

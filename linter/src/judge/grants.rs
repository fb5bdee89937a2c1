//! Identities of every platform but AWS: their grants go to the template engine as they are.

use policy::template::fit::{
    AzureSubject, Fit, Gap as FitGap, GcpSubject, Outside, Subject, Undecided,
};
use policy::template::{Platform as Block, Template};
use policy::text::Text;
use policy::verdict::{Change, Comparison, Counterexample, Verdict};
use policy::{azure, gcp, github, kubernetes, vault};

use crate::finding::Decided;
use crate::identity::{Content, Identity};
use crate::rule::{Context, Roles};

use super::{Answer, Culprit, Detail, Doubt, Gap, Part, Stated, element};

pub(super) mod read;

use read::{List, Read};

impl Read<'_> {
    /// The block of a template that speaks of them.
    pub(super) fn block(&self) -> Option<Block> {
        match &self.list {
            List::Nothing => None,
            List::Google(_) => Some(Block::Gcp),
            List::Azure(_) => Some(Block::Azure),
            List::Kubernetes(_) => Some(Block::Kubernetes),
            List::Vault(_) => Some(Block::Vault),
            List::GitHub(_) => Some(Block::GitHub),
        }
    }

    /// The same with one grant alone. Not for Vault, where rules take away from each other.
    fn alone(&self, index: usize) -> Option<Self> {
        let from = vec![*self.from.get(index)?];
        let list = match &self.list {
            List::Nothing | List::Vault(_) => return None,
            List::Google(list) => List::Google(vec![list.get(index)?.clone()]),
            List::Azure(list) => List::Azure(vec![list.get(index)?.clone()]),
            List::Kubernetes(list) => List::Kubernetes(vec![list.get(index)?.clone()]),
            List::GitHub(list) => List::GitHub(vec![list.get(index)?.clone()]),
        };
        let rule = self.rule.get(index).copied().into_iter().collect();
        Some(Self { list, from, rule, beyond: Vec::new(), broken: Vec::new() })
    }

    /// The Vault policies, as a [`Subject`] borrows them.
    pub(super) fn policies(&self) -> Vec<&vault::Policy> {
        match &self.list {
            List::Vault(policies) => policies.iter().collect(),
            List::Nothing
            | List::Google(_)
            | List::Azure(_)
            | List::Kubernetes(_)
            | List::GitHub(_) => Vec::new(),
        }
    }

    /// Whether the identity may do nothing that is known.
    pub(super) fn is_empty(&self) -> bool {
        self.from.is_empty() && self.beyond.is_empty() && self.broken.is_empty()
    }

    /// What it cannot read.
    pub(super) fn broken(&self) -> &[Doubt] {
        &self.broken
    }

    /// The identity as a template sees it.
    pub(super) fn subject<'s>(
        &'s self,
        identity: &'s Identity,
        policies: &'s [&'s vault::Policy],
        roles: &'s Roles,
    ) -> Subject<'s> {
        let mut subject = Subject {
            kind: Some(identity.kind),
            environment: identity.governance.record.environment.as_str(),
            ..Subject::default()
        };
        match &self.list {
            List::Nothing => {}
            List::Google(grants) => subject.gcp = Some(GcpSubject { roles: &roles.gcp, grants }),
            List::Azure(grants) => {
                subject.azure = Some(AzureSubject { roles: &roles.azure, grants });
            }
            List::Kubernetes(grants) => subject.kubernetes = Some(grants),
            List::Vault(_) => subject.vault = Some(policies),
            List::GitHub(grants) => subject.github = Some(grants),
        }
        subject
    }

    fn fit(
        &self,
        identity: &Identity,
        template: &Template,
        stated: &Stated,
        roles: &Roles,
        detail: Detail,
    ) -> Fit {
        detail.fit(template, stated, &self.subject(identity, &self.policies(), roles))
    }

    /// What the identity may do, against nothing.
    fn nothing(&self, roles: &Roles) -> Option<Comparison> {
        Some(match &self.list {
            List::Nothing => return None,
            List::Google(grants) => gcp::contains(&roles.gcp, &[], grants),
            List::Azure(grants) => azure::contains(&roles.azure, &[], grants),
            List::Kubernetes(grants) => kubernetes::contains(&[], grants),
            List::Vault(policies) => vault::contains(&[], &policies.iter().collect::<Vec<_>>()),
            List::GitHub(grants) => github::contains(&[], grants),
        })
    }

    fn culprit(&self, identity: &Identity, index: Option<usize>) -> Culprit {
        let grant = index.and_then(|index| self.from.get(index).copied());
        match grant.or_else(|| identity.grants.first()) {
            Some(grant) => Culprit::of(grant, Part::Permissions),
            None => Culprit::at(identity, Part::Permissions),
        }
    }

    /// What is outside of nothing at all whatever it consists of: Google's own roles are never empty.
    fn by_name(&self) -> Option<Gap> {
        let List::Google(grants) = &self.list else { return None };
        grants.iter().zip(&self.from).find_map(|(grant, from)| {
            let gcp::Assigned::Role(role) = &grant.what else { return None };
            role.as_str().filter(|name| name.starts_with("roles/") && grant.condition.is_none())?;
            let example = Counterexample {
                action: role.to_string(),
                resource: grant.resource.as_ref().map(ToString::to_string),
                ..Counterexample::default()
            };
            Some(Gap::of(Culprit::of(from, Part::Permissions), example))
        })
    }

    /// The culprit of a gap, at the argument that the change is about.
    fn point(&self, identity: &Identity, index: Option<usize>, change: Option<&Change>) -> Culprit {
        let mut culprit = self.culprit(identity, index);
        culprit.elements = element::changed(change);
        let Some(grant) = index.and_then(|index| self.from.get(index).copied()) else {
            return culprit;
        };
        let told = culprit.elements.first().map_or("", String::as_str);
        let holds = |texts: &[Text]| texts.iter().any(|text| text.as_str() == Some(told));
        match &grant.content {
            Content::Rules { rules, .. } => {
                let number = index.and_then(|index| self.rule.get(index).copied()).unwrap_or(0);
                let argument = match rules.get(number) {
                    Some(rule) if holds(&rule.resources) => "resources",
                    Some(rule) if holds(&rule.resource_names) => "resource_names",
                    Some(rule) if holds(&rule.api_groups) => "api_groups",
                    Some(_) | None => "verbs",
                };
                culprit.path = format!("{}[{number}].{argument}", culprit.path);
            }
            Content::Azure(grant) if grant.scope.as_str() == Some(told) => {
                "scope".clone_into(&mut culprit.path);
            }
            Content::Azure(_)
            | Content::Google(_)
            | Content::Directory { .. }
            | Content::Document(_)
            | Content::Arn(_)
            | Content::KubernetesRole { .. }
            | Content::Vault { .. }
            | Content::GitHub(_)
            | Content::Unread(_)
            | Content::Rendered { .. } => {}
        }
        culprit
    }
}

/// How an identity stands to a template.
pub(super) fn answer(
    identity: &Identity,
    read: &Read<'_>,
    template: &Template,
    stated: &Stated,
    context: &Context<'_>,
    detail: Detail,
) -> Answer {
    let mut beyond = read.beyond.clone();
    for gap in &mut beyond {
        gap.decided = Some(whole(template, read.block()));
    }
    match read.fit(identity, template, stated, context.roles, detail) {
        Fit::Inapplicable(_) => Answer::Inapplicable,
        Fit::Inside(_) if !beyond.is_empty() => Answer::Outside(beyond, read.broken.clone()),
        Fit::Inside(_) if read.broken.is_empty() => Answer::Inside,
        Fit::Inside(_) => Answer::Undecided(read.broken.clone()),
        Fit::Undecided(undecided) => {
            let silent = read.block().is_none_or(|block| !template.covers(block));
            if let Some(gap) = read.by_name().filter(|_| silent) {
                let decided = Some(whole(template, read.block()));
                beyond.push(Gap { decided, ..gap });
                return Answer::Outside(beyond, read.broken.clone());
            }
            let mut doubts = vec![doubt(undecided, read, identity)];
            doubts.extend(read.broken.iter().cloned());
            if beyond.is_empty() {
                Answer::Undecided(doubts)
            } else {
                Answer::Outside(beyond, doubts)
            }
        }
        Fit::Unbindable(errors) => Answer::unbindable(&errors, identity),
        Fit::Outside(outside) => {
            let known = outside.gaps.iter().find_map(|gap| gap.grant);
            let mut gaps = gaps(outside, template, read, identity);
            if detail == Detail::Explained {
                gaps.extend(others(identity, read, template, stated, context, known));
            }
            gaps.extend(beyond);
            Answer::Outside(gaps, read.broken.clone())
        }
    }
}

/// An identity against nothing: whatever it may do is outside.
pub(super) fn bare(identity: &Identity, read: &Read<'_>, context: &Context<'_>) -> Answer {
    if let Some(gap) = read.beyond.first() {
        return Answer::Outside(vec![gap.clone()], read.broken.clone());
    }
    let Some(comparison) = read.nothing(context.roles) else { return Answer::Inside };
    let culprit = read.culprit(identity, comparison.inner);
    match comparison.open {
        Verdict::Inside if read.broken.is_empty() => Answer::Inside,
        Verdict::Inside => Answer::Undecided(read.broken.clone()),
        Verdict::Outside(example) => {
            Answer::Outside(vec![Gap::of(culprit, example)], read.broken.clone())
        }
        Verdict::Undecided(why) => {
            if let Some(gap) = read.by_name() {
                return Answer::Outside(vec![gap], read.broken.clone());
            }
            let mut doubts = vec![Doubt { culprit, why, nearest: None }];
            doubts.extend(read.broken.iter().cloned());
            Answer::Undecided(doubts)
        }
    }
}

/// Every other grant that is outside on its own, so that one run shows all culprits.
fn others(
    identity: &Identity,
    read: &Read<'_>,
    template: &Template,
    stated: &Stated,
    context: &Context<'_>,
    known: Option<usize>,
) -> Vec<Gap> {
    let mut found: Vec<Gap> = Vec::new();
    for index in 0..read.from.len() {
        let Some(alone) = read.alone(index).filter(|_| Some(index) != known) else { continue };
        let detail = Detail::Explained;
        if let Fit::Outside(outside) = alone.fit(identity, template, stated, context.roles, detail)
        {
            for gap in gaps(outside, template, &alone, identity) {
                let same = |other: &Gap| other.counterexample == gap.counterexample;
                if !found.iter().any(same) {
                    found.push(gap);
                }
            }
        }
    }
    found
}

fn gaps(outside: Outside, template: &Template, read: &Read<'_>, identity: &Identity) -> Vec<Gap> {
    let Outside { gaps, nearest, .. } = outside;
    gaps.into_iter()
        .map(|gap| {
            let FitGap { counterexample, grant, template_span, reason, change, .. } = gap;
            let decided = match template_span {
                Some(span) => Decided {
                    file: std::sync::Arc::clone(&template.place.file),
                    span,
                    label: format!("template `{}` allows this at most", template.reference()),
                },
                None => whole(template, read.block()),
            };
            Gap {
                culprit: read.point(identity, grant, change.as_ref()),
                counterexample,
                reason,
                decided: Some(decided),
                change,
                nearest: nearest.clone(),
                note: None,
            }
        })
        .collect()
}

/// The template itself, where no line of it is nearer than the others.
fn whole(template: &Template, block: Option<Block>) -> Decided {
    let name = template.reference();
    let label = match block.filter(|block| !template.covers(*block)) {
        Some(block) => {
            format!("template `{name}` has no `{}` block, so it allows nothing there", block.name())
        }
        None => format!("template `{name}` decides"),
    };
    Decided { file: std::sync::Arc::clone(&template.place.file), span: template.place.span, label }
}

fn doubt(undecided: Undecided, read: &Read<'_>, identity: &Identity) -> Doubt {
    let Undecided { why, grant, nearest, .. } = undecided;
    // What is unknown is what can be mended.
    let unknown = identity.grants.iter().find(|grant| {
        let Content::Vault { name, text: None } = &grant.content else { return false };
        why.reason.contains(&format!("`{name}`"))
    });
    let culprit = match unknown {
        Some(grant) => Culprit::of(grant, Part::Permissions),
        None => read.culprit(identity, grant),
    };
    Doubt { culprit, why, nearest }
}

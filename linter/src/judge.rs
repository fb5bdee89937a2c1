//! An identity against its template, or against all of them if it names none.

mod aws;
mod element;
mod grants;
pub(crate) mod prepared;
mod stated;
mod words;

use policy::governance::Field;
use policy::template::fit::{self, Fit, Miss, Subject};
use policy::template::{Library, ParameterError, Template};
use policy::verdict::{Change, Counterexample, Verdict, Why};

use crate::finding::{Decided, Hit};
use crate::identity::{Content, Grant, Identity, Platform, Source};
use crate::rule::Context;

use prepared::Prepared;
pub(crate) use stated::{Stated, given};

/// A verdict on a part of an identity, and what to say about it.
#[derive(Clone, Debug)]
pub(crate) struct Judgement {
    /// The verdict.
    pub(crate) verdict: Verdict,
    /// Where, and in which words.
    pub(crate) hit: Hit,
}

/// How an identity stands to one template.
#[derive(Clone, Debug)]
enum Answer {
    /// All of it is allowed.
    Inside,
    /// These parts are not (never empty), and these could not even be read.
    Outside(Vec<Gap>, Vec<Doubt>),
    /// These could not be decided; never empty.
    Undecided(Vec<Doubt>),
    /// The template is for other kinds or environments.
    Inapplicable,
}

/// A part that is outside a template.
#[derive(Clone, Debug)]
struct Gap {
    culprit: Culprit,
    /// None for a boundary, which no request shows.
    counterexample: Option<Counterexample>,
    reason: String,
    decided: Option<Decided>,
    /// What would close the gap.
    change: Option<Change>,
    /// Why no values of the parameters do, if it is them.
    nearest: Option<Miss>,
    /// A lowercase phrase that a reader should know beside.
    note: Option<String>,
}

/// A part that could not be decided.
#[derive(Clone, Debug)]
struct Doubt {
    culprit: Culprit,
    why: Why,
    /// Why no values of the parameters fit, if it is them.
    nearest: Option<Miss>,
}

/// The attribute that says it.
#[derive(Clone, Debug)]
struct Culprit {
    resource: usize,
    path: String,
    part: Part,
    /// Whether it names a policy that is written elsewhere, so that no action can be taken out of it here.
    named: bool,
    /// The statement that says it, where there are several: ``statement 2 (`Read`)``.
    statement: Option<String>,
    /// The strings that say it, as they may be written in the attribute, the most telling first.
    elements: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Permissions,
    Trust,
    Boundary,
}

/// How much is found out about what is outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Detail {
    /// Whether it is.
    Verdict,
    /// What to do about it, too, and every other culprit.
    Explained,
}

impl Detail {
    /// A value that a template refuses is a finding by itself; here it counts as not stated.
    fn fit(self, template: &Template, stated: &Stated, subject: &Subject<'_>) -> Fit {
        let open = stated.open(template);
        let waiting;
        let subject = if open.is_empty() {
            subject
        } else {
            waiting = Subject { unknown: Some(&open), ..subject.clone() };
            &waiting
        };
        let errors = template.check_given(&stated.known);
        let fit = match self {
            Self::Verdict => fit::decide,
            Self::Explained => fit::fit,
        };
        if errors.is_empty() {
            return fit(template, &stated.known, subject);
        }
        let mut stated = stated.known.clone();
        for error in &errors {
            stated.remove(error.name());
        }
        fit(template, &stated, subject)
    }
}

impl Answer {
    /// What the values of several parameters together do not let anybody bind.
    fn unbindable(errors: &[ParameterError], identity: &Identity) -> Self {
        let reason = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        let culprit = Culprit::at(identity, Part::Permissions);
        Self::Undecided(vec![Doubt { culprit, why: Why::construct(reason), nearest: None }])
    }
}

impl Gap {
    fn of(culprit: Culprit, example: Counterexample) -> Self {
        Self {
            culprit,
            counterexample: Some(example),
            reason: String::new(),
            decided: None,
            change: None,
            nearest: None,
            note: None,
        }
    }
}

impl Culprit {
    fn of(grant: &Grant, part: Part) -> Self {
        let named = match &grant.content {
            Content::Arn(_)
            | Content::KubernetesRole { .. }
            | Content::Directory { .. }
            | Content::Vault { text: None, .. } => true,
            Content::Google(grant) => matches!(grant.what, policy::gcp::Assigned::Role(_)),
            Content::Azure(grant) => matches!(grant.what, policy::azure::Assigned::Role(_)),
            Content::Document(_)
            | Content::Rules { .. }
            | Content::Vault { text: Some(_), .. }
            | Content::GitHub(_)
            | Content::Unread(_)
            | Content::Rendered { .. } => false,
        };
        let path = grant.path.clone();
        Self { resource: grant.resource, path, part, named, statement: None, elements: Vec::new() }
    }

    /// The identity itself.
    fn at(identity: &Identity, part: Part) -> Self {
        Self {
            resource: identity.resource,
            path: String::new(),
            part,
            named: false,
            statement: None,
            elements: Vec::new(),
        }
    }
}

/// The verdicts on an identity that are worth a word: none if it is inside the template that it names.
pub(crate) fn judge(identity: &Identity, context: &Context<'_>) -> Vec<Judgement> {
    if identity.grants.is_empty() && identity.trusts.is_empty() {
        return Vec::new();
    }
    match &identity.governance.record.template {
        Field::Unknown(origin) => vec![words::unknown_template(identity, origin, context)],
        Field::Value(named) if !named.trim().is_empty() => {
            match context.library.ceiling(named.trim()) {
                Some(template) => against_one(&Prepared::new(identity, context), template, context),
                // The name itself is a finding.
                None => Vec::new(),
            }
        }
        Field::Value(_) | Field::Absent => {
            against_all(&Prepared::new(identity, context), context).into_iter().collect()
        }
    }
}

fn against_one(
    prepared: &Prepared<'_>,
    template: &Template,
    context: &Context<'_>,
) -> Vec<Judgement> {
    let identity = prepared.identity;
    let name = template.reference().to_string();
    match answer(prepared, template, context, Detail::Explained) {
        Answer::Inside | Answer::Inapplicable => Vec::new(),
        Answer::Outside(gaps, doubts) => {
            let fitting = fitting(prepared, template, context);
            let tail = format!("which template `{name}` does not allow");
            let (gaps, asked) = fold_boundary(gaps);
            let gaps = gaps.into_iter().map(|gap| {
                let fitting = fitting.as_deref();
                let mut judgement =
                    words::outside(identity, gap, &tail, Some(&name), fitting, context);
                if let Some(asked) = &asked {
                    judgement.hit.help = format!("{}; also, {asked}", judgement.hit.help);
                }
                judgement
            });
            let doubts =
                doubts.into_iter().map(|doubt| words::undecided(doubt, Some(&name), context));
            gaps.chain(doubts).collect()
        }
        Answer::Undecided(doubts) => {
            doubts.into_iter().map(|doubt| words::undecided(doubt, Some(&name), context)).collect()
        }
    }
}

/// A boundary that is not there at all has no place of its own: beside another gap it is one more thing to do.
fn fold_boundary(gaps: Vec<Gap>) -> (Vec<Gap>, Option<String>) {
    let missing = |gap: &Gap| gap.culprit.part == Part::Boundary && gap.culprit.path.is_empty();
    let (missing, others): (Vec<Gap>, Vec<Gap>) = gaps.into_iter().partition(missing);
    if others.is_empty() {
        return (missing, None);
    }
    (others, missing.into_iter().next().map(|gap| gap.reason))
}

fn against_all(prepared: &Prepared<'_>, context: &Context<'_>) -> Option<Judgement> {
    let identity = prepared.identity;
    let mut nearest: Option<(&Template, (bool, usize))> = None;
    let mut doubts: Option<(String, Vec<Doubt>)> = None;
    for template in active(context.library) {
        match answer(prepared, template, context, Detail::Verdict) {
            Answer::Inside => {
                let name = template.reference().to_string();
                let hit =
                    Hit { resource: identity.resource, template: Some(name), ..Hit::default() };
                return Some(Judgement { verdict: Verdict::Inside, hit });
            }
            Answer::Outside(gaps, _) => {
                // One that says nothing of the platform is far from anything that is done there.
                let distance = (!prepared.covered(template), gaps.len());
                if nearest.as_ref().is_none_or(|(_, least)| distance < *least) {
                    nearest = Some((template, distance));
                }
            }
            Answer::Undecided(found) => {
                doubts.get_or_insert_with(|| (template.reference().to_string(), found));
            }
            Answer::Inapplicable => {}
        }
    }
    if let Some((name, doubts)) = doubts {
        return doubts
            .into_iter()
            .next()
            .map(|doubt| words::undecided(doubt, Some(&name), context));
    }
    if let Some((template, _)) = nearest {
        let explained = answer(prepared, template, context, Detail::Explained);
        let Answer::Outside(gaps, _) = explained else { return None };
        let gap = gaps.into_iter().next()?;
        let name = template.reference();
        let tail = format!("which no template allows; the nearest is `{name}`");
        return Some(words::outside(identity, gap, &tail, None, None, context));
    }
    let tail = if active(context.library).next().is_none() {
        "and no template was published"
    } else {
        "and no template is for identities of its kind and environment"
    };
    match bare(prepared, context) {
        Answer::Outside(gaps, _) => {
            let gap = gaps.into_iter().next()?;
            Some(words::outside(identity, gap, tail, None, None, context))
        }
        Answer::Undecided(doubts) => {
            doubts.into_iter().next().map(|doubt| words::undecided(doubt, None, context))
        }
        Answer::Inside | Answer::Inapplicable => None,
    }
}

fn active(library: &Library) -> impl Iterator<Item = &Template> {
    library.templates().filter(|template| template.status == policy::template::Status::Active)
}

/// Another template that the identity fits, for the advice.
fn fitting(prepared: &Prepared<'_>, named: &Template, context: &Context<'_>) -> Option<String> {
    active(context.library)
        .filter(|template| template.reference() != named.reference())
        .find(|template| {
            matches!(answer(prepared, template, context, Detail::Verdict), Answer::Inside)
        })
        .map(|template| template.reference().to_string())
}

fn answer(
    prepared: &Prepared<'_>,
    template: &Template,
    context: &Context<'_>,
    detail: Detail,
) -> Answer {
    let Prepared { identity, stated, policies, grants } = prepared;
    match identity.platform {
        Platform::Aws => aws::answer(identity, policies, template, stated, context, detail),
        Platform::Google
        | Platform::Azure
        | Platform::Kubernetes
        | Platform::Vault
        | Platform::GitHub => grants::answer(identity, grants, template, stated, context, detail),
        Platform::Nhi | Platform::Other => Answer::Inside,
    }
}

/// An identity against nothing at all: whatever it may do is too much.
fn bare(prepared: &Prepared<'_>, context: &Context<'_>) -> Answer {
    let identity = prepared.identity;
    match identity.platform {
        Platform::Aws => aws::bare(&prepared.policies),
        Platform::Google
        | Platform::Azure
        | Platform::Kubernetes
        | Platform::Vault
        | Platform::GitHub => grants::bare(identity, &prepared.grants, context),
        Platform::Nhi | Platform::Other => Answer::Inside,
    }
}

/// Whether a grant is what the identity's own governed resource rendered, which needs no comparison.
fn is_rendered(grant: &Grant, identity: &Identity) -> bool {
    match identity.governance.source {
        Source::Governed(governed) => grant.governed() == Some(governed),
        Source::Nowhere | Source::Own | Source::Holder | Source::Unknown => false,
    }
}

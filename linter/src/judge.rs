//! An identity against its template, or against all of them if it names none.

mod aws;
mod kubernetes;
mod roles;

use std::collections::BTreeMap;

use policy::governance::{Fact, Field};
use policy::template::{Library, Template, UnusableTemplate};
use policy::verdict::{Counterexample, Verdict, Why};

use crate::finding::{Decided, Hit};
use crate::identity::{Content, Grant, Identity, Origin, Platform, Source};
use crate::rule::Context;
use crate::value::Value;

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
}

/// A part that could not be decided.
#[derive(Clone, Debug)]
struct Doubt {
    culprit: Culprit,
    why: Why,
}

/// The attribute that says it.
#[derive(Clone, Debug)]
struct Culprit {
    resource: usize,
    path: String,
    part: Part,
    /// Whether it names a policy that is written elsewhere, so that no action can be taken out of it here.
    named: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Permissions,
    Trust,
    Boundary,
}

impl Culprit {
    fn of(grant: &Grant, part: Part) -> Self {
        let named = match &grant.content {
            Content::Arn(_) | Content::Role { .. } | Content::KubernetesRole { .. } => true,
            Content::Document(_) | Content::Rules { .. } | Content::Rendered { .. } => false,
        };
        Self { resource: grant.resource, path: grant.path.clone(), part, named }
    }
}

/// The verdicts on an identity that are worth a word: none if it is inside the template that it names.
pub(crate) fn judge(identity: &Identity, context: &Context<'_>) -> Vec<Judgement> {
    if identity.grants.is_empty() && identity.trusts.is_empty() {
        return Vec::new();
    }
    match &identity.governance.record.template {
        Field::Unknown(origin) => vec![unknown_template(identity, origin, context)],
        Field::Value(named) if !named.trim().is_empty() => {
            match usable(context.library, named.trim()) {
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

/// A named template, if there is anything to compare with: what is deprecated still is a ceiling.
fn usable<'a>(library: &'a Library, named: &str) -> Option<&'a Template> {
    match library.find(named) {
        Ok(template) => Some(template),
        Err(UnusableTemplate::Deprecated { reference, .. }) => {
            library.templates().find(|template| template.reference() == reference)
        }
        Err(_) => None,
    }
}

fn against_one(
    prepared: &Prepared<'_>,
    template: &Template,
    context: &Context<'_>,
) -> Vec<Judgement> {
    let identity = prepared.identity;
    let name = template.reference().to_string();
    match answer(prepared, template, context) {
        Answer::Inside | Answer::Inapplicable => Vec::new(),
        Answer::Outside(gaps, doubts) => {
            let fitting = fitting(prepared, template, context);
            let tail = format!("which template `{name}` does not allow");
            let (gaps, asked) = fold_boundary(gaps);
            let gaps = gaps.into_iter().map(|gap| {
                let fitting = fitting.as_deref();
                let mut judgement = outside(identity, gap, &tail, Some(&name), fitting, context);
                if let Some(asked) = &asked {
                    judgement.hit.help = format!("{}; also, {asked}", judgement.hit.help);
                }
                judgement
            });
            let doubts = doubts.into_iter().map(|doubt| undecided(doubt, Some(&name), context));
            gaps.chain(doubts).collect()
        }
        Answer::Undecided(doubts) => {
            doubts.into_iter().map(|doubt| undecided(doubt, Some(&name), context)).collect()
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
    let mut nearest: Option<(String, Vec<Gap>)> = None;
    let mut doubts: Option<(String, Vec<Doubt>)> = None;
    for template in active(context.library) {
        let name = template.reference().to_string();
        match answer(prepared, template, context) {
            Answer::Inside => {
                let hit =
                    Hit { resource: identity.resource, template: Some(name), ..Hit::default() };
                return Some(Judgement { verdict: Verdict::Inside, hit });
            }
            Answer::Outside(gaps, _) => {
                if nearest.as_ref().is_none_or(|(_, best)| gaps.len() < best.len()) {
                    nearest = Some((name, gaps));
                }
            }
            Answer::Undecided(found) => {
                doubts.get_or_insert((name, found));
            }
            Answer::Inapplicable => {}
        }
    }
    if let Some((name, doubts)) = doubts {
        return doubts.into_iter().next().map(|doubt| undecided(doubt, Some(&name), context));
    }
    if let Some((name, gaps)) = nearest {
        let gap = gaps.into_iter().next()?;
        let tail = format!("which no template allows; the nearest is `{name}`");
        return Some(outside(identity, gap, &tail, None, None, context));
    }
    let tail = if active(context.library).next().is_none() {
        "and no template was published"
    } else {
        "and no template is for identities of its kind and environment"
    };
    match bare(prepared) {
        Answer::Outside(gaps, _) => {
            let gap = gaps.into_iter().next()?;
            Some(outside(identity, gap, tail, None, None, context))
        }
        Answer::Undecided(doubts) => {
            doubts.into_iter().next().map(|doubt| undecided(doubt, None, context))
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
        .find(|template| matches!(answer(prepared, template, context), Answer::Inside))
        .map(|template| template.reference().to_string())
}

/// An identity whose policies were read, once for all templates.
struct Prepared<'a> {
    identity: &'a Identity,
    given: BTreeMap<String, String>,
    policies: aws::Policies<'a>,
}

impl<'a> Prepared<'a> {
    fn new(identity: &'a Identity, context: &Context<'_>) -> Self {
        let policies = match identity.platform {
            Platform::Aws => aws::Policies::read(identity, context),
            Platform::Google
            | Platform::Azure
            | Platform::Kubernetes
            | Platform::Nhi
            | Platform::Other => aws::Policies::default(),
        };
        Self { identity, given: given(&identity.governance.parameters), policies }
    }
}

fn answer(prepared: &Prepared<'_>, template: &Template, context: &Context<'_>) -> Answer {
    let Prepared { identity, given, policies } = prepared;
    match identity.platform {
        Platform::Aws => aws::answer(identity, policies, template, given, context),
        Platform::Kubernetes => kubernetes::answer(identity, template, given),
        Platform::Google | Platform::Azure => roles::answer(identity, template),
        Platform::Nhi | Platform::Other => Answer::Inside,
    }
}

/// An identity against nothing at all: whatever it may do is too much.
fn bare(prepared: &Prepared<'_>) -> Answer {
    let identity = prepared.identity;
    match identity.platform {
        Platform::Aws => aws::bare(&prepared.policies),
        Platform::Kubernetes => kubernetes::bare(identity),
        Platform::Google | Platform::Azure => roles::bare(identity),
        Platform::Nhi | Platform::Other => Answer::Inside,
    }
}

/// Parameters as they are stated. A value that is not known is left to be inferred.
fn given(parameters: &Value) -> BTreeMap<String, String> {
    let Value::Object(fields) = parameters else { return BTreeMap::new() };
    let known =
        |(name, value): (&String, &Value)| Some((name.clone(), value.text()?.as_str()?.to_owned()));
    fields.iter().filter_map(known).collect()
}

fn outside(
    identity: &Identity,
    gap: Gap,
    tail: &str,
    template: Option<&str>,
    fitting: Option<&str>,
    context: &Context<'_>,
) -> Judgement {
    let who = who(identity, context);
    let example = gap.counterexample.unwrap_or_default();
    let (message, label, take) = match gap.culprit.part {
        Part::Permissions => (
            format!("{who} may do {example}, {tail}"),
            format!("allows `{}`", example.action),
            if gap.culprit.named {
                "grant only what the workload needs instead".to_owned()
            } else {
                format!("take `{}` away", example.action)
            },
        ),
        Part::Trust => {
            let principal = example.principal.as_deref().unwrap_or("anyone");
            (
                format!("`{principal}` may become {who} by `{}`, {tail}", example.action),
                format!("lets `{principal}` in"),
                format!("do not trust `{principal}`"),
            )
        }
        Part::Boundary => (
            format!("{who} is outside its template: {}", gap.reason),
            boundary_label(&gap.culprit).to_owned(),
            "set the permissions boundary that the template asks for".to_owned(),
        ),
    };
    let help = match (fitting, template) {
        (Some(other), _) => format!("{take}, or name template `{other}`, which allows all of it"),
        (None, Some(_)) => format!("{take}, or name a template that allows it"),
        (None, None) if active(context.library).next().is_none() => {
            "say where the templates are with `--templates`, or `templates` in `.nhi-lint.hcl`"
                .to_owned()
        }
        (None, None) => format!("{take}, or ask the platform team for a template that allows it"),
    };
    let hit = Hit {
        resource: gap.culprit.resource,
        path: gap.culprit.path,
        message,
        help,
        label,
        template: template.map(str::to_owned),
        counterexample: None,
        decided: gap.decided,
    };
    Judgement { verdict: Verdict::Outside(example), hit }
}

fn boundary_label(culprit: &Culprit) -> &'static str {
    if culprit.path.is_empty() { "no boundary is set" } else { "the boundary is set here" }
}

fn undecided(doubt: Doubt, template: Option<&str>, context: &Context<'_>) -> Judgement {
    let Doubt { culprit, why } = doubt;
    let against =
        template.map_or_else(|| "a template".to_owned(), |name| format!("template `{name}`"));
    let what = match culprit.part {
        Part::Permissions => "permissions",
        Part::Trust => "trust",
        Part::Boundary => "a boundary",
    };
    let address = context.address(culprit.resource);
    let help = match why.unknown.first() {
        Some(unknown) => format!(
            "make `{}` known before apply: write it out, give the variable a value, or apply what makes it first",
            plain(unknown)
        ),
        None => "write it in a form that can be compared, or ask the platform team for a template that says the same".to_owned(),
    };
    let hit = Hit {
        resource: culprit.resource,
        path: culprit.path,
        message: format!(
            "{what} in `{address}` cannot be compared with {against}: {}",
            plain(&why.reason)
        ),
        help,
        label: "not decided before apply".to_owned(),
        template: template.map(str::to_owned),
        counterexample: None,
        decided: None,
    };
    Judgement { verdict: Verdict::Undecided(why), hit }
}

fn unknown_template(identity: &Identity, origin: &str, context: &Context<'_>) -> Judgement {
    let (resource, path) = identity.governance.place(Fact::Template, identity.resource);
    let why = Why {
        reason: format!(
            "which template it names comes from `{origin}`, which is not known before apply"
        ),
        unknown: vec![origin.to_owned()],
    };
    undecided(
        Doubt { culprit: Culprit { resource, path, part: Part::Permissions, named: false }, why },
        None,
        context,
    )
}

/// A text without the marks that tell apart two unknown expressions of the same form: `x ? … : …#ed6c6fd5`.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('#') {
        out.push_str(before);
        let mark = after.get(..8).filter(|_| before.ends_with(['…', ')']));
        if mark.is_some_and(|mark| mark.bytes().all(|byte| byte.is_ascii_hexdigit())) {
            rest = after.get(8..).unwrap_or_default();
        } else {
            out.push('#');
            rest = after;
        }
    }
    out + rest
}

/// How messages call an identity.
fn who(identity: &Identity, context: &Context<'_>) -> String {
    match (identity.origin, &identity.name) {
        (Origin::Elsewhere, Some(name)) => format!("`{name}`"),
        (Origin::Elsewhere, None) | (Origin::Here, _) => {
            format!("`{}`", context.address(identity.resource))
        }
    }
}

/// Whether a grant is what the identity's own governed resource rendered, which needs no comparison.
fn is_rendered(grant: &Grant, identity: &Identity) -> bool {
    match identity.governance.source {
        Source::Governed(governed) => grant.governed() == Some(governed),
        Source::Nowhere | Source::Own | Source::Holder | Source::Unknown => false,
    }
}

//! One assignment of values to parameters against the whole identity.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;

use miette::SourceSpan;

use super::matching::Partial;
use super::{AwsSubject, Gap, Part, Policy};
use crate::aws::{self, Access, Document, DocumentError, PrincipalKind, Request, StatementRef};
use crate::glob::{self, Symbol};
use crate::governance::Field;
use crate::template::expression::Value;
use crate::template::model::{Spanned, Template};
use crate::template::render::tree;
use crate::text::{self, Hole, Shape, Text};
use crate::verdict::{Counterexample, Verdict, Why};

/// How the parts of an identity stand to a template whose parameters have values.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) parts: Vec<PartAnswer>,
}

/// How one part stands.
#[derive(Clone, Debug)]
pub(super) enum PartAnswer {
    Inside,
    Outside(Gap),
    Undecided { part: Option<Part>, why: Why, statement: Option<StatementRef> },
}

impl Answer {
    pub(super) fn undecided(why: Why) -> Self {
        Self { parts: vec![PartAnswer::Undecided { part: None, why, statement: None }] }
    }

    pub(super) fn is_inside(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, PartAnswer::Inside))
    }

    /// One part that is certainly outside is enough.
    pub(super) fn is_outside(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, PartAnswer::Outside(_)))
    }

    pub(super) fn gaps(&self) -> Vec<&Gap> {
        let gaps = self.parts.iter().filter_map(|part| match part {
            PartAnswer::Outside(gap) => Some(gap),
            PartAnswer::Inside | PartAnswer::Undecided { .. } => None,
        });
        gaps.collect()
    }

    /// Whether a part could not be decided because one of these parameters has no value.
    pub(super) fn depends_on(&self, free: &BTreeSet<String>) -> bool {
        self.parts.iter().any(|part| match part {
            PartAnswer::Undecided { why, .. } => why
                .unknown
                .iter()
                .any(|it| it.strip_prefix("param.").is_some_and(|name| free.contains(name))),
            PartAnswer::Inside | PartAnswer::Outside(_) => false,
        })
    }
}

/// The two sides.
#[derive(Debug)]
pub(super) struct Judge<'a> {
    template: &'a Template,
    subject: &'a AwsSubject<'a>,
    parts: Vec<Side<'a>>,
}

/// One part of the identity and of the template.
#[derive(Debug)]
struct Side<'a> {
    part: Part,
    outer: Option<&'a Spanned<Value>>,
    inner: Vec<&'a Document>,
    /// The parameters that its answer depends on.
    uses: BTreeSet<&'a str>,
    /// The stated values of these, and a hole for each of the others.
    open: Partial,
    /// Whether the policies of the identity are known in full.
    plain: bool,
    /// The gap, if there is one whatever the values of the parameters are that are not stated. Found out once an assignment is
    /// outside.
    settled: OnceCell<Option<PartAnswer>>,
    /// The answers so far, each with the values of the parameters that the part uses.
    known: RefCell<Vec<(Vec<Option<Text>>, PartAnswer)>>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(
        template: &'a Template,
        subject: &'a AwsSubject<'a>,
        stated: &Partial,
    ) -> Self {
        let aws = template.aws.as_ref();
        let permissions = aws.and_then(|aws| aws.permissions.as_ref());
        let trust = aws.and_then(|aws| aws.trust.as_ref());
        let mut parts =
            vec![Side::new(Part::Permissions, permissions, subject.permissions, stated)];
        if let Some(inner) = subject.trust {
            parts.push(Side::new(Part::Trust, trust, &[inner], stated));
        }
        Self { template, subject, parts }
    }

    pub(super) fn answer(&self, values: &Partial) -> Answer {
        let mut parts: Vec<PartAnswer> =
            self.parts.iter().map(|side| side.answer(values)).collect();
        parts.push(self.boundary(values));
        Answer { parts }
    }

    /// How many gaps every assignment has, as far as it is known. Not zero: none can fit.
    pub(super) fn fewest_gaps(&self) -> usize {
        let outside = |side: &&Side<'_>| matches!(side.settled.get(), Some(Some(_)));
        let documents = self.parts.iter().filter(outside).count();
        let wanted = self.template.aws.as_ref().is_some_and(|aws| aws.boundary.is_some());
        documents + usize::from(wanted && matches!(self.subject.boundary, Field::Absent))
    }

    /// Without one in the template none is asked for.
    fn boundary(&self, values: &Partial) -> PartAnswer {
        let Some(boundary) = self.template.aws.as_ref().and_then(|aws| aws.boundary.as_ref())
        else {
            return PartAnswer::Inside;
        };
        let Some(wanted) = boundary.value.fill_text(values) else {
            return PartAnswer::undecided(
                Part::Boundary,
                Why::construct("a parameter has no value"),
            );
        };
        let gap = |reason: String| {
            PartAnswer::Outside(Gap {
                part: Part::Boundary,
                counterexample: None,
                statement: None,
                template_span: Some(boundary.span),
                reason,
            })
        };
        match &self.subject.boundary {
            Field::Absent => gap(format!(
                "no permissions boundary is set, and one that matches `{wanted}` is asked for"
            )),
            Field::Unknown(origin) => {
                let reason = format!(
                    "the permissions boundary comes from `{origin}`, which is not known before apply"
                );
                let why = Why { reason, unknown: vec![origin.clone()] };
                PartAnswer::undecided(Part::Boundary, why)
            }
            Field::Value(arn) if takes_in(&wanted, arn) => PartAnswer::Inside,
            Field::Value(arn) if arn.has_holes() || wanted.has_holes() => {
                let unknown: Vec<String> =
                    arn.holes().chain(wanted.holes()).map(|hole| hole.origin.to_string()).collect();
                let reason = format!(
                    "whether the permissions boundary `{arn}` matches `{wanted}` is not known before apply"
                );
                PartAnswer::undecided(Part::Boundary, Why { reason, unknown })
            }
            Field::Value(arn) => {
                gap(format!("the permissions boundary `{arn}` does not match `{wanted}`"))
            }
        }
    }
}

impl PartAnswer {
    fn undecided(part: Part, why: Why) -> Self {
        Self::Undecided { part: Some(part), why, statement: None }
    }
}

impl<'a> Side<'a> {
    fn new(
        part: Part,
        outer: Option<&'a Spanned<Value>>,
        inner: &[&'a Policy],
        stated: &Partial,
    ) -> Self {
        let mut uses = BTreeSet::new();
        if let Some(outer) = outer {
            outer.value.visit_strings(&mut |string| uses.extend(string.parameters()));
        }
        let open = uses.iter().map(|name| {
            let hole = || Text::hole(format!("param.{name}"), Shape::Any);
            ((*name).to_owned(), stated.get(*name).cloned().unwrap_or_else(hole))
        });
        Self {
            part,
            outer,
            open: open.collect(),
            uses,
            plain: inner.iter().all(|policy| policy.plain),
            inner: inner.iter().map(|policy| &policy.document).collect(),
            settled: OnceCell::new(),
            known: RefCell::default(),
        }
    }

    fn answer(&self, values: &Partial) -> PartAnswer {
        if let Some(Some(settled)) = self.settled.get() {
            return settled.clone();
        }
        let own: Vec<Option<Text>> =
            self.uses.iter().map(|name| values.get(*name).cloned()).collect();
        if let Some((_, answer)) = self.known.borrow().iter().find(|(known, _)| *known == own) {
            return answer.clone();
        }
        let answer = self.judge(values);
        if matches!(answer, PartAnswer::Outside(_)) {
            self.settled.get_or_init(|| self.settle(&answer));
        }
        self.known.borrow_mut().push((own, answer.clone()));
        answer
    }

    /// Whether what is outside for some values is so for all: with a hole for each parameter that is not stated, a verdict holds for
    /// whatever the holes become.
    fn settle(&self, answer: &PartAnswer) -> Option<PartAnswer> {
        let PartAnswer::Outside(gap) = answer else { return None };
        if self.open.values().all(|value| !value.has_holes()) {
            return Some(answer.clone());
        }
        let tree = tree(self.outer?, &self.open)?.ok()?;
        let outer = Document::from_tree(&tree).ok()?;
        // Mostly the same request shows it. One in which holes have likely values shows it for these values only.
        if self.plain && gap.counterexample.as_ref().is_some_and(|it| denies(&outer, it)) {
            return Some(answer.clone());
        }
        let answer = self.compare(Some(&outer));
        matches!(answer, PartAnswer::Outside(_)).then_some(answer)
    }

    /// What a template does not say is not allowed: without a document on its side nothing is.
    fn judge(&self, values: &Partial) -> PartAnswer {
        let undecided = |reason: String| PartAnswer::undecided(self.part, Why::construct(reason));
        let outer = match self.outer.map(|outer| tree(outer, values)) {
            None => None,
            Some(None) => return undecided("a parameter has no value".to_owned()),
            Some(Some(Err(error))) => {
                return undecided(DocumentError { problems: vec![error.into()] }.to_string());
            }
            Some(Some(Ok(tree))) => match Document::from_tree(&tree) {
                Ok(document) => Some(document),
                Err(error) => return undecided(error.to_string()),
            },
        };
        self.compare(outer.as_ref())
    }

    fn compare(&self, outer: Option<&Document>) -> PartAnswer {
        let part = self.part;
        let decision = aws::contains(outer.as_slice(), &self.inner);
        let outer = self.outer;
        match decision.open {
            Verdict::Inside => PartAnswer::Inside,
            Verdict::Undecided(why) => {
                PartAnswer::Undecided { part: Some(part), why, statement: decision.inner_statement }
            }
            Verdict::Outside(counterexample) => {
                let template_span =
                    outer.map(|outer| statement_span(outer, decision.outer_statement));
                let reason = match (part, outer) {
                    (Part::Trust, None) => {
                        "the template lets nobody become the identity".to_owned()
                    }
                    (_, None) => "the template allows nothing on AWS".to_owned(),
                    (Part::Trust, Some(_)) => {
                        format!("{counterexample} is trusted, which the template does not allow")
                    }
                    (_, Some(_)) => {
                        format!("{counterexample} is allowed, which the template does not allow")
                    }
                };
                PartAnswer::Outside(Gap {
                    part,
                    counterexample: Some(counterexample),
                    statement: decision.inner_statement,
                    template_span,
                    reason,
                })
            }
        }
    }
}

/// Whether a document certainly refuses a request, of whatever sort the principal is.
fn denies(document: &Document, example: &Counterexample) -> bool {
    let Counterexample { action, resource, principal, context, escalation: _ } = example;
    let kinds: &[Option<PrincipalKind>] = match principal {
        None => &[None],
        Some(_) => &PrincipalKind::ALL.map(Some),
    };
    kinds.iter().all(|kind| {
        let request = Request {
            action: action.clone(),
            resource: resource.clone(),
            principal: kind.zip(principal.clone()),
            context: context.clone(),
        };
        aws::evaluate(&[document], &request) == Access::Denied
    })
}

fn statement_span(document: &Spanned<Value>, nearest: Option<StatementRef>) -> SourceSpan {
    let whole = document.span;
    let Some(list) = document.value.get("Statement") else { return whole };
    let statement = nearest.and_then(|it| list.items().get(it.statement));
    statement.map_or(list.span, |statement| statement.span)
}

/// Whether every string that `text` can become is taken in by the glob, whatever the unknown parts are.
pub(super) fn takes_in(pattern: &Text, text: &Text) -> bool {
    let known: Vec<&Hole> = pattern.holes().collect();
    glob::covers(&symbols(pattern, &known), &symbols(text, &known))
}

/// A string as a glob in which the known holes are themselves, and the others whatever they can become.
pub(super) fn symbols(text: &Text, known: &[&Hole]) -> Vec<Symbol> {
    let mut symbols = Vec::new();
    for part in text.parts() {
        match part {
            text::Part::Literal(text) => symbols.extend(glob::compile(text)),
            text::Part::Hole(hole) => match known.iter().position(|it| *it == hole) {
                Some(index) => {
                    symbols.push(Symbol::Special(u32::try_from(index).unwrap_or(u32::MAX)));
                }
                None => match &hole.shape {
                    Shape::Any | Shape::Word => symbols.push(Symbol::Many),
                    Shape::Glob(glob) => symbols.extend(glob::compile(glob)),
                },
            },
        }
    }
    glob::normal(symbols)
}

//! One assignment of values to parameters against the whole identity.

use std::collections::BTreeSet;

use miette::SourceSpan;

use super::matching::Partial;
use super::{AwsSubject, Gap, Part, Policy};
use crate::aws::{self, Document, StatementRef};
use crate::glob::{self, Symbol};
use crate::governance::Field;
use crate::template::expression::Value;
use crate::template::model::{Spanned, Template};
use crate::template::render::json_text;
use crate::text::{self, Hole, Shape, Text};
use crate::verdict::{Verdict, Why};

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
#[derive(Clone, Copy, Debug)]
pub(super) struct Judge<'a> {
    template: &'a Template,
    subject: &'a AwsSubject<'a>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(template: &'a Template, subject: &'a AwsSubject<'a>) -> Self {
        Self { template, subject }
    }

    pub(super) fn answer(&self, values: &Partial) -> Answer {
        let aws = self.template.aws.as_ref();
        let permissions = aws.and_then(|aws| aws.permissions.as_ref());
        let trust = aws.and_then(|aws| aws.trust.as_ref());
        let mut parts =
            vec![document(Part::Permissions, permissions, self.subject.permissions, values)];
        if let Some(inner) = self.subject.trust {
            parts.push(document(Part::Trust, trust, &[inner], values));
        }
        parts.push(self.boundary(values));
        Answer { parts }
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

/// What a template does not say is not allowed: without a document on its side nothing is.
fn document(
    part: Part,
    outer: Option<&Spanned<Value>>,
    inner: &[&Policy],
    values: &Partial,
) -> PartAnswer {
    let inner: Vec<&Document> = inner.iter().map(|policy| &policy.document).collect();
    let parsed =
        outer.map(|outer| json_text(&outer.value, values).map(|text| Document::parse(&text)));
    let parsed = match parsed {
        None => None,
        Some(Some(Ok(document))) => Some(document),
        Some(Some(Err(error))) => {
            return PartAnswer::undecided(part, Why::construct(error.to_string()));
        }
        Some(None) => {
            return PartAnswer::undecided(part, Why::construct("a parameter has no value"));
        }
    };
    let sides: Vec<&Document> = parsed.iter().collect();
    let decision = aws::contains(&sides, &inner);
    match decision.open {
        Verdict::Inside => PartAnswer::Inside,
        Verdict::Undecided(why) => {
            PartAnswer::Undecided { part: Some(part), why, statement: decision.inner_statement }
        }
        Verdict::Outside(counterexample) => {
            let template_span = outer.map(|outer| statement_span(outer, decision.outer_statement));
            let reason = match (part, outer) {
                (Part::Trust, None) => "the template lets nobody become the identity".to_owned(),
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

fn symbols(text: &Text, known: &[&Hole]) -> Vec<Symbol> {
    let symbols = text.parts().iter().flat_map(|part| match part {
        text::Part::Literal(text) => glob::compile(text),
        text::Part::Hole(hole) => match known.iter().position(|it| *it == hole) {
            Some(index) => vec![Symbol::Special(u32::try_from(index).unwrap_or(u32::MAX))],
            None => match &hole.shape {
                Shape::Any | Shape::Word => vec![Symbol::Many],
                Shape::Glob(glob) => glob::compile(glob),
            },
        },
    });
    glob::normal(symbols.collect())
}

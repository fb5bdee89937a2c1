//! AWS policies against the documents of a template.

use miette::SourceSpan;

use super::super::matching::Partial;
use super::super::{Gap, Part, Policy};
use super::{Doubt, PartAnswer};
use crate::aws::{
    self, Access, Decision, Document, DocumentError, PrincipalKind, Request, StatementRef,
};
use crate::template::expression::{Interpolated, Value};
use crate::template::model::{Platform, Spanned};
use crate::template::render::tree;
use crate::verdict::{Change, Counterexample, Verdict, Why};

/// The policies of an identity, and the document of the template that they must stay inside.
#[derive(Debug)]
pub(super) struct Documents<'a> {
    pub(super) part: Part,
    outer: Option<&'a Spanned<Value>>,
    inner: Vec<&'a Document>,
    /// Whether the policies of the identity are known in full.
    plain: bool,
}

impl<'a> Documents<'a> {
    pub(super) fn new(part: Part, outer: Option<&'a Spanned<Value>>, inner: &[&'a Policy]) -> Self {
        Self {
            part,
            outer,
            plain: inner.iter().all(|policy| policy.plain),
            inner: inner.iter().map(|policy| &policy.document).collect(),
        }
    }

    pub(super) fn visit_strings(&self, see: &mut dyn FnMut(&'a Interpolated)) {
        if let Some(outer) = self.outer {
            outer.value.visit_strings(see);
        }
    }

    /// What a template does not say is not allowed: without a document on its side nothing is.
    pub(super) fn judge(&self, values: &Partial) -> PartAnswer {
        let undecided = |reason: String| {
            let at = Some((Platform::Aws, self.part));
            PartAnswer::Undecided(Doubt::new(at, Why::construct(reason)))
        };
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

    /// The answer with unknown values, given a gap for known ones.
    pub(super) fn settle(&self, gap: &Gap, open: &Partial) -> Option<PartAnswer> {
        let tree = tree(self.outer?, open)?.ok()?;
        let outer = Document::from_tree(&tree).ok()?;
        // Mostly the same request shows it. One in which holes have likely values shows it for these values only.
        if self.plain && gap.counterexample.as_ref().is_some_and(|it| denies(&outer, it)) {
            return Some(PartAnswer::Outside(gap.clone()));
        }
        Some(self.compare(Some(&outer)))
    }

    /// The smallest change that closes a gap.
    pub(super) fn change(&self, gap: &Gap, values: &Partial) -> Option<Change> {
        let outer = match self.outer {
            Some(outer) => Some(Document::from_tree(&tree(outer, values)?.ok()?).ok()?),
            None => None,
        };
        let open = Verdict::Outside(gap.counterexample.clone()?);
        let decision = Decision {
            catalogue: open.clone(),
            open,
            inner_statement: gap.statement.clone(),
            outer_statement: None,
        };
        aws::change(outer.as_ref().as_slice(), &self.inner, &decision)
    }

    fn compare(&self, outer: Option<&Document>) -> PartAnswer {
        let part = self.part;
        let decision = aws::contains(outer.as_slice(), &self.inner);
        let outer = self.outer;
        match decision.open {
            Verdict::Inside => PartAnswer::Inside,
            Verdict::Undecided(why) => PartAnswer::Undecided(Doubt {
                at: Some((Platform::Aws, part)),
                why,
                statement: decision.inner_statement,
                grant: None,
            }),
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
                    platform: Platform::Aws,
                    part,
                    counterexample: Some(counterexample),
                    statement: decision.inner_statement,
                    grant: None,
                    template_span,
                    reason,
                    change: None,
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

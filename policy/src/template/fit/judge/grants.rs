//! The grants of the other platforms against the blocks of a template.

use std::borrow::Cow;

use miette::SourceSpan;

use super::super::matching::Partial;
use super::super::{AzureSubject, Gap, GcpSubject, Part, Subject};
use super::{Doubt, PartAnswer, ceiling};
use crate::template::expression::Interpolated;
use crate::template::model::{Platform, Template};
use crate::verdict::{Change, Comparison, Verdict, Why};
use crate::{azure, gcp, github, kubernetes, vault};

/// What an identity may do on one platform, and the block of the template that it must stay inside.
#[derive(Debug)]
pub(super) struct Grants<'a> {
    template: &'a Template,
    inner: Inner<'a>,
}

/// What an identity may do, as its platform says it.
#[derive(Debug)]
enum Inner<'a> {
    Gcp(GcpSubject<'a>),
    Azure(AzureSubject<'a>),
    Kubernetes(Cow<'a, [kubernetes::Grant]>),
    Vault(&'a [&'a vault::Policy]),
    GitHub(&'a [github::Grant]),
}

/// What an engine said, and where each outer element of the comparison stands in the template.
struct Compared {
    comparison: Comparison,
    spans: Vec<Option<SourceSpan>>,
    /// Only if it was asked for.
    change: Option<Change>,
}

impl<'a> Grants<'a> {
    /// One for each platform but AWS that the identity is something on.
    pub(super) fn of(template: &'a Template, subject: &Subject<'a>) -> Vec<Self> {
        let Subject {
            kind: _,
            environment: _,
            aws: _,
            gcp,
            azure,
            kubernetes,
            vault,
            github,
            unknown: _,
        } = subject;
        let inner = [
            gcp.map(Inner::Gcp),
            azure.map(Inner::Azure),
            kubernetes.map(|grants| Inner::Kubernetes(without_subjects(grants))),
            vault.map(Inner::Vault),
            github.map(Inner::GitHub),
        ];
        inner.into_iter().flatten().map(|inner| Self { template, inner }).collect()
    }

    pub(super) fn platform(&self) -> Platform {
        match self.inner {
            Inner::Gcp(_) => Platform::Gcp,
            Inner::Azure(_) => Platform::Azure,
            Inner::Kubernetes(_) => Platform::Kubernetes,
            Inner::Vault(_) => Platform::Vault,
            Inner::GitHub(_) => Platform::GitHub,
        }
    }

    pub(super) fn visit_strings(&self, see: &mut dyn FnMut(&'a Interpolated)) {
        let own = self.platform();
        self.template.visit_strings(|platform, string| {
            if platform == own {
                see(string);
            }
        });
    }

    /// What a template does not say is not allowed: without a block nothing is.
    pub(super) fn judge(&self, values: &Partial) -> PartAnswer {
        let platform = self.platform();
        let at = Some((platform, Part::Permissions));
        let Some(Compared { comparison, spans, .. }) = self.compare(values, None) else {
            let why = Why::construct("a parameter has no value");
            return PartAnswer::Undecided(Doubt::new(at, why));
        };
        let Comparison { open, catalogue: _, inner, outer } = comparison;
        match open {
            Verdict::Inside => PartAnswer::Inside,
            Verdict::Undecided(why) => {
                PartAnswer::Undecided(Doubt { at, why, statement: None, grant: inner })
            }
            Verdict::Outside(counterexample) => {
                let reason = if self.template.covers(platform) {
                    format!("{counterexample} is allowed, which the template does not allow")
                } else {
                    format!("the template allows nothing on {}", platform.title())
                };
                let nearest = outer.and_then(|index| spans.get(index).copied());
                PartAnswer::Outside(Gap {
                    platform,
                    part: Part::Permissions,
                    counterexample: Some(counterexample),
                    statement: None,
                    grant: inner,
                    template_span: nearest.or_else(|| spans.first().copied()).flatten(),
                    reason,
                    change: None,
                })
            }
        }
    }

    /// The smallest change that closes a gap.
    pub(super) fn change(&self, gap: &Gap, values: &Partial) -> Option<Change> {
        self.compare(values, Some(gap))?.change
    }

    /// None if a parameter has no value. With a gap also what to change about it.
    fn compare(&self, values: &Partial, gap: Option<&Gap>) -> Option<Compared> {
        let template = self.template;
        let done =
            |comparison: Comparison, spans, change: &dyn Fn(&Comparison) -> Option<Change>| {
                let change = gap.and_then(|gap| change(&about(&comparison, gap)));
                Some(Compared { comparison, spans, change })
            };
        match &self.inner {
            Inner::Gcp(GcpSubject { roles, grants: inner }) => {
                let outer = ceiling::of_gcp(template, values)?;
                let answer = gcp::contains(roles, &outer.grants, inner);
                done(answer, outer.spans, &|answer| {
                    gcp::change(roles, &outer.grants, inner, answer)
                })
            }
            Inner::Azure(AzureSubject { roles, grants: inner }) => {
                let outer = ceiling::of_azure(template, values)?;
                let answer = azure::contains(roles, &outer.grants, inner);
                done(answer, outer.spans, &|answer| {
                    azure::change(roles, &outer.grants, inner, answer)
                })
            }
            Inner::Kubernetes(inner) => {
                let outer = ceiling::of_kubernetes(template, values)?;
                let answer = kubernetes::contains(&outer.grants, inner);
                done(answer, outer.spans, &|answer| {
                    kubernetes::change(&outer.grants, inner, answer)
                })
            }
            Inner::Vault(inner) => {
                let outer = ceiling::of_vault(template, values)?;
                let policy = vault::Policy::from_rules(outer.grants);
                let answer = vault::contains(&[&policy], inner);
                done(answer, outer.spans, &|answer| vault::change(&[&policy], inner, answer))
            }
            Inner::GitHub(inner) => {
                let outer = ceiling::of_github(template, values)?;
                let answer = github::contains(&outer.grants, inner);
                done(answer, outer.spans, &|answer| github::change(&outer.grants, inner, answer))
            }
        }
    }
}

/// A comparison as it was when the gap was found: that one may have been about other values of the parameters.
fn about(comparison: &Comparison, gap: &Gap) -> Comparison {
    let found = gap.counterexample.as_ref().map(|it| Verdict::Outside(it.clone()));
    if gap.grant == comparison.inner && found.as_ref() == Some(&comparison.open) {
        return comparison.clone();
    }
    Comparison::same(found.unwrap_or(Verdict::Inside), gap.grant, None)
}

/// A template speaks of whoever names it, so whom a binding is for does not matter any more.
fn without_subjects(grants: &[kubernetes::Grant]) -> Cow<'_, [kubernetes::Grant]> {
    if grants.iter().all(|grant| grant.subject.is_none()) {
        return Cow::Borrowed(grants);
    }
    let plain = |grant: &kubernetes::Grant| kubernetes::Grant { subject: None, ..grant.clone() };
    grants.iter().map(plain).collect()
}

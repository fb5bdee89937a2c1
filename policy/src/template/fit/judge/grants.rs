//! The grants of the other platforms against the blocks of a template.

use miette::SourceSpan;

use super::super::matching::Partial;
use super::super::{Gap, Part, Subject};
use super::{Doubt, PartAnswer};
use crate::kubernetes;
use crate::template::expression::Interpolated;
use crate::template::model::{self, Platform, Spanned, Template};
use crate::text::Text;
use crate::verdict::{Comparison, Verdict, Why};

type Strings = Spanned<Interpolated>;

/// What an identity may do on one platform, and the block of the template that it must stay inside.
#[derive(Debug)]
pub(super) struct Grants<'a> {
    template: &'a Template,
    inner: Inner<'a>,
}

/// What an identity may do, as its platform says it.
#[derive(Clone, Copy, Debug)]
enum Inner<'a> {
    Kubernetes(&'a [kubernetes::Grant]),
}

/// What an engine said, and where each outer element of the comparison stands in the template.
struct Compared {
    comparison: Comparison,
    spans: Vec<Option<SourceSpan>>,
}

impl<'a> Grants<'a> {
    /// One for each platform but AWS that the identity is something on.
    pub(super) fn of(template: &'a Template, subject: &'a Subject<'a>) -> Vec<Self> {
        let kubernetes = subject.kubernetes.map(Inner::Kubernetes);
        kubernetes.into_iter().map(|inner| Self { template, inner }).collect()
    }

    pub(super) fn platform(&self) -> Platform {
        match self.inner {
            Inner::Kubernetes(_) => Platform::Kubernetes,
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
        let at = Some((self.platform(), Part::Permissions));
        let compared = match self.inner {
            Inner::Kubernetes(inner) => self.kubernetes(inner, values),
        };
        let Some(Compared { comparison, spans }) = compared else {
            return PartAnswer::Undecided(Doubt::new(
                at,
                Why::construct("a parameter has no value"),
            ));
        };
        let Comparison { open, catalogue: _, inner, outer } = comparison;
        match open {
            Verdict::Inside => PartAnswer::Inside,
            Verdict::Undecided(why) => {
                PartAnswer::Undecided(Doubt { at, why, statement: None, grant: inner })
            }
            Verdict::Outside(counterexample) => {
                let platform = self.platform();
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

    fn kubernetes(&self, inner: &[kubernetes::Grant], values: &Partial) -> Option<Compared> {
        let mut outer = Vec::new();
        let mut spans = Vec::new();
        if let Some(block) = &self.template.kubernetes {
            let filled = block.try_map(|string| string.value.fill_text(values))?;
            for namespace in &filled.namespaces {
                for (rule, written) in filled.rules.iter().zip(&block.rules) {
                    outer.push(bound(namespace, rule));
                    spans.push(span_of(&[&written.resources, &written.verbs]));
                }
            }
        }
        let comparison = Comparison::same(kubernetes::contains(&outer, inner), None, None);
        Some(Compared { comparison, spans })
    }
}

/// A rule in a namespace, `*` being the whole cluster.
fn bound(namespace: &Text, rule: &model::KubernetesRule<Text>) -> kubernetes::Grant {
    kubernetes::Grant {
        namespace: (namespace.as_str() != Some("*")).then(|| namespace.clone()),
        rule: kubernetes::Rule {
            api_groups: rule.api_groups.clone(),
            resources: rule.resources.clone(),
            resource_names: rule.resource_names.clone(),
            verbs: rule.verbs.clone(),
            non_resource_urls: Vec::new(),
        },
    }
}

/// From the beginning of the first string of the lists to the end of the last.
fn span_of(lists: &[&[Strings]]) -> Option<SourceSpan> {
    let spans = || lists.iter().flat_map(|list| list.iter()).map(|string| string.span);
    let start = spans().map(|span| span.offset()).min()?;
    let end = spans().map(|span| span.offset() + span.len()).max()?;
    Some((start, end - start).into())
}

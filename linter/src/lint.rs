//! The engine: every rule over everything that it is for. Pure; it cannot fail.

use crate::finding::{Finding, Hit, Severity};
use crate::identity::{Content, Grant, Identity, Origin};
use crate::locate;
use crate::model::Resource;
use crate::plain::{plain, plain_lines};
use crate::redact::Secrets;
use crate::rule::{Check, Context, Rule, Subject};

/// A rule that is switched on, and how much its findings weigh.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Selected {
    /// The rule.
    pub(crate) rule: &'static Rule,
    /// The weight.
    pub(crate) severity: Severity,
}

/// Every finding, in source order.
pub(crate) fn lint(rules: &[Selected], context: &Context<'_>) -> Vec<Finding> {
    let mut hits: Vec<(usize, Hit)> = Vec::new();
    for (order, selected) in rules.iter().enumerate() {
        let found = match selected.rule.check {
            Check::Subject(check) => {
                subjects(context).iter().flat_map(|subject| check(subject, context)).collect()
            }
            Check::Identity(check) => {
                let identities = context.graph.identities.iter().enumerate();
                identities.flat_map(|(index, identity)| check(index, identity, context)).collect()
            }
            Check::Credential(check) => context
                .graph
                .credentials
                .iter()
                .flat_map(|credential| check(credential, context))
                .collect(),
            Check::Grant(check) => grants(context)
                .into_iter()
                .flat_map(|grant| check(grant, context))
                .collect::<Vec<_>>(),
            Check::Model(check) => check(context),
        };
        hits.extend(found.into_iter().map(|hit| (order, hit)));
    }
    hits.sort_by(|(a, one), (b, other)| {
        (one.resource, a, &one.path, &one.message).cmp(&(
            other.resource,
            b,
            &other.path,
            &other.message,
        ))
    });
    // A policy that two roles share is one culprit.
    hits.dedup_by(|(a, one), (b, other)| {
        a == b
            && one.resource == other.resource
            && one.path == other.path
            && one.message == other.message
    });
    let secrets = Secrets::of(context.model);
    hits.into_iter()
        .filter_map(|(order, hit)| {
            rules.get(order).map(|selected| finding(*selected, hit, &secrets, context))
        })
        .collect()
}

/// Everything that a record can be about.
pub(crate) fn subjects<'a>(context: &Context<'a>) -> Vec<Subject<'a>> {
    let here = |identity: &&Identity| identity.origin == Origin::Here;
    let identities = context.graph.identities.iter().filter(here).map(|identity| Subject {
        resource: identity.resource,
        name: identity.name.as_deref(),
        kind: identity.kind,
        governance: &identity.governance,
        noun: "identity",
    });
    let credentials = context.graph.credentials.iter().map(|credential| Subject {
        resource: credential.resource,
        name: None,
        kind: credential.kind,
        governance: &credential.governance,
        noun: "credential",
    });
    identities.chain(credentials).collect()
}

fn grants<'a>(context: &Context<'a>) -> Vec<&'a Grant> {
    let held = context.graph.identities.iter().flat_map(|identity| &identity.grants);
    held.chain(&context.graph.loose)
        .filter(|grant| !matches!(grant.content, Content::Rendered { .. }))
        .collect()
}

/// What a text makes is reported at the argument that holds the text.
fn at_host<'a>(mut hit: Hit, context: &Context<'a>) -> (Hit, Option<&'a Resource>) {
    let resource = context.resource(hit.resource);
    let Some(within) = resource.and_then(|resource| resource.within.as_ref()) else {
        return (hit, resource);
    };
    hit.path.clone_from(&within.path);
    (hit, context.resource(within.host))
}

fn finding(selected: Selected, hit: Hit, secrets: &Secrets, context: &Context<'_>) -> Finding {
    let (hit, resource) = at_host(hit, context);
    let hit = match resource {
        Some(resource) => secrets.guard(hit, resource, selected.rule.name),
        None => hit,
    };
    let span =
        resource.and_then(|resource| locate::span(resource, &hit.path, &context.model.sources));
    let span = span.map(|span| locate::narrow(span, &hit.elements, &context.model.sources));
    Finding {
        code: selected.rule.code,
        rule: selected.rule.name,
        severity: selected.severity,
        message: plain(hit.message),
        help: plain_lines(hit.help),
        address: plain(resource.map(|resource| resource.address.clone()).unwrap_or_default()),
        path: hit.path,
        place: span.map(|span| locate::place(context.model, context.folder, span)),
        template: hit.template,
        counterexample: hit.counterexample,
        references: selected.rule.references,
        suppressed: None,
        decided: hit.decided,
        label: plain(hit.label),
    }
}

//! From what was read to what is told: places, words, and nothing that is sensitive.

use std::collections::BTreeMap;

use policy::governance::{Fact, Field};
use policy::template::fit::{self, Fit};
use policy::verdict::Verdict;

use crate::identity::{
    Consumer, Content, Credential, Governance, Grant, Identity, Origin, Platform, Provenance,
    Source,
};
use crate::judge::prepared::Prepared;
use crate::locate;
use crate::model::{Action, Resource};
use crate::redact::Secrets;
use crate::rule::Context;

use super::says;
use super::view::{Entry, Fits, From, Governed, Proof, Says, Span, Stated, User};

/// What every entry needs.
pub(super) struct Telling<'a> {
    context: &'a Context<'a>,
    input: String,
    secrets: Secrets,
    /// By identity.
    proofs: BTreeMap<usize, Vec<Proof>>,
    users: BTreeMap<usize, Vec<User>>,
}

impl<'a> Telling<'a> {
    /// Of an input, called as a person would call it.
    pub(super) fn new(context: &'a Context<'a>, input: String) -> Self {
        let secrets = Secrets::of(context.model);
        let mut telling =
            Self { context, input, secrets, proofs: BTreeMap::new(), users: BTreeMap::new() };
        for credential in &context.graph.credentials {
            for holder in &credential.holders {
                let proof = telling.proof(credential);
                telling.proofs.entry(*holder).or_default().extend(proof);
            }
        }
        for consumer in &context.graph.consumers {
            if let Some(identity) = consumer.identity {
                let user = telling.user(consumer);
                telling.users.entry(identity).or_default().extend(user);
            }
        }
        telling
    }

    /// Its identities. `fit` asks for the template that each fits.
    pub(super) fn identities(&mut self, fit: bool) -> Vec<Entry> {
        let identities = self.context.graph.identities.iter().enumerate();
        let entries = identities.map(|(index, identity)| Entry {
            credentials: self.proofs.remove(&index).unwrap_or_default(),
            consumers: self.users.remove(&index).unwrap_or_default(),
            ..self.entry(index, identity, fit)
        });
        entries.collect()
    }
}

impl Telling<'_> {
    fn entry(&self, index: usize, identity: &Identity, fit: bool) -> Entry {
        let context = self.context;
        let empty = Resource::default();
        let resource = context.resource(identity.resource).unwrap_or(&empty);
        let here = identity.origin == Origin::Here;
        let all = |grants: &[Grant]| grants.iter().filter_map(|grant| self.says(grant)).collect();
        Entry {
            input: self.input.clone(),
            address: resource.address.clone(),
            name: identity.name.as_deref().map(|name| self.secrets.hide(name)),
            platform: platform(identity.platform),
            kind: identity.kind.name(),
            resource_type: resource.kind.clone(),
            made: if here { "here" } else { "elsewhere" },
            action: action(resource.action),
            previous: resource.previous.clone(),
            imported: resource.imported.as_ref().map(ToString::to_string),
            span: self.span(resource, ""),
            governance: self.governed(identity.resource, &identity.governance, here),
            grants: all(&identity.grants),
            trusts: all(&identity.trusts),
            boundary: identity.boundary.as_ref().and_then(|grant| self.says(grant)),
            credentials: Vec::new(),
            consumers: Vec::new(),
            written: resource.within.is_some(),
            id: (resource.action == Action::Exists && here)
                .then(|| resource.after.get("id").as_str().map(str::to_owned))
                .flatten(),
            fits: if fit { self.fits(index, identity) } else { None },
        }
    }

    fn governed(&self, index: usize, governance: &Governance, own: bool) -> Governed {
        let (source, by) = match governance.source {
            Source::Nowhere => ("none", None),
            Source::Own => ("own", None),
            Source::Governed(by) => ("derived", Some(self.context.address(by).to_owned())),
            Source::Holder => ("holder", None),
            Source::Unknown => ("undecided", None),
        };
        let stated = |fact: Fact| {
            let (resource, path) = governance.place(fact, index);
            let field = governance.record.get(fact);
            Stated {
                value: field.as_str().map(|text| self.shown(resource, &path, text)),
                before: governance
                    .before
                    .get(fact)
                    .as_str()
                    .filter(|_| own)
                    .map(|text| self.shown(resource, &path, text)),
                provenance: self.provenance(resource, &path, field),
            }
        };
        Governed {
            source,
            by,
            owner: stated(Fact::Owner),
            purpose: stated(Fact::Purpose),
            expiry: stated(Fact::Expiry),
            template: stated(Fact::Template),
            service: stated(Fact::Service),
            environment: stated(Fact::Environment),
        }
    }

    fn provenance(&self, resource: usize, path: &str, field: &Field<String>) -> Option<From> {
        let found = match field {
            Field::Absent => return None,
            Field::Unknown(origin) => Provenance::unknown(origin),
            Field::Value(_) => {
                Provenance::of(self.context.model, self.context.resource(resource)?, path)
            }
        };
        let kind = found.kind();
        let (names, why, help) = match found {
            Provenance::From(names) => (names, None, None),
            Provenance::Unknown(reason) => (vec![reason.origin], Some(reason.why), reason.way_out),
            Provenance::Literal | Provenance::Planned => (Vec::new(), None, None),
        };
        Some(From { kind, names, why, help })
    }

    pub(super) fn says(&self, grant: &Grant) -> Option<Says> {
        let resource = self.context.resource(grant.resource)?;
        let text = if let Content::Rendered { governed, .. } = &grant.content {
            format!("what `{}` renders", self.context.address(*governed))
        } else {
            says::content(&grant.content)
        };
        Some(Says {
            address: resource.address.clone(),
            path: grant.path.clone(),
            span: self.span(resource, &grant.path),
            text: self.shown(grant.resource, &grant.path, &text),
        })
    }

    pub(super) fn proof(&self, credential: &Credential) -> Option<Proof> {
        let resource = self.context.resource(credential.resource)?;
        Some(Proof {
            address: resource.address.clone(),
            resource_type: resource.kind.clone(),
            kind: credential.kind.name(),
            span: self.span(resource, ""),
            governance: self.governed(credential.resource, &credential.governance, true),
        })
    }

    pub(super) fn user(&self, consumer: &Consumer) -> Option<User> {
        let resource = self.context.resource(consumer.resource)?;
        let shown = |text: String| self.shown(consumer.resource, &consumer.path, &text);
        Some(User {
            address: resource.address.clone(),
            path: consumer.path.clone(),
            subject: consumer.said.as_ref().map(|said| shown(said.to_string())),
            identity: shown(consumer.named.to_string()),
        })
    }

    /// The template that an identity fits, if it names none.
    fn fits(&self, index: usize, identity: &Identity) -> Option<Fits> {
        let context = self.context;
        let mut judgements = context.judgements(index).iter();
        let inside = judgements.find(|judgement| judgement.verdict == Verdict::Inside)?;
        let template = inside.hit.template.clone()?;
        let prepared = Prepared::new(identity, context);
        let loan = prepared.loan();
        let found =
            context.library.find(&template).ok().map(|found| {
                fit::decide(found, &BTreeMap::new(), &prepared.subject(&loan, context))
            });
        let parameters = match found {
            Some(Fit::Inside(binding)) => binding
                .values
                .into_iter()
                .map(|(name, value)| (name, self.secrets.hide(value.as_str().unwrap_or_default())))
                .collect(),
            _ => BTreeMap::new(),
        };
        Some(Fits { template, parameters })
    }

    fn shown(&self, resource: usize, path: &str, text: &str) -> String {
        match self.context.resource(resource) {
            Some(resource) => self.secrets.shown(resource, path, text),
            None => self.secrets.hide(text),
        }
    }

    fn span(&self, resource: &Resource, path: &str) -> Option<Span> {
        let span = locate::span(resource, path, &self.context.model.sources)?;
        let place = locate::place(self.context.model, self.context.folder, span);
        Some(Span {
            file: place.file,
            path: place.source.name.to_string(),
            line: place.from.line,
            column: place.from.column,
        })
    }
}

fn platform(platform: Platform) -> &'static str {
    match platform {
        Platform::Aws => "aws",
        Platform::Google => "gcp",
        Platform::Azure => "azure",
        Platform::Kubernetes => "kubernetes",
        Platform::Vault => "vault",
        Platform::GitHub => "github",
        Platform::Nhi => "nhi",
        Platform::Other => "other",
    }
}

fn action(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Replace => "replace",
        Action::Delete => "delete",
        Action::Forget => "forget",
        Action::Read => "read",
        Action::NoOp => "no-op",
        Action::Exists => "exists",
    }
}
